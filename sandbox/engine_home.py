"""What the engine finds in a sandbox: executables on PATH, local providers as its plugins, stacks, environment."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

from sandbox.engine.acquire import Engine
from sandbox.layout import REPOSITORY, Layout, write_atomically, write_json
from sandbox.processes import SandboxError

STACKS = ("sandbox", "dev", "staging", "prod")
"""Stacks that are made ready in a sandbox: the first can be brought up, all can be previewed."""

PACKS = ("policies/security", "policies/cost")
PROJECT = "mlops-blueprints"


def install(layout: Layout, engine: Engine) -> None:
    """Put the engine's executables and the local providers where the engine looks for them."""
    pulumi = engine.binary("pulumi")
    _link(layout.bin / "pulumi", pulumi)
    _link(layout.bin / "kubectl", engine.binary("kubectl"))
    if engine.language_host:
        for file in engine.language_host.parent.glob("pulumi-language-python*"):
            _link(layout.bin / file.name, file)
    else:
        _launcher(layout.bin / "pulumi-language-python", "sandbox.language_host")
    for package, module in (("aws", "sandbox.aws.provider"), ("kubernetes", "sandbox.kubernetes.provider")):
        version = importlib.metadata.version(f"pulumi-{package}")
        folder = layout.pulumi_home / "plugins" / f"resource-{package}-v{version}"
        folder.mkdir(parents=True, exist_ok=True)
        _launcher(folder / f"pulumi-resource-{package}", module)


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def _launcher(path: Path, module: str) -> None:
    """Write an executable that runs a module with this interpreter; the repository is importable for it."""
    text = (
        "#!/bin/sh\n"
        f"PYTHONPATH={shlex.quote(str(REPOSITORY))}${{PYTHONPATH:+:$PYTHONPATH}} "
        f'exec {shlex.quote(sys.executable)} -m {module} "$@"\n'
    )
    if not path.exists() or path.read_text() != text:
        write_atomically(path, text, mode=0o755)


def environment(layout: Layout) -> dict[str, str]:
    """Variables with which plain `pulumi` commands work against this sandbox, and nothing else.

    The credentials are not credentials: moto accepts any. They shadow real ones, so that nothing here can reach
    a real account.
    """
    return {
        "MLOPS_SANDBOX_DIR": str(layout.root),
        "PULUMI_HOME": str(layout.pulumi_home),
        "PULUMI_BACKEND_URL": f"file://{layout.state}",
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(layout.root / "passphrase"),
        "PULUMI_CONFIG_PASSPHRASE": "",
        # Stack files stay as they are in git: the key of the local state is kept with the local state.
        "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_SKIP_CHECKPOINTS": "false",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_OPTION_POLICY_PACK": ",".join(str(REPOSITORY / p) for p in PACKS),
        "AWS_ENDPOINT_URL": layout.aws_endpoint,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_SESSION_TOKEN": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
        "KUBECONFIG": str(layout.kubeconfig),
        "PATH": f"{layout.bin}{os.pathsep}{_path_without(layout)}",
    }


def _path_without(layout: Layout) -> str:
    parts = os.environ.get("PATH", "").split(os.pathsep)
    return os.pathsep.join(p for p in parts if p != str(layout.bin))


def process_environment(layout: Layout) -> dict[str, str]:
    """The whole environment for a child that runs `pulumi`: ours over the caller's, AWS profiles left out."""
    inherited = {k: v for k, v in os.environ.items() if k not in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")}
    merged = {**inherited, **environment(layout)}
    del merged["PULUMI_CONFIG_PASSPHRASE"]
    return merged


def prepare_stacks(layout: Layout, engine: Engine) -> None:
    """Make every stack in the local backend, each with a key in its state, without touching the stack files."""
    missing = [s for s in STACKS if not _state_file(layout, s).exists()]
    for stack in missing:
        _create_stack(layout, engine, stack)


def _state_file(layout: Layout, stack: str) -> Path:
    return layout.state / ".pulumi" / "stacks" / PROJECT / f"{stack}.json"


def _create_stack(layout: Layout, engine: Engine, stack: str) -> None:
    """Run `stack init` in a scratch project of the same name: it writes its key into that project's stack file.

    The first deployment, empty but for the key, is then imported, so that the key is in the state.
    """
    scratch = layout.root / "stack-keys"
    scratch.mkdir(exist_ok=True)
    write_json(scratch / "Pulumi.json", {})
    (scratch / "Pulumi.json").unlink()
    write_atomically(scratch / "Pulumi.yaml", f"name: {PROJECT}\nruntime: python\n")
    env = process_environment(layout)
    env.pop("PULUMI_OPTION_POLICY_PACK")

    def run(*arguments: str, stdin: str | None = None) -> str:
        done = subprocess.run(
            [str(engine.binary("pulumi")), *arguments, "--non-interactive", "-C", str(scratch)],
            capture_output=True,
            text=True,
            input=stdin,
            env=env,
            check=False,
        )
        if done.returncode != 0:
            raise SandboxError(f"pulumi {' '.join(arguments)} failed:\n{(done.stderr or done.stdout).strip()}")
        return done.stdout

    run("stack", "init", stack)
    salt = _salt(scratch / f"Pulumi.{stack}.yaml")
    deployment = {
        "version": 3,
        "deployment": {
            "manifest": {"time": "2026-01-01T00:00:00Z", "magic": "", "version": ""},
            "secrets_providers": {"type": "passphrase", "state": {"salt": salt}},
        },
    }
    run("stack", "import", "--stack", stack, stdin=json.dumps(deployment))


def _salt(stack_file: Path) -> str:
    for line in stack_file.read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "encryptionsalt":
            return value.strip()
    raise SandboxError(f"{stack_file} has no encryptionsalt after `pulumi stack init`")


def boot_note(layout: Layout) -> Path:
    """File that holds the boot id of the moto that last executed something for this sandbox."""
    return layout.journal / "aws-boot"



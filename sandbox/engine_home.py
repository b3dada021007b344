"""What the engine finds in a sandbox: executables on PATH, local providers as its plugins, stacks, environment."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from sandbox.engine.acquire import Engine
from sandbox.layout import REPOSITORY, Layout, write_atomically, write_json
from sandbox.processes import SandboxError

STACKS = ("sandbox", "dev", "staging", "prod")
"""Stacks that are made ready in a sandbox: the first can be brought up, all can be previewed."""

PACKS = ("policies/security", "policies/cost")
PROJECT = "mlops-blueprints"


def install(layout: Layout, engine: Engine) -> None:
    """Put the engine's executables and the local providers where the engine looks for them."""
    # A link on its own inode: the engine takes the language host beside its executable for its own, silently,
    # and resolves symbolic links first.
    _hard_link(layout.engine / "pulumi", engine.binary("pulumi"))
    if engine.language_host:
        for file in engine.language_host.parent.glob("pulumi-language-python*"):
            _link(layout.engine / file.name, file)
    else:
        _launcher(layout.engine / "pulumi-language-python", "sandbox.language_host")
    _link(layout.bin / "kubectl", engine.binary("kubectl"))
    _write_executable(layout.bin / "pulumi", _wrapper(layout))
    _project(layout)
    for package, module in (("aws", "sandbox.aws.provider"), ("kubernetes", "sandbox.kubernetes.provider")):
        version = importlib.metadata.version(f"pulumi-{package}")
        folder = layout.pulumi_home / "plugins" / f"resource-{package}-v{version}"
        folder.mkdir(parents=True, exist_ok=True)
        _launcher(folder / f"pulumi-resource-{package}", module)


def _wrapper(layout: Layout) -> str:
    """Return the `pulumi` of a sandbox's PATH: copies the stack files afresh, then becomes the real one.

    The engine writes the key of a stack's secrets into its stack file, and a stack file may name a cloud key that
    no sandbox can use. So the sandbox works on copies without keys, and the files in git stay as they are.
    """
    project, stacks = shlex.quote(str(layout.project)), shlex.quote(str(REPOSITORY / "stacks"))
    return f"""#!/bin/sh
for file in {stacks}/Pulumi.*.yaml; do
    [ -f "$file" ] || continue
    copy={project}/${{file##*/}}
    sed -e '/^encryptionsalt:/d' -e '/^secretsprovider:/d' -e '/^encryptedkey:/d' "$file" > "$copy.$$" \
        && mv "$copy.$$" "$copy"
done
exec {shlex.quote(str(layout.engine / "pulumi"))} "$@"
"""


def _project(layout: Layout) -> None:
    """Write the sandbox's view of the project: the same program, with the stack files beside it."""
    project = yaml.safe_load((REPOSITORY / "Pulumi.yaml").read_text())
    project["main"] = str(REPOSITORY)
    project.pop("stackConfigDir", None)
    project["runtime"]["options"]["virtualenv"] = sys.prefix
    write_atomically(layout.project / "Pulumi.yaml", yaml.safe_dump(project, sort_keys=False))


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def _hard_link(link: Path, target: Path) -> None:
    """Give a file a second name; copy it where the two places are on different file systems."""
    real = target.resolve()
    if link.exists() and not link.is_symlink():
        here, there = link.stat(), real.stat()
        if here.st_ino == there.st_ino or (here.st_size, here.st_mtime_ns) == (there.st_size, there.st_mtime_ns):
            return
    scratch = link.with_name(f".{link.name}.{os.getpid()}")
    try:
        os.link(real, scratch)
    except OSError:
        shutil.copy2(real, scratch)
    scratch.replace(link)


def _launcher(path: Path, module: str) -> None:
    """Write an executable that runs a module with this interpreter; the repository is importable for it."""
    _write_executable(
        path,
        "#!/bin/sh\n"
        f"PYTHONPATH={shlex.quote(str(REPOSITORY))}${{PYTHONPATH:+:$PYTHONPATH}} "
        f'exec {shlex.quote(sys.executable)} -m {module} "$@"\n',
    )


def _write_executable(path: Path, text: str) -> None:
    if not path.exists() or path.is_symlink() or path.read_bytes() != text.encode():
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
        "PULUMI_SKIP_CHECKPOINTS": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        # Shows the flag --event-log, from which findings and changes are read.
        "PULUMI_DEBUG_COMMANDS": "true",
        "PULUMI_OPTION_CWD": str(layout.project),
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


def prepare_stacks(layout: Layout, more: Sequence[str] = ()) -> None:
    """Make every stack in the local backend, each with a key in its state; `more` are others than the usual ones.

    The first is made by the engine; the others are the same empty state under another name.
    """
    states = layout.state / ".pulumi" / "stacks" / PROJECT
    first = states / f"{STACKS[0]}.json"
    if not first.exists():
        _create_stack(layout, STACKS[0])
    missing = [s for s in (*STACKS, *more) if not (states / f"{s}.json").exists()]
    if missing:
        empty = _empty_state(json.loads(first.read_text()))
        for stack in missing:
            renamed = empty["checkpoint"]["stack"].rsplit("/", 1)[0] + f"/{stack}"
            write_json(states / f"{stack}.json", {**empty, "checkpoint": {**empty["checkpoint"], "stack": renamed}})


def _empty_state(state: dict[str, Any]) -> dict[str, Any]:
    """Return a state without its resources and pending operations, its key kept."""
    latest = {k: v for k, v in state["checkpoint"]["latest"].items() if k not in ("resources", "pending_operations")}
    return {**state, "checkpoint": {"stack": state["checkpoint"]["stack"], "latest": latest}}


def _create_stack(layout: Layout, stack: str) -> None:
    """Run `stack init`, which writes its key into the copied stack file, and import that key into the state."""
    env = process_environment(layout)

    def run(*arguments: str, stdin: str | None = None) -> None:
        done = subprocess.run(
            [str(layout.engine / "pulumi"), *arguments, "--non-interactive"],
            capture_output=True,
            text=True,
            input=stdin,
            env=env,
            check=False,
        )
        if done.returncode != 0:
            raise SandboxError(f"pulumi {' '.join(arguments)} failed:\n{(done.stderr or done.stdout).strip()}")

    run("stack", "init", stack)
    deployment = {
        "manifest": {"time": "2026-01-01T00:00:00Z", "magic": "", "version": ""},
        "secrets_providers": {"type": "passphrase", "state": {"salt": _salt(layout.project / f"Pulumi.{stack}.yaml")}},
    }
    run("stack", "import", "--stack", stack, stdin=json.dumps({"version": 3, "deployment": deployment}))


def _salt(stack_file: Path) -> str:
    for line in stack_file.read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "encryptionsalt":
            return value.strip()
    raise SandboxError(f"{stack_file} has no encryptionsalt after `pulumi stack init`")

"""Records what the engine plans for the programs of other authors: `python -m tests.foreign.record [PROGRAM ...]`.

It starts a sandbox, previews each program in a project of its own as `pulumi preview --json` does, and writes
what it says to `previews/`. What differs from run to run is made the same: order, made-up names, ids and times.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sandbox.engine.acquire import obtain_all
from tests.engine import npm
from tests.engine.cloud import Cloud

FOLDER = Path(__file__).parent
PROGRAMS = FOLDER / "programs"
PREVIEWS = FOLDER / "previews"
TYPESCRIPT = FOLDER / "typescript"
NODE_PACKAGES = FOLDER.parent / "engine" / "typescript"
"""Folder with the lock file of the Node packages, which the TypeScript twins need too."""

STACK = "prod"
ADOPTED = "made-by-hand-in-2019"
SECRETS = ("Shop-Not-Real-7", "Cache-Not-Real-7", "Kafka-Not-Real-7", "Search-Not-Real-7", "Mq-Not-Real-7")
"""Values that no recording may hold, and what the programs have as their own."""

OWN_SECRETS = ("Not-A-Real-Password-1", "Old-And-Not-Real-1", "New-And-Not-Real-2")


@dataclass(frozen=True)
class Program:
    """A program of somebody else, and the configuration of its stack."""

    name: str
    region: str = "us-east-1"
    secrets: Mapping[str, str] = field(default_factory=dict)
    before: str = ""
    """Program that is deployed first, so that the preview changes something."""

    @property
    def file(self) -> Path:
        """Where its preview is recorded."""
        return PREVIEWS / f"{self.name}.json"


PYTHON = (
    Program("web_server"),
    Program("shop_backend", secrets={"dbPassword": SECRETS[0], "cacheToken": SECRETS[1]}),
    Program("serverless_orders"),
    Program("fargate_service"),
    Program("eks_shop"),
    Program("data_lake", region="eu-central-1"),
    Program("event_hub", secrets=dict(zip(("kafkaUser", "searchPassword", "mqPassword"), SECRETS[2:], strict=True))),
    Program("own_components"),
    Program("taken_over", before="taken_over_before"),
)
NODE = (Program("render_farm", region="us-west-2"),)
ALL = (*PYTHON, *NODE)


class RecordError(Exception):
    """A program could not be previewed; the text is what the engine said."""


def preview(cloud: Cloud, program: Program, folder: Path) -> dict[str, Any]:
    """Return what the engine plans for a program, made the same for every run. Raises `RecordError`."""
    found = _node(cloud, program, folder) if program in NODE else _python(cloud, program, folder)
    return settled(found)


def _python(cloud: Cloud, program: Program, folder: Path) -> dict[str, Any]:
    _project(folder, program.name.replace("_", "-"))
    pulumi = _Engine(cloud, folder)
    pulumi("stack", "init", STACK)
    settings = [f"--plaintext=aws:region={program.region}"]
    settings += [f"--secret={key}={value}" for key, value in program.secrets.items()]
    if program.before:
        settings += _deployed_before(cloud, pulumi, program)
    pulumi("config", "set-all", "--stack", STACK, *settings)
    shutil.copy(PROGRAMS / f"{program.name}.py", folder / "__main__.py")
    return _read(pulumi("preview", "--json", "--show-sames", "--stack", STACK))


def _deployed_before(cloud: Cloud, pulumi: _Engine, program: Program) -> list[str]:
    """Deploy what was there before and what others made; return the settings that tell of it."""
    shutil.copy(PROGRAMS / f"{program.before}.py", pulumi.folder / "__main__.py")
    pulumi("config", "set-all", "--stack", STACK, f"--plaintext=aws:region={program.region}")
    pulumi("up", "--yes", "--skip-preview", "--stack", STACK)
    cloud.aws("s3").create_bucket(Bucket=ADOPTED)
    vpc = cloud.aws("ec2").create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    key = cloud.aws("kms").create_key(Description="another team's")["KeyMetadata"]["KeyId"]
    return [f"--plaintext=sharedVpc={vpc}", f"--plaintext=sharedKey={key}"]


def _project(folder: Path, name: str) -> None:
    options = {"virtualenv": sys.prefix, "toolchain": "pip"}
    project = {"name": name, "runtime": {"name": "python", "options": options}}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))


@dataclass(frozen=True)
class _Engine:
    """The engine's command line, in a project's folder and without policy packs."""

    cloud: Cloud
    folder: Path

    def __call__(self, *arguments: str) -> str:
        command = [str(self.cloud.layout.bin / "pulumi"), *arguments, "--non-interactive"]
        return _output(command, _environment(self.cloud) | {"PULUMI_OPTION_CWD": str(self.folder)}, self.folder)


def _environment(cloud: Cloud) -> dict[str, str]:
    without = ("PULUMI_OPTION_CWD", "PULUMI_OPTION_POLICY_PACK", "AWS_REGION", "AWS_DEFAULT_REGION")
    return {name: value for name, value in cloud.environment().items() if name not in without}


def _output(command: list[str], environment: Mapping[str, str], folder: Path) -> str:
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RecordError(f"{' '.join(command[:3])} failed:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return done.stdout


def _node(cloud: Cloud, program: Program, folder: Path) -> dict[str, Any]:
    """Preview an inline program of the Automation API: no language host for Node is needed."""
    sources = folder / "sources"
    sources.mkdir()
    for file in (*TYPESCRIPT.glob("*"), *(NODE_PACKAGES / name for name in npm.PACKAGES)):
        shutil.copy(file, sources)
    _answer_to(cloud, npm.locked(sources)["@pulumi/aws"])
    script = npm.compiled(sources) / "preview.js"
    work = folder / "work"
    work.mkdir()
    return _read(_output([str(npm.node()), str(script), str(work), program.region], _environment(cloud), folder))


def _answer_to(cloud: Cloud, version: str) -> None:
    """Let the sandbox's plugin be found under the version of npm's package, too."""
    plugins = cloud.layout.pulumi_home / "plugins"
    own = min(plugins.glob("resource-aws-v*"))
    shutil.copytree(own, own.with_name(f"resource-aws-v{version}"), dirs_exist_ok=True)


def _read(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found


KEPT = ("config", "steps", "changeSummary")
_KEPT_OF_STATE = (
    *("urn", "type", "custom", "external", "delete", "protect", "retainOnDelete", "id", "parent", "provider"),
    *("inputs", "outputs", "dependencies", "propertyDependencies", "aliases", "additionalSecretOutputs", "importID"),
)
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_RANDOM = (
    (re.compile(r"\b(vpc|subnet|vol|eipalloc|nat|sg|acl|rtb|dopt|ami|igw|lt|vpce)-[0-9a-f]{8,17}\b"), r"\1-0"),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "00000000-0000-0000-0000-000000000000"),
)


def settled(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plan without what tells the machine or the hour."""
    kept = {key: found[key] for key in KEPT if key in found}
    # The engine works on several at once: their order differs from run to run.
    kept["steps"] = [_step(step) for step in sorted(found["steps"], key=lambda step: str(step["urn"]))]
    names = "|".join(sorted({re.escape(step["urn"].rpartition("::")[2]) for step in found["steps"]}))
    # Names that the provider makes up: the logical name and seven digits.
    made_up = (re.compile(rf"\b({names})([-_.]?)[0-9a-f]{{7}}(?![0-9A-Za-z])"), r"\g<1>\g<2>0000000")
    return dict(_plain(kept, (made_up, *_RANDOM)))


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    states = {which: _state(step[which]) for which in ("oldState", "newState") if step.get(which) is not None}
    return {key: step[key] for key in ("op", "urn", "provider") if key in step} | states


def _state(state: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: state[key] for key in _KEPT_OF_STATE if key in state}
    if "dependencies" in kept:
        kept["dependencies"] = sorted(kept["dependencies"] or ())
    if "propertyDependencies" in kept:
        kept["propertyDependencies"] = {key: sorted(urns or ()) for key, urns in kept["propertyDependencies"].items()}
    return kept


def _plain(value: Any, patterns: tuple[tuple[re.Pattern[str], str], ...]) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item, patterns) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, patterns) for item in value]
    if isinstance(value, str) and value != _UNKNOWN:
        for pattern, stable in patterns:
            value = pattern.sub(stable, value)
    return value


def main(names: Iterable[str]) -> int:
    """Record the programs that are named, or all."""
    wanted = [program for program in ALL if program.name in names or not names]
    with tempfile.TemporaryDirectory() as scratch:
        cloud = Cloud(Path(scratch) / "sandbox", obtain_all(lambda group, text: None))
        cloud.start()
        try:
            for program in wanted:
                folder = Path(scratch) / program.name
                folder.mkdir()
                found = preview(cloud, program, folder)
                program.file.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
                print(f"{program.name}: {len(found['steps'])} steps, {program.file.stat().st_size // 1024} KiB")
        finally:
            cloud.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

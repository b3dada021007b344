"""A program of one component in a project of its own, on a sandbox of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from sandbox.engine.acquire import obtain_all
from sandbox.layout import REPOSITORY
from tests.engine.cloud import Cloud, Run


class Live:
    """The program `tests/components_live/<component>/program.py`, as stack `stack`; every run must succeed."""

    def __init__(self, folder: Path, component: str, stack: str) -> None:
        self.cloud = Cloud(folder / "sandbox", obtain_all(lambda group, text: print(f"{group.key}: {text}")))
        self.stack = stack
        options = {"virtualenv": sys.prefix, "toolchain": "pip"}
        project = {"name": f"{component}-live", "runtime": {"name": "python", "options": options}}
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
        program = f"from tests.components_live.{component}.program import build\n\nbuild()\n"
        (folder / "__main__.py").write_text(program)
        self.environment = {"PULUMI_OPTION_CWD": str(folder), "PYTHONPATH": str(REPOSITORY)}

    def start(self) -> None:
        self.cloud.start()
        self.run("stack", "init")

    def run(self, *arguments: str) -> Run:
        told = self.cloud.pulumi(*arguments, stack=self.stack, env=self.environment)
        assert told.code == 0, told.output
        return told

    def up(self) -> Run:
        return self.run("up", "--yes", "--skip-preview")


def mandatory(run: Run) -> list[str]:
    """Messages of the findings that stop an update."""
    return [v["message"] for v in run.violations if v["enforcementLevel"] == "mandatory"]

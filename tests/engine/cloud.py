"""A sandbox for tests: the real engine, API server and moto, in a folder of its own."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import boto3

from sandbox import engine_home, lifecycle
from sandbox.aws.client import Aws
from sandbox.aws.inventory import inventory
from sandbox.engine.acquire import Engine
from sandbox.layout import REPOSITORY, Layout

STACK = "sandbox"


@dataclasses.dataclass(frozen=True)
class Run:
    """One run of the engine, as its own events tell it."""

    code: int
    output: str
    seconds: float
    events: list[dict[str, Any]]

    @property
    def changes(self) -> dict[str, int]:
        """Resources by what was done to them: `create`, `update`, `delete`, `same` ..., from the summary event."""
        for event in reversed(self.events):
            if "summaryEvent" in event:
                return dict(event["summaryEvent"]["resourceChanges"] or {})
        return {}

    @property
    def changed(self) -> dict[str, str]:
        """Operation by URN of every resource that did not stay the same."""
        steps = [e["resourcePreEvent"]["metadata"] for e in self.events if "resourcePreEvent" in e]
        return {s["urn"]: s["op"] for s in steps if s["op"] not in ("same", "read", "refresh")}

    @property
    def violations(self) -> list[dict[str, Any]]:
        """Policy findings."""
        return [e["policyEvent"] for e in self.events if "policyEvent" in e]

    def counted(self) -> Counter[str]:
        """How many findings there are of each policy."""
        return Counter(v["policyName"] for v in self.violations)


class Cloud:
    """One sandbox and the commands against it."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.layout = Layout(folder)
        self.engine = engine

    def start(self) -> float:
        """Start the sandbox; return the seconds that it took."""
        began = time.monotonic()
        lifecycle.start(self.layout, self.engine)
        return time.monotonic() - began

    def stop(self) -> None:
        """End every process of it."""
        lifecycle.stop_all(self.layout)

    def environment(self) -> dict[str, str]:
        """The environment of `eval "$(mlops env)"`, with no credentials of the caller's in it."""
        whole = engine_home.process_environment(self.layout)
        return {k: v for k, v in whole.items() if not k.startswith("AWS_") or v in ("testing", "true")} | {
            "AWS_ENDPOINT_URL": self.layout.aws_endpoint
        }

    def pulumi(self, *arguments: str, stack: str = STACK, packs: bool = True, env: dict[str, str] | None = None) -> Run:
        """Run the engine's command line and wait; operations also write their events."""
        process, events = self.launch(*arguments, stack=stack, packs=packs, env=env)
        began = time.monotonic()
        output, _ = process.communicate()
        lines = events.read_text().splitlines() if events.exists() else []
        return Run(process.returncode, output, time.monotonic() - began, [json.loads(x) for x in lines])

    def launch(
        self, *arguments: str, stack: str = STACK, packs: bool = True, env: dict[str, str] | None = None
    ) -> tuple[subprocess.Popen[str], Path]:
        """Start the engine's command line; return the process and the file of its events."""
        events = self.layout.logs / f"events-{time.monotonic_ns()}.jsonl"
        command = [str(self.layout.bin / "pulumi"), *arguments, "--stack", stack, "--non-interactive"]
        if arguments[0] in ("up", "preview", "refresh", "destroy"):
            command += ["--event-log", str(events)]
        environment = {**self.environment(), **(env or {})}
        if not packs:
            environment.pop("PULUMI_OPTION_POLICY_PACK")
        process = subprocess.Popen(
            command,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.layout.project,
        )
        return process, events

    def up(self, *extra: str, **kwargs: Any) -> Run:
        """`pulumi up` without questions."""
        return self.pulumi("up", "--yes", "--skip-preview", *extra, **kwargs)

    def destroy(self, *extra: str) -> Run:
        """`pulumi destroy` without questions."""
        return self.pulumi("destroy", "--yes", "--skip-preview", *extra)

    def mlops(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the `mlops` command against this sandbox."""
        return subprocess.run(
            [sys.executable, "-m", "cli.main", *arguments],
            env={**os.environ, "MLOPS_SANDBOX_DIR": str(self.layout.root)},
            capture_output=True,
            text=True,
            check=False,
            cwd=REPOSITORY,
        )

    def state(self, stack: str = STACK) -> list[dict[str, Any]]:
        """Resources in the state."""
        exported = json.loads(self.pulumi("stack", "export", stack=stack).output)
        return list(exported["deployment"].get("resources") or [])

    def kubectl(self, *arguments: str, stdin: str | None = None) -> Any:
        """Run kubectl and return its JSON, or its text."""
        done = subprocess.run(
            [str(self.layout.bin / "kubectl"), f"--kubeconfig={self.layout.kubeconfig}", *arguments],
            capture_output=True,
            text=True,
            input=stdin,
            check=False,
        )
        assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}"
        return json.loads(done.stdout) if "json" in arguments else done.stdout

    def inventory(self, region: str = "us-east-1") -> list[str]:
        """Everything that exists in the local AWS and was not there from the start."""
        return inventory(Aws(self.layout.aws_endpoint, region))

    def aws(self, service: str, region: str = "us-east-1") -> Any:
        """A boto3 client of the local AWS."""
        return boto3.Session().client(  # type: ignore[call-overload]
            service,
            region_name=region,
            endpoint_url=self.layout.aws_endpoint,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

"""One case for each resource type of the local AWS, and the life that every case is led through."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import socket
import subprocess
import sys
import time
import unittest.mock
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from botocore.client import BaseClient

from sandbox.aws.client import Aws
from sandbox.aws.inventory import inventory
from sandbox.aws.provider import AwsProvider
from sandbox.layout import Layout
from sandbox.processes import accepts
from sandbox.provider.changes import compare
from sandbox.provider.servicer import ProviderError
from sandbox.provider.values import Props

TAGS = {"environment": "test", "owner": "platform"}
"""Default tags of the provider under test."""


def policy(action: str = "s3:GetObject", resource: str = "*", principal: Any = None) -> str:
    """Return a policy with one statement, as components write them."""
    statement: dict[str, Any] = {"Sid": "One", "Effect": "Allow", "Action": [action], "Resource": resource}
    if principal is not None:
        statement["Principal"] = principal
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, sort_keys=True)


def trust(service: str = "ec2.amazonaws.com") -> str:
    """Return a trust policy."""
    statement = {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"Service": service}}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, sort_keys=True)


@dataclasses.dataclass
class World:
    """A provider on its own local AWS, and what a case needed before itself."""

    provider: AwsProvider
    layout: Layout
    start: list[str] | None = None
    """What exists between two cases; None when the last case left the world unclear."""

    made: list[tuple[str, str, Props]] = dataclasses.field(default_factory=list)
    shared: dict[str, tuple[str, str, Props]] = dataclasses.field(default_factory=dict)
    numbers: Iterator[int] = dataclasses.field(default_factory=itertools.count)

    @property
    def aws(self) -> Aws:
        return self.provider.aws

    def client(self, service: str) -> Any:
        return self.aws.client(service)

    def urn(self, token: str, name: str) -> str:
        return f"urn:pulumi:test::test::mlops:index:Platform$mlops:index:Part${token}::{name}"

    def checked(self, urn: str, inputs: Props, old: Props | None = None) -> Props:
        """Return inputs as the provider completes them; fails on any that it refuses."""
        result, failures = self.provider.check(urn, old or {}, inputs)
        assert failures == []
        return result

    def make(self, token: str, **inputs: Any) -> Props:
        """Create something that a case needs; it is deleted after the case. Returns its outputs with its id."""
        urn = self.urn(token, f"needed-{next(self.numbers)}")
        resource_id, outputs = self.provider.create(urn, self.checked(urn, inputs), 60)
        self.made.append((urn, resource_id, outputs))
        return {**outputs, "id": resource_id}

    def clean(self) -> None:
        """Delete what was made, last things first."""
        while self.made:
            self.provider.delete(*self.made.pop(), 60)

    def abandon(self) -> None:
        """Delete what can be deleted after a failure, so that the next case starts clean."""
        while self.made:
            with contextlib.suppress(ProviderError):
                self.provider.delete(*self.made.pop(), 60)

    # -- what many cases need; most of it lasts for all of them, because its creation costs more than a case -----------

    def lasting(self, token: str, **inputs: Any) -> Props:
        """Return the one resource that all cases share for these inputs; it goes with the world."""
        key = json.dumps([token, inputs], sort_keys=True)
        if key not in self.shared:
            urn = self.urn(token, f"shared-{next(self.numbers)}")
            resource_id, outputs = self.provider.create(urn, self.checked(urn, inputs), 60)
            self.shared[key] = (urn, resource_id, outputs)
        _, resource_id, outputs = self.shared[key]
        return {**outputs, "id": resource_id}

    def close(self) -> None:
        """Delete what all cases shared."""
        while self.shared:
            self.provider.delete(*self.shared.popitem()[1], 60)

    def vpc(self) -> str:
        return str(self.lasting("aws:ec2/vpc:Vpc", cidrBlock="10.9.0.0/16")["id"])

    def subnets(self) -> list[str]:
        vpc, zones = self.vpc(), enumerate(("us-east-1a", "us-east-1b"))
        made = (
            self.lasting("aws:ec2/subnet:Subnet", vpcId=vpc, cidrBlock=f"10.9.{n}.0/24", availabilityZone=zone)
            for n, zone in zones
        )
        return [str(m["id"]) for m in made]

    def group(self) -> str:
        return str(self.lasting("aws:ec2/securityGroup:SecurityGroup", vpcId=self.vpc())["id"])

    def role(self) -> Props:
        return self.lasting("aws:iam/role:Role", assumeRolePolicy=trust())

    def key(self) -> str:
        return str(self.lasting("aws:kms/key:Key", description="key of the cases")["arn"])

    def bucket(self, **inputs: Any) -> str:
        return str(self.make("aws:s3/bucket:Bucket", forceDestroy=True, **inputs)["id"])

    def repository(self) -> str:
        return str(self.make("aws:ecr/repository:Repository")["id"])

    def topic(self) -> str:
        return str(self.make("aws:sns/topic:Topic")["arn"])

    def queue(self) -> Props:
        return self.make("aws:sqs/queue:Queue")

    def cluster(self) -> str:
        network = {"subnetIds": self.subnets()}
        made = self.make("aws:eks/cluster:Cluster", roleArn=self.role()["arn"], vpcConfig=network)
        return str(made["id"])


def within(written: Any, told: Any) -> bool:
    """Whether what was written is told again; mappings may have computed members beside it."""
    if isinstance(written, dict) and isinstance(told, dict):
        return all(within(v, told.get(k)) for k, v in written.items())
    return bool(written == told)


Drift = Callable[[World, str, Props], Any]
"""Changes a resource behind the engine's back; gets the world, the id and the outputs."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Case:
    """How one resource type is created, changed and tampered with."""

    token: str
    inputs: Callable[[World], Props]
    change: Props | Callable[[Props], Props]
    """New values of inputs."""

    replaces: bool = False
    """Whether `change` replaces the resource."""

    drift: Drift
    drifted: str | None
    """The input in which a look at reality finds the drift; None if the resource is gone then."""

    stays: bool = False
    """Whether AWS cannot delete this, only set it back."""

    outputs: tuple[str, ...] = ()
    """Computed outputs that must be there."""

    def changed(self, inputs: Props) -> Props:
        return self.change(inputs) if callable(self.change) else self.change


class Killed(BaseException):
    """The provider was killed here."""


@contextlib.contextmanager
def killed_after(calls: int) -> Iterator[None]:
    """Cut the block off when the local AWS has executed this many changing calls; fails if it never comes to that."""
    make_call, left = BaseClient._make_api_call, calls  # type: ignore[attr-defined]

    def counted(client: Any, operation: str, parameters: Any) -> Any:
        nonlocal left
        answer = make_call(client, operation, parameters)
        if not operation.startswith(("Describe", "Get", "List", "Head")):
            left -= 1
            if left == 0:
                raise Killed
        return answer

    with unittest.mock.patch.object(BaseClient, "_make_api_call", counted):
        try:
            yield
        except Killed:
            return
    raise AssertionError(f"fewer than {calls} changing calls were made")


class Life:
    """Leads a case through its life; each step asserts."""

    def __init__(self, world: World, case: Case) -> None:
        self.world, self.case, self.provider = world, case, world.provider
        self.urn = world.urn(case.token, "thing")
        self.program = case.inputs(world)
        self.inputs = world.checked(self.urn, self.program)
        with killed_after(1):
            self.provider.create(self.urn, self.inputs, 60)
        self.resource_id, self.state = self.provider.create(self.urn, self.inputs, 60)
        world.made.append((self.urn, self.resource_id, self.state))
        # The engine was killed before it noted the result.
        assert self.provider.create(self.urn, self.inputs, 60) == (self.resource_id, self.state)

    def found(self) -> tuple[Props, Props]:
        """Look at the resource; returns outputs and inputs."""
        found = self.provider.read(self.urn, self.resource_id, self.state, self.inputs)
        assert found is not None, "the resource is there, and read says that it is not"
        return found.outputs, found.inputs

    def holds(self) -> None:
        """An untouched resource shows no difference, however often one looks."""
        for _ in range(2):
            outputs, inputs = self.found()
            assert outputs == self.state
            assert compare(self.inputs, inputs, lambda _: False) == []
        for name in self.case.outputs:
            assert self.state.get(name) not in (None, "", [], {}), f"{name} is missing in {self.state}"
        for name, value in self.inputs.items():
            assert within(value, self.state.get(name)), f"{name} does not come back as written: {self.state.get(name)}"

    def imported(self) -> None:
        """The id alone is enough to find the resource and the inputs that it had."""
        found = self.provider.read(self.urn, self.resource_id, {}, {})
        assert found is not None
        assert set(found.inputs) <= {*self.provider._schemas.of(self.case.token).inputs, "tagsAll"}
        required = self.provider._schemas.of(self.case.token).required
        assert [n for n in required if found.inputs.get(n) is None] == []

    def change(self) -> None:
        """A changed program changes the resource in place, or replaces it, as declared."""
        wanted = {**self.program, **self.case.changed(self.program)}
        new = self.world.checked(self.urn, wanted, self.inputs)
        assert not self.provider.diff(self.urn, self.resource_id, self.state, self.inputs, dict(self.inputs)).changes
        changes = self.provider.diff(self.urn, self.resource_id, self.state, self.inputs, new).changes
        assert changes, "the change of the case changes nothing"
        assert any(c.replaces for c in changes) is self.case.replaces
        if not self.case.replaces:
            self._update(wanted, new)
            self.untag()

    def _update(self, program: Props, new: Props) -> None:
        self.state = self.provider.update(self.urn, self.resource_id, self.state, self.inputs, new, 60)
        self.inputs, self.program = new, program
        self.holds()

    def untag(self) -> None:
        """Tags that are no longer in the program go; those of the provider stay."""
        if self.program.get("tags"):
            without = {k: v for k, v in self.program.items() if k != "tags"}
            self._update(without, self.world.checked(self.urn, without, self.inputs))
            assert self.state["tagsAll"] == TAGS

    def drift(self) -> None:
        """What somebody else did is found, and the next update puts it right."""
        self.case.drift(self.world, self.resource_id, self.state)
        if self.case.drifted is None:
            assert self.provider.read(self.urn, self.resource_id, self.state, self.inputs) is None
            _, self.state = self._again()
            return
        state, inputs = self.found()
        changes = compare(inputs, self.inputs, lambda _: False)
        assert self.case.drifted in {c.top for c in changes}, f"no drift in {self.case.drifted}: {changes}"
        diff = self.provider.diff(self.urn, self.resource_id, state, inputs, self.inputs)
        if not any(c.replaces for c in diff.changes):
            self.state = self.provider.update(self.urn, self.resource_id, state, inputs, self.inputs, 60)
            self.holds()

    def _again(self) -> tuple[str, Props]:
        self.resource_id, state = self.provider.create(self.urn, self.inputs, 60)
        return self.resource_id, state

    def end(self) -> None:
        """A deleted resource is gone, and deleting it again is fine."""
        self.provider.delete(self.urn, self.resource_id, self.state, 60)
        if not self.case.stays:
            assert self.provider.read(self.urn, self.resource_id, self.state, self.inputs) is None
        self.provider.delete(self.urn, self.resource_id, self.state, 60)


def lead(world: World, case: Case) -> None:
    """Lead a case through its whole life; nothing of it may be left."""
    before = inventory(world.aws) if world.start is None else world.start
    world.start = None
    life = Life(world, case)
    life.holds()
    life.imported()
    life.change()
    life.drift()
    life.end()
    world.clean()
    left = inventory(world.aws)
    assert left == before
    world.start = left


@contextlib.contextmanager
def local_aws(folder: Path) -> Iterator[Layout]:
    """Serve a local AWS of its own; yields the layout that names its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    layout = Layout(folder / "sandbox")
    layout.make()
    layout.ports_file.write_text(json.dumps({"aws": port}))
    command = [sys.executable, "-m", "sandbox.aws.server", "--port", str(port)]
    with (folder / "aws.log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env={"MOTO_IAM_LOAD_MANAGED_POLICIES": "true"})
    try:
        end = time.monotonic() + 60
        while not accepts(port):
            assert server.poll() is None, (folder / "aws.log").read_text()
            assert time.monotonic() < end, "the local AWS did not start within 60 s"
            time.sleep(0.05)
        yield layout
    finally:
        server.kill()
        server.wait()


def provider_on(layout: Layout) -> AwsProvider:
    """Return a configured provider on a local AWS, as a fresh process would have it."""
    provider = AwsProvider(lambda *_: None, layout)
    provider.configure({"region": "us-east-1", "defaultTags": json.dumps({"tags": TAGS})})
    return provider

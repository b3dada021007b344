"""What the journals hold beyond the state is deleted, and nothing else."""

from __future__ import annotations

import pytest

from sandbox import leftovers, recorded, recovery
from sandbox.engine_home import PROJECT
from sandbox.kubernetes.api import Api, ApiError
from sandbox.kubernetes.provider import KubernetesProvider
from sandbox.provider.journal import Journal
from tests.engine.cloud import STACK, Cloud

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("environments")]

BUCKET = "aws:s3/bucket:Bucket"
VPC = "aws:ec2/vpc:Vpc"
NAMESPACE = "kubernetes:core/v1:Namespace"


def urn(token: str, name: str, stack: str = STACK, project: str = PROJECT) -> str:
    return f"urn:pulumi:{stack}::{project}::{token}::{name}"


def made_bucket(cloud: Cloud, name: str, stack: str = STACK, project: str = PROJECT, of_boot: str | None = None) -> str:
    """Make a bucket as a killed engine leaves it: there, noted, and not in the state."""
    cloud.aws("s3").create_bucket(Bucket=name)
    journal = Journal(cloud.layout.journal / "aws")
    token = urn(BUCKET, name, stack, project)
    journal.done(
        journal.begin(token, of_boot or recovery.current_boot(cloud.layout), {"bucket": name, "region": "us-east-1"}),
        name,
    )
    return token


def buckets(cloud: Cloud) -> set[str]:
    return {b["Name"] for b in cloud.aws("s3").list_buckets()["Buckets"]}


def test_creation_in_both_clouds_that_no_state_holds_is_deleted(cloud: Cloud) -> None:
    bucket = made_bucket(cloud, "unknown-to-the-state")
    provider = KubernetesProvider(lambda *_: None, cloud.layout)
    namespace = urn(NAMESPACE, "unknown")
    inputs = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "unknown-to-the-state"}}
    provider.create(namespace, inputs, 30.0)
    assert set(leftovers.undo(cloud.layout, STACK)) == {bucket, namespace}
    assert "unknown-to-the-state" not in buckets(cloud)
    names = [n["metadata"]["name"] for n in cloud.kubectl("get", "namespaces", "-o", "json")["items"]]
    assert "unknown-to-the-state" not in names
    assert leftovers.undo(cloud.layout, STACK) == []


def test_creation_that_was_cut_off_before_its_id_was_noted_is_completed_and_deleted(cloud: Cloud) -> None:
    journal = Journal(cloud.layout.journal / "aws")
    network = urn(VPC, "cut-off")
    journal.begin(network, recovery.current_boot(cloud.layout), {"cidrBlock": "10.77.0.0/16", "region": "us-east-1"})
    before = cloud.inventory()
    assert leftovers.undo(cloud.layout, STACK) == [network]
    assert cloud.inventory() == before


@pytest.mark.parametrize(("stack", "project"), [("dev", PROJECT), (STACK, "another-project")])
def test_creation_of_another_stack_or_project_is_left_alone(cloud: Cloud, stack: str, project: str) -> None:
    name = f"of-{stack}-{project}"
    made_bucket(cloud, name, stack, project)
    assert leftovers.undo(cloud.layout, STACK) == []
    assert name in buckets(cloud)


def test_creation_in_a_memory_that_is_gone_is_forgotten_and_touches_nothing(cloud: Cloud) -> None:
    forgotten = made_bucket(cloud, "same-name-made-later", of_boot="an-earlier-boot")
    assert leftovers.undo(cloud.layout, STACK) == []
    assert "same-name-made-later" in buckets(cloud)
    assert Journal(cloud.layout.journal / "aws").pending(forgotten) is None


def test_creation_that_cannot_be_deleted_keeps_its_note_for_the_next_run(cloud: Cloud) -> None:
    full = made_bucket(cloud, "not-empty")
    cloud.aws("s3").put_object(Bucket="not-empty", Key="a", Body=b"a")
    assert leftovers.undo(cloud.layout, STACK) == []
    cloud.aws("s3").delete_object(Bucket="not-empty", Key="a")
    assert leftovers.undo(cloud.layout, STACK) == [full]
    assert "not-empty" not in buckets(cloud)


def test_object_that_cannot_be_deleted_keeps_its_note_too(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    held = urn(NAMESPACE, "held")
    inputs = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "held"}}
    KubernetesProvider(lambda *_: None, cloud.layout).create(held, inputs, 30.0)

    def refuse(*_: object) -> None:
        raise ApiError(500, "InternalError", "etcd is busy")

    with monkeypatch.context() as patched:
        patched.setattr(Api, "delete", refuse)
        assert leftovers.undo(cloud.layout, STACK) == []
    assert leftovers.undo(cloud.layout, STACK) == [held]


def test_record_of_a_resource_that_the_state_lacks_is_dropped(cloud: Cloud) -> None:
    recorded.add(cloud.layout, urn("aws:bedrock/guardrail:Guardrail", "g"), "moto has no such thing")
    recorded.add(cloud.layout, urn("aws:bedrock/guardrail:Guardrail", "g", "dev"), "moto has no such thing")
    leftovers.undo(cloud.layout, STACK)
    assert [name.split("::")[0] for name, _ in recorded.listed(cloud.layout)] == ["urn:pulumi:dev"]

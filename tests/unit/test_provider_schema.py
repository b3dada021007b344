"""Inputs are refused as the real provider refuses them, and cut-off creations are remembered."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sandbox.aws import schema
from sandbox.aws.schema import Schemas, TypeSchema
from sandbox.provider.journal import Entry, Journal
from sandbox.provider.servicer import Failure
from sandbox.provider.values import UNKNOWN

BUCKET = "aws:s3/bucket:Bucket"
CLUSTER = "aws:eks/cluster:Cluster"
URN = "urn:pulumi:sandbox::mlops::aws:s3/bucket:Bucket::data"


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Schemas:
    return Schemas(tmp_path_factory.mktemp("schema"))


def cluster(**vpc: Any) -> dict[str, Any]:
    return {"roleArn": "arn", "vpcConfig": {"subnetIds": ["subnet-1"], **vpc}}


def refused(found: list[Failure]) -> list[tuple[str, str]]:
    return [(f.property, f.reason) for f in found]


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        (BUCKET, {}),
        (BUCKET, {"bucket": "a", "forceDestroy": True, "tags": {"a": "b"}}),
        (BUCKET, {"bucket": UNKNOWN, "tags": UNKNOWN, "__defaults": ["x"]}),
        (BUCKET, {"tags": {"a": 1, "b": None}}),
        (CLUSTER, cluster()),
        (CLUSTER, cluster(endpointPublicAccess=False, publicAccessCidrs=[])),
        (CLUSTER, {"roleArn": UNKNOWN, "vpcConfig": UNKNOWN}),
        (CLUSTER, cluster(subnetIds=[UNKNOWN, "subnet-2"])),
        (CLUSTER, {**cluster(), "upgradePolicy": {"supportType": "STANDARD"}}),
    ],
)
def test_check_right_inputs_are_accepted(schemas: Schemas, token: str, inputs: dict[str, Any]) -> None:
    assert schemas.check(token, inputs) == []


@pytest.mark.parametrize(
    ("token", "inputs", "expected"),
    [
        (BUCKET, {"buckets": "a"}, [("buckets", "is not a property of this type; did you mean bucket?")]),
        (BUCKET, {"zzz": 1}, [("zzz", "is not a property of this type")]),
        (
            BUCKET,
            {"force_destroy": True},
            [("force_destroy", "is not a property of this type; did you mean forceDestroy?")],
        ),
        (BUCKET, {"forceDestroy": "yes"}, [("forceDestroy", "got 'yes'; a boolean is needed")]),
        (BUCKET, {"forceDestroy": "x" * 80}, [("forceDestroy", f"got '{'x' * 56}...; a boolean is needed")]),
        (BUCKET, {"forceDestroy": 1}, [("forceDestroy", "got 1; a boolean is needed")]),
        (BUCKET, {"tags": ["a"]}, [("tags", "got ['a']; a mapping is needed")]),
        (BUCKET, {"tags": {"a": {"b": "c"}}}, [("tags.a", "got {'b': 'c'}; a string is needed")]),
        (BUCKET, {"bucket": ["a"]}, [("bucket", "got ['a']; a string is needed")]),
        (CLUSTER, {"roleArn": "arn"}, [("vpcConfig", "is required and missing")]),
        (CLUSTER, {"roleArn": None, "vpcConfig": {"subnetIds": []}}, [("roleArn", "is required and missing")]),
        (CLUSTER, {"roleArn": "arn", "vpcConfig": {}}, [("vpcConfig.subnetIds", "is required and missing")]),
        (CLUSTER, {"roleArn": "arn", "vpcConfig": []}, [("vpcConfig", "got []; an object is needed")]),
        (
            CLUSTER,
            cluster(subnetIds="subnet-1", endpointPrivatAccess=True),
            [
                ("vpcConfig.subnetIds", "got 'subnet-1'; a list is needed"),
                (
                    "vpcConfig.endpointPrivatAccess",
                    "is not a property of this type; did you mean endpointPrivateAccess?",
                ),
            ],
        ),
        (
            CLUSTER,
            cluster(publicAccessCidrs=[["a"]]),
            [("vpcConfig.publicAccessCidrs[0]", "got ['a']; a string is needed")],
        ),
        (
            "aws:eks/nodeGroup:NodeGroup",
            {
                "clusterName": "c",
                "nodeRoleArn": "arn",
                "subnetIds": [],
                "scalingConfig": {"desiredSize": 2.5, "maxSize": True, "minSize": "1"},
            },
            [
                ("scalingConfig.desiredSize", "got 2.5; an integer is needed"),
                ("scalingConfig.maxSize", "got True; an integer is needed"),
                ("scalingConfig.minSize", "got '1'; an integer is needed"),
            ],
        ),
    ],
)
def test_check_wrong_inputs_are_told(
    schemas: Schemas, token: str, inputs: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert refused(schemas.check(token, inputs)) == expected


def test_of_type_that_the_sdk_lacks_is_a_key_error(schemas: Schemas) -> None:
    with pytest.raises(KeyError):
        schemas.of("aws:s3/bucket:Bucketeer")


def test_of_outputs_hold_what_only_the_cloud_knows(schemas: Schemas) -> None:
    assert {"arn", "bucketDomainName", "tagsAll"} <= set(schemas.of(BUCKET).outputs)
    assert not {"arn", "tagsAll"} & set(schemas.of(BUCKET).inputs)


def test_tokens_are_those_of_the_installed_sdk() -> None:
    found = schema.tokens()
    assert found[BUCKET] == ("pulumi_aws.s3", "Bucket")
    assert len(found) > 1000


def test_schemas_are_kept_and_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Schemas(tmp_path).of(BUCKET)

    def refuse(token: str) -> TypeSchema:
        raise AssertionError("the sdk was read again")

    monkeypatch.setattr(schema, "_introspect", refuse)
    assert Schemas(tmp_path).of(BUCKET) == first


@pytest.mark.parametrize("content", ["", "{", "[]", '{"inputs": {}}'])
def test_schemas_spoilt_file_is_written_again(content: str, tmp_path: Path) -> None:
    first = Schemas(tmp_path).of(BUCKET)
    (file,) = tmp_path.rglob("*.json")
    file.write_text(content)
    assert Schemas(tmp_path).of(BUCKET) == first
    assert json.loads(file.read_text())["inputs"] == first.inputs


def test_schemas_many_threads_at_once_agree(tmp_path: Path) -> None:
    shared = Schemas(tmp_path)
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: shared.of(BUCKET), range(32)))
    assert all(one == found[0] for one in found)
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == ["aws-s3-bucket-Bucket.json"]


def test_schema_of_a_type_that_holds_itself_ends(tmp_path: Path) -> None:
    geo = {"geoMatchStatement": {"countryCodes": ["XX"]}}
    statement = {"andStatement": {"statements": [geo, {"andStatement": {"statements": [geo, geo]}}]}}
    rule = {"name": "r", "priority": 1, "statement": statement, "visibilityConfig": {}}
    found = Schemas(tmp_path).check("aws:wafv2/webAcl:WebAcl", {"scope": "REGIONAL", "rules": [rule]})
    assert {f.property for f in found} == {
        "defaultAction",
        "visibilityConfig",
        "rules[0].visibilityConfig.cloudwatchMetricsEnabled",
        "rules[0].visibilityConfig.metricName",
        "rules[0].visibilityConfig.sampledRequestsEnabled",
    }


# -- the journal --------------------------------------------------------------------------------------------------


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


def test_journal_before_anything_knows_nothing(journal: Journal) -> None:
    assert journal.pending(URN) is None


def test_journal_creation_that_was_cut_off_is_pending(journal: Journal, tmp_path: Path) -> None:
    begun = journal.begin(URN, "boot-1", {"bucket": "a"})
    again = Journal(tmp_path / "journal").pending(URN)
    assert again == begun == Entry(URN, begun.token, "boot-1", {"bucket": "a"}, None)


def test_journal_creations_have_tokens_of_their_own(journal: Journal) -> None:
    assert journal.begin(URN, "b", {}).token != journal.begin(f"{URN}2", "b", {}).token


def test_journal_repeated_creation_keeps_its_token(journal: Journal) -> None:
    first = journal.begin(URN, "b", {"x": 1})
    second = journal.begin(URN, "b", {"x": 1}, first.token)
    assert second == first
    assert journal.pending(URN) == first


def test_journal_finished_creation_stays_until_the_engine_knows_it(journal: Journal) -> None:
    journal.done(journal.begin(URN, "b", {}), "id-1")
    pending = journal.pending(URN)
    assert pending is not None
    assert pending.resource_id == "id-1"
    journal.known(URN, "id-2")
    assert journal.pending(URN) is not None
    journal.known(URN, "id-1")
    assert journal.pending(URN) is None


def test_journal_known_of_a_running_creation_keeps_it(journal: Journal) -> None:
    journal.begin(URN, "b", {})
    journal.known(URN, "id-1")
    assert journal.pending(URN) is not None


def test_journal_forget_drops_any(journal: Journal) -> None:
    journal.begin(URN, "b", {})
    journal.forget(URN)
    journal.forget(URN)
    assert journal.pending(URN) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"urn": "x"}', "null"])
def test_journal_spoilt_note_counts_as_none(content: str, journal: Journal, tmp_path: Path) -> None:
    journal.begin(URN, "b", {})
    (file,) = (tmp_path / "journal").iterdir()
    file.write_text(content)
    assert journal.pending(URN) is None
    assert journal.begin(URN, "b", {}).resource_id is None


def test_journal_urns_of_any_length_have_files_of_their_own(journal: Journal) -> None:
    long = f"{URN}{'x' * 4000}"
    journal.begin(long, "b", {"a": 1})
    journal.begin(f"{long}y", "b", {"a": 2})
    pending = journal.pending(long)
    assert pending is not None
    assert pending.inputs == {"a": 1}

"""PostgreSQL on RDS: private, encrypted, no password in sight, kept as its durability says."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from components._core.args import ArgsError
from components._core.durability import Durability
from components.database import Database, DatabaseArgs, engine
from tests.graph import Graph, record

INSTANCE = "aws:rds/instance:Instance"
KEY, LOG_KEY = "arn:aws:kms:eu-west-1:123456789012:key/db", "arn:aws:kms:eu-west-1:123456789012:key/logs"
NEEDED: dict[str, Any] = {
    "identifier": "acme-ml-dev-mlflow",
    "database_name": "mlflow",
    "user_name": "mlflow_owner",
    "vpc_id": "vpc-1",
    "subnet_ids": ["subnet-a", "subnet-b"],
    "client_security_group_id": "sg-cluster",
    "key_arn": KEY,
    "log_key_arn": LOG_KEY,
}
OUTPUTS = ("endpoint", "port", "database_name", "user_name", "secret_arn", "security_group_id")
UNTAGGABLE = ("aws:iam/rolePolicyAttachment:RolePolicyAttachment",)


def database(preview: bool = False, **more: Any) -> Graph:
    def program() -> dict[str, Any]:
        made = Database("tracking", DatabaseArgs(**NEEDED, **more))
        return {name: getattr(made, name) for name in OUTPUTS}

    return record(program, preview=preview)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)
    elif isinstance(value, str):
        yield value


def test_database_by_default_is_the_newest_version_protected_over_two_zones() -> None:
    instance = database().one(INSTANCE)
    assert instance.inputs["engineVersion"] == max(engine.VERSIONS, key=int)
    assert instance.inputs["multiAz"] is True
    assert instance.inputs["deletionProtection"] is True
    assert instance.inputs["backupRetentionPeriod"] == 35
    assert instance.inputs["skipFinalSnapshot"] is False
    assert instance.inputs["finalSnapshotIdentifier"] == "acme-ml-dev-mlflow-final"
    assert (instance.protect, instance.retain_on_delete) == (True, True)


def test_database_ephemeral_goes_with_the_stack() -> None:
    instance = database(durability=Durability.EPHEMERAL).one(INSTANCE)
    assert (instance.protect, instance.retain_on_delete) == (False, False)
    assert instance.inputs["deletionProtection"] is False
    assert instance.inputs["skipFinalSnapshot"] is True
    assert "finalSnapshotIdentifier" not in instance.inputs
    assert instance.inputs["multiAz"] is False
    assert instance.inputs["applyImmediately"] is True
    assert instance.inputs["deleteAutomatedBackups"] is True


def test_database_standard_keeps_a_snapshot_and_can_be_destroyed() -> None:
    instance = database(durability=Durability.STANDARD).one(INSTANCE)
    assert (instance.protect, instance.inputs["deletionProtection"]) == (False, False)
    assert instance.inputs["skipFinalSnapshot"] is False


def test_database_zones_given_win_over_durability() -> None:
    assert database(multi_az=False).one(INSTANCE).inputs["multiAz"] is False


def test_database_encrypts_storage_password_and_insights_with_the_given_key() -> None:
    inputs = database().one(INSTANCE).inputs
    assert inputs["storageEncrypted"] is True
    keys = ("kmsKeyId", "masterUserSecretKmsKeyId", "performanceInsightsKmsKeyId")
    assert {inputs[name] for name in keys} == {KEY}


def test_database_has_no_password_and_aws_manages_it() -> None:
    graph = database()
    inputs = graph.one(INSTANCE).inputs
    assert inputs["manageMasterUserPassword"] is True
    assert not {"password", "passwordWo"} & inputs.keys()
    assert {r.type for r in graph.resources if "secret" in r.type.lower() or "random" in r.type} == set()
    assert not [t for r in graph.resources for t in texts(r.inputs) if "password" in t.lower()]


def test_database_is_reached_by_its_clients_over_tls_only() -> None:
    graph = database()
    assert graph.one(INSTANCE).inputs["publiclyAccessible"] is False
    group = graph.one("aws:ec2/securityGroup:SecurityGroup")
    assert not {"ingress", "egress"} & group.inputs.keys()
    rule = graph.one("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").inputs
    assert (rule["fromPort"], rule["toPort"], rule["referencedSecurityGroupId"]) == (5432, 5432, "sg-cluster")
    assert not {"cidrIpv4", "cidrIpv6", "prefixListId"} & rule.keys()
    parameters = graph.one("aws:rds/parameterGroup:ParameterGroup").inputs
    assert {"name": "rds.force_ssl", "value": "1"} in parameters["parameters"]
    assert parameters["family"] == "postgres18"


def test_database_logs_go_to_groups_that_exist_before_it() -> None:
    graph = database(log_retention_days=30)
    instance = graph.one(INSTANCE)
    groups = graph.of("aws:cloudwatch/logGroup:LogGroup")
    assert {g.inputs["name"] for g in groups} == {
        f"/aws/rds/instance/acme-ml-dev-mlflow/{export}" for export in instance.inputs["enabledCloudwatchLogsExports"]
    }
    for group in groups:
        assert (group.inputs["retentionInDays"], group.inputs["kmsKeyId"]) == (30, LOG_KEY)
        assert graph.depends(instance, group)


def test_database_alarms_only_with_a_topic() -> None:
    alarm = "aws:cloudwatch/metricAlarm:MetricAlarm"
    assert database().of(alarm) == []
    graph = database(alarm_topic_arn="arn:topic", storage_gib=100)
    storage = graph.named("tracking-storage-alarm").inputs
    assert storage["threshold"] == 10 * 1024**3
    assert storage["comparisonOperator"] == "LessThanThreshold"
    assert {tuple(a.inputs["alarmActions"]) for a in graph.of(alarm)} == {("arn:topic",)}


def test_database_full_passes_each_choice_on() -> None:
    inputs = (
        database(
            engine_version="17",
            allow_major_upgrade=True,
            instance_class="db.m7g.large",
            storage_gib=200,
            max_storage_gib=500,
            backup_window="05:00-06:00",
            maintenance_window="mon:07:00-mon:08:00",
        )
        .one(INSTANCE)
        .inputs
    )
    assert {k: inputs[k] for k in ("engineVersion", "allowMajorVersionUpgrade", "instanceClass")} == {
        "engineVersion": "17",
        "allowMajorVersionUpgrade": True,
        "instanceClass": "db.m7g.large",
    }
    assert (inputs["allocatedStorage"], inputs["maxAllocatedStorage"]) == (200, 500)
    assert (inputs["backupWindow"], inputs["maintenanceWindow"]) == ("05:00-06:00", "mon:07:00-mon:08:00")


def test_database_registers_exactly_its_annotated_outputs() -> None:
    graph = database()
    assert tuple(Database.__annotations__) == OUTPUTS
    assert graph.outputs_of("tracking").keys() == set(OUTPUTS)
    assert graph.result["endpoint"] == "tracking-instance.example.internal"
    assert graph.result["secret_arn"].endswith(":secret:tracking-instance")
    assert graph.result["port"] == 5432


def test_database_children_are_its_own_and_tagged() -> None:
    graph = database(alarm_topic_arn="arn:topic")
    for child in [r for r in graph.resources if r.custom]:
        assert graph.parent_of(child) == "tracking"
        if child.type not in UNTAGGABLE:
            assert child.inputs["tags"]["component"] == "database", child.name


def test_database_preview_knows_what_does_not_depend_on_aws() -> None:
    graph = database(preview=True)
    assert graph.one(INSTANCE).inputs["storageEncrypted"] is True
    assert len(graph.resources) == len(database().resources)


def test_database_hosted_mapping_equals_local_args() -> None:
    hosted = {**NEEDED, "storage_gib": 50.0, "durability": "standard"}
    graph = record(lambda: Database("tracking", hosted).port)  # type: ignore[arg-type]
    local = database(storage_gib=50, durability=Durability.STANDARD)
    assert {r.name: r.inputs for r in graph.resources} == {r.name: r.inputs for r in local.resources}


def test_engine_default_version_has_two_years_of_standard_support() -> None:
    ends = engine.VERSIONS[engine.DEFAULT_VERSION].standard_support_ends
    assert ends - engine.AS_OF > datetime.timedelta(days=730)


def test_engine_offers_no_version_past_its_standard_support(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "AS_OF", datetime.date(2029, 3, 1))
    assert engine.version_names() == ["17", "18"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"identifier": "Acme_ML"}, "identifier: 'Acme_ML' is not a database identifier; use lower-case"),
        ({"identifier": "a--b"}, "identifier: 'a--b' is not a database identifier"),
        ({"identifier": "a" * 64}, "at most 63 characters"),
        ({"database_name": "ml-flow"}, "database_name: 'ml-flow' is not a plain name"),
        ({"user_name": "postgres"}, "user_name: 'postgres' is a name that guessers try"),
        ({"engine_version": "13"}, "engine_version: '13' is not allowed; use one of 15, 16, 17, 18"),
        ({"engine_version": "18.1"}, "engine_version: '18.1' is not allowed"),
        ({"instance_class": "m7g.large"}, "instance_class: 'm7g.large' is not a database class; use one that begins"),
        ({"storage_gib": 10}, "storage_gib: 10 is outside 20 to 65536 GiB"),
        ({"storage_gib": 100, "max_storage_gib": 50}, "max_storage_gib: 50 is outside 100 to 65536 GiB"),
    ],
)
def test_database_fails_when_an_argument_is_wrong(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgsError) as failed:
        DatabaseArgs(**{**NEEDED, **given})
    assert message in str(failed.value)
    assert not str(failed.value).endswith(".")

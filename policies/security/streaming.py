"""Kafka on MSK."""

from collections.abc import Iterator

from pydantic import Field

from policies._engine.build import differs, each, rule, some
from policies._engine.model import Resource
from policies._engine.rule import ByEnvironment, Context, Finding, Outcome, Params, Severity
from policies._engine.values import Items
from policies.security.data_stores import own_key_where

CLUSTER = "aws:msk/cluster:Cluster"
SERVERLESS = "aws:msk/serverlessCluster:ServerlessCluster"

METHODS = ("sasl.iam", "sasl.scram", "tls.certificateAuthorityArns")
"""Ways of a client to say who it is."""

SINKS = ("cloudwatchLogs", "firehose", "s3")


class BrokerParams(Params):
    """Parameters of SEC-MSK-001."""

    own_key: ByEnvironment[bool] = Field(default={"default": True, "sandbox": False, "development": False})
    """Where the disks must be encrypted with a customer managed key; MSK encrypts them in any case."""

    broker_logs: ByEnvironment[bool] = Field(default={"default": True, "sandbox": False, "development": False})
    """Where the brokers must send their logs somewhere."""


@rule(
    "SEC-MSK-001",
    "msk-cluster-require-closed-brokers",
    "Kafka brokers are private, ask who calls, use TLS and an own key, and log",
    on=(CLUSTER, SERVERLESS),
    params=BrokerParams,
    severity=Severity.HIGH,
    rationale="Events feed features and models: whoever reaches an open broker reads all of them, and poisons what is "
    "learnt from them.",
    controls=(
        "fsbp:MSK.1",
        "fsbp:MSK.4",
        "fsbp:MSK.6",
        "checkov:CKV_AWS_80",
        "checkov:CKV_AWS_81",
        "checkov:CKV_AWS_291",
        "nist-800-53:AC-4",
        "nist-800-53:SC-8",
        "soc2:CC6.1",
        "soc2:CC6.6",
        "soc2:CC6.7",
        "soc2:CC7.2",
    ),
    bad='encryption_info={"encryption_in_transit": {"client_broker": "TLS_PLAINTEXT"}},\n'
    'client_authentication={"unauthenticated": True}',
    remedy=(
        "Take TLS and IAM only, name a customer managed key and a log group, and leave public access off.",
        'encryption_info={"encryption_at_rest_kms_key_arn": key.arn,\n'
        '    "encryption_in_transit": {"client_broker": "TLS", "in_cluster": True}},\n'
        'client_authentication={"sasl": {"iam": True}},\n'
        'logging_info={"broker_logs": {\n'
        '    "cloudwatch_logs": {"enabled": True, "log_group": log.name}}}',
    ),
)
def closed_brokers(cluster: Resource, ctx: Context[BrokerParams]) -> Iterator[Outcome]:
    """A serverless cluster is private, encrypted and without logs in any case; it takes IAM only, if that is on."""
    provisioned = (_private, _identified, _tls_outside, _tls_inside, _own_key, _logs)
    yield from each((_iam_only,) if cluster.type == SERVERLESS else provisioned, lambda part: part(cluster, ctx))


def _private(cluster: Resource, _ctx: Context[BrokerParams]) -> Iterator[Outcome]:
    path = "brokerNodeGroupInfo.connectivityInfo.publicAccess.type"
    if cluster.props.at(path, "DISABLED") != "DISABLED":
        yield differs(cluster.props, path, '"DISABLED"')


def _identified(cluster: Resource, _ctx: Context[BrokerParams]) -> Iterator[Outcome]:
    """Without any method brokers take everybody who reaches them."""
    clients = cluster.props.mapping("clientAuthentication")
    if clients.flag("unauthenticated"):
        yield differs(clients, "unauthenticated", "false")
    elif not some(METHODS, lambda path: _is_on(clients.at(path))):
        yield Finding(f"{clients.path} names no way for clients to say who they are; wanted sasl.iam")


def _is_on(value: object) -> bool:
    return value is True or (isinstance(value, Items) and len(value) > 0)


def _tls_outside(cluster: Resource, _ctx: Context[BrokerParams]) -> Iterator[Outcome]:
    path = "encryptionInfo.encryptionInTransit.clientBroker"
    if cluster.props.at(path, "TLS") != "TLS":
        yield differs(cluster.props, path, '"TLS"')


def _tls_inside(cluster: Resource, _ctx: Context[BrokerParams]) -> Iterator[Outcome]:
    path = "encryptionInfo.encryptionInTransit.inCluster"
    if cluster.props.at(path, True) is not True:
        yield differs(cluster.props, path, "true")


def _own_key(cluster: Resource, ctx: Context[BrokerParams]) -> Iterator[Outcome]:
    path = "encryptionInfo.encryptionAtRestKmsKeyArn"
    yield from own_key_where(ctx.params.own_key, cluster.props, path, "a key of MSK", ctx)


def _logs(cluster: Resource, ctx: Context[BrokerParams]) -> Iterator[Outcome]:
    logs = cluster.props.mapping("loggingInfo.brokerLogs")
    if not some(SINKS, lambda sink: logs.at((sink, "enabled")) is True) and ctx.by_environment(ctx.params.broker_logs):
        yield Finding(f"{logs.path} sends nothing anywhere; wanted cloudwatchLogs, firehose or s3")


def _iam_only(cluster: Resource, _ctx: Context[BrokerParams]) -> Iterator[Outcome]:
    path = "clientAuthentication.sasl.iam.enabled"
    if cluster.props.at(path) is not True:
        yield differs(cluster.props, path, "true")


RULES = (closed_brokers,)

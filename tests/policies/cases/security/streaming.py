"""Cases of the rule on Kafka."""

from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    OTHER,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_BOOL,
    UNKNOWN_OBJECT,
    Case,
    Spec,
    secret,
)

CLUSTER = "aws:msk/cluster:Cluster"
SERVERLESS = "aws:msk/serverlessCluster:ServerlessCluster"

KEY = "arn:aws:kms:us-east-1:111122223333:key/1"
CLOSED: dict[str, Any] = {
    "brokerNodeGroupInfo": {"instanceType": "kafka.m7g.large", "clientSubnets": ["subnet-1"]},
    "clientAuthentication": {"sasl": {"iam": True}},
    "encryptionInfo": {"encryptionAtRestKmsKeyArn": KEY},
    "loggingInfo": {"brokerLogs": {"cloudwatchLogs": {"enabled": True, "logGroup": "kafka"}}},
}


def cluster(**props: Any) -> tuple[Spec, ...]:
    return (Spec(CLUSTER, {**CLOSED, **props}),)


def transit(**settings: Any) -> tuple[Spec, ...]:
    return cluster(encryptionInfo={"encryptionAtRestKmsKeyArn": KEY, "encryptionInTransit": settings})


def public(kind: Any) -> dict[str, Any]:
    return {"connectivityInfo": {"publicAccess": {"type": kind}}}


def serverless(**props: Any) -> tuple[Spec, ...]:
    return (Spec(SERVERLESS, props),)


CASES = (
    Case("SEC-MSK-001", "closed, with TLS by default", PASS, cluster()),
    Case("SEC-MSK-001", "TLS said", PASS, transit(clientBroker="TLS", inCluster=True)),
    Case("SEC-MSK-001", "public access said to be off", PASS, cluster(brokerNodeGroupInfo=public("DISABLED"))),
    Case(
        "SEC-MSK-001",
        "certificates",
        PASS,
        cluster(clientAuthentication={"tls": {"certificateAuthorityArns": [UNKNOWN]}}),
    ),
    Case(
        "SEC-MSK-001",
        "logs in a bucket",
        PASS,
        cluster(loggingInfo={"brokerLogs": {"cloudwatchLogs": {"enabled": False}, "s3": {"enabled": True}}}),
    ),
    Case("SEC-MSK-001", "logs by firehose", PASS, cluster(loggingInfo={"brokerLogs": {"firehose": {"enabled": True}}})),
    Case(
        "SEC-MSK-001",
        "one way of logging unknown",
        PASS,
        cluster(loggingInfo={"brokerLogs": {"cloudwatchLogs": UNKNOWN_OBJECT, "s3": {"enabled": True}}}),
    ),
    Case(
        "SEC-MSK-001",
        "development, without key and logs",
        PASS,
        cluster(encryptionInfo=None, loggingInfo=None),
        environment="development",
    ),
    Case("SEC-MSK-001", "secret", PASS, cluster(clientAuthentication=secret({"sasl": {"scram": True}}))),
    Case(
        "SEC-MSK-001",
        "serverless",
        PASS,
        serverless(clientAuthentication={"sasl": {"iam": {"enabled": True}}}),
    ),
    Case(
        "SEC-MSK-001",
        "public",
        FAIL,
        cluster(brokerNodeGroupInfo=public("SERVICE_PROVIDED_EIPS")),
        'publicAccess.type is "SERVICE_PROVIDED_EIPS"; wanted "DISABLED"',
    ),
    Case(
        "SEC-MSK-001",
        "everybody",
        FAIL,
        cluster(clientAuthentication={"sasl": {"iam": True}, "unauthenticated": True}),
        "unauthenticated is true",
    ),
    Case("SEC-MSK-001", "nobody asked", FAIL, cluster(clientAuthentication=None), "names no way for clients"),
    Case("SEC-MSK-001", "no authority", FAIL, cluster(clientAuthentication={"tls": {"certificateAuthorityArns": []}})),
    Case("SEC-MSK-001", "also in the clear", FAIL, transit(clientBroker="TLS_PLAINTEXT"), "clientBroker is"),
    Case("SEC-MSK-001", "in the clear between brokers", FAIL, transit(inCluster=False), "inCluster is false"),
    Case(
        "SEC-MSK-001",
        "in the clear, clients unknown",
        FAIL,
        cluster(
            clientAuthentication=UNKNOWN_OBJECT,
            encryptionInfo={"encryptionAtRestKmsKeyArn": UNKNOWN, "encryptionInTransit": {"clientBroker": "PLAINTEXT"}},
        ),
        'clientBroker is "PLAINTEXT"',
    ),
    Case(
        "SEC-MSK-001",
        "no own key",
        FAIL,
        cluster(encryptionInfo=None),
        "encryptionAtRestKmsKeyArn is unset",
        environment="production",
    ),
    Case(
        "SEC-MSK-001",
        "no logs",
        FAIL,
        cluster(loggingInfo={"brokerLogs": {"firehose": {"enabled": False}}}),
        "sends nothing anywhere",
        environment="staging",
    ),
    Case(
        "SEC-MSK-001",
        "serverless without IAM",
        FAIL,
        serverless(clientAuthentication={"sasl": {"iam": {"enabled": False}}}),
        "iam.enabled is false",
    ),
    Case("SEC-MSK-001", "serverless, nothing said", FAIL, serverless(), "iam.enabled is unset"),
    Case("SEC-MSK-001", "brokers unknown", OPEN, cluster(brokerNodeGroupInfo=UNKNOWN_OBJECT)),
    Case("SEC-MSK-001", "clients unknown", OPEN, cluster(clientAuthentication=UNKNOWN_OBJECT)),
    Case(
        "SEC-MSK-001",
        "a way unknown",
        OPEN,
        cluster(clientAuthentication={"sasl": {"iam": UNKNOWN_BOOL}}),
    ),
    Case(
        "SEC-MSK-001",
        "key unknown",
        OPEN,
        cluster(encryptionInfo={"encryptionAtRestKmsKeyArn": UNKNOWN}),
        environment="production",
    ),
    Case("SEC-MSK-001", "environment not known", OPEN, cluster(loggingInfo=None), "the environment"),
    Case("SEC-MSK-001", "logs are a text", OPEN, cluster(loggingInfo="all"), "an object was expected"),
    Case("SEC-MSK-001", "serverless, unknown", OPEN, serverless(clientAuthentication=UNKNOWN_OBJECT)),
    Case("SEC-MSK-001", "another type", SKIP, (OTHER,)),
)

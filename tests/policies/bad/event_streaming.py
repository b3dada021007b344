"""Events for the features, on a Kafka that anyone inside may write to, in the clear.

Set up for a load test, with public brokers for the machine that made the load, and kept. The log group has neither a
key nor an end, and nothing is written to it since somebody found it too dear.
"""

from __future__ import annotations

import pulumi_aws as aws

from tests.policies.bad._account import tags, watch_spending

ENVIRONMENT = "production"
TAGS = tags(ENVIRONMENT, "streaming", data_class="feature")
SUBNETS = ["subnet-0aa1bb2cc3dd4ee5f", "subnet-0ff5ee4dd3cc2bb1a", "subnet-0123abcd4567ef890"]


def program() -> None:
    """The log group and the cluster."""
    watch_spending("streaming")
    group = aws.cloudwatch.LogGroup("kafka", name="/kafka/events")
    aws.msk.Cluster(
        "events",
        cluster_name="events",
        kafka_version="3.6.0",
        number_of_broker_nodes=3,
        broker_node_group_info={
            "instance_type": "kafka.m5.large",
            "client_subnets": SUBNETS,
            "security_groups": ["sg-0123456789abcdef0"],
            "connectivity_info": {"public_access": {"type": "SERVICE_PROVIDED_EIPS"}},
        },
        client_authentication={"unauthenticated": True},
        encryption_info={"encryption_in_transit": {"client_broker": "TLS_PLAINTEXT", "in_cluster": False}},
        logging_info={"broker_logs": {"cloudwatch_logs": {"enabled": False, "log_group": group.name}}},
    )

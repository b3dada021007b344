"""Events of a bank: Kafka on MSK, connectors, a search domain for the operators, and streams between."""

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
kafka_user = config.require_secret("kafkaUser")

vpc = aws.ec2.Vpc("events", cidr_block="10.99.0.0/16")
subnets = [
    aws.ec2.Subnet(
        f"events-{letter}", vpc_id=vpc.id, cidr_block=f"10.99.{n}.0/24", availability_zone=f"us-east-1{letter}"
    )
    for n, letter in enumerate("abc")
]
brokers = aws.ec2.SecurityGroup("brokers", vpc_id=vpc.id)
key = aws.kms.Key("events", customer_master_key_spec="SYMMETRIC_DEFAULT")
signing = aws.kms.Key("signing", customer_master_key_spec="ECC_NIST_P256", key_usage="SIGN_VERIFY")

settings = aws.msk.Configuration(
    "events", kafka_versions=["3.8.x"], server_properties="auto.create.topics.enable=false\nmin.insync.replicas=2\n"
)
kafka = aws.msk.Cluster(
    "events",
    kafka_version="3.8.x",
    number_of_broker_nodes=3,
    broker_node_group_info={
        "instance_type": "kafka.m7g.large",
        "client_subnets": [subnet.id for subnet in subnets],
        "security_groups": [brokers.id],
        "storage_info": {"ebs_storage_info": {"volume_size": 1000}},
    },
    configuration_info={"arn": settings.arn, "revision": settings.latest_revision},
    encryption_info={"encryption_at_rest_kms_key_arn": key.arn},
    enhanced_monitoring="PER_TOPIC_PER_BROKER",
    client_authentication={"sasl": {"scram": True}},
)
login = aws.secretsmanager.Secret("kafka", name="AmazonMSK_events", kms_key_id=key.arn)
aws.secretsmanager.SecretVersion("kafka", secret_id=login.id, secret_string=kafka_user)
aws.msk.ScramSecretAssociation("events", cluster_arn=kafka.arn, secret_arn_lists=[login.arn])
aws.msk.ServerlessCluster(
    "trials",
    cluster_name="trials",
    client_authentication={"sasl": {"iam": {"enabled": True}}},
    vpc_configs=[{"subnet_ids": [subnet.id for subnet in subnets], "security_group_ids": [brokers.id]}],
)

plugins = aws.s3.Bucket("plugins")
jar = aws.s3.BucketObjectv2(
    "sink", bucket=plugins.id, key="sink-2.1.zip", source=pulumi.StringAsset("the archive of the sink")
)
plugin = aws.mskconnect.CustomPlugin(
    "sink",
    name="sink",
    content_type="ZIP",
    location={"s3": {"bucket_arn": plugins.arn, "file_key": jar.key}},
)
connect = aws.iam.Role("connect", assume_role_policy='{"Version": "2012-10-17", "Statement": []}')
aws.mskconnect.Connector(
    "sink",
    name="sink",
    kafkaconnect_version="3.7.x",
    capacity={"autoscaling": {"mcu_count": 1, "min_worker_count": 1, "max_worker_count": 4}},
    connector_configuration={"tasks.max": "4", "topics": "payments"},
    kafka_cluster={
        "apache_kafka_cluster": {
            "bootstrap_servers": kafka.bootstrap_brokers_sasl_scram,
            "vpc": {"security_groups": [brokers.id], "subnets": [subnet.id for subnet in subnets]},
        }
    },
    kafka_cluster_client_authentication={"authentication_type": "NONE"},
    kafka_cluster_encryption_in_transit={"encryption_type": "TLS"},
    plugins=[{"custom_plugin": {"arn": plugin.arn, "revision": plugin.latest_revision}}],
    service_execution_role_arn=connect.arn,
)

search = aws.opensearch.Domain(
    "operators",
    engine_version="OpenSearch_2.19",
    cluster_config={
        "instance_type": "r6g.large.search",
        "instance_count": 3,
        "zone_awareness_enabled": True,
        "dedicated_master_enabled": True,
        "dedicated_master_type": "m6g.large.search",
        "dedicated_master_count": 3,
    },
    ebs_options={"ebs_enabled": True, "volume_type": "gp3", "volume_size": 200},
    vpc_options={"subnet_ids": [subnet.id for subnet in subnets], "security_group_ids": [brokers.id]},
    advanced_security_options={
        "enabled": True,
        "internal_user_database_enabled": True,
        "master_user_options": {
            "master_user_name": "operator",
            "master_user_password": config.require_secret("searchPassword"),
        },
    },
)
payments = aws.kinesis.Stream("payments", shard_count=2)
aws.pipes.Pipe("payments", role_arn=connect.arn, source=payments.arn, target=search.arn)
aws.kinesisanalyticsv2.Application("fraud", runtime_environment="FLINK-1_20", service_execution_role=connect.arn)
bus = aws.cloudwatch.EventBus("bank")
aws.cloudwatch.EventArchive("bank", event_source_arn=bus.arn, retention_days=90)
aws.schemas.Registry("bank")
aws.mq.Broker(
    "legacy",
    broker_name="legacy",
    engine_type="ActiveMQ",
    engine_version="5.18",
    host_instance_type="mq.m5.large",
    deployment_mode="ACTIVE_STANDBY_MULTI_AZ",
    users=[{"username": "legacy", "password": config.require_secret("mqPassword")}],
)

pulumi.export("brokers", kafka.bootstrap_brokers_sasl_scram)

"""Clicks of a news site in a data lake: delivered by Firehose, catalogued by Glue, asked by Athena. In Frankfurt."""

import json

import pulumi
import pulumi_aws as aws

ZONES = ("landing", "curated", "results")
TAGS = {"Project": "clickstream", "Stage": pulumi.get_stack()}


def role(name: str, service: str) -> aws.iam.Role:
    """Make a role that a service takes."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": f"{service}.amazonaws.com"}}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return aws.iam.Role(name, assume_role_policy=policy, tags=TAGS)


key = aws.kms.Key("lake", description="the lake", tags=TAGS)
buckets = {}
for name in ZONES:
    buckets[name] = aws.s3.Bucket(name, tags={**TAGS, "Zone": name})
    aws.s3.BucketPublicAccessBlock(
        name,
        bucket=buckets[name].id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        name,
        bucket=buckets[name].id,
        rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": key.arn}}],
    )
aws.s3.BucketIntelligentTieringConfiguration(
    "curated", bucket=buckets["curated"].id, tierings=[{"access_tier": "ARCHIVE_ACCESS", "days": 125}]
)

stream = aws.kinesis.Stream("clicks", shard_count=4, retention_period=48, tags=TAGS)
bursts = aws.kinesis.Stream("bursts", stream_mode_details={"stream_mode": "ON_DEMAND"}, tags=TAGS)
errors = aws.cloudwatch.LogGroup("delivery", retention_in_days=7, tags=TAGS)
aws.kinesis.FirehoseDeliveryStream(
    "clicks",
    destination="extended_s3",
    kinesis_source_configuration={"kinesis_stream_arn": stream.arn, "role_arn": role("delivery", "firehose").arn},
    extended_s3_configuration={
        "role_arn": role("writer", "firehose").arn,
        "bucket_arn": buckets["landing"].arn,
        "buffering_size": 128,
        "buffering_interval": 300,
        "prefix": "clicks/!{timestamp:yyyy/MM/dd}/",
        "error_output_prefix": "errors/",
        "cloudwatch_logging_options": {
            "enabled": True,
            "log_group_name": errors.name,
            "log_stream_name": "S3Delivery",
        },
    },
    tags=TAGS,
)

crawler_role = role("glue", "glue")
database = aws.glue.CatalogDatabase("clicks", name="clicks")
aws.glue.CatalogTable(
    "clicks",
    database_name=database.name,
    name="clicks",
    table_type="EXTERNAL_TABLE",
    storage_descriptor={
        "location": buckets["landing"].id.apply(lambda name: f"s3://{name}/clicks/"),
        "columns": [{"name": "page", "type": "string"}, {"name": "at", "type": "timestamp"}],
    },
)
aws.glue.Crawler(
    "clicks",
    database_name=database.name,
    role=crawler_role.arn,
    schedule="cron(0 * * * ? *)",
    s3_targets=[{"path": buckets["landing"].id.apply(lambda name: f"s3://{name}/clicks/")}],
    tags=TAGS,
)
job = aws.glue.Job(
    "compact",
    role_arn=crawler_role.arn,
    glue_version="5.0",
    worker_type="G.1X",
    number_of_workers=10,
    command={"script_location": "s3://jobs.example.com/compact.py", "python_version": "3"},
    tags=TAGS,
)
aws.glue.Trigger("nightly", type="SCHEDULED", schedule="cron(30 1 * * ? *)", actions=[{"job_name": job.name}])
workgroup = aws.athena.Workgroup(
    "analysts",
    configuration={
        "bytes_scanned_cutoff_per_query": 10 * 2**30,
        "result_configuration": {"output_location": buckets["results"].id.apply(lambda name: f"s3://{name}/out/")},
    },
    force_destroy=True,
    tags=TAGS,
)
aws.athena.NamedQuery(
    "top-pages",
    database=database.name,
    workgroup=workgroup.id,
    query="select page, count(*) from clicks group by page order by 2 desc limit 100",
)
aws.lakeformation.Resource("landing", arn=buckets["landing"].arn)
machine = aws.sfn.StateMachine(
    "refresh",
    role_arn=role("states", "states").arn,
    definition=json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}),
    tags=TAGS,
)
warehouse = aws.redshiftserverless.Namespace("marts", namespace_name="marts", db_name="marts", tags=TAGS)
aws.redshiftserverless.Workgroup(
    "marts", workgroup_name="marts", namespace_name=warehouse.namespace_name, base_capacity=8, tags=TAGS
)
aws.quicksight.DataSource(
    "athena",
    data_source_id="athena",
    name="Clicks",
    type="ATHENA",
    parameters={"athena": {"work_group": workgroup.name}},
)

pulumi.export("landing", buckets["landing"].bucket)

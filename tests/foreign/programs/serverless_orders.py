"""Orders without servers: an HTTP API, three functions, a table, a queue with its dead letters, and sign-in."""

import json

import pulumi
import pulumi_aws as aws

stack = pulumi.get_stack()
trust = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
        ],
    }
)

orders = aws.dynamodb.Table(
    "orders",
    billing_mode="PAY_PER_REQUEST",
    hash_key="customer",
    range_key="placed",
    attributes=[
        {"name": "customer", "type": "S"},
        {"name": "placed", "type": "S"},
        {"name": "status", "type": "S"},
    ],
    global_secondary_indexes=[
        {"name": "by-status", "hash_key": "status", "range_key": "placed", "projection_type": "ALL"}
    ],
    stream_enabled=True,
    stream_view_type="NEW_AND_OLD_IMAGES",
    point_in_time_recovery={"enabled": True},
    ttl={"attribute_name": "expires", "enabled": True},
)
stock = aws.dynamodb.Table(
    "stock",
    billing_mode="PROVISIONED",
    read_capacity=25,
    write_capacity=10,
    hash_key="sku",
    attributes=[{"name": "sku", "type": "S"}],
)

dead = aws.sqs.Queue("dead-letters", message_retention_seconds=1209600)
queue = aws.sqs.Queue(
    "fulfilment",
    visibility_timeout_seconds=180,
    redrive_policy=dead.arn.apply(lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})),
)
invoices = aws.sqs.Queue("invoices", fifo_queue=True, content_based_deduplication=True)
news = aws.sns.Topic("order-events")
aws.sns.TopicSubscription("order-events", topic=news.arn, protocol="sqs", endpoint=queue.arn)

bucket = aws.s3.Bucket("receipts", force_destroy=True)
aws.s3.BucketLifecycleConfiguration(
    "receipts",
    bucket=bucket.id,
    rules=[{"id": "archive", "status": "Enabled", "transitions": [{"days": 90, "storage_class": "GLACIER"}]}],
)

role = aws.iam.Role("functions", assume_role_policy=trust)
aws.iam.RolePolicyAttachment(
    "functions", role=role.name, policy_arn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
)
aws.iam.RolePolicy(
    "functions",
    role=role.id,
    policy=pulumi.Output.all(orders.arn, stock.arn, queue.arn).apply(
        lambda arns: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": ["dynamodb:*", "sqs:*"], "Resource": arns}],
            }
        )
    ),
)

SOURCE = "def handler(event, context):\n    return {'statusCode': 200, 'body': 'ok'}\n"
functions = {}
for name, memory, timeout in (("place", 512, 10), ("fulfil", 1024, 120), ("report", 2048, 900)):
    logs = aws.cloudwatch.LogGroup(f"{name}-logs", name=f"/aws/lambda/orders-{name}-{stack}", retention_in_days=30)
    functions[name] = aws.lambda_.Function(
        name,
        name=f"orders-{name}-{stack}",
        runtime="python3.13",
        handler="main.handler",
        architectures=["arm64"],
        memory_size=memory,
        timeout=timeout,
        role=role.arn,
        code=pulumi.AssetArchive({"main.py": pulumi.StringAsset(SOURCE)}),
        environment={"variables": {"TABLE": orders.name, "QUEUE": queue.url}},
        tracing_config={"mode": "Active"},
        opts=pulumi.ResourceOptions(depends_on=[logs]),
    )
aws.lambda_.EventSourceMapping(
    "fulfil", event_source_arn=queue.arn, function_name=functions["fulfil"].arn, batch_size=10
)
aws.lambda_.ProvisionedConcurrencyConfig(
    "place", function_name=functions["place"].name, qualifier="live", provisioned_concurrent_executions=5
)
aws.lambda_.Alias("place", name="live", function_name=functions["place"].arn, function_version="1")

nightly = aws.cloudwatch.EventRule("nightly", schedule_expression="cron(15 2 * * ? *)")
aws.cloudwatch.EventTarget("nightly", rule=nightly.name, arn=functions["report"].arn)
aws.lambda_.Permission(
    "nightly",
    action="lambda:InvokeFunction",
    function=functions["report"].name,
    principal="events.amazonaws.com",
    source_arn=nightly.arn,
)

users = aws.cognito.UserPool("customers", password_policy={"minimum_length": 12})
client = aws.cognito.UserPoolClient("web", user_pool_id=users.id, generate_secret=True)

api = aws.apigatewayv2.Api("orders", protocol_type="HTTP", cors_configuration={"allow_origins": ["*"]})
signed_in = aws.apigatewayv2.Authorizer(
    "customers",
    api_id=api.id,
    authorizer_type="JWT",
    identity_sources=["$request.header.Authorization"],
    jwt_configuration={"audiences": [client.id], "issuer": pulumi.Output.concat("https://", users.endpoint)},
)
place = aws.apigatewayv2.Integration(
    "place", api_id=api.id, integration_type="AWS_PROXY", integration_uri=functions["place"].arn
)
aws.apigatewayv2.Route(
    "place",
    api_id=api.id,
    route_key="POST /orders",
    target=pulumi.Output.concat("integrations/", place.id),
    authorization_type="JWT",
    authorizer_id=signed_in.id,
)
aws.apigatewayv2.Stage("live", api_id=api.id, name="$default", auto_deploy=True)
aws.cloudwatch.Dashboard("orders", dashboard_name="orders", dashboard_body=json.dumps({"widgets": []}))

pulumi.export("url", api.api_endpoint)
pulumi.export("client_secret", client.client_secret)

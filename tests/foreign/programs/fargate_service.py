"""A booking service in containers on Fargate, in three zones, which grows with its load."""

import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
count = config.get_int("tasks") or 3
tags = {"app": "booking", "environment": "production", "owner": "travel"}
euro = aws.Provider("ireland", region="eu-west-1", default_tags={"tags": tags})
there = pulumi.ResourceOptions(provider=euro)
later = pulumi.InvokeOptions(provider=euro)
account = aws.get_caller_identity(opts=later).account_id

vpc = aws.ec2.Vpc("booking", cidr_block="10.60.0.0/16", opts=there)
subnets = [
    aws.ec2.Subnet(
        f"booking-{letter}",
        vpc_id=vpc.id,
        cidr_block=f"10.60.{n}.0/24",
        availability_zone=f"eu-west-1{letter}",
        opts=there,
    )
    for n, letter in enumerate("abc")
]
group = aws.ec2.SecurityGroup("booking", vpc_id=vpc.id, opts=there)
for service in ("ecr.api", "ecr.dkr", "logs"):
    aws.ec2.VpcEndpoint(
        f"endpoint-{service.replace('.', '-')}",
        vpc_id=vpc.id,
        service_name=f"com.amazonaws.eu-west-1.{service}",
        vpc_endpoint_type="Interface",
        subnet_ids=[subnet.id for subnet in subnets],
        security_group_ids=[group.id],
        opts=there,
    )
aws.ec2.VpcEndpoint("endpoint-s3", vpc_id=vpc.id, service_name="com.amazonaws.eu-west-1.s3", opts=there)

images = aws.ecr.Repository("booking", image_scanning_configuration={"scan_on_push": True}, opts=there)
aws.ecr.LifecyclePolicy(
    "booking",
    repository=images.name,
    policy=json.dumps(
        {
            "rules": [
                {
                    "rulePriority": 1,
                    "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 30},
                    "action": {"type": "expire"},
                }
            ]
        }
    ),
    opts=there,
)
logs = aws.cloudwatch.LogGroup("booking", retention_in_days=14, opts=there)

cluster = aws.ecs.Cluster("booking", settings=[{"name": "containerInsights", "value": "enabled"}], opts=there)
aws.ecs.ClusterCapacityProviders(
    "booking",
    cluster_name=cluster.name,
    capacity_providers=["FARGATE", "FARGATE_SPOT"],
    default_capacity_provider_strategies=[{"capacity_provider": "FARGATE", "base": 2, "weight": 1}],
    opts=there,
)
trust = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}
        ],
    }
)
execution = aws.iam.Role("execution", assume_role_policy=trust, opts=there)
task_role = aws.iam.Role("task", assume_role_policy=trust, opts=there)
files = aws.efs.FileSystem(
    "tickets", encrypted=True, lifecycle_policies=[{"transition_to_ia": "AFTER_30_DAYS"}], opts=there
)
for n, subnet in enumerate(subnets):
    aws.efs.MountTarget(f"tickets-{n}", file_system_id=files.id, subnet_id=subnet.id, opts=there)

container = {
    "name": "booking",
    "image": f"{account}.dkr.ecr.eu-west-1.amazonaws.com/booking:2.14.0",
    "portMappings": [{"containerPort": 8080}],
    "essential": True,
}
web = aws.ecs.TaskDefinition(
    "web",
    family="booking-web",
    cpu="1024",
    memory="2048",
    network_mode="awsvpc",
    requires_compatibilities=["FARGATE"],
    runtime_platform={"cpu_architecture": "ARM64", "operating_system_family": "LINUX"},
    execution_role_arn=execution.arn,
    task_role_arn=task_role.arn,
    container_definitions=json.dumps([container]),
    opts=there,
)
worker = aws.ecs.TaskDefinition(
    "worker",
    family="booking-worker",
    cpu="512",
    memory="1024",
    network_mode="awsvpc",
    requires_compatibilities=["FARGATE"],
    execution_role_arn=execution.arn,
    container_definitions=logs.name.apply(
        lambda name: json.dumps([{**container, "logConfiguration": {"options": {"awslogs-group": name}}}])
    ),
    opts=there,
)

balancer = aws.alb.LoadBalancer(
    "booking", internal=False, security_groups=[group.id], subnets=[subnet.id for subnet in subnets], opts=there
)
targets = aws.alb.TargetGroup("web", port=8080, protocol="HTTP", target_type="ip", vpc_id=vpc.id, opts=there)
listener = aws.alb.Listener(
    "web",
    load_balancer_arn=balancer.arn,
    port=80,
    default_actions=[{"type": "forward", "target_group_arn": targets.arn}],
    opts=there,
)
inside = {"subnets": [subnet.id for subnet in subnets], "security_groups": [group.id]}
service = aws.ecs.Service(
    "web",
    cluster=cluster.arn,
    task_definition=web.arn,
    desired_count=count,
    launch_type="FARGATE",
    network_configuration=inside,
    load_balancers=[{"target_group_arn": targets.arn, "container_name": "booking", "container_port": 8080}],
    opts=pulumi.ResourceOptions(provider=euro, depends_on=[listener]),
)
aws.ecs.Service(
    "worker",
    cluster=cluster.arn,
    task_definition=worker.arn,
    desired_count=2,
    capacity_provider_strategies=[{"capacity_provider": "FARGATE_SPOT", "weight": 1}],
    network_configuration=inside,
    opts=there,
)
target = aws.appautoscaling.Target(
    "web",
    min_capacity=2,
    max_capacity=12,
    resource_id=pulumi.Output.concat("service/", cluster.name, "/", service.name),
    scalable_dimension="ecs:service:DesiredCount",
    service_namespace="ecs",
    opts=there,
)
aws.appautoscaling.Policy(
    "web",
    policy_type="TargetTrackingScaling",
    resource_id=target.resource_id,
    scalable_dimension=target.scalable_dimension,
    service_namespace=target.service_namespace,
    target_tracking_scaling_policy_configuration={
        "target_value": 60,
        "predefined_metric_specification": {"predefined_metric_type": "ECSServiceAverageCPUUtilization"},
    },
    opts=there,
)
names = aws.servicediscovery.PrivateDnsNamespace("booking", name="booking.local", vpc=vpc.id, opts=there)
aws.servicediscovery.Service(
    "web",
    dns_config={"namespace_id": names.id, "dns_records": [{"ttl": 10, "type": "A"}]},
    opts=there,
)

pulumi.export("url", balancer.dns_name)

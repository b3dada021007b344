"""AWS's own names of its services, for the columns ServiceName and ServiceCategory.

Categories are those that FOCUS allows. Source: FinOps Foundation, FOCUS specification, column ServiceCategory, read
2026-11-27. Names of services: their pages at docs.aws.amazon.com.
"""

from __future__ import annotations

from typing import Final

from finops.resource import Resource
from review.costs.model import Detail, terms

OTHER: Final = ("", "Other")
"""A service that is not known. FOCUS has a category for that, and no name."""

SERVICES: Final = {
    "backup": ("AWS Backup", "Storage"),
    "budgets": ("AWS Budgets", "Management and Governance"),
    "cloudwatch": ("Amazon CloudWatch", "Management and Governance"),
    "dynamodb": ("Amazon DynamoDB", "Databases"),
    "ebs": ("Amazon Elastic Block Store", "Storage"),
    "ec2": ("Amazon Elastic Compute Cloud", "Compute"),
    "ecr": ("Amazon Elastic Container Registry", "Compute"),
    "ecs": ("Amazon Elastic Container Service", "Compute"),
    "efs": ("Amazon Elastic File System", "Storage"),
    "eks": ("Amazon Elastic Kubernetes Service", "Compute"),
    "elasticache": ("Amazon ElastiCache", "Databases"),
    "fsx": ("Amazon FSx", "Storage"),
    "kinesis": ("Amazon Kinesis Data Streams", "Analytics"),
    "kms": ("AWS Key Management Service", "Security"),
    "lambda": ("AWS Lambda", "Compute"),
    "lb": ("Elastic Load Balancing", "Networking"),
    "msk": ("Amazon Managed Streaming for Apache Kafka", "Analytics"),
    "rds": ("Amazon Relational Database Service", "Databases"),
    "route53": ("Amazon Route 53", "Networking"),
    "s3": ("Amazon Simple Storage Service", "Storage"),
    "sagemaker": ("Amazon SageMaker AI", "AI and Machine Learning"),
    "secretsmanager": ("AWS Secrets Manager", "Security"),
    "sns": ("Amazon Simple Notification Service", "Integration"),
    "sqs": ("Amazon Simple Queue Service", "Integration"),
    "transfer": ("AWS Data Transfer", "Networking"),
    "vpc": ("Amazon Virtual Private Cloud", "Networking"),
}
"""By the first part of a price item, or the module of a type token."""

_SAME = {"alb": "lb", "elb": "lb", "logs": "cloudwatch"}
_NETWORK = ("eip", "flowLog", "internetGateway", "natGateway", "vpc", "vpcEndpoint")
"""Resources of the module ec2 that Amazon VPC bills."""


def service(detail: Detail) -> tuple[str, str]:
    """Return name and category of the service that bills a line: that of its price, else that of the resource."""
    for term in terms(detail.line):
        if term.price is not None:
            head = term.price.item.split("/")[0].split(".")[0]
            return SERVICES.get(_SAME.get(head, head), OTHER)
    return SERVICES.get(_of_type(detail.item.resource), OTHER)


def _of_type(resource: Resource) -> str:
    package, _, rest = resource.type.partition(":")
    module, _, name = rest.partition(":")[0].partition("/")
    if package != "aws":
        return ""
    if module == "ec2":
        return "vpc" if name in _NETWORK else "ebs" if name == "volume" else "ec2"
    return _SAME.get(module, module)

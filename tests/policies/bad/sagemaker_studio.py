"""SageMaker as the console offers it: a notebook with root and the internet, and a domain that anyone may reach.

An endpoint keeps what its users send, without a key. The big instance has been on since the workshop.
"""

from __future__ import annotations

import pulumi_aws as aws

from tests.policies.bad._account import tags, watch_spending

ENVIRONMENT = "production"
TAGS = tags(ENVIRONMENT, "insights")
ROLE = "arn:aws:iam::210987654321:role/sagemaker"


def program() -> None:
    """A notebook, a domain, a model and its endpoint."""
    watch_spending("insights")
    aws.sagemaker.NotebookInstance(
        "workshop",
        name="workshop",
        instance_type="ml.p3.8xlarge",
        role_arn=ROLE,
        direct_internet_access="Enabled",
        root_access="Enabled",
    )
    aws.sagemaker.Domain(
        "studio",
        domain_name="studio",
        auth_mode="IAM",
        vpc_id="vpc-0123456789abcdef0",
        subnet_ids=["subnet-0aa1bb2cc3dd4ee5f"],
        app_network_access_type="PublicInternetOnly",
        default_user_settings={"execution_role": ROLE},
    )
    model = aws.sagemaker.Model(
        "churn",
        name="churn",
        execution_role_arn=ROLE,
        primary_container={
            "image": "210987654321.dkr.ecr.us-east-1.amazonaws.com/churn:3.1.0",
            "model_data_url": "s3://acme-models/churn/3.1.0/model.tar.gz",
        },
    )
    configuration = aws.sagemaker.EndpointConfiguration(
        "churn-settings",
        name="churn",
        production_variants=[
            {
                "variant_name": "all",
                "model_name": model.name,
                "initial_instance_count": 2,
                "instance_type": "ml.g5.2xlarge",
            }
        ],
        data_capture_config={
            "enable_capture": True,
            "initial_sampling_percentage": 100,
            "destination_s3_uri": "s3://acme-captures/churn",
            "capture_options": [{"capture_mode": "InputAndOutput"}],
        },
    )
    aws.sagemaker.Endpoint("churn-endpoint", name="churn", endpoint_config_name=configuration.name)

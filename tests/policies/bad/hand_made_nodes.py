"""Nodes from launch templates that were copied from machine to machine.

The password of the package mirror is in the user data, the metadata service answers whoever asks, the disks are what
the image brought, and the group's instances carry no tags. One large instance was started for a long training, with
the fastest disk there was, and is still there.
"""

from __future__ import annotations

import base64

import pulumi_aws as aws

from tests.policies.bad._account import tags, watch_spending

ENVIRONMENT = "production"
TAGS = tags(ENVIRONMENT, "training")
USER_DATA = """#!/bin/bash
export PIP_INDEX_URL=https://builder:Tr41n-Hard3r@mirror.corp.example/simple
export DB_PASSWORD=correct-horse-42
/opt/train/join.sh
"""


def program() -> None:
    """A template with its group, and an instance."""
    watch_spending("training")
    template = aws.ec2.LaunchTemplate(
        "trainers",
        image_id="ami-0123456789abcdef0",
        instance_type="g4dn.xlarge",
        user_data=base64.b64encode(USER_DATA.encode()).decode(),
        metadata_options={"http_endpoint": "enabled", "http_tokens": "optional", "http_put_response_hop_limit": 3},
        network_interfaces=[{"associate_public_ip_address": "true", "security_groups": ["sg-0123456789abcdef0"]}],
        block_device_mappings=[
            {"device_name": "/dev/xvda", "ebs": {"volume_size": 200, "volume_type": "gp2", "encrypted": "false"}}
        ],
    )
    aws.autoscaling.Group(
        "trainers-group",
        min_size=0,
        max_size=12,
        vpc_zone_identifiers=["subnet-0aa1bb2cc3dd4ee5f"],
        launch_template={"id": template.id, "version": "$Latest"},
    )
    aws.ec2.Instance(
        "long-training",
        ami="ami-0123456789abcdef0",
        instance_type="p5.48xlarge",
        associate_public_ip_address=True,
        user_data=USER_DATA,
        root_block_device={"volume_type": "io1", "volume_size": 1000, "iops": 20000},
    )

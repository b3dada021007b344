"""The data lake that a partner had to read from, once.

Made by hand in the console and typed into a program afterwards. The access block was opened for the partner and stayed
open; hardly anything is versioned, nothing is logged, encrypted under a key or ever deleted, and nobody remembers what
is in the datasets.
"""

from __future__ import annotations

import json

import pulumi_aws as aws

from tests.policies.bad._account import tags, watch_spending

ENVIRONMENT = "production"
TAGS = {key: value for key, value in tags(ENVIRONMENT, "analytics").items() if key != "data-class"}


def program() -> None:
    """Datasets, models, a scratch bucket, and the doors to them."""
    watch_spending("analytics")
    datasets()
    models()
    scratch()


def datasets() -> None:
    """Readable by everyone who knows the name; the block is there and blocks nothing."""
    bucket = aws.s3.Bucket("training-datasets", bucket="acme-training-datasets", force_destroy=True)
    aws.s3.BucketPublicAccessBlock(
        "training-datasets",
        bucket=bucket.id,
        block_public_acls=False,
        block_public_policy=False,
        ignore_public_acls=False,
        restrict_public_buckets=False,
    )
    aws.s3.BucketOwnershipControls(
        "training-datasets", bucket=bucket.id, rule={"object_ownership": "BucketOwnerPreferred"}
    )
    aws.s3.BucketAcl("training-datasets", bucket=bucket.id, acl="public-read")
    statement = {
        "Sid": "Partner",
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": ["arn:aws:s3:::acme-training-datasets", "arn:aws:s3:::acme-training-datasets/*"],
    }
    aws.s3.BucketPolicy(
        "training-datasets",
        bucket=bucket.id,
        policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    aws.s3.AccessPoint(
        "partner",
        bucket=bucket.id,
        name="partner",
        policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:*", "Resource": "*"}],
            }
        ),
    )


def models() -> None:
    """Versioned, since a model was lost; and every version of every checkpoint is kept for ever."""
    bucket = aws.s3.Bucket("model-registry", bucket="acme-model-registry", tags={"data-class": "model"})
    aws.s3.BucketPublicAccessBlock(
        "model-registry",
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    )
    aws.s3.BucketVersioning("model-registry", bucket=bucket.id, versioning_configuration={"status": "Enabled"})
    aws.s3.BucketServerSideEncryptionConfiguration(
        "model-registry",
        bucket=bucket.id,
        rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
    )


def scratch() -> None:
    """Nothing but a bucket."""
    aws.s3.Bucket("feature-scratch", bucket="acme-feature-scratch", tags={"data-class": "feature"})

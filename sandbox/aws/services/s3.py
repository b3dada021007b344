"""S3: buckets and the resources that configure them."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from sandbox.aws.client import Aws
from sandbox.aws.types import AwsType, Name, put, tag_list, tag_map
from sandbox.provider.values import Props


def _location(aws: Aws) -> dict[str, Any]:
    # us-east-1 is refused as an explicit location constraint.
    return {} if aws.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": aws.region}}


def _create_bucket(aws: Aws, props: Props) -> str:
    s3, name = aws.client("s3"), props["bucket"]
    locked = {"ObjectLockEnabledForBucket": True} if props.get("objectLockEnabled") else {}
    s3.create_bucket(Bucket=name, **_location(aws), **locked)
    if props.get("tagsAll"):
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tag_list(props["tagsAll"])})
    return str(name)


def _read_bucket(aws: Aws, name: str, props: Props) -> Props | None:
    s3 = aws.client("s3")
    s3.head_bucket(Bucket=name)
    try:
        tags = tag_map(s3.get_bucket_tagging(Bucket=name)["TagSet"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchTagSet":
            raise
        tags = {}
    return {
        "bucket": name,
        "arn": f"arn:aws:s3:::{name}",
        "bucketDomainName": f"{name}.s3.amazonaws.com",
        "bucketRegionalDomainName": f"{name}.s3.{aws.region}.amazonaws.com",
        "region": aws.region,
        "tagsAll": tags,
    }


def _update_bucket(aws: Aws, name: str, old: Props, new: Props) -> None:
    aws.client("s3").put_bucket_tagging(Bucket=name, Tagging={"TagSet": tag_list(new.get("tagsAll"))})


def _delete_bucket(aws: Aws, name: str, props: Props) -> None:
    s3 = aws.client("s3")
    if props.get("forceDestroy"):
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
            for item in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                s3.delete_object(
                    Bucket=name, Key=item["Key"], VersionId=item["VersionId"], BypassGovernanceRetention=True
                )
    s3.delete_bucket(Bucket=name)


def _create_versioning(aws: Aws, props: Props) -> str:
    status = props["versioningConfiguration"]["status"]
    aws.client("s3").put_bucket_versioning(Bucket=props["bucket"], VersioningConfiguration={"Status": status})
    return str(props["bucket"])


def _read_versioning(aws: Aws, name: str, props: Props) -> Props | None:
    status = aws.client("s3").get_bucket_versioning(Bucket=name).get("Status")
    return {"bucket": name, "versioningConfiguration": {"status": status}} if status else None


def _delete_versioning(aws: Aws, name: str, props: Props) -> None:
    # A bucket cannot go back to unversioned; the real provider suspends it too.
    aws.client("s3").put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})


TYPES = (
    AwsType(
        token="aws:s3/bucket:Bucket",
        create=_create_bucket,
        read=_read_bucket,
        update=_update_bucket,
        delete=_delete_bucket,
        replaces=frozenset({"objectLockEnabled", "region"}),
        name=Name("bucket", 63),
        not_compared=frozenset({"forceDestroy"}),
    ),
    AwsType(
        token="aws:s3/bucketVersioning:BucketVersioning",
        create=_create_versioning,
        read=_read_versioning,
        update=put(_create_versioning),
        delete=_delete_versioning,
        replaces=frozenset({"bucket"}),
    ),
)

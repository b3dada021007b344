"""S3: buckets, their versioning, and what guards them."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from sandbox.aws.client import Aws
from sandbox.aws.services._shapes import document, or_none, same_document
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
    tags = or_none(lambda: s3.get_bucket_tagging(Bucket=name), "NoSuchTagSet")
    lock = or_none(lambda: s3.get_object_lock_configuration(Bucket=name), "ObjectLockConfigurationNotFoundError")
    return {
        "bucket": name,
        "arn": f"arn:aws:s3:::{name}",
        "bucketDomainName": f"{name}.s3.amazonaws.com",
        "bucketRegion": aws.region,
        "bucketRegionalDomainName": f"{name}.s3.{aws.region}.amazonaws.com",
        "objectLockEnabled": lock is not None,
        "tagsAll": tag_map(tags and tags["TagSet"]),
    }


def _update_bucket(aws: Aws, name: str, old: Props, new: Props) -> None:
    s3 = aws.client("s3")
    if new.get("tagsAll"):
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tag_list(new["tagsAll"])})
    else:
        s3.delete_bucket_tagging(Bucket=name)


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
    s3 = aws.client("s3")
    try:
        # A bucket cannot go back to unversioned; the real provider suspends it too.
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    except ClientError as error:
        # A bucket with object lock stays versioned.
        if error.response["Error"]["Code"] != "InvalidBucketState":
            raise


def _create_policy(aws: Aws, props: Props) -> str:
    aws.client("s3").put_bucket_policy(Bucket=props["bucket"], Policy=document(props["policy"]))
    return str(props["bucket"])


def _read_policy(aws: Aws, name: str, props: Props) -> Props | None:
    found = aws.client("s3").get_bucket_policy(Bucket=name)["Policy"]
    return {"bucket": name, "policy": same_document(props.get("policy"), found)}


def _delete_policy(aws: Aws, name: str, props: Props) -> None:
    aws.client("s3").delete_bucket_policy(Bucket=name)


_FLAGS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def _create_block(aws: Aws, props: Props) -> str:
    flags = {f[:1].upper() + f[1:]: bool(props.get(f)) for f in _FLAGS}
    aws.client("s3").put_public_access_block(Bucket=props["bucket"], PublicAccessBlockConfiguration=flags)
    return str(props["bucket"])


def _read_block(aws: Aws, name: str, props: Props) -> Props | None:
    found = aws.client("s3").get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    return {"bucket": name, **{f: found[f[:1].upper() + f[1:]] for f in _FLAGS}}


def _delete_block(aws: Aws, name: str, props: Props) -> None:
    if not props.get("skipDestroy"):
        aws.client("s3").delete_public_access_block(Bucket=name)


def _create_ownership(aws: Aws, props: Props) -> str:
    rule = {"ObjectOwnership": props["rule"]["objectOwnership"]}
    aws.client("s3").put_bucket_ownership_controls(Bucket=props["bucket"], OwnershipControls={"Rules": [rule]})
    return str(props["bucket"])


def _read_ownership(aws: Aws, name: str, props: Props) -> Props | None:
    found = aws.client("s3").get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]
    return {"bucket": name, "rule": {"objectOwnership": found["Rules"][0]["ObjectOwnership"]}}


def _delete_ownership(aws: Aws, name: str, props: Props) -> None:
    aws.client("s3").delete_bucket_ownership_controls(Bucket=name)


TYPES = (
    AwsType(
        token="aws:s3/bucket:Bucket",
        create=_create_bucket,
        read=_read_bucket,
        update=_update_bucket,
        delete=_delete_bucket,
        replaces=frozenset({"objectLockEnabled", "bucketPrefix"}),
        name=Name("bucket", 63),
        not_compared=frozenset({"forceDestroy"}),
    ),
    AwsType(
        token="aws:s3/bucketVersioning:BucketVersioning",
        create=_create_versioning,
        read=_read_versioning,
        update=put(_create_versioning),
        delete=_delete_versioning,
        replaces=frozenset({"bucket", "expectedBucketOwner"}),
    ),
    AwsType(
        token="aws:s3/bucketPolicy:BucketPolicy",
        create=_create_policy,
        read=_read_policy,
        update=put(_create_policy),
        delete=_delete_policy,
        replaces=frozenset({"bucket"}),
    ),
    AwsType(
        token="aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        create=_create_block,
        read=_read_block,
        update=put(_create_block),
        delete=_delete_block,
        replaces=frozenset({"bucket"}),
        not_compared=frozenset({"skipDestroy"}),
    ),
    AwsType(
        token="aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        create=_create_ownership,
        read=_read_ownership,
        update=put(_create_ownership),
        delete=_delete_ownership,
        replaces=frozenset({"bucket"}),
    ),
)

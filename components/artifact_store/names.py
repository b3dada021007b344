"""Physical names of buckets: known before anything is created, and so are the ARNs in policies."""

import re

import pulumi

from components._core.args import require
from components._core.conventions import LIMITS

ACCOUNT_DIGITS = 12

# docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, read 2026-11-23. Dots are allowed there,
# but break TLS by virtual host; the other beginnings and endings that S3 keeps for itself have double dashes.
_PREFIX = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_KEPT = ("sthree-", "amzn-s3-demo-")


def check_prefix(prefix: str, longest_purpose: str) -> None:
    """Raise `ArgsError` unless `<prefix>-<purpose>-<account>` is a bucket name for every purpose."""
    require(
        _PREFIX.fullmatch(prefix) is not None,
        "bucket_prefix",
        f"{prefix!r} cannot begin a bucket name; use lower-case letters and digits joined by single dashes",
    )
    require(
        not f"{prefix}-".startswith(_KEPT),
        "bucket_prefix",
        f"{prefix!r} begins like names that S3 keeps for itself ({', '.join(_KEPT)}); begin it differently",
    )
    length = len(prefix) + len(longest_purpose) + ACCOUNT_DIGITS + 2
    spare = LIMITS["s3_bucket"] - length
    require(
        spare >= 0,
        "bucket_prefix",
        f"{prefix!r} makes bucket names of {length} characters ({prefix}-{longest_purpose}-<account>), "
        f"at most {LIMITS['s3_bucket']} are allowed; use a prefix of {len(prefix) + spare} characters or fewer",
    )


def check_account(account_id: str) -> None:
    """Raise `ArgsError` unless `account_id` is an AWS account id."""
    require(
        re.fullmatch(rf"[0-9]{{{ACCOUNT_DIGITS}}}", account_id) is not None,
        "account_id",
        f"{account_id!r} is not an AWS account; use its {ACCOUNT_DIGITS} digits",
    )


def bucket_name(prefix: str, purpose: str, account_id: pulumi.Input[str]) -> pulumi.Output[str]:
    """Return the bucket's name. Names are taken worldwide; the account in it makes it hard to be late."""
    return pulumi.Output.concat(prefix, "-", purpose, "-", account_id)


def bucket_arn(name: pulumi.Input[str]) -> pulumi.Output[str]:
    """Return the bucket's ARN."""
    return pulumi.Output.concat("arn:aws:s3:::", name)

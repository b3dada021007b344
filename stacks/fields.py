"""Named kinds of text that stack files use, each with the words that tell what is allowed."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError


def _text(pattern: str, allowed: str) -> AfterValidator:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise PydanticCustomError("format", "{allowed}", {"allowed": allowed})
        return value

    return AfterValidator(check)


def _network(value: str) -> str:
    try:
        network = ipaddress.ip_network(value)
    except ValueError as error:
        raise PydanticCustomError("format", "{allowed}", {"allowed": f"{error}; use a network such as 10.0.0.0/16"}) from None
    if not network.is_private:
        text = "use a private network: inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16"
        raise PydanticCustomError("format", "{allowed}", {"allowed": text})
    return value


Check = Callable[[str], str]

Slug = Annotated[
    str,
    _text(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", "use lower-case words joined by dashes, a letter first"),
    _text(r".{1,24}", "use at most 24 characters: names of buckets and roles are built from it"),
]
"""A short name that physical names are built from."""

AccountId = Annotated[str, _text(r"\d{12}", "use the twelve digits of the AWS account, in quotes")]
CostCenter = Annotated[str, _text(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,62}", "use 1 to 63 letters, digits, spaces, . _ / -")]
Email = Annotated[str, _text(r"[^@\s]+@[^@\s]+\.[^@\s]+", "use an e-mail address that somebody reads")]
RoleArn = Annotated[
    str, _text(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+", "use arn:aws:iam::<account>:role/<name>")
]
PrincipalArn = Annotated[
    str,
    _text(r"arn:aws[a-z-]*:iam::\d{12}:(role|user)/[\w+=,.@/-]+", "use arn:aws:iam::<account>:role/<name> or user/<name>"),
]
SecretArn = Annotated[
    str,
    _text(r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+", "use the ARN of a Secrets Manager secret"),
]
KeyArn = Annotated[str, _text(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[\w-]+", "use the ARN of a KMS key")]
BucketArn = Annotated[str, _text(r"arn:aws[a-z-]*:s3:::[a-z0-9.-]{3,63}", "use arn:aws:s3:::<bucket>")]
VpcId = Annotated[str, _text(r"vpc-[0-9a-f]{8,17}", "use the id of a VPC, vpc- and hexadecimal digits")]
SubnetId = Annotated[str, _text(r"subnet-[0-9a-f]{8,17}", "use the id of a subnet, subnet- and hexadecimal digits")]
SecurityGroupId = Annotated[
    str, _text(r"sg-[0-9a-f]{8,17}", "use the id of a security group, sg- and hexadecimal digits")
]
ReservationId = Annotated[str, _text(r"cr-[0-9a-f]{8,17}", "use the id of a capacity reservation, cr- and hexadecimal digits")]
InstanceTypeName = Annotated[
    str, _text(r"[a-z0-9-]+\.[a-z0-9-]+", "use an EC2 instance type such as g6e.12xlarge")
]
Zone = Annotated[str, _text(r"[a-z]{2}-[a-z]+-\d[a-f]", "use a zone such as us-east-1a")]
Version = Annotated[str, _text(r"\d+\.\d+", "use a minor version such as \"1.35\", in quotes")]
Cidr = Annotated[str, AfterValidator(_network)]
ImageReference = Annotated[
    str,
    _text(
        r"[a-z0-9.-]+(:\d+)?(/[a-z0-9._-]+)+(:(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})",
        "name registry, repository and an exact tag or digest, never latest",
    ),
]
ChartMirror = Annotated[str, _text(r"oci://\S+|/\S+|\./\S+", "use oci://<registry>/<path>, or the path of a folder")]
Duration = Annotated[str, _text(r"Never|(\d+h)?(\d+m)?(\d+s)?(?<=.)", "use hours, minutes, seconds such as 1h30m, or Never")]
Percentage = Annotated[str, _text(r"(100|[1-9]?\d)%|\d+", "use a number of nodes, or a share such as 10%")]
LabelKey = Annotated[
    str,
    _text(r"([a-z0-9.-]+/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?", "use a Kubernetes label key such as team or example.com/team"),
]
LabelValue = Annotated[
    str, _text(r"([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?", "use at most 63 letters, digits, . _ -")
]
TagValue = Annotated[str, _text(r"[\w .:/=+@-]{1,256}", "use 1 to 256 letters, digits, spaces and . : / = + - @ _")]

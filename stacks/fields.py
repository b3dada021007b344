"""Named kinds of text and numbers that stack files use, each with the words that tell what is allowed."""

from __future__ import annotations

import dataclasses
import ipaddress
import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, Strict
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

# RFC 1918, and RFC 6598, which EKS networks use too; the same ranges that components.network accepts.
_PRIVATE = tuple(ipaddress.IPv4Network(n) for n in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"))
_FIRST_ADDRESS = "use a network with its first address and prefix length, such as 10.0.0.0/16"


def refusal(allowed: str) -> PydanticCustomError:
    """Return the error of a value that does not fit: `allowed` says what does, and what to change."""
    return PydanticCustomError("format", "{allowed}", {"allowed": allowed})


@dataclasses.dataclass(frozen=True)
class Text:
    """Text that fits a pattern as a whole. ASCII only: a digit or letter of another script is not meant."""

    pattern: str
    allowed: str
    """What fits, in words, for the message."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check after whatever else the field checks."""
        compiled = re.compile(self.pattern, re.ASCII)

        def check(value: str) -> str:
            if not compiled.fullmatch(value):
                raise refusal(self.allowed)
            return value

        return core_schema.no_info_after_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Give the pattern to editors."""
        return {**handler(schema), "pattern": f"^(?:{self.pattern})$"}


def _network(value: str) -> str:
    try:
        network = ipaddress.IPv4Network(value)
    except ValueError:
        raise refusal(_FIRST_ADDRESS) from None
    if not any(network.subnet_of(private) for private in _PRIVATE):
        raise refusal(f"use a private network: inside {', '.join(map(str, _PRIVATE))}")
    return value


Whole = Annotated[int, Strict()]
"""A whole number: not a text that looks like one, not true or false."""

Flag = Annotated[bool, Strict()]
"""True or false: not a text or a number that stands for it."""

Amount = Annotated[float, Strict()]
"""An amount of money: a number, not a text that looks like one."""

Days = Annotated[int, Strict(), Field(ge=1, le=3653)]
"""Days of a retention; which of them AWS has is checked by the component."""

Slug = Annotated[
    str,
    Field(max_length=24),
    Text(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", "use lower-case words joined by dashes, a letter first"),
]
"""A short name that physical names are built from: of buckets, of roles."""

AccountId = Annotated[str, Text(r"\d{12}", "use the twelve digits of the AWS account, in quotes")]
CostCenter = Annotated[str, Text(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,62}", "use 1 to 63 letters, digits, spaces, . _ / -")]
Email = Annotated[
    str,
    Text(
        r"[\w.+-]+@[\w-]+(\.[\w-]+)+",
        "use an e-mail address that somebody reads, of letters, digits and . _ + - only: it is a tag too",
    ),
]
RoleArn = Annotated[
    str, Text(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+", "use arn:aws:iam::<account>:role/<name>")
]
PrincipalArn = Annotated[
    str,
    Text(
        r"arn:aws[a-z-]*:iam::\d{12}:(role|user)/[\w+=,.@/-]+",
        "use arn:aws:iam::<account>:role/<name> or user/<name>",
    ),
]
SecretArn = Annotated[
    str,
    Text(
        r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+",
        "use the ARN of a Secrets Manager secret",
    ),
]
KeyArn = Annotated[str, Text(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[\w-]+", "use the ARN of a KMS key")]
BucketArn = Annotated[str, Text(r"arn:aws[a-z-]*:s3:::[a-z0-9.-]{3,63}", "use arn:aws:s3:::<bucket>")]
VpcId = Annotated[str, Text(r"vpc-[0-9a-f]{8,17}", "use the id of a VPC, vpc- and hexadecimal digits")]
SubnetId = Annotated[str, Text(r"subnet-[0-9a-f]{8,17}", "use the id of a subnet, subnet- and hexadecimal digits")]
SecurityGroupId = Annotated[
    str, Text(r"sg-[0-9a-f]{8,17}", "use the id of a security group, sg- and hexadecimal digits")
]
ReservationId = Annotated[
    str, Text(r"cr-[0-9a-f]{8,17}", "use the id of a capacity reservation, cr- and hexadecimal digits")
]
InstanceTypeName = Annotated[str, Text(r"[a-z0-9-]+\.[a-z0-9-]+", "use an EC2 instance type such as g6e.12xlarge")]
DatabaseClass = Annotated[str, Text(r"db\.[a-z0-9]+\.[a-z0-9]+", "use an RDS instance class such as db.t4g.small")]
Zone = Annotated[str, Text(r"[a-z]{2}-[a-z]+-\d[a-f]", "use a zone such as us-east-1a")]
Version = Annotated[str, Text(r"\d+\.\d+", 'use a minor version such as "1.35", in quotes')]
Cidr = Annotated[str, Text(r"\d+(\.\d+){3}/\d+", _FIRST_ADDRESS), AfterValidator(_network)]
ImageReference = Annotated[
    str,
    Text(
        r"[a-z0-9.-]+(:\d+)?(/[a-z0-9._-]+)+(:(?!latest$)[\w.-]+|@sha256:[0-9a-f]{64})",
        "name registry, repository and an exact tag or digest, never latest",
    ),
]
ChartMirror = Annotated[
    str, Text(r"oci://[\w.:/-]+|\.?/[\w./-]+", "use oci://<registry>/<path>, or the path of a folder")
]
Duration = Annotated[
    str, Text(r"Never|(?!$)(\d+h)?(\d+m)?(\d+s)?", "use hours, minutes, seconds such as 1h30m, or Never")
]
Percentage = Annotated[str, Text(r"(100|[1-9]?\d)%|\d+", 'use a number of nodes in quotes, or a share such as "10%"')]
LabelKey = Annotated[
    str,
    Text(
        r"([a-z0-9.-]+/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?",
        "use a Kubernetes label key such as team or example.com/team",
    ),
]
LabelValue = Annotated[str, Text(r"([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?", "use at most 63 letters, digits, . _ -")]
TaintEffect = Annotated[
    str, Text(r"NoSchedule|PreferNoSchedule|NoExecute", "use NoSchedule, PreferNoSchedule or NoExecute")
]
TagValue = Annotated[str, Text(r"[\w .:/=+@-]{1,256}", "use 1 to 256 letters, digits, spaces and . : / = + - @ _")]

"""Log groups and the account's trail."""

from collections.abc import Iterator
from typing import Any

from policies._engine.build import each, rule, some, stack_rule
from policies._engine.keys import own_key
from policies._engine.model import Resource, Stack
from policies._engine.rule import Context, Finding, Outcome, Params, Severity
from policies._engine.values import View
from policies._engine.wire import MalformedValue

GROUP = ("aws:cloudwatch/logGroup:LogGroup",)
TRAIL = ("aws:cloudtrail/trail:Trail",)


@rule(
    "SEC-LOG-001",
    "cloudwatch-loggroup-require-key-and-retention",
    "Log groups have an own key, and a retention is set",
    on=GROUP,
    params=Params,
    severity=Severity.LOW,
    rationale="Logs quote prompts, rows and tokens. An own key can be withdrawn, and what is gone cannot leak later.",
    controls=(
        "checkov:CKV_AWS_158",
        "checkov:CKV_AWS_66",
        "nist-800-53:AU-11",
        "nist-800-53:SC-28(1)",
        "soc2:CC7.2",
        "aisf:AISF-INFRA-05",
    ),
    bad="aws.cloudwatch.LogGroup(name)  # no key, kept for ever",
    remedy=(
        "Name a key whose policy admits CloudWatch Logs, and a number of days.",
        "aws.cloudwatch.LogGroup(name, kms_key_id=key.arn, retention_in_days=90)",
    ),
)
def log_group(group: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
    """How many days is COST-LOG-001's business, which has the bounds of each environment."""
    yield from own_key(group.props, "kmsKeyId", "a key of CloudWatch Logs")
    days = group.props.number("retentionInDays", 0)
    # CloudWatch keeps what it only passes on for two days, whatever is asked for.
    if not days and group.props.at("logGroupClass") != "DELIVERY":
        yield Finding(f"retentionInDays is {group.props.shown('retentionInDays')}: for ever; wanted a number of days")


@stack_rule(
    "SEC-LOG-002",
    "cloudtrail-trail-require-whole-account",
    "CloudTrail records the whole account, encrypted and with digests",
    on=TRAIL,
    params=Params,
    severity=Severity.MEDIUM,
    rationale="What happens in a region without a trail leaves none, and a log without digests can be changed unseen.",
    controls=(
        "fsbp:CloudTrail.1",
        "fsbp:CloudTrail.2",
        "fsbp:CloudTrail.4",
        "checkov:CKV_AWS_35",
        "checkov:CKV_AWS_36",
        "checkov:CKV_AWS_67",
        "nist-800-53:AU-2",
        "nist-800-53:AU-9",
        "nist-800-53:AU-12",
        "soc2:CC7.2",
        "aisf:AISF-DETECT-01",
    ),
    bad="aws.cloudtrail.Trail(name, s3_bucket_name=logs.bucket)  # one region, no key, no digests",
    remedy=(
        "Record all regions, with an own key and log file validation.",
        "aws.cloudtrail.Trail(name, s3_bucket_name=logs.bucket, kms_key_id=key.arn,\n"
        "    is_multi_region_trail=True, enable_log_file_validation=True)",
    ),
)
def account_trail(trail: Resource, stack: Stack, _ctx: Context[Params]) -> Iterator[Outcome]:
    """Key and digests of every trail; one of the stack's trails must see all regions. Stacks without trails rely on
    the account's."""
    yield from each((_key, _digests), lambda check: check(trail))
    if not some(stack.of(*TRAIL), _sees_all):
        yield Finding("no trail of the stack records the management events of all regions; set isMultiRegionTrail")


def _key(trail: Resource) -> Iterator[Outcome]:
    # Of an input that was left out, a preview may say that its output is unknown.
    holder = trail.props if trail.sets("kmsKeyId") else View({})
    yield from own_key(holder, "kmsKeyId", "a key of S3")


def _digests(trail: Resource) -> Iterator[Outcome]:
    if trail.props.at("enableLogFileValidation") is not True:
        shown = trail.props.shown("enableLogFileValidation")
        yield Finding(f"enableLogFileValidation is {shown}; wanted true (the default is false)")


def _sees_all(trail: Resource) -> bool:
    props = trail.props
    on = props.flag("enableLogging", True) and props.flag("includeGlobalServiceEvents", True)
    return props.flag("isMultiRegionTrail") and on and _management_events(props)


def _management_events(props: View) -> bool:
    """Whether a trail records management events, reading and writing; so it does unless selectors say otherwise."""
    basic, advanced = props.sequence("eventSelectors"), props.sequence("advancedEventSelectors")
    return not (len(basic) or len(advanced)) or some(basic, _basic) or some(advanced, _advanced)


def _basic(selector: Any) -> bool:
    view = _object(selector, "eventSelectors")
    return view.flag("includeManagementEvents", True) and view.text("readWriteType", "All") == "All"


def _advanced(selector: Any) -> bool:
    fields = _object(selector, "advancedEventSelectors").sequence("fieldSelectors")
    half = some(fields, lambda field: _object(field, "fieldSelectors").at("field") == "readOnly")
    return not half and some(fields, _of_management)


def _of_management(field: Any) -> bool:
    view = _object(field, "fieldSelectors")
    return view.at("field") == "eventCategory" and some(view.sequence("equals"), lambda value: value == "Management")


def _object(value: Any, where: str) -> View:
    if not isinstance(value, View):
        raise MalformedValue(where, "an object", value)
    return value


RULES = (log_group, account_trail)

"""Cases of the rules on log groups and CloudTrail."""

from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    OTHER,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_BOOL,
    UNKNOWN_LIST,
    Case,
    Spec,
    secret,
    urn,
)

GROUP = "aws:cloudwatch/logGroup:LogGroup"
TRAIL = "aws:cloudtrail/trail:Trail"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"
GOOD = {"kmsKeyId": KEY, "enableLogFileValidation": True, "isMultiRegionTrail": True}
LOCAL = {**GOOD, "isMultiRegionTrail": False}


def group(**props: Any) -> Spec:
    return Spec(GROUP, props)


def trail(**changes: Any) -> Spec:
    return Spec(TRAIL, {**GOOD, **changes})


def advanced(*fields: Any) -> Spec:
    return trail(advancedEventSelectors=[{"fieldSelectors": list(fields)}])


MANAGEMENT = {"field": "eventCategory", "equals": ["Management"]}

CASES = (
    Case("SEC-LOG-001", "both", PASS, (group(kmsKeyId=KEY, retentionInDays=90),)),
    Case("SEC-LOG-001", "secret key id", PASS, (group(kmsKeyId=secret(KEY), retentionInDays=90),)),
    Case("SEC-LOG-001", "for delivery only", PASS, (group(kmsKeyId=KEY, logGroupClass="DELIVERY"),)),
    Case("SEC-LOG-001", "ten years", PASS, (group(kmsKeyId=KEY, retentionInDays=3653),)),
    Case("SEC-LOG-001", "neither", FAIL, (group(name="a"),), "kmsKeyId is unset"),
    Case("SEC-LOG-001", "no key", FAIL, (group(retentionInDays=90),), "wanted a customer managed key"),
    Case("SEC-LOG-001", "no retention", FAIL, (group(kmsKeyId=KEY),), "retentionInDays is unset: for ever"),
    Case("SEC-LOG-001", "for ever", FAIL, (group(kmsKeyId=KEY, retentionInDays=0),), "is 0"),
    Case("SEC-LOG-001", "key unknown, for ever", FAIL, (group(kmsKeyId=UNKNOWN, retentionInDays=0),)),
    Case("SEC-LOG-001", "key of the same stack", OPEN, (group(kmsKeyId=UNKNOWN, retentionInDays=90),)),
    Case("SEC-LOG-001", "retention unknown", OPEN, (group(kmsKeyId=KEY, retentionInDays=UNKNOWN),)),
    Case("SEC-LOG-001", "days are a text", OPEN, (group(kmsKeyId=KEY, retentionInDays="90"),), "a number"),
    Case("SEC-LOG-001", "another type", SKIP, (OTHER,)),
    Case("SEC-LOG-002", "whole account", PASS, (trail(),)),
    Case("SEC-LOG-002", "another trail sees all", PASS, (Spec(TRAIL, LOCAL), Spec(TRAIL, GOOD, "account"))),
    Case(
        "SEC-LOG-002",
        "objects of a bucket beside",
        PASS,
        (trail(eventSelectors=[{"dataResources": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}]}]),),
    ),
    Case("SEC-LOG-002", "management chosen", PASS, (advanced(MANAGEMENT),)),
    Case("SEC-LOG-002", "one region", FAIL, (Spec(TRAIL, LOCAL),), "no trail of the stack records"),
    Case("SEC-LOG-002", "defaults", FAIL, (Spec(TRAIL, {"s3BucketName": "logs"}),), "enableLogFileValidation is unset"),
    Case("SEC-LOG-002", "no key", FAIL, (trail(kmsKeyId=None),), "kmsKeyId is unset"),
    Case("SEC-LOG-002", "no key in a preview", FAIL, (trail(kmsKeyId=UNKNOWN),), "kmsKeyId is unset"),
    Case("SEC-LOG-002", "key of AWS", FAIL, (trail(kmsKeyId="alias/aws/s3"),)),
    Case("SEC-LOG-002", "no digests", FAIL, (trail(enableLogFileValidation=False),)),
    Case("SEC-LOG-002", "switched off", FAIL, (trail(enableLogging=False),), "no trail of the stack"),
    Case("SEC-LOG-002", "without IAM", FAIL, (trail(includeGlobalServiceEvents=False),)),
    Case("SEC-LOG-002", "writes only", FAIL, (trail(eventSelectors=[{"readWriteType": "WriteOnly"}]),)),
    Case("SEC-LOG-002", "no management events", FAIL, (trail(eventSelectors=[{"includeManagementEvents": False}]),)),
    Case("SEC-LOG-002", "data chosen", FAIL, (advanced({"field": "eventCategory", "equals": ["Data"]}),)),
    Case("SEC-LOG-002", "reads chosen", FAIL, (advanced(MANAGEMENT, {"field": "readOnly", "equals": ["true"]}),)),
    Case(
        "SEC-LOG-002",
        "key of the same stack",
        OPEN,
        (Spec(TRAIL, {**GOOD, "kmsKeyId": UNKNOWN}, depends={"kmsKeyId": [urn("aws:kms/key:Key", "logs")]}),),
    ),
    Case("SEC-LOG-002", "regions unknown", OPEN, (trail(isMultiRegionTrail=UNKNOWN_BOOL),)),
    Case("SEC-LOG-002", "digests unknown", OPEN, (trail(enableLogFileValidation=UNKNOWN_BOOL),)),
    Case("SEC-LOG-002", "selectors unknown", OPEN, (trail(eventSelectors=UNKNOWN_LIST),)),
    Case("SEC-LOG-002", "selector is a text", OPEN, (trail(eventSelectors=["all"]),), "an object was expected"),
    Case("SEC-LOG-002", "another type", SKIP, (OTHER,)),
)

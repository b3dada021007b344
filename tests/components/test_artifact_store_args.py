"""What `ArtifactStore` refuses before anything is created, and the lifecycle rules that its ages become."""

from typing import Any

import pytest

from components._core.args import ArgsError
from components._core.durability import Durability
from components.artifact_store import ArtifactStoreArgs, BucketPurpose, LockMode, ReplicationArgs, TierArgs
from components.artifact_store.lifecycle import DEFAULTS, Schedule, rules
from tests.graph import ACCOUNT

KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/artifacts"
DATASETS, MODELS, FEATURES, LOGS = BucketPurpose


def args(**overrides: Any) -> ArtifactStoreArgs:
    given = {"bucket_prefix": "acme-ml-dev", "account_id": ACCOUNT, "region": "us-east-1", "key_arn": KEY}
    return ArtifactStoreArgs(**{**given, **overrides})


def copy(purpose: BucketPurpose) -> ReplicationArgs:
    return ReplicationArgs(purpose=purpose, destination_bucket_arn="arn:aws:s3:::copies", destination_key_arn=KEY)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            {"bucket_prefix": "Acme_ML"},
            "bucket_prefix: 'Acme_ML' cannot begin a bucket name; "
            "use lower-case letters and digits joined by single dashes",
        ),
        (
            {"bucket_prefix": "amzn-s3-demo-x"},
            "bucket_prefix: 'amzn-s3-demo-x' begins like names that S3 keeps for itself "
            "(sthree-, amzn-s3-demo-); begin it differently",
        ),
        (
            {"bucket_prefix": "a" * 42},
            f"bucket_prefix: '{'a' * 42}' makes bucket names of 64 characters "
            f"({'a' * 42}-datasets-<account>), at most 63 are allowed; use a prefix of 41 characters or fewer",
        ),
        ({"account_id": "1234"}, "account_id: '1234' is not an AWS account; use its 12 digits"),
        (
            {"purposes": [MODELS]},
            "purposes: models is without logs, where the other buckets log their requests; add it",
        ),
        (
            {"purposes": [MODELS, LOGS, MODELS]},
            "purposes: models, logs, models names one twice; name each purpose once",
        ),
        (
            {"purposes": [DATASETS, LOGS], "object_lock_days": 30},
            "object_lock_days: is set, but there is no models bucket to lock; add models to purposes or leave it out",
        ),
        ({"object_lock_days": 0}, "object_lock_days: 0 is outside 1 to 36500 days; choose a value inside"),
        ({"release_lock_days": 36501}, "release_lock_days: 36501 is outside 1 to 36500 days; choose a value inside"),
        (
            {"object_lock_mode": LockMode.COMPLIANCE, "durability": Durability.EPHEMERAL},
            "object_lock_mode: compliance lets nobody delete a locked model, and ephemeral buckets go with their "
            "stack; use governance, or durability standard or protected",
        ),
        (
            {"tiers": [TierArgs(purpose=LOGS, infrequent_access_days=29)]},
            "tiers[0].infrequent_access_days: 29 is outside 30 to 36500 days; choose a value inside",
        ),
        (
            {"tiers": [TierArgs(purpose=LOGS, infrequent_access_days=30, archive_days=59)]},
            "tiers[0].archive_days: 59 is less than 30 days after infrequent_access_days 30; use 60 or more",
        ),
        (
            {"tiers": [TierArgs(purpose=LOGS, archive_days=90, expire_days=90)]},
            "tiers[0].expire_days: 90 is outside 91 to 36500 days; choose a value inside",
        ),
        (
            {"tiers": [TierArgs(purpose=MODELS, intelligent_tiering_days=0, archive_days=90)]},
            "tiers[0].intelligent_tiering_days: is set beside infrequent_access_days or archive_days, "
            "and Intelligent-Tiering moves objects by itself; leave out one of the two",
        ),
        (
            {"tiers": [TierArgs(purpose=MODELS, noncurrent_days=0)]},
            "tiers[0].noncurrent_days: 0 is outside 1 to 36500 days; choose a value inside",
        ),
        (
            {"tiers": [TierArgs(purpose=MODELS), TierArgs(purpose=MODELS)]},
            "tiers[1].purpose: models is given twice; give each purpose once",
        ),
        (
            {"purposes": [MODELS, LOGS], "tiers": [TierArgs(purpose=FEATURES)]},
            "tiers[0].purpose: features has no bucket; use one of models, logs",
        ),
        (
            {"replication": [copy(LOGS)]},
            "replication[0].purpose: logs is not replicated; each bucket's copy has access logs of its own",
        ),
        (
            {"replication": [copy(MODELS), copy(MODELS)]},
            "replication[1].purpose: models is given twice; give each purpose once",
        ),
        (
            {"purposes": [MODELS, LOGS], "replication": [copy(DATASETS)]},
            "replication[0].purpose: datasets has no bucket; use one of models, logs",
        ),
    ],
)
def test_artifact_store_args_fail_with_what_s3_or_sense_forbids(overrides: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgsError) as caught:
        args(**overrides)
    assert str(caught.value) == message


def test_artifact_store_args_accept_the_longest_prefix_for_the_purposes_asked_for() -> None:
    assert args(bucket_prefix="a" * 41).wanted() == list(BucketPurpose)
    assert args(bucket_prefix="a" * 43, purposes=[MODELS, LOGS]).wanted() == [MODELS, LOGS]


def test_artifact_store_args_given_tiers_replace_the_whole_default_of_their_purpose_only() -> None:
    given = args(tiers=[TierArgs(purpose=DATASETS, archive_days=120)])
    assert given.schedule(DATASETS) == Schedule(noncurrent_days=30, archive_days=120)
    assert given.schedule(MODELS) == DEFAULTS["models"]


def test_lifecycle_rules_always_clean_up_uploads_versions_and_markers() -> None:
    assert rules(Schedule(noncurrent_days=12)) == [
        {
            "id": "housekeeping",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
            "noncurrent_version_expiration": {"noncurrent_days": 12},
            "expiration": {"expired_object_delete_marker": True},
        }
    ]


def test_lifecycle_rules_move_objects_from_class_to_class_and_end_them() -> None:
    schedule = Schedule(noncurrent_days=12, infrequent_access_days=30, archive_days=90, expire_days=400)
    assert rules(schedule)[1:] == [
        {
            "id": "ages",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "transitions": [
                {"days": 30, "storage_class": "STANDARD_IA"},
                {"days": 90, "storage_class": "GLACIER_IR"},
            ],
            "expiration": {"days": 400},
        }
    ]


def test_lifecycle_rules_keep_an_age_of_zero_days() -> None:
    (_, ages) = rules(Schedule(noncurrent_days=12, intelligent_tiering_days=0))
    assert ages["transitions"] == [{"days": 0, "storage_class": "INTELLIGENT_TIERING"}]


def test_lifecycle_defaults_exist_for_every_purpose_and_end_no_data() -> None:
    assert DEFAULTS.keys() == {p.value for p in BucketPurpose}
    assert [name for name, schedule in DEFAULTS.items() if schedule.expire_days is not None] == ["logs"]

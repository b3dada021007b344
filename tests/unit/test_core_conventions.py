"""Names, tags and labels; what a durability means; policy documents."""

import json
from typing import Any

import pulumi
import pytest

from components._core import conventions, policy_documents
from components._core.durability import Durability, rules, stateful
from tests.graph import record

# -- names, tags, labels ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a", "data", "data-1", "a1-b2-c3", "x" * 40])
def test_check_logical_kebab_case_is_accepted(name: str) -> None:
    assert conventions.check_logical(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "A", "1a", "a_b", "a--b", "-a", "a-", "a b", "a.b", "ä", "x" * 41, "data\n", "a\nb", "datа"],
)
def test_check_logical_anything_else_is_refused_whole(name: str) -> None:
    with pytest.raises(
        ValueError, match="is not a logical name; use lower-case words joined by dashes, at most 40"
    ) as e:
        conventions.check_logical(name)
    assert "\n" not in str(e.value)


def test_limits_leave_room_for_what_is_appended() -> None:
    # The engine appends a dash and seven characters, and a role's name may have 64.
    assert conventions.LIMITS["logical"] + 8 <= conventions.LIMITS["iam_role"]
    assert conventions.LIMITS["helm_release"] < conventions.LIMITS["kubernetes_label"]


def test_child_is_component_and_role() -> None:
    assert conventions.child("store", "bucket") == "store-bucket"


def test_default_tags_are_the_required_ones() -> None:
    tags = conventions.default_tags("dev", "ml@example.com", "ml-1", "mlp")
    assert tuple(tags) == conventions.REQUIRED_TAGS
    assert tags["managed-by"] == "pulumi"
    assert tags["cost-center"] == "ml-1"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("store",), {"component": "store"}),
        (("store", {"team": "a"}), {"component": "store", "team": "a"}),
        (("store", None, "model"), {"component": "store", "data-class": "model"}),
        (("store", {"component": "mine"}, "model"), {"component": "mine", "data-class": "model"}),
    ],
)
def test_tags_table(arguments: tuple[Any, ...], expected: dict[str, str]) -> None:
    assert conventions.tags(*arguments) == expected


def test_labels_are_the_recommended_ones() -> None:
    assert conventions.labels("monitoring", "grafana", {"team": "a"}) == {
        "app.kubernetes.io/name": "grafana",
        "app.kubernetes.io/component": "monitoring",
        "app.kubernetes.io/part-of": "mlops-blueprints",
        "app.kubernetes.io/managed-by": "pulumi",
        "team": "a",
    }


# -- durability ---------------------------------------------------------------------------------------------------


def test_rules_nothing_said_is_the_safe_one() -> None:
    assert rules(None) == rules(Durability.PROTECTED)


def test_rules_ephemeral_leaves_nothing_behind() -> None:
    found = rules(Durability.EPHEMERAL)
    assert found.force_destroy
    assert not any((found.protect, found.retain_on_delete, found.deletion_protection, found.final_snapshot))
    assert found.secret_recovery_window_days == 0


def test_rules_standard_can_be_destroyed_and_keeps_a_snapshot() -> None:
    found = rules(Durability.STANDARD)
    assert found.final_snapshot
    assert not any((found.protect, found.deletion_protection, found.force_destroy))


def test_rules_protected_refuses_to_lose_anything() -> None:
    found = rules(Durability.PROTECTED)
    assert all((found.protect, found.retain_on_delete, found.deletion_protection, found.final_snapshot))
    assert found.multi_az
    assert not found.force_destroy


def test_rules_each_keeps_data_at_least_as_long_as_the_one_before() -> None:
    found = [rules(d) for d in Durability]
    for field in ("backup_retention_days", "key_deletion_window_days", "secret_recovery_window_days"):
        values = [getattr(r, field) for r in found]
        assert values == sorted(values)


@pytest.mark.parametrize("durability", list(Durability))
def test_rules_stay_within_what_aws_allows(durability: Durability) -> None:
    found = rules(durability)
    assert 1 <= found.backup_retention_days <= 35
    assert 7 <= found.key_deletion_window_days <= 30
    assert found.secret_recovery_window_days == 0 or 7 <= found.secret_recovery_window_days <= 30


@pytest.mark.parametrize(
    ("durability", "kept"),
    [(Durability.EPHEMERAL, False), (Durability.STANDARD, False), (Durability.PROTECTED, True), (None, True)],
)
def test_stateful_options_follow(durability: Durability | None, kept: bool) -> None:
    found = stateful(durability)
    assert (found.protect, found.retain_on_delete) == (kept, kept)


# -- policy documents ---------------------------------------------------------------------------------------------


def test_statement_says_only_what_was_given() -> None:
    assert policy_documents.statement("Read", ["s3:GetObject"], "arn:aws:s3:::a/*") == {
        "Sid": "Read",
        "Effect": "Allow",
        "Action": ["s3:GetObject"],
        "Resource": "arn:aws:s3:::a/*",
    }


def test_statement_all_parts_are_kept() -> None:
    found = policy_documents.statement(
        "Tls",
        ("s3:*",),
        ["a", "b"],
        effect="Deny",
        principals={"AWS": "*"},
        conditions={"Bool": {"aws:SecureTransport": "false"}},
    )
    assert found == {
        "Sid": "Tls",
        "Effect": "Deny",
        "Action": ["s3:*"],
        "Principal": {"AWS": "*"},
        "Resource": ["a", "b"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def test_to_json_late_values_are_resolved_and_keys_sorted() -> None:
    def program() -> pulumi.Output[str]:
        arn = pulumi.Output.from_input("arn:aws:s3:::late")
        statement = policy_documents.statement("Read", ["s3:GetObject"], [arn, pulumi.Output.concat(arn, "/*")])
        return policy_documents.to_json(policy_documents.document(statement))

    text = record(program).result
    assert json.loads(text) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Read",
                "Effect": "Allow",
                "Action": ["s3:GetObject"],
                "Resource": ["arn:aws:s3:::late", "arn:aws:s3:::late/*"],
            }
        ],
    }
    assert text.startswith('{"Statement": [{"Action": ')


def test_pod_identity_trust_lets_pods_take_the_role() -> None:
    (statement,) = json.loads(policy_documents.pod_identity_trust())["Statement"]
    assert statement == {
        "Sid": "Trust",
        "Effect": "Allow",
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Principal": {"Service": "pods.eks.amazonaws.com"},
    }


def test_service_trust_names_one_service() -> None:
    (statement,) = json.loads(policy_documents.service_trust("ec2.amazonaws.com"))["Statement"]
    assert statement["Principal"] == {"Service": "ec2.amazonaws.com"}
    assert statement["Action"] == ["sts:AssumeRole"]
    assert "Resource" not in statement

"""Profiles: complete and valid, or refused with everything that is wrong."""

from pathlib import Path

import pytest

from policies._engine import profiles
from policies._engine.profiles import Level, ProfileError
from policies.cost.pack import PACK

HEAD = "name: own\ndescription: A profile of a test.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in profiles.FOLDER.glob("*.yaml"):
        (tmp_path / path.name).write_text(path.read_text())
    return tmp_path


def load(folder: Path, text: str) -> profiles.Profile:
    (folder / "own.yaml").write_text(HEAD + text)
    return profiles.load("own", PACK, folder)


def refused(folder: Path, text: str) -> str:
    with pytest.raises(ProfileError) as caught:
        load(folder, text)
    return str(caught.value)


def test_profile_extending_another_overrides_single_rules(folder: Path) -> None:
    profile = load(folder, "extends: baseline\nrules:\n  COST-EC2-001: mandatory\n")
    assert profile.levels["COST-EC2-001"] is Level.MANDATORY
    assert profile.levels["COST-S3-001"] is Level.ADVISORY
    assert set(profile.levels) == set(profile.params) == set(PACK.by_id)


def test_profile_bare_level_keeps_inherited_parameters(folder: Path) -> None:
    profile = load(folder, "extends: baseline\nrules:\n  COST-LOG-001: mandatory\n")
    assert profile.levels["COST-LOG-001"] is Level.MANDATORY
    assert profile.params["COST-LOG-001"] == profiles.load("baseline", PACK).params["COST-LOG-001"]


def test_profile_level_may_differ_by_environment_until_a_bare_level_is_given(folder: Path) -> None:
    rule = "rules:\n  COST-LOG-001:\n    level: mandatory\n    environments: {stage: advisory, sandbox: disabled}\n"
    profile = load(folder, f"extends: baseline\n{rule}")
    wanted = {
        "staging": Level.ADVISORY,
        "sandbox": Level.DISABLED,
        "production": Level.MANDATORY,
        None: Level.MANDATORY,
    }
    assert {name: profile.level("COST-LOG-001", name) for name in wanted} == wanted
    (folder / "middle.yaml").write_text(HEAD.replace("name: own", "name: middle") + f"extends: baseline\n{rule}")
    bare = load(folder, "extends: middle\nrules:\n  COST-LOG-001: advisory\n")
    assert bare.level("COST-LOG-001", "sandbox") is Level.ADVISORY
    assert "environments.staging" in refused(
        folder, "extends: baseline\n" + rule.replace("stage: advisory", "staging: no")
    )


def test_profile_budget_stops_production_and_warns_elsewhere() -> None:
    levels = {
        environment: profiles.load(profiles.for_environment(environment), PACK).level("COST-BUD-002", environment)
        for environment in ("sandbox", "development", "staging", "production")
    }
    assert levels.pop("production") is Level.MANDATORY
    assert set(levels.values()) == {Level.ADVISORY}


def test_profile_default_is_the_level_of_unnamed_rules(folder: Path) -> None:
    profile = load(folder, "default: advisory\nrules:\n  COST-TAG-001: disabled\n")
    assert profile.levels["COST-GPU-001"] is Level.ADVISORY
    assert profile.levels["COST-TAG-001"] is Level.DISABLED


def test_profile_never_inherits_exemptions(folder: Path) -> None:
    base = folder / "baseline.yaml"
    base.write_text(base.read_text().replace("exemptions: []", "exemptions: [broken]"))
    assert len(profiles.load("baseline", PACK, folder).faults) == 1
    assert load(folder, "extends: baseline\n").faults == ()


def test_profile_file_elsewhere_is_named_by_its_path(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "team.yml"
    path.write_text(HEAD + "default: advisory\n")
    assert profiles.load(str(path), PACK, folder).name == "own"


def test_profile_environment_names_are_normalised(folder: Path) -> None:
    days = "{maximum_days: {default: 30, Prod: 90}}"
    text = f"extends: baseline\nrules:\n  COST-LOG-001: {{level: advisory, params: {days}}}\n"
    params = load(folder, text).params["COST-LOG-001"].model_dump()
    assert params["maximum_days"] == {"default": 30, "production": 90}


def test_profile_wrong_in_several_ways_names_them_all(folder: Path) -> None:
    text = refused(
        folder,
        "rules:\n"
        "  COST-XXX-001: mandatory\n"
        "  COST-TAG-001: {level: mandatory, params: {requird: [a]}}\n"
        "  COST-LOG-001: {level: mandatory, params: {maximum_days: {default: 31}}}\n",
    )
    assert "profile own: rules.COST-XXX-001: pack mlops-cost has no such rule" in text
    assert "rules.COST-TAG-001.params.requird: Extra inputs are not permitted" in text
    assert "31 is not a period of CloudWatch Logs" in text
    assert "rules.COST-GPU-001: not set" in text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("rules:\n  COST-TAG-001: blocking\n", "rules.COST-TAG-001"),
        ("rules:\n  COST-TAG-001: mandatory\n  COST-TAG-001: disabled\n", "key COST-TAG-001 is given twice"),
        ("rule: {}\n", "rule: Extra inputs are not permitted"),
        ("rules: [\n", "not valid YAML"),
        ("extends: own\n", "extends itself"),
        ("extends: nowhere\n", "no such file; use one of baseline, development, own, regulated"),
        (
            "default: advisory\nrules:\n  COST-LOG-001:\n    level: advisory\n"
            "    params: {maximum_days: {production: 30}}\n",
            "an entry named default is missing",
        ),
        (
            "default: advisory\nrules:\n  COST-LOG-001:\n    level: advisory\n"
            "    params: {minimum_days: {default: 1, production: 365}, maximum_days: {default: 30}}\n",
            "production: the minimum of 365 days is above the maximum of 30",
        ),
    ],
)
def test_profile_broken_is_refused(folder: Path, text: str, says: str) -> None:
    assert says in refused(folder, text)


def test_profile_without_content_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("")
    with pytest.raises(ProfileError, match="profile own"):
        profiles.load("own", PACK, tmp_path)


def test_profile_impossible_date_makes_an_exemption_malformed_not_the_file(folder: Path) -> None:
    rest = "urn: 'urn:pulumi:*::*::a:b:C::d', owner: me, reason: long enough, ticket: T-1"
    entry = f"{{rule: COST-TAG-001, {rest}, expires: %s}}"
    profile = load(folder, f"extends: baseline\nexemptions:\n  - {entry % '2026-02-31'}\n  - {entry % '2026-12-31'}\n")
    assert next(fault.message for fault in profile.faults).startswith("exemptions[0] is malformed: expires")
    assert [str(item.expires) for item in profile.exemptions] == ["2026-12-31"]


def test_profile_regulated_keeps_production_logs_a_year() -> None:
    params = profiles.load("regulated", PACK).params["COST-LOG-001"].model_dump()
    assert params["minimum_days"]["production"] >= 365

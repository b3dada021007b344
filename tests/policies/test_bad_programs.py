"""The bad programs under the baseline profile: exactly the findings of the files beside them, alone and together."""

from __future__ import annotations

import pytest

from policies._engine.environments import ALIASES
from tests.policies import bad_programs as bad
from tests.policies.build import RULES

PROGRAMS = bad.programs()


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_program_has_the_findings_that_its_file_lists(program: bad.Program) -> None:
    assert bad.find_alone(program) == bad.read(program.file), "see `python -m tests.policies.bad_programs`"


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_program_is_a_story_with_an_environment(program: bad.Program) -> None:
    assert program.environment in ALIASES.values()
    assert program.tags["environment"] == program.environment
    assert len(program.story) > 100


@pytest.fixture(scope="module")
def together() -> dict[str, list[bad.Found]]:
    return bad.split(bad.find(bad.run_all, None), PROGRAMS)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_program_has_the_same_findings_in_company(together: dict[str, list[bad.Found]], program: bad.Program) -> None:
    assert together[program.name] == [one for one in bad.read(program.file) if one.name]


def test_all_programs_together_have_the_findings_of_their_file(together: dict[str, list[bad.Found]]) -> None:
    assert together["stack"] == bad.read(bad.TOGETHER)


def test_every_file_belongs_to_a_program_and_is_as_it_would_be_written() -> None:
    files = {program.file: program.name for program in PROGRAMS}
    assert set(bad.FOLDER.glob("*.yaml")) == {*files, bad.TOGETHER}
    for path in (*files, bad.TOGETHER):
        heading = path.read_text().split("\n", 1)[0].removeprefix("# ")
        assert bad.render(bad.read(path), heading) == path.read_text(), path.name


def test_programs_trip_most_rules() -> None:
    tripped = {one.rule for program in PROGRAMS for one in bad.read(program.file) if one.verdict == "fail"}
    assert len(PROGRAMS) >= 12
    assert 3 * len(tripped) >= 2 * len(RULES), sorted(RULES.keys() - tripped)

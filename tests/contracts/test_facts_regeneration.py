"""The instance-type facts equal their sources, and the tool that says so says it when they do not."""

import copy
import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tools import refresh_instance_facts as refresh


@pytest.fixture(scope="module")
def manual() -> dict[str, Any]:
    return refresh.load_manual()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    copied = tmp_path / refresh.TARGET.name
    copied.write_bytes(refresh.TARGET.read_bytes())
    return copied


def edit(target: Path, name: str, field: str, value: object) -> None:
    data = json.loads(target.read_text())
    data["types"][name][field] = value
    target.write_text(json.dumps(data))


def test_check_committed_facts_equal_their_sources(capsys: pytest.CaptureFixture[str]) -> None:
    assert refresh.main(["--check"]) == 0, capsys.readouterr().out


def test_build_twice_gives_the_same_text(manual: dict[str, Any]) -> None:
    assert refresh.render(refresh.build(manual)) == refresh.render(refresh.build(refresh.load_manual()))


def test_check_changed_fact_fails_and_names_it(target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(target, "p5.48xlarge", "efa", {"supported": True, "max_interfaces": 16})
    assert refresh.main(["--check"], target) == 1
    out = capsys.readouterr()
    assert "types p5.48xlarge efa max_interfaces: 16 in the file, 32 in the sources" in out.out
    assert "1 facts moved" in out.err


def test_check_redated_source_fails_and_names_it(target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = json.loads(target.read_text())
    data["sources"][0]["version"] = "5.0.0"
    target.write_text(json.dumps(data))
    assert refresh.main(["--check"], target) == 1
    assert f'sources 0 version: "5.0.0" in the file, "{version("moto")}"' in capsys.readouterr().out


def test_check_removed_type_fails_and_names_it(target: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = json.loads(target.read_text())
    del data["types"]["g5.xlarge"]
    target.write_text(json.dumps(data))
    assert refresh.main(["--check"], target) == 1
    assert "types g5.xlarge vcpu: (absent) in the file, 4 in the sources" in capsys.readouterr().out


def test_check_reformatted_file_fails_without_moved_facts(target: Path) -> None:
    target.write_text(json.dumps(json.loads(target.read_text()), indent=1))
    assert refresh.main(["--check"], target) == 1


def test_check_leaves_the_file_as_it_was(target: Path) -> None:
    edit(target, "m5.large", "vcpu", 3)
    before = target.read_bytes()
    refresh.main(["--check"], target)
    assert target.read_bytes() == before


def test_write_changed_file_is_restored_byte_for_byte(target: Path) -> None:
    edit(target, "m5.large", "vcpu", 3)
    assert refresh.main([], target) == 0
    assert target.read_bytes() == refresh.TARGET.read_bytes()


def test_write_without_a_file_makes_it(tmp_path: Path) -> None:
    assert refresh.main([], tmp_path / "new.json") == 0
    assert (tmp_path / "new.json").read_bytes() == refresh.TARGET.read_bytes()


def test_build_other_moto_is_refused_until_it_is_dated(manual: dict[str, Any]) -> None:
    with pytest.raises(refresh.RefreshError, match=r"moto 9\.9\.9 is installed, .* set moto\.version"):
        refresh.build(manual, installed="9.9.9")


def test_build_correction_of_a_moved_value_is_refused(manual: dict[str, Any]) -> None:
    changed = copy.deepcopy(manual)
    changed["corrections"][0]["was"] = 1
    with pytest.raises(refresh.RefreshError, match=r"trn2\.3xlarge neuron\.memory_mib is 524288, .* 1;"):
        refresh.build(changed)


def test_build_hand_kept_type_that_moto_describes_is_refused(manual: dict[str, Any]) -> None:
    changed = copy.deepcopy(manual)
    changed["types"]["p5.48xlarge"] = changed["types"]["p3.2xlarge"]
    with pytest.raises(refresh.RefreshError, match=r"moto describes p5\.48xlarge now; remove them"):
        refresh.build(changed)


def test_build_family_without_source_is_refused(manual: dict[str, Any]) -> None:
    changed = copy.deepcopy(manual)
    changed["families"].append(["z99"])
    with pytest.raises(refresh.RefreshError, match="no source describes z99"):
        refresh.build(changed)


def test_build_family_with_shared_gpus_is_refused(manual: dict[str, Any]) -> None:
    changed = copy.deepcopy(manual)
    changed["families"].append(["g6f"])
    with pytest.raises(refresh.RefreshError, match=r"g6f\.\w+ has a share of a GPU"):
        refresh.build(changed)


def test_main_source_that_does_not_fit_ends_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> dict[str, Any]:
        raise refresh.RefreshError("moto is not installed")

    monkeypatch.setattr(refresh, "load_manual", broken)
    assert refresh.main(["--check"]) == 1
    assert capsys.readouterr().err == "refresh_instance_facts: moto is not installed\n"


@pytest.mark.parametrize(
    ("performance", "gbps", "up_to"),
    [
        ("Up to 12.5 Gigabit", 12.5, True),
        ("100 Gigabit", 100, False),
        ("4x 100 Gigabit", 400, False),
        ("Moderate", None, False),
    ],
)
def test_network_performance_text_becomes_a_speed(performance: str, gbps: float | None, up_to: bool) -> None:
    described = {
        "NetworkInfo": {
            "NetworkPerformance": performance,
            "DefaultNetworkCardIndex": 0,
            "MaximumNetworkCards": 1,
            "NetworkCards": [{"MaximumNetworkInterfaces": 4}],
            "Ipv4AddressesPerInterface": 15,
            "EfaSupported": False,
        }
    }
    found = refresh._network(described)
    assert (found["network_gbps"], found["network_up_to"]) == (gbps, up_to)

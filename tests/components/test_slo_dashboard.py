"""The dashboard: its shape, its expressions run through promtool, and that every metric is one that is recorded."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from components.slo import dashboard, rules
from tests.components.test_monitoring_dashboards import metrics_of
from tests.components.test_slo_args import ALL
from tests.tools import promtool

BOARD = dashboard.dashboard()
RECORDED = {
    r["record"]: r
    for group in [*map(rules.group, ALL), rules.freeze_group(ALL)]
    for r in group["rules"]
    if "record" in r
}


def targets() -> Iterator[tuple[str, dict[str, Any]]]:
    for panel in BOARD["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target


def test_dashboard_uses_only_what_the_rules_record() -> None:
    unknown = {title: metrics_of(t["expr"]) - RECORDED.keys() - {"ALERTS"} for title, t in targets()}
    assert {title: names for title, names in unknown.items() if names} == {}


def test_dashboard_shows_what_the_component_promises() -> None:
    text = " ".join(t["expr"] for _, t in targets())
    for metric in (
        rules.REMAINING,
        rules.FREEZE,
        rules.ratio("1h"),
        rules.ratio("6h"),
        rules.ratio("3d"),
        rules.EVENTS,
    ):
        assert metric in text, metric


def test_dashboard_expressions_are_promql(tmp_path: Path) -> None:
    records = [{"record": f"check:panel{i}", "expr": t["expr"]} for i, (_, t) in enumerate(targets())]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": records}]}))
    command = [str(promtool()), "check", "rules", "--lint=none", "rules.yaml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_dashboard_expressions_have_values_for_each_objective(tmp_path: Path) -> None:
    """What joins by labels that a rule does not set would be an empty panel."""
    groups = [*map(rules.group, ALL), rules.freeze_group(ALL)]
    checks = []
    for _, target in targets():
        shown = len(ALL) if target["legendFormat"].startswith("{{slo}}") else 1
        sample = {"labels": "{}", "value": shown}
        expr = f"count({target['expr'].replace('$slo', '.*')})"
        checks.append({"expr": expr, "eval_time": "20m", "exp_samples": [sample]})
    series = {
        'requests_total{app="ranker", code="200"}': "0+60x20",
        'answer_seconds_count{app="ranker"}': "0+60x20",
        'answer_seconds_bucket{app="ranker", le="0.1"}': "0+60x20",
        'feature_made_seconds{view="clicks"}': "0x20",
        'model_auc{model="ranker"}': "0.9x20",
    }
    test = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": checks,
    }
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": groups}))
    content = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": [test]}
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump(content))
    command = [str(promtool()), "test", "rules", "tests.yaml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_dashboard_panels_have_their_own_number_source_expression_and_place() -> None:
    shown = BOARD["panels"]
    assert [p["id"] for p in shown] == list(range(1, len(shown) + 1))
    assert len({p["title"] for p in shown}) == len(shown)
    taken: set[tuple[int, int]] = set()
    for panel in shown:
        assert panel["datasource"] == dashboard.SOURCE
        assert panel["targets"], panel["title"]
        for target in panel["targets"]:
            assert target["expr"]
            assert target["datasource"] == dashboard.SOURCE
        assert len({t["refId"] for t in panel["targets"]}) == len(panel["targets"])
        place = panel["gridPos"]
        columns, lines = range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])
        cells = {(x, y) for x in columns for y in lines}
        assert max(x for x, _ in cells) < dashboard.WIDTH
        assert not cells & taken, panel["title"]
        taken |= cells
        steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
        assert steps[0]["value"] is None
        values = [s["value"] for s in steps[1:]]
        assert values == sorted(values)


def test_dashboard_lets_choose_objectives_and_every_panel_of_objectives_follows() -> None:
    (variable,) = BOARD["templating"]["list"]
    assert variable["name"] == "slo"
    metric, label = re.fullmatch(r"label_values\((.+), (.+)\)", variable["definition"]).groups()  # type: ignore[union-attr]
    assert label in RECORDED[metric]["labels"]
    for title, target in targets():
        assert ('slo=~"$slo"' in target["expr"]) is (rules.FREEZE not in target["expr"]), title


def test_dashboard_renders_the_same_text_each_time() -> None:
    assert dashboard.render() == dashboard.render()
    assert BOARD["uid"] == dashboard.UID

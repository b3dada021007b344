"""The dashboards: their shape, their expressions run through promtool, and that every metric is one that exists."""

import datetime
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.monitoring import MonitoredPool, dashboards, panels, rules
from tests.tools import promtool

BOARDS = dashboards.all_dashboards("mlflow", "argo")
GROUPS = rules.groups([MonitoredPool(name="l4", gpu_price_usd=1)], 10, "mlflow", "argo")
METRICS = Path(dashboards.__file__).with_name("metrics.yaml")
KEYWORDS = {"and", "or", "unless", "bool", "offset", "by", "on", "without", "ignoring", "group_left", "group_right"}


def board_panels() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, board in BOARDS.items():
        for panel in board["panels"]:
            yield name, panel


def expressions() -> dict[str, str]:
    found = {
        f"{name}/{panel['title']}/{target['refId']}": target["expr"]
        for name, panel in board_panels()
        for target in panel["targets"]
    }
    for group in GROUPS:
        found.update({r.get("alert") or r["record"]: r["expr"] for r in group["rules"]})
    return found


def metrics_of(expr: str) -> set[str]:
    """Names in an expression that are neither labels nor functions nor keywords."""
    bare = re.sub(r'"[^"]*"', '""', expr)
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", bare)
    bare = re.sub(r"\b(by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)", " ", bare)
    words = re.finditer(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(\s*\()?", bare)
    return {w[1] for w in words if not w[2]} - KEYWORDS


def known() -> set[str]:
    sources = yaml.safe_load(METRICS.read_text(encoding="utf-8"))["sources"]
    recorded = {r["record"] for group in GROUPS for r in group["rules"] if "record" in r}
    return {m for source in sources.values() for m in source["metrics"]} | recorded


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("sum by (pool) (a:b:c)", {"a:b:c"}),
        ('1 - avg by (x) (rate(cpu_total{mode="idle"}[5m])) > 0.9', {"cpu_total"}),
        ('up{a="b"} == 0 or absent(down) and on (x, y) other', {"up", "down", "other"}),
        ("histogram_quantile(0.95, sum by (le) (rate(d_bucket[5m])))", {"d_bucket"}),
    ],
)
def test_metrics_of_finds_the_metrics_of_an_expression(expr: str, expected: set[str]) -> None:
    assert metrics_of(expr) == expected


def test_expressions_use_only_metrics_of_the_dated_list() -> None:
    unknown = {where: metrics_of(expr) - known() for where, expr in expressions().items()}
    assert {where: names for where, names in unknown.items() if names} == {}


def test_dated_list_has_no_metric_that_nothing_uses() -> None:
    used = {name for expr in expressions().values() for name in metrics_of(expr)}
    assert known() - used == set()


def test_dated_list_says_where_and_when_it_was_read() -> None:
    data = yaml.safe_load(METRICS.read_text(encoding="utf-8"))
    assert isinstance(data["as_of"], datetime.date)
    assert data["review_by"] > data["as_of"]
    assert all(source["read"] for source in data["sources"].values())


def test_panel_expressions_are_promql(tmp_path: Path) -> None:
    records = [
        {"record": f"check:panel{i}", "expr": target["expr"]}
        for i, (_, panel) in enumerate(board_panels())
        for target in panel["targets"]
    ]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": records}]}))
    command = [str(promtool()), "check", "rules", "--lint=none", "rules.yaml"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", sorted(BOARDS))
def test_dashboard_panels_have_their_own_number_source_expression_and_place(name: str) -> None:
    board = BOARDS[name]
    shown = board["panels"]
    assert len({p["id"] for p in shown}) == len(shown) > 0
    taken: set[tuple[int, int]] = set()
    for panel in shown:
        assert panel["title"]
        assert panel["datasource"] == panels.SOURCE
        assert panel["targets"], panel["title"]
        for target in panel["targets"]:
            assert target["expr"]
            assert target["datasource"] == panels.SOURCE
        assert len({t["refId"] for t in panel["targets"]}) == len(panel["targets"])
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert max(x for x, _ in cells) < panels.WIDTH
        assert not cells & taken, panel["title"]
        taken |= cells


def test_dashboards_cover_what_the_platform_promises() -> None:
    text = " ".join(expr for where, expr in expressions().items() if "/" in where)
    promised = {
        "cpu": "node_cpu_seconds_total",
        "memory": "node_memory_MemAvailable_bytes",
        "gpu use": "mlops:pool_gpu_use:ratio",
        "gpu errors": "DCGM_FI_DEV_XID_ERRORS",
        "pending gpu pods": "kube_pod_status_phase",
        "cost of idle gpus": "mlops:pool_gpus_idle_cost:usd_per_hour",
        "registry": "mlflow_http_request_total",
        "workflows": "argo_workflows_gauge",
    }
    assert {what for what, metric in promised.items() if metric not in text} == set()


def test_dashboards_have_uids_and_titles_of_their_own() -> None:
    assert {name: board["uid"] for name, board in BOARDS.items()} == {name: name for name in BOARDS}
    assert len({board["title"] for board in BOARDS.values()}) == len(BOARDS)


def test_dashboard_same_choice_renders_the_same_text() -> None:
    again = dashboards.all_dashboards("mlflow", "argo")
    assert {n: dashboards.render(b) for n, b in BOARDS.items()} == {n: dashboards.render(b) for n, b in again.items()}


def test_dashboard_fails_when_a_row_is_too_wide() -> None:
    row = [panels.graph(f"p{i}", "up", "{{x}}") for i in range(4)]
    with pytest.raises(ValueError, match="Wide: p3 does not fit, the row has 24 of 24 columns"):
        panels.dashboard("wide", "Wide", [row])

"""The catalogue itself: reading it, looking charts up, and the order in which they are installed.

Pure data and pure functions: nothing here imports Pulumi, reads the network or renders a chart.
"""

import graphlib
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import ValidationError, model_validator

from components._core.catalogue.models import (
    CatalogueError,
    Chart,
    ChartSource,
    Crd,
    Frozen,
    Image,
    Key,
    did_you_mean,
    listed,
)

_FOLDER = Path(__file__).resolve().parent


class Catalogue(Frozen):
    """All charts by key."""

    charts: Mapping[Key, Chart]

    @model_validator(mode="after")
    def _keys_exist(self) -> Self:
        problems = [
            f"{chart.key}: {field} names {other}, which is not in the catalogue"
            for chart in self.charts.values()
            for field in ("needs", "optional_needs", "conflicts")
            for other in getattr(chart, field)
            if other not in self.charts or other == chart.key
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def chart(self, key: str) -> Chart:
        """Return a chart. Errors: `CatalogueError` if there is none of that key."""
        try:
            return self.charts[key]
        except KeyError:
            raise CatalogueError(_unknown_chart(key, self.charts)) from None

    def install_order(self, keys: Iterable[str]) -> list[list[str]]:
        """Return waves of keys: a chart comes after what it needs, charts of one wave are independent.

        Errors: `CatalogueError` naming every unknown key, missing need, conflict and cycle at once.
        """
        selected = sorted(set(keys))
        problems = [_unknown_chart(key, self.charts) for key in selected if key not in self.charts]
        known = [self.charts[key] for key in selected if key in self.charts]
        problems += _missing(known)
        problems += _conflicting(known)
        before = _before(known)
        try:
            waves = _waves(before)
        except graphlib.CycleError:
            problems += _cycles(before)
        if problems:
            raise CatalogueError(listed("these add-ons cannot be installed together", problems))
        return waves


@cache
def load_catalogue() -> Catalogue:
    """Return the catalogue of this library, read once."""
    data = _read(_FOLDER / "charts.yaml")["charts"]
    return parse_catalogue({key: {**entry, **_read(_FOLDER / "keys" / f"{key}.yaml")} for key, entry in data.items()})


def parse_catalogue(entries: Mapping[str, Mapping[str, Any]]) -> Catalogue:
    """Return a catalogue of plain entries by key. Errors: `CatalogueError` with every fault of the data."""
    try:
        return Catalogue.model_validate({"charts": {k: {**e, "key": k} for k, e in entries.items()}})
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, f['loc']))}: {f['msg']}" for f in error.errors()]
        raise CatalogueError(listed("the catalogue is not well-formed", faults)) from None


def chart(key: str) -> Chart:
    """Return a chart of the library's catalogue. Errors: `CatalogueError` if there is none of that key."""
    return load_catalogue().chart(key)


def install_order(keys: Iterable[str]) -> list[list[str]]:
    """Return waves of keys in the order of installation; see `Catalogue.install_order`."""
    return load_catalogue().install_order(keys)


def crds(keys: Iterable[str]) -> list[Crd]:
    """Return the CRDs that these charts bring, sorted by name. Errors: `CatalogueError` on an unknown key."""
    return sorted({c for key in set(keys) for c in chart(key).crds}, key=lambda c: c.name)


def images(keys: Iterable[str]) -> list[Image]:
    """Return the images that these charts pull, for mirroring. Errors: `CatalogueError` on an unknown key."""
    found = {i for key in set(keys) for i in chart(key).images}
    return sorted(found, key=lambda i: (i.repository, i.tag or "", i.switch or ""))


def chart_source(pinned: Chart, mirror: str | None = None) -> ChartSource:
    """Return where a release takes the chart from: upstream, or the mirror if there is one."""
    if mirror is not None:
        return with_mirror(pinned, mirror)
    if pinned.repository.startswith("oci://"):
        return ChartSource(chart=f"{pinned.repository}/{pinned.name}", repo=None)
    return ChartSource(chart=pinned.name, repo=pinned.repository)


def with_mirror(pinned: Chart, mirror: str) -> ChartSource:
    """Return where a mirror holds the chart: `<oci://...>/<name>`, or `<folder>/<name>-<version>.tgz`.

    Errors: `CatalogueError` for anything but an OCI registry and a folder.
    """
    base = mirror.strip().rstrip("/")
    if re.match(r"^oci://[^\s/]", base):
        return ChartSource(chart=f"{base}/{pinned.name}", repo=None)
    if not base or "://" in mirror:
        raise CatalogueError(
            f"chart mirror {mirror!r} is neither an OCI registry nor a folder; "
            "use oci://<registry>/<path>, or the path of a folder of packaged charts"
        )
    return ChartSource(chart=f"{base}/{pinned.name}-{pinned.version}.tgz", repo=None)


def _before(selected: Iterable[Chart]) -> dict[str, list[str]]:
    """Return for each chart the selected ones that come before it."""
    charts = {c.key: c for c in selected}
    return {c.key: [n for n in (*c.needs, *c.optional_needs) if n in charts] for c in charts.values()}


def _waves(before: Mapping[str, Iterable[str]]) -> list[list[str]]:
    sorter = graphlib.TopologicalSorter(before)
    sorter.prepare()
    waves = []
    while sorter.is_active():
        wave = sorter.get_ready()
        waves.append(sorted(wave))
        sorter.done(*wave)
    return waves


def _missing(selected: Iterable[Chart]) -> list[str]:
    charts = {c.key: c for c in selected}
    return [
        f"{c.key} needs {need}, which is not selected; add {need} or remove {c.key}"
        for c in charts.values()
        for need in c.needs
        if need not in charts
    ]


def _conflicting(selected: Iterable[Chart]) -> list[str]:
    charts = {c.key: c for c in selected}
    present = [(c.key, other) for c in charts.values() for other in c.conflicts if other in charts]
    pairs = {(min(pair), max(pair)) for pair in present}
    return [f"{a} conflicts with {b}; remove one of them" for a, b in sorted(pairs)]


def _cycles(before: Mapping[str, Iterable[str]]) -> list[str]:
    # Imported for the message alone: it takes longer than everything else that a program imports from here.
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from((need, key) for key, needs in before.items() for need in needs)
    found = []
    for members in nx.strongly_connected_components(graph):
        if len(members) > 1:
            edges = nx.find_cycle(graph.subgraph(members), min(members))
            # An edge points from the needed chart to the one that needs it; read it the other way round.
            path = [b for _, b in reversed(edges)]
            found.append(f"{' needs '.join([*path, path[0]])}: a cycle; drop one of these needs")
    return sorted(found)


def _unknown_chart(key: str, charts: Iterable[str]) -> str:
    known = sorted(charts)
    return f"{key!r} is not an add-on of the catalogue{did_you_mean(key, known)}; known: {', '.join(known)}"


def _read(path: Path) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # wheels without libyaml exist
    data: dict[str, Any] = yaml.load(path.read_bytes(), Loader=loader)
    return data

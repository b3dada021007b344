"""Places the components of a picture: layers from left to right, what is used left of what uses it.

The steps are Sugiyama's: cycles are taken together, lines that others imply are left out, each node gets the layer
behind all that it uses, lines across layers get a place in each, and crossings are reduced by barycentres.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import networkx as nx

WIDTH: Final = 172
HEIGHT: Final = 82
GAP_X: Final = 34
GAP_Y: Final = 18
LANE: Final = 16
"""Height of the place that a line has in a layer which it crosses, in units of the drawing."""

MARGIN: Final = 4
SWEEPS: Final = 8
MOST_LINES: Final = 1_500
"""Beyond that a picture shows nothing any more, and takes long to place: lines are left out."""


@dataclass(frozen=True, slots=True)
class Box:
    """A component in the drawing; `x` and `y` are its upper left corner."""

    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Curve:
    """A line from a component to one that uses it, as the path of an SVG."""

    used: str
    user: str
    path: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture of components."""

    boxes: tuple[Box, ...]
    """In reading order: by layer, then from top to bottom."""

    curves: tuple[Curve, ...]
    width: int
    height: int
    implied: int
    """Lines left out, because they follow from others or would be too many."""


_Node = tuple[str, int]
"""A component and 0, or a line's number as text and the layer that it crosses."""


def draw(uses: Mapping[str, Sequence[str]]) -> Drawing:
    """Place components by what they use; names that no component has are passed over."""
    edges = [(other, name) for name, others in uses.items() for other in others if other in uses and other != name]
    layers = _layers(uses, edges)
    kept = _needed(layers, edges)
    rows, chains = _rows(layers, kept)
    _order(rows, chains)
    places, height = _places(rows)
    boxes = tuple(Box(name, *places[name, 0]) for row in rows for name, lane in row if lane == 0)
    curves = tuple(
        Curve(used, user, _path([places[node] for node in chain]))
        for (used, user), chain in zip(kept, chains, strict=True)
    )
    width = len(rows) * WIDTH + max(len(rows) - 1, 0) * GAP_X + 2 * MARGIN
    return Drawing(boxes, curves, width, height, len(edges) - len(kept))


def _layers(uses: Mapping[str, Sequence[str]], edges: list[tuple[str, str]]) -> dict[str, int]:
    """Return the layer of each name: one behind the last that it uses; those of a cycle are side by side."""
    whole: nx.DiGraph[str] = nx.DiGraph()
    whole.add_nodes_from(uses)
    whole.add_edges_from(edges)
    condensed = nx.condensation(whole)
    depth: dict[int, int] = {}
    for node in nx.topological_sort(condensed):
        depth[node] = max((depth[before] + 1 for before in condensed.predecessors(node)), default=0)
    return {name: depth[node] for name, node in condensed.graph["mapping"].items()}


def _needed(layers: Mapping[str, int], edges: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the lines that lead forward and do not follow from others."""
    forward: nx.DiGraph[str] = nx.DiGraph()
    forward.add_nodes_from(layers)
    forward.add_edges_from((used, user) for used, user in edges if layers[used] < layers[user])
    reduced = nx.transitive_reduction(forward) if forward.number_of_edges() <= 20 * MOST_LINES else forward
    return sorted(reduced.edges)[:MOST_LINES]


def _rows(layers: Mapping[str, int], edges: list[tuple[str, str]]) -> tuple[list[list[_Node]], list[list[_Node]]]:
    """Return the nodes of each layer, and the nodes that each line passes through."""
    rows: list[list[_Node]] = [[] for _ in range(max(layers.values(), default=-1) + 1)]
    for name, layer in layers.items():
        rows[layer].append((name, 0))
    chains = []
    for number, (used, user) in enumerate(edges):
        chain: list[_Node] = [(used, 0)]
        for layer in range(layers[used] + 1, layers[user]):
            # A name may be a number: a negative lane tells a line from a component.
            chain.append((str(number), -layer))
            rows[layer].append(chain[-1])
        chains.append([*chain, (user, 0)])
    return rows, chains


def _order(rows: list[list[_Node]], chains: list[list[_Node]]) -> None:
    """Sort each layer by the mean place of its neighbours, forwards and backwards in turn."""
    before: dict[_Node, list[_Node]] = {}
    after: dict[_Node, list[_Node]] = {}
    for chain in chains:
        for first, second in itertools.pairwise(chain):
            before.setdefault(second, []).append(first)
            after.setdefault(first, []).append(second)
    place = {node: float(index) for row in rows for index, node in enumerate(row)}
    for sweep in range(SWEEPS):
        forwards = sweep % 2 == 0
        neighbours = before if forwards else after
        for row in rows if forwards else rows[::-1]:
            row.sort(key=lambda node: (_mean([place[n] for n in neighbours.get(node, ())], place[node]), node))
            place.update((node, float(index)) for index, node in enumerate(row))


def _mean(places: list[float], default: float) -> float:
    return sum(places) / len(places) if places else default


def _places(rows: list[list[_Node]]) -> tuple[dict[_Node, tuple[float, float]], int]:
    """Return where each node is, each layer in the middle of the height."""
    heights = [sum(_height(node) for node in row) + GAP_Y * max(len(row) - 1, 0) for row in rows]
    tallest = max(heights, default=0)
    places: dict[_Node, tuple[float, float]] = {}
    for number, row in enumerate(rows):
        x = MARGIN + number * (WIDTH + GAP_X)
        y = MARGIN + (tallest - heights[number]) / 2
        for node in row:
            places[node] = (x, round(y, 1))
            y += _height(node) + GAP_Y
    return places, tallest + 2 * MARGIN


def _height(node: _Node) -> int:
    return HEIGHT if node[1] == 0 else LANE


def _path(through: list[tuple[float, float]]) -> str:
    """Return a smooth path from the right side of the first node to the left side of the last."""
    last = len(through) - 1
    x, y = through[0][0] + WIDTH, through[0][1] + HEIGHT / 2
    path = [f"M{x:g} {y:g}"]
    for number, (left, top) in enumerate(through[1:], start=1):
        middle = top + (HEIGHT if number == last else LANE) / 2
        half = (left - x) / 2
        path.append(f"C{x + half:g} {y:g} {left - half:g} {middle:g} {left:g} {middle:g}")
        x, y = left, middle
        if number != last:
            x += WIDTH
            path.append(f"H{x:g}")
    return " ".join(path)

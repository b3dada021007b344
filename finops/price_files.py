"""Price files with new figures in them: what the library's hand wrote, its comments and its order, stays as it was.

A file is taken apart into lines, not only into values, because YAML's own writer drops comments. A block whose
figures all stay is left as it is, character by character.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import yaml

from finops.book import Tier
from finops.price_list import Figure, reason_not_listed

REVIEW_AFTER = timedelta(days=180)
"""How long figures may be relied on."""

Key = tuple[str, str]
"""Item and region."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Revision:
    """A file before and after, and what of it was not confirmed."""

    before: str
    after: str
    unconfirmed: tuple[Key, ...]
    """Figures that nobody looked at this time: the file keeps its dates for them."""


@dataclass(slots=True)
class _Entry:
    """One figure of a block, with the lines that hold it. `usd` is what the file has, in decimals."""

    lines: list[str]
    usd: Any
    comment: str = ""
    """What follows the figure on its first line."""


@dataclass(slots=True)
class _Block:
    start: int
    end: int
    """Lines from and up to, without those that lie between blocks."""
    fields: dict[str, Any]
    comments: dict[str, str]
    """What follows the values of `item`, `unit`, `regions`, `source` and `basis` on their lines."""
    entries: dict[str, _Entry] = field(default_factory=dict)

    def figures(self) -> list[Key]:
        return [(f"{self.fields['item']}/{name}", region) for name in self.entries for region in self.fields["regions"]]

    def text(self) -> list[str]:
        fields = self.fields
        shown = {
            "item": fields["item"],
            "unit": yaml_text(fields["unit"]),
            "regions": f"[{', '.join(fields['regions'])}]",
            "source": fields["source"],
            **({"basis": fields["basis"]} if fields.get("basis", "read") != "read" else {}),
        }
        lines = [f"    {key}: {value}{self.comments.get(key, '')}" for key, value in shown.items()]
        lines[0] = lines[0].replace("    item", "  - item", 1)
        lines.append("    usd:" + self.comments.get("usd", ""))
        for entry in self.entries.values():
            lines += entry.lines
        return lines


def revise(
    text: str, figures: Mapping[Key, Figure], added: Sequence[Figure], on: date, reviewed: bool = False
) -> Revision:
    """Return a price file with figures in it. `figures` are those that were read, `added` those that belong here newly.

    The dates move to `on` if each figure of the file was read. `reviewed` says that somebody has looked at those that
    no rule can read.
    """
    lines, root = text.split("\n"), yaml.compose(text, Loader=_LOADER)
    top = {key.value: value for key, value in root.value} if isinstance(root, yaml.MappingNode) else {}
    blocks = [_block(lines, node) for node in top["figures"].value]
    keys = [key for block in blocks for key in block.figures()]
    unconfirmed = tuple(key for key in keys if key not in figures and not (reviewed and reason_not_listed(key[0])))
    parts: list[list[_Block]] = [_revised(block, figures) for block in blocks]
    for figure in added:
        _add(parts, figure)
    for block, new in zip(reversed(blocks), reversed(parts), strict=True):
        if new != [block]:
            written = [line for part in new for line in part.text()]
            if written != lines[block.start : block.end]:
                lines[block.start : block.end] = written
    used = {part.fields["source"] for new in parts for part in new}
    lines = _sources(lines, top["sources"], used, [f for f in (*figures.values(), *added) if source_key(f) in used])
    if not unconfirmed and any(key in figures for key in keys):
        lines = _dates(lines, on)
    return Revision(text, "\n".join(lines), unconfirmed)


def source_key(figure: Figure) -> str:
    """Return the name of the source that a figure of the price list has in a file."""
    return f"price-list-{figure.service.lower()}"


def yaml_text(value: Any) -> str:
    """Return a plain text of the book as YAML: in quotes only where it needs them."""
    return f'"{value}"' if re.search(r"[:#{}\[\]\"']|^\W", str(value)) else str(value)


def amount(usd: Decimal) -> str:
    """Return a figure with all its digits and none that say nothing."""
    return f"{usd.normalize():f}"


def tiers_text(tiers: Sequence[Tier]) -> str:
    """Return a figure as a file has it on one line: a number, or a list of steps."""
    if len(tiers) == 1 and tiers[0].up_to is None:
        return amount(tiers[0].usd)
    return _flow([tier.model_dump() for tier in tiers])


def tiers_of(usd: Any) -> tuple[Tier, ...] | None:
    """Return a figure of a file as steps; None for a range."""
    if isinstance(usd, dict):
        return None
    if isinstance(usd, list):
        return tuple(Tier.model_validate(tier) for tier in usd)
    return (Tier(usd=Decimal(str(usd))),)


def _block(lines: list[str], node: yaml.MappingNode) -> _Block:
    pairs = {key.value: (key, value) for key, value in node.value}
    plain = _Decimals("").construct_object(node, deep=True)
    usd_node = pairs["usd"][1]
    last = max(_last_line(value) for _, value in pairs.values())
    block = _Block(
        start=node.start_mark.line,
        end=last + 1,
        fields={name: plain[name] for name in ("item", "unit", "regions", "source", "basis") if name in plain},
        comments={name: lines[_last_line(value)][_last_column(value) :] for name, (_, value) in pairs.items()},
    )
    block.comments["usd"] = lines[pairs["usd"][0].end_mark.line][pairs["usd"][0].end_mark.column + 1 :]
    if usd_node.flow_style:
        block.comments["usd"] = lines[last][_last_column(usd_node) :]
    if node.flow_style:  # in braces: what follows a value is the rest of the block
        block.end = _last_line(node) + 1
        block.comments = {"usd": lines[block.end - 1][_last_column(node) :]}
    begin = pairs["usd"][0].start_mark.line + 1
    for key, value in usd_node.value:
        end = _last_line(value) + 1
        held = lines[begin:end] if not usd_node.flow_style else []
        first = value if not _is_block(value) else key
        after = first.end_mark.column + (1 if first is key else 0)
        comment = lines[first.end_mark.line][after:] if held else ""
        if not held:
            held = [f"      {key.value}: {_flow(plain['usd'][key.value])}"]
        block.entries[key.value] = _Entry(held, plain["usd"][key.value], comment)
        begin = end
    return block


def _revised(block: _Block, figures: Mapping[Key, Figure]) -> list[_Block]:
    """Return a block as one or several: figures by the regions that share them, those that were not read last."""
    if not any(key in figures for key in block.figures()):
        return [block]
    new: dict[tuple[str, ...], _Block] = {}
    old: dict[tuple[str, ...], _Block] = {}
    for name, entry in block.entries.items():
        shared: dict[tuple[tuple[Tier, ...], str] | None, list[str]] = {}
        for region in block.fields["regions"]:
            figure = figures.get((f"{block.fields['item']}/{name}", region))
            shared.setdefault((figure.tiers, source_key(figure)) if figure else None, []).append(region)
        for found, regions in shared.items():
            if found is None:
                part = old.setdefault(tuple(regions), _part(block, regions, {}))
                part.entries[name] = entry
            else:
                part = new.setdefault(tuple(regions), _part(block, regions, {"source": found[1], "basis": "read"}))
                part.entries[name] = _entry(name, found[0], entry)
    return [*new.values(), *old.values()]


def _part(block: _Block, regions: Sequence[str], changed: Mapping[str, Any]) -> _Block:
    comments = block.comments if list(regions) == block.fields["regions"] else block.comments | {"regions": ""}
    return replace(block, fields={**block.fields, "regions": list(regions), **changed}, comments=comments, entries={})


def _entry(name: str, tiers: tuple[Tier, ...], old: _Entry | None = None) -> _Entry:
    """Return a figure's lines: the old ones where it did not move, with the comments of the old ones where it did."""
    if old is not None and tiers_of(old.usd) == tiers:
        return old
    above = [line for line in old.lines if line.strip().startswith("#") or not line.strip()] if old else []
    comment = old.comment if old else ""
    if len(tiers) == 1 and tiers[0].up_to is None:
        return _Entry([*above, f"      {name}: {amount(tiers[0].usd)}{comment}"], tiers[0].usd, comment)
    steps = [f"        - {_flow(tier.model_dump(exclude_none=True))}" for tier in tiers]
    return _Entry([*above, f"      {name}:{comment}", *steps], [tier.model_dump() for tier in tiers], comment)


def _add(parts: list[list[_Block]], figure: Figure) -> None:
    """Put a new figure into the block of its region, or into a block of its own after the others of its item."""
    item, _, name = figure.item.rpartition("/")
    fields = {"item": item, "unit": figure.unit.value, "regions": [figure.region], "source": source_key(figure)}
    place = 0
    for index, new in enumerate(parts):
        for block in new:
            if {**block.fields, "basis": "read"} == {**fields, "basis": "read"} and block.fields.get(
                "basis"
            ) != "derived":
                block.entries[name] = _entry(name, figure.tiers)
                return
        if any(block.fields["item"] == item for block in new):
            place = index
    parts[place].append(_Block(0, 0, fields, {}, {name: _entry(name, figure.tiers)}))


def _sources(lines: list[str], node: yaml.MappingNode, used: set[str], figures: Iterable[Figure]) -> list[str]:
    """Write the sources of the price list, and leave out those of which nothing is left."""
    newest: dict[str, Figure] = {}
    for figure in figures:
        key = source_key(figure)
        if key not in newest or figure.published > newest[key].published:
            newest[key] = figure
    held = {key.value: (key.start_mark.line, _last_line(value) + 1) for key, value in node.value}
    kept: list[str] = []
    for name, (start, end) in held.items():
        if name in used and name not in newest:
            kept += lines[start:end]
    for name, figure in sorted(newest.items()):
        kept += [
            f"  {name}:",
            f"    name: AWS Price List Query API, {figure.service}",
            f'    version: "{figure.version}"',
            f"    date: {figure.published.isoformat()}",
        ]
    start, end = min(s for s, _ in held.values()), max(e for _, e in held.values())
    return [*lines[:start], *kept, *lines[end:]]


def _dates(lines: list[str], on: date) -> list[str]:
    wanted = {"as_of": on, "review_by": on + REVIEW_AFTER}
    return [
        re.sub(r"^(as_of|review_by):\s*\S+", lambda m: f"{m[1]}: {wanted[m[1]].isoformat()}", line) for line in lines
    ]


class _Decimals(yaml.SafeLoader):
    """Numbers with a point are decimals, as in the book."""


def _decimal(loader: yaml.SafeLoader, node: Any) -> Decimal:
    return Decimal(str(loader.construct_scalar(node)))


_Decimals.add_constructor("tag:yaml.org,2002:float", _decimal)


def _is_block(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and not node.flow_style


def _last_line(node: yaml.Node) -> int:
    """Return the line on which a node ends: a block's own mark is where the next thing begins."""
    return int(_end(node).line)


def _last_column(node: yaml.Node) -> int:
    return int(_end(node).column)


def _end(node: yaml.Node) -> Any:
    if _is_block(node) and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return node.end_mark


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items() if item is not None) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return amount(value) if isinstance(value, Decimal) else str(value)

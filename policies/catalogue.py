"""What there is to list: every rule of both packs, with its level in each shipped profile. Pure data."""

from typing import Any

from policies._engine import profiles
from policies._engine.registry import Pack
from policies._engine.rule import Rule
from policies.cost.pack import PACK as COST
from policies.security.pack import PACK as SECURITY

PACKS: tuple[Pack, ...] = (SECURITY, COST)
PROFILES = ("development", "baseline", "regulated")


def describe() -> list[dict[str, Any]]:
    """Return every rule as JSON-ready data: id, title, severity, level by profile, controls, and the rest."""
    rows = []
    for pack in PACKS:
        loaded = {name: profiles.load(name, pack) for name in PROFILES}
        for rule in pack.rules:
            levels = {name: str(profile.levels[rule.id]) for name, profile in loaded.items()}
            rows.append(_row(pack, rule, levels))
    return rows


def _row(pack: Pack, rule: Rule, levels: dict[str, str]) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.name,
        "pack": pack.name.removeprefix("mlops-"),
        "title": rule.title,
        "severity": str(rule.severity),
        "scope": str(rule.scope),
        "levels": levels,
        "controls": [str(control) for control in rule.controls],
        "types": len(rule.on) + len(rule.kinds),
        "params": sorted(rule.params.model_fields),
        "repairs": rule.fix is not None,
        "rationale": rule.rationale,
        "remedy": rule.remedy.text,
        "url": rule.url,
    }

"""Which environment a stack or a resource belongs to, for rules that ask for more in production than in a
sandbox."""

from collections.abc import Mapping
from typing import Any, Final

from policies._engine.documents import read_json
from policies._engine.model import Resource
from policies._engine.values import View
from policies._engine.wire import Undetermined

ALIASES: Final = {
    "sandbox": "sandbox",
    "dev": "development",
    "development": "development",
    "test": "development",
    "stage": "staging",
    "staging": "staging",
    "preprod": "staging",
    "prod": "production",
    "production": "production",
}
"""Usual names of environments, and the name that profiles use. A name that is not here is kept as it is."""

TAG: Final = "environment"
"""Tag (AWS) that names the environment of a resource."""

LABEL: Final = "mlops.dev/environment"
"""Label (Kubernetes) that names it."""


def normal(name: str) -> str:
    """Return the name that profiles use: `dev` reads as `development`; case does not matter."""
    lower = name.strip().lower()
    return ALIASES.get(lower, lower)


def of_stack(stack: str, tags: Mapping[str, str], config: Mapping[str, str]) -> str | None:
    """Return the environment that a stack's own tags, configuration or name declare, in this order.

    Configuration: a key `<anything>:environment`, or an `environment` field in a structured key. The name of
    the stack counts only if it is a usual one (`ALIASES`).
    """
    if tags.get(TAG):
        return normal(tags[TAG])
    for key in sorted(config):
        if key.rpartition(":")[2] == TAG and config[key]:
            return normal(config[key])
    for key in sorted(config):
        inside = _field(config[key])
        if inside:
            return normal(inside)
    return ALIASES.get(stack.rpartition("/")[2].lower())


def _field(text: str) -> str:
    if not text.lstrip().startswith("{"):
        return ""
    try:
        value = read_json(text, "a key of the configuration")
    except Undetermined:
        return ""
    found = value.get(TAG) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def of_resource(resource: Resource) -> str | None:
    """Return the environment that a resource's own tag or label names, None where there is none or it is
    unknown."""
    path: tuple[str, ...] = ("metadata", "labels", LABEL) if resource.kind else ("tags", TAG)
    try:
        found: Any = resource.props.at(path)
    except Undetermined:
        return None
    return normal(found) if isinstance(found, str) and found else None


def default_tags(provider: View) -> View:
    """Return the default tags of an AWS provider; its nested inputs are JSON texts. Raises `Undetermined`."""
    found = provider.at("defaultTags")
    if isinstance(found, str):
        parsed = read_json(found, "the provider's defaultTags")
        found = View(parsed if isinstance(parsed, dict) else {}, "provider.defaultTags")
    return found.mapping("tags") if isinstance(found, View) else View({}, "provider.defaultTags.tags")

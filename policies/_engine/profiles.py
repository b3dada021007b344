"""Profiles: the level and the parameters of every rule, and the exemptions, in one YAML file per profile."""

import enum
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from policies._engine import environments
from policies._engine.exemptions import Exemption, Fault, parse
from policies._engine.registry import Pack
from policies._engine.rule import Params

FOLDER = Path(__file__).resolve().parents[1] / "profiles"
DEFAULT = "baseline"
LENIENT = {"sandbox": "development", "development": "development"}
"""Profile of environments in which people try things; every other environment gets the default one."""


def for_environment(environment: str | None) -> str:
    """Return the profile that an environment (`development`, `production` ...) gets where nobody names one."""
    return LENIENT.get(environment or "", DEFAULT)


class Level(enum.StrEnum):
    """What happens when a rule fails; the names are Pulumi's."""

    DISABLED = "disabled"
    ADVISORY = "advisory"
    MANDATORY = "mandatory"
    REMEDIATE = "remediate"
    """The resource is repaired before it is created; a rule without a fix is mandatory then."""


class ProfileError(ValueError):
    """A profile cannot be used: nothing is judged with it, the update stops."""


class RuleSetting(BaseModel):
    """What a profile says about one rule; a bare level is short for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: Level
    environments: dict[str, Level] = Field(default_factory=dict)
    """Levels of environments (`staging`, `production` ...) in which another one holds. A profile that extends this one
    and gives a bare level means it for all."""

    params: dict[str, Any] = Field(default_factory=dict)

    @field_validator("environments")
    @classmethod
    def _normal(cls, given: dict[str, Level]) -> dict[str, Level]:
        return {environments.normal(name): level for name, level in given.items()}


class ProfileFile(BaseModel):
    """The schema of `policies/profiles/<name>.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    description: str = Field(min_length=10)
    extends: str | None = None
    """Profile whose rules hold where this one is silent. Exemptions are never inherited."""

    default: Level | None = None
    """Level of rules that no profile in the chain names; without it such a rule is an error."""

    rules: dict[str, Level | RuleSetting] = Field(default_factory=dict)
    exemptions: list[Any] = Field(default_factory=list)


@dataclass(frozen=True)
class Profile:
    """A profile as one pack uses it: complete, its parameters validated."""

    name: str
    levels: dict[str, Level]
    params: dict[str, Params]
    exemptions: tuple[Exemption, ...]
    faults: tuple[Fault, ...]
    """Malformed exemptions."""

    exceptions: dict[str, dict[str, Level]] = field(default_factory=dict)
    """Other levels by environment, of the rules that have any."""

    def level(self, rule_id: str, environment: str | None) -> Level:
        """Return the level of a rule in an environment; where nobody says which one it is, the usual one."""
        return self.exceptions.get(rule_id, {}).get(environment or "", self.levels[rule_id])


def load(name: str, pack: Pack, folder: Path = FOLDER) -> Profile:
    """Read a profile for a pack. `name` is a profile of `folder`, or the path of a YAML file.

    Raises `ProfileError` with everything that is wrong, one a line.
    """
    chain = _chain(name, folder)
    settings: dict[str, RuleSetting] = {}
    for file in reversed(chain):
        for rule_id, given in file.rules.items():
            settings[rule_id] = given if isinstance(given, RuleSetting) else _with_level(settings.get(rule_id), given)
    default = next((file.default for file in chain if file.default is not None), None)
    errors = [
        f"rules.{rule_id}: pack {pack.name} has no such rule"
        for rule_id in settings
        if rule_id.startswith(f"{pack.prefix}-") and rule_id not in pack.by_id
    ]
    levels: dict[str, Level] = {}
    params: dict[str, Params] = {}
    for rule in pack.rules:
        setting = settings.get(rule.id) or (RuleSetting(level=default) if default else None)
        if setting is None:
            errors.append(f"rules.{rule.id}: not set; give it a level, or the profile a default")
            continue
        levels[rule.id] = setting.level
        try:
            params[rule.id] = rule.params.model_validate(setting.params)
        except ValidationError as error:
            errors.extend(f"rules.{rule.id}.params.{text}" for text in _lines(error))
    if errors:
        raise ProfileError("\n".join(f"profile {chain[0].name}: {error}" for error in errors))
    good, faults = parse(chain[0].exemptions, frozenset(pack.by_id), pack.prefix)
    exceptions = {
        rule.id: one.environments for rule in pack.rules if (one := settings.get(rule.id)) and one.environments
    }
    return Profile(chain[0].name, levels, params, good, faults, exceptions)


def _with_level(inherited: RuleSetting | None, level: Level) -> RuleSetting:
    """A bare level keeps the parameters that the extended profile sets."""
    return RuleSetting(level=level, params=inherited.params if inherited else {})


def _chain(name: str, folder: Path) -> list[ProfileFile]:
    """Return the profile and those that it extends, nearest first."""
    chain: list[ProfileFile] = []
    path = Path(name) if name.endswith((".yaml", ".yml")) else folder / f"{name}.yaml"
    while True:
        file = _read(path, folder)
        if any(file.name == earlier.name for earlier in chain):
            raise ProfileError(f"profile {file.name}: extends itself, by way of {', '.join(f.name for f in chain)}")
        chain.append(file)
        if file.extends is None:
            return chain
        path = folder / f"{file.extends}.yaml"


def _read(path: Path, folder: Path) -> ProfileFile:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
        return ProfileFile.model_validate(content)
    except OSError:
        names = ", ".join(sorted(file.stem for file in folder.glob("*.yaml")))
        raise ProfileError(f"profile {path.stem}: no such file; use one of {names}, or the path of a file") from None
    except yaml.YAMLError as error:
        raise ProfileError(f"profile {path.stem}: not valid YAML: {error}") from None
    except ValidationError as error:
        raise ProfileError("\n".join(f"profile {path.stem}: {text}" for text in _lines(error))) from None


def _lines(error: ValidationError) -> list[str]:
    return [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]


class _Loader(yaml.SafeLoader):
    """YAML without surprises: dates stay text (an impossible one must not stop the file), no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {str(key) for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.constructor.ConstructorError(
                None, None, f"key {', '.join(sorted(twice))} is given twice", node.start_mark
            )
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

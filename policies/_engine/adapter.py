"""Between the Pulumi engine and the rules: the analyzer protocol, each rule as a policy of its own.

The SDK's `PolicyPack` reads a resource's properties again for every policy, so that a preview's time grows
with rules x resources, and it stops a policy at the first unknown. This servicer speaks the same protocol
(pulumi/pulumi `proto/pulumi/analyzer.proto`, read 2026-11-23 at v3.259.0), reads the properties once, and
only where a rule looks at them.
"""

# ruff: noqa: N802 - the protocol names the methods

import datetime
import os
import threading
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import grpc
from google.protobuf import empty_pb2, json_format
from pulumi.runtime import proto
from pulumi.runtime.proto import analyzer_pb2_grpc
from pydantic import BaseModel, ConfigDict, ValidationError

from policies._engine import environments, profiles
from policies._engine.evaluate import Settings
from policies._engine.model import Provider, Resource, Stack
from policies._engine.profiles import Level, ProfileError
from policies._engine.registry import Pack
from policies._engine.rule import Rule, Scope
from policies._engine.session import OWN_POLICIES, Line, Report, Session

PROFILE_VARIABLE = "MLOPS_POLICY_PROFILE"
"""Environment variable that names the profile where the pack's configuration does not."""

PROFILE_POLICY = "profile"
"""Key of the pack's configuration, a policy to the engine: `{"profile": {"name": "regulated", "strict":
true}}`."""

LEVELS = {
    Level.ADVISORY: proto.ADVISORY,
    Level.MANDATORY: proto.MANDATORY,
    Level.REMEDIATE: proto.REMEDIATE,
    Level.DISABLED: proto.DISABLED,
}
SEVERITIES = {
    "low": proto.POLICY_SEVERITY_LOW,
    "medium": proto.POLICY_SEVERITY_MEDIUM,
    "high": proto.POLICY_SEVERITY_HIGH,
    "critical": proto.POLICY_SEVERITY_CRITICAL,
}


class PackConfig(BaseModel):
    """What `--policy-pack-config` may say under `profile`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    name: str | None = None
    """A profile of `policies/profiles`, or the path of a YAML file.

    Default: `MLOPS_POLICY_PROFILE`, then that of the environment which the stack declares, then baseline.
    """

    environment: str | None = None
    """Default: what the stack declares, then what a resource's tag says."""

    strict: bool = False
    """Whether undetermined counts as failed."""

    remediate: bool = False
    """Whether every enabled rule with a fix repairs."""


class AnalyzerServicer(analyzer_pb2_grpc.AnalyzerServicer):
    """Serves one pack to one engine."""

    def __init__(
        self,
        pack: Pack,
        clock: Callable[[], datetime.date] | None = None,
        on_cancel: Callable[[], None] | None = None,
    ) -> None:
        self._pack = pack
        self._clock = clock or (lambda: datetime.datetime.now(datetime.UTC).date())
        self._on_cancel = on_cancel
        self._config = PackConfig()
        self._asked_levels: dict[str, Level] = {}
        self._stack_environment: str | None = None
        self._ready: Session | None = None
        self._lock = threading.Lock()
        self._silent: dict[frozenset[str], Any] = {}

    def Handshake(self, request: Any, context: Any) -> Any:
        """Accept the engine."""
        return proto.AnalyzerHandshakeResponse()

    def Cancel(self, request: Any, context: Any) -> Any:
        """Stop serving."""
        if self._on_cancel is not None:
            self._on_cancel()
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        """Return the pack's version."""
        return proto.PluginInfo(version=self._pack.version)

    def ConfigureStack(self, request: Any, context: Any) -> Any:
        """Take the environment from the stack; nothing else of its configuration is kept, it may hold
        secrets."""
        with self._lock:
            self._stack_environment = environments.of_stack(request.stack, dict(request.tags), dict(request.config))
            self._ready = None
        return proto.AnalyzerStackConfigureResponse()

    def GetAnalyzerInfo(self, request: Any, context: Any) -> Any:
        """Describe the pack: a policy per rule, at the level of the profile."""
        session = self._session(context)
        info = proto.AnalyzerInfo(
            name=self._pack.name,
            version=self._pack.version,
            supportsConfig=True,
            description=self._pack.description,
        )
        info.policies.extend(_describe(rule, session.settings.level(rule)) for rule in self._pack.rules)
        info.policies.append(_profile_policy())
        for name, title in OWN_POLICIES.items():
            info.policies.append(_own_policy(name, title))
        return info

    def Configure(self, request: Any, context: Any) -> Any:
        """Take the pack's configuration: the profile's section, and levels that differ from the announced
        ones."""
        current = self._session(context).settings
        announced = {rule.id: current.level(rule) for rule in self._pack.rules}
        known = {*announced, *OWN_POLICIES, PROFILE_POLICY, "all"}
        levels: dict[str, Level] = {}
        for name, config in request.policyConfig.items():
            if name not in known:
                _refuse(context, f"{name}: there is no such policy in {self._pack.name}")
            if name != PROFILE_POLICY and config.properties.fields:
                _refuse(context, f"{name}: takes no properties here; set parameters in the profile")
            level = _level(config.enforcementLevel)
            if name in announced and level is not announced[name]:
                levels[name] = level
        section = request.policyConfig.get(PROFILE_POLICY)
        try:
            config_section = PackConfig.model_validate(read_struct(section.properties) if section else {})
        except ValidationError as error:
            _refuse(context, "; ".join(f"profile.{item['loc'][0]}: {item['msg']}" for item in error.errors()))
        with self._lock:
            self._config, self._asked_levels, self._ready = config_section, levels, None
        self._session(context)
        return empty_pb2.Empty()

    def Analyze(self, request: Any, context: Any) -> Any:
        """Judge one resource."""
        session = self._session(context)
        report = session.analyze(self._resource(request))
        response = proto.AnalyzeResponse()
        response.CopyFrom(self._not_asked(Scope.RESOURCE, report))
        return self._fill(response, report)

    def AnalyzeStack(self, request: Any, context: Any) -> Any:
        """Judge the whole stack."""
        session = self._session(context)
        report = session.analyze_stack(Stack(self._resource(item) for item in request.resources))
        response = proto.AnalyzeResponse()
        response.CopyFrom(self._not_asked(Scope.STACK, report))
        return self._fill(response, report)

    def Remediate(self, request: Any, context: Any) -> Any:
        """Repair one resource, where that was asked for."""
        session = self._session(context)
        response = proto.RemediateResponse()
        if not session.repairing:
            return response
        for repair in session.remediate(self._resource(request)):
            answer = proto.Remediation(
                policyName=repair.rule.id,
                policyPackName=self._pack.name,
                policyPackVersion=self._pack.version,
                description=repair.rule.title,
                diagnostic=repair.problem,
            )
            if not repair.problem:
                json_format.ParseDict(repair.raw, answer.properties)
            response.remediations.append(answer)
        return response

    def _session(self, context: Any) -> Session:
        with self._lock:
            if self._ready is None:
                environment = environments.normal(self._config.environment) if self._config.environment else None
                usual = profiles.for_environment(environment or self._stack_environment)
                try:
                    profile = profiles.load(self._config.name or os.environ.get(PROFILE_VARIABLE) or usual, self._pack)
                except ProfileError as error:
                    _refuse(context, str(error))
                settings = Settings(
                    profile,
                    overrides=self._asked_levels,
                    environment=environment,
                    stack_environment=self._stack_environment,
                    strict=self._config.strict,
                    remediate=self._config.remediate,
                )
                self._ready = Session(self._pack, settings, self._clock())
                self._silent.clear()
            return self._ready

    def _resource(self, message: Any) -> Resource:
        dependencies = getattr(message, "propertyDependencies", {})
        return Resource(
            type=message.type,
            urn=message.urn,
            name=message.name,
            read=lambda: read_struct(message.properties),
            provider=_provider(message.provider) if message.HasField("provider") else None,
            protect=message.options.protect,
            parent=message.options.parent,
            dependencies=tuple(getattr(message, "dependencies", ())),
            property_dependencies={key: tuple(value.urns) for key, value in dependencies.items()},
        )

    def _not_asked(self, scope: Scope, report: Report) -> Any:
        """Return a response that names the rules which did not look at the resource; the engine counts
        others as passed."""
        asked = frozenset(report.answered | report.not_applicable.keys())
        key = asked | {scope}
        response = self._silent.get(key)
        if response is None:
            response = proto.AnalyzeResponse()
            for rule in self._pack.rules:
                if rule.scope is scope and rule.id not in asked:
                    response.not_applicable.append(proto.PolicyNotApplicable(policy_name=rule.id))
            self._silent[key] = response
        return response

    def _fill(self, response: Any, report: Report) -> Any:
        for rule_id, reason in report.not_applicable.items():
            response.not_applicable.append(proto.PolicyNotApplicable(policy_name=rule_id, reason=reason))
        response.diagnostics.extend(self._diagnostic(line) for line in report.lines)
        return response

    def _diagnostic(self, line: Line) -> Any:
        rule = self._pack.by_id.get(line.policy)
        return proto.AnalyzeDiagnostic(
            policyName=line.policy,
            policyPackName=self._pack.name,
            policyPackVersion=self._pack.version,
            description=rule.title if rule else OWN_POLICIES[line.policy],
            message=line.message,
            urn=line.urn,
            enforcementLevel=LEVELS[line.level],
            severity=SEVERITIES[rule.severity] if rule else proto.POLICY_SEVERITY_UNSPECIFIED,
        )


def _provider(message: Any) -> Provider:
    return Provider(message.type, message.urn, lambda: read_struct(message.properties))


def read_struct(struct: Any) -> dict[str, Any]:
    """Return a protobuf struct as plain JSON. Whole numbers are ints: protobuf knows only floats."""
    return {key: _read_value(value) for key, value in struct.fields.items()}


def _read_value(value: Any) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return value.string_value
    if kind == "struct_value":
        return read_struct(value.struct_value)
    if kind == "list_value":
        return [_read_value(item) for item in value.list_value.values]
    if kind == "bool_value":
        return value.bool_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return None


def _level(number: int) -> Level:
    return next(level for level, wire in LEVELS.items() if wire == number)


def _refuse(context: Any, message: str) -> NoReturn:
    context.abort(grpc.StatusCode.INVALID_ARGUMENT, message)
    raise AssertionError("abort returned")


def _describe(rule: Rule, level: Level) -> Any:
    first = rule.controls[0]
    info = proto.PolicyInfo(
        name=rule.id,
        displayName=rule.name,
        description=rule.title,
        enforcementLevel=LEVELS[level],
        policy_type=proto.POLICY_TYPE_STACK if rule.scope is Scope.STACK else proto.POLICY_TYPE_RESOURCE,
        severity=SEVERITIES[rule.severity],
        remediation_steps=rule.remedy.text,
        url=rule.url,
        # The protocol has room for one framework; all of them are among the tags.
        framework=proto.PolicyComplianceFramework(name=first.framework, reference=first.ref),
    )
    info.tags.extend(str(control) for control in rule.controls)
    return info


def _profile_policy() -> Any:
    info = _own_policy(PROFILE_POLICY, "Profile, environment and strictness of this pack")
    schema: Mapping[str, Any] = {
        "name": {"type": "string"},
        "environment": {"type": "string"},
        "strict": {"type": "boolean"},
        "remediate": {"type": "boolean"},
    }
    info.configSchema.properties.update(schema)
    return info


def _own_policy(name: str, title: str) -> Any:
    return proto.PolicyInfo(
        name=name,
        displayName=name,
        description=title,
        enforcementLevel=proto.ADVISORY,
        policy_type=proto.POLICY_TYPE_STACK,
    )

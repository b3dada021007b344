"""Secrets in Kubernetes objects: none as plain text, and none that a program writes itself."""

import re
from collections.abc import Iterator
from typing import Any, Final

from policies._engine import credentials
from policies._engine.build import each, kubernetes_rule
from policies._engine.model import Manifest
from policies._engine.pods import WORKLOADS, each_container
from policies._engine.rule import Context, Finding, Outcome, Params, Severity
from policies._engine.values import Items, View, joined, show
from policies._engine.wire import MalformedValue, Undetermined, UnknownValue, is_unknown, open_secret

CONFIG_MAP = "/ConfigMap"
SECRET = "/Secret"
RELEASES = ("helm.sh/Chart", "helm.sh/Release")

PASSWORD: Final = re.compile(r"(?:passwords?|passwd|passphrase)$", re.IGNORECASE)
KEY: Final = re.compile(
    r"(?:secret|token|api[_.-]?key|(?:access|private|secret)[_.-]?key|credentials?)$", re.IGNORECASE
)
"""Names of variables and keys whose value is a secret itself. `SECRET_NAME` and `TOKEN_PATH` tell where one is."""

PLACEHOLDER: Final = re.compile(
    r"^(?:[/.~<]|[a-z][a-z0-9+.-]*://[^@]*$|arn:)|\$[({]|\{\{|^(?:true|false|none)?$", re.IGNORECASE
)
"""A value that is no secret: a path, an address, a reference, a switch, nothing."""

SHORTEST_KEY: Final = 12
"""A key of fewer characters is the name of a secret, or a count of tokens."""

SOURCE: Final = re.compile(r"\.(?:bash|go|ipynb|js|lua|py|r|rb|sh|sql|tpl|ts)$", re.IGNORECASE)
"""Files in which `password = ...` is code, not a setting."""

KNOWN_VALUES: Final = {
    "kube-prometheus-stack": (
        "grafana.adminPassword",
        "grafana.envRenderSecret",
        "grafana.ldap.config",
        "prometheus.extraSecret.data",
    ),
}
"""Values of charts that are secrets themselves, by chart: `components/_core/catalogue/keys`."""

DEEPEST: Final = 20


@kubernetes_rule(
    "SEC-SEC-003",
    "kubernetes-object-disallow-literal-secrets",
    "Variables, ConfigMaps and values of charts hold no secrets as plain text",
    kinds=(*WORKLOADS, CONFIG_MAP, *RELEASES),
    params=Params,
    not_at_admission="it guesses what is a secret, and a wrong guess must not keep a pod from starting",
    severity=Severity.CRITICAL,
    rationale="Whoever may read pods or ConfigMaps reads it, as do backups, logs and the repository of the program.",
    controls=("cis-eks:4.4.1", "trivy:KSV-0109", "nist-800-53:IA-5(7)", "soc2:CC6.1"),
    bad='env=[{"name": "DB_PASSWORD", "value": "example-password"}]',
    remedy=(
        "Keep it in AWS Secrets Manager, let external-secrets or the CSI driver bring it, and mount it as a file.",
        'volumes=[{"name": "database", "secret": {"secret_name": "database"}}]',
    ),
)
def no_literals(manifest: Manifest, _ctx: Context[Params]) -> Iterator[Outcome]:
    """A text that is not known yet is none of the program; what is computed and secret carries Pulumi's mark."""
    if manifest.kind == CONFIG_MAP:
        yield from _marked(manifest.props, "data")
        yield from _entries(manifest.props.mapping("data"))
    elif manifest.kind in RELEASES:
        yield from _texts(manifest.props.mapping("values"), DEEPEST)
        yield from _chart(manifest.props)
    else:
        yield from each_container(manifest, _container)


def _container(container: View) -> Iterator[Outcome]:
    yield from _marked(container, "env")
    yield from each(container.sequence("env"), _variable)
    for key in ("command", "args"):
        yield from _texts(container.sequence(key), 1)
    yield from _forms(container.text("source"), joined(container.path, "source"))


def _marked(holder: View, key: str) -> Iterator[Outcome]:
    if open_secret(holder.raw.get(key))[1]:
        yield Finding(f"{joined(holder.path, key)} holds a secret of the program, in plain text")


def _variable(variable: View) -> Iterator[Outcome]:
    name = variable.text("name")
    yield from _setting(variable, "value", name, f"{joined(variable.path, 'value')} of {show(name)}")


def _entries(data: View) -> Iterator[Outcome]:
    for key in data:
        yield from _setting(data, key, key, joined(data.path, key))


def _setting(holder: View, key: str, name: str, where: str) -> Iterator[Outcome]:
    """Check a value that has a name: a variable, an entry of a ConfigMap."""
    raw, marked = open_secret(holder.raw.get(key))
    if marked:
        yield Finding(f"{where} is a secret of the program, in plain text")
    elif is_unknown(raw):
        if PASSWORD.search(name) or KEY.search(name):
            yield UnknownValue(where)
    elif raw is not None and not isinstance(raw, str):
        yield MalformedValue(where, "a string", raw)
    elif raw and _by_its_name(name, raw.strip()):
        yield Finding(f"{where} is a secret in plain text, by its name")
    elif raw:
        # What is longer is data, such as a dashboard.
        plain = SOURCE.search(name) or len(raw) > credentials.LONGEST
        yield from _forms(raw, where) if plain else _settings(raw, where)


def _by_its_name(name: str, value: str) -> bool:
    if PLACEHOLDER.search(value):
        return False
    long_enough = len(value) >= SHORTEST_KEY and any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    return bool(PASSWORD.search(name) or (KEY.search(name) and long_enough))


def _chart(release: View) -> Iterator[Outcome]:
    for path in _known(release.text("chart")):
        if release.declared(f"values.{path}"):
            yield Finding(f"values.{path} is a secret, which the release and the state then hold")


def _known(chart: str) -> tuple[str, ...]:
    """Return the values of a chart that are secrets: it is named, or the last part of an address or file name."""
    name = re.sub(r"-v?\d[\w.+-]*\.tgz$", "", chart.rpartition("/")[2])
    return KNOWN_VALUES.get(name, ())


def _texts(holder: View | Items, depth: int) -> Iterator[Outcome]:
    """Search the texts in a tree of values for what has the form of a token."""
    items = holder.raw.items() if isinstance(holder, View) else enumerate(holder.raw)
    for key, raw in items:
        if is_unknown(open_secret(raw)[0]):
            continue
        value: Any = holder[key]  # type: ignore[index]
        where = joined(holder.path, str(key))
        if isinstance(value, str):
            yield from _forms(value, where)
        elif isinstance(value, (View, Items)) and depth:
            yield from _texts(value, depth - 1)
        elif isinstance(value, (View, Items)):
            yield Undetermined(f"{where} is nested too deeply to be searched")


def _forms(text: str, where: str) -> Iterator[Outcome]:
    for kind, pattern in credentials.FORMS:
        if pattern.search(text):
            yield Finding(f"{where} holds what looks like {kind}")


def _settings(text: str, where: str) -> Iterator[Outcome]:
    """Search a text also for `password: ...`, and for what is encoded in it."""
    found = credentials.sightings(credentials.read(text))
    yield from (Finding(f"{where} holds what looks like {kind}") for kind in sorted({one.kind for one in found}))


@kubernetes_rule(
    "SEC-SEC-004",
    "kubernetes-secret-disallow-values-of-programs",
    "Secrets come from an external store, not from a program",
    kinds=(SECRET,),
    params=Params,
    not_at_admission="the operator of the secret store makes such objects itself",
    severity=Severity.MEDIUM,
    rationale="A value in a program is in its state too, rotates only with a deployment, and nobody audits its use.",
    controls=("cis-eks:4.4.2", "nist-800-53:IA-5", "soc2:CC6.1"),
    bad='k8s.core.v1.Secret(name, string_data={"password": config.require_secret("password")})',
    remedy=(
        "Keep the value in AWS Secrets Manager and bring it with an ExternalSecret or the secrets store CSI driver.",
        'custom(name, "external-secrets.io/v1", "ExternalSecret", metadata,\n'
        '    {"secretStoreRef": store, "target": {"name": "db"}, "dataFrom": [{"extract": {"key": arn}}]}, opts)',
    ),
)
def from_a_store(manifest: Manifest, _ctx: Context[Params]) -> Iterator[Outcome]:
    """A secret without data is one that a controller fills, such as the token of a service account."""
    for key in ("data", "stringData"):
        try:
            if len(manifest.props.mapping(key)):
                yield Finding(
                    f"{key} of {show(manifest.name)} is written by the program; wanted it from an external store"
                )
        except Undetermined as gap:
            yield gap


RULES = (no_literals, from_a_store)

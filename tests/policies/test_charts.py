"""What rules know of charts is what the catalogue knows of them."""

from collections.abc import Iterable
from typing import Any

import pytest

from components._core.catalogue import chart, load_catalogue, unknown_value_keys
from policies._engine.values import Path, parts
from policies.cost.idle_alerts import CHART_RULES, STACK_CHART
from policies.cost.kubernetes import CHART_SERVICES
from policies.cost.volume_claims import CHART_CLAIMS
from policies.security.notebooks import ARGO, MONITORING, OAUTH, SCREENS
from tests.policies.build import PASS, SKIP, Case, Spec, answer

OF_SCREENS = (("ingress", "enabled"), ("service", "type"))
OF_ARGO = ("server.authModes", "server.ingress.enabled", "server.ingress.annotations.a", "server.serviceType")
READ: tuple[tuple[str, Iterable[Path]], ...] = (
    *CHART_SERVICES.items(),
    *CHART_CLAIMS.items(),
    (STACK_CHART, ((CHART_RULES, "a"),)),
    (MONITORING, [(screen, *path) for screen in SCREENS for path in OF_SCREENS]),
    (MONITORING, (("prometheus", "ingressPerReplica", "enabled"), ("prometheus", "servicePerReplica", "enabled"))),
    # Alertmanager has them too, but nobody has added them to the catalogue.
    (MONITORING, [(screen, "ingress", "annotations", "a") for screen in ("grafana", "prometheus")]),
    (MONITORING, [("grafana", "grafana.ini", section, "enabled") for section in OAUTH]),
    (ARGO, OF_ARGO),
)
PATHS = [(name, parts(path)) for name, paths in READ for path in paths]


def nested(keys: tuple[str, ...]) -> dict[str, Any]:
    head, *rest = keys
    return {head: nested(tuple(rest)) if rest else "x"}


@pytest.mark.parametrize(
    ("name", "keys"), PATHS, ids=lambda value: value if isinstance(value, str) else ".".join(value)
)
def test_value_that_a_rule_reads_is_one_of_the_chart(name: str, keys: tuple[str, ...]) -> None:
    assert chart(name).name == name
    assert unknown_value_keys(name, nested(keys)) == []


@pytest.mark.parametrize("key", load_catalogue().charts)
def test_chart_of_the_catalogue_comes_from_an_allowed_repository(key: str) -> None:
    pinned = chart(key)
    props: dict[str, Any] = {"chart": pinned.name, "version": pinned.version}
    if pinned.repository.startswith("oci://"):
        props["chart"] = f"{pinned.repository}/{pinned.name}"
    else:
        props["repositoryOpts"] = {"repo": pinned.repository}
    release = Spec("kubernetes:helm.sh/v3:Release", props)
    assert answer(Case("SEC-SUP-005", key, PASS, (release,))).verdict is PASS
    assert answer(Case("SEC-ML-002", key, PASS, (release,))).verdict in (PASS, SKIP)

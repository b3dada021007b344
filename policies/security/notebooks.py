"""Notebooks, tracking servers and dashboards: who gets in, and what they may do in the cluster."""

import re
from collections.abc import Callable, Iterator

from policies._engine.build import each, some, stack_rule
from policies._engine.devices import NOTEBOOK
from policies._engine.model import Manifest, Resource, Stack, manifests
from policies._engine.objects import NAMESPACE, RELEASES, chart_name, labels, marked, objects
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import View, show
from policies.security.exposure import INGRESS, SERVICE, Reach, asks_who, backends, logs_in, of_ingress, of_service
from policies.security.purposes import NOTEBOOKS

MONITORING, ARGO = "kube-prometheus-stack", "argo-workflows"
SCREENS = ("alertmanager", "grafana", "prometheus")
"""Parts of that chart with a page of their own."""

WAYS = ("ingress", "ingressPerReplica", "service", "servicePerReplica")
"""What leads to such a page."""

OAUTH = ("auth.generic_oauth", "auth.azuread", "auth.google", "auth.github", "auth.okta", "auth.jwt")
"""Sections of Grafana's settings that ask an identity provider."""


class LoginParams(Params):
    """Parameters of SEC-ML-002."""

    names: tuple[str, ...] = (
        *("alertmanager", "argo", "dashboard", "grafana", "jupyter", "jupyterhub", "kubeflow", "mlflow"),
        *("notebook", "notebooks", "prometheus", "ray", "rstudio", "tensorboard"),
    )
    """Words in the name of an object, of its namespace or of the service behind it that tell such a tool."""

    internal: bool = True
    """Whether a login is also asked for where only the own network gets there."""

    internal_classes: tuple[str, ...] = ()
    """Classes of ingress that only the own network reaches, where their controller is not AWS's."""

    middlewares: tuple[str, ...] = ()
    """Parts of the names of Traefik's middlewares that ask for a login."""


@stack_rule(
    "SEC-ML-002",
    "notebook-tool-require-login",
    "Notebooks, tracking servers and dashboards leave the cluster only behind a login",
    kinds=(SERVICE, *INGRESS, *RELEASES),
    params=LoginParams,
    not_at_admission="it looks at the policies beside the object, and at values of charts",
    severity=Severity.CRITICAL,
    rationale=(
        "A notebook is a shell with a role in AWS, and MLflow or Ray without a user take jobs and files from anybody: "
        "whoever finds the address is inside."
    ),
    controls=(
        "mitre-atlas:AML.M0019",
        "mitre-atlas:AML.T0132",
        "nist-800-53:AC-3",
        "nist-800-53:IA-2",
        "nist-800-53:SC-7",
        "soc2:CC6.1",
        "soc2:CC6.6",
    ),
    bad='metadata={"name": "mlflow", "namespace": "mlflow"}, spec={"type": "LoadBalancer", "ports": ports}',
    remedy=(
        "Route to it by an ingress that asks your identity provider, or reach it by a port-forward.",
        'annotations={"alb.ingress.kubernetes.io/auth-type": "oidc",\n'
        '    "alb.ingress.kubernetes.io/auth-idp-oidc": provider}',
    ),
)
def logins(resource: Resource, stack: Stack, ctx: Context[LoginParams]) -> Iterator[Outcome]:
    """Ingresses and services of such tools, and the pages of charts of the catalogue."""
    yield from each(tuple(manifests(resource)), lambda one: _tool(one, stack, ctx.params))


def _tool(one: Manifest, stack: Stack, params: LoginParams) -> Iterator[Outcome]:
    if one.kind in RELEASES:
        yield from _chart(one)
    elif one.kind == SERVICE or one.kind in INGRESS:
        if not _is_tool(one, stack, params):
            raise NotApplicable("nothing in its names tells of a notebook, a tracking server or a dashboard")
        yield from (_service(one, params) if one.kind == SERVICE else _ingress(one, stack, params))


def _service(service: Manifest, params: LoginParams) -> Iterator[Outcome]:
    reach = of_service(service)
    if reach is Reach.INTERNET or (reach is Reach.NETWORK and params.internal):
        yield Finding("spec.type is LoadBalancer, which has no login; wanted ClusterIP behind an ingress with one")


def _ingress(ingress: Manifest, stack: Stack, params: LoginParams) -> Iterator[Outcome]:
    if asks_who(ingress, stack, params.middlewares):
        return
    if params.internal or of_ingress(ingress, stack, params.internal_classes) is Reach.INTERNET:
        yield Finding("the ingress asks for no login; wanted OIDC by the load balancer, a proxy or the mesh")


def _is_tool(one: Manifest, stack: Stack, params: LoginParams) -> bool:
    tests: tuple[Callable[[], bool], ...] = (
        lambda: _told(one.name, params),
        lambda: _told(one.namespace, params),
        lambda: _told(labels(one).text(("app.kubernetes.io/name",)), params),
        lambda: one.kind != SERVICE and any(_told(name, params) for name in backends(one)),
        lambda: any(book.namespace == one.namespace for book in objects(stack, NOTEBOOK)),
    )
    return some(tests, lambda test: test())


def _told(text: str, params: LoginParams) -> bool:
    return not set(re.split(r"[-_.]", text.lower())).isdisjoint(params.names)


def _chart(release: Manifest) -> Iterator[Outcome]:
    name, values = chart_name(release.resource), release.props.mapping("values")
    if name == MONITORING:
        yield from each(SCREENS, lambda screen: _screen(screen, values.mapping(screen)))
    elif name == ARGO:
        yield from _argo(values.mapping("server"))
    else:
        raise NotApplicable("what the chart exposes is not known here")


def _screen(screen: str, values: View) -> Iterator[Outcome]:
    yield from each(WAYS, lambda way: _way(screen, values, way))


def _way(screen: str, values: View, way: str) -> Iterator[Outcome]:
    """Alertmanager and Prometheus have no login of their own."""
    settings = values.mapping(way)
    if way in ("service", "servicePerReplica"):
        exposed = settings.at("type") == "LoadBalancer" and (way == "service" or settings.flag("enabled"))
        guarded = False
    else:
        exposed = settings.flag("enabled")
        guarded = exposed and logs_in(settings.mapping("annotations"))
    if not exposed or guarded:
        return
    if screen != "grafana" or not some(OAUTH, lambda section: _oauth(values, section)):
        yield Finding(f"{settings.path} leads out of the cluster without a login; wanted OIDC, or nothing there")


def _oauth(values: View, section: str) -> bool:
    return values.at(("grafana.ini", section, "enabled")) in (True, "true")


def _argo(server: View) -> Iterator[Outcome]:
    """`client` takes tokens of Kubernetes, `server` lets everybody act with the server's own rights."""
    balanced = server.at("serviceType") == "LoadBalancer"
    if not balanced and not server.flag("ingress.enabled"):
        return
    modes = [mode for mode in server.sequence("authModes") if isinstance(mode, str)]
    if "server" in modes:
        yield Finding(f"{server.path}.authModes holds server, with which everybody acts with the server's rights")
    elif "sso" not in modes and (balanced or not logs_in(server.mapping("ingress.annotations"))):
        yield Finding(f"{server.path}.authModes is without sso although the server leaves the cluster; wanted sso")


CLUSTER_BINDING = "rbac.authorization.k8s.io/ClusterRoleBinding"
BINDING = "rbac.authorization.k8s.io/RoleBinding"
EVERYBODY = ("system:authenticated", "system:serviceaccounts", "system:unauthenticated")
FULL = "cluster-admin"


class RightsParams(Params):
    """Parameters of SEC-ML-006."""

    namespaces: tuple[str, ...] = ("notebooks", "jupyter", "jupyterhub")
    """Namespaces where notebooks run, beside those with a label or a notebook in them."""

    labels: tuple[str, ...] = NOTEBOOKS
    """Labels of such namespaces, as `key` or `key=value`."""

    accounts: tuple[str, ...] = ("default-editor", "default-viewer", "jupyter", "notebook")
    """Service accounts that notebooks run as, in any namespace."""

    roles: tuple[str, ...] = (
        *("system:basic-user", "system:discovery", "system:public-info-viewer"),
        *("system:service-account-issuer-discovery", "mlops-workflow-templates"),
    )
    """Cluster roles that are harmless for everybody."""


@stack_rule(
    "SEC-ML-006",
    "notebook-account-disallow-cluster-rights",
    "Service accounts of notebooks have no rights in the whole cluster",
    kinds=(CLUSTER_BINDING, BINDING),
    params=RightsParams,
    not_at_admission="it looks at the notebooks and namespaces beside the binding",
    severity=Severity.CRITICAL,
    rationale=(
        "Whatever a notebook installs or opens runs with its account's token: a poisoned package then lists secrets or "
        "starts pods in every namespace."
    ),
    controls=(
        "cis-eks:4.1.1",
        "aisf:AISF-IAM-02",
        "mitre-atlas:AML.M0005",
        "nist-800-53:AC-3",
        "nist-800-53:AC-6",
        "soc2:CC6.3",
    ),
    bad='subjects=[{"kind": "ServiceAccount", "name": "default-editor", "namespace": "team-a"}],  # ClusterRoleBinding',
    remedy=(
        "Bind a role inside the notebook's own namespace, with the kinds that it works with.",
        'k8s.rbac.v1.RoleBinding(name, metadata={"namespace": "team-a"}, subjects=subjects,\n'
        '    role_ref={"apiGroup": api_group, "kind": "Role", "name": "notebook"})',
    ),
)
def narrow_rights(resource: Resource, stack: Stack, ctx: Context[RightsParams]) -> Iterator[Outcome]:
    """A binding in one namespace is wrong only where it gives everything there."""
    found = [one for one in manifests(resource) if one.kind in (CLUSTER_BINDING, BINDING)]
    yield from each(found, lambda one: _binding(one, stack, ctx.params))


def _binding(binding: Manifest, stack: Stack, params: RightsParams) -> Iterator[Outcome]:
    role = binding.props.text("roleRef.name")
    if role in params.roles or (binding.kind == BINDING and role != FULL):
        raise NotApplicable("it gives no rights in the whole cluster")
    subjects = binding.props.sequence("subjects")
    if not len(subjects):
        raise NotApplicable("it gives rights to nobody")
    yield from each(subjects, lambda subject: _subject(subject, role, stack, params))


def _subject(subject: View, role: str, stack: Stack, params: RightsParams) -> Iterator[Outcome]:
    name, kind = subject.text("name"), subject.text("kind")
    if kind == "ServiceAccount":
        if _of_notebooks(subject.text("namespace"), name, stack, params):
            yield Finding(
                f"{subject.path}: service account {show(name)}, of notebooks, gets {show(role)} beyond its namespace"
            )
    elif kind == "Group" and name.startswith("system:"):
        space = name.removeprefix("system:serviceaccounts:")
        everybody = name in EVERYBODY and _has_notebooks(stack, params)
        if everybody or (space != name and _of_notebooks(space, "", stack, params)):
            yield Finding(
                f"{subject.path}: group {show(name)}, with the accounts of notebooks in it, gets {show(role)}"
            )


def _of_notebooks(namespace: str, account: str, stack: Stack, params: RightsParams) -> bool:
    if account in params.accounts or namespace in params.namespaces:
        return True
    tests: tuple[Callable[[], bool], ...] = (
        lambda: some(objects(stack, NAMESPACE), lambda one: _is_marked(one, namespace, params)),
        lambda: some(objects(stack, NOTEBOOK), lambda book: _runs_as(book, namespace, account)),
    )
    return some(tests, lambda test: test())


def _has_notebooks(stack: Stack, params: RightsParams) -> bool:
    if objects(stack, NOTEBOOK):
        return True
    return some(objects(stack, NAMESPACE), lambda one: one.name in params.namespaces or marked(one, params.labels))


def _is_marked(space: Manifest, namespace: str, params: RightsParams) -> bool:
    return space.props.at("metadata.name") == namespace and marked(space, params.labels)


def _runs_as(book: Manifest, namespace: str, account: str) -> bool:
    """Whether a notebook of a namespace runs as an account; as any where only the namespace is asked for."""
    if book.namespace != namespace:
        return False
    return not account or book.spec.text("template.spec.serviceAccountName", "default") == account


RULES = (logins, narrow_rights)

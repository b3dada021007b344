"""Cases of the rules on notebooks, tracking servers and dashboards."""

from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_BOOL,
    UNKNOWN_LIST,
    UNKNOWN_OBJECT,
    Case,
    Spec,
    object_,
)

ALB = "alb.ingress.kubernetes.io/"
LOGIN = {f"{ALB}auth-type": "oidc"}
PUBLIC = {f"{ALB}scheme": "internet-facing"}


def ingress(
    annotations: Any, name: Any = "mlflow", namespace: Any = "tools", backend: Any = "web", kind: Any = "alb"
) -> Spec:
    rules = [{"http": {"paths": [{"backend": {"service": {"name": backend, "port": {"number": 80}}}}]}}]
    metadata = {"name": name, "namespace": namespace, "annotations": annotations}
    return object_(
        "networking.k8s.io/v1", "Ingress", metadata=metadata, spec={"ingressClassName": kind, "rules": rules}
    )


def service(kind: Any, name: Any = "mlflow", annotations: Any = None, **metadata: Any) -> Spec:
    meta = {"name": name, "namespace": "tools", "annotations": annotations, **metadata}
    return object_("v1", "Service", metadata=meta, spec={"type": kind})


def release(chart: str, **values: Any) -> Spec:
    return Spec("kubernetes:helm.sh/v3:Release", {"chart": chart, "values": values})


def grafana(**values: Any) -> Spec:
    return release("kube-prometheus-stack", grafana=values)


def argo(**server: Any) -> Spec:
    return release("argo-workflows", server=server)


def login(name: str, expected: Any, *specs: Spec, says: str = "", **params: Any) -> Case:
    return Case("SEC-ML-002", name, expected, specs, says, params)


BOOK = object_("kubeflow.org/v1", "Notebook", "book", metadata={"name": "alice", "namespace": "tools"}, spec={})
MESH = object_("security.istio.io/v1", "AuthorizationPolicy", "mesh", metadata={"namespace": "tools"}, spec={})
OPEN_DOOR = {"enabled": True, "annotations": PUBLIC}
GUARDED = {"enabled": True, "annotations": {**PUBLIC, **LOGIN}}
LOGINS = (
    login("cluster service", PASS, service("ClusterIP")),
    login("service by default", PASS, service(None)),
    login("oidc", PASS, ingress(LOGIN)),
    login("cognito", PASS, ingress({**PUBLIC, f"{ALB}auth-type": "cognito"})),
    login("nginx with a proxy", PASS, ingress({"nginx.ingress.kubernetes.io/auth-url": "https://sso"}, kind="nginx")),
    login("proxy behind it", PASS, ingress(PUBLIC, backend="mlflow-oauth2-proxy")),
    login(
        "traefik",
        PASS,
        ingress({"traefik.ingress.kubernetes.io/router.middlewares": "sso-oidc@kubernetescrd"}, kind="traefik"),
        middlewares=["sso-oidc"],
    ),
    login("mesh that denies everybody", PASS, ingress(PUBLIC), MESH),
    login("internal is enough", PASS, ingress({}), internal=False),
    login(
        "internal balancer is enough",
        PASS,
        service("LoadBalancer", annotations={"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"}),
        internal=False,
    ),
    login("grafana inside", PASS, grafana(enabled=True)),
    login("grafana with a login before it", PASS, grafana(ingress=GUARDED)),
    login(
        "grafana with its own",
        PASS,
        grafana(ingress=OPEN_DOOR, **{"grafana.ini": {"auth.generic_oauth": {"enabled": True}}}),
    ),
    login(
        "balancers by replica that are off",
        PASS,
        release("kube-prometheus-stack", prometheus={"servicePerReplica": {"enabled": False, "type": "LoadBalancer"}}),
    ),
    login("argo inside", PASS, argo(enabled=True, authModes=["client"], serviceType="ClusterIP")),
    login("argo with sso", PASS, argo(ingress=OPEN_DOOR, authModes=["client", "sso"])),
    login("no login", FAIL, ingress(PUBLIC), says="the ingress asks for no login"),
    login("internal without a login", FAIL, ingress({f"{ALB}scheme": "internal"})),
    login("login that lets through", FAIL, ingress({**LOGIN, f"{ALB}auth-on-unauthenticated-request": "allow"})),
    login("password alone", FAIL, ingress({"nginx.ingress.kubernetes.io/auth-type": "basic"}, kind="nginx")),
    login("told by its namespace", FAIL, ingress(PUBLIC, "web", "kubeflow")),
    login("told by what is behind it", FAIL, ingress(PUBLIC, "web", "team-a", "team-a-tensorboard")),
    login("told by its label", FAIL, service("LoadBalancer", "web", labels={"app.kubernetes.io/name": "jupyterhub"})),
    login("told by a notebook beside it", FAIL, ingress(PUBLIC, "web"), BOOK),
    login("balancer", FAIL, service("LoadBalancer"), says="spec.type is LoadBalancer, which has no login"),
    login("balancer on the internet", FAIL, service("LoadBalancer", "ray-head"), internal=False),
    login(
        "grafana in the open", FAIL, grafana(ingress=OPEN_DOOR), says="values.grafana.ingress leads out of the cluster"
    ),
    login("grafana by a balancer", FAIL, grafana(service={"type": "LoadBalancer"}, ingress={"annotations": LOGIN})),
    login("prometheus in the open", FAIL, release("kube-prometheus-stack", prometheus={"ingress": OPEN_DOOR})),
    login("grafana by a balancer beside a login", FAIL, grafana(service={"type": "LoadBalancer"}, ingress=GUARDED)),
    login(
        "prometheus by replica",
        FAIL,
        release("kube-prometheus-stack", prometheus={"ingressPerReplica": {"enabled": True}}),
        says="prometheus.ingressPerReplica",
    ),
    login(
        "alertmanager by replica",
        FAIL,
        release("kube-prometheus-stack", alertmanager={"servicePerReplica": {"enabled": True, "type": "LoadBalancer"}}),
    ),
    login("argo by a balancer beside a login", FAIL, argo(serviceType="LoadBalancer", ingress=GUARDED)),
    login("argo without sso", FAIL, argo(ingress=OPEN_DOOR), says="is without sso"),
    login(
        "argo for everybody", FAIL, argo(serviceType="LoadBalancer", authModes=["server", "sso"]), says="holds server"
    ),
    login("own words", FAIL, ingress(PUBLIC, "labelling"), names=["labelling"]),
    login(
        "prometheus in the open, grafana unknown",
        FAIL,
        release("kube-prometheus-stack", grafana=UNKNOWN_OBJECT, prometheus={"ingress": OPEN_DOOR}),
    ),
    login("annotations unknown", OPEN, ingress(UNKNOWN_OBJECT)),
    login("kind of login unknown", OPEN, ingress({f"{ALB}auth-type": UNKNOWN})),
    login("type unknown", OPEN, service(UNKNOWN)),
    login("name unknown", OPEN, ingress(PUBLIC, UNKNOWN, "web")),
    login("switch unknown", OPEN, grafana(ingress={"enabled": UNKNOWN_BOOL})),
    login("switch is a text", OPEN, grafana(ingress={"enabled": "true"}), says="a boolean was expected"),
    login("another tool", SKIP, ingress(PUBLIC, "shop", "web")),
    login("another chart", SKIP, release("gpu-operator")),
    login("another kind", SKIP, object_("v1", "ConfigMap")),
)


def bind(name: str, expected: Any, *specs: Spec, says: str = "", **params: Any) -> Case:
    return Case("SEC-ML-006", name, expected, specs, says, params)


def binding(*subjects: Any, role: Any = "view", kind: str = "ClusterRoleBinding") -> Spec:
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role}
    body: dict[str, Any] = {"metadata": {"namespace": "team-a"}, "roleRef": reference, "subjects": list(subjects)}
    return object_("rbac.authorization.k8s.io/v1", kind, **body)


def account(name: Any, namespace: Any = "team-a") -> dict[str, Any]:
    return {"kind": "ServiceAccount", "name": name, "namespace": namespace}


def group(name: Any) -> dict[str, Any]:
    return {"kind": "Group", "name": name, "apiGroup": "rbac.authorization.k8s.io"}


def book(**spec: Any) -> Spec:
    inner = {"template": {"spec": {"containers": [{"image": "a"}], **spec}}}
    return object_("kubeflow.org/v1", "Notebook", "book", metadata={"name": "alice", "namespace": "team-a"}, spec=inner)


PROFILE = object_(
    "v1", "Namespace", "space", metadata={"name": "team-a", "labels": {"app.kubernetes.io/part-of": "kubeflow-profile"}}
)
RIGHTS = (
    bind("another account", PASS, binding(account("controller", "argo")), book()),
    bind("another account of the namespace", PASS, binding(account("builder")), book(serviceAccountName="alice")),
    bind("people", PASS, binding(group("platform-admins"), role="cluster-admin"), book()),
    bind("accounts of another namespace", PASS, binding(group("system:serviceaccounts:argo")), book()),
    bind("everybody, but no notebooks", PASS, binding(group("system:authenticated"))),
    bind("user", PASS, binding({"kind": "User", "name": "alice"}), book()),
    bind(
        "by its name",
        FAIL,
        binding(account("default-editor")),
        says='service account "default-editor", of notebooks, gets "view"',
    ),
    bind("by its namespace", FAIL, binding(account("anything", "jupyter"))),
    bind("by a label", FAIL, binding(account("builder")), PROFILE),
    bind("by a notebook", FAIL, binding(account("alice"), role="cluster-admin"), book(serviceAccountName="alice")),
    bind("default account of a notebook", FAIL, binding(account("default")), book()),
    bind(
        "everything in its namespace",
        FAIL,
        binding(account("default-editor"), role="cluster-admin", kind="RoleBinding"),
    ),
    bind(
        "all accounts of the namespace",
        FAIL,
        binding(group("system:serviceaccounts:team-a")),
        book(),
        says='group "system:serviceaccounts:team-a"',
    ),
    bind("all accounts", FAIL, binding(group("system:serviceaccounts")), book()),
    bind("everybody", FAIL, binding(group("system:authenticated")), PROFILE),
    bind("bad one beside one that is not known", FAIL, binding(account(UNKNOWN), account("default-editor"))),
    bind("own account", FAIL, binding(account("lab")), accounts=["lab"]),
    bind("in a list", FAIL, object_("v1", "List", items=[binding(account("jupyter")).props])),
    bind("account unknown", OPEN, binding(account(UNKNOWN)), book()),
    bind("namespace unknown", OPEN, binding(account("builder", UNKNOWN)), book()),
    bind("role unknown", OPEN, binding(account("default-editor"), role=UNKNOWN)),
    bind(
        "subjects unknown",
        OPEN,
        object_("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", roleRef={"name": "view"}, subjects=UNKNOWN_LIST),
    ),
    bind(
        "labels of the namespace unknown",
        OPEN,
        binding(account("builder")),
        object_("v1", "Namespace", "space", metadata={"name": "team-a", "labels": UNKNOWN_OBJECT}),
    ),
    bind("notebook's account unknown", OPEN, binding(account("builder")), book(serviceAccountName=UNKNOWN)),
    bind("harmless role", SKIP, binding(account("default-editor"), role="system:discovery")),
    bind("own namespace", SKIP, binding(account("default-editor"), role="edit", kind="RoleBinding")),
    bind("nobody", SKIP, binding(role="cluster-admin")),
    bind("another kind", SKIP, object_("v1", "ServiceAccount")),
)

CASES = (*LOGINS, *RIGHTS)

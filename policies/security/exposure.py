"""How services leave the cluster: by load balancers and ingresses, internal or to the internet, behind which guards.

The annotations and their defaults are those of the AWS Load Balancer Controller (docs/guide/ingress/annotations.md
and docs/guide/service/annotations.md of kubernetes-sigs/aws-load-balancer-controller, read 2026-11-27), ingress-nginx
(docs/user-guide/nginx-configuration/annotations.md, read 2026-11-27) and Traefik.
"""

import enum
import re
from collections.abc import Callable
from typing import Final

from policies._engine.build import some
from policies._engine.model import Manifest, Stack
from policies._engine.objects import annotation, any_object, known_name, objects
from policies._engine.values import View, show
from policies._engine.wire import Undetermined

SERVICE: Final = "/Service"
INGRESS: Final = ("networking.k8s.io/Ingress", "extensions/Ingress")
CLASS_PARAMETERS: Final = ("elbv2.k8s.aws/IngressClassParams", "eks.amazonaws.com/IngressClassParams")
MESH: Final = ("security.istio.io/AuthorizationPolicy",)

ALB: Final = "alb.ingress.kubernetes.io/"
NGINX: Final = "nginx.ingress.kubernetes.io/"
BALANCER: Final = "service.beta.kubernetes.io/aws-load-balancer-"
EVERYBODY: Final = ("0.0.0.0/0", "::/0")
PROXIES: Final = re.compile(r"(?:^|-)(?:oauth2-proxy|oidc-authservice|pomerium|authentik|dex)(?:-|$)")
"""Names of services that ask for a login before they pass a request on."""


class Reach(enum.Enum):
    """From where something can be reached."""

    CLUSTER = "cluster"
    NETWORK = "network"
    """Beyond the cluster, by internal load balancers only."""

    INTERNET = "internet"


def of_service(service: Manifest) -> Reach:
    """Return the reach of a Service. Raises `Undetermined`."""
    if service.spec.at("type") != "LoadBalancer":
        return Reach.CLUSTER
    ranges = [*service.spec.sequence("loadBalancerSourceRanges")]
    listed = annotation(service, "service.beta.kubernetes.io/load-balancer-source-ranges")
    if _narrow([str(one) for one in ranges] or _split(listed)):
        return Reach.NETWORK
    scheme = annotation(service, f"{BALANCER}scheme")
    if scheme:
        return Reach.INTERNET if scheme == "internet-facing" else Reach.NETWORK
    if annotation(service, f"{BALANCER}internal").lower() in ("true", "0.0.0.0/0"):
        return Reach.NETWORK
    # The controller's own default is internal; without it Kubernetes makes a public one.
    ours = service.spec.text("loadBalancerClass") or annotation(service, f"{BALANCER}type") in ("external", "nlb-ip")
    return Reach.NETWORK if ours else Reach.INTERNET


def of_ingress(ingress: Manifest, stack: Stack, internal_classes: tuple[str, ...]) -> Reach:
    """Return the reach of an Ingress.

    Raises `Undetermined` for one whose controller is not AWS's and not named as internal.
    """
    name = class_of(ingress)
    if name in internal_classes:
        return Reach.NETWORK
    parameters = _parameters(name, stack)
    by_aws = bool(parameters) or name.startswith(("alb", "eks-auto-alb")) or _has_prefix(ingress, ALB)
    if not by_aws:
        raise Undetermined(
            f"whether ingress class {show(name or None)} faces the internet is decided by its controller"
        )
    schemes = [one.spec.text("scheme") for one in parameters]
    schemes = [one for one in schemes if one] or [annotation(one, f"{ALB}scheme") for one in group(ingress, stack)]
    networks = _split(annotation(ingress, f"{ALB}inbound-cidrs"))
    return Reach.INTERNET if "internet-facing" in schemes and not _narrow(networks) else Reach.NETWORK


def group(ingress: Manifest, stack: Stack) -> list[Manifest]:
    """Return the ingresses that share a load balancer, itself among them: what one says of it holds for all."""
    name = annotation(ingress, f"{ALB}group.name")
    others = objects(stack, *INGRESS) if name else ()
    return [ingress, *(one for one in others if one is not ingress and annotation(one, f"{ALB}group.name") == name)]


def class_of(ingress: Manifest) -> str:
    """Return the class of an Ingress, empty for the cluster's default one."""
    return ingress.spec.text("ingressClassName") or annotation(ingress, "kubernetes.io/ingress.class")


def _parameters(name: str, stack: Stack) -> list[Manifest]:
    """Return the parameters of a class: of its own name, or the one that the class refers to."""
    names = {name} if name else set[str]()
    for one in objects(stack, "networking.k8s.io/IngressClass"):
        if known_name(one) == name:
            names.add(one.spec.text("parameters.name"))
    return [one for one in objects(stack, *CLASS_PARAMETERS) if known_name(one) in names]


def _has_prefix(manifest: Manifest, prefix: str) -> bool:
    return any(key.startswith(prefix) for key in manifest.props.mapping("metadata.annotations"))


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _narrow(networks: list[str]) -> bool:
    return bool(networks) and not any(network in EVERYBODY for network in networks)


def has_firewall(ingress: Manifest, stack: Stack) -> bool:
    """Whether a web application firewall stands before an Ingress. Raises `Undetermined`."""
    for one in _parameters(class_of(ingress), stack):
        if one.spec.text("wafv2AclArn") or one.spec.text("wafv2AclName"):
            return True
    members = group(ingress, stack)
    named = [annotation(one, f"{ALB}wafv2-acl-{what}") for one in members for what in ("arn", "name")]
    if any(one not in ("", "none") for one in named):
        return True
    return annotation(ingress, f"{NGINX}enable-modsecurity") == "true"


def asks_who(ingress: Manifest, stack: Stack, middlewares: tuple[str, ...] = ()) -> bool:
    """Whether requests through an Ingress are authenticated before they reach the pods. Raises `Undetermined`."""
    tests: tuple[Callable[[], bool], ...] = (
        lambda: _alb_login(ingress),
        lambda: bool(annotation(ingress, f"{NGINX}auth-url")),
        lambda: _has_middleware(ingress, middlewares),
        lambda: bool(backends(ingress)) and all(PROXIES.search(name) for name in backends(ingress)),
        lambda: any_object(stack, MESH, lambda policy: _protects(policy, ingress, stack)),
    )
    return some(tests, lambda test: test())


def _alb_login(ingress: Manifest) -> bool:
    if annotation(ingress, f"{ALB}jwt-validation"):
        return True
    if annotation(ingress, f"{ALB}auth-type") not in ("oidc", "cognito"):
        return False
    return annotation(ingress, f"{ALB}auth-on-unauthenticated-request") != "allow"


def _has_middleware(ingress: Manifest, middlewares: tuple[str, ...]) -> bool:
    """Traefik names them as `<namespace>-<name>@kubernetescrd`."""
    listed = _split(annotation(ingress, "traefik.ingress.kubernetes.io/router.middlewares"))
    return any(name in one for one in listed for name in middlewares)


def _protects(policy: Manifest, ingress: Manifest, stack: Stack) -> bool:
    """An authorization policy counts if it asks for the claims of a token; one without rules denies everybody.

    A `RequestAuthentication` alone lets requests without a token through.
    """
    if policy.namespace != ingress.namespace or not _selects(policy, ingress, stack):
        return False
    action = policy.spec.text("action", "ALLOW")
    rules = tuple(policy.spec.sequence("rules").mappings())
    return action == "CUSTOM" or (action == "ALLOW" and all(_asks_for_token(one) for one in rules))


def _selects(policy: Manifest, ingress: Manifest, stack: Stack) -> bool:
    """Whether a policy holds for all pods behind an Ingress, as far as their services are part of the stack."""
    wanted = policy.spec.mapping("selector.matchLabels")
    if not wanted:
        return True
    services = [one for one in objects(stack, SERVICE) if known_name(one) in backends(ingress)]
    selectors = [one.spec.mapping("selector") for one in services]
    return bool(selectors) and all(covers(selector, wanted) for selector in selectors)


def covers(labels: View, wanted: View) -> bool:
    """Whether labels hold all the wanted ones. Raises `Undetermined`."""
    return all(labels.at((key,)) == wanted.at((key,)) for key in wanted)


def _asks_for_token(rule: View) -> bool:
    sources = [one.mapping("source") for one in rule.sequence("from").mappings()]
    conditions = [one.text("key") for one in rule.sequence("when").mappings()]
    named = bool(sources) and all(one.declared("requestPrincipals") for one in sources)
    return named or any(key.startswith("request.auth.") for key in conditions)


def backends(ingress: Manifest) -> list[str]:
    """Return the names of the services behind an Ingress; of an action of the load balancer none."""
    names = [ingress.spec.at("defaultBackend.service.name")]
    for one in ingress.spec.sequence("rules").mappings():
        names += [path.at("backend.service.name") for path in one.sequence("http.paths").mappings()]
    return [name for name in names if isinstance(name, str)]


def logs_in(annotations: View) -> bool:
    """Whether annotations of a chart's ingress hold a login of the load balancer or of ingress-nginx."""
    login = annotations.text((f"{ALB}auth-type",)) in ("oidc", "cognito")
    open_door = annotations.text((f"{ALB}auth-on-unauthenticated-request",)) == "allow"
    return (login and not open_door) or bool(annotations.text((f"{NGINX}auth-url",)))

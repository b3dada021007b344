"""Endpoints of models: who reaches them, and where what they are asked is kept."""

from collections.abc import Callable, Iterator
from urllib.parse import SplitResult, urlsplit

from policies._engine.build import differs, each, rule, some, stack_rule
from policies._engine.devices import COMPONENTS, INFERENCE, has_accelerators
from policies._engine.model import Manifest, Resource, Stack, manifests
from policies._engine.objects import known_name, marked, objects
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import View, joined
from policies._engine.wire import MalformedValue, Undetermined
from policies.security.exposure import (
    INGRESS,
    SERVICE,
    Reach,
    asks_who,
    backends,
    covers,
    has_firewall,
    of_ingress,
    of_service,
)
from policies.security.purposes import SERVING, serves

WORKLOADS = ("apps/Deployment", "apps/StatefulSet")


class EndpointParams(Params):
    """Parameters of SEC-ML-001."""

    serving: tuple[str, ...] = SERVING
    """Labels of namespaces and objects that serve models, as `key` or `key=value`. What is before a KServe service or a
    workload on accelerators counts without a label."""

    internal_classes: tuple[str, ...] = ()
    """Classes of ingress that only the own network reaches, where their controller is not AWS's."""

    middlewares: tuple[str, ...] = ()
    """Parts of the names of Traefik's middlewares that ask for a login."""


@stack_rule(
    "SEC-ML-001",
    "inference-endpoint-require-guards",
    "Models face the internet only behind a login and a firewall",
    kinds=(SERVICE, *INGRESS),
    params=EndpointParams,
    not_at_admission="it looks at the namespace, the workload and the policies beside the object",
    severity=Severity.CRITICAL,
    rationale=(
        "An open endpoint gives away GPU hours, and the model itself answer by answer; prompts that were never meant "
        "for it reach a server that has no notion of users."
    ),
    controls=(
        "aisf:AISF-IAM-08",
        "aisf:AISF-INFRA-03",
        "fsbp:ELB.16",
        "checkov:CKV2_AWS_28",
        "mitre-atlas:AML.M0019",
        "mitre-atlas:AML.T0132",
        "owasp-llm:LLM06",
        "nist-800-53:AC-3",
        "nist-800-53:AC-4",
        "nist-800-53:SC-7",
        "soc2:CC6.1",
        "soc2:CC6.6",
    ),
    bad='annotations={"alb.ingress.kubernetes.io/scheme": "internet-facing"}',
    remedy=(
        "Keep the scheme internal. What must be public gets a login or a token check, and a web ACL.",
        'annotations={"alb.ingress.kubernetes.io/scheme": "internet-facing",\n'
        '    "alb.ingress.kubernetes.io/jwt-validation": token_check,\n'
        '    "alb.ingress.kubernetes.io/wafv2-acl-arn": web_acl.arn}',
    ),
)
def guarded_endpoints(resource: Resource, stack: Stack, ctx: Context[EndpointParams]) -> Iterator[Outcome]:
    """AWS WAF takes no network load balancers, so a public Service is wrong whatever it says."""
    wanted = (SERVICE, *INGRESS)
    found = [one for one in manifests(resource) if one.kind in wanted]
    yield from each(found, lambda one: _endpoint(one, stack, ctx.params))


def _endpoint(endpoint: Manifest, stack: Stack, params: EndpointParams) -> Iterator[Outcome]:
    reach, gap = _reach(endpoint, stack, params)
    if reach in (Reach.CLUSTER, Reach.NETWORK):
        return
    if not _serves_models(endpoint, stack, params):
        raise NotApplicable("no model is served behind it")
    if endpoint.kind == SERVICE:
        if gap is not None:
            raise gap
        yield Finding("the service is a load balancer on the internet; wanted an internal scheme, or an ingress")
        return
    missing = [] if asks_who(endpoint, stack, params.middlewares) else ["login"]
    missing += [] if has_firewall(endpoint, stack) else ["web ACL"]
    if missing and gap is not None:
        raise gap
    if missing:
        yield Finding(f"the ingress faces the internet without a {' and a '.join(missing)}")


def _reach(endpoint: Manifest, stack: Stack, params: EndpointParams) -> tuple[Reach | None, Undetermined | None]:
    try:
        if endpoint.kind == SERVICE:
            return of_service(endpoint), None
        return of_ingress(endpoint, stack, params.internal_classes), None
    except Undetermined as gap:
        return None, gap


def _serves_models(endpoint: Manifest, stack: Stack, params: EndpointParams) -> bool:
    tests: tuple[Callable[[], bool], ...] = (
        lambda: marked(endpoint, params.serving),
        lambda: serves(stack, endpoint.namespace, params.serving),
        lambda: _before_accelerators(endpoint, stack),
    )
    return some(tests, lambda test: test())


def _before_accelerators(endpoint: Manifest, stack: Stack) -> bool:
    """Whether a workload that it leads to asks for accelerators."""
    if endpoint.kind == SERVICE:
        services = [endpoint]
    else:
        names = backends(endpoint)
        services = [one for one in objects(stack, SERVICE) if known_name(one) in names]
    selectors = [one.spec.mapping("selector") for one in services if one.namespace == endpoint.namespace]
    workloads = [one for one in objects(stack, *WORKLOADS) if one.namespace == endpoint.namespace]
    return some(workloads, lambda one: _behind(one, selectors) and has_accelerators(one))


def _behind(workload: Manifest, selectors: list[View]) -> bool:
    labels = workload.props.mapping("spec.template.metadata.labels")
    return any(selector and covers(labels, selector) for selector in selectors)


ENDPOINT = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
INSIDE = (".svc", ".svc.cluster.local")


class LogParams(Params):
    """Parameters of SEC-ML-008."""

    hosts: tuple[str, ...] = ()
    """Ends of host names outside of the cluster that may receive requests and answers, over TLS."""

    plain_inside: bool = True
    """Whether they may travel without TLS inside the cluster, as with KServe's own default; a mesh encrypts them."""


@rule(
    "SEC-ML-008",
    "inference-endpoint-require-private-logs",
    "Requests and answers of models are logged to encrypted places of one's own",
    on=(ENDPOINT,),
    kinds=(INFERENCE,),
    params=LogParams,
    not_at_admission="addresses are taken apart, which conditions cannot do",
    severity=Severity.HIGH,
    rationale=(
        "A payload log holds what users typed in: names, contracts, health. At a collector on the internet, or without "
        "an own key, it is the easiest copy of it to take."
    ),
    controls=(
        "aisf:AISF-DATA-04",
        "owasp-llm:LLM02",
        "nist-800-53:SC-8",
        "nist-800-53:SC-28(1)",
        "soc2:CC6.1",
        "soc2:CC6.7",
    ),
    bad='predictor={"logger": {"mode": "all", "url": "http://collector.example.com"}, "model": model}',
    remedy=(
        "Log to a bucket of your own or to a collector in the cluster; give SageMaker's captures a KMS key.",
        'predictor={"logger": {"mode": "all", "url": "s3://acme-inference-logs/fraud"}, "model": model}',
    ),
)
def private_logs(resource: Resource, ctx: Context[LogParams]) -> Iterator[Outcome]:
    """Without an address KServe takes the broker that its own settings name, which is in the cluster."""
    if resource.type == ENDPOINT:
        yield from _captures(resource.props)
        return
    found = [one for one in manifests(resource) if one.kind == INFERENCE]
    yield from each(found, lambda service: _loggers(service, ctx.params))


def _loggers(service: Manifest, params: LogParams) -> Iterator[Outcome]:
    components = [name for name in COMPONENTS if service.spec.declared((name, "logger"))]
    if not components:
        raise NotApplicable("the service logs no requests")
    yield from each(components, lambda name: _logger(service.spec.mapping((name, "logger")), params))


def _logger(logger: View, params: LogParams) -> Iterator[Outcome]:
    address = logger.text("url")
    where, shown = joined(logger.path, "url"), logger.shown("url")
    if not address:
        if not params.plain_inside:
            yield Finding(f"{where} is unset, so KServe's own broker without TLS; wanted an https or s3 address")
        return
    found = _split(address, where)
    host, web = (found.hostname or "").rstrip("."), found.scheme in ("http", "https")
    if found.scheme == "s3":
        return
    if web and (host.endswith(INSIDE) or (host and "." not in host)):
        if found.scheme == "http" and not params.plain_inside:
            yield Finding(f"{where} is {shown}; wanted https, inside the cluster too")
    elif found.scheme != "https":
        yield Finding(f"{where} is {shown}, outside of the cluster and without TLS; wanted s3, or https to an own host")
    elif not any(f".{host}".endswith(f".{one.lstrip('.')}") for one in params.hosts):
        yield Finding(f"{where} is {shown}, a host that is not allowed; wanted a bucket, or a host of your own")


def _split(address: str, where: str) -> SplitResult:
    try:
        found = urlsplit(address)
        # The port is read only here, and may be no number.
        _ = found.port
    except ValueError:
        raise MalformedValue(where, "an address", address) from None
    return found


def _captures(props: View) -> Iterator[Outcome]:
    capture, output = props.mapping("dataCaptureConfig"), props.mapping("asyncInferenceConfig.outputConfig")
    captures = capture.flag("enableCapture")
    if not captures and not output:
        raise NotApplicable("the endpoint keeps no requests and no answers")
    wanted = "a KMS key of your own"
    if captures and not capture.at("kmsKeyId"):
        yield differs(capture, "kmsKeyId", wanted)
    if output and not output.at("kmsKeyId"):
        yield differs(output, "kmsKeyId", wanted)


RULES = (guarded_endpoints, private_logs)

"""Cases of the rules on endpoints of models."""

from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    OTHER,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_LIST,
    UNKNOWN_OBJECT,
    Case,
    Spec,
    object_,
)

ALB = "alb.ingress.kubernetes.io/"
NGINX = "nginx.ingress.kubernetes.io/"
BALANCER = "service.beta.kubernetes.io/aws-load-balancer-"
PUBLIC = {f"{ALB}scheme": "internet-facing"}
ACL = {f"{ALB}wafv2-acl-arn": "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/a/b"}
LOGIN = {f"{ALB}auth-type": "oidc", f"{ALB}auth-idp-oidc": "{}"}
TOKEN = {f"{ALB}jwt-validation": "{}"}
INTERNET = {f"{BALANCER}scheme": "internet-facing"}


def metadata(annotations: Any, labels: Any = None, name: str = "model", namespace: Any = "serving") -> dict[str, Any]:
    return {"name": name, "namespace": namespace, "annotations": annotations, "labels": labels}


def ingress(
    annotations: Any, kind: Any = "alb", labels: Any = None, namespace: Any = "serving", name: str = "subject"
) -> Spec:
    rules = [{"http": {"paths": [{"path": "/", "backend": {"service": {"name": "vllm", "port": {"number": 80}}}}]}}]
    spec = {"ingressClassName": kind, "rules": rules}
    return object_(
        "networking.k8s.io/v1", "Ingress", name, metadata=metadata(annotations, labels, namespace=namespace), spec=spec
    )


def service(
    annotations: Any = None, kind: Any = "LoadBalancer", labels: Any = None, name: str = "subject", **spec: Any
) -> Spec:
    body = {"type": kind, "selector": {"app": "vllm"}, **spec}
    return object_("v1", "Service", name, metadata=metadata(annotations, labels, "vllm"), spec=body)


def space(labels: Any, name: str = "serving") -> Spec:
    return object_("v1", "Namespace", "space", metadata={"name": name, "labels": labels})


def workload(amount: Any = "1", labels: Any = None) -> Spec:
    container = {"resources": {"limits": {"nvidia.com/gpu": amount}}}
    template = {"metadata": {"labels": labels or {"app": "vllm"}}, "spec": {"containers": [container]}}
    return object_(
        "apps/v1", "Deployment", "vllm", metadata={"name": "vllm", "namespace": "serving"}, spec={"template": template}
    )


def mesh(*rules: Any, action: Any = None, selector: Any = None) -> Spec:
    spec = {"action": action, "rules": list(rules), "selector": {"matchLabels": selector}}
    return object_("security.istio.io/v1", "AuthorizationPolicy", "mesh", metadata={"namespace": "serving"}, spec=spec)


def guard(name: str, expected: Any, *specs: Spec, says: str = "", **params: Any) -> Case:
    return Case("SEC-ML-001", name, expected, specs, says, params)


SERVING = space({"mlops.dev/purpose": "serving"})
MODEL = object_("serving.kserve.io/v1beta1", "InferenceService", "m", metadata={"namespace": "serving"}, spec={})
CLASS = object_(
    "elbv2.k8s.aws/v1beta1", "IngressClassParams", "class", metadata={"name": "alb"}, spec={"scheme": "internet-facing"}
)
OWN_CLASS = object_(
    "networking.k8s.io/v1", "IngressClass", "own", metadata={"name": "own"}, spec={"parameters": {"name": "alb"}}
)
OTHER_MEMBER = ingress({f"{ALB}group.name": "all", **PUBLIC, **ACL}, name="other")
CLAIMS = {"from": [{"source": {"requestPrincipals": ["*"]}}]}
GUARDS = (
    guard("internal by default", PASS, ingress({}), SERVING),
    guard("internal", PASS, ingress({f"{ALB}scheme": "internal"}), SERVING),
    guard("login and web acl", PASS, ingress({**PUBLIC, **LOGIN, **ACL}), SERVING),
    guard("token and web acl", PASS, ingress({**PUBLIC, **TOKEN, f"{ALB}wafv2-acl-name": "models"}), SERVING),
    guard("mesh and web acl", PASS, ingress({**PUBLIC, **ACL}), SERVING, mesh(CLAIMS)),
    guard(
        "mesh with conditions",
        PASS,
        ingress({**PUBLIC, **ACL}),
        SERVING,
        mesh({"when": [{"key": "request.auth.claims[sub]", "values": ["*"]}]}),
    ),
    guard("mesh asks elsewhere", PASS, ingress({**PUBLIC, **ACL}), SERVING, mesh({}, action="CUSTOM")),
    guard(
        "mesh for these pods",
        PASS,
        ingress({**PUBLIC, **ACL}),
        SERVING,
        service(kind=None, name="svc"),
        mesh(CLAIMS, selector={"app": "vllm"}),
    ),
    guard(
        "web acl of another member of the group",
        PASS,
        ingress({f"{ALB}group.name": "all", **LOGIN}),
        OTHER_MEMBER,
        SERVING,
    ),
    guard(
        "nginx with both",
        PASS,
        ingress({f"{NGINX}auth-url": "https://sso", f"{NGINX}enable-modsecurity": "true"}, "nginx"),
        SERVING,
    ),
    guard("some networks only", PASS, ingress({**PUBLIC, f"{ALB}inbound-cidrs": "203.0.113.0/24"}), SERVING),
    guard("internal class", PASS, ingress({}, "nginx-internal"), SERVING, internal_classes=["nginx-internal"]),
    guard("cluster service", PASS, service(kind="ClusterIP"), SERVING),
    guard("internal balancer", PASS, service({f"{BALANCER}scheme": "internal"}), SERVING),
    guard("controller's default", PASS, service(loadBalancerClass="service.k8s.aws/nlb"), SERVING),
    guard("internal, as it was written", PASS, service({f"{BALANCER}internal": "true"}), SERVING),
    guard("balancer for some networks", PASS, service(INTERNET, loadBalancerSourceRanges=["203.0.113.0/24"]), SERVING),
    guard("nothing", FAIL, ingress(PUBLIC), SERVING, says="without a login and a web ACL"),
    guard("login alone", FAIL, ingress({**PUBLIC, **LOGIN}), SERVING, says="without a web ACL"),
    guard("web acl alone", FAIL, ingress({**PUBLIC, **ACL}), SERVING, says="without a login"),
    guard(
        "login that lets through",
        FAIL,
        ingress({**PUBLIC, **ACL, **LOGIN, f"{ALB}auth-on-unauthenticated-request": "allow"}),
        SERVING,
    ),
    guard("no web acl, said", FAIL, ingress({**PUBLIC, **LOGIN, f"{ALB}wafv2-acl-name": "none"}), SERVING),
    guard("public by its class", FAIL, ingress(LOGIN), CLASS, SERVING),
    guard("public by a class that refers to it", FAIL, ingress(LOGIN, "own"), OWN_CLASS, CLASS, SERVING),
    guard("public by its group", FAIL, ingress({f"{ALB}group.name": "all"}), OTHER_MEMBER, SERVING),
    guard("all networks", FAIL, ingress({**PUBLIC, f"{ALB}inbound-cidrs": "203.0.113.0/24, 0.0.0.0/0"}), SERVING),
    guard("kserve in the namespace", FAIL, ingress(PUBLIC), MODEL),
    guard("labelled itself", FAIL, ingress(PUBLIC, labels={"mlops.dev/purpose": "serving"})),
    guard("before accelerators", FAIL, ingress(PUBLIC), service(kind=None, name="svc"), workload()),
    guard("mesh lets everybody", FAIL, ingress({**PUBLIC, **ACL}), SERVING, mesh({})),
    guard(
        "mesh knows machines only",
        FAIL,
        ingress({**PUBLIC, **ACL}),
        SERVING,
        mesh({"from": [{"source": {"principals": ["*"]}}]}),
    ),
    guard("mesh denies some", FAIL, ingress({**PUBLIC, **ACL}), SERVING, mesh(CLAIMS, action="DENY")),
    guard(
        "mesh for other pods",
        FAIL,
        ingress({**PUBLIC, **ACL}),
        SERVING,
        service(kind=None, name="svc"),
        mesh(CLAIMS, selector={"app": "b"}),
    ),
    guard(
        "public balancer",
        FAIL,
        service({**INTERNET, f"{BALANCER}type": "external"}),
        SERVING,
        says="a load balancer on the internet",
    ),
    guard("kubernetes' default", FAIL, service(), SERVING),
    guard("balancer before accelerators", FAIL, service(INTERNET), workload()),
    guard("balancer for all networks", FAIL, service(INTERNET, loadBalancerSourceRanges=["0.0.0.0/0"]), SERVING),
    guard("scheme unknown", OPEN, ingress({f"{ALB}scheme": UNKNOWN}), SERVING),
    guard("annotations unknown", OPEN, ingress(UNKNOWN_OBJECT), SERVING),
    guard("class of another controller", OPEN, ingress({}, "nginx"), SERVING, says="decided by its controller"),
    guard("type unknown", OPEN, service(kind=UNKNOWN), SERVING),
    guard("labels of the namespace unknown", OPEN, ingress(PUBLIC), space(UNKNOWN_OBJECT)),
    guard("web acl unknown", OPEN, ingress({**PUBLIC, **LOGIN, f"{ALB}wafv2-acl-arn": UNKNOWN}), SERVING),
    guard("accelerators unknown", OPEN, service(INTERNET), workload(UNKNOWN)),
    guard("serves nothing", SKIP, ingress(PUBLIC), space({"mlops.dev/team": "web"})),
    guard("before other pods", SKIP, service(INTERNET), workload(labels={"app": "b"})),
    guard("class of another controller, serves nothing", SKIP, ingress({}, "nginx")),
    guard("another kind", SKIP, object_("v1", "ConfigMap")),
)


def log(name: str, expected: Any, spec: Spec, says: str = "", **params: Any) -> Case:
    return Case("SEC-ML-008", name, expected, (spec,), says, params)


def logger(url: Any = None, part: str = "predictor", **more: Any) -> Spec:
    spec = {"predictor": {"model": {}}, part: {"logger": {"mode": "all", "url": url}}, **more}
    return object_("serving.kserve.io/v1beta1", "InferenceService", spec=spec)


def endpoint(capture: Any = None, output: Any = None) -> Spec:
    props: dict[str, Any] = {"productionVariants": [{"modelName": "fraud"}]}
    if capture is not None:
        options = {
            "captureOptions": [{"captureMode": "Input"}],
            "initialSamplingPercentage": 10,
            "destinationS3Uri": "s3://a/b",
        }
        props["dataCaptureConfig"] = {**options, **capture}
    if output is not None:
        props["asyncInferenceConfig"] = {"outputConfig": {"s3OutputPath": "s3://a/c", **output}}
    return Spec("aws:sagemaker/endpointConfiguration:EndpointConfiguration", props)


KEY = "arn:aws:kms:eu-west-1:111122223333:key/a"
BROKER = "http://broker-ingress.knative-eventing.svc.cluster.local/serving/default"
LOGS = (
    log("bucket", PASS, logger("s3://acme-inference-logs/fraud")),
    log("kserve's default", PASS, logger()),
    log("broker in the cluster", PASS, logger(BROKER)),
    log("name in the cluster", PASS, logger("http://message-dumper")),
    log("tls in the cluster", PASS, logger("https://collector.logs.svc"), plain_inside=False),
    log("allowed host", PASS, logger("https://logs.acme.com/in"), hosts=["acme.com"]),
    log("capture with a key", PASS, endpoint({"enableCapture": True, "kmsKeyId": KEY})),
    log("answers with a key", PASS, endpoint(output={"kmsKeyId": KEY})),
    log("capture is off", SKIP, endpoint({"enableCapture": False})),
    log("collector outside", FAIL, logger("http://collector.example.com"), "outside of the cluster and without TLS"),
    log("collector outside over tls", FAIL, logger("https://collector.example.com"), "a host that is not allowed"),
    log("host that ends alike", FAIL, logger("https://evil-acme.com"), hosts=["acme.com"]),
    log("name that ends alike", FAIL, logger("http://a.svc.example.com")),
    log("another cloud's bucket", FAIL, logger("gs://acme-logs/fraud")),
    log("plain in the cluster", FAIL, logger(BROKER), "wanted https, inside the cluster too", plain_inside=False),
    log("kserve's default without tls", FAIL, logger(), "is unset", plain_inside=False),
    log("transformer", FAIL, logger("http://x.example.com", "transformer"), "spec.transformer.logger.url"),
    log("capture without a key", FAIL, endpoint({"enableCapture": True}), "dataCaptureConfig.kmsKeyId is unset"),
    log("answers without a key", FAIL, endpoint(output={}), "outputConfig.kmsKeyId"),
    log(
        "bad one beside one that is not known",
        FAIL,
        logger("http://x.example.com", "transformer", explainer={"logger": {"url": UNKNOWN}}),
    ),
    log("address unknown", OPEN, logger(UNKNOWN)),
    log("no address", OPEN, logger("https://[::1/x"), "an address was expected"),
    log(
        "logger unknown",
        OPEN,
        object_("serving.kserve.io/v1beta1", "InferenceService", spec={"predictor": {"logger": UNKNOWN_OBJECT}}),
    ),
    log("key unknown", OPEN, endpoint({"enableCapture": True, "kmsKeyId": UNKNOWN})),
    log(
        "switch unknown",
        OPEN,
        Spec(endpoint().type, {"productionVariants": UNKNOWN_LIST, "dataCaptureConfig": UNKNOWN_OBJECT}),
    ),
    log("no logger", SKIP, object_("serving.kserve.io/v1beta1", "InferenceService", spec={"predictor": {"model": {}}})),
    log("keeps nothing", SKIP, endpoint()),
    log("another type", SKIP, OTHER),
)

CASES = (*GUARDS, *LOGS)

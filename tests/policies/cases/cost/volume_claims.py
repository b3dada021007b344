"""Cases of the rule on volume claims."""

from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_LIST,
    UNKNOWN_OBJECT,
    Case,
    Spec,
    object_,
)

GIB = {"default": 200, "production": 2000}


def claim_spec(size: Any, name: Any = "gp3") -> dict[str, Any]:
    return {"storageClassName": name, "resources": {"requests": {"storage": size}}}


def claim(size: Any, name: Any = "gp3") -> Spec:
    return object_("v1", "PersistentVolumeClaim", spec=claim_spec(size, name))


def storage(kind: Any, name: str = "fast", driver: str = "ebs.csi.aws.com", default: str = "false") -> Spec:
    mark = {"storageclass.kubernetes.io/is-default-class": default}
    parameters = {} if kind is None else {"type": kind}
    body = {"metadata": {"name": name, "annotations": mark}, "provisioner": driver, "parameters": parameters}
    return object_("storage.k8s.io/v1", "StorageClass", "class", **body)


def stateful_set(*claims: Any) -> Spec:
    return object_("apps/v1", "StatefulSet", spec={"volumeClaimTemplates": [{"spec": one} for one in claims]})


def chart(size: Any, name: Any = "gp3", chart: str = "kube-prometheus-stack") -> Spec:
    values = {
        "prometheus": {"prometheusSpec": {"storageSpec": {"volumeClaimTemplate": {"spec": claim_spec(size, name)}}}}
    }
    return Spec("kubernetes:helm.sh/v3:Release", {"chart": chart, "values": values})


def of(
    name: str, expected: Any, *specs: Spec, says: str = "", environment: str | None = "development", **more: Any
) -> Case:
    params = {"most_gib": GIB, **more}
    return Case("COST-K8S-003", name, expected, specs, says, params, environment)


EFS = storage(None, "shared", "efs.csi.aws.com")
CASES = (
    of("known class", PASS, claim("100Gi")),
    of("class of the stack", PASS, claim("100Gi", "fast"), storage("gp3")),
    of("driver's default type", PASS, claim("100Gi", "fast"), storage(None)),
    of("default class", PASS, claim("100Gi", None), storage("gp3", default="true")),
    of("throughput volume", PASS, claim("200Gi", "fast"), storage("st1")),
    of("larger in production", PASS, claim("1Ti"), environment="production"),
    of("small, environment unknown", PASS, claim("10Gi"), environment=None),
    of("file system of any size", PASS, claim("10Ti", "shared"), EFS),
    of("stateful set", PASS, stateful_set(claim_spec("10Gi"))),
    of("chart", PASS, chart("50Gi")),
    of("no size", PASS, claim(None)),
    of("gp2 by eks", FAIL, claim("10Gi", "gp2"), says='leads to "gp2" by class "gp2"; wanted gp3 or st1 or sc1'),
    of("gp2 by a class", FAIL, claim("10Gi", "fast"), storage("gp2")),
    of("gp2 by the old provisioner", FAIL, claim("10Gi", "fast"), storage(None, driver="kubernetes.io/aws-ebs")),
    of("io2", FAIL, claim("10Gi", "fast"), storage("io2")),
    of("gp2 by default", FAIL, claim("10Gi", None), storage("gp2", default="true")),
    of("too large", FAIL, claim("500Gi"), says='storage is "500Gi"; wanted at most 200Gi'),
    of("too large in production", FAIL, claim("16Ti"), environment="production"),
    of("second of a stateful set", FAIL, stateful_set(claim_spec("10Gi"), claim_spec("10Gi", "gp2"))),
    of(
        "workflow",
        FAIL,
        object_("argoproj.io/v1alpha1", "Workflow", spec={"volumeClaimTemplates": [{"spec": claim_spec("900Gi")}]}),
    ),
    of("chart too large", FAIL, chart("900Gi"), says="volumeClaimTemplate.spec.resources"),
    of("bad class, size unknown", FAIL, claim(UNKNOWN, "gp2")),
    of(
        "bad one beside one that is not known",
        FAIL,
        stateful_set(claim_spec("10Gi", UNKNOWN), claim_spec("10Gi", "gp2")),
    ),
    of("class unknown", OPEN, claim("10Gi", UNKNOWN)),
    of("class of another stack", OPEN, claim("10Gi", "elsewhere"), says='class "elsewhere" is not part of this stack'),
    of("no default class", OPEN, claim("10Gi", None), says="no default storage class"),
    of("size unknown", OPEN, claim(UNKNOWN)),
    of("no quantity", OPEN, claim("large"), says="a quantity was expected"),
    of("environment unknown", OPEN, claim("500Gi"), environment=None),
    of("claims unknown", OPEN, object_("apps/v1", "StatefulSet", spec={"volumeClaimTemplates": UNKNOWN_LIST})),
    of(
        "values unknown",
        OPEN,
        Spec("kubernetes:helm.sh/v3:Release", {"chart": "kube-prometheus-stack", "values": UNKNOWN_OBJECT}),
    ),
    of("stateful set without claims", SKIP, stateful_set()),
    of("another chart", SKIP, chart("900Gi", chart="acme")),
    of("another kind", SKIP, object_("v1", "Service")),
)

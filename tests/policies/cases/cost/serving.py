"""Cases of the rule on the scale of inference."""

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

GPU = {"resources": {"limits": {"nvidia.com/gpu": "1"}}}
CPU = {"resources": {"limits": {"cpu": "1"}}}


def scale(
    name: str, expected: Any, *specs: Spec, says: str = "", environment: str | None = "production", **params: Any
) -> Case:
    return Case("COST-ML-001", name, expected, specs, says, params, environment)


def service(model: Any = GPU, annotations: Any = None, others: Any = None, **predictor: Any) -> Spec:
    spec = {"predictor": {"model": model, **predictor}, **(others or {})}
    return object_("serving.kserve.io/v1beta1", "InferenceService", metadata={"annotations": annotations}, spec=spec)


def deployment(container: Any = GPU, name: Any = "vllm", kind: str = "Deployment") -> Spec:
    spec = {"replicas": 2, "template": {"spec": {"containers": [container]}}}
    return object_("apps/v1", kind, metadata={"name": name, "namespace": "serving"}, spec=spec)


def hpa(target: Any = "vllm", name: str = "hpa", namespace: Any = "serving", **spec: Any) -> Spec:
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": target}
    body = {"scaleTargetRef": reference, **spec}
    return object_("autoscaling/v2", "HorizontalPodAutoscaler", name, metadata={"namespace": namespace}, spec=body)


def scaled_object(**spec: Any) -> Spec:
    body = {"scaleTargetRef": {"name": "vllm"}, **spec}
    return object_("keda.sh/v1alpha1", "ScaledObject", "keda", metadata={"namespace": "serving"}, spec=body)


STANDARD = {"serving.kserve.io/deploymentMode": "Standard"}
STUCK = {"scaleDown": {"selectPolicy": "Disabled"}}
CASES = (
    scale("bounded", PASS, service(maxReplicas=4)),
    scale("fixed by its mode", PASS, service(annotations=STANDARD, minReplicas=2)),
    scale("by knative's annotation", PASS, service(annotations={"autoscaling.knative.dev/max-scale": "3"})),
    scale("to zero in development", PASS, service(minReplicas=0, maxReplicas=2), environment="development"),
    scale(
        "follows the load in development",
        PASS,
        service(annotations=STANDARD, minReplicas=1, maxReplicas=2),
        environment="development",
    ),
    scale("on cpu in development", PASS, service(CPU, maxReplicas=2), environment="development"),
    scale("hpa", PASS, deployment(), hpa(maxReplicas=6)),
    scale("keda", PASS, deployment(), scaled_object(maxReplicaCount=4)),
    scale("hpa in development", PASS, deployment(), hpa(minReplicas=1, maxReplicas=3), environment="development"),
    scale("no limit", FAIL, service(), says="spec.predictor.maxReplicas is unset, which is no limit"),
    scale("zero is no limit", FAIL, service(maxReplicas=0)),
    scale("too many", FAIL, service(maxReplicas=500), says="is 500; wanted at most 50"),
    scale(
        "transformer without a limit",
        FAIL,
        service(maxReplicas=2, others={"transformer": {"containers": [CPU]}}),
        says="transformer",
    ),
    scale(
        "always one in development",
        FAIL,
        service(maxReplicas=2),
        says="is unset in development; wanted 0",
        environment="development",
    ),
    scale("fixed in the sandbox", FAIL, service(annotations=STANDARD, minReplicas=2), environment="sandbox"),
    scale("keda's default", FAIL, deployment(), scaled_object(), says="maxReplicaCount is 100; wanted at most 50"),
    scale("hpa of many", FAIL, deployment(), hpa(maxReplicas=200), says="hpa: spec.maxReplicas is 200"),
    scale(
        "hpa that never scales down", FAIL, deployment(), hpa(maxReplicas=6, behavior=STUCK), says="never scales down"
    ),
    scale(
        "keda that never scales down",
        FAIL,
        deployment(),
        scaled_object(maxReplicaCount=4, advanced={"horizontalPodAutoscalerConfig": {"behavior": STUCK}}),
    ),
    scale("least is most", FAIL, deployment(), hpa(minReplicas=6, maxReplicas=6)),
    scale(
        "no autoscaler in development",
        FAIL,
        deployment(),
        says="holds its accelerators day and night",
        environment="development",
    ),
    scale(
        "autoscaler of another namespace",
        FAIL,
        deployment(),
        hpa(maxReplicas=3, namespace="other"),
        environment="development",
    ),
    scale("parameter", FAIL, service(maxReplicas=4), most_replicas=3),
    scale("most unknown", OPEN, service(maxReplicas=UNKNOWN)),
    scale("most is a text", OPEN, service(maxReplicas="many"), says="a number was expected"),
    scale("annotations unknown", OPEN, service(annotations=UNKNOWN_OBJECT)),
    scale("environment unknown", OPEN, deployment(), environment=None),
    scale("target unknown", OPEN, deployment(), hpa(UNKNOWN, maxReplicas=3)),
    scale("name unknown", OPEN, deployment(name=UNKNOWN), hpa(maxReplicas=3)),
    scale(
        "containers unknown",
        OPEN,
        object_("apps/v1", "Deployment", spec={"template": {"spec": {"containers": UNKNOWN_LIST}}}),
    ),
    scale("hpa's most unknown", OPEN, deployment(), hpa(maxReplicas=UNKNOWN)),
    scale("fixed in production", SKIP, deployment(), says="no autoscaler"),
    scale("without accelerators", SKIP, deployment(CPU), scaled_object()),
    scale("another kind", SKIP, object_("v1", "Service")),
)

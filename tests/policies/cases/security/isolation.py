"""Cases of the rules on untrusted code."""

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

TRUST = "mlops.dev/trust"
UNTRUSTED = {TRUST: "untrusted"}
TERMS = "nodeSelectorTerms"


def group(labels: Any, *taints: Any, depends: Any = None, **props: Any) -> Spec:
    inputs = {"labels": labels, "taints": list(taints), **props}
    return Spec("aws:eks/nodeGroup:NodeGroup", inputs, depends=depends or {})


def pool(labels: Any, *taints: Any, **spec: Any) -> Spec:
    template = {"metadata": {"labels": labels}, "spec": {"taints": list(taints), **spec}}
    return object_("karpenter.sh/v1", "NodePool", spec={"template": template})


def taint(effect: Any, key: Any = TRUST) -> dict[str, Any]:
    return {"key": key, "value": "untrusted", "effect": effect}


def job(labels: Any = UNTRUSTED, **spec: Any) -> Spec:
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "run"}], **spec}}
    return object_("batch/v1", "Job", metadata={"namespace": "guests"}, spec={"template": template})


def workflow(kind: str = "Workflow", labels: Any = UNTRUSTED, **spec: Any) -> Spec:
    inner: Any = {"templates": [{"name": "main"}], "podMetadata": {"labels": labels}, **spec}
    spec = {"workflowSpec": inner} if kind == "CronWorkflow" else inner
    return object_("argoproj.io/v1alpha1", kind, spec=spec)


def fargate(*selectors: Any) -> Spec:
    return Spec("aws:eks/fargateProfile:FargateProfile", {"clusterName": "ml", "selectors": list(selectors)}, "fargate")


def affinity(*values: Any, operator: Any = "In") -> dict[str, Any]:
    """Return node affinity with a term for each value."""
    terms = [{"matchExpressions": [{"key": TRUST, "operator": operator, "values": [one]}]} for one in values]
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {TERMS: terms}}}


CASES = (
    Case("SEC-EKS-017", "tainted group", PASS, (group(UNTRUSTED, taint("NO_SCHEDULE")),)),
    Case("SEC-EKS-017", "tainted pool", PASS, (pool(UNTRUSTED, taint("NoExecute"), taint("NoSchedule", "gpu")),)),
    Case("SEC-EKS-017", "tainted and one unknown", PASS, (pool(UNTRUSTED, taint(UNKNOWN), taint("NoSchedule")),)),
    Case("SEC-EKS-017", "group without a taint", FAIL, (group(UNTRUSTED),), "wanted a taint mlops.dev/trust"),
    Case("SEC-EKS-017", "pool without a taint", FAIL, (pool(UNTRUSTED),), "spec.template.spec.taints is []"),
    Case("SEC-EKS-017", "group with a mild taint", FAIL, (group(UNTRUSTED, taint("PREFER_NO_SCHEDULE")),)),
    Case("SEC-EKS-017", "pool with another taint", FAIL, (pool(UNTRUSTED, taint("NoSchedule", "nvidia.com/gpu")),)),
    Case("SEC-EKS-017", "taint of group unknown", OPEN, (group(UNTRUSTED, taint(UNKNOWN)),)),
    Case("SEC-EKS-017", "labels of group unknown", OPEN, (group(UNKNOWN_OBJECT, depends={"labels": []}),)),
    Case("SEC-EKS-017", "taints of group left out in a preview", FAIL, (group(UNTRUSTED, taints=UNKNOWN_LIST),)),
    Case("SEC-EKS-017", "label of pool unknown", OPEN, (pool({TRUST: UNKNOWN}),)),
    Case("SEC-EKS-017", "taints of pool are a text", OPEN, (pool(UNTRUSTED, taints="x"),), "a list was expected"),
    Case("SEC-EKS-017", "ordinary group", SKIP, (group({"pool": "system"}),)),
    Case("SEC-EKS-017", "labels of group left out in a preview", SKIP, (group(UNKNOWN_OBJECT),)),
    Case("SEC-EKS-017", "ordinary pool", SKIP, (pool({}),)),
    Case("SEC-EKS-017", "job on the pool", PASS, (job(nodeSelector=UNTRUSTED),)),
    Case("SEC-EKS-017", "job by affinity", PASS, (job(affinity=affinity("untrusted")),)),
    Case("SEC-EKS-017", "job on fargate", PASS, (job(), fargate({"namespace": "guest?", "labels": {TRUST: "un*"}}))),
    Case("SEC-EKS-017", "workflow on the pool", PASS, (workflow(nodeSelector=UNTRUSTED),)),
    Case(
        "SEC-EKS-017",
        "job in a sandbox",
        PASS,
        (job(runtimeClassName="gvisor"),),
        params={"runtime_classes": ["gvisor"]},
    ),
    Case(
        "SEC-EKS-017",
        "job on the pool beside an unknown",
        PASS,
        (job(nodeSelector=UNTRUSTED, affinity=UNKNOWN_OBJECT),),
    ),
    Case("SEC-EKS-017", "job anywhere", FAIL, (job(),), "spec.template.spec.nodeSelector lacks mlops.dev/trust"),
    Case(
        "SEC-EKS-017",
        "job declared on the object",
        FAIL,
        (object_("v1", "Pod", metadata={"labels": UNTRUSTED}, spec={"containers": []}),),
    ),
    Case("SEC-EKS-017", "job by affinity to either", FAIL, (job(affinity=affinity("untrusted", "trusted")),)),
    Case("SEC-EKS-017", "job by affinity against", FAIL, (job(affinity=affinity("untrusted", operator="NotIn")),)),
    Case("SEC-EKS-017", "job of a sandbox not known", FAIL, (job(runtimeClassName="gvisor"),)),
    Case("SEC-EKS-017", "fargate for another namespace", FAIL, (job(), fargate({"namespace": "team-*"}))),
    Case(
        "SEC-EKS-017",
        "fargate for other labels",
        FAIL,
        (job(), fargate({"namespace": "guests", "labels": {"queue": "*"}})),
    ),
    Case("SEC-EKS-017", "cron workflow anywhere", FAIL, (workflow("CronWorkflow"),), "spec.workflowSpec.nodeSelector"),
    Case(
        "SEC-EKS-017",
        "a label of the company",
        FAIL,
        (job({"acme/origin": "external"}),),
        params={"label": "acme/origin", "value": "external"},
    ),
    Case("SEC-EKS-017", "selector unknown", OPEN, (job(nodeSelector=UNKNOWN_OBJECT),)),
    Case("SEC-EKS-017", "labels of job unknown", OPEN, (job(UNKNOWN_OBJECT),)),
    Case(
        "SEC-EKS-017",
        "fargate selectors unknown",
        OPEN,
        (job(), Spec("aws:eks/fargateProfile:FargateProfile", {"selectors": UNKNOWN_LIST}, "fargate")),
    ),
    Case("SEC-EKS-017", "ordinary job", SKIP, (job({"app": "train"}),)),
    Case("SEC-EKS-017", "another type", SKIP, (OTHER,)),
)

"""Cases of the rules on pools with accelerators."""

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
    secret,
    urn,
)

FAMILY = "karpenter.k8s.aws/instance-family"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
ROOT = Spec("pulumi:pulumi:Stack", name="platform-dev")
LABELS = {"mlops.dev/pool": "training"}
TAGS = dict.fromkeys(("environment", "owner", "cost-center", "platform", "node-pool"), "x")
TAINT = {"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}


def requirement(key: str, *values: Any) -> dict[str, Any]:
    return {"key": key, "operator": "In", "values": list(values)}


G5 = requirement(FAMILY, "g5")
CPU = requirement(FAMILY, "m7i")


def pool(*requirements: Any, labels: Any = None, taints: Any = (), name: str = "subject", **spec: Any) -> Spec:
    inner = {
        "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "training"},
        "requirements": list(requirements),
        "taints": taints if isinstance(taints, str) else list(taints),
    }
    template = {"metadata": {"labels": LABELS if labels is None else labels}, "spec": inner}
    return object_("karpenter.sh/v1", "NodePool", name, spec={"template": template, **spec})


def node_class(tags: Any, name: str = "training") -> Spec:
    return object_("karpenter.k8s.aws/v1", "EC2NodeClass", "class", metadata={"name": name}, spec={"tags": tags})


def group(**props: Any) -> Spec:
    return Spec(NODE_GROUP, {"instanceTypes": ["g5.xlarge"], **props})


def template(specs: Any) -> Spec:
    return Spec(TEMPLATE, {"id": "lt-1", "name": "nodes", "tagSpecifications": specs}, "template")


def tag(name: str, expected: Any, *specs: Spec, says: str = "", **more: Any) -> Case:
    return Case("COST-TAG-002", name, expected, specs, says, **more)


OF_INSTANCES = {"resourceType": "instance", "tags": TAGS}
LAUNCHED = group(labels=LABELS, launchTemplate={"id": "lt-1"})
FOLLOWED = Spec(
    NODE_GROUP,
    {"instanceTypes": ["g5.xlarge"], "labels": LABELS, "launchTemplate": UNKNOWN_OBJECT},
    depends={"launchTemplate": [urn(TEMPLATE, "template")], "instanceTypes": [], "labels": []},
)
MARKS = (
    tag("labelled and tagged", PASS, pool(G5), node_class(TAGS)),
    tag("more tags than needed", PASS, pool(G5), node_class({**TAGS, "team": "research"})),
    tag("group with a tagged template", PASS, LAUNCHED, template([OF_INSTANCES])),
    tag("group by its dependencies", PASS, FOLLOWED, template([OF_INSTANCES])),
    tag(
        "label by its beginning",
        PASS,
        pool(G5, labels={"mlops.dev/team-research": "true"}),
        node_class({}),
        params={"labels": ["mlops.dev/team-*"], "tags": []},
    ),
    tag("no label", FAIL, pool(G5, labels={}), node_class(TAGS), says="labels lack mlops.dev/pool"),
    tag("empty label", FAIL, pool(G5, labels={"mlops.dev/pool": ""}), node_class(TAGS)),
    tag("no tags", FAIL, pool(G5), node_class(None), says="class: spec.tags lack environment, owner, cost-center"),
    tag("one tag missing", FAIL, pool(G5), node_class({**TAGS, "owner": None}), says="lack owner"),
    tag("no label beside tags not known", FAIL, pool(G5, labels={}), node_class(UNKNOWN_OBJECT)),
    tag("group without a template", FAIL, group(labels=LABELS), says="instances get no tags"),
    tag("template tags volumes only", FAIL, LAUNCHED, template([{"resourceType": "volume", "tags": TAGS}])),
    tag("template without tags", FAIL, LAUNCHED, template([]), says="tagSpecifications are without instance"),
    tag("group without labels", FAIL, group(launchTemplate={"id": "lt-1"}), template([OF_INSTANCES])),
    tag("class of another stack", OPEN, pool(G5), node_class(TAGS, "other"), says="not part of this stack"),
    tag("tags unknown", OPEN, pool(G5), node_class(UNKNOWN_OBJECT)),
    tag("value of a tag unknown", OPEN, pool(G5), node_class({**TAGS, "owner": UNKNOWN})),
    tag("family unknown", OPEN, pool(requirement(FAMILY, UNKNOWN)), node_class(TAGS)),
    tag("template of another stack", OPEN, LAUNCHED, says="not a launch template of this stack"),
    tag("cpu pool", SKIP, pool(CPU, labels={})),
    tag("cpu group", SKIP, group(instanceTypes=["m7i.large"])),
    tag("another type", SKIP, OTHER),
)


def idle(name: str, expected: Any, spec: Spec, says: str = "", environment: str | None = "production") -> Case:
    return Case("COST-GPU-005", name, expected, (spec,), says, {"most_minutes": {"default": 10}}, environment)


RESERVED = requirement("karpenter.sh/capacity-type", "reserved")
EITHER = requirement("karpenter.sh/capacity-type", "reserved", "spot")
SCALING = (
    idle("five minutes", PASS, pool(G5, disruption={"consolidateAfter": "5m", "consolidationPolicy": "WhenEmpty"})),
    idle("karpenter's default", PASS, pool(G5)),
    idle("in seconds", PASS, pool(G5, disruption={"consolidateAfter": "600s"})),
    idle("balanced", PASS, pool(G5, disruption={"consolidateAfter": "0s", "consolidationPolicy": "Balanced"})),
    idle(
        "budget at night",
        PASS,
        pool(G5, disruption={"consolidateAfter": "1m", "budgets": [{"nodes": "0", "schedule": "0 8 * * *"}]}),
    ),
    idle(
        "budget for drift",
        PASS,
        pool(G5, disruption={"consolidateAfter": "1m", "budgets": [{"nodes": "0", "reasons": ["Drifted"]}]}),
    ),
    idle("static at zero", PASS, pool(G5, replicas=0)),
    idle("never", FAIL, pool(G5, disruption={"consolidateAfter": "Never"}), "nodes stay when they are empty"),
    idle("an hour and a half", FAIL, pool(G5, disruption={"consolidateAfter": "1h30m"}), "wanted at most 10m"),
    idle("static", FAIL, pool(G5, replicas=2), "a static pool keeps its nodes"),
    idle(
        "budget forbids it always",
        FAIL,
        pool(G5, disruption={"consolidateAfter": "1m", "budgets": [{"nodes": "10%"}, {"nodes": "0"}]}),
        "budgets.1 lets no empty node end",
    ),
    idle(
        "budget forbids it beside one that is not known",
        FAIL,
        pool(G5, disruption={"consolidateAfter": "1m", "budgets": [UNKNOWN_OBJECT, {"nodes": "0%"}]}),
    ),
    idle("reserved beside spot", FAIL, pool(G5, EITHER, disruption={"consolidateAfter": "Never"})),
    Case(
        "COST-GPU-005",
        "longer in production",
        PASS,
        (pool(G5, disruption={"consolidateAfter": "15m"}),),
        params={"most_minutes": {"default": 10, "production": 15}},
        environment="production",
    ),
    Case(
        "COST-GPU-005",
        "environment unknown",
        OPEN,
        (pool(G5, disruption={"consolidateAfter": "15m"}),),
        "the environment is not known",
        {"most_minutes": {"default": 10, "production": 15}},
    ),
    idle("duration unknown", OPEN, pool(G5, disruption={"consolidateAfter": UNKNOWN})),
    idle("no duration", OPEN, pool(G5, disruption={"consolidateAfter": "soon"}), "a duration was expected"),
    idle("a number", OPEN, pool(G5, disruption={"consolidateAfter": 300})),
    idle("budgets unknown", OPEN, pool(G5, disruption={"consolidateAfter": "1m", "budgets": UNKNOWN_LIST})),
    idle("reserved alone", SKIP, pool(G5, RESERVED, disruption={"consolidateAfter": "Never"}), "paid for"),
    idle("cpu pool", SKIP, pool(CPU, disruption={"consolidateAfter": "Never"})),
    idle("another kind", SKIP, object_("karpenter.sh/v1", "NodeClaim")),
)


def taint(name: str, expected: Any, spec: Spec, says: str = "") -> Case:
    return Case("COST-GPU-006", name, expected, (spec,), says)


STARTING = object_(
    "karpenter.sh/v1", "NodePool", spec={"template": {"spec": {"requirements": [G5], "startupTaints": [TAINT]}}}
)
TAINTS = (
    taint("tainted", PASS, pool(G5, taints=[TAINT])),
    taint("by a key of one's own", PASS, pool(G5, taints=[{"key": "team/ml", "effect": "NoExecute"}])),
    taint("group", PASS, group(taints=[{"key": "nvidia.com/gpu", "effect": "NO_SCHEDULE"}])),
    taint("secret beside it", PASS, pool(G5, taints=[{**TAINT, "value": secret("x")}])),
    taint("none", FAIL, pool(G5), "hold none with effect NoSchedule"),
    taint("preferred only", FAIL, pool(G5, taints=[{**TAINT, "effect": "PreferNoSchedule"}])),
    taint("startup taint only", FAIL, STARTING),
    taint("by its limit", FAIL, pool(limits={"nvidia.com/gpu": 4})),
    taint("group without", FAIL, group()),
    taint("group preferred only", FAIL, group(taints=[{"key": "a", "effect": "PREFER_NO_SCHEDULE"}])),
    taint("effect unknown", OPEN, pool(G5, taints=[{"key": "a", "effect": UNKNOWN}])),
    taint("taints unknown", OPEN, pool(G5, taints=UNKNOWN_LIST)),
    taint("group's taints unknown", OPEN, group(taints=UNKNOWN_LIST)),
    taint("group of a template", OPEN, Spec(NODE_GROUP, {"launchTemplate": {"id": "lt-1"}})),
    taint("cpu pool", SKIP, pool(CPU)),
    taint("cpu group", SKIP, group(instanceTypes=["m7i.large"])),
    taint("another type", SKIP, OTHER),
)

GPUS = pool(G5, name="gpus")
RULE = "monitoring.coreos.com/v1"


def rules(*one: Any, name: str = "rules") -> Spec:
    return object_(RULE, "PrometheusRule", name, spec={"groups": [{"name": "gpu", "rules": list(one)}]})


def alert(expression: Any) -> dict[str, Any]:
    return {"alert": "GpuIdle", "expr": expression}


def record(name: str, expression: str) -> dict[str, Any]:
    return {"record": name, "expr": expression}


def told(name: str, expected: Any, *specs: Spec, says: str = "", **more: Any) -> Case:
    return Case("COST-GPU-007", name, expected, (ROOT, *specs), says, **more)


def alarm(**props: Any) -> Spec:
    return Spec("aws:cloudwatch/metricAlarm:MetricAlarm", {"evaluationPeriods": 1, **props}, "alarm")


CHAIN = (
    record("gpu:use", "max by (gpu) (DCGM_FI_PROF_GR_ENGINE_ACTIVE)"),
    record("gpu:idle", "avg_over_time(gpu:use[30m]) < bool 0.05"),
    record("pool:idle", "sum by (pool) (gpu:idle)"),
)
VALUES = {"additionalPrometheusRulesMap": {"gpu": {"groups": [{"rules": [alert("DCGM_FI_DEV_GPU_UTIL < 5")]}]}}}
MANAGED = "aws:amp/ruleGroupNamespace:RuleGroupNamespace"
ALERTS = (
    told("directly", PASS, GPUS, rules(alert("avg_over_time(DCGM_FI_DEV_GPU_UTIL[30m]) < 5"))),
    told("by recording rules", PASS, GPUS, rules(*CHAIN, alert("pool:idle > 0"))),
    told("by recording rules of other objects", PASS, GPUS, rules(alert("pool:idle > 0")), rules(*CHAIN, name="more")),
    told("zero", PASS, GPUS, rules(alert("max_over_time(DCGM_FI_DEV_GPU_UTIL[1h]) == 0"))),
    told("the rest of one", PASS, GPUS, rules(alert("1 - DCGM_FI_PROF_GR_ENGINE_ACTIVE > 0.95"))),
    told("neuron", PASS, GPUS, rules(alert("avg_over_time(neuroncore_utilization_ratio[1h]) < 0.05"))),
    told(
        "alarm of cloudwatch",
        PASS,
        GPUS,
        alarm(metricName="node_gpu_utilization", comparisonOperator="LessThanThreshold"),
    ),
    told(
        "alarm on a query",
        PASS,
        GPUS,
        alarm(
            comparisonOperator="LessThanOrEqualToThreshold",
            metricQueries=[{"id": "a", "metric": {"metricName": "pod_gpu_utilization"}}],
        ),
    ),
    told("managed prometheus", PASS, GPUS, Spec(MANAGED, {"data": "alert: x\nexpr: DCGM_FI_DEV_GPU_UTIL < 5"}, "amp")),
    told(
        "values of a chart",
        PASS,
        GPUS,
        Spec("kubernetes:helm.sh/v3:Release", {"chart": "kube-prometheus-stack", "values": VALUES}, "chart"),
    ),
    told(
        "known beside an expression that is not", PASS, GPUS, rules(alert(UNKNOWN), alert("DCGM_FI_DEV_GPU_UTIL < 5"))
    ),
    told("no alert", FAIL, GPUS, says="no alert of the stack"),
    told("heat alone", FAIL, GPUS, rules(alert("DCGM_FI_DEV_GPU_TEMP < 85"))),
    told("busy alone", FAIL, GPUS, rules(alert("DCGM_FI_DEV_GPU_UTIL > 95"))),
    told("recorded, never told", FAIL, GPUS, rules(*CHAIN)),
    told("cpu is no proxy", FAIL, GPUS, rules(alert("rate(node_cpu_seconds_total[5m]) < 0.05"))),
    told("group", FAIL, Spec(NODE_GROUP, {"amiType": "AL2023_x86_64_NVIDIA"}, "group")),
    told("pool beside one that is not known", FAIL, GPUS, pool(requirement(FAMILY, UNKNOWN), name="other")),
    told("parameter", FAIL, GPUS, rules(alert("DCGM_FI_DEV_GPU_UTIL < 5")), params={"metrics": ["our_gpu_use"]}),
    told(
        "alarm on much", FAIL, GPUS, alarm(metricName="node_gpu_utilization", comparisonOperator="GreaterThanThreshold")
    ),
    told("expression unknown", OPEN, GPUS, rules(alert(UNKNOWN))),
    told("rules unknown", OPEN, GPUS, object_(RULE, "PrometheusRule", "rules", spec={"groups": UNKNOWN_LIST})),
    told("pools unknown", OPEN, pool(requirement(FAMILY, UNKNOWN), name="other")),
    told("cpu pools", SKIP, pool(CPU, name="cpu"), says="no pools with accelerators"),
    told("no pools", SKIP, OTHER, says="no pools of nodes"),
)

CASES = (*MARKS, *SCALING, *TAINTS, *ALERTS)

"""Cases of the rules on budgets."""

from typing import Any

from tests.policies.build import FAIL, OPEN, OTHER, PASS, SKIP, UNKNOWN, UNKNOWN_LIST, Case, Spec, object_
from tests.policies.cases.cost.gpu_price import AWS, EAST, RESERVATION, ROOT, aws

BUDGET = "aws:budgets/budget:Budget"
MONITOR = Spec("aws:costexplorer/anomalyMonitor:AnomalyMonitor", {"monitorType": "DIMENSIONAL"}, "monitor")
SUBSCRIPTION = "aws:costexplorer/anomalySubscription:AnomalySubscription"
TOLD = Spec(SUBSCRIPTION, {"subscribers": [{"type": "EMAIL", "address": UNKNOWN}]}, "told")


def budget(*notifications: Any, kind: Any = "COST") -> Spec:
    return Spec(BUDGET, {"budgetType": kind, "notifications": list(notifications)}, "budget")


MAIL = {"threshold": 100, "subscriberEmailAddresses": [UNKNOWN]}
TOPIC = {"threshold": 100, "subscriberSnsTopicArns": [UNKNOWN]}
GOOD = budget(MAIL)


def told(name: str, expected: Any, *specs: Spec, says: str = "", **rest: Any) -> Case:
    return Case("COST-BUD-001", name, expected, (ROOT, *specs), says, **rest)


KEPT = {"kept_elsewhere": {"default": "", "sandbox": "the account team"}}
ALARMS = (
    told("all three", PASS, GOOD, MONITOR, TOLD),
    told("by topic", PASS, budget(TOPIC), MONITOR, TOLD),
    told("beside a notification that is unknown", PASS, budget(UNKNOWN, MAIL), MONITOR, TOLD),
    told("none", FAIL, OTHER, says="the stack has no budget of type COST"),
    told("budget only", FAIL, GOOD, says="the stack has no anomaly monitor"),
    told("nobody subscribes", FAIL, GOOD, MONITOR, Spec(SUBSCRIPTION, {"subscribers": []}, "told")),
    told("budget tells nobody", FAIL, budget(), MONITOR, TOLD),
    told("notification without subscriber", FAIL, budget({"threshold": 100}), MONITOR, TOLD),
    told("budget of usage", FAIL, budget(MAIL, kind="USAGE"), MONITOR, TOLD),
    told("missing beside unknown", FAIL, budget(UNKNOWN), TOLD, says="no anomaly monitor"),
    told("of the environment", FAIL, OTHER, params=KEPT, environment="production"),
    told(
        "notifications unknown",
        OPEN,
        Spec(BUDGET, {"budgetType": "COST", "notifications": UNKNOWN_LIST}, "b"),
        MONITOR,
        TOLD,
    ),
    told("type unknown", OPEN, budget(MAIL, kind=UNKNOWN), MONITOR, TOLD),
    told("subscribers unknown", OPEN, GOOD, MONITOR, Spec(SUBSCRIPTION, {"subscribers": UNKNOWN_LIST}, "told")),
    told("environment unknown", OPEN, OTHER, params=KEPT),
    told("kept elsewhere", SKIP, OTHER, says="kept by the account team", params=KEPT, environment="sandbox"),
    told("nothing in AWS", SKIP, Spec("kubernetes:core/v1:Namespace", {"apiVersion": "v1", "kind": "Namespace"}, "n")),
    Case("COST-BUD-001", "another type", SKIP, (OTHER,), params={"kept_elsewhere": {"default": ""}}),
)

HUNDRED = {"monthly_usd": {"default": 100}}


def cost(name: str, expected: Any, *specs: Spec, says: str = "", **rest: Any) -> Case:
    return Case("COST-BUD-002", name, expected, (ROOT, AWS, *specs), says, **{"params": HUNDRED, **rest})


KEY = Spec("aws:kms/key:Key", {"description": "x"}, "key", provider=EAST)
CLUSTER = Spec("aws:eks/cluster:Cluster", {"name": "main", "version": "1.36"}, "cluster", provider=EAST)
VOLUME = Spec("aws:ebs/volume:Volume", {"type": "gp3", "size": 1000}, "volume", provider=EAST)
BUCKET = Spec("aws:s3/bucket:Bucket", {"bucket": "data"}, "data", provider=EAST)
QUEUE = Spec("aws:sqs/queue:Queue", {"name": "jobs"}, "queue", provider=EAST)
BIG = aws(RESERVATION, instanceType="p5.48xlarge", instanceCount=2)
UNPRICED = Spec("aws:mq/broker:Broker", {"brokerName": "jobs"}, "broker", provider=EAST)
RELEASE = Spec("kubernetes:helm.sh/v3:Release", {"chart": "x"}, "chart")

SMALLER = Spec(VOLUME.type, {"type": "gp3", "size": 100}, "smaller", provider=EAST)
SIZES = {"minSize": 0, "desiredSize": 0, "maxSize": 2}
GROUP = Spec(
    "aws:eks/nodeGroup:NodeGroup", {"instanceTypes": ["g5.2xlarge"], "scalingConfig": SIZES}, "group", provider=EAST
)
TYPES = [{"key": "node.kubernetes.io/instance-type", "operator": "In", "values": ["g5.2xlarge"]}]
POOL = object_("karpenter.sh/v1", "NodePool", "pool", spec={"template": {"spec": {"requirements": TYPES}}})
IN_PRODUCTION: Any = {"environment": "production"}


def month(usd: Any, **changes: Any) -> Spec:
    """An AWS budget of a month."""
    whole = {"budgetType": "COST", "timeUnit": "MONTHLY", "limitUnit": "USD", "limitAmount": usd, **changes}
    return Spec(BUDGET, whole, "month", {"limitAmount": []})


COSTS = (
    cost("cheap", PASS, CLUSTER, KEY),
    cost("paid by use", PASS, BUCKET),
    cost("small services and charts", PASS, CLUSTER, QUEUE, RELEASE),
    cost(
        "computed by the provider",
        PASS,
        Spec(VOLUME.type, {"type": "gp3", "size": 10, "iops": UNKNOWN}, "v", provider=EAST),
    ),
    cost(
        "of the environment",
        PASS,
        BIG,
        params={"monthly_usd": {"default": 100, "production": 99999}},
        environment="production",
    ),
    cost(
        "dear",
        FAIL,
        CLUSTER,
        VOLUME,
        says=(
            "expected cost is $153.00 a month, $53.00 above a budget of $100.00 (of the profile); "
            "dearest: volume $80.00, cluster $73.00"
        ),
    ),
    cost("very dear", FAIL, BIG, says="$80,358.40"),
    cost("dear without what has no price", FAIL, CLUSTER, VOLUME, UNPRICED, says="expected cost is at least $153.00"),
    cost("dear without what is unknown", FAIL, BIG, Spec(VOLUME.type, {"size": UNKNOWN}, "v", {"size": []}, EAST)),
    cost("no price", OPEN, CLUSTER, UNPRICED, says="at least $73.00 a month of a budget of $100.00 (of the profile); "),
    cost("no price, named", OPEN, CLUSTER, UNPRICED, says="without a price: broker"),
    # Three components of many: the sum is of all.
    cost(
        "dear in parts",
        FAIL,
        CLUSTER,
        KEY,
        VOLUME,
        SMALLER,
        says="dearest: volume $80.00, cluster $73.00, smaller $8.00",
    ),
    cost("own budget", FAIL, CLUSTER, month(70), says="$3.00 above a budget of $70.00 (month of the stack)", params={}),
    cost("own budget below that of the profile", FAIL, CLUSTER, month("70.50"), says="$2.50 above a budget of $70.50"),
    cost("own budget above that of the profile", FAIL, VOLUME, CLUSTER, month(9000), says="$53.00 above a budget of"),
    cost("own budget that is kept", PASS, CLUSTER, month(73), params={}),
    cost("own budget without prices", OPEN, UNPRICED, month(73), says="(month of the stack)", params={}),
    cost("own budget unknown", OPEN, CLUSTER, month(UNKNOWN), says="limitAmount", params={}),
    cost("own budget unknown beside that of the profile", PASS, CLUSTER, month(UNKNOWN)),
    cost("budget of usage", SKIP, CLUSTER, month(1, budgetType="USAGE"), params={}),
    cost("budget of a quarter", SKIP, CLUSTER, month(1, timeUnit="QUARTERLY"), params={}),
    cost("budget of one service", SKIP, CLUSTER, month(1, costFilters=[{"name": "Service"}]), params={}),
    cost("budget of one account", SKIP, CLUSTER, month(1, filterExpression={"dimensions": {}}), params={}),
    cost("budget without a limit", SKIP, CLUSTER, month(None, autoAdjustData={}), params={}),
    # One g5.2xlarge in a group of none to two: 2 x 1.212 x 730 = 1,769.52 at its limit.
    cost("limits in production", FAIL, GROUP, says="at its limits the stack costs $1,769.52 a month", **IN_PRODUCTION),
    cost("limits in production, the sum", FAIL, GROUP, says="$1,669.52 above a budget of $100.00", **IN_PRODUCTION),
    cost("limits in development", OPEN, GROUP, says="without a price: group", environment="development"),
    cost(
        "limits where asked for", FAIL, GROUP, environment="development", params={**HUNDRED, "ceiling": {"default": 1}}
    ),
    cost("limits of an unknown environment", OPEN, GROUP, says="the environment is not known"),
    cost("no limits in production", FAIL, POOL, says="nothing limits what pool can cost", **IN_PRODUCTION),
    cost("no limits in development", OPEN, POOL, environment="development"),
    cost("size unknown", OPEN, Spec(VOLUME.type, {"type": "gp3", "size": UNKNOWN}, "v", {"size": []}, EAST)),
    cost("type unknown", OPEN, Spec("acme:index:Thing", {}, "thing"), says="thing"),
    Case(
        "COST-BUD-002",
        "region without prices",
        OPEN,
        (ROOT, Spec(CLUSTER.type, CLUSTER.props, "cluster", provider={"region": "eu-west-1"})),
        "without a price: cluster",
        HUNDRED,
    ),
    cost("charts counted", OPEN, RELEASE, params={**HUNDRED, "passed_over": []}, says="chart"),
    cost("environment unknown", OPEN, KEY, params={"monthly_usd": {"default": None, "sandbox": 100}}),
    cost("no budget", SKIP, BIG, says="no budget is set for any environment", params={}),
    cost(
        "no budget for the environment",
        SKIP,
        BIG,
        says="no budget is set for production",
        environment="production",
        params={"monthly_usd": {"default": None, "sandbox": 100}},
    ),
    Case("COST-BUD-002", "another type", SKIP, (KEY,), params=HUNDRED),
)

CASES = (*ALARMS, *COSTS)

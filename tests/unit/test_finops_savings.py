"""Proposals to spend less: each kind on a case and silent on its counter case, with amounts worked out by hand."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from finops import Usage, default_book, estimate
from finops.book import Price, PriceBook, Source, Unit
from finops.savings import Proposal, proposals
from tests.unit.finops_kit import (
    NODE_POOL,
    TODAY,
    Plain,
    aws,
    bought,
    group,
    made,
    node_class,
    pool,
    provider,
    types,
    urn,
    usage,
)

D = Decimal
GPU = "nvidia.com/gpu"
TAINT = {"key": GPU, "effect": "NoSchedule"}
NOTHING = usage()


def nodes(number: int, **meters: Any) -> Usage:
    return usage(defaults={"pools": {"nodes": number}, "meters": meters})


def metered(**meters: Any) -> Usage:
    names = {name.replace("__", "/").replace("_", "-"): amount for name, amount in meters.items()}
    return usage(defaults={"meters": names})


def book(**usd: str) -> PriceBook:
    """The library's book with more figures, given as rds.instance items."""
    own = default_book()
    source = Source(name="test", version="1", date=date(2026, 1, 1))
    more = {
        (f"rds.instance/{name}", "us-east-1"): Price(
            item=f"rds.instance/{name}", region="us-east-1", unit=Unit.HOUR, usd=D(price), source=source
        )
        for name, price in usd.items()
    }
    return own.model_copy(update={"prices": {**own.prices, **more}})


def saved(
    *resources: Plain, at: str = "dev", assumes: Usage = NOTHING, prices: PriceBook | None = None, **more: Any
) -> dict[str, Proposal]:
    """Proposals by kind; fails the test where a kind is there twice."""
    found = proposals(estimate([provider(), *resources], TODAY, prices, assumes, at), prices, **more)
    assert len({one.kind for one in found}) == len(found)
    for one in found:
        assert 0 <= one.low <= one.high <= sum(cut.usd for cut in one.cuts)
        assert one.arithmetic
        assert one.source
        assert one.price
        assert one.resources
    return {one.kind.value: one for one in found}


def range_of(found: dict[str, Proposal], kind: str) -> tuple[Decimal, Decimal]:
    cent = D("0.01")
    return found[kind].low.quantize(cent), found[kind].high.quantize(cent)


# --- nodes -----------------------------------------------------------------------------------------------------------


def buying(*kinds: str, name: str = "gpu", **spec: Any) -> Plain:
    return pool(types("g5.2xlarge"), bought(*kinds), name=name, limits={GPU: 8}, **spec)


def test_spot_is_proposed_for_a_pool_on_demand() -> None:
    found = saved(buying("on-demand"), node_class(), assumes=nodes(2))
    # 2 x (1.212 - 0.593) x 730 and 2 x (1.212 - 0.474) x 730
    assert range_of(found, "SAVE-SPOT") == (D("903.74"), D("1077.48"))
    assert found["SAVE-SPOT"].arithmetic == (
        "2 nodes x ($1.212 on demand - $0.593 to $0.474 spot) x 730 h = $903.74 to $1,077.48"
    )
    assert "skypilot" in found["SAVE-SPOT"].source


@pytest.mark.parametrize(
    ("given", "at"),
    [
        (buying("spot"), "dev"),
        (buying("spot", "on-demand"), "dev"),
        (pool(types("g6.xlarge"), bought("on-demand"), limits={GPU: 8}), "dev"),  # no spot price
        (buying("on-demand", name="serving"), "prod"),
        (buying("on-demand", name="notebooks"), "staging"),
        (group(), "dev"),  # no spot price of m7i.xlarge
        (group(instanceTypes=["m7i.2xlarge"], labels={"mlops.dev/pool": "system"}), "dev"),
        (group(instanceTypes=["m7i.2xlarge"], taints=[{"key": "CriticalAddonsOnly", "effect": "NO_SCHEDULE"}]), "dev"),
        (group(instanceTypes=["m7i.2xlarge"], capacityType="SPOT"), "dev"),
    ],
)
def test_spot_is_not_proposed_where_it_is_there_or_would_hurt(given: Plain, at: str) -> None:
    assert "SAVE-SPOT" not in saved(given, node_class(), at=at, assumes=nodes(2))


def test_spot_is_not_proposed_for_jobs_that_must_not_lose_their_node() -> None:
    kept = buying("on-demand")
    kept["inputs"]["spec"]["template"]["spec"]["expireAfter"] = "Never"
    assert "SAVE-SPOT" not in saved(kept, node_class(), assumes=nodes(2))


def test_spot_is_not_proposed_in_production_where_a_deployment_runs() -> None:
    assert "SAVE-SPOT" in saved(buying("on-demand"), node_class(), at="prod", assumes=nodes(2))
    found = saved(buying("on-demand"), node_class(), deployment(1), at="prod", assumes=nodes(2))
    assert "SAVE-SPOT" not in found


def test_graviton_is_proposed_for_the_same_size() -> None:
    found = saved(group())
    assert range_of(found, "SAVE-ARM") == (D("56.06"), D("56.06"))  # 2 x (0.2016 - 0.1632) x 730 = 56.064
    assert "Use m7g.xlarge instead of m7i.xlarge" in found["SAVE-ARM"].todo


@pytest.mark.parametrize("name", ["m7g.xlarge", "g5.2xlarge", "made.up"])
def test_graviton_is_not_proposed_without_a_cheaper_sibling(name: str) -> None:
    assert "SAVE-ARM" not in saved(group(instanceTypes=[name]))


def test_graviton_is_not_proposed_without_a_price() -> None:
    own = default_book()
    without = own.model_copy(update={"prices": {key: p for key, p in own.prices.items() if "/m7g." not in key[0]}})
    assert "SAVE-ARM" not in saved(group(), prices=without)


def deployment(replicas: int, gpus: int = 1, cpu: str = "4", **changes: Any) -> Plain:
    requests = {"cpu": cpu, "memory": "16Gi", GPU: gpus}
    spec: Plain = {
        "nodeSelector": {"karpenter.sh/nodepool": "gpu"},
        "containers": [{"name": "model", "resources": {"requests": requests}}],
        **changes,
    }
    metadata = {"name": "model", "namespace": "team"}
    body = {"metadata": metadata, "spec": {"replicas": replicas, "template": {"spec": spec}}}
    return made("kubernetes:apps/v1:Deployment", "model", body)


def fixed(replicas: int = 2, taints: Any = (TAINT,), **spec: Any) -> Plain:
    """A pool of so many g5.12xlarge with four GPUs, 48 vCPU and 192 GiB each."""
    found = pool(types("g5.12xlarge"), bought("on-demand"), replicas=replicas, **spec)
    found["inputs"]["spec"]["template"]["spec"]["taints"] = list(taints)
    return found


def test_smaller_nodes_are_proposed_where_all_pods_fit() -> None:
    found = saved(fixed(), node_class(), deployment(2))
    # Nine tenths of a g5.xlarge are 3.6 vCPU, less than 4: the smallest that fits is g5.2xlarge at 1.212, the largest
    # that is smaller g5.8xlarge at 2.448. 2 x (5.672 - 2.448) x 730 and 2 x (5.672 - 1.212) x 730
    assert range_of(found, "SAVE-SIZE") == (D("4707.04"), D("6511.60"))
    assert "Use g5.2xlarge instead of g5.12xlarge" in found["SAVE-SIZE"].todo


def test_smaller_nodes_are_proposed_by_the_memory_that_pods_ask_for() -> None:
    # 3 vCPU fit a g5.xlarge, but 16 GiB are more than nine tenths of its 16.
    assert "Use g5.2xlarge" in saved(fixed(), node_class(), deployment(2, cpu="3"))["SAVE-SIZE"].todo


@pytest.mark.parametrize(
    "given",
    [
        (fixed(), deployment(2, gpus=4)),
        (fixed(), deployment(3)),  # one more than smaller nodes with one GPU each hold
        (fixed(taints=()), deployment(2)),  # anything may run there
        (fixed(), deployment(2, containers=[{"name": "model"}])),
        (fixed(), deployment(2, nodeSelector={"karpenter.sh/nodepool": "other"})),
        (fixed(),),
        (pool(types("g5.12xlarge"), limits={GPU: 8}), deployment(2)),  # Karpenter chooses by itself
    ],
)
def test_smaller_nodes_are_not_proposed_where_they_do_not_fit_or_it_is_not_known(given: tuple[Plain, ...]) -> None:
    assert "SAVE-SIZE" not in saved(*given, node_class(), assumes=nodes(2))


# --- hours -----------------------------------------------------------------------------------------------------------


def template() -> Plain:
    disk = {"deviceName": "/dev/xvda", "ebs": {"volumeType": "gp3", "volumeSize": 80}}
    return aws("ec2/launchTemplate:LaunchTemplate", "template", {"blockDeviceMappings": [disk]}, id="lt-1")


def test_working_hours_are_proposed_for_nodes_with_their_disks() -> None:
    found = saved(group(launchTemplate={"id": "lt-1"}), template(), at="staging")
    # 2 x 0.2016 x 730 + 2 x 80 x 0.08 = 294.336 + 12.80 = 307.136; x 88 / 168 and x 108 / 168
    assert range_of(found, "SAVE-HOURS") == (D("160.88"), D("197.44"))


def test_working_hours_are_proposed_for_the_instance_of_a_database_not_its_storage() -> None:
    found = saved(database())
    assert range_of(found, "SAVE-HOURS") == (D("12.24"), D("15.02"))  # 0.032 x 730 = 23.36


@pytest.mark.parametrize(
    ("resource", "at", "more"),
    [
        ("group", "prod", {}),
        ("group", "somewhere", {}),
        ("group", "dev", {"durability": "protected"}),
        ("database", "prod", {}),
    ],
)
def test_working_hours_are_not_proposed_for_what_somebody_depends_on(resource: str, at: str, more: Plain) -> None:
    given = group() if resource == "group" else database()
    assert "SAVE-HOURS" not in saved(given, at=at, **more)


@pytest.mark.parametrize("inputs", [{"deletionProtection": True}, {"replicateSourceDb": "main"}])
def test_working_hours_are_not_proposed_for_a_database_that_must_stay(inputs: Plain) -> None:
    assert "SAVE-HOURS" not in saved(database(**inputs))


def test_working_hours_are_proposed_by_the_tag_where_the_name_says_nothing() -> None:
    assert "SAVE-HOURS" in saved(group(tags={"environment": "dev"}), at="blue")
    assert "SAVE-HOURS" not in saved(group(tags={"environment": "prod"}), at="blue")


def inference(minimum: int | None) -> Plain:
    resources = {"requests": {"cpu": "2", "memory": "8Gi", GPU: 1}}
    predictor: Plain = {"nodeSelector": {"karpenter.sh/nodepool": "gpu"}, "model": {"resources": resources}}
    if minimum is not None:
        predictor["minReplicas"] = minimum
    body = {"metadata": {"name": "chat", "namespace": "team"}, "spec": {"predictor": predictor}}
    return made("kubernetes:serving.kserve.io/v1beta1:InferenceService", "chat", body)


ELASTIC = pool(types("g6.xlarge"), bought("on-demand"), limits={GPU: 8})


@pytest.mark.parametrize("minimum", [1, None])
def test_scale_to_zero_is_proposed_for_the_share_that_replicas_keep(minimum: int | None) -> None:
    found = saved(ELASTIC, node_class(), inference(minimum), assumes=nodes(2))
    # One of two nodes: (2 x 0.8048 x 730 + 200 x 0.08) / 2 = (1175.008 + 16) / 2 = 595.504; x 108 / 168, x 148 / 168
    assert range_of(found, "SAVE-ZERO") == (D("382.82"), D("524.61"))
    assert found["SAVE-ZERO"].resources == (urn(NODE_POOL, "gpu"), inference(1)["urn"])


def test_scale_to_zero_is_proposed_for_a_group_of_gpus_with_a_smallest_size() -> None:
    sizes = {"minSize": 1, "desiredSize": 2, "maxSize": 2}
    found = saved(group(instanceTypes=["g6.xlarge"], scalingConfig=sizes))
    assert range_of(found, "SAVE-ZERO") == (D("377.68"), D("517.56"))  # 0.8048 x 730 = 587.504


@pytest.mark.parametrize(
    ("given", "at"),
    [
        ((ELASTIC, inference(0)), "dev"),
        ((ELASTIC, inference(1)), "prod"),
        ((ELASTIC,), "dev"),
        ((group(),), "dev"),  # no accelerators
        ((group(instanceTypes=["g6.xlarge"], scalingConfig={"minSize": 0, "desiredSize": 1, "maxSize": 2}),), "dev"),
        (
            (
                ELASTIC,
                deployment(1),
                made(
                    "kubernetes:keda.sh/v1alpha1:ScaledObject",
                    "scaler",
                    {"metadata": {"namespace": "team"}, "spec": {"scaleTargetRef": {"name": "model"}}},
                ),
            ),
            "dev",
        ),
    ],
)
def test_scale_to_zero_is_not_proposed_where_nothing_is_kept(given: tuple[Plain, ...], at: str) -> None:
    assert "SAVE-ZERO" not in saved(*given, node_class(), at=at, assumes=nodes(2))


# --- databases and clusters ------------------------------------------------------------------------------------------


def database(**inputs: Any) -> Plain:
    whole = {"engine": "postgres", "instanceClass": "db.t4g.small", "storageType": "gp3", "allocatedStorage": 20}
    return aws("rds/instance:Instance", "database", {**whole, **inputs})


TWICE = book(**{"postgres-multi-db.t4g.small": "0.064"})


def test_one_zone_is_proposed_for_a_database_of_development() -> None:
    found = saved(database(multiAz=True), prices=TWICE)
    # (0.064 - 0.032) x 730 + 20 x (0.23 - 0.115) = 23.36 + 2.30
    assert range_of(found, "SAVE-STANDBY") == (D("25.66"), D("25.66"))


@pytest.mark.parametrize(
    ("inputs", "at"),
    [({}, "dev"), ({"multiAz": True, "deletionProtection": True}, "dev"), ({"multiAz": True}, "prod")],
)
def test_one_zone_is_not_proposed_where_a_standby_is_wanted(inputs: Plain, at: str) -> None:
    assert "SAVE-STANDBY" not in saved(database(**inputs), at=at, prices=TWICE)


def test_one_zone_is_not_proposed_in_staging_under_protection_or_without_prices() -> None:
    assert "SAVE-STANDBY" not in saved(database(multiAz=True), at="staging", prices=TWICE)
    assert "SAVE-STANDBY" not in saved(database(multiAz=True), prices=TWICE, durability="protected")
    assert "SAVE-STANDBY" not in saved(database(multiAz=True, instanceClass="db.unknown.small"), prices=TWICE)


def test_graviton_is_proposed_for_a_database() -> None:
    prices = book(**{"postgres-single-db.m7i.large": "0.2", "postgres-single-db.m7g.large": "0.17"})
    found = saved(database(instanceClass="db.m7i.large"), prices=prices)
    assert range_of(found, "SAVE-ARM") == (D("21.90"), D("21.90"))  # 0.03 x 730
    assert "SAVE-ARM" not in saved(database(instanceClass="db.t4g.small"), prices=prices)
    assert "SAVE-ARM" not in saved(database(engine="oracle-ee", instanceClass="db.m7i.large"), prices=prices)


def test_standard_support_is_proposed_for_a_cluster_past_it() -> None:
    found = saved(aws("eks/cluster:Cluster", "cluster", {"version": "1.33"}), at="prod")
    assert range_of(found, "SAVE-SUPPORT") == (D("365.00"), D("365.00"))  # 0.50 x 730
    assert "standard support ended on 2026-07-29" in found["SAVE-SUPPORT"].todo
    assert "1.36" in found["SAVE-SUPPORT"].todo


@pytest.mark.parametrize(
    "inputs", [{"version": "1.36"}, {"version": "1.33", "upgradePolicy": {"supportType": "STANDARD"}}]
)
def test_standard_support_is_not_proposed_to_a_cluster_in_it(inputs: Plain) -> None:
    assert saved(aws("eks/cluster:Cluster", "cluster", inputs)) == {}


def test_nothing_is_proposed_where_prices_are_lacking() -> None:
    elsewhere = [{**one, "provider": ""} for one in (group(), database(multiAz=True))]
    found = proposals(estimate(elsewhere, TODAY, usage=NOTHING, environment="dev", region="ap-south-2"))
    assert found == ()

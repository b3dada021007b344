"""Keeps the fake nodes of one sandbox in step with its pools; started and ended with the sandbox."""

from __future__ import annotations

import argparse
import logging
import re
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.aws.client import Aws
from sandbox.kubernetes.api import Api, ApiError, Resource
from sandbox.layout import Layout
from sandbox.nodes.plan import plan
from sandbox.nodes.pools import POOL_LABEL, Pool, Shape, from_node_group, from_node_pool
from sandbox.provider.servicer import ProviderError

_PERIOD_S = 0.5
_NODE = Resource("v1", "Node", "nodes", False)
_POD = Resource("v1", "Pod", "pods", True)
_REGIONS = ("us-east-1", "us-west-2", "eu-west-1")

log = logging.getLogger("nodes")


class Keeper:
    """Looks at pools, nodes and pods, and makes or removes nodes."""

    def __init__(self, layout: Layout) -> None:
        self._api = Api(layout)
        self._aws = {region: Aws(layout.aws_endpoint, region) for region in _REGIONS}
        self._empty_since: dict[str, float] = {}

    def step(self) -> None:
        """Look once and change what differs."""
        nodes = self._api.list(_NODE, labelSelector=POOL_LABEL)
        pods = self._api.list(_POD)
        pools = [*self._karpenter_pools(), *self._node_groups()]
        found = plan(pools, nodes, pods, self._idle(nodes, pods))
        for name in found.remove:
            self._api.delete(_NODE, None, name)
            log.info("removed %s", name)
        for shape in found.create:
            name = self._make(shape)
            log.info("made %s for %s", name, shape.pool.key)

    def _karpenter_pools(self) -> list[Pool]:
        resource = self._api.resource("karpenter.sh/v1", "NodePool")
        if resource is None:
            return []
        region = self._region()
        return [from_node_pool(m, region) for m in self._api.list(resource)]

    def _region(self) -> str:
        for region, aws in self._aws.items():
            if aws.client("eks").list_clusters()["clusters"]:
                return region
        return _REGIONS[0]

    def _node_groups(self) -> list[Pool]:
        result = []
        for aws in self._aws.values():
            eks = aws.client("eks")
            for cluster in eks.list_clusters()["clusters"]:
                for name in eks.list_nodegroups(clusterName=cluster)["nodegroups"]:
                    group = eks.describe_nodegroup(clusterName=cluster, nodegroupName=name)["nodegroup"]
                    group = {**group, **_of_template(aws, group.get("launchTemplate") or {})}
                    result.append(from_node_group(group, self._zones(aws, group["subnets"])))
        return result

    @staticmethod
    def _zones(aws: Aws, subnets: list[str]) -> list[str]:
        found = aws.client("ec2").describe_subnets(SubnetIds=subnets)["Subnets"]
        return sorted({s["AvailabilityZone"] for s in found})

    def _idle(self, nodes: list[dict[str, Any]], pods: list[dict[str, Any]]) -> dict[str, float]:
        """Return for each empty node how long it has been empty; pods of daemon sets do not count."""
        busy = {p["spec"].get("nodeName") for p in pods if not _of_daemon_set(p) and _is_active(p)}
        now = time.monotonic()
        names = {n["metadata"]["name"] for n in nodes}
        self._empty_since = {n: self._empty_since.get(n, now) for n in names - busy}
        return {name: now - since for name, since in self._empty_since.items()}

    def _make(self, shape: Shape) -> str:
        # Keys come from names of node groups too, which may hold what names of nodes may not.
        base = re.sub("[^a-z0-9]+", "-", shape.pool.key.lower())[:40].strip("-")
        name = f"{base}-{secrets.token_hex(3)}"
        capacity = {k: str(int(v)) for k, v in shape.capacity.items()}
        node = {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {
                "name": name,
                "labels": {**shape.labels, "kubernetes.io/hostname": name},
                "annotations": {"kwok.x-k8s.io/node": "fake"},
            },
            "spec": {"taints": [dict(t) for t in shape.pool.taints]} if shape.pool.taints else {},
            "status": {"capacity": capacity, "allocatable": capacity, "phase": "Running"},
        }
        self._api.request("POST", _NODE.path(None), node)
        return name


def _of_template(aws: Aws, template: Mapping[str, str]) -> dict[str, Any]:
    """Return the instance type that a launch template names: then the group itself names none, and EKS takes this."""
    if not template.get("id"):
        return {}
    found = aws.client("ec2").describe_launch_template_versions(
        LaunchTemplateId=template["id"], Versions=[str(template.get("version") or "$Default")]
    )["LaunchTemplateVersions"]
    named = found[0]["LaunchTemplateData"].get("InstanceType") if found else None
    return {"instanceTypes": [named]} if named else {}


def _of_daemon_set(pod: Mapping[str, Any]) -> bool:
    return any(o.get("kind") == "DaemonSet" for o in pod["metadata"].get("ownerReferences") or [])


def _is_active(pod: Mapping[str, Any]) -> bool:
    return pod.get("status", {}).get("phase") not in ("Succeeded", "Failed")


def main() -> None:
    """Keep nodes in step until ended; what fails is logged and tried again."""
    parser = argparse.ArgumentParser(description="Keep the fake nodes of a sandbox in step with its pools.")
    parser.add_argument("--sandbox", type=Path, required=True, help="folder of the sandbox")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    keeper = Keeper(Layout(arguments.sandbox))
    told = ""
    while True:
        try:
            keeper.step()
            told = ""
        except (ApiError, ClientError, BotoCoreError, ProviderError, ValueError, KeyError) as error:
            # Both servers may be restarting; the same complaint is written once.
            if str(error) != told:
                told = str(error)
                log.warning("%s", told)
        time.sleep(_PERIOD_S)


if __name__ == "__main__":
    main()

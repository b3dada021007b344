"""Starter: a whole platform for one or a few teams, with nothing that only a large one needs.

For whom: a team that trains and tracks models on GPUs and wants each environment reproducible and reviewed.
Monthly cost: about 700 to 900 USD before the first GPU (control plane, two system nodes, one NAT gateway, two small
databases, keys, logs); GPU pools cost nothing until pods ask for them, and at most their limit.
Recovery: buckets are versioned and released models locked; databases restore to any point of their backup window;
everything else is made again by `pulumi up`. An environment with `durability: protected` refuses to lose data.
Left out: serving, feature store, streaming, drift, SSO for the user interfaces.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from blueprints import arguments, refs
from blueprints.admission import admission
from blueprints.blueprint import Blueprint, attempt
from blueprints.refs import Refs
from components._core import conventions, providers
from components.addons import Addons
from components.admission import Admission
from components.artifact_store import ArtifactStore
from components.budget import Budget
from components.cluster import Cluster
from components.container_registry import ContainerRegistry
from components.database import Database
from components.encryption import Encryption
from components.gpu_node_pool import GpuNodePool
from components.karpenter import Karpenter
from components.model_registry import ModelRegistry
from components.monitoring import Monitoring
from components.network import Network
from components.orchestrator import Orchestrator
from stacks.problems import Problem
from stacks.settings import Platform


def problems(s: Platform) -> list[Problem]:
    """Find what cannot be built, by making the arguments of every component without building it."""
    r = Refs()
    sections = {
        "platform.network": lambda: arguments.network(s, r),
        "platform.cluster": lambda: arguments.cluster(s, r),
        "platform.artifact_store": lambda: arguments.artifact_store(s, r),
        "platform.container_registry": lambda: arguments.container_registry(s, r),
        "platform.model_registry": lambda: arguments.model_registry(s, r, None),
        "platform.model_registry.database": lambda: arguments.database(
            s, r, arguments.MLFLOW, s.model_registry.database
        ),
        "platform.orchestrator": lambda: arguments.orchestrator(s, r, None, []),
        "platform.orchestrator.database": lambda: arguments.database(s, r, arguments.ARGO, s.orchestrator.database),
        "platform": lambda: arguments.encryption(s),
    }
    pools = {
        f"platform.gpu_pools[{i}]": lambda pool=pool: arguments.gpu_pool(s, r, pool)
        for i, pool in enumerate(s.gpu_pools)
    }
    found = [p for path, make in {**sections, **pools}.items() for p in attempt(path, make)]
    if not any(p.path.startswith("platform.gpu_pools") for p in found):
        found += attempt("platform.gpu_pools", lambda: arguments.addons(s, r))
        found += attempt("platform.monitoring", lambda: arguments.monitoring(s, r))
    return found


def build(s: Platform) -> Mapping[str, Any]:
    """Create the platform; return the stack's outputs."""
    aws = providers.aws_provider(
        "aws",
        s.region.value,
        conventions.default_tags(s.environment.value, s.owner, s.cost_center, s.platform),
        s.account_id,
        s.deploy_role_arn,
    )
    on_aws = pulumi.ResourceOptions(providers=[aws])
    if s.budget:
        Budget("budget", arguments.budget(s, s.budget), on_aws)
    keys = Encryption("keys", arguments.encryption(s), on_aws)
    r = Refs(keys=keys.key_arns)
    images = ContainerRegistry("images", arguments.container_registry(s, r), on_aws)
    network = Network("network", arguments.network(s, r), on_aws)
    r = refs.replace(
        r,
        pull_policy_arn=images.pull_policy_arn,
        vpc_id=network.vpc_id,
        vpc_cidr=network.cidr,
        private_subnet_ids=network.private_subnet_ids,
    )
    cluster = Cluster("cluster", arguments.cluster(s, r), on_aws)
    r = refs.replace(
        r,
        cluster_name=cluster.access_ready,
        cluster_endpoint=cluster.endpoint,
        cluster_security_group_id=cluster.security_group_id,
        node_role_arn=cluster.node_role_arn,
    )
    kubernetes = providers.kubernetes_provider("kubernetes", cluster.kubeconfig)
    on_both = pulumi.ResourceOptions(providers=[aws, kubernetes])
    Admission("admission", admission(s), on_both)
    store = ArtifactStore("artifacts", arguments.artifact_store(s, r), on_aws)
    addons = Addons("addons", arguments.addons(s, r), on_both)
    # What declares monitors, secrets or volumes needs the add-ons that define them.
    after_addons = pulumi.ResourceOptions.merge(on_both, pulumi.ResourceOptions(depends_on=[addons]))
    karpenter = Karpenter("karpenter", arguments.karpenter(s, r), after_addons)
    r = refs.replace(
        r,
        bucket_names=store.bucket_names,
        bucket_arns=store.bucket_arns,
        repository_urls=images.repository_urls,
        secret_store_name=addons.secret_store_name,
        storage_class_name=addons.storage_class_name,
        instance_profile_name=karpenter.instance_profile_name,
    )
    on_karpenter = pulumi.ResourceOptions.merge(on_both, pulumi.ResourceOptions(depends_on=[karpenter.release]))
    pools = [GpuNodePool(f"pool-{p.name}", args, on_karpenter) for p, args in arguments.pools(s, r)]
    monitoring = Monitoring("monitoring", arguments.monitoring(s, r), after_addons)
    tracking_db = Database("tracking-db", arguments.database(s, r, arguments.MLFLOW, s.model_registry.database), on_aws)
    tracking = ModelRegistry("tracking", arguments.model_registry(s, r, tracking_db), after_addons)
    workflow_db = Database("workflow-db", arguments.database(s, r, arguments.ARGO, s.orchestrator.database), on_aws)
    pool_refs = [arguments.pool_ref(p, nodes) for p, nodes in zip(s.gpu_pools, pools, strict=True)]
    workflows = Orchestrator("workflows", arguments.orchestrator(s, r, workflow_db, pool_refs), after_addons)
    return {
        "cluster_name": cluster.cluster_name,
        "cluster_endpoint": cluster.endpoint,
        "kubeconfig_command": f"aws eks update-kubeconfig --name {arguments.cluster_name(s)} --region {s.region.value}",
        "vpc_id": network.vpc_id,
        "bucket_names": store.bucket_names,
        "repository_urls": images.repository_urls,
        "tracking_url": tracking.tracking_url,
        "team_namespaces": workflows.team_namespaces,
        "gpu_pools": [p.pool_name for p in pools],
        "alert_topic_arn": monitoring.topic_arn,
    }


BLUEPRINT = Blueprint(
    name="starter",
    title="A whole platform for a few teams: GPU pools, tracking, workflows, monitoring",
    stacks=("sandbox", "dev", "staging", "prod"),
    problems=problems,
    build=build,
)

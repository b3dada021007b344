"""From settings to the arguments of components: one function each, used to check a stack file and to build it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from blueprints.refs import Refs
from components._core import facts
from components._core.durability import Durability
from components.addons import AddonsArgs, PoolNeeds, mig_strategy, required_addons
from components.artifact_store import ArtifactStoreArgs, BucketPurpose, ReplicationArgs
from components.budget import BudgetArgs
from components.cluster import ClusterArgs, SystemImage, SystemNodesArgs
from components.container_registry import ContainerRegistryArgs, PullThroughArgs, Upstream
from components.database import DatabaseArgs
from components.encryption import EncryptionArgs, KeyPurpose
from components.gpu_node_pool import (
    AmiFamily,
    CapacityType,
    DisruptionBudgetArgs,
    GpuNodePoolArgs,
    MigArgs,
    MigStrategy,
    ReservationArgs,
    TaintArgs,
    TaintEffect,
)
from components.gpu_node_pool import PoolKind as NodePoolKind
from components.karpenter import KarpenterArgs
from components.model_registry import ModelRegistryArgs
from components.monitoring import MonitoredPool, MonitoringArgs
from components.network import NatMode, NetworkArgs
from components.orchestrator import GpuPoolRef, OrchestratorArgs, TeamArgs
from finops.book import default_book
from stacks.services import Budget as BudgetSettings
from stacks.settings import DatabaseSettings, GpuPool, Platform

MLFLOW = "mlflow"
ARGO = "argo"


def durability(s: Platform) -> Durability:
    """Return the durability of everything that holds data."""
    return Durability(s.durability.value)


def encryption(s: Platform) -> EncryptionArgs:
    """Return the arguments of the keys."""
    return EncryptionArgs(
        account_id=s.account_id, region=s.region.value, alias_prefix=s.prefix, durability=durability(s)
    )


def budget(s: Platform, wanted: BudgetSettings) -> BudgetArgs:
    """Return the arguments of the budget."""
    return BudgetArgs(
        budget_name=s.prefix,
        monthly_usd=wanted.monthly_usd,
        emails=list(wanted.emails or [s.owner]),
        anomaly_usd=wanted.anomaly_usd,
    )


def network(s: Platform, r: Refs) -> NetworkArgs:
    """Return the arguments of the network."""
    n = s.network
    if n.existing:
        return NetworkArgs(
            region=s.region.value,
            cidr=n.existing.cidr,
            existing_vpc_id=n.existing.vpc_id,
            existing_private_subnet_ids=list(n.existing.private_subnet_ids),
            existing_public_subnet_ids=list(n.existing.public_subnet_ids),
        )
    return NetworkArgs(
        region=s.region.value,
        cidr=n.cidr,
        zones=s.zones,
        cluster_name=cluster_name(s),
        nat=NatMode(n.nat.value),
        flow_log_retention_days=n.flow_log_retention_days,
        log_key_arn=r.keys[KeyPurpose.LOGS.value],
    )


def cluster_name(s: Platform) -> str:
    """Return the name of the cluster: a prefix of its own, or that of the existing one."""
    return s.cluster.existing.name if s.cluster.existing else s.prefix


def cluster(s: Platform, r: Refs) -> ClusterArgs:
    """Return the arguments of the cluster."""
    c, nodes = s.cluster, s.cluster.system_nodes
    if c.existing:
        return ClusterArgs(
            cluster_name=c.existing.name,
            region=s.region.value,
            account_id=s.account_id,
            existing_kubeconfig=c.existing.kubeconfig,
            existing_security_group_id=c.existing.security_group_id,
            existing_node_role_arn=c.existing.node_role_arn,
        )
    return ClusterArgs(
        cluster_name=cluster_name(s),
        region=s.region.value,
        account_id=s.account_id,
        private_subnet_ids=r.private_subnet_ids,
        secrets_key_arn=r.keys[KeyPurpose.CLUSTER.value],
        volumes_key_arn=r.keys[KeyPurpose.VOLUMES.value],
        log_key_arn=r.keys[KeyPurpose.LOGS.value],
        administrators=list(c.administrators),
        version=c.version,
        allow_extended_support=c.allow_extended_support,
        public_access_cidrs=c.public_access_cidrs,
        deletion_protection=c.deletion_protection,
        log_retention_days=c.log_retention_days,
        instance_tags=instance_tags(s),
        node_policy_arns={"pull": r.pull_policy_arn},
        system_nodes=SystemNodesArgs(
            instance_types=nodes.instance_types,
            min_nodes=nodes.min_nodes,
            desired_nodes=nodes.desired_nodes,
            max_nodes=nodes.max_nodes,
            disk_gib=nodes.disk_gib,
            image=SystemImage(nodes.image.value) if nodes.image else None,
        ),
    )


def instance_tags(s: Platform) -> dict[str, str]:
    """Return the tags of instances and disks, which the provider's default tags do not reach."""
    return {"environment": s.environment.value, "owner": s.owner, "cost-center": s.cost_center, "platform": s.platform}


def karpenter(s: Platform, r: Refs) -> KarpenterArgs:
    """Return the arguments of the node controller."""
    return KarpenterArgs(
        cluster_name=r.cluster_name,
        cluster_endpoint=r.cluster_endpoint,
        region=s.region.value,
        account_id=s.account_id,
        queue_key_arn=r.keys[KeyPurpose.NOTIFICATIONS.value],
        volumes_key_arn=r.keys[KeyPurpose.VOLUMES.value],
        node_policy_arns={"pull": r.pull_policy_arn},
        isolated=s.network.nat.value == NatMode.NONE.value and s.network.existing is None,
        service_monitor=True,
        mirror=s.chart_mirror,
    )


def pools(s: Platform, r: Refs) -> Iterator[tuple[GpuPool, GpuNodePoolArgs]]:
    """Yield each pool of the settings with its arguments."""
    for pool in s.gpu_pools:
        yield pool, gpu_pool(s, r, pool)


def gpu_pool(s: Platform, r: Refs, pool: GpuPool) -> GpuNodePoolArgs:
    """Return the arguments of one accelerated pool."""
    if pool.kind.value == NodePoolKind.MANAGED_NODE_GROUP.value:
        choices: dict[str, Any] = {
            "min_nodes": pool.min_nodes,
            "max_nodes": pool.max_nodes,
            "node_role_arn": r.node_role_arn,
        }
    else:
        choices = {
            "consolidate_after": pool.consolidate_after,
            "expire_after": pool.expire_after,
            "budgets": [DisruptionBudgetArgs(nodes=pool.disruption_budget)],
            "instance_profile_name": r.instance_profile_name,
        }
    if pool.reservation:
        held = pool.reservation
        choices["reservation"] = ReservationArgs(
            ids=list(held.ids) or None, tags=dict(held.tags) or None, capacity_block=held.capacity_block
        )
    if pool.mig:
        choices["mig"] = MigArgs(profile=pool.mig.profile, strategy=MigStrategy(pool.mig.strategy.value))
    return GpuNodePoolArgs(
        pool_name=pool.name,
        kind=NodePoolKind(pool.kind.value),
        region=s.region.value,
        zones=pool.zones or s.zones,
        instance_types=list(pool.instance_types),
        capacity=[CapacityType(c.value) for c in pool.capacity],
        gpu_limit=pool.gpu_limit,
        cpu_limit=pool.cpu_limit,
        memory_limit_gib=pool.memory_limit_gib,
        cluster_name=r.cluster_name,
        subnet_ids=r.private_subnet_ids,
        vpc_id=r.vpc_id,
        cluster_security_group_id=r.cluster_security_group_id,
        volumes_key_arn=r.keys[KeyPurpose.VOLUMES.value],
        disk_gib=pool.disk_gib,
        efa=pool.efa,
        placement_group=pool.placement_group,
        time_slicing_replicas=pool.time_slicing_replicas,
        ami_family=AmiFamily(pool.ami_family.value),
        local_nvme=pool.local_nvme,
        labels=dict(pool.labels),
        taints=[TaintArgs(key=t.key, value=t.value, effect=TaintEffect(t.effect)) for t in pool.taints],
        teams=[pool.team] if pool.team else None,
        instance_tags=instance_tags(s),
        **choices,
    )


def addons(s: Platform, r: Refs) -> AddonsArgs:
    """Return the arguments of the add-ons: those that the pools need."""
    built = [args for _, args in pools(s, r)]
    needs = [
        PoolNeeds(a.types[0].accelerator_resource or "", bool(a.efa), a.mig.chosen_strategy.value if a.mig else None)
        for a in built
    ]
    return AddonsArgs(
        keys=required_addons(needs),
        cluster_name=r.cluster_name,
        region=s.region.value,
        account_id=s.account_id,
        secrets_key_arn=r.keys[KeyPurpose.DATABASES.value],
        volumes_key_arn=r.keys[KeyPurpose.VOLUMES.value],
        secret_prefix=s.prefix,
        mig_strategy=mig_strategy(needs),
        time_slicing=sorted({p.time_slicing_replicas for p in s.gpu_pools if p.time_slicing_replicas}),
        efa_instance_types=sorted({t for a in built if a.efa for t in a.instance_types}),
        neuron_instance_types=sorted({t.name for a in built for t in a.types if t.is_neuron}),
        mirror=s.chart_mirror,
    )


def artifact_store(s: Platform, r: Refs) -> ArtifactStoreArgs:
    """Return the arguments of the buckets."""
    a = s.artifact_store
    copies = [
        ReplicationArgs(
            purpose=BucketPurpose(purpose),
            destination_bucket_arn=a.replication.destination_bucket_arn,
            destination_key_arn=a.replication.destination_key_arn,
        )
        for purpose in (a.replication.purposes if a.replication else ())
        if a.replication
    ]
    return ArtifactStoreArgs(
        bucket_prefix=s.prefix,
        account_id=s.account_id,
        region=s.region.value,
        key_arn=r.keys[KeyPurpose.ARTIFACTS.value],
        release_lock_days=a.object_lock_days,
        replication=copies or None,
        durability=durability(s),
    )


def container_registry(s: Platform, r: Refs) -> ContainerRegistryArgs:
    """Return the arguments of the image repositories."""
    c = s.container_registry
    return ContainerRegistryArgs(
        repository_prefix=s.prefix,
        account_id=s.account_id,
        region=s.region.value,
        key_arn=r.keys[KeyPurpose.IMAGES.value],
        repositories=list(c.repositories),
        keep_images=c.keep_images,
        pull_through=[
            PullThroughArgs(upstream=Upstream(p.upstream), credentials_secret_arn=p.credential_arn)
            for p in c.pull_through
        ],
        replication_regions=[region.value for region in c.replication_regions] or None,
        durability=durability(s),
    )


def database(s: Platform, r: Refs, purpose: str, chosen: DatabaseSettings) -> DatabaseArgs:
    """Return the arguments of a database: its own instance for each purpose, so that no load meets another."""
    return DatabaseArgs(
        identifier=f"{s.prefix}-{purpose}",
        database_name=purpose,
        user_name=f"{purpose}_owner",
        vpc_id=r.vpc_id,
        subnet_ids=r.private_subnet_ids,
        client_security_group_id=r.cluster_security_group_id,
        key_arn=r.keys[KeyPurpose.DATABASES.value],
        log_key_arn=r.keys[KeyPurpose.LOGS.value],
        log_retention_days=s.cluster.log_retention_days,
        instance_class=chosen.instance_class,
        storage_gib=chosen.storage_gib,
        multi_az=chosen.multi_az,
        durability=durability(s),
    )


def model_registry(s: Platform, r: Refs, db: Any) -> ModelRegistryArgs:
    """Return the arguments of MLflow; `db` gives its database, or is None for a check."""
    m = s.model_registry
    repository, tag, digest = _image(m.image)
    return ModelRegistryArgs(
        cluster_name=r.cluster_name,
        region=s.region.value,
        vpc_cidr=r.vpc_cidr,
        database_endpoint=db.endpoint if db else "later",
        database_port=db.port if db else None,
        database_name=MLFLOW,
        database_user=f"{MLFLOW}_owner",
        database_secret_arn=db.secret_arn if db else "later",
        secret_store=r.secret_store_name,
        bucket_name=r.bucket_names[BucketPurpose.MODELS.value],
        bucket_arn=r.bucket_arns[BucketPurpose.MODELS.value],
        bucket_key_arn=r.keys[KeyPurpose.ARTIFACTS.value],
        image_repository=repository or r.repository_urls[MLFLOW],
        image_tag=tag,
        image_digest=digest,
        namespace=MLFLOW,
        replicas=m.replicas,
        monitoring_namespace="monitoring",
    )


def _image(reference: str | None) -> tuple[str | None, str | None, str | None]:
    """Split an image reference into repository, tag and digest."""
    if reference is None:
        return None, None, None
    if "@" in reference:
        repository, _, digest = reference.partition("@")
        return repository, None, digest
    repository, _, tag = reference.rpartition(":")
    return repository, tag, None


def orchestrator(s: Platform, r: Refs, db: Any, refs: list[GpuPoolRef]) -> OrchestratorArgs:
    """Return the arguments of Argo Workflows; `refs` are the pools that steps may run on."""
    return OrchestratorArgs(
        cluster_name=r.cluster_name,
        region=s.region.value,
        vpc_cidr=r.vpc_cidr,
        bucket_name=r.bucket_names[BucketPurpose.DATASETS.value],
        bucket_arn=r.bucket_arns[BucketPurpose.DATASETS.value],
        bucket_key_arn=r.keys[KeyPurpose.ARTIFACTS.value],
        database_endpoint=db.endpoint if db else "later",
        database_port=db.port if db else None,
        database_name=ARGO,
        database_secret_arn=db.secret_arn if db else "later",
        secret_store=r.secret_store_name,
        teams=[TeamArgs(name=t.name, gpus=t.gpus, cpu=t.cpus, memory_gib=t.memory_gib) for t in s.orchestrator.teams],
        pools=refs,
        registry_namespace=MLFLOW,
        service_monitor=True,
        kubectl_image=s.orchestrator.kubectl_image,
        durability=durability(s),
        mirror=s.chart_mirror,
    )


def pool_ref(pool: GpuPool, nodes: Any) -> GpuPoolRef:
    """Return what workflows must know of a pool that was built."""
    return GpuPoolRef(
        name=pool.name, resource=nodes.accelerator_resource, selector=nodes.selector, tolerations=nodes.tolerations
    )


def monitoring(s: Platform, r: Refs) -> MonitoringArgs:
    """Return the arguments of monitoring, each pool with the list price of one of its accelerators."""
    m = s.monitoring
    return MonitoringArgs(
        cluster_name=r.cluster_name,
        region=s.region.value,
        account_id=s.account_id,
        notification_key_arn=r.keys[KeyPurpose.NOTIFICATIONS.value],
        storage_class=r.storage_class_name,
        alert_emails=list(m.alert_emails),
        pools=[MonitoredPool(name=p.name, gpu_price_usd=accelerator_price(p, s.region.value)) for p in s.gpu_pools],
        retention_days=m.retention_days,
        storage_gib=m.storage_gib,
        gpu_namespace="gpu-operator",
        registry_namespace=MLFLOW,
        orchestrator_namespace=ARGO,
        mirror=s.chart_mirror,
    )


def accelerator_price(pool: GpuPool, region: str) -> float | None:
    """Return the dearest on-demand list price of one accelerator of a pool, in USD an hour; None if none is known."""
    book = default_book()
    prices = []
    for name in pool.instance_types:
        known, machine = book.find(f"ec2.on-demand/{name}", region), facts.instance_type(name)
        if known and machine.accelerator_count:
            prices.append(float(known.usd) / machine.accelerator_count)
    return round(max(prices), 4) if prices else None

"""Which arithmetic belongs to which resource type, and what is said of the types that need none."""

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from finops.context import Context
from finops.line import Line, State
from finops.mapping import (
    autoscaling,
    cache,
    carrying,
    compute,
    containers,
    database,
    dynamodb,
    eks,
    filesystems,
    karpenter,
    kubernetes,
    machine_learning,
    network,
    nodepool,
    search,
    security,
    serverless,
    storage,
    streaming,
)
from finops.resource import Resource

TYPES_FILE = Path(__file__).resolve().parent / "types.yaml"

Part = Callable[[Resource, Context], Iterable[Line]]


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a type pays for, part by part: one that cannot be told does not hide the others."""

    parts: tuple[Part, ...]
    free: str = ""
    """What is said where no part yields anything."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A type whose state needs no arithmetic."""

    state: State
    reason: str


_GATEWAY_ENDPOINT = "gateway endpoints are free"
_NO_VOLUMES = "runs on nodes that are counted by themselves, and asks for no volume"
_INSIDE = "reached inside the cluster, without a load balancer of its own"
_BUCKET = Mapped((storage.bucket,))
_LOAD_BALANCER = Mapped((network.load_balancer, network.load_balancer_addresses))
_POOL = Mapped((karpenter.pool_instances, karpenter.pool_disks), karpenter.PREPAID)
_RELEASE = Mapped((kubernetes.release,))
_STORAGE = Mapped((kubernetes.monitoring_storage,), _NO_VOLUMES)
_INSTANCE = Mapped(
    (
        compute.instance,
        compute.instance_root_disk,
        compute.instance_other_disks,
        compute.instance_address,
    )
)
_PODS = Mapped((carrying.pods,), "what its pods use is counted at the nodes that carry them")

MAPPED: Mapping[str, Mapped] = {
    "aws:alb/loadBalancer:LoadBalancer": _LOAD_BALANCER,
    "aws:autoscaling/group:Group": Mapped((autoscaling.group_instances, autoscaling.group_disks)),
    "aws:backup/vault:Vault": Mapped((filesystems.backup_vault,)),
    "aws:cloudwatch/logGroup:LogGroup": Mapped((storage.log_group,)),
    "aws:dynamodb/table:Table": Mapped((dynamodb.throughput, dynamodb.storage, dynamodb.replicas)),
    "aws:ebs/snapshot:Snapshot": Mapped((compute.snapshot,)),
    "aws:ebs/snapshotCopy:SnapshotCopy": Mapped((compute.snapshot,)),
    "aws:ebs/volume:Volume": Mapped((compute.volume,)),
    "aws:ec2/capacityReservation:CapacityReservation": Mapped((compute.capacity_reservation,)),
    "aws:ec2/eip:Eip": Mapped((network.elastic_ip,)),
    "aws:ec2/flowLog:FlowLog": Mapped((storage.flow_log,), "what it writes is counted at its log group"),
    "aws:ec2/instance:Instance": _INSTANCE,
    "aws:ec2/internetGateway:InternetGateway": Mapped((network.internet_gateway,)),
    "aws:ec2/natGateway:NatGateway": Mapped((network.nat_gateway,)),
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest": _INSTANCE,
    "aws:ec2/vpc:Vpc": Mapped((network.vpc,)),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Mapped((network.vpc_endpoint,), _GATEWAY_ENDPOINT),
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": Mapped(
        (storage.image_scanning,), "basic scanning is free"
    ),
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": Mapped(
        (network.peering,), "inside a region what crosses zones is metered at the network"
    ),
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": Mapped(
        (storage.image_replication,), "copies nothing to another region; copies are stored in repositories of their own"
    ),
    "aws:ecr/repository:Repository": Mapped((storage.image_repository,)),
    "aws:ecs/service:Service": Mapped((containers.service,), "its tasks run on instances, which are counted"),
    "aws:efs/fileSystem:FileSystem": Mapped((filesystems.efs,)),
    "aws:eks/cluster:Cluster": Mapped((eks.control_plane, eks.control_plane_extras)),
    "aws:eks/fargateProfile:FargateProfile": Mapped((containers.fargate_profile,)),
    "aws:eks/nodeGroup:NodeGroup": Mapped((eks.node_group_instances, eks.node_group_disks)),
    "aws:elasticache/cluster:Cluster": Mapped((cache.cluster,)),
    "aws:elasticache/replicationGroup:ReplicationGroup": Mapped((cache.replication_group,)),
    "aws:elasticache/serverlessCache:ServerlessCache": Mapped((cache.serverless,)),
    "aws:fsx/lustreFileSystem:LustreFileSystem": Mapped((filesystems.lustre,)),
    "aws:fsx/ontapFileSystem:OntapFileSystem": Mapped((filesystems.ontap,)),
    "aws:fsx/openZfsFileSystem:OpenZfsFileSystem": Mapped((filesystems.openzfs,)),
    "aws:fsx/windowsFileSystem:WindowsFileSystem": Mapped((filesystems.windows,)),
    "aws:kinesis/stream:Stream": Mapped((streaming.stream, streaming.stream_retention)),
    "aws:kinesis/streamConsumer:StreamConsumer": Mapped((streaming.stream_consumer,)),
    "aws:kms/key:Key": Mapped((security.kms_key,)),
    "aws:kms/replicaKey:ReplicaKey": Mapped((security.replica_key,)),
    "aws:lambda/function:Function": Mapped((serverless.function,)),
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": Mapped(
        (serverless.provisioned_concurrency,)
    ),
    "aws:lb/loadBalancer:LoadBalancer": _LOAD_BALANCER,
    "aws:msk/cluster:Cluster": Mapped((streaming.kafka_brokers, streaming.kafka_storage)),
    "aws:msk/serverlessCluster:ServerlessCluster": Mapped((streaming.kafka_serverless,)),
    "aws:mwaa/environment:Environment": Mapped((machine_learning.airflow,)),
    "aws:opensearch/domain:Domain": Mapped((search.domain_nodes, search.domain_storage)),
    "aws:rds/instance:Instance": Mapped(
        (database.rds_instance, database.rds_storage, database.rds_iops, database.rds_extras)
    ),
    "aws:s3/bucket:Bucket": _BUCKET,
    "aws:s3/bucketV2:BucketV2": _BUCKET,
    "aws:sagemaker/endpoint:Endpoint": Mapped((machine_learning.endpoint,)),
    "aws:sagemaker/notebookInstance:NotebookInstance": Mapped((machine_learning.notebook,)),
    "aws:secretsmanager/secret:Secret": Mapped((security.secret,)),
    "kubernetes:apps/v1:Deployment": _PODS,
    "kubernetes:apps/v1:ReplicaSet": _PODS,
    "kubernetes:apps/v1:StatefulSet": Mapped((kubernetes.claim_templates, carrying.pods), _NO_VOLUMES),
    "kubernetes:batch/v1:Job": _PODS,
    "kubernetes:core/v1:PersistentVolumeClaim": Mapped((kubernetes.volume_claim,)),
    "kubernetes:core/v1:Pod": _PODS,
    "kubernetes:core/v1:Service": Mapped((kubernetes.service,), _INSIDE),
    "kubernetes:helm.sh/v3:Release": _RELEASE,
    "kubernetes:jobset.x-k8s.io/v1alpha2:JobSet": _PODS,
    nodepool.NODE_POOL: _POOL,
    "kubernetes:monitoring.coreos.com/v1:Alertmanager": _STORAGE,
    "kubernetes:monitoring.coreos.com/v1:Prometheus": _STORAGE,
    "kubernetes:networking.k8s.io/v1:Ingress": Mapped((kubernetes.ingress,), _INSIDE),
    "kubernetes:ray.io/v1:RayCluster": _PODS,
    "kubernetes:ray.io/v1:RayService": _PODS,
    "kubernetes:serving.kserve.io/v1beta1:InferenceService": _PODS,
}

NOT_KNOWN = Settled(State.UNKNOWN, "its type is not among those that are known")


@functools.cache
def settled_types() -> Mapping[str, Settled]:
    """Return the entries of `types.yaml` by type, or by the beginning that ends in `*`."""
    data: dict[str, list[dict[str, Any]]] = yaml.safe_load(TYPES_FILE.read_text(encoding="utf-8"))
    return {
        type_: Settled(State(state), entry["reason"])
        for state, entries in data.items()
        for entry in entries
        for type_ in entry["types"]
    }


@functools.cache
def _beginnings() -> tuple[tuple[str, Settled], ...]:
    """Return the entries that end in `*`, the longest first."""
    found = ((type_.removesuffix("*"), known) for type_, known in settled_types().items() if type_.endswith("*"))
    return tuple(sorted(found, key=lambda entry: -len(entry[0])))


def lookup(type_: str) -> Mapped | Settled:
    """Return what is known of a resource type."""
    return MAPPED.get(type_) or settled_types().get(type_) or _by_beginning(type_)


def _by_beginning(type_: str) -> Settled:
    return next((known for start, known in _beginnings() if type_.startswith(start)), NOT_KNOWN)

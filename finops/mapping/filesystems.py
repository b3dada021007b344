"""File systems and backups: EFS, FSx, AWS Backup."""

from collections.abc import Iterable, Sequence

from finops.context import Context
from finops.line import Line
from finops.mapping.links import needed
from finops.resource import Resource

# Included for each GiB: the golden of the book's source charges 100 of the 1,000 IOPS of 300 GiB.
_ZFS_IOPS_FOR_GIB = 3
# Days that backups are kept where nothing is said: documentation of pulumi_aws 7.51.1, `fsx.WindowsFileSystem`.
_WINDOWS_DAYS = 7
_BACKED_UP = ("ebs", "efs", "s3", "rds", "dynamodb", "fsx")


def efs(resource: Resource, context: Context) -> Iterable[Line]:
    """Meter what a file system keeps, by class, and price provisioned throughput."""
    props = resource.props
    zones = "one-zone" if props.text("availabilityZoneName") else "standard"
    yield from context.metered(resource, f"storage, {zones}", f"efs.storage/{zones}")
    policies = props.each("lifecyclePolicies")
    if any(policy.text("transitionToIa") for policy in policies):
        yield from context.metered(resource, "storage, infrequent access", f"efs.storage/{zones}-ia")
        yield from context.metered(resource, "reads and writes of infrequent access", "efs/ia-access")
    if any(policy.text("transitionToArchive") for policy in policies):
        yield context.unpriced(resource, "storage, archive", [f"efs.storage/{zones}-archive"])
    mode = props.text("throughputMode", "bursting")
    if mode == "provisioned":
        note = "before what the stored data includes"
        units = props.number("provisionedThroughputInMibps")
        yield from context.fixed(resource, "provisioned throughput", "efs/provisioned-throughput", units, note)
    elif mode == "elastic":
        yield context.unpriced(resource, "elastic throughput", ["efs/elastic-read", "efs/elastic-write"])


def lustre(resource: Resource, context: Context) -> Iterable[Line]:
    """Name the price of a Lustre file system, by its kind: storage, and throughput in what it is bought with."""
    props = resource.props
    kind = props.text("deploymentType", "SCRATCH_1").lower().replace("_", "-")[:32]
    disk = props.text("storageType", "SSD").lower()[:32]
    yield context.unpriced(resource, "storage", [f"fsx.storage/lustre-{kind}-{disk}"])
    yield from _backups(resource, context, "lustre")


def openzfs(resource: Resource, context: Context) -> Iterable[Line]:
    """Price storage, throughput, and IOPS above what the storage includes."""
    props = resource.props
    deployment = needed(props, "deploymentType")
    kind = "openzfs-single" if deployment == "SINGLE_AZ_1" else f"openzfs-{deployment.lower().replace('_', '-')[:32]}"
    size = props.number("storageCapacity")
    yield from _sized(resource, context, kind, f"{kind}-{props.text('storageType', 'SSD').lower()[:32]}")
    if props.text("diskIopsConfiguration.mode") == "USER_PROVISIONED":
        beyond = props.number("diskIopsConfiguration.iops") - size * _ZFS_IOPS_FOR_GIB
        if beyond > 0:
            yield from context.fixed(resource, "IOPS beyond those of the storage", f"fsx.iops/{kind}", beyond)
    yield from _backups(resource, context, "openzfs")


def windows(resource: Resource, context: Context) -> Iterable[Line]:
    """Price storage and throughput of a file system for Windows."""
    props = resource.props
    multi = props.text("deploymentType", "SINGLE_AZ_1") == "MULTI_AZ_1"
    kind = "windows-multi" if multi else "windows-single"
    yield from _sized(resource, context, kind, f"{kind}-{props.text('storageType', 'SSD').lower()[:32]}")
    yield from _backups(resource, context, "windows", _WINDOWS_DAYS)


def ontap(resource: Resource, context: Context) -> Iterable[Line]:
    """Name what a file system of ONTAP pays for."""
    kind = needed(resource.props, "deploymentType").lower().replace("_", "-")[:32]
    items: Sequence[str] = [f"fsx.{what}/ontap-{kind}" for what in ("storage", "throughput", "iops")]
    yield context.unpriced(resource, "storage, throughput, IOPS", items)


def backup_vault(resource: Resource, context: Context) -> Iterable[Line]:
    """Name what a vault pays for: what is kept in it, by the service that it comes from."""
    yield context.unpriced(resource, "recovery points", [f"backup.storage/{service}" for service in _BACKED_UP])


def _sized(resource: Resource, context: Context, kind: str, storage: str) -> Iterable[Line]:
    props = resource.props
    yield from context.fixed(resource, "storage", f"fsx.storage/{storage}", props.number("storageCapacity"))
    yield from context.fixed(resource, "throughput", f"fsx.throughput/{kind}", props.number("throughputCapacity"))


def _backups(resource: Resource, context: Context, kind: str, default_days: int = 0) -> Iterable[Line]:
    if resource.props.number("automaticBackupRetentionDays", default_days) > 0:
        yield from context.metered(resource, "backups", f"fsx.backup/{kind}")

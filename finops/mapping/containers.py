"""Fargate: tasks of ECS services and pods of EKS, by vCPU and memory."""

import re
from collections.abc import Iterable
from decimal import Decimal

from finops.context import Context
from finops.line import Line, plain
from finops.mapping import scaling
from finops.mapping.links import linked
from finops.mapping.nodes import Counts
from finops.resource import Resource
from finops.values import Malformed, Props, Unreadable

TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
CLUSTER = "aws:ecs/cluster:Cluster"

_FREE_DISK_GIB = Decimal(20)
_SIZE = re.compile(r"(?P<number>\d{1,7}(\.\d{1,3})?)\s*(?P<unit>vcpu|gb)?", re.IGNORECASE)


def service(resource: Resource, context: Context) -> Iterable[Line]:
    """Price the tasks of a service on Fargate; tasks on instances yield nothing, for those are counted already."""
    props = resource.props
    bought = _bought(props)
    if not bought:
        return
    task = _task(resource, context)
    cpu = _size(task, "cpu", 1024)
    memory = _size(task, "memory", 1024)
    sizes = _sizes(resource, context)
    disk = task.number("ephemeralStorage.sizeInGib", _FREE_DISK_GIB)
    suffix = _variant(task, bought)
    for what, item, each in (("vCPU", "vcpu", cpu), ("GB of memory", "memory", memory)):
        shown = f"{what}, {plain(each)} for each task"
        yield scaling.line(context, resource, shown, f"fargate/{item}{suffix}", sizes, each)
    if disk > _FREE_DISK_GIB:
        yield context.unpriced(resource, f"storage above {_FREE_DISK_GIB} GiB", ["fargate/ephemeral-storage"])
    if props.flag("networkConfiguration.assignPublicIp"):
        yield scaling.line(context, resource, "public IPv4 addresses", "vpc/public-ipv4", sizes)


def fargate_profile(resource: Resource, context: Context) -> Iterable[Line]:
    """Meter the pods of an EKS cluster that run on Fargate: which these are the cluster decides."""
    yield from context.metered(resource, "pods on Fargate, for each vCPU and hour", "fargate/vcpu")
    yield from context.metered(resource, "pods on Fargate, for each GB of memory and hour", "fargate/memory")


def _bought(props: Props) -> frozenset[str]:
    """Return FARGATE, FARGATE_SPOT or both; empty for a service on instances, which is also the default."""
    strategies = {one.text("capacityProvider") for one in props.each("capacityProviderStrategies")}
    if not strategies:
        return frozenset({"FARGATE"} & {props.text("launchType", "EC2")})
    found = frozenset({"FARGATE", "FARGATE_SPOT"} & strategies)
    if found and found != strategies:
        raise Unreadable("its capacity providers are Fargate and others, and the share of each is not known")
    return found


def _task(resource: Resource, context: Context) -> Props:
    found = linked(resource, context, "taskDefinition", TASK_DEFINITION, "arn", "arnWithoutRevision", "family")
    if found is None:
        raise Unreadable("its task definition is not in this stack")
    return found.props


def _size(task: Props, path: str, divisor: int) -> Decimal:
    """Return vCPUs or GB: of units and MiB as plain numbers, or with a unit as in `1 vCPU` and `2 GB`."""
    found = task.at(path)
    if found is None:
        raise Unreadable(f"{path} of its task definition is not given")
    read = _SIZE.fullmatch(str(found).strip()) if isinstance(found, str | int) else None
    if read is None or isinstance(found, bool):
        raise Malformed(path, "a size of a Fargate task")
    number = Decimal(read["number"])
    return number if read["unit"] else number / divisor


def _variant(task: Props, bought: frozenset[str]) -> str:
    """Return what the item of the book ends in: nothing for Linux on x86 on demand."""
    family = task.text("runtimePlatform.operatingSystemFamily", "LINUX")
    architecture = task.text("runtimePlatform.cpuArchitecture", "X86_64")
    parts = ("windows" if family.startswith("WINDOWS") else "", "arm" if architecture == "ARM64" else "")
    spot = "spot" if "FARGATE_SPOT" in bought else ""
    return "".join(f"-{part}" for part in (*parts, spot) if part)


def _sizes(resource: Resource, context: Context) -> Counts:
    """Return how many tasks there are: as asked for, or between the limits of a scalable target.

    None where nothing is asked for: documentation of pulumi_aws 7.51.1, `ecs.Service`.
    """
    props = resource.props
    if props.text("schedulingStrategy", "REPLICA") == "DAEMON":
        raise Unreadable("it runs a task on every instance")
    name, cluster = _told(props, "name"), _told(props, "cluster").rpartition("/")[2]
    wanted = props.number("desiredCount", 0)
    return scaling.counts(resource, context, "ecs:service:DesiredCount", f"service/{cluster}/{name}", wanted)


def _told(props: Props, path: str) -> str:
    """Return a text, empty where it is not known: a URN may tell instead."""
    try:
        return props.text(path)
    except Unreadable:
        return ""

"""Security groups, and their rules wherever they are written: inside the group or as resources of their own."""

import ipaddress
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from policies._engine.build import differs, each, rule, some
from policies._engine.model import Resource
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import Items, View, joined
from policies._engine.wire import MalformedValue, Undetermined

GROUP = "aws:ec2/securityGroup:SecurityGroup"
DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
EITHER = "aws:ec2/securityGroupRule:SecurityGroupRule"
EVERYWHERE = (GROUP, DEFAULT_GROUP, INGRESS, EGRESS, EITHER)

RANGES = ("cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6")
"""Properties with ranges of addresses: lists inside groups and in the older resource, single ones in the newer."""

WITH_PORTS: Final = ("tcp", "udp", "6", "17")
ALL: Final = ("-1", "all")
LAST_PORT: Final = 65_535
SHOWN: Final = 3
"""Most ports that a message names."""

WIDE: Final = {4: 7, 6: 3}
"""Longest prefix, by IP version, that counts as the internet: nobody owns more than a /8, and 2000::/3 is all of
IPv6 that is routed. So two halves of the internet are found as the whole is."""

RISKY_PORTS: Final = (
    *(20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601),
    *(8080, 8088, 8888, 9200, 9300),
    *(2375, 2379, 6006, 6379, 8265, 9090, 10250, 27017),
)
"""Ports of FSBP EC2.19 (AWS Security Hub user guide, read 2026-11-23), then those of Docker, etcd, TensorBoard, Redis,
Ray, Prometheus, kubelet and MongoDB. Of EC2.19's, 5000 is MLflow's and 8888 Jupyter's."""


class OpenPortParams(Params):
    """Parameters of SEC-NET-001."""

    ports: tuple[int, ...] = RISKY_PORTS
    """Ports, of TCP and UDP, that no rule opens to the internet."""


@rule(
    "SEC-NET-001",
    "ec2-securitygroup-disallow-open-risky-ports",
    "The internet reaches no administration, database or notebook port",
    on=EVERYWHERE,
    params=OpenPortParams,
    severity=Severity.CRITICAL,
    rationale="Such ports are found by scanners within minutes; a notebook or a dashboard without login is a shell.",
    controls=(
        "fsbp:EC2.13",
        "fsbp:EC2.14",
        "fsbp:EC2.19",
        "checkov:CKV_AWS_24",
        "checkov:CKV_AWS_25",
        "checkov:CKV_AWS_277",
        "nist-800-53:AC-4",
        "nist-800-53:CM-7",
        "nist-800-53:SC-7",
        "soc2:CC6.6",
    ),
    bad='ip_protocol="tcp", from_port=8888, to_port=8888, cidr_ipv4="0.0.0.0/0"',
    remedy=(
        "Name the ranges or the security group that may come in; reach nodes by Session Manager.",
        'ip_protocol="tcp", from_port=8888, to_port=8888, cidr_ipv4=vpn_cidr',
    ),
)
def no_open_risky_ports(resource: Resource, ctx: Context[OpenPortParams]) -> Iterable[Outcome]:
    """Rules that let everything in count too. What a prefix list holds is not looked at."""
    return _each_entry(resource, "ingress", lambda entry: _ingress(entry, ctx.params.ports))


def _ingress(entry: View, ports: tuple[int, ...]) -> Iterator[Outcome]:
    if _all_of(lambda: bool(_opened(entry, ports)), lambda: _internet(entry)):
        yield Finding(f"{_named(entry)} opens {_opened(entry, ports)} to the internet; wanted named ranges or groups")


def _opened(entry: View, ports: tuple[int, ...]) -> str:
    """Return which of `ports` a rule opens, in words; empty where it opens none."""
    if _protocol(entry) in ALL:
        return "every port"
    low, high = _range(entry)
    hit = [str(port) for port in sorted(ports) if low <= port <= high]
    more = f" and {len(hit) - SHOWN} more" if len(hit) > SHOWN else ""
    return f"port {', '.join(hit[:SHOWN])}{more}" if hit else ""


OF_NOBODY: Final = ("", "managed by pulumi", "managed by terraform")
"""No description, and those that the provider writes for a group."""


@rule(
    "SEC-NET-002",
    "ec2-securitygroup-require-descriptions",
    "Security groups and their rules say what they are for",
    on=EVERYWHERE,
    params=Params,
    severity=Severity.LOW,
    rationale="A rule that nobody can explain is never removed, and an auditor takes it for a hole.",
    controls=("checkov:CKV_AWS_23", "nist-800-53:CM-2"),
    bad='ip_protocol="tcp", from_port=443, to_port=443, cidr_ipv4=vpc.cidr_block',
    remedy=(
        "Describe who uses the rule and why. Another description of a group replaces the group.",
        'ip_protocol="tcp", from_port=443, to_port=443, cidr_ipv4=vpc.cidr_block, description="TLS from the VPC"',
    ),
)
def descriptions(resource: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
    """The default group of a VPC has a description of AWS that cannot be changed."""
    if resource.type != DEFAULT_GROUP:
        yield from each((resource.props,), _described)
    if resource.type in (GROUP, DEFAULT_GROUP):
        yield from each(("ingress", "egress"), lambda direction: each(resource.props.sequence(direction), _described))


def _described(holder: View) -> Iterator[Outcome]:
    if holder.text("description").strip().lower() in OF_NOBODY:
        yield differs(holder, "description", "what it is for")


class EgressParams(Params):
    """Parameters of SEC-NET-003."""

    environments: tuple[str, ...] = ("production",)
    """Environments whose groups say where traffic may go."""


@rule(
    "SEC-NET-003",
    "ec2-securitygroup-disallow-open-egress",
    "Production security groups do not let everything out",
    on=EVERYWHERE,
    params=EgressParams,
    severity=Severity.MEDIUM,
    rationale="Whoever breaks into a workload can send datasets and weights anywhere, over any protocol.",
    controls=("checkov:CKV_AWS_382", "nist-800-53:AC-4", "nist-800-53:SC-7", "nist-800-53:SC-7(5)", "soc2:CC6.6"),
    bad='ip_protocol="-1", cidr_ipv4="0.0.0.0/0"',
    remedy=(
        "Name ports and destinations: TLS to the internet, and groups, ranges and endpoints for the rest.",
        'ip_protocol="tcp", from_port=443, to_port=443, cidr_ipv4="0.0.0.0/0"',
    ),
)
def no_open_egress(resource: Resource, ctx: Context[EgressParams]) -> Iterable[Outcome]:
    """A group without egress rules lets nothing out: the provider removes the one that AWS adds."""
    return _each_entry(resource, "egress", lambda entry: _egress(entry, ctx))


def _egress(entry: View, ctx: Context[EgressParams]) -> Iterator[Outcome]:
    if not _all_of(lambda: _every_port(entry), lambda: _internet(entry)):
        return
    if ctx.need_environment() not in ctx.params.environments:
        raise NotApplicable(f"{ctx.environment} may let everything out")
    yield Finding(f"{_named(entry)} lets everything out to the internet; wanted ports and destinations")


def _every_port(entry: View) -> bool:
    if _protocol(entry) in ALL:
        return True
    low, high = _range(entry)
    return low <= 1 and high >= LAST_PORT


def _each_entry(resource: Resource, direction: str, check: Callable[[View], Iterable[Outcome]]) -> Iterable[Outcome]:
    """Check every rule of a direction; raise `NotApplicable` where the resource is a rule of the other."""
    if resource.type in (GROUP, DEFAULT_GROUP):
        return each(resource.props.sequence(direction), check)
    own = {INGRESS: "ingress", EGRESS: "egress"}.get(resource.type) or resource.props.text("type")
    if own != direction:
        raise NotApplicable(f"it is no {direction} rule")
    return check(resource.props)


def _all_of(*tests: Callable[[], bool]) -> bool:
    """Whether all tests hold. What is unknown to one matters only if no other fails: then it raises."""
    gap: Undetermined | None = None
    for test in tests:
        try:
            if not test():
                return False
        except Undetermined as unclear:
            gap = gap or unclear
    if gap is not None:
        raise gap
    return True


def _internet(entry: View) -> bool:
    """Whether any range of a rule takes in the internet or most of it."""
    return some(RANGES, lambda key: some(_listed(entry, key), _is_wide))


def _listed(entry: View, key: str) -> Items | list[object]:
    found = entry.at(key)
    if isinstance(found, Items):
        return found
    return [] if found is None else [found]


def _is_wide(value: object) -> bool:
    try:
        network = ipaddress.ip_network(value, strict=False) if isinstance(value, str) else None
    except ValueError:
        return False  # AWS refuses it
    return network is not None and network.prefixlen <= WIDE[network.version]


def _protocol(entry: View) -> str:
    found = entry.at("ipProtocol", entry.at("protocol"))
    if isinstance(found, str):
        return found.lower()
    if isinstance(found, (int, float)) and not isinstance(found, bool):
        return f"{found:.0f}"
    raise MalformedValue(joined(entry.path, "protocol"), "a protocol", found)


def _range(entry: View) -> tuple[float, float]:
    """Return the ports of a rule, all where none are given; an empty range of protocols that have none."""
    if _protocol(entry) not in WITH_PORTS:
        return 1, 0
    return _port(entry, "fromPort", 0), _port(entry, "toPort", LAST_PORT)


def _port(entry: View, key: str, default: int) -> float:
    found = entry.at(key, -1)
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        raise MalformedValue(joined(entry.path, key), "a number", found)
    return default if found == -1 else found


def _named(entry: View) -> str:
    return entry.path or "the rule"


RULES = (no_open_risky_ports, descriptions, no_open_egress)

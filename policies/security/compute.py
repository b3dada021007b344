"""EC2 instances and what starts them: metadata, addresses, user data."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from pydantic import Field

from policies._engine import credentials
from policies._engine.build import differs, each, rule
from policies._engine.model import Resource, manifests
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import Path, View, joined, parts
from policies._engine.wire import MalformedValue, Undetermined

INSTANCE = "aws:ec2/instance:Instance"
SPOT_REQUEST = "aws:ec2/spotInstanceRequest:SpotInstanceRequest"
CONFIGURATION = "aws:ec2/launchConfiguration:LaunchConfiguration"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
LAUNCHES = (INSTANCE, CONFIGURATION, TEMPLATE, SPOT_REQUEST)
NODE_CLASS = "karpenter.k8s.aws/EC2NodeClass"

ALSO_ON_AWS = "it judges launch templates and instances by the same function"

TOKENS = "metadataOptions.httpTokens"


def switch(holder: View, path: Path) -> bool | None:
    """Return a switch, None where it is unset. Launch templates and storage classes write theirs as text.

    Raises `MalformedValue` for anything else.
    """
    value = holder.at(path)
    if isinstance(value, str) and value.lower() in ("", "true", "false"):
        return {"": None, "true": True, "false": False}[value.lower()]
    if value is None or isinstance(value, bool):
        return value
    raise MalformedValue(joined(holder.path, *parts(path)), "a boolean", value)


def _each_launch(
    resource: Resource, of_aws: Callable[[View], Iterable[Outcome]], of_node_class: Callable[[View], Iterable[Outcome]]
) -> Iterable[Outcome]:
    """Judge the inputs of an AWS resource, or the spec of each node class in a Kubernetes object."""
    if not resource.kind:
        return of_aws(resource.props)
    found = [manifest for manifest in manifests(resource) if manifest.kind == NODE_CLASS]
    return each(found, lambda manifest: of_node_class(manifest.spec))


def _require_tokens(resource: Resource, _ctx: Context[Params]) -> Mapping[Path, str]:
    if resource.kind == NODE_CLASS:
        return {f"spec.{TOKENS}": "required"}
    return {} if resource.kind else {TOKENS: "required"}


@rule(
    "SEC-EC2-001",
    "ec2-instance-require-imdsv2",
    "Instance metadata is read with session tokens (IMDSv2) only",
    on=LAUNCHES,
    kinds=(NODE_CLASS,),
    params=Params,
    fix=_require_tokens,
    severity=Severity.HIGH,
    rationale="IMDSv1 answers any request: one forged request in a notebook yields the node's role.",
    controls=("fsbp:EC2.8", "fsbp:EC2.170", "fsbp:AutoScaling.3", "checkov:CKV_AWS_79", "nist-800-53:AC-3"),
    bad='metadata_options={"http_tokens": "optional"}',
    remedy=("Require session tokens for instance metadata.", 'metadata_options={"http_tokens": "required"}'),
    not_at_admission=ALSO_ON_AWS,
)
def imdsv2(resource: Resource, _ctx: Context[Params]) -> Iterable[Outcome]:
    """Off altogether is fine too. EC2's default is optional, Karpenter's is required."""
    return _each_launch(
        resource,
        lambda props: _tokens(props.mapping("metadataOptions"), "optional"),
        lambda spec: _tokens(spec.mapping("metadataOptions"), "required"),
    )


def _tokens(options: View, default: str) -> Iterator[Outcome]:
    if options.at("httpEndpoint") != "disabled" and options.at("httpTokens", default) != "required":
        yield differs(options, "httpTokens", f'"required" (the default is {default})')


class HopParams(Params):
    """Parameters of SEC-EC2-002."""

    most: int = Field(default=1, ge=1, le=64)
    """Most network hops that the answer with a session token may take; 2 lets pods without host network read it."""


@rule(
    "SEC-EC2-002",
    "ec2-instance-limit-metadata-hops",
    "Instance metadata is out of reach of pods",
    on=LAUNCHES,
    kinds=(NODE_CLASS,),
    params=HopParams,
    severity=Severity.MEDIUM,
    rationale="With a second hop every pod on the node can take the role of the node, whatever its own role is.",
    controls=("fsbp:AutoScaling.4", "checkov:CKV_AWS_341", "nist-800-53:AC-6", "soc2:CC6.1"),
    bad='metadata_options={"http_tokens": "required", "http_put_response_hop_limit": 2}',
    remedy=(
        "Limit the hops to 1 and give pods roles of their own, by Pod Identity or IRSA.",
        'metadata_options={"http_tokens": "required", "http_put_response_hop_limit": 1}',
    ),
    not_at_admission=ALSO_ON_AWS,
)
def hop_limit(resource: Resource, ctx: Context[HopParams]) -> Iterable[Outcome]:
    """Unset is 1 in Karpenter (EC2NodeClass v1); EC2 takes the account's default, else the image's, else 1."""
    return _each_launch(
        resource,
        lambda props: _hops(props.mapping("metadataOptions"), None, ctx.params.most),
        lambda spec: _hops(spec.mapping("metadataOptions"), 1, ctx.params.most),
    )


def _hops(options: View, default: int | None, most: int) -> Iterator[Outcome]:
    if options.at("httpEndpoint") == "disabled":
        return
    limit = options.at("httpPutResponseHopLimit", default)
    if limit is None:
        # EC2 API reference, Image.ImdsSupport, read 2026-11-23.
        yield differs(options, "httpPutResponseHopLimit", f"{most} (images that require IMDSv2 make it 2)")
    elif isinstance(limit, bool) or not isinstance(limit, (int, float)):
        raise MalformedValue(f"{options.path}.httpPutResponseHopLimit", "a number", limit)
    elif limit > most:
        yield differs(options, "httpPutResponseHopLimit", f"at most {most}")


@rule(
    "SEC-EC2-004",
    "ec2-instance-disallow-public-address",
    "Instances get no public address at launch",
    on=LAUNCHES,
    kinds=(NODE_CLASS,),
    params=Params,
    severity=Severity.HIGH,
    rationale="A node with a public address is one security group rule away from the internet, kubelet and all.",
    controls=(
        "cis-eks:5.4.3",
        "fsbp:EC2.9",
        "fsbp:EC2.25",
        "fsbp:Autoscaling.5",
        "checkov:CKV_AWS_88",
        "nist-800-53:AC-4",
        "nist-800-53:SC-7",
        "soc2:CC6.6",
    ),
    bad='network_interfaces=[{"associate_public_ip_address": "true"}]',
    remedy=(
        "Leave it off and launch into private subnets; what must be reached stands behind a load balancer.",
        'network_interfaces=[{"associate_public_ip_address": "false"}]',
    ),
    not_at_admission=ALSO_ON_AWS,
)
def no_public_address(resource: Resource, _ctx: Context[Params]) -> Iterable[Outcome]:
    """Where nothing is said the subnet decides, which SEC-NET-006 judges; without a subnet it is a default one."""
    if resource.type == TEMPLATE:
        return _interfaces(resource.props)
    homeless = resource.type in (INSTANCE, SPOT_REQUEST)
    return _each_launch(
        resource,
        lambda props: _address(props, "associatePublicIpAddress", homeless and _in_default_subnet(props)),
        lambda spec: _address(spec, "associatePublicIPAddress"),
    )


def _interfaces(template: View) -> Iterator[Outcome]:
    interfaces = template.sequence("networkInterfaces")
    if not len(interfaces):
        raise NotApplicable("the template says nothing of addresses, so the subnet decides (SEC-NET-006)")
    yield from each(interfaces, lambda interface: _address(interface, "associatePublicIpAddress"))


def _address(holder: View, path: str, by_default: bool = False) -> Iterator[Outcome]:
    public = switch(holder, path)
    if public or (public is None and by_default):
        yield differs(holder, path, "false" if public else "false (default subnets give public addresses)")
    elif public is None:
        raise NotApplicable("nothing is said of public addresses, so the subnet decides (SEC-NET-006)")


def _in_default_subnet(instance: View) -> bool:
    """Whether nothing says where the instance stands: EC2 then takes a default subnet."""
    places = ("subnetId", "networkInterfaces", "primaryNetworkInterface", "primaryNetworkInterfaceId", "launchTemplate")
    return not any(instance.raw.get(place) for place in places)


@rule(
    "SEC-EC2-005",
    "ec2-instance-disallow-secrets-in-user-data",
    "User data holds no credentials",
    on=LAUNCHES,
    kinds=(NODE_CLASS,),
    params=Params,
    severity=Severity.CRITICAL,
    rationale="User data is not encrypted: every process on the instance and everyone who may describe it reads it.",
    controls=("checkov:CKV_AWS_46", "aisf:AISF-DATA-05", "nist-800-53:IA-5(7)", "soc2:CC6.1"),
    bad='user_data="#!/bin/sh\\nDB_PASSWORD=hunter22 /opt/start"',
    remedy=(
        "Let the instance fetch the secret at start by its role, and revoke what was written here.",
        'user_data="#!/bin/sh\\nDB_PASSWORD=$(aws secretsmanager get-secret-value "\n'
        '    "--secret-id db --query SecretString --output text) /opt/start"',
    ),
    not_at_admission="user data is unpacked and searched, which CEL cannot",
)
def no_secrets_in_user_data(resource: Resource, _ctx: Context[Params]) -> Iterable[Outcome]:
    """As text, as base64 or as base64 of gzip. What Pulumi keeps as a secret is as readable in EC2 as the rest."""
    return _each_launch(
        resource,
        lambda props: each(("userData", "userDataBase64"), lambda key: _user_data(props, key)),
        lambda spec: _user_data(spec, "userData"),
    )


def _user_data(holder: View, key: str) -> Iterator[Outcome]:
    text = holder.text(key)
    where = joined(holder.path, key)
    if not text:
        raise NotApplicable("there is no user data")
    if len(text) > credentials.LONGEST:
        raise Undetermined(f"{where} is longer than EC2 takes, and was not searched")
    reading = credentials.read(text)
    for one in credentials.sightings(reading):
        part = " of an encoded part" if one.encoded else ""
        yield Finding(f"{where} holds {one.kind} (line {one.line}{part})")
    if not reading.complete:
        yield Undetermined(f"{where} holds gzip that could not be unpacked")


RULES = (imdsv2, hop_limit, no_public_address, no_secrets_in_user_data)

"""Functions of the provider: what programs look up."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.aws.client import Aws
from sandbox.aws.services._ec2 import only
from sandbox.aws.services.eks import read_cluster
from sandbox.aws.types import tag_map
from sandbox.provider.servicer import ProviderError
from sandbox.provider.values import Props


def _caller_identity(aws: Aws, args: Props) -> Props:
    found = aws.client("sts").get_caller_identity()
    return {"accountId": found["Account"], "arn": found["Arn"], "userId": found["UserId"], "id": found["Account"]}


def _region(aws: Aws, args: Props) -> Props:
    name = args.get("region") or args.get("name") or aws.region
    return {"region": name, "name": name, "id": name, "endpoint": f"ec2.{name}.amazonaws.com", "description": name}


def _partition(aws: Aws, args: Props) -> Props:
    return {"partition": "aws", "id": "aws", "dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws"}


def _filters(args: Props) -> list[dict[str, Any]]:
    named = [{"Name": f["name"], "Values": f["values"]} for f in args.get("filters") or ()]
    return [*named, *({"Name": f"tag:{k}", "Values": [v]} for k, v in (args.get("tags") or {}).items())]


def _zones(aws: Aws, args: Props) -> Props:
    ec2 = aws.client("ec2", args.get("region"))
    found = ec2.describe_availability_zones(Filters=_filters(args))["AvailabilityZones"]
    state, names = args.get("state"), set(args.get("excludeNames") or ())
    ids = set(args.get("excludeZoneIds") or ())
    kept = sorted(
        (z["ZoneName"], z["ZoneId"])
        for z in found
        if (not state or z["State"] == state) and z["ZoneName"] not in names and z["ZoneId"] not in ids
    )
    region = args.get("region") or aws.region
    return {"id": region, "region": region, "names": [n for n, _ in kept], "zoneIds": [i for _, i in kept]}


def _principals(entries: Sequence[Mapping[str, Any]]) -> Any:
    merged: dict[str, list[str]] = {}
    for entry in entries:
        merged.setdefault(entry["type"], []).extend(entry["identifiers"])
    if merged.get("*") == ["*"] and len(merged) == 1:
        return "*"
    return {k: _one_or_list(v) for k, v in merged.items()}


def _one_or_list(values: Sequence[str]) -> Any:
    return values[0] if len(values) == 1 else sorted(values, reverse=True)


def _conditions(entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    tests: dict[str, dict[str, list[str]]] = {}
    for entry in entries:
        tests.setdefault(entry["test"], {}).setdefault(entry["variable"], []).extend(entry["values"])
    return {test: {k: _one_or_list(v) for k, v in by.items()} for test, by in tests.items()}


def _statement(entry: Mapping[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {"Sid": entry["sid"]} if entry.get("sid") else {}
    result["Effect"] = entry.get("effect") or "Allow"
    for ours in ("actions", "notActions", "resources", "notResources"):
        if entry.get(ours):
            result[ours[:1].upper() + ours[1:-1]] = _one_or_list(entry[ours])
    for ours, name in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        if entry.get(ours):
            result[name] = _principals(entry[ours])
    if entry.get("conditions"):
        result["Condition"] = _conditions(entry["conditions"])
    return result


def _policy_document(aws: Aws, args: Props) -> Props:
    """Write a policy; statements of source documents come first, those of overriding ones replace by their `Sid`."""
    statements: list[Any] = []
    for text in args.get("sourcePolicyDocuments") or ():
        if text:
            statements.extend(_as_list(json.loads(text)["Statement"]))
    own = [_statement(s) for s in args.get("statements") or ()]
    statements = _overlaid(statements, own)
    for text in args.get("overridePolicyDocuments") or ():
        if text:
            statements = _overlaid(statements, _as_list(json.loads(text)["Statement"]))
    whole: dict[str, Any] = {"Version": args.get("version") or "2012-10-17", "Statement": statements}
    if args.get("policyId"):
        whole["Id"] = args["policyId"]
    plain = json.dumps(whole, separators=(",", ":"))
    return {
        **args,
        "id": hashlib.sha256(plain.encode()).hexdigest()[:10],
        "json": json.dumps(whole, indent=2),
        "minifiedJson": plain,
    }


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _overlaid(base: Sequence[Any], over: Sequence[Any]) -> list[Any]:
    replaced = {s["Sid"] for s in over if s.get("Sid")}
    return [*(s for s in base if s.get("Sid") not in replaced), *over]


def _parameter(aws: Aws, args: Props) -> Props:
    decrypt = args.get("withDecryption", True)
    found = aws.client("ssm", args.get("region")).get_parameter(Name=args["name"], WithDecryption=decrypt)["Parameter"]
    return {
        "id": found["Name"],
        "name": found["Name"],
        "arn": found["ARN"],
        "type": found["Type"],
        "value": found["Value"],
        "insecureValue": found["Value"] if found["Type"] != "SecureString" else "",
        "version": found["Version"],
        "withDecryption": decrypt,
    }


def _vpc(aws: Aws, args: Props) -> Props:
    ec2 = aws.client("ec2", args.get("region"))
    filters = _filters(args)
    for ours, api in (("cidrBlock", "cidr"), ("state", "state")):
        if args.get(ours):
            filters.append({"Name": api, "Values": [args[ours]]})
    if args.get("default") is not None:
        filters.append({"Name": "is-default", "Values": [str(args["default"]).lower()]})
    ids = {"VpcIds": [args["id"]]} if args.get("id") else {}
    found = ec2.describe_vpcs(Filters=filters, **ids)["Vpcs"]
    if len(found) != 1:
        raise ProviderError(f"getVpc found {len(found)} networks for {args}; it needs exactly one")
    vpc = found[0]
    main = ec2.describe_route_tables(
        Filters=[
            {"Name": "vpc-id", "Values": [vpc["VpcId"]]},
            {"Name": "association.main", "Values": ["true"]},
        ]
    )["RouteTables"]
    return {
        "id": vpc["VpcId"],
        "arn": aws.arn("ec2", f"vpc/{vpc['VpcId']}"),
        "cidrBlock": vpc["CidrBlock"],
        "default": vpc["IsDefault"],
        "dhcpOptionsId": vpc.get("DhcpOptionsId"),
        "instanceTenancy": vpc["InstanceTenancy"],
        "mainRouteTableId": only([t["RouteTableId"] for t in main]),
        "ownerId": aws.account_id,
        "state": vpc["State"],
        "tags": tag_map(vpc.get("Tags")),
    }


def _subnets(aws: Aws, args: Props) -> Props:
    region = args.get("region") or aws.region
    found = aws.client("ec2", region).describe_subnets(Filters=_filters(args))["Subnets"]
    return {"id": region, "ids": sorted(s["SubnetId"] for s in found), "tags": args.get("tags") or {}}


def _subnet(aws: Aws, args: Props) -> Props:
    ids = {"SubnetIds": [args["id"]]} if args.get("id") else {}
    filters = _filters(args)
    for ours, api in (("vpcId", "vpc-id"), ("cidrBlock", "cidr-block"), ("availabilityZone", "availability-zone")):
        if args.get(ours):
            filters.append({"Name": api, "Values": [args[ours]]})
    found = aws.client("ec2", args.get("region")).describe_subnets(Filters=filters, **ids)["Subnets"]
    if len(found) != 1:
        raise ProviderError(f"getSubnet found {len(found)} subnets for {args}; it needs exactly one")
    return {
        "id": found[0]["SubnetId"],
        "arn": aws.arn("ec2", f"subnet/{found[0]['SubnetId']}"),
        "vpcId": found[0]["VpcId"],
        "cidrBlock": found[0]["CidrBlock"],
        "availabilityZone": found[0]["AvailabilityZone"],
        "availabilityZoneId": found[0]["AvailabilityZoneId"],
        "mapPublicIpOnLaunch": found[0]["MapPublicIpOnLaunch"],
        "tags": tag_map(found[0].get("Tags")),
    }


def _cluster(aws: Aws, args: Props) -> Props:
    found = read_cluster(aws, args["name"], {})
    if found is None:
        raise ProviderError(f"getCluster found no cluster {args['name']}")
    return {
        **{k: v for k, v in found.items() if k not in ("encryptionConfig", "tagsAll", "clusterId")},
        "id": found["name"],
        "certificateAuthorities": [found["certificateAuthority"]],
        "vpcConfig": found["vpcConfig"],
        "tags": found["tagsAll"],
    }


FUNCTIONS: dict[str, Callable[[Aws, Props], Props]] = {
    "aws:ec2/getSubnet:getSubnet": _subnet,
    "aws:ec2/getSubnets:getSubnets": _subnets,
    "aws:ec2/getVpc:getVpc": _vpc,
    "aws:eks/getCluster:getCluster": _cluster,
    "aws:iam/getPolicyDocument:getPolicyDocument": _policy_document,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _zones,
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getRegion:getRegion": _region,
    "aws:ssm/getParameter:getParameter": _parameter,
}
"""Functions by token; each gets its arguments and gives its result, in Pulumi's names."""

"""EC2: security groups and their rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.aws.client import Aws
from sandbox.aws.services._ec2 import change_tags, only, tagged, where
from sandbox.aws.services._shapes import differs
from sandbox.aws.types import AwsType, Name, tag_map
from sandbox.provider.values import Props

_Atom = tuple[str, int, int, str, str, str]
"""One rule of a group: protocol, first port, last port, kind of the other side, the other side, description."""


def _rules(aws: Aws, group_id: str, egress: bool) -> list[dict[str, Any]]:
    found = aws.client("ec2").describe_security_group_rules(Filters=where(group_id=group_id))["SecurityGroupRules"]
    return [r for r in found if r["IsEgress"] is egress]


def _side(rule: Mapping[str, Any]) -> tuple[str, str]:
    """Return the kind and the value of the other side of a rule of the API."""
    if rule.get("ReferencedGroupInfo", {}).get("GroupId"):
        return "securityGroups", rule["ReferencedGroupInfo"]["GroupId"]
    for kind, key in (("ipv6CidrBlocks", "CidrIpv6"), ("prefixListIds", "PrefixListId")):
        if rule.get(key):
            return kind, rule[key]
    return "cidrBlocks", rule.get("CidrIpv4", "")


def _ports(protocol: str, first: Any, last: Any) -> tuple[int, int]:
    # "All protocols" has all ports, however they were written.
    return (0, 0) if protocol == "-1" else (int(first), int(last))


def _found_atoms(aws: Aws, group_id: str, egress: bool) -> set[_Atom]:
    return {
        (
            r["IpProtocol"],
            *_ports(r["IpProtocol"], r["FromPort"], r["ToPort"]),
            *_side(r),
            r.get("Description") or "",
        )
        for r in _rules(aws, group_id, egress)
    }


def _written_atoms(group_id: str, blocks: Iterable[Mapping[str, Any]]) -> set[_Atom]:
    atoms: set[_Atom] = set()
    for block in blocks:
        protocol = {"all": "-1"}.get(block["protocol"], str(block["protocol"]))
        head = (protocol, *_ports(protocol, block["fromPort"], block["toPort"]))
        text = block.get("description") or ""
        for kind in ("cidrBlocks", "ipv6CidrBlocks", "prefixListIds", "securityGroups"):
            atoms |= {(*head, kind, side, text) for side in block.get(kind) or ()}
        if block.get("self"):
            atoms.add((*head, "securityGroups", group_id, text))
    return atoms


def _blocks(group_id: str, atoms: Iterable[_Atom]) -> list[Props]:
    """Return rules as blocks of a SecurityGroup: those with the same ports and description together."""
    blocks: dict[tuple[Any, ...], Props] = {}
    for protocol, first, last, kind, side, text in sorted(atoms):
        block = blocks.setdefault(
            (protocol, first, last, text), {"protocol": protocol, "fromPort": first, "toPort": last}
        )
        if text:
            block["description"] = text
        if side == group_id:
            block["self"] = True
        else:
            block.setdefault(kind, []).append(side)
    return list(blocks.values())


def _permission(atom: _Atom) -> dict[str, Any]:
    protocol, first, last, kind, side, text = atom
    member, key = {
        "cidrBlocks": ("IpRanges", "CidrIp"),
        "ipv6CidrBlocks": ("Ipv6Ranges", "CidrIpv6"),
        "prefixListIds": ("PrefixListIds", "PrefixListId"),
        "securityGroups": ("UserIdGroupPairs", "GroupId"),
    }[kind]
    other = {key: side, **({"Description": text} if text else {})}
    ports = {} if protocol == "-1" else {"FromPort": first, "ToPort": last}
    return {"IpProtocol": protocol, **ports, member: [other]}


def _authorize(aws: Aws, group_id: str, egress: bool, atom: _Atom, tags: list[Any]) -> str:
    ec2 = aws.client("ec2")
    call = ec2.authorize_security_group_egress if egress else ec2.authorize_security_group_ingress
    made = call(GroupId=group_id, IpPermissions=[_permission(atom)], TagSpecifications=tags)
    return str(made["SecurityGroupRules"][0]["SecurityGroupRuleId"])


def _revoke(aws: Aws, group_id: str, egress: bool, rule_ids: list[str]) -> None:
    ec2 = aws.client("ec2")
    call = ec2.revoke_security_group_egress if egress else ec2.revoke_security_group_ingress
    if rule_ids:
        call(GroupId=group_id, SecurityGroupRuleIds=rule_ids)


def _set_rules(aws: Aws, group_id: str, egress: bool, blocks: Iterable[Mapping[str, Any]]) -> None:
    """Make the rules of one direction exactly those of `blocks`."""
    wanted, there = _written_atoms(group_id, blocks), {}
    for rule in _rules(aws, group_id, egress):
        ports = _ports(rule["IpProtocol"], rule["FromPort"], rule["ToPort"])
        there[(rule["IpProtocol"], *ports, *_side(rule), rule.get("Description") or "")] = rule["SecurityGroupRuleId"]
    _revoke(aws, group_id, egress, [rule_id for atom, rule_id in there.items() if atom not in wanted])
    for atom in sorted(wanted - there.keys()):
        _authorize(aws, group_id, egress, atom, [])


def _told_rules(aws: Aws, group_id: str, props: Props, always: bool) -> Props:
    """Return the groups' own rules; where the program leaves them to rule resources, nothing."""
    told: Props = {}
    for name, egress in (("ingress", False), ("egress", True)):
        known = props.get(name)
        if known is None and not always:
            continue
        atoms = _found_atoms(aws, group_id, egress)
        same = known is not None and _written_atoms(group_id, known) == atoms
        told[name] = known if same else _blocks(group_id, atoms)
    return told


def _create_group(aws: Aws, props: Props) -> str:
    vpc = {"VpcId": props["vpcId"]} if props.get("vpcId") else {}
    made = aws.client("ec2").create_security_group(
        GroupName=props["name"],
        Description=props.get("description", "Managed by Pulumi"),
        TagSpecifications=tagged("security-group", props),
        **vpc,
    )
    group_id = str(made["GroupId"])
    # AWS opens a new group to everywhere; the real provider takes that rule away too.
    _set_rules(aws, group_id, True, props.get("egress") or ())
    _set_rules(aws, group_id, False, props.get("ingress") or ())
    return group_id


def _read_group(aws: Aws, group_id: str, props: Props, always: bool = False) -> Props | None:
    found = only(aws.client("ec2").describe_security_groups(GroupIds=[group_id])["SecurityGroups"])
    return {
        "arn": aws.arn("ec2", f"security-group/{group_id}"),
        "name": found["GroupName"],
        "description": found["Description"],
        "vpcId": found["VpcId"],
        "ownerId": aws.account_id,
        "tagsAll": tag_map(found.get("Tags")),
        **_told_rules(aws, group_id, props, always),
    }


def _update_group(aws: Aws, group_id: str, old: Props, new: Props) -> None:
    for name, egress in (("ingress", False), ("egress", True)):
        if differs(old, new, name):
            _set_rules(aws, group_id, egress, new.get(name) or ())
    change_tags(aws, group_id, old, new)


def _delete_group(aws: Aws, group_id: str, props: Props) -> None:
    aws.client("ec2").delete_security_group(GroupId=group_id)


def _adopt_default(aws: Aws, props: Props) -> str:
    filters = [*where(group_name="default"), *(where(vpc_id=props["vpcId"]) if props.get("vpcId") else [])]
    found = only(aws.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"])
    group_id = str(found["GroupId"])
    _set_rules(aws, group_id, False, props.get("ingress") or ())
    _set_rules(aws, group_id, True, props.get("egress") or ())
    change_tags(aws, group_id, {"tagsAll": tag_map(found.get("Tags"))}, props)
    return group_id


def _read_default(aws: Aws, group_id: str, props: Props) -> Props | None:
    return _read_group(aws, group_id, props, always=True)


def _leave_default(aws: Aws, group_id: str, props: Props) -> None:
    # The default group goes with its network; until then it stays as it is, closed.
    change_tags(aws, group_id, props, {})


def _atom(props: Props) -> _Atom:
    kinds = {
        "cidrIpv4": "cidrBlocks",
        "cidrIpv6": "ipv6CidrBlocks",
        "prefixListId": "prefixListIds",
        "referencedSecurityGroupId": "securityGroups",
    }
    kind = next(k for k in kinds if props.get(k))
    ports = _ports(props["ipProtocol"], props.get("fromPort", -1), props.get("toPort", -1))
    return (props["ipProtocol"], *ports, kinds[kind], props[kind], props.get("description") or "")


def _read_rule(aws: Aws, rule_id: str, props: Props) -> Props | None:
    answer = aws.client("ec2").describe_security_group_rules(SecurityGroupRuleIds=[rule_id])
    rule = answer["SecurityGroupRules"][0]
    return {
        "arn": aws.arn("ec2", f"security-group-rule/{rule_id}"),
        "securityGroupRuleId": rule_id,
        "securityGroupId": rule["GroupId"],
        "ipProtocol": rule["IpProtocol"],
        # The API says -1 where a rule has no ports.
        "fromPort": rule["FromPort"] if rule["FromPort"] != -1 else props.get("fromPort"),
        "toPort": rule["ToPort"] if rule["ToPort"] != -1 else props.get("toPort"),
        "cidrIpv4": rule.get("CidrIpv4"),
        "cidrIpv6": rule.get("CidrIpv6"),
        "prefixListId": rule.get("PrefixListId"),
        "referencedSecurityGroupId": rule.get("ReferencedGroupInfo", {}).get("GroupId"),
        "description": rule.get("Description") or None,
        "tagsAll": tag_map(rule.get("Tags")),
    }


def _rule_type(direction: str) -> AwsType:
    egress = direction == "Egress"

    def create(aws: Aws, props: Props) -> str:
        tags = tagged("security-group-rule", props)
        return _authorize(aws, props["securityGroupId"], egress, _atom(props), tags)

    def update(aws: Aws, rule_id: str, old: Props, new: Props) -> None:
        ec2, group_id = aws.client("ec2"), new["securityGroupId"]
        atom = _atom(new)
        if _atom(old) != atom:
            side = {"CidrIpv4": new["cidrIpv4"]} if new.get("cidrIpv4") else {}
            side |= {"CidrIpv6": new["cidrIpv6"]} if new.get("cidrIpv6") else {}
            side |= {"PrefixListId": new["prefixListId"]} if new.get("prefixListId") else {}
            group = new.get("referencedSecurityGroupId")
            side |= {"ReferencedGroupId": group} if group else {}
            rule = {
                "IpProtocol": new["ipProtocol"],
                "FromPort": new.get("fromPort", -1),
                "ToPort": new.get("toPort", -1),
                **side,
                "Description": new.get("description") or "",
            }
            ec2.modify_security_group_rules(
                GroupId=group_id, SecurityGroupRules=[{"SecurityGroupRuleId": rule_id, "SecurityGroupRule": rule}]
            )
        change_tags(aws, rule_id, old, new)

    def delete(aws: Aws, rule_id: str, props: Props) -> None:
        _revoke(aws, props["securityGroupId"], egress, [rule_id])

    return AwsType(
        token=f"aws:vpc/securityGroup{direction}Rule:SecurityGroup{direction}Rule",
        create=create,
        read=_read_rule,
        update=update,
        delete=delete,
        # AWS changes the other side in place; moto's ModifySecurityGroupRules does that for IPv4 ranges only.
        replaces=frozenset({"securityGroupId", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"}),
    )


TYPES = (
    AwsType(
        token="aws:ec2/securityGroup:SecurityGroup",
        create=_create_group,
        read=_read_group,
        update=_update_group,
        delete=_delete_group,
        replaces=frozenset({"vpcId", "description", "namePrefix"}),
        name=Name(),
        not_compared=frozenset({"revokeRulesOnDelete"}),
    ),
    AwsType(
        token="aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        create=_adopt_default,
        read=_read_default,
        update=_update_group,
        delete=_leave_default,
        replaces=frozenset({"vpcId"}),
        not_compared=frozenset({"revokeRulesOnDelete"}),
    ),
    _rule_type("Ingress"),
    _rule_type("Egress"),
)

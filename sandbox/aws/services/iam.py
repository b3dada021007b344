"""IAM: roles, policies and what joins them."""

from __future__ import annotations

from typing import Any

from sandbox.aws.client import Aws
from sandbox.aws.services._shapes import differs, document, flat, gone_is_fine, like, or_none, retag, same_document
from sandbox.aws.types import AwsType, Name, pick, put, tag_list, tag_map
from sandbox.provider.values import Props


def _attached(aws: Aws, role: str) -> list[str]:
    pages = aws.client("iam").get_paginator("list_attached_role_policies").paginate(RoleName=role)
    return [p["PolicyArn"] for p in flat(pages, "AttachedPolicies")]


def _inline(aws: Aws, role: str) -> list[str]:
    pages = aws.client("iam").get_paginator("list_role_policies").paginate(RoleName=role)
    return [str(name) for name in flat(pages, "PolicyNames")]


def _create_role(aws: Aws, props: Props) -> str:
    names = {
        "description": "Description",
        "maxSessionDuration": "MaxSessionDuration",
        "path": "Path",
        "permissionsBoundary": "PermissionsBoundary",
    }
    aws.client("iam").create_role(
        RoleName=props["name"],
        AssumeRolePolicyDocument=document(props["assumeRolePolicy"]),
        Tags=tag_list(props.get("tagsAll")),
        **{names[k]: v for k, v in pick(props, *names).items()},
    )
    _set_own_policies(aws, props["name"], {}, props)
    return str(props["name"])


def _set_own_policies(aws: Aws, role: str, old: Props, new: Props) -> None:
    """Attach and write the policies that a role itself lists."""
    iam = aws.client("iam")
    before, after = set(old.get("managedPolicyArns") or ()), set(new.get("managedPolicyArns") or ())
    for arn in sorted(before - after):
        with gone_is_fine():
            iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    for arn in sorted(after - before):
        iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    wanted = {p["name"]: p["policy"] for p in new.get("inlinePolicies") or () if p.get("name")}
    for policy in old.get("inlinePolicies") or ():
        if policy.get("name") not in wanted:
            with gone_is_fine():
                iam.delete_role_policy(RoleName=role, PolicyName=policy["name"])
    for name, text in sorted(wanted.items()):
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=document(text))


def _read_role(aws: Aws, name: str, props: Props) -> Props | None:
    found = aws.client("iam").get_role(RoleName=name)["Role"]
    result = {
        "arn": found["Arn"],
        "name": found["RoleName"],
        "uniqueId": found["RoleId"],
        "createDate": found["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "path": found["Path"],
        "description": found.get("Description") or None,
        "maxSessionDuration": found["MaxSessionDuration"],
        "permissionsBoundary": found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        "assumeRolePolicy": same_document(props.get("assumeRolePolicy"), found["AssumeRolePolicyDocument"]),
        "tagsAll": tag_map(found.get("Tags")),
    }
    # A role that lists no policies leaves them to the resources that join the two.
    if props.get("managedPolicyArns") is not None:
        result["managedPolicyArns"] = like(props["managedPolicyArns"], sorted(_attached(aws, name)))
    if props.get("inlinePolicies") is not None:
        known = {p.get("name"): p.get("policy") for p in props["inlinePolicies"]}
        texts = [
            {"name": n, "policy": same_document(known.get(n), _inline_text(aws, name, n))} for n in _inline(aws, name)
        ]
        result["inlinePolicies"] = like(props["inlinePolicies"], texts)
    return result


def _inline_text(aws: Aws, role: str, name: str) -> Any:
    return aws.client("iam").get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]


def _update_role(aws: Aws, name: str, old: Props, new: Props) -> None:
    iam = aws.client("iam")
    if differs(old, new, "assumeRolePolicy"):
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=document(new["assumeRolePolicy"]))
    if differs(old, new, "description", "maxSessionDuration"):
        iam.update_role(
            RoleName=name,
            Description=new.get("description") or "",
            MaxSessionDuration=new.get("maxSessionDuration") or 3600,
        )
    if differs(old, new, "permissionsBoundary"):
        if new.get("permissionsBoundary"):
            iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=new["permissionsBoundary"])
        else:
            iam.delete_role_permissions_boundary(RoleName=name)
    _set_own_policies(aws, name, old, new)
    retag(
        old,
        new,
        lambda keys: iam.untag_role(RoleName=name, TagKeys=keys),
        lambda tags: iam.tag_role(RoleName=name, Tags=tag_list(tags)),
    )


def _delete_role(aws: Aws, name: str, props: Props) -> None:
    iam = aws.client("iam")
    for profile in iam.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"]:
        iam.remove_role_from_instance_profile(InstanceProfileName=profile["InstanceProfileName"], RoleName=name)
    for arn in _attached(aws, name):
        iam.detach_role_policy(RoleName=name, PolicyArn=arn)
    for policy in _inline(aws, name):
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)


def _create_policy(aws: Aws, props: Props) -> str:
    text = {"Description": props["description"]} if props.get("description") else {}
    made = aws.client("iam").create_policy(
        PolicyName=props["name"],
        Path=props.get("path", "/"),
        PolicyDocument=document(props["policy"]),
        Tags=tag_list(props.get("tagsAll")),
        **text,
    )
    return str(made["Policy"]["Arn"])


def _read_policy(aws: Aws, arn: str, props: Props) -> Props | None:
    iam = aws.client("iam")
    found = iam.get_policy(PolicyArn=arn)["Policy"]
    version = iam.get_policy_version(PolicyArn=arn, VersionId=found["DefaultVersionId"])["PolicyVersion"]
    return {
        "arn": arn,
        "name": found["PolicyName"],
        "path": found["Path"],
        "policyId": found["PolicyId"],
        "description": found.get("Description") or None,
        "policy": same_document(props.get("policy"), version["Document"]),
        "tagsAll": tag_map(found.get("Tags")),
    }


def _update_policy(aws: Aws, arn: str, old: Props, new: Props) -> None:
    iam = aws.client("iam")
    if differs(old, new, "policy"):
        # A policy has five versions at most; the oldest that is not in force makes room.
        versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
        if len(versions) >= 5:
            spare = [v["VersionId"] for v in versions if not v["IsDefaultVersion"]]
            iam.delete_policy_version(PolicyArn=arn, VersionId=min(spare, key=lambda v: int(v[1:])))
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(new["policy"]), SetAsDefault=True)
    retag(
        old,
        new,
        lambda keys: iam.untag_policy(PolicyArn=arn, TagKeys=keys),
        lambda tags: iam.tag_policy(PolicyArn=arn, Tags=tag_list(tags)),
    )


def _delete_policy(aws: Aws, arn: str, props: Props) -> None:
    iam = aws.client("iam")
    for role in iam.list_entities_for_policy(PolicyArn=arn, EntityFilter="Role")["PolicyRoles"]:
        iam.detach_role_policy(RoleName=role["RoleName"], PolicyArn=arn)
    for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
    iam.delete_policy(PolicyArn=arn)


def _create_role_policy(aws: Aws, props: Props) -> str:
    aws.client("iam").put_role_policy(
        RoleName=props["role"], PolicyName=props["name"], PolicyDocument=document(props["policy"])
    )
    return f"{props['role']}:{props['name']}"


def _read_role_policy(aws: Aws, policy_id: str, props: Props) -> Props | None:
    role, _, name = policy_id.partition(":")
    found = _inline_text(aws, role, name)
    return {"role": role, "name": name, "policy": same_document(props.get("policy"), found)}


def _delete_role_policy(aws: Aws, policy_id: str, props: Props) -> None:
    role, _, name = policy_id.partition(":")
    aws.client("iam").delete_role_policy(RoleName=role, PolicyName=name)


def _attach(aws: Aws, props: Props) -> str:
    aws.client("iam").attach_role_policy(RoleName=props["role"], PolicyArn=props["policyArn"])
    return f"{props['role']}/{props['policyArn']}"


def _read_attachment(aws: Aws, attachment_id: str, props: Props) -> Props | None:
    role, _, arn = attachment_id.partition("/")
    return {"role": role, "policyArn": arn} if arn in _attached(aws, role) else None


def _detach(aws: Aws, attachment_id: str, props: Props) -> None:
    role, _, arn = attachment_id.partition("/")
    aws.client("iam").detach_role_policy(RoleName=role, PolicyArn=arn)


def _create_profile(aws: Aws, props: Props) -> str:
    iam, name = aws.client("iam"), props["name"]
    iam.create_instance_profile(
        InstanceProfileName=name, Path=props.get("path", "/"), Tags=tag_list(props.get("tagsAll"))
    )
    if props.get("role"):
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=props["role"])
    return str(name)


def _profile_roles(aws: Aws, name: str) -> list[str]:
    found = aws.client("iam").get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    return [r["RoleName"] for r in found["Roles"]]


def _read_profile(aws: Aws, name: str, props: Props) -> Props | None:
    found = aws.client("iam").get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    return {
        "arn": found["Arn"],
        "name": found["InstanceProfileName"],
        "path": found["Path"],
        "uniqueId": found["InstanceProfileId"],
        "createDate": found["CreateDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "role": next((r["RoleName"] for r in found["Roles"]), None),
        "tagsAll": tag_map(found.get("Tags")),
    }


def _update_profile(aws: Aws, name: str, old: Props, new: Props) -> None:
    iam = aws.client("iam")
    if differs(old, new, "role"):
        for role in _profile_roles(aws, name):
            iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=role)
        if new.get("role"):
            iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=new["role"])
    retag(
        old,
        new,
        lambda keys: iam.untag_instance_profile(InstanceProfileName=name, TagKeys=keys),
        lambda tags: iam.tag_instance_profile(InstanceProfileName=name, Tags=tag_list(tags)),
    )


def _delete_profile(aws: Aws, name: str, props: Props) -> None:
    iam = aws.client("iam")
    for role in or_none(lambda: _profile_roles(aws, name), "NoSuchEntity") or ():
        iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=role)
    iam.delete_instance_profile(InstanceProfileName=name)


TYPES = (
    AwsType(
        token="aws:iam/role:Role",
        create=_create_role,
        read=_read_role,
        update=_update_role,
        delete=_delete_role,
        replaces=frozenset({"path", "namePrefix"}),
        name=Name("name", 64),
        not_compared=frozenset({"forceDetachPolicies"}),
    ),
    AwsType(
        token="aws:iam/policy:Policy",
        create=_create_policy,
        read=_read_policy,
        update=_update_policy,
        delete=_delete_policy,
        replaces=frozenset({"path", "description", "namePrefix"}),
        name=Name("name", 128),
        not_compared=frozenset({"delayAfterPolicyCreationInMs"}),
    ),
    AwsType(
        token="aws:iam/rolePolicy:RolePolicy",
        create=_create_role_policy,
        read=_read_role_policy,
        update=put(_create_role_policy),
        delete=_delete_role_policy,
        replaces=frozenset({"role", "namePrefix"}),
        name=Name("name", 128),
    ),
    AwsType(
        token="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        create=_attach,
        read=_read_attachment,
        delete=_detach,
    ),
    AwsType(
        token="aws:iam/instanceProfile:InstanceProfile",
        create=_create_profile,
        read=_read_profile,
        update=_update_profile,
        delete=_delete_profile,
        replaces=frozenset({"path", "namePrefix"}),
        name=Name("name", 128),
    ),
)

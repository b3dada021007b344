"""ECR: repositories, and the settings of the account's registry."""

from __future__ import annotations

from typing import Any

from sandbox.aws.client import Aws
from sandbox.aws.services._shapes import differs, document, like, retag, same_document
from sandbox.aws.types import AwsType, Name, put, tag_list, tag_map
from sandbox.provider.values import Props


def _create_repository(aws: Aws, props: Props) -> str:
    optional: dict[str, Any] = {}
    for entry in props.get("encryptionConfigurations") or ():
        key = {"kmsKey": entry["kmsKey"]} if entry.get("kmsKey") else {}
        optional["encryptionConfiguration"] = {"encryptionType": entry.get("encryptionType", "AES256"), **key}
    if props.get("imageScanningConfiguration"):
        optional["imageScanningConfiguration"] = props["imageScanningConfiguration"]
    aws.client("ecr").create_repository(
        repositoryName=props["name"], **_mutability(props), tags=tag_list(props.get("tagsAll")), **optional
    )
    return str(props["name"])


def _mutability(props: Props) -> dict[str, Any]:
    filters = props.get("imageTagMutabilityExclusionFilters")
    exclusions = {"imageTagMutabilityExclusionFilters": filters} if filters else {}
    return {"imageTagMutability": props.get("imageTagMutability", "MUTABLE"), **exclusions}


def _read_repository(aws: Aws, name: str, props: Props) -> Props | None:
    ecr = aws.client("ecr")
    found = ecr.describe_repositories(repositoryNames=[name])["repositories"][0]
    tags = ecr.list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"]
    told = {
        "imageScanningConfiguration": found.get("imageScanningConfiguration"),
        "imageTagMutabilityExclusionFilters": found.get("imageTagMutabilityExclusionFilters") or [],
        "encryptionConfigurations": [found["encryptionConfiguration"]],
    }
    return {
        **{k: like(props.get(k), v) for k, v in told.items()},
        "arn": found["repositoryArn"],
        "name": name,
        "registryId": found["registryId"],
        "repositoryUrl": found["repositoryUri"],
        "imageTagMutability": found["imageTagMutability"],
        "tagsAll": tag_map(tags),
    }


def _update_repository(aws: Aws, name: str, old: Props, new: Props) -> None:
    ecr, arn = aws.client("ecr"), aws.arn("ecr", f"repository/{name}")
    if differs(old, new, "imageTagMutability", "imageTagMutabilityExclusionFilters"):
        ecr.put_image_tag_mutability(repositoryName=name, **_mutability(new))
    if differs(old, new, "imageScanningConfiguration"):
        scanning = new.get("imageScanningConfiguration") or {"scanOnPush": False}
        ecr.put_image_scanning_configuration(repositoryName=name, imageScanningConfiguration=scanning)
    retag(
        old,
        new,
        lambda keys: ecr.untag_resource(resourceArn=arn, tagKeys=keys),
        lambda tags: ecr.tag_resource(resourceArn=arn, tags=tag_list(tags)),
    )


def _delete_repository(aws: Aws, name: str, props: Props) -> None:
    aws.client("ecr").delete_repository(repositoryName=name, force=bool(props.get("forceDelete")))


def _create_lifecycle(aws: Aws, props: Props) -> str:
    aws.client("ecr").put_lifecycle_policy(
        repositoryName=props["repository"], lifecyclePolicyText=document(props["policy"])
    )
    return str(props["repository"])


def _read_lifecycle(aws: Aws, name: str, props: Props) -> Props | None:
    found = aws.client("ecr").get_lifecycle_policy(repositoryName=name)
    return {
        "repository": name,
        "registryId": found["registryId"],
        "policy": same_document(props.get("policy"), found["lifecyclePolicyText"]),
    }


def _delete_lifecycle(aws: Aws, name: str, props: Props) -> None:
    aws.client("ecr").delete_lifecycle_policy(repositoryName=name)


def _create_policy(aws: Aws, props: Props) -> str:
    aws.client("ecr").set_repository_policy(repositoryName=props["repository"], policyText=document(props["policy"]))
    return str(props["repository"])


def _read_policy(aws: Aws, name: str, props: Props) -> Props | None:
    found = aws.client("ecr").get_repository_policy(repositoryName=name)
    return {
        "repository": name,
        "registryId": found["registryId"],
        "policy": same_document(props.get("policy"), found["policyText"]),
    }


def _delete_policy(aws: Aws, name: str, props: Props) -> None:
    aws.client("ecr").delete_repository_policy(repositoryName=name)


def _create_registry_policy(aws: Aws, props: Props) -> str:
    aws.client("ecr").put_registry_policy(policyText=document(props["policy"]))
    return aws.account_id


def _read_registry_policy(aws: Aws, registry: str, props: Props) -> Props | None:
    found = aws.client("ecr").get_registry_policy()
    return {"registryId": found["registryId"], "policy": same_document(props.get("policy"), found["policyText"])}


def _delete_registry_policy(aws: Aws, registry: str, props: Props) -> None:
    aws.client("ecr").delete_registry_policy()


def _create_replication(aws: Aws, props: Props) -> str:
    wanted = props.get("replicationConfiguration") or {"rules": []}
    aws.client("ecr").put_replication_configuration(replicationConfiguration=wanted)
    return aws.account_id


def _read_replication(aws: Aws, registry: str, props: Props) -> Props | None:
    found = aws.client("ecr").describe_registry()
    # A registry always has this setting: without rules it is as nobody had made it.
    if not found["replicationConfiguration"]["rules"]:
        return None
    known = props.get("replicationConfiguration")
    return {
        "registryId": found["registryId"],
        "replicationConfiguration": like(known, found["replicationConfiguration"]),
    }


def _delete_replication(aws: Aws, registry: str, props: Props) -> None:
    aws.client("ecr").put_replication_configuration(replicationConfiguration={"rules": []})


def _create_scanning(aws: Aws, props: Props) -> str:
    aws.client("ecr").put_registry_scanning_configuration(scanType=props["scanType"], rules=props.get("rules") or [])
    return aws.account_id


def _read_scanning(aws: Aws, registry: str, props: Props) -> Props | None:
    answer = aws.client("ecr").get_registry_scanning_configuration()
    found = answer["scanningConfiguration"]
    return {
        "registryId": answer["registryId"],
        "scanType": found["scanType"],
        "rules": like(props.get("rules"), found["rules"]),
    }


def _delete_scanning(aws: Aws, registry: str, props: Props) -> None:
    # What every account starts with; the real provider goes back to it too.
    aws.client("ecr").put_registry_scanning_configuration(scanType="BASIC", rules=[])


_OF_REPOSITORY = frozenset({"repository"})

TYPES = (
    AwsType(
        token="aws:ecr/repository:Repository",
        create=_create_repository,
        read=_read_repository,
        update=_update_repository,
        delete=_delete_repository,
        replaces=frozenset({"encryptionConfigurations"}),
        name=Name("name", 256),
        not_compared=frozenset({"forceDelete"}),
    ),
    AwsType(
        token="aws:ecr/lifecyclePolicy:LifecyclePolicy",
        create=_create_lifecycle,
        read=_read_lifecycle,
        update=put(_create_lifecycle),
        delete=_delete_lifecycle,
        replaces=_OF_REPOSITORY,
    ),
    AwsType(
        token="aws:ecr/repositoryPolicy:RepositoryPolicy",
        create=_create_policy,
        read=_read_policy,
        update=put(_create_policy),
        delete=_delete_policy,
        replaces=_OF_REPOSITORY,
    ),
    AwsType(
        token="aws:ecr/registryPolicy:RegistryPolicy",
        create=_create_registry_policy,
        read=_read_registry_policy,
        update=put(_create_registry_policy),
        delete=_delete_registry_policy,
    ),
    AwsType(
        token="aws:ecr/replicationConfiguration:ReplicationConfiguration",
        create=_create_replication,
        read=_read_replication,
        update=put(_create_replication),
        delete=_delete_replication,
    ),
    AwsType(
        token="aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
        create=_create_scanning,
        read=_read_scanning,
        update=put(_create_scanning),
        delete=_delete_scanning,
    ),
)

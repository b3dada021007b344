"""The EC2NodeClass of a pool: what is launched. Pure; the caller fills ids in, which may be Outputs."""

from typing import Any

from components.gpu_node_pool import efa, images, marks, sharing, user_data
from components.gpu_node_pool.args import GpuNodePoolArgs
from components.gpu_node_pool.choices import AmiFamily

API_VERSION = "karpenter.k8s.aws/v1"
KIND = "EC2NodeClass"


def spec(args: GpuNodePoolArgs, subnets: Any, security_groups: Any, placement_group: Any) -> dict[str, Any]:
    """Return the spec; the last three are selector terms of subnets and groups, and a group's name or None."""
    result: dict[str, Any] = {
        "amiSelectorTerms": [{"alias": images.alias(args.image, args.ami_version)}],
        "instanceProfile": args.instance_profile_name,
        "subnetSelectorTerms": subnets,
        "securityGroupSelectorTerms": security_groups,
        "associatePublicIPAddress": False,
        "blockDeviceMappings": _disks(args),
        # Out of reach of pods: they sign in with Pod Identity.
        "metadataOptions": {
            "httpEndpoint": "enabled",
            "httpProtocolIPv6": "disabled",
            "httpPutResponseHopLimit": 1,
            "httpTokens": "required",
        },
        "tags": marks.instance_tags(args),
    }
    reservations = _reservations(args)
    optional = {
        "capacityReservationSelectorTerms": reservations,
        "networkInterfaces": _interfaces(args) if args.efa else None,
        "placementGroupSelector": {"name": placement_group} if args.placement_group else None,
        "instanceStorePolicy": "RAID0" if args.uses_nvme else None,
        "kubelet": user_data.kubelet_settings(args.kubelet),
        "userData": _user_data(args),
    }
    return {**result, **{key: value for key, value in optional.items() if value}}


def _disks(args: GpuNodePoolArgs) -> list[dict[str, Any]]:
    """Return block device mappings: gp3, with our key. Bottlerocket keeps data on a disk of its own."""
    size = 200 if args.disk_gib is None else args.disk_gib
    sizes = {"/dev/xvda": size}
    if args.image is AmiFamily.BOTTLEROCKET:
        sizes = {"/dev/xvda": 4, "/dev/xvdb": size}
    return [
        {
            "deviceName": name,
            "ebs": {
                "volumeSize": f"{gib}Gi",
                "volumeType": "gp3",
                "encrypted": True,
                "kmsKeyID": args.volumes_key_arn,
                "deleteOnTermination": True,
            },
        }
        for name, gib in sizes.items()
    ]


def _reservations(args: GpuNodePoolArgs) -> list[dict[str, Any]]:
    reservation = args.held
    terms: list[dict[str, Any]] = [{"id": i} for i in reservation.ids or []]
    return [*terms, {"tags": dict(reservation.tags)}] if reservation.tags else terms


def _interfaces(args: GpuNodePoolArgs) -> list[dict[str, Any]]:
    return [
        {"networkCardIndex": i.card, "deviceIndex": i.device, "interfaceType": i.kind}
        for i in efa.interfaces(args.types[0])
    ]


def _user_data(args: GpuNodePoolArgs) -> str | None:
    """Return Bottlerocket's settings of GPU sharing; Karpenter writes all the rest, of both images."""
    if args.image is not AmiFamily.BOTTLEROCKET:
        return None
    nvidia = sharing.bottlerocket(args.types, args.mig, args.time_slicing_replicas)
    settings = user_data.bottlerocket_settings({}, nvidia, local_nvme=False)
    return user_data.toml(settings) if settings else None

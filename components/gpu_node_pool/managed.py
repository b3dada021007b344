"""The launch template and the node group of a managed pool. Pure; ids may be Outputs."""

from typing import Any

from components.gpu_node_pool import efa, images, marks, sharing, user_data
from components.gpu_node_pool.args import GpuNodePoolArgs
from components.gpu_node_pool.choices import AmiFamily, CapacityType, TaintEffect

_EFFECTS = {
    TaintEffect.NO_SCHEDULE: "NO_SCHEDULE",
    TaintEffect.PREFER_NO_SCHEDULE: "PREFER_NO_SCHEDULE",
    TaintEffect.NO_EXECUTE: "NO_EXECUTE",
}


def template(args: GpuNodePoolArgs, security_group_ids: list[Any], placement_group: Any) -> dict[str, Any]:
    """Return the arguments of the launch template; EKS adds the image and how to join."""
    tags = marks.instance_tags(args)
    result: dict[str, Any] = {
        "block_device_mappings": _disks(args),
        "metadata_options": {
            "http_endpoint": "enabled",
            "http_tokens": "required",
            "http_put_response_hop_limit": 1,
        },
        "tag_specifications": [
            {"resource_type": kind, "tags": tags} for kind in ("instance", "volume", "network-interface")
        ],
        "user_data": user_data.managed(
            args.image,
            user_data.kubelet_settings(args.kubelet),
            sharing.bottlerocket(args.types, args.mig, args.time_slicing_replicas),
            args.uses_nvme,
        ),
    }
    if args.efa:
        result["network_interfaces"] = [
            {
                "network_card_index": i.card,
                "device_index": i.device,
                "interface_type": i.kind,
                "security_groups": security_group_ids,
                "delete_on_termination": "true",
            }
            for i in efa.interfaces(args.types[0])
        ]
    else:
        result["vpc_security_group_ids"] = security_group_ids
    if args.placement_group:
        result["placement"] = {"group_name": placement_group}
    return {**result, **_reservation(args)}


def node_group(args: GpuNodePoolArgs) -> dict[str, Any]:
    """Return the arguments of the node group that follow from the pool alone."""
    types = args.types
    low = args.min_nodes or 0
    reserved = args.capacity == [CapacityType.RESERVED]
    return {
        "ami_type": images.image_type(args.image, types[0]),
        "release_version": args.ami_version,
        "capacity_type": _capacity_type(args),
        # A reservation is of one type, and the launch template names it.
        "instance_types": None if reserved else args.instance_types,
        "scaling_config": {
            "min_size": low,
            "desired_size": low if args.desired_nodes is None else args.desired_nodes,
            "max_size": args.most_nodes,
        },
        "update_config": {"max_unavailable": 1},
        "node_repair_config": {"enabled": True},
        "labels": marks.node_labels(args),
        "taints": [
            {"key": t.key, "value": t.value, "effect": _EFFECTS[t.chosen_effect]} for t in marks.node_taints(args)
        ],
    }


def _capacity_type(args: GpuNodePoolArgs) -> str:
    if args.capacity == [CapacityType.SPOT]:
        return "SPOT"
    # An open-ended reservation is billed and launched as on-demand.
    return "CAPACITY_BLOCK" if args.held.capacity_block else "ON_DEMAND"


def _reservation(args: GpuNodePoolArgs) -> dict[str, Any]:
    if not args.held.ids:
        return {}
    target = {"capacity_reservation_id": args.held.ids[0]}
    result: dict[str, Any] = {
        "instance_type": args.instance_types[0],
        "capacity_reservation_specification": {"capacity_reservation_target": target},
    }
    if args.held.capacity_block:
        result["instance_market_options"] = {"market_type": "capacity-block"}
    return result


def _disks(args: GpuNodePoolArgs) -> list[dict[str, Any]]:
    size = 200 if args.disk_gib is None else args.disk_gib
    sizes = {"/dev/xvda": size}
    if args.image is AmiFamily.BOTTLEROCKET:
        sizes = {"/dev/xvda": 4, "/dev/xvdb": size}
    return [
        {
            "device_name": name,
            "ebs": {
                "volume_size": gib,
                "volume_type": "gp3",
                "encrypted": "true",
                "kms_key_id": args.volumes_key_arn,
                "delete_on_termination": "true",
            },
        }
        for name, gib in sizes.items()
    ]

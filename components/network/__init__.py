"""A VPC with subnets, routes, endpoints and flow logs, or an existing one."""

from components.network.args import NatMode, NetworkArgs
from components.network.component import Network

__all__ = ["NatMode", "Network", "NetworkArgs"]

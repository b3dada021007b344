"""What a managed node group says of itself: types, sizes, labels and taints of its nodes."""

from collections.abc import Sequence

from finops.context import Context
from finops.mapping.compute import launch_template_of
from finops.mapping.nodes import Counts
from finops.resource import Resource

NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"

# docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html, read 2026-11-23
DEFAULT_TYPE = "t3.medium"


def sizes(resource: Resource) -> Counts:
    """Return the three sizes of a node group."""
    props = resource.props
    low, wanted = props.number("scalingConfig.minSize"), props.number("scalingConfig.desiredSize")
    return Counts(low, wanted, props.number("scalingConfig.maxSize"))


def types(resource: Resource, context: Context) -> Sequence[str]:
    """Return the instance types of a node group, preferred first: its own, its template's, or EKS's default."""
    if found := resource.props.texts("instanceTypes"):
        return found
    template = launch_template_of(resource, context)
    if template is not None and (name := template.text("instanceType")):
        return [name]
    return [DEFAULT_TYPE]

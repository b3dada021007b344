"""Plain resources as an export of a stack has them, and short ways to estimate them."""

from datetime import date
from decimal import Decimal
from typing import Any

from finops import Estimate, Item, Usage, estimate

TODAY = date(2026, 11, 23)
REGION = "us-east-1"

NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"
STORAGE_CLASS = "kubernetes:storage.k8s.io/v1:StorageClass"
CLAIM = "kubernetes:core/v1:PersistentVolumeClaim"

Plain = dict[str, Any]


def urn(type_: str, name: str, stack: str = "dev") -> str:
    return f"urn:pulumi:{stack}::mlops::{type_}::{name}"


def made(type_: str, name: str, inputs: Plain | None = None, **more: Any) -> Plain:
    """A resource of any type."""
    return {"urn": urn(type_, name), "type": type_, "custom": True, "inputs": inputs or {}, **more}


def provider(region: str = REGION, name: str = "aws") -> Plain:
    return made("pulumi:providers:aws", name, {"region": region})


def aws(token: str, name: str, inputs: Plain | None = None, **more: Any) -> Plain:
    """An AWS resource of the provider `aws`; `token` is without `aws:`."""
    more.setdefault("provider", f"{urn('pulumi:providers:aws', 'aws')}::7a0c")
    return made(f"aws:{token}", name, inputs, **more)


def group(**inputs: Any) -> Plain:
    """A node group of two to four m7i.xlarge."""
    sizes = {"minSize": 2, "desiredSize": 2, "maxSize": 4}
    return aws("eks/nodeGroup:NodeGroup", "nodes", {"instanceTypes": ["m7i.xlarge"], "scalingConfig": sizes, **inputs})


def requirement(key: str, *values: str, operator: str = "In") -> Plain:
    return {"key": key, "operator": operator, "values": list(values)}


def types(*names: str) -> Plain:
    return requirement("node.kubernetes.io/instance-type", *names)


def bought(*names: str) -> Plain:
    return requirement("karpenter.sh/capacity-type", *names)


def pool(*requirements: Plain, name: str = "gpu", limits: Plain | None = None, **spec: Any) -> Plain:
    """A Karpenter NodePool."""
    template = {"spec": {"nodeClassRef": {"name": "gpu"}, "requirements": list(requirements)}}
    body = {"template": template, **({} if limits is None else {"limits": limits}), **spec}
    return made(NODE_POOL, name, {"metadata": {"name": name}, "spec": body})


def node_class(name: str = "gpu", **spec: Any) -> Plain:
    """An EC2NodeClass; without a spec its nodes have one gp3 disk of 100 GiB."""
    ebs = {"volumeType": "gp3", "volumeSize": "100Gi"}
    body = spec or {"blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": ebs}]}
    return made(NODE_CLASS, name, {"metadata": {"name": name}, "spec": body})


def usage(**sections: Any) -> Usage:
    """A usage file with these sections."""
    return Usage.model_validate({"as_of": TODAY, "review_by": TODAY, **sections})


def estimated(*resources: Plain, **options: Any) -> Estimate:
    """Estimate resources beside a provider in us-east-1."""
    options.setdefault("on", TODAY)
    return estimate([provider(), *resources], **options)


def item(*resources: Plain, **options: Any) -> Item:
    """Estimate resources and return the first of them."""
    return estimated(*resources, **options).items[1]


def three(found: Item) -> tuple[Decimal, Decimal, Decimal]:
    """Floor, expected and ceiling of one resource, USD a month."""

    def total(which: str) -> Decimal:
        terms = [getattr(line, which) for line in found.lines]
        return sum((term.monthly for term in terms if term is not None), Decimal(0))

    return total("floor"), total("expected"), total("ceiling")


def notes(found: Item) -> str:
    """All that the lines of a resource say."""
    return "; ".join(f"{line.what}: {line.note}" for line in found.lines)

"""How cost rules read what the engine sends: numbers, approvals, and inputs among outputs."""

from components._core.conventions import LABEL_PREFIX
from policies._engine.model import Manifest, Resource
from policies._engine.wire import is_unknown, open_secret

APPROVAL = "cost-approval"
"""Tag (AWS), or annotation after `mlops.dev/` (Kubernetes), whose value names who agreed to a cost: a ticket, a
name. It excuses from the rules that say so, and from no other."""


def approved(thing: Resource | Manifest) -> bool:
    """Whether the resource says who agreed to its cost. Raises `Undetermined`."""
    if isinstance(thing, Manifest):
        found = thing.props.mapping("metadata.annotations").at((f"{LABEL_PREFIX}/{APPROVAL}",))
    else:
        found = thing.props.mapping("tags").at((APPROVAL,))
    return isinstance(found, str) and bool(found.strip())


def asked(resource: Resource) -> Resource:
    """Return an AWS resource of a stack rule with its inputs only, as far as they can be told from its outputs.

    In a preview the provider leaves out of its answer no property that it will compute: an input that nobody set
    is unknown there, and would be taken for one that is set to something unknown.
    """
    raw = resource.props.raw
    unset = {key for key, value in raw.items() if is_unknown(open_secret(value)[0]) and not resource.sets(key)}
    if not unset or not resource.type.startswith("aws:"):
        return resource
    return resource.with_properties({key: value for key, value in raw.items() if key not in unset})

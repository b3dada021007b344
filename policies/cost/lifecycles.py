"""Lifecycle rules of a bucket, in a configuration of its own or in the deprecated block of the bucket itself."""

from collections.abc import Callable, Sequence

from policies._engine.buckets import attached
from policies._engine.build import some
from policies._engine.model import Resource, Stack
from policies._engine.values import Items, View, joined
from policies._engine.wire import MalformedValue

LIFECYCLE = (
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
)

_NARROWING = ("prefix", "tag", "tags", "and", "objectSizeGreaterThan", "objectSizeLessThan")


def lifecycles(bucket: Resource, stack: Stack) -> list[Items]:
    """Return the lists of lifecycle rules of a bucket; none where it has no lifecycle. Raises `Undetermined`."""
    if bucket.sets("lifecycleRules"):
        inline = bucket.props.sequence("lifecycleRules")
        if len(inline):
            return [inline]
    return [holder.props.sequence("rules") for holder in attached(bucket, stack, LIFECYCLE).partners]


def some_in_force(lists: Sequence[Items], test: Callable[[View], bool]) -> bool:
    """Whether any enabled rule meets a test. What is not known of one does not hide another that does."""
    return some(lists, lambda rules: some(rules, lambda item: _in_force(_view(rules, item)) and test(item)))


def covers_everything(rule: View) -> bool:
    """Whether a rule holds for all objects: neither a prefix, a tag nor a size narrows it."""
    narrowed = rule.mapping("filter")
    return not any(narrowed.at(key) for key in _NARROWING) and not any(rule.at(key) for key in ("prefix", "tags"))


def _view(rules: Items, item: object) -> View:
    if not isinstance(item, View):
        raise MalformedValue(joined(rules.path, "*"), "an object", item)
    return item


def _in_force(rule: View) -> bool:
    return rule.at("status") == "Enabled" or rule.at("enabled") is True

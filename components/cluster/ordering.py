"""Order without values: what waits for a value waits for more than made it."""

from typing import TypeVar

import pulumi

T = TypeVar("T")


def after(value: pulumi.Output[T], resources: list[pulumi.Resource]) -> pulumi.Output[T]:
    """Return the same value with more resources behind it.

    `Output.all` would do, but makes the value unknown while one of them is: a single replaced node group
    would then show every in-cluster object as changed.
    """

    async def behind() -> set[pulumi.Resource]:
        return {*await value.resources(), *resources}

    async def resolved() -> T:
        # An unknown value is None here and `is_known` says so; the declared type knows no third state.
        found: T = await value.future(with_unknowns=True)  # type: ignore[assignment]
        return found

    return pulumi.Output(behind(), resolved(), value.is_known(), value.is_secret())

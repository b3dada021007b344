"""The table of types, put together from the tables of the services."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.aws.client import Aws
from sandbox.aws.services import s3
from sandbox.aws.types import AwsType
from sandbox.provider.values import Props

TYPES: dict[str, AwsType] = {t.token: t for module in (s3,) for t in module.TYPES}
"""Types that are executed against moto, by token."""

RECORDED: dict[str, str] = {}
"""Types that are recorded in state only, by token, with the reason."""

FUNCTIONS: dict[str, Callable[[Aws, Props], Props]] = {}
"""Functions of the provider, by token."""

"""Customer managed KMS keys in properties: an AWS managed key can be neither revoked nor given a policy."""

import re
from collections.abc import Iterator
from typing import Final

from policies._engine.build import differs
from policies._engine.rule import Outcome
from policies._engine.values import Path, View
from policies._engine.wire import Undetermined

AWS_MANAGED: Final = re.compile(r"(?:^|:)alias/aws/")
"""Of a key's alias or its ARN. By a key's own id nobody can tell who manages it."""


def own_key(holder: View, path: Path, default: str) -> Iterator[Outcome]:
    """Yield what is wrong unless a customer managed key is named at `path`; `default` says what AWS uses otherwise."""
    try:
        key = holder.text(path)
    except Undetermined as gap:
        yield gap
        return
    if not key or AWS_MANAGED.search(key):
        yield differs(holder, path, f"a customer managed key ({default} otherwise)")

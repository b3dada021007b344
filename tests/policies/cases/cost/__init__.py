"""Cases of the cost rules, a module for each module of rules."""

from tests.policies.cases.cost import gpu, logs, storage, tags

CASES = (
    *gpu.CASES,
    *logs.CASES,
    *storage.CASES,
    *tags.CASES,
)

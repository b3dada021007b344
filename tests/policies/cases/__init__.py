"""All cases."""

from tests.policies.cases import cost, security

CASES = (*security.CASES, *cost.CASES)

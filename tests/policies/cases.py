"""All cases."""

from tests.policies import cases_cost, cases_kubernetes, cases_security

CASES = (*cases_security.CASES, *cases_kubernetes.CASES, *cases_cost.CASES)

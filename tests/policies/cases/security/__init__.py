"""Cases of the security rules, a module for each module of rules."""

from tests.policies.cases.security import cluster, compute, identity, storage, supply_chain, workload

CASES = (
    *cluster.CASES,
    *compute.CASES,
    *identity.CASES,
    *storage.CASES,
    *supply_chain.CASES,
    *workload.CASES,
)

"""The security pack: all its rules, in the order in which they are listed and judged."""

from policies._engine.registry import Pack
from policies.security import cluster, compute, identity, storage, supply_chain, workload

PACK = Pack(
    name="mlops-security",
    version="0.1.0",
    prefix="SEC",
    description="Security rules for machine learning platforms on AWS and Kubernetes",
    rules=(
        *cluster.RULES,
        *compute.RULES,
        *storage.RULES,
        *supply_chain.RULES,
        *identity.RULES,
        *workload.RULES,
    ),
)

"""The cost pack: all its rules, in the order in which they are listed and judged."""

from policies._engine.registry import Pack
from policies.cost import gpu, logs, storage, tags

PACK = Pack(
    name="mlops-cost",
    version="0.1.0",
    prefix="COST",
    description="Cost rules for machine learning platforms on AWS and Kubernetes",
    rules=(*tags.RULES, *gpu.RULES, *storage.RULES, *logs.RULES),
)

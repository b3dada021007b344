"""Fake nodes for each pool: managed node groups at their size, Karpenter pools as pods need them."""

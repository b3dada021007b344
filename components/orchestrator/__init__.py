"""Argo Workflows: training and data pipelines on the cluster's pools, a namespace and a role for each team."""

from components.orchestrator.args import GpuPoolRef, OrchestratorArgs, SsoArgs, TeamArgs
from components.orchestrator.component import Orchestrator

__all__ = ["GpuPoolRef", "Orchestrator", "OrchestratorArgs", "SsoArgs", "TeamArgs"]

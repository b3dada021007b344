"""MLflow: tracking server and model registry, with authentication on."""

from components.model_registry.args import ModelRegistryArgs, RegistryPermission
from components.model_registry.component import ModelRegistry

__all__ = ["ModelRegistry", "ModelRegistryArgs", "RegistryPermission"]

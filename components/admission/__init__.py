"""Admission policies: the policy packs' Kubernetes rules, enforced by the API server itself."""

from components.admission.component import Admission, AdmissionArgs, AdmissionPolicyArgs

__all__ = ["Admission", "AdmissionArgs", "AdmissionPolicyArgs"]

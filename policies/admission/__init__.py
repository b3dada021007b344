"""The Kubernetes rules at admission: demands compiled to ValidatingAdmissionPolicies."""

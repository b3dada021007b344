"""Notebooks for everybody, by Thursday.

JupyterHub from the newest chart, a shared notebook server with a GPU behind a load balancer, and cluster-admin for its
service account, because scientists kept asking for one right more. The namespace is a name and two labels. Passwords
are where all can read them, one of them in the namespace that kubectl happened to be in.
"""

from __future__ import annotations

import pulumi_kubernetes as kubernetes

from tests.policies.bad._account import tags

ENVIRONMENT = "staging"
TAGS = tags(ENVIRONMENT, "data-science")
SPACE = "team-notebooks"


def program() -> None:
    """Namespace, hub, shared notebook, and what lets people in."""
    kubernetes.core.v1.Namespace(
        "notebooks",
        metadata={"name": SPACE, "labels": {"mlops.dev/team": "science", "mlops.dev/purpose": "notebooks"}},
    )
    hub()
    shared_notebook()
    rights()
    doors()
    settings()


def hub() -> None:
    """Whatever chart is the newest on the day of the update."""
    kubernetes.helm.v3.Release(
        "jupyterhub",
        name="jupyterhub",
        chart="jupyterhub",
        namespace=SPACE,
        repository_opts={"repo": "https://hub.jupyter.org/helm-chart/"},
        values={"hub": {"config": {"JupyterHub": {"authenticator_class": "dummy"}}, "password": "letmein-2023"}},
    )


def shared_notebook() -> None:
    """One server with a GPU that never ends, on a disk that was sized for all that may ever come."""
    kubernetes.core.v1.PersistentVolumeClaim(
        "shared-home",
        metadata={"name": "shared-home", "namespace": SPACE},
        spec={
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "gp2",
            "resources": {"requests": {"storage": "5Ti"}},
        },
    )
    kubernetes.apiextensions.CustomResource(
        "shared-notebook",
        api_version="kubeflow.org/v1",
        kind="Notebook",
        metadata={"name": "shared", "namespace": SPACE},
        spec={
            "template": {
                "spec": {
                    "serviceAccountName": "notebook",
                    "containers": [
                        {
                            "name": "shared",
                            "image": "jupyter/tensorflow-notebook:latest",
                            "env": [{"name": "HF_TOKEN", "value": "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"}],
                            "resources": {"limits": {"nvidia.com/gpu": 1}},
                        }
                    ],
                }
            }
        },
    )


def rights() -> None:
    """`kubectl` from within a notebook, for all namespaces; and a role for the people who ask for secrets."""
    kubernetes.core.v1.ServiceAccount("notebook", metadata={"name": "notebook", "namespace": SPACE})
    kubernetes.rbac.v1.ClusterRoleBinding(
        "notebook-admin",
        metadata={"name": "notebook-admin"},
        role_ref={"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        subjects=[{"kind": "ServiceAccount", "name": "notebook", "namespace": SPACE}],
    )
    kubernetes.rbac.v1.ClusterRole(
        "science",
        metadata={"name": "science"},
        rules=[{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}],
    )


def doors() -> None:
    """A load balancer for each tool, and TensorBoard by an ingress; nothing asks who comes."""
    for name in ("jupyter", "mlflow"):
        kubernetes.core.v1.Service(
            name,
            metadata={"name": name, "namespace": SPACE},
            spec={"type": "LoadBalancer", "selector": {"app": name}, "ports": [{"port": 80}]},
        )
    kubernetes.networking.v1.Ingress(
        "tensorboard",
        metadata={
            "name": "tensorboard",
            "namespace": SPACE,
            "annotations": {"alb.ingress.kubernetes.io/scheme": "internet-facing"},
        },
        spec={
            "ingressClassName": "alb",
            "rules": [
                {
                    "host": "tensorboard.corp.example",
                    "http": {
                        "paths": [
                            {
                                "path": "/",
                                "pathType": "Prefix",
                                "backend": {"service": {"name": "tensorboard", "port": {"number": 6006}}},
                            }
                        ]
                    },
                }
            ],
        },
    )


def settings() -> None:
    """What notebooks need to know, with the password of the feature store, and a secret from the program."""
    kubernetes.core.v1.ConfigMap(
        "notebook-settings",
        metadata={"name": "notebook-settings", "namespace": SPACE},
        data={"FEATURE_STORE_URL": "postgresql://features:S3cretPassw0rd@features.corp.example:5432/features"},
    )
    kubernetes.core.v1.Secret(
        "warehouse",
        metadata={"name": "warehouse", "namespace": "default"},
        string_data={"password": "Winter2023!"},
    )

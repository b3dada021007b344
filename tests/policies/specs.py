"""Resources that cases of several modules are made of."""

import json
from typing import Any

from tests.policies.build import Spec, object_

BUCKET = "aws:s3/bucket:Bucket"
READ = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::data/*"]}
"""A harmless statement of a policy document."""


def document(*statements: Any) -> str:
    """Return an IAM policy document as its JSON text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def pod(*containers: Any, namespace: Any = "team-a", **spec: Any) -> Spec:
    return object_("v1", "Pod", metadata={"namespace": namespace}, spec={"containers": list(containers), **spec})


def deployment(*containers: Any, namespace: Any = "team-a", **spec: Any) -> Spec:
    template = {"spec": {"containers": list(containers), **spec}}
    return object_("apps/v1", "Deployment", metadata={"namespace": namespace}, spec={"template": template})


def listed(*specs: Spec) -> Spec:
    """Return objects as items of a list: so they may be what the API server would refuse before any policy."""
    return object_("v1", "List", items=[spec.props for spec in specs])


def workflow(kind: str, *templates: Any, **more: Any) -> Spec:
    """Return an object of Argo Workflows with templates."""
    spec: Any = {"templates": list(templates), **more}
    return object_("argoproj.io/v1alpha1", kind, spec={"workflowSpec": spec} if kind == "CronWorkflow" else spec)

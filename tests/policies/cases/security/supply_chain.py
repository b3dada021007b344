"""Cases of the rules on registries and images."""

from tests.policies.build import (
    FAIL,
    OPEN,
    OTHER,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_LIST,
    Case,
    Spec,
    object_,
)
from tests.policies.specs import deployment, pod, workflow

REPOSITORY = "aws:ecr/repository:Repository"
DIGEST = "@sha256:" + "a" * 64
CASES = (
    Case("SEC-ECR-001", "immutable", PASS, (Spec(REPOSITORY, {"imageTagMutability": "IMMUTABLE"}),)),
    Case("SEC-ECR-001", "default", FAIL, (Spec(REPOSITORY, {"name": "x"}),), 'is unset; wanted "IMMUTABLE"'),
    Case("SEC-ECR-001", "mutable", FAIL, (Spec(REPOSITORY, {"imageTagMutability": "MUTABLE"}),)),
    Case("SEC-ECR-001", "unknown", OPEN, (Spec(REPOSITORY, {"imageTagMutability": UNKNOWN}),)),
    Case("SEC-ECR-001", "another type", SKIP, (OTHER,)),
    Case(
        "SEC-SUP-002",
        "digest in production",
        PASS,
        (pod({"image": f"r/a:1{DIGEST}"}),),
        environment="production",
    ),
    Case(
        "SEC-SUP-002",
        "digest without tag",
        PASS,
        (pod({"image": f"r:5000/a{DIGEST}"}),),
        environment="production",
    ),
    Case(
        "SEC-SUP-002",
        "tag in development",
        PASS,
        (pod({"image": "r:5000/a:1.2"}),),
        environment="development",
    ),
    Case("SEC-SUP-002", "no container", PASS, (pod(),)),
    Case(
        "SEC-SUP-002",
        "tag in production",
        FAIL,
        (pod({"image": "a:1"}),),
        "a sha256 digest",
        environment="production",
    ),
    Case(
        "SEC-SUP-002",
        "latest",
        FAIL,
        (deployment({"image": "a:latest"}),),
        "template.spec.containers.0.image",
    ),
    Case("SEC-SUP-002", "no tag", FAIL, (pod({"image": "r:5000/a"}),), "has no tag"),
    Case(
        "SEC-SUP-002", "tag before a broken digest", FAIL, (pod({"image": "a:latest@sha256:1"}),), "instead of latest"
    ),
    Case(
        "SEC-SUP-002",
        "init container",
        FAIL,
        (pod({"image": f"a{DIGEST}"}, initContainers=[{"image": "b"}]),),
    ),
    Case("SEC-SUP-002", "workflow script", FAIL, (workflow("WorkflowTemplate", {"script": {"image": "a"}}),)),
    Case(
        "SEC-SUP-002",
        "workflow container set",
        FAIL,
        (workflow("CronWorkflow", {"containerSet": {"containers": [{"image": "a:latest"}]}}),),
    ),
    Case("SEC-SUP-002", "one unknown beside latest", FAIL, (pod({"image": UNKNOWN}, {"image": "a:latest"}),)),
    Case("SEC-SUP-002", "image unknown", OPEN, (pod({"image": UNKNOWN}),)),
    Case("SEC-SUP-002", "containers unknown", OPEN, (object_("v1", "Pod", spec={"containers": UNKNOWN_LIST}),)),
    Case(
        "SEC-SUP-002",
        "image is a workflow's parameter",
        OPEN,
        (workflow("ClusterWorkflowTemplate", {"container": {"image": "{{inputs.parameters.image}}"}}),),
        "fills in when it runs",
    ),
    Case("SEC-SUP-002", "environment unknown", OPEN, (pod({"image": "a:1"}),), "the environment is not known"),
    Case("SEC-SUP-002", "no workload", SKIP, (object_("v1", "ConfigMap"),)),
)

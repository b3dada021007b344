"""Cases of the rule on image repositories."""

from typing import Any

from tests.policies.build import FAIL, OPEN, OTHER, PASS, SKIP, UNKNOWN, Case, Spec, urn

REPOSITORY = "aws:ecr/repository:Repository"
TEMPLATE = "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate"
POLICY = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
NEW = Spec(REPOSITORY, {"id": UNKNOWN, "name": UNKNOWN})
OLD = Spec(REPOSITORY, {"id": "ml/train", "name": "ml/train"})
SECOND = Spec(REPOSITORY, {"id": UNKNOWN}, "second")


def images(name: str, expected: Any, *specs: Spec, says: str = "") -> Case:
    return Case("COST-ECR-001", name, expected, specs, says)


def policy(repository: Any, *of: str) -> Spec:
    depends = {"repository": [urn(REPOSITORY, name) for name in of]}
    return Spec(POLICY, {"repository": repository, "policy": "{}"}, "policy", depends)


CASES = (
    images("deployed", PASS, OLD, policy("ml/train")),
    images("first preview", PASS, NEW, SECOND, policy(UNKNOWN, "subject")),
    images("template", PASS, Spec(TEMPLATE, {"prefix": "cache", "lifecyclePolicy": "{}"})),
    images(
        "template of a policy that is not known",
        PASS,
        Spec(TEMPLATE, {"lifecyclePolicy": UNKNOWN}, depends={"lifecyclePolicy": []}),
    ),
    images("none", FAIL, OLD, says="no lifecycle policy is attached"),
    images("of another repository", FAIL, OLD, policy("ml/serve")),
    images("of another new one", FAIL, NEW, SECOND, policy(UNKNOWN, "second")),
    images("template without", FAIL, Spec(TEMPLATE, {"prefix": "cache"}), says="lifecyclePolicy is unset"),
    images("template, computed by the provider", FAIL, Spec(TEMPLATE, {"lifecyclePolicy": UNKNOWN})),
    images("of one of two", OPEN, NEW, SECOND, policy(UNKNOWN, "subject", "second"), says="perhaps to this one"),
    images("of who knows", OPEN, NEW, policy(UNKNOWN)),
    images("another type", SKIP, OTHER),
)

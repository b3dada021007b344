"""Cases of the rules on shares of accelerators and classes of data."""

from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    OTHER,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_LIST,
    UNKNOWN_OBJECT,
    Case,
    Spec,
    object_,
    secret,
    urn,
)
from tests.policies.specs import BUCKET

SPACE = "kubernetes:core/v1:Namespace"
TEAM = {"mlops.dev/team": "research"}


def share(name: str, expected: Any, *specs: Spec, says: str = "", **params: Any) -> Case:
    return Case("SEC-ML-004", name, expected, specs, says, params)


def space(labels: Any, name: Any = "ml-research", logical: str = "subject") -> Spec:
    return object_("v1", "Namespace", logical, metadata={"name": name, "labels": labels})


def quota(hard: Any, namespace: Any = "ml-research", depends: Any = None) -> Spec:
    body = {"metadata": {"namespace": namespace}, "spec": {"hard": hard}}
    made = object_("v1", "ResourceQuota", "quota", **body)
    return Spec(made.type, made.props, "quota", depends={} if depends is None else {"metadata": depends})


def limits(namespace: Any = "ml-research", depends: Any = None) -> Spec:
    made = object_("v1", "LimitRange", "limits", metadata={"namespace": namespace}, spec={"limits": []})
    return Spec(made.type, made.props, "limits", depends={} if depends is None else {"metadata": depends})


GPUS = {"requests.nvidia.com/gpu": "8", "requests.cpu": "64"}
HERE = [urn(SPACE, "subject")]
BOTH = [urn(SPACE, "other"), urn(SPACE, "subject")]
SHARES = (
    share("quota and limits", PASS, space(TEAM), quota(GPUS), limits()),
    share(
        "neuron", PASS, space({"mlops.dev/purpose": "training"}), quota({"requests.aws.amazon.com/neuron": 4}), limits()
    ),
    share("none at all", PASS, space(TEAM), quota({"requests.nvidia.com/gpu": "0"}), limits()),
    share("slices", PASS, space(TEAM), quota({"requests.nvidia.com/mig-1g.10gb": "7"}), limits()),
    share("by dependencies", PASS, space(TEAM, UNKNOWN), quota(GPUS, UNKNOWN, HERE), limits(UNKNOWN, HERE)),
    share("kubeflow's profile", PASS, space({"app.kubernetes.io/part-of": "kubeflow-profile"}), quota(GPUS), limits()),
    share("nothing", FAIL, space(TEAM), says="the namespace has no ResourceQuota"),
    share("no limits", FAIL, space(TEAM), quota(GPUS), says="the namespace has no LimitRange"),
    share(
        "no accelerators",
        FAIL,
        space(TEAM),
        quota({"requests.cpu": "64"}),
        limits(),
        says="quota limits no accelerators",
    ),
    share("limits of accelerators alone", FAIL, space(TEAM), quota({"limits.nvidia.com/gpu": "8"}), limits()),
    share("quota of another namespace", FAIL, space(TEAM), quota(GPUS, "other"), limits()),
    share("of another by dependencies", FAIL, space(TEAM), quota(GPUS, UNKNOWN, BOTH[:1]), limits()),
    share("no limits, quota unknown", FAIL, space(TEAM), quota(UNKNOWN_OBJECT)),
    share("own label", FAIL, space({"acme/ml": "yes"}), teams=["acme/ml=yes"]),
    share("in a list", FAIL, object_("v1", "List", items=[space(TEAM).props])),
    share("quota unknown", OPEN, space(TEAM), quota(UNKNOWN_OBJECT), limits()),
    share(
        "namespace of the quota unknown", OPEN, space(TEAM), quota(GPUS, UNKNOWN), limits(), says="perhaps of this one"
    ),
    share("one of two by dependencies", OPEN, space(TEAM), quota(GPUS, UNKNOWN, BOTH), limits()),
    share("labels unknown", OPEN, space(UNKNOWN_OBJECT), quota(GPUS), limits()),
    share("purpose unknown", OPEN, space({"mlops.dev/purpose": UNKNOWN}), quota(GPUS)),
    share("no team's", SKIP, space({"mlops.dev/purpose": "web"})),
    share("no labels", SKIP, space(None)),
    share("another kind", SKIP, object_("v1", "ConfigMap")),
)


def classify(
    name: str,
    expected: Any,
    says: str = "",
    logical: str = "datasets",
    provider: Any = None,
    params: Any = None,
    **props: Any,
) -> Case:
    spec = Spec(BUCKET, props, logical, provider=provider)
    return Case("SEC-ML-007", name, expected, (spec,), says, params or {})


CLASS = {"data-class": "dataset"}
CLASSES = (
    classify("classified", PASS, tags=CLASS),
    classify("by all tags", PASS, tagsAll=CLASS),
    classify("by default tags", PASS, provider={"defaultTags": {"tags": CLASS}}),
    classify("by default tags as json", PASS, provider={"defaultTags": '{"tags": {"data-class": "feature"}}'}),
    classify(
        "own scheme", PASS, tags={"sensitivity": "internal"}, params={"tag": "sensitivity", "allowed": ["internal"]}
    ),
    classify("secret value", PASS, tags={"data-class": secret("dataset")}),
    classify("no tags", FAIL, "tag data-class is unset; wanted one of dataset"),
    classify("another value", FAIL, tags={"data-class": "stuff"}),
    classify("empty", FAIL, tags={"data-class": ""}),
    classify("told by its name in aws", FAIL, logical="store", bucket="acme-training-111122223333"),
    classify("told by its prefix", FAIL, logical="store", bucketPrefix="acme-features-"),
    Case("SEC-ML-007", "deprecated spelling", FAIL, (Spec("aws:s3/bucketV2:BucketV2", {"bucket": "raw-data"}),)),
    classify("all buckets", FAIL, logical="logs", bucket="logs", params={"words": []}),
    classify("tags unknown", OPEN, tags=UNKNOWN_OBJECT),
    classify("value unknown", OPEN, tags={"data-class": UNKNOWN}),
    classify("name unknown", OPEN, logical="store", bucket=UNKNOWN),
    classify("default tags unknown", OPEN, provider={"defaultTags": UNKNOWN_OBJECT}),
    classify("tags are a list", OPEN, tags=UNKNOWN_LIST),
    classify("another bucket", SKIP, logical="logs", bucket="acme-logs"),
    Case("SEC-ML-007", "another type", SKIP, (OTHER,)),
)

CASES = (*SHARES, *CLASSES)

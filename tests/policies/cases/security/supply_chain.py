"""Cases of the rules on registries and images."""

from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_LIST,
    UNKNOWN_OBJECT,
    Case,
    Spec,
    object_,
)
from tests.policies.specs import deployment, pod, workflow

DIGEST = "@sha256:" + "a" * 64
ROOT = Spec("pulumi:pulumi:Stack", name="platform-dev")
OURS = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/trainer:1"


def source(name: str, expected: Any, spec: Spec, says: str = "", **more: Any) -> Case:
    return Case("SEC-SUP-001", name, expected, (spec,), says, **more)


REGISTRIES = (
    source("private registry", PASS, pod({"image": OURS})),
    source("part of a public one", PASS, pod({"image": "public.ecr.aws/neuron/neuron-device-plugin:2"})),
    source("kubernetes' own", PASS, deployment({"image": "registry.k8s.io/kubectl:v1.36.0"})),
    source("no image yet", PASS, pod({"name": "later"})),
    source("parameter", PASS, pod({"image": "quay.io/acme/a:1"}), params={"registries": ["quay.io/acme/"]}),
    source("host with a port", PASS, pod({"image": "r.acme:5000/a"}), params={"registries": ["r.acme:5000"]}),
    source("tag filled in", PASS, workflow("Workflow", {"container": {"image": f"{OURS}{{{{x}}}}"}})),
    source("docker hub", FAIL, pod({"image": "nginx:1.29"}), "wanted one from *.dkr.ecr.*.amazonaws.com"),
    source("docker hub by name", FAIL, pod({"image": "docker.io/library/nginx:1.29"})),
    source("somebody's public repository", FAIL, pod({"image": "public.ecr.aws/x1y2z3/trainer:1"})),
    source("host that begins alike", FAIL, pod({"image": "registry.k8s.io.evil.com/kubectl:1"})),
    source("host that ends alike", FAIL, pod({"image": "a.b/111122223333.dkr.ecr.eu-west-1.amazonaws.com/a:1"})),
    source("path that begins alike", FAIL, pod({"image": "public.ecr.aws/neuronal/a:1"})),
    source("more than one part for a star", FAIL, pod({"image": "a.b.dkr.ecr.eu-west-1.amazonaws.com/a:1"})),
    source("init container", FAIL, pod({"image": OURS}, initContainers=[{"image": "ttl.sh/a:1h"}]), "initContainers.0"),
    source(
        "bad one beside a parameter",
        FAIL,
        workflow("Workflow", {"script": {"image": "a"}}, {"container": {"image": "{{b}}"}}),
    ),
    source("bad one beside one that is not known", FAIL, pod({"image": UNKNOWN}, {"image": "a:1"})),
    source("none allowed", FAIL, pod({"image": OURS}), params={"registries": []}),
    source("image unknown", OPEN, pod({"image": UNKNOWN})),
    source("containers unknown", OPEN, object_("v1", "Pod", spec={"containers": UNKNOWN_LIST})),
    source(
        "filled in by a workflow",
        SKIP,
        workflow("WorkflowTemplate", {"container": {"image": "{{inputs.parameters.image}}"}}),
    ),
    source("no workload", SKIP, object_("v1", "ConfigMap")),
)


def signed(name: str, expected: Any, *specs: Spec, says: str = "", **more: Any) -> Case:
    return Case("SEC-SUP-003", name, expected, (ROOT, *specs), says, **more)


def space(labels: Any, name: str = "serving") -> Spec:
    return object_("v1", "Namespace", f"space-{name}", metadata={"name": name, "labels": labels})


def kyverno(action: Any = None, overall: Any = None, **check: Any) -> Spec:
    one = {"name": "signed", "verifyImages": [{"imageReferences": ["*"], "failureAction": action, **check}]}
    return object_(
        "kyverno.io/v1", "ClusterPolicy", "kyverno", spec={"validationFailureAction": overall, "rules": [one]}
    )


def images(**spec: Any) -> Spec:
    return object_("policies.kyverno.io/v1", "ImageValidatingPolicy", "images", spec=spec)


def sigstore(**spec: Any) -> Spec:
    return object_("policy.sigstore.dev/v1beta1", "ClusterImagePolicy", "sigstore", spec={"images": [], **spec})


SERVING = space({"mlops.dev/purpose": "serving"})
ASKED_FOR = space({"mlops.dev/purpose": "serving", "policy.sigstore.dev/include": "true"})
MODEL = object_("serving.kserve.io/v1beta1", "InferenceService", "model", metadata={"namespace": "serving"}, spec={})
SIGNATURES = (
    signed("kyverno", PASS, SERVING, kyverno("Enforce")),
    signed("kyverno, as it was written", PASS, SERVING, kyverno(overall="enforce")),
    signed("kyverno for images", PASS, SERVING, images()),
    signed("sigstore", PASS, ASKED_FOR, sigstore()),
    signed(
        "ratify", PASS, MODEL, object_("constraints.gatekeeper.sh/v1beta1", "RatifyVerification", "ratify", spec={})
    ),
    signed("in a list", PASS, SERVING, object_("v1", "List", "list", items=[kyverno("Enforce").props])),
    signed("nothing", FAIL, SERVING, says="no policy of the stack refuses images without a signature"),
    signed("nothing for a model", FAIL, MODEL),
    signed("kyverno audits by default", FAIL, SERVING, kyverno()),
    signed("kyverno audits this one", FAIL, SERVING, kyverno("Audit", "Enforce")),
    signed("kyverno for images audits", FAIL, SERVING, images(validationActions=["Audit"])),
    signed("sigstore warns", FAIL, ASKED_FOR, sigstore(mode="warn")),
    signed(
        "sigstore, but not asked for", FAIL, SERVING, sigstore(), says="lacks the label policy.sigstore.dev/include"
    ),
    signed(
        "another policy of kyverno",
        FAIL,
        SERVING,
        object_("kyverno.io/v1", "ClusterPolicy", "k", spec={"rules": [{"validate": {}}]}),
    ),
    signed("action unknown", OPEN, SERVING, kyverno(UNKNOWN)),
    signed(
        "rules unknown", OPEN, SERVING, object_("kyverno.io/v1", "ClusterPolicy", "k", spec={"rules": UNKNOWN_LIST})
    ),
    signed("list unknown", OPEN, SERVING, object_("v1", "List", "list", items=UNKNOWN_LIST)),
    signed("labels unknown", OPEN, space(UNKNOWN_OBJECT)),
    signed("serves nothing", SKIP, space({"mlops.dev/team": "research"})),
)


def chart(
    name: str, expected: Any, says: str = "", params: Any = None, token: str = "v3:Release", **props: Any
) -> Case:
    return Case("SEC-SUP-005", name, expected, (Spec(f"kubernetes:helm.sh/{token}", props),), says, params or {})


STABLE = {"repo": "https://prometheus-community.github.io/helm-charts"}
ECR = "oci://111122223333.dkr.ecr.eu-west-1.amazonaws.com/charts/argo"
CHARTS = (
    chart("pinned", PASS, chart="kube-prometheus-stack", version="87.2.1", repositoryOpts=STABLE),
    chart(
        "with a v",
        PASS,
        chart="gpu-operator",
        version="v26.7.0",
        repositoryOpts={"repo": "https://helm.ngc.nvidia.com/nvidia/"},
    ),
    chart("of a registry", PASS, chart="oci://public.ecr.aws/karpenter/karpenter", version="1.14.0"),
    chart("of a private registry", PASS, chart=ECR, version="1.0.19-rc.1+acme"),
    chart("by digest", PASS, chart=f"{ECR}{DIGEST}"),
    chart("folder", PASS, chart="./charts/acme"),
    chart("package", PASS, chart="/charts/argo-workflows-1.0.19.tgz", version="1.0.19"),
    chart("chart of version 4", PASS, token="v4:Chart", chart=ECR, version="1.0.19"),
    chart(
        "no version",
        FAIL,
        "version is unset; wanted an exact one",
        chart="kube-prometheus-stack",
        repositoryOpts=STABLE,
    ),
    chart("range", FAIL, "wanted an exact one", chart="kube-prometheus-stack", version=">=80", repositoryOpts=STABLE),
    chart("two digits", FAIL, chart="kube-prometheus-stack", version="87.2", repositoryOpts=STABLE),
    chart("wildcard", FAIL, chart=ECR, version="1.0.x"),
    chart(
        "strange repository",
        FAIL,
        "repositoryOpts.repo is",
        chart="a",
        version="1.0.0",
        repositoryOpts={"repo": "https://charts.example.com"},
    ),
    chart("strange registry", FAIL, "chart is", chart="oci://ghcr.io/acme/charts/a", version="1.0.0"),
    chart(
        "without tls", FAIL, chart="a", version="1.0.0", repositoryOpts={"repo": "http://argoproj.github.io/argo-helm"}
    ),
    chart(
        "host that begins alike",
        FAIL,
        chart="a",
        version="1.0.0",
        repositoryOpts={"repo": "https://argoproj.github.io.evil.com"},
    ),
    chart(
        "path that begins alike",
        FAIL,
        chart="a",
        version="1.0.0",
        repositoryOpts={"repo": "https://argoproj.github.io/argo-helm-2"},
    ),
    chart("no repository", FAIL, "repositoryOpts.repo is unset", chart="bitnami/nginx", version="1.0.0"),
    chart("folders not allowed", FAIL, "a folder or package", {"folders": False}, chart="./charts/acme"),
    chart("chart of version 4, no version", FAIL, token="v4:Chart", chart=ECR),
    chart("no version, repository unknown", FAIL, chart=ECR, version=None, repositoryOpts={"repo": None}),
    chart("version unknown", OPEN, chart="kube-prometheus-stack", version=UNKNOWN, repositoryOpts=STABLE),
    chart("chart unknown", OPEN, chart=UNKNOWN, version="1.0.0"),
    chart("repository unknown", OPEN, chart="a", version="1.0.0", repositoryOpts=UNKNOWN_OBJECT),
    Case("SEC-SUP-005", "no chart", SKIP, (pod(),)),
)

CASES = (
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
    *REGISTRIES,
    *SIGNATURES,
    *CHARTS,
)

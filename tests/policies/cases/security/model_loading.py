"""Cases of the rule on how models are loaded."""

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
    secret,
)
from tests.policies.specs import deployment, pod, workflow

KSERVE = "serving.kserve.io/v1beta1"


def load(name: str, expected: Any, spec: Spec, says: str = "", **params: Any) -> Case:
    return Case("SEC-ML-005", name, expected, (spec,), says, params)


def args(*words: Any, **more: Any) -> Spec:
    return deployment({"image": "r/vllm-openai:v0.11.2", "args": list(words), **more})


def env(name: str, value: Any) -> Spec:
    return pod({"image": "a", "env": [{"name": name, "value": value}]})


def service(part: str = "model", **model: Any) -> Spec:
    return object_(KSERVE, "InferenceService", spec={"predictor": {part: model}})


SKLEARN: dict[str, Any] = {"modelFormat": {"name": "sklearn"}, "storageUri": "s3://models/fraud/v1"}
CASES = (
    load("safetensors", PASS, args("serve", "/models/a", "--load-format", "safetensors")),
    load("switched off", PASS, args("serve", "/models/a", "--trust-remote-code=false")),
    load("switched off apart", PASS, args("--trust-remote-code", "False", "--model", "/a")),
    load("variable off", PASS, env("TRUST_REMOTE_CODE", "false")),
    load("a trainer's checkpoint", PASS, pod({"image": "r/trainer:1", "args": ["--resume", "/data/last.pt"]})),
    load("onnx", PASS, service(modelFormat={"name": "onnx"}, storageUri="s3://models/fraud/v1/model.onnx")),
    load("a format that is not named", PASS, service(**SKLEARN)),
    load("no workload's container", PASS, pod()),
    load(
        "notebook",
        PASS,
        object_("kubeflow.org/v1", "Notebook", spec={"template": {"spec": {"containers": [{"image": "a"}]}}}),
    ),
    load("remote code", FAIL, args("serve", "a/b", "--trust-remote-code"), "hold --trust-remote-code"),
    load("remote code by huggingface's runtime", FAIL, service(args=["--trust_remote_code"]), "predictor.model.args"),
    load("remote code, said", FAIL, args("--trust-remote-code=True", "--model", "a/b")),
    load(
        "remote code in a script",
        FAIL,
        pod({"image": "a", "command": ["sh", "-c", "vllm serve a/b \\\n  --trust-remote-code"]}),
    ),
    load(
        "remote code in a runtime",
        FAIL,
        object_(
            "serving.kserve.io/v1alpha1",
            "ClusterServingRuntime",
            spec={"containers": [{"args": ["--trust-remote-code"]}]},
        ),
    ),
    load(
        "remote code of a worker",
        FAIL,
        object_(
            "serving.kserve.io/v1alpha2",
            "LLMInferenceService",
            spec={"worker": {"containers": [{"args": ["--trust-remote-code"]}]}},
        ),
    ),
    load("remote code in a workflow", FAIL, workflow("Workflow", {"container": {"args": ["--trust-remote-code"]}})),
    load(
        "remote code in a notebook",
        FAIL,
        object_(
            "kubeflow.org/v1",
            "Notebook",
            spec={"template": {"spec": {"containers": [{"env": [{"name": "TRUST_REMOTE_CODE", "value": "1"}]}]}}},
        ),
    ),
    load("variable on", FAIL, env("TRUST_REMOTE_CODE", "true"), 'env sets "TRUST_REMOTE_CODE"'),
    load("variable with a prefix", FAIL, env("XINFERENCE_TRUST_REMOTE_CODE", "1")),
    load("pickles of torch", FAIL, env("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")),
    load("pickles of mlflow", FAIL, env("MLFLOW_ALLOW_PICKLE_DESERIALIZATION", "True")),
    load("pickled format of vllm", FAIL, args("serve", "/models/a", "--load-format", "pt"), "load the format pt"),
    load("pickled file of a server", FAIL, args("--model", "/models/a/weights.pth"), "weights.pth"),
    load("pickled storage", FAIL, service(storageUri="s3://models/fraud/v1/model.joblib"), "model.joblib"),
    load("archive of torchserve", FAIL, service("pytorch", storageUri="s3://models/fraud/v1/model.mar")),
    load("format by parameter", FAIL, service(**SKLEARN), 'serves the format "sklearn"', formats=["sklearn"]),
    load("older way to name a format", FAIL, service("sklearn", storageUri="s3://m/a/v1"), formats=["sklearn"]),
    load("bad one beside one that is not known", FAIL, args(UNKNOWN, "--trust-remote-code")),
    load(
        "bad variable beside one that is not known",
        FAIL,
        pod({"image": "a", "env": [UNKNOWN_OBJECT, {"name": "TRUST_REMOTE_CODE", "value": "1"}]}),
    ),
    load("secret variable", FAIL, env("TRUST_REMOTE_CODE", secret("true"))),
    load("arguments unknown", OPEN, args(UNKNOWN)),
    load("environment unknown", OPEN, pod({"image": "a", "env": UNKNOWN_LIST})),
    load("value unknown", OPEN, env("TRUST_REMOTE_CODE", UNKNOWN)),
    load("value from elsewhere", OPEN, pod({"env": [{"name": "TRUST_REMOTE_CODE", "valueFrom": {"fieldRef": {}}}]})),
    load("arguments are a text", OPEN, pod({"image": "a", "args": "--model a"}), "a list was expected"),
    load("storage unknown", OPEN, service(storageUri=UNKNOWN)),
    load("no workload", SKIP, object_("v1", "ConfigMap")),
)

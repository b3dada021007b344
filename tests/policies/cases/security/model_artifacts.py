"""Cases of the rule on models as artifacts."""

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
from tests.policies.specs import deployment, pod

COMMIT = "0123456789abcdef0123456789abcdef01234567"
DIGEST = "@sha256:" + "a" * 64
KSERVE = "serving.kserve.io/v1beta1"
SIGNED = {"mlops.dev/model-signature": "s3://models/fraud/v14/model.sig"}


def pin(
    name: str, expected: Any, spec: Spec, says: str = "", environment: str | None = "development", **params: Any
) -> Case:
    return Case("SEC-SUP-004", name, expected, (spec,), says, params, environment)


def service(uri: Any, part: str = "model", annotations: Any = None, **model: Any) -> Spec:
    spec = {"predictor": {part: {"modelFormat": {"name": "onnx"}, "storageUri": uri, **model}}}
    return object_(KSERVE, "InferenceService", metadata={"annotations": annotations}, spec=spec)


def llm(uri: Any) -> Spec:
    return object_("serving.kserve.io/v1alpha2", "LLMInferenceService", spec={"model": {"uri": uri, "name": "qwen"}})


def vllm(*words: Any, image: Any = "r/vllm-openai:v0.11.2", **container: Any) -> Spec:
    return deployment({"image": image, "args": list(words), **container})


def variables(**values: Any) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in values.items()]


TGI = {"image": "a", "command": ["text-generation-launcher"]}
SOURCE = {"name": "MODEL_ID", "valueFrom": {"configMapKeyRef": {"name": "a", "key": "b"}}}
CASES = (
    pin("number", PASS, service("s3://models/fraud/14/model.onnx")),
    pin("version", PASS, service("s3://models-prod/team-2/fraud/v1.4.2")),
    pin("version in a name", PASS, service("gs://models/fraud-v14.tar.gz")),
    pin("date", PASS, service("s3://models/fraud/2026-11-23T0900/")),
    pin("run of mlflow", PASS, service("s3://mlflow/3/9f86d081884c7d659a2feaa0c55ad015/artifacts/model")),
    pin("volume", PASS, service("pvc://models/fraud/v3")),
    pin("commit of the hub", PASS, service(f"hf://meta-llama/Llama-3.1-8B:{COMMIT}")),
    pin("oci by digest", PASS, service(f"oci://r.example.com/models/fraud:v1{DIGEST}")),
    pin("older way to name a format", PASS, service("s3://models/fraud/v14", "xgboost")),
    pin("llm", PASS, llm(f"hf://Qwen/Qwen3-8B:{COMMIT}")),
    pin("vllm by commit", PASS, vllm("serve", "Qwen/Qwen3-8B", "--revision", COMMIT)),
    pin("vllm by commit, joined", PASS, vllm("--model=Qwen/Qwen3-8B", f"--revision={COMMIT}")),
    pin("vllm from a folder", PASS, vllm("--model", "/models/qwen", image=UNKNOWN, command=["vllm"])),
    pin(
        "triton",
        PASS,
        deployment({"image": "t", "command": ["tritonserver", "--model-repository=s3://models/v3/repo"]}),
    ),
    pin("tgi by variables", PASS, deployment({**TGI, "env": variables(MODEL_ID="a/b", REVISION=COMMIT)})),
    pin("mlflow's registry", PASS, vllm("--model", "models:/fraud/7")),
    pin(
        "script", PASS, deployment({"image": "a", "command": ["sh", "-c", f"exec vllm serve a/b --revision {COMMIT}"]})
    ),
    pin("variable of the container", PASS, vllm("--model=$(MODEL)", env=variables(MODEL="/models/qwen"))),
    pin(
        "runtime without an address",
        PASS,
        object_(
            "serving.kserve.io/v1alpha1",
            "ServingRuntime",
            spec={"containers": [{"name": "kserve-container", "args": ["--model", "/mnt/models"]}]},
        ),
    ),
    pin("signed in production", PASS, service("s3://models/fraud/v14", annotations=SIGNED), environment="production"),
    pin("digest in production", PASS, service(f"oci://r.example.com/models/fraud{DIGEST}"), environment="production"),
    pin(
        "several",
        PASS,
        object_(KSERVE, "InferenceService", spec={"predictor": {"storageUris": [{"uri": "s3://models/a/v1"}]}}),
    ),
    pin("latest", FAIL, service("s3://models/fraud/latest"), "wanted a version, a date or a digest in its path"),
    pin("latest below a version", FAIL, service("s3://models/v2/latest/model")),
    pin("no version", FAIL, service("s3://models/fraud")),
    pin("team with a number", FAIL, service("s3://models/team-2/fraud")),
    pin("version of the bucket alone", FAIL, service("s3://v2/fraud")),
    pin("hub without a commit", FAIL, service("hf://meta-llama/Llama-3.1-8B"), "wanted a commit"),
    pin("branch of the hub", FAIL, service("hf://meta-llama/Llama-3.1-8B:main")),
    pin("oci by tag", FAIL, service("oci://r.example.com/models/fraud:v1"), "wanted a sha256 digest"),
    pin("llm of a branch", FAIL, llm("hf://Qwen/Qwen3-8B")),
    pin("vllm without a revision", FAIL, vllm("serve", "Qwen/Qwen3-8B"), "at revision unset; wanted a commit"),
    pin("vllm by tag", FAIL, vllm("serve", "Qwen/Qwen3-8B", "--revision", "v1.0")),
    pin(
        "module",
        FAIL,
        deployment({"image": "a", "command": ["python", "-m", "vllm.entrypoints.openai.api_server", "--model", "a/b"]}),
    ),
    pin("sglang", FAIL, pod({"image": "r/sglang:v1", "args": ["--model-path", "a/b"]})),
    pin("tgi without a revision", FAIL, deployment({**TGI, "env": variables(MODEL_ID="a/b")}), "env MODEL_ID"),
    pin(
        "alias of mlflow's registry", FAIL, vllm("--model", "models:/fraud@champion"), "wanted models:/<name>/<version>"
    ),
    pin("huggingface runtime", FAIL, service(None, args=["--model_id=a/b", "--model_name=b"])),
    pin(
        "transformer's own model",
        FAIL,
        object_(
            KSERVE,
            "InferenceService",
            spec={"transformer": {"containers": [{"image": "a", "env": variables(STORAGE_URI="s3://m/a")}]}},
        ),
    ),
    pin(
        "one of several",
        FAIL,
        object_(
            KSERVE,
            "InferenceService",
            spec={"predictor": {"storageUris": [{"uri": UNKNOWN}, {"uri": "s3://models/a"}]}},
        ),
    ),
    pin(
        "not signed in production",
        FAIL,
        service("s3://models/fraud/v14"),
        "lack mlops.dev/model-signature",
        "production",
    ),
    pin("own pattern", FAIL, service("s3://models/fraud/v14"), version="release-[0-9]+"),
    pin("address unknown", OPEN, service(UNKNOWN)),
    pin("arguments unknown", OPEN, vllm(UNKNOWN)),
    pin("image unknown", OPEN, vllm("--model", "a/b", image=UNKNOWN)),
    pin("variable from elsewhere", OPEN, deployment({**TGI, "env": [SOURCE]})),
    pin("variable that is not there", OPEN, vllm("--model=$(MODEL)")),
    pin("environment unknown", OPEN, service("s3://models/fraud/v14"), environment=None),
    pin("containers unknown", OPEN, object_("v1", "Pod", spec={"containers": UNKNOWN_LIST})),
    pin("predictor unknown", OPEN, object_(KSERVE, "InferenceService", spec={"predictor": UNKNOWN_OBJECT})),
    pin("a trainer's model", SKIP, pod({"image": "r/trainer:1", "args": ["--model", "a/b"]})),
    pin("no server", SKIP, pod({"image": "nginx"})),
    pin("image unknown, but no model", SKIP, pod({"image": UNKNOWN, "command": ["python", "start.py"]})),
    pin("no workload", SKIP, object_("v1", "Service")),
)

"""Cases of the rules on secrets in Kubernetes objects."""

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

# Made up, and put together here, so that no scanner takes them for real ones.
TOKEN = "hf_" + "aB3" * 12
ACCESS_KEY = "AKIA" + "Q7" * 8


def variables(**values: Any) -> Spec:
    return pod({"name": "main", "env": [{"name": name, "value": value} for name, value in values.items()]})


def config(data: Any) -> Spec:
    return object_("v1", "ConfigMap", metadata={"namespace": "team-a"}, data=data)


def release(chart: Any, values: Any, token: str = "kubernetes:helm.sh/v3:Release") -> Spec:
    return Spec(token, {"chart": chart, "values": values})


STACK = "kube-prometheus-stack"
REFERENCE = {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}
LITERALS = (
    Case("SEC-SEC-003", "reference", PASS, (pod({"name": "a", "env": [REFERENCE]}),)),
    Case(
        "SEC-SEC-003",
        "paths and names of secrets",
        PASS,
        (variables(AUTH_SECRETS="/secrets/auth", SECRET_NAME="db", PULL_SECRET="registry"),),
    ),
    Case("SEC-SEC-003", "switches and counts", PASS, (variables(USE_TOKEN="true", MAX_TOKEN="4096", PASSWORD=""),)),
    Case("SEC-SEC-003", "reference to another variable", PASS, (variables(PGPASSWORD="$(DB_PASSWORD)"),)),
    Case(
        "SEC-SEC-003",
        "parameter of a workflow",
        PASS,
        (workflow("Workflow", {"container": {"env": [{"name": "TOKEN", "value": "{{inputs.parameters.token}}"}]}}),),
    ),
    Case("SEC-SEC-003", "computed", PASS, (variables(BUCKET=UNKNOWN),)),
    Case(
        "SEC-SEC-003", "program in a ConfigMap", PASS, (config({"start.py": "password = read_secret(Path(folder))\n"}),)
    ),
    Case("SEC-SEC-003", "chart", PASS, (release(STACK, {"grafana": {"admin": {"existingSecret": "grafana"}}}),)),
    Case("SEC-SEC-003", "unknown values of a chart", PASS, (release(STACK, {"a": UNKNOWN, "b": [UNKNOWN, 3, None]}),)),
    Case(
        "SEC-SEC-003",
        "password",
        FAIL,
        (variables(DB_PASSWORD="hunter2"),),
        'env.0.value of "DB_PASSWORD" is a secret in plain text',
    ),
    Case("SEC-SEC-003", "key by its name", FAIL, (variables(WANDB_API_KEY="0123456789abcdef0123"),)),
    Case("SEC-SEC-003", "token by its form", FAIL, (variables(HUB=TOKEN),), "a Hugging Face token"),
    Case(
        "SEC-SEC-003",
        "address with a password",
        FAIL,
        (variables(DATABASE_URL="postgres://app:hunter22@db/app"),),
        "a URL with a password",
    ),
    Case(
        "SEC-SEC-003",
        "secret of the program",
        FAIL,
        (variables(CONNECTION=secret("x=y")),),
        "is a secret of the program",
    ),
    Case("SEC-SEC-003", "secret of the program, not known yet", FAIL, (variables(CONNECTION=secret(UNKNOWN)),)),
    Case(
        "SEC-SEC-003",
        "variables made of a secret",
        FAIL,
        (pod({"env": secret([{"name": "a", "value": "b"}])}),),
        "env holds a secret",
    ),
    Case(
        "SEC-SEC-003",
        "argument",
        FAIL,
        (deployment({"args": ["--key", ACCESS_KEY]}),),
        "args.1 holds what looks like an AWS access key id",
    ),
    Case(
        "SEC-SEC-003",
        "script of a workflow",
        FAIL,
        (workflow("Workflow", {"script": {"source": f"login {TOKEN}"}}),),
        "script.source",
    ),
    Case(
        "SEC-SEC-003",
        "beside an unknown one",
        FAIL,
        (pod({"env": [UNKNOWN_OBJECT, {"name": "ADMIN_PASSWORD", "value": "admin"}]}),),
    ),
    Case("SEC-SEC-003", "entry of a ConfigMap", FAIL, (config({"db-password": "hunter2"}),), "data.db-password"),
    Case(
        "SEC-SEC-003",
        "setting in a ConfigMap",
        FAIL,
        (config({"app.yaml": "db:\n  password: hunter22\n"}),),
        "app.yaml holds what looks like a password",
    ),
    Case("SEC-SEC-003", "token in a program in a ConfigMap", FAIL, (config({"run.py": f"login('{TOKEN}')"}),)),
    Case(
        "SEC-SEC-003",
        "ConfigMap made of a secret",
        FAIL,
        (config(secret({"a": "b"})),),
        "data holds a secret of the program",
    ),
    Case("SEC-SEC-003", "long text", FAIL, (config({"a.yaml": "# " + "x " * 40_000 + f"\n{TOKEN}\n"}),)),
    Case(
        "SEC-SEC-003",
        "password of a chart",
        FAIL,
        (release(STACK, {"grafana": {"adminPassword": secret(UNKNOWN)}}),),
        "values.grafana.adminPassword",
    ),
    Case(
        "SEC-SEC-003",
        "chart from a registry",
        FAIL,
        (release(f"oci://registry.example/charts/{STACK}", {"grafana": {"adminPassword": "x"}}),),
    ),
    Case(
        "SEC-SEC-003",
        "chart from a file",
        FAIL,
        (release(f"charts/{STACK}-92.1.1.tgz", {"grafana": {"adminPassword": "x"}}, "kubernetes:helm.sh/v4:Chart"),),
    ),
    Case(
        "SEC-SEC-003",
        "token in values of any chart",
        FAIL,
        (release("acme", {"a": [{"b": f"token {TOKEN}"}]}),),
        "values.a.0.b",
    ),
    Case("SEC-SEC-003", "password unknown", OPEN, (variables(DB_PASSWORD=UNKNOWN),)),
    Case("SEC-SEC-003", "variables unknown", OPEN, (pod({"env": UNKNOWN_LIST}),)),
    Case("SEC-SEC-003", "variable of another type", OPEN, (variables(PORT=80),), "a string was expected"),
    Case("SEC-SEC-003", "data unknown", OPEN, (config(UNKNOWN_OBJECT),)),
    Case("SEC-SEC-003", "values unknown", OPEN, (release(STACK, UNKNOWN_OBJECT),)),
    Case("SEC-SEC-003", "chart unknown", OPEN, (release(UNKNOWN, {}),)),
    Case("SEC-SEC-003", "no workload", SKIP, (object_("v1", "Service"),)),
)

STORES = (
    Case(
        "SEC-SEC-004",
        "filled by a controller",
        PASS,
        (object_("v1", "Secret", type="kubernetes.io/service-account-token"),),
    ),
    Case("SEC-SEC-004", "empty", PASS, (object_("v1", "Secret", data={}, stringData=None),)),
    Case(
        "SEC-SEC-004",
        "text",
        FAIL,
        (object_("v1", "Secret", stringData={"password": secret("hunter22")}),),
        'stringData of "subject" is written by the program',
    ),
    Case(
        "SEC-SEC-004",
        "values not known yet",
        FAIL,
        (object_("v1", "Secret", metadata={"name": "db"}, data={"password": UNKNOWN}),),
        'data of "db"',
    ),
    Case(
        "SEC-SEC-004",
        "certificate",
        FAIL,
        (object_("v1", "Secret", type="kubernetes.io/tls", data={"tls.key": "YQ=="}),),
    ),
    Case(
        "SEC-SEC-004",
        "text beside unknown data",
        FAIL,
        (object_("v1", "Secret", data=UNKNOWN_OBJECT, stringData={"a": "b"}),),
    ),
    Case("SEC-SEC-004", "in a list", FAIL, (object_("v1", "SecretList", items=[{"stringData": {"a": "b"}}]),)),
    Case("SEC-SEC-004", "data unknown", OPEN, (object_("v1", "Secret", data=UNKNOWN_OBJECT),)),
    Case(
        "SEC-SEC-004", "data of another type", OPEN, (object_("v1", "Secret", data="YQ=="),), "an object was expected"
    ),
    Case("SEC-SEC-004", "external secret", SKIP, (object_("external-secrets.io/v1", "ExternalSecret"),)),
)

CASES = (*LITERALS, *STORES)

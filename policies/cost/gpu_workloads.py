"""What holds GPUs and Neuron devices: pods that ask for them, and notebooks that forget to let go."""

from collections.abc import Iterator

from components._core.conventions import LABEL_PREFIX
from policies._engine.build import differs, each, stack_rule
from policies._engine.conditions import AnyOf, pod, this
from policies._engine.demands import Demand, Requirement, Subject, demand_rule
from policies._engine.devices import ACCELERATORS, NOTEBOOK, need_accelerators
from policies._engine.model import Manifest, Resource, Stack, manifests
from policies._engine.objects import known_name, objects
from policies._engine.pods import WORKLOADS
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import Path, View, show
from policies._engine.wire import Undetermined
from policies.cost.accelerators import type_is_accelerated
from policies.cost.reading import asked

AFFINITY = "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms"


class SelectorParams(Params):
    """Parameters of COST-GPU-008."""

    selectors: tuple[str, ...] = (
        *(f"{LABEL_PREFIX}/pool", "karpenter.sh/nodepool", "eks.amazonaws.com/nodegroup"),
        *("node.kubernetes.io/instance-type", "karpenter.k8s.aws/instance-family"),
        *("karpenter.k8s.aws/instance-gpu-name", "karpenter.k8s.aws/instance-accelerator-name"),
        *("karpenter.k8s.aws/instance-gpu-memory", "nvidia.com/gpu.product"),
    )
    """Labels of nodes that tell one pool, or one kind of accelerator, from the others."""


@demand_rule(
    "COST-GPU-008",
    "kubernetes-gpu-workload-require-selector",
    "Pods that ask for accelerators say which ones",
    per=Subject.CONTAINER,
    kinds=WORKLOADS,
    params=SelectorParams,
    severity=Severity.MEDIUM,
    rationale=(
        "All pools offer the same resource, nvidia.com/gpu: a small model that does not choose takes an H100 of the "
        "training pool, or starts one, where an L4 would do."
    ),
    controls=("aws-wa-cost:COST06-BP02",),
    bad='containers=[{"image": image, "resources": {"limits": {"nvidia.com/gpu": "1"}}}]  # on any GPU there is',
    remedy=(
        "Select the pool or the kind of GPU. EKS itself lets the pod through the taint of its resource.",
        'node_selector={"mlops.dev/pool": "inference"},\n'
        'containers=[{"image": image, "resources": {"limits": {"nvidia.com/gpu": "1"}}}]',
    ),
)
def selected_accelerators(ctx: Context[SelectorParams]) -> Demand:
    """No toleration is asked for: EKS adds it where the taint is named after the resource.

    Source: admission controllers of EKS platform versions, `ExtendedResourceToleration` (EKS user guide, read
    2026-11-27). What a taint of another name keeps away stays pending and costs nothing. Limits alone are looked at:
    the API server refuses accelerators that only the requests name.
    """
    keys = ctx.params.selectors
    selector = AnyOf(tuple(pod(("nodeSelector", key)).present() for key in keys))
    terms = pod(AFFINITY)
    by_affinity = terms.present() & terms.every(this("matchExpressions").some(this("key").one_of(*keys)))
    asks = tuple(this(("resources", "limits", key)).present() for key in ACCELERATORS)
    wanted = f"a label such as {keys[0]}" if keys else "a label of the pool"
    return Demand(
        (Requirement(selector | by_affinity, pod("nodeSelector"), wanted),),
        applies=AnyOf(asks),
        otherwise="no container asks for accelerators",
    )


CONTROLLERS = ("apps/Deployment", "apps/StatefulSet")
CONTROLLER = "notebook-controller"
"""Part of the names of Kubeflow's controller of notebooks, of its images and of its settings."""

SWITCH, MINUTES = "ENABLE_CULLING", "CULL_IDLE_TIME"
DEFAULT_MINUTES = 1440
"""Defaults of that controller: culling is off, a day of idleness once it is on.

Source: kubeflow/kubeflow components/notebook-controller, pkg/culler, read 2026-11-27.
"""

INSTANCE = "aws:sagemaker/notebookInstance:NotebookInstance"
SPACE = "aws:sagemaker/space:Space"
APPS = ("jupyterLabAppSettings", "codeEditorAppSettings")
TIMEOUT = "appLifecycleManagement.idleSettings.idleTimeoutInMinutes"


class CullingParams(Params):
    """Parameters of COST-GPU-012."""

    most_minutes: int = 480
    """Longest idleness after which a notebook ends."""


@stack_rule(
    "COST-GPU-012",
    "notebook-gpu-require-idle-timeout",
    "Notebooks with accelerators end when nobody uses them",
    on=(INSTANCE, SPACE),
    kinds=(NOTEBOOK,),
    params=CullingParams,
    not_at_admission="the controller of notebooks ends them, by settings beside the object",
    severity=Severity.MEDIUM,
    rationale="A notebook holds its GPU from the first import to the day that somebody remembers it, busy or not.",
    controls=("aws-wa-cost:COST04-BP04", "aws-wa-cost:COST09-BP03"),
    bad='aws.sagemaker.NotebookInstance(name, instance_type="ml.g5.xlarge", role_arn=role.arn)',
    remedy=(
        "Kubeflow: ENABLE_CULLING and CULL_IDLE_TIME of its controller. SageMaker: an idle timeout of the space, or a "
        "lifecycle configuration that stops an idle instance.",
        'env=[{"name": "ENABLE_CULLING", "value": "true"}, {"name": "CULL_IDLE_TIME", "value": "120"}]',
    ),
)
def culled(resource: Resource, stack: Stack, ctx: Context[CullingParams]) -> Iterator[Outcome]:
    """A server that ends by itself does not help: the notebook's StatefulSet starts it again, GPU and all."""
    if resource.type == INSTANCE:
        yield from _instance(asked(resource))
    elif resource.type == SPACE:
        settings = asked(resource).props.mapping("spaceSettings")
        yield from each(APPS, lambda app: _app(settings.mapping(app), ctx.params))
    else:
        found = [one for one in manifests(resource) if one.kind == NOTEBOOK]
        yield from each(found, lambda notebook: _notebook(notebook, stack, ctx.params))


def _instance(instance: Resource) -> Iterator[Outcome]:
    _need(instance.props, "instanceType")
    if not instance.props.at("lifecycleConfigName"):
        yield differs(instance.props, "lifecycleConfigName", "a configuration that stops an idle instance")


def _app(settings: View, params: CullingParams) -> Iterator[Outcome]:
    _need(settings, "defaultResourceSpec.instanceType")
    minutes = settings.at(TIMEOUT)
    if minutes is None or settings.number(TIMEOUT) > params.most_minutes:
        yield differs(settings, TIMEOUT, f"at most {params.most_minutes}")


def _need(holder: View, path: Path) -> None:
    """SageMaker's names of instance types are those of EC2 after `ml.`."""
    name = holder.text(path)
    if not name or not type_is_accelerated(name.removeprefix("ml.")):
        raise NotApplicable("the instance type has no accelerators")


def _notebook(notebook: Manifest, stack: Stack, params: CullingParams) -> Iterator[Outcome]:
    need_accelerators(notebook)
    controllers = [one for one in objects(stack, *CONTROLLERS) if CONTROLLER in (known_name(one) or "")]
    if not controllers:
        raise Undetermined("the controller of notebooks, which ends idle ones, is not part of this stack")
    yield from each(controllers, lambda one: _controller(one, stack, params))


def _controller(controller: Manifest, stack: Stack, params: CullingParams) -> Iterator[Outcome]:
    who = controller.resource.name
    switch = _setting(controller, stack, SWITCH)
    if switch is None or switch.strip().lower() != "true":
        yield Finding(f"{who}: {SWITCH} is {show(switch)}; wanted true (the default is false)")
        return
    minutes = _setting(controller, stack, MINUTES)
    if minutes is not None and not minutes.strip().isdecimal():
        raise Undetermined(f"{who}: {MINUTES} is {show(minutes)}, which is no number of minutes")
    if (DEFAULT_MINUTES if minutes is None else int(minutes.strip()[:9])) > params.most_minutes:
        yield Finding(f"{who}: {MINUTES} is {show(minutes)}; wanted at most {params.most_minutes}")


def _setting(controller: Manifest, stack: Stack, name: str) -> str | None:
    """Return a variable of the controller's containers: given, or from a ConfigMap of the stack."""
    for container in controller.spec.sequence("template.spec.containers").mappings():
        for variable in container.sequence("env").mappings():
            if variable.at("name") == name:
                source = variable.mapping("valueFrom.configMapKeyRef")
                if not source:
                    return variable.text("value")
                return _mapped(stack, source.text("name"), source.text("key"))
        for source in container.sequence("envFrom").mappings():
            value = _mapped(stack, source.text("configMapRef.name"), name)
            if value is not None:
                return value
    return None


def _mapped(stack: Stack, config: str, key: str) -> str | None:
    for one in objects(stack, "/ConfigMap"):
        if config and known_name(one) == config:
            return one.props.text(("data", key)) or None
    if config:
        raise Undetermined(f"ConfigMap {show(config)} is not part of this stack")
    return None


RULES = (selected_accelerators, culled)

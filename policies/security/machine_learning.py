"""SageMaker."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from components._core.facts.instance_types import instance_type, instance_type_names, instance_type_provenance
from policies._engine.build import differs, each, equals, rule, some
from policies._engine.keys import own_key
from policies._engine.model import Resource
from policies._engine.rule import Context, Finding, Outcome, Params, Severity
from policies._engine.values import View, show
from policies._engine.wire import MalformedValue, Undetermined

Check = Callable[[View], Iterable[Outcome]]

VARIANTS = ("productionVariants", "shadowProductionVariants")


def _wanted(path: str, value: Any, default: Any) -> Check:
    """Return the check that a property has a value that is not AWS's default."""

    def check(props: View) -> Iterator[Outcome]:
        if not equals(value).test(props.at(path)):
            yield differs(props, path, f"{show(value)} (the default is {show(default)})")

    return check


def _subnet(notebook: View) -> Iterator[Outcome]:
    if not notebook.text("subnetId"):
        yield differs(notebook, "subnetId", "a private subnet")


def _subnets(model: View) -> Iterator[Outcome]:
    """The subnets may be unknown in a preview: the provider takes no block without them."""
    if not model.declared("vpcConfig.subnets"):
        yield Finding("vpcConfig is unset; wanted private subnets and security groups")


def _endpoint_disks(props: View) -> Iterator[Outcome]:
    """Disks of the instance itself are encrypted by its hardware, and AWS refuses a key where any variant has some.

    Source: SageMaker API reference, CreateEndpointConfig, KmsKeyId, read 2026-11-27.
    """
    found = list(own_key(props, "kmsKeyArn", "a key of SageMaker"))
    if found and not some(VARIANTS, lambda key: some(props.sequence(key), _has_own_disks)):
        yield from found


def _has_own_disks(variant: Any) -> bool:
    if not isinstance(variant, View):
        raise MalformedValue("a variant", "an object", variant)
    name = variant.text("instanceType").removeprefix("ml.")
    if not name:
        return False  # Serverless.
    if name not in instance_type_names():
        shown, day = variant.shown("instanceType"), instance_type_provenance().as_of
        raise Undetermined(f"{variant.path}.instanceType is {shown}, whose disks are not in the facts of {day}")
    return instance_type(name).local_nvme is not None


def _captured_data(props: View) -> Iterator[Outcome]:
    if props.flag("dataCaptureConfig.enableCapture"):
        yield from own_key(props, "dataCaptureConfig.kmsKeyId", "the bucket's key")


def _async_results(props: View) -> Iterator[Outcome]:
    if props.at("asyncInferenceConfig") is not None:
        yield from own_key(props, "asyncInferenceConfig.outputConfig.kmsKeyId", "the bucket's key")


CHECKS: Mapping[str, tuple[Check, ...]] = {
    "aws:sagemaker/domain:Domain": (
        _wanted("appNetworkAccessType", "VpcOnly", "PublicInternetOnly"),
        partial(own_key, path="kmsKeyId", default="aws/elasticfilesystem"),
    ),
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": (_endpoint_disks, _captured_data, _async_results),
    "aws:sagemaker/model:Model": (_wanted("enableNetworkIsolation", True, False), _subnets),
    "aws:sagemaker/notebookInstance:NotebookInstance": (
        _wanted("directInternetAccess", "Disabled", "Enabled"),
        _wanted("rootAccess", "Disabled", "Enabled"),
        _wanted("instanceMetadataServiceConfiguration.minimumInstanceMetadataServiceVersion", "2", "1"),
        _subnet,
        partial(own_key, path="kmsKeyId", default="a key of SageMaker"),
    ),
}
"""What is looked at, by type."""


@rule(
    "SEC-ML-003",
    "sagemaker-resource-require-isolation",
    "SageMaker works inside the VPC, without internet and root, with own keys",
    on=tuple(CHECKS),
    params=Params,
    severity=Severity.HIGH,
    rationale="Notebooks and models run code that nobody reviewed, next to the data: with root, or a way to the "
    "internet, it carries the data out.",
    controls=(
        "fsbp:SageMaker.1",
        "fsbp:SageMaker.2",
        "fsbp:SageMaker.3",
        "fsbp:SageMaker.5",
        "checkov:CKV_AWS_22",
        "checkov:CKV_AWS_98",
        "checkov:CKV_AWS_122",
        "checkov:CKV_AWS_187",
        "checkov:CKV_AWS_306",
        "checkov:CKV_AWS_307",
        "checkov:CKV_AWS_370",
        "checkov:CKV_AWS_371",
        "nist-800-53:AC-3",
        "nist-800-53:AC-6",
        "nist-800-53:SC-7",
        "soc2:CC6.1",
        "soc2:CC6.6",
        "aisf:AISF-ML-01",
        "aisf:AISF-ML-02",
    ),
    bad='aws.sagemaker.NotebookInstance(name, role_arn=role.arn, instance_type="ml.t3.medium")',
    remedy=(
        "Put it into private subnets, close the way to the internet and to root, and name an own key.",
        'aws.sagemaker.NotebookInstance(name, role_arn=role.arn, instance_type="ml.t3.medium",\n'
        "    subnet_id=subnet.id, security_groups=[group.id], kms_key_id=key.id,\n"
        '    direct_internet_access="Disabled", root_access="Disabled",\n'
        '    instance_metadata_service_configuration={"minimum_instance_metadata_service_version": "2"})',
    ),
)
def isolated(resource: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
    """Each type is judged by what it has. Serverless endpoints take neither VPC nor isolation: exempt their models."""
    yield from each(CHECKS[resource.type], lambda check: check(resource.props))


RULES = (isolated,)

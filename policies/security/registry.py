"""ECR: repositories of images, and who reaches them."""

from collections.abc import Iterator, Mapping

from policies._engine.build import differs, each, equals, property_rule, rule
from policies._engine.documents import read_document
from policies._engine.grants import for_everybody, names_callers, statement_list
from policies._engine.keys import own_key
from policies._engine.model import Resource
from policies._engine.rule import Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import Path, View

REPOSITORY = "aws:ecr/repository:Repository"
TEMPLATE = "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate"
"""What ECR makes repositories from by itself: for caches and for copies."""

POLICIES = {
    "aws:ecr/registryPolicy:RegistryPolicy": "policy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
    TEMPLATE: "repositoryPolicy",
}
"""Where each type keeps a policy document."""

SCAN = "imageScanningConfiguration.scanOnPush"

IMMUTABLE_TAGS = property_rule(
    "SEC-ECR-001",
    "ecr-repository-require-immutable-tags",
    "ECR tags cannot be moved to another image",
    on=(REPOSITORY,),
    path="imageTagMutability",
    must=equals("IMMUTABLE"),
    severity=Severity.HIGH,
    rationale="A tag that can be overwritten lets an image be swapped after it was scanned and approved.",
    controls=("fsbp:ECR.2", "checkov:CKV_AWS_51", "nist-800-53:CM-2"),
    bad='image_tag_mutability="MUTABLE"',
    remedy=("Make tags immutable; the default is MUTABLE.", 'image_tag_mutability="IMMUTABLE"'),
)


class ScanParams(Params):
    """Parameters of SEC-ECR-002."""

    registry_scans: bool = False
    """Whether the account's registry scans every repository, by rules of its own; ECR then ignores what repositories
    say."""


def _scan(_repository: Resource, _ctx: Context[ScanParams]) -> Mapping[Path, bool]:
    return {SCAN: True}


@rule(
    "SEC-ECR-002",
    "ecr-repository-require-scan-on-push",
    "Images are scanned for vulnerabilities when they are pushed",
    on=(REPOSITORY,),
    params=ScanParams,
    fix=_scan,
    severity=Severity.HIGH,
    rationale="Images of machine learning are large and old: without a scan nobody knows which flaws are deployed.",
    controls=("fsbp:ECR.1", "cis-eks:5.1.1", "checkov:CKV_AWS_163", "nist-800-53:RA-5", "soc2:CC7.1"),
    bad="aws.ecr.Repository(name)  # not scanned by default",
    remedy=(
        "Scan on push, or have the registry scan continuously and say so in the profile.",
        'image_scanning_configuration={"scan_on_push": True}',
    ),
)
def scan_on_push(repository: Resource, ctx: Context[ScanParams]) -> Iterator[Outcome]:
    """A registry's own rules are the account's, and seldom in the stack that makes repositories."""
    if ctx.params.registry_scans:
        raise NotApplicable("the registry scans all repositories")
    if repository.props.at(SCAN) is not True:
        yield differs(repository.props, SCAN, "true (the default is false)")


@rule(
    "SEC-ECR-003",
    "ecr-repository-require-own-key",
    "Images are encrypted with an own KMS key",
    on=(REPOSITORY, TEMPLATE),
    params=Params,
    severity=Severity.LOW,
    rationale="Images carry code and model weights. By an own key, access to them can be withdrawn and is recorded.",
    controls=("checkov:CKV_AWS_136", "nist-800-53:SC-28(1)", "soc2:CC6.1"),
    bad="aws.ecr.Repository(name)  # AES256 by default",
    remedy=(
        "Choose KMS and name a customer managed key. It cannot be changed later: make the repository anew.",
        'encryption_configurations=[{"encryption_type": "KMS", "kms_key": key.arn}]',
    ),
)
def image_key(holder: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
    """What a template does not say, the repositories made from it do not have."""
    blocks = holder.props.sequence("encryptionConfigurations")
    if not len(blocks):
        yield differs(holder.props, "encryptionConfigurations", "KMS with an own key (the default is AES256)")
    yield from each(blocks, _encrypted)


def _encrypted(block: View) -> Iterator[Outcome]:
    kind = block.at("encryptionType", "AES256")
    if kind not in ("KMS", "KMS_DSSE"):
        yield differs(block, "encryptionType", '"KMS" (the default is AES256)')
    else:
        yield from own_key(block, "kmsKey", "aws/ecr")


@rule(
    "SEC-ECR-004",
    "ecr-repository-disallow-public-policy",
    "ECR policies are for named principals",
    on=tuple(POLICIES),
    params=Params,
    severity=Severity.CRITICAL,
    rationale="An open repository gives code and weights to every AWS account, or lets them push what nodes will run.",
    controls=("cis-eks:5.1.2", "checkov:CKV_AWS_32", "nist-800-53:AC-3", "soc2:CC6.6"),
    bad='{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}',
    remedy=(
        "Name the accounts that pull, or hold everybody to your organisation.",
        '{"Effect": "Allow", "Principal": "*", "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],\n'
        ' "Condition": {"StringEquals": {"aws:PrincipalOrgID": org_id}}}',
    ),
)
def named_pullers(holder: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
    """Of repositories, of the whole registry, and of what a template gives to new repositories."""
    path = POLICIES[holder.type]
    if holder.type == TEMPLATE and holder.props.at(path) is None:
        raise NotApplicable("the template gives no policy")
    yield from each(statement_list(read_document(holder.props, path)), _named)


def _named(statement: View) -> Iterator[Outcome]:
    if statement.at("Effect") == "Allow" and for_everybody(statement) and not names_callers(statement):
        yield Finding(f"{statement.path} allows anybody; wanted accounts, or a condition on the organisation")


RULES = (IMMUTABLE_TAGS, scan_on_push, image_key, named_pullers)

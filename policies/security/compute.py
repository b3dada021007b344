"""EC2 instances and what starts them."""

from collections.abc import Iterator, Mapping

from policies._engine.build import differs, each, rule
from policies._engine.model import Manifest, Resource, manifests
from policies._engine.rule import Context, Outcome, Params, Severity
from policies._engine.values import Path

LAUNCHES = (
    "aws:ec2/instance:Instance",
    "aws:ec2/launchConfiguration:LaunchConfiguration",
    "aws:ec2/launchTemplate:LaunchTemplate",
)
NODE_CLASS = "karpenter.k8s.aws/EC2NodeClass"

TOKENS = "metadataOptions.httpTokens"


def _require_tokens(resource: Resource, _ctx: Context[Params]) -> Mapping[Path, str]:
    if resource.kind == NODE_CLASS:
        return {f"spec.{TOKENS}": "required"}
    return {} if resource.kind else {TOKENS: "required"}


@rule(
    "SEC-EC2-001",
    "ec2-instance-require-imdsv2",
    "Instance metadata is read with session tokens (IMDSv2) only",
    on=LAUNCHES,
    kinds=(NODE_CLASS,),
    params=Params,
    fix=_require_tokens,
    severity=Severity.HIGH,
    rationale="IMDSv1 answers any request: one forged request in a notebook yields the node's role.",
    controls=("fsbp:EC2.8", "fsbp:AutoScaling.3", "checkov:CKV_AWS_79", "nist-800-53:AC-3"),
    bad='metadata_options={"http_tokens": "optional"}',
    remedy=("Require session tokens for instance metadata.", 'metadata_options={"http_tokens": "required"}'),
)
def imdsv2(resource: Resource, _ctx: Context[Params]) -> Iterator[Outcome]:
    """Off altogether is fine too. EC2's default is optional, Karpenter's is required."""
    if resource.kind:
        yield from each(tuple(manifests(resource)), _node_class)
    elif resource.props.at("metadataOptions.httpEndpoint") != "disabled" and resource.props.at(TOKENS) != "required":
        yield differs(resource.props, TOKENS, '"required" (the default is optional)')


def _node_class(manifest: Manifest) -> Iterator[Outcome]:
    options = manifest.spec.mapping("metadataOptions")
    if options.at("httpEndpoint") != "disabled" and options.at("httpTokens", "required") != "required":
        yield differs(options, "httpTokens", '"required"')


RULES = (imdsv2,)

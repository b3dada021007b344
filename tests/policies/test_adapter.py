"""The packs over the analyzer protocol: gRPC in, gRPC out, as the engine speaks it."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import proto
from pulumi.runtime.proto import analyzer_pb2_grpc

from policies._engine import adapter, profiles, server
from policies._engine.adapter import AnalyzerServicer
from policies._engine.registry import Pack
from policies._engine.rule import Rule, Scope, Verdict
from policies.cost.pack import PACK as COST
from policies.security.pack import PACK as SECURITY
from tests.policies import build
from tests.policies.build import PACKS, RULES, UNKNOWN, Case, Spec, secret
from tests.policies.cases import CASES
from tests.policies.cases.cost import gpu
from tests.policies.cases.cost import storage as volumes
from tests.policies.cases.security import cluster, storage

CLUSTER = Spec("aws:eks/cluster:Cluster", {"name": "main"}, "main")
QUEUE = Spec("aws:sqs/queue:Queue", {"name": "jobs"})
NOTHING = empty_pb2.Empty()


class Client:
    """An engine, as far as a pack can tell."""

    def __init__(self, servicer: AnalyzerServicer) -> None:
        self.server, port = server.start(servicer)
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub = analyzer_pb2_grpc.AnalyzerStub(self.channel)

    def close(self) -> None:
        self.channel.close()
        self.server.stop(grace=None).wait()

    def info(self) -> Any:
        return self.stub.GetAnalyzerInfo(NOTHING)

    def configure(self, **section: Any) -> None:
        """Send the configuration as the engine does: every announced level, and what the user wrote."""
        config = {one.name: proto.PolicyConfig(enforcementLevel=one.enforcementLevel) for one in self.info().policies}
        levels = section.pop("levels", {})
        for name, level in levels.items():
            config[name] = proto.PolicyConfig(enforcementLevel=level)
        if section:
            config["profile"].properties.update(section)
        self.stub.Configure(proto.ConfigureAnalyzerRequest(policyConfig=config))

    def analyze(self, spec: Spec) -> Any:
        return self.stub.Analyze(request(spec))

    def analyze_stack(self, *specs: Spec) -> Any:
        return self.stub.AnalyzeStack(proto.AnalyzeStackRequest(resources=[stacked(spec) for spec in specs]))


def about(spec: Spec) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "type": spec.type,
        "urn": spec.urn,
        "name": spec.name,
        "properties": build.to_struct(spec.props),
    }
    if spec.provider is not None:
        properties = build.to_struct(spec.provider)
        urn = build.urn("pulumi:providers:aws", "aws")
        fields["provider"] = proto.AnalyzerProviderResource(type="pulumi:providers:aws", urn=urn, properties=properties)
    return fields


def request(spec: Spec) -> Any:
    return proto.AnalyzeRequest(**about(spec))


def stacked(spec: Spec) -> Any:
    depends = {key: proto.AnalyzerPropertyDependencies(urns=urns) for key, urns in spec.depends.items()}
    return proto.AnalyzerResource(**about(spec), propertyDependencies=depends)


def names(response: Any) -> list[str]:
    return [diagnostic.policyName for diagnostic in response.diagnostics]


@pytest.fixture(autouse=True)
def _no_profile_of_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(adapter.PROFILE_VARIABLE, raising=False)


@pytest.fixture
def security() -> Iterator[Client]:
    client = Client(AnalyzerServicer(SECURITY, clock=lambda: build.TODAY))
    yield client
    client.close()


@pytest.fixture
def cost() -> Iterator[Client]:
    client = Client(AnalyzerServicer(COST, clock=lambda: build.TODAY))
    yield client
    client.close()


@pytest.fixture(scope="module")
def clients() -> Iterator[dict[str, Client]]:
    made = {pack.prefix: Client(AnalyzerServicer(pack, clock=lambda: build.TODAY)) for pack in PACKS}
    yield made
    for client in made.values():
        client.close()


WIRED = [case for case in CASES if not case.params]


GROUPS = sorted({(case.rule.partition("-")[0], case.environment or "") for case in WIRED})


@pytest.mark.parametrize(("pack", "environment"), GROUPS)
def test_protocol_cases_get_the_same_verdicts(
    clients: dict[str, Client], pack: str, environment: str, tmp_path: Path
) -> None:
    profile = tmp_path / "plain.yaml"
    profile.write_text("name: plain\ndescription: Every rule with its own defaults.\ndefault: mandatory\n")
    client = clients[pack]
    client.stub.ConfigureStack(proto.AnalyzerStackConfigureRequest(stack="unnamed"))
    client.configure(name=str(profile), **({"environment": environment} if environment else {}))
    cases = [c for c in WIRED if c.rule.startswith(f"{pack}-") and (c.environment or "") == environment]
    # Stacks first: what was asked about by itself is remembered until the stack is judged.
    cases.sort(key=lambda case: RULES[case.rule].scope is not Scope.STACK)
    assert cases
    assert [problem for case in cases for problem in differences(client, case)] == []


def differences(client: Client, case: Case) -> Iterator[str]:
    """Yield how the answer over the protocol differs from what a case says."""
    stack = RULES[case.rule].scope is Scope.STACK
    response = client.analyze_stack(*case.specs) if stack else client.analyze(case.specs[0])
    found = [one for one in response.diagnostics if one.policyName == case.rule and one.urn == case.specs[0].urn]
    wanted = {Verdict.FAIL: [proto.MANDATORY], Verdict.UNDETERMINED: [proto.ADVISORY]}.get(case.expected, [])
    text = "\n".join(one.message for one in found)
    silent = {one.policy_name for one in response.not_applicable}
    if (case.rule in silent) != (case.expected is Verdict.NOT_APPLICABLE):
        yield f"{case} is {'not ' if case.rule not in silent else ''}told as not applicable"
    if [one.enforcementLevel for one in found] != wanted:
        yield f"{case}: {text or 'nothing'}"
    elif case.expected is Verdict.FAIL and case.says not in text:
        yield f"{case} does not say {case.says!r}: {text}"
    elif case.expected is Verdict.UNDETERMINED and not text.startswith("undetermined: "):
        yield f"{case}: {text}"


def test_info_describes_every_rule_at_the_level_of_the_profile(security: Client) -> None:
    info = security.info()
    assert (info.name, info.supportsConfig) == ("mlops-security", True)
    by_name = {policy.name: policy for policy in info.policies}
    assert set(by_name) == {*SECURITY.by_id, "profile", "exemptions", "undetermined"}
    policy = by_name["SEC-S3-001"]
    assert policy.policy_type == proto.POLICY_TYPE_STACK
    assert policy.severity == proto.POLICY_SEVERITY_CRITICAL
    assert policy.enforcementLevel == proto.MANDATORY
    assert (policy.framework.name, policy.framework.reference) == ("fsbp", "S3.8")
    assert "checkov:CKV2_AWS_6" in policy.tags
    assert by_name["SEC-EKS-001"].policy_type == proto.POLICY_TYPE_RESOURCE


def test_info_names_a_schema_for_the_profile_section(security: Client) -> None:
    [policy] = [policy for policy in security.info().policies if policy.name == "profile"]
    assert set(policy.configSchema.properties.fields) == set(adapter.PackConfig.model_fields)


def test_analyze_names_each_failed_rule_with_its_severity(security: Client) -> None:
    response = security.analyze(CLUSTER)
    failed = {one.policyName: (one.enforcementLevel, one.severity) for one in response.diagnostics}
    assert failed["SEC-EKS-001"] == (proto.MANDATORY, proto.POLICY_SEVERITY_HIGH)
    assert failed["SEC-EKS-005"] == (proto.MANDATORY, proto.POLICY_SEVERITY_MEDIUM)
    assert {one.urn for one in response.diagnostics} == {CLUSTER.urn}
    assert {one.policyPackName for one in response.diagnostics} == {"mlops-security"}


def test_analyze_rules_that_do_not_look_are_not_applicable_rather_than_passed(security: Client) -> None:
    resource_rules = {rule.id for rule in SECURITY.rules if rule.scope is Scope.RESOURCE}
    assert {one.policy_name for one in security.analyze(QUEUE).not_applicable} == resource_rules
    key = Spec("aws:kms/key:Key", {"enableKeyRotation": True})
    assert {one.policy_name for one in security.analyze(key).not_applicable} == resource_rules - {
        "SEC-KMS-001",
        "SEC-KMS-002",
        "SEC-KMS-003",
    }


def test_analyze_not_applicable_gives_the_rule_s_reason(security: Client) -> None:
    response = security.analyze(Spec("aws:kms/key:Key", {"customerMasterKeySpec": "RSA_4096"}))
    reasons = {one.policy_name: one.reason for one in response.not_applicable}
    assert reasons["SEC-KMS-001"] == "AWS rotates symmetric encryption keys only"


def test_analyze_reads_properties_once_whatever_the_number_of_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[Any] = []
    read = adapter.read_struct

    def count(struct: struct_pb2.Struct) -> dict[str, Any]:
        if "marker" in struct.fields:
            reads.append(struct)
        return read(struct)

    monkeypatch.setattr(adapter, "read_struct", count)
    rules = tuple(_clone(RULES["SEC-EKS-001"], number) for number in range(1, 121))
    many = Pack("mlops-test", "0.1.0", "SEC", "Rules of a test", rules)
    monkeypatch.setattr(profiles, "load", lambda name, pack: build.profile(pack))
    client = Client(AnalyzerServicer(many))
    try:
        marked = Spec(CLUSTER.type, {"marker": True})
        assert len(client.analyze(marked).diagnostics) == 120
        assert len(reads) == 1
        client.stub.Remediate(request(marked))
        client.analyze(Spec("aws:sqs/queue:Queue", {"marker": True}))
        client.analyze_stack(marked, Spec(CLUSTER.type, {"marker": True}, "second"))
        assert len(reads) == 1
    finally:
        client.close()


def _clone(rule: Rule, number: int) -> Rule:
    return rule.model_copy(update={"id": f"SEC-EKS-{number:03}", "name": f"{rule.name}-{number}"})


def test_configure_profile_changes_levels(security: Client) -> None:
    security.configure(name="development")
    levels = {one.policyName: one.enforcementLevel for one in security.analyze(CLUSTER).diagnostics}
    assert levels["SEC-EKS-001"] == proto.ADVISORY


def test_configure_environment_variable_chooses_the_profile(monkeypatch: pytest.MonkeyPatch, security: Client) -> None:
    monkeypatch.setenv(adapter.PROFILE_VARIABLE, "development")
    levels = {policy.name: policy.enforcementLevel for policy in security.info().policies}
    assert levels["SEC-EKS-001"] == proto.ADVISORY
    security.configure(name="regulated")
    assert proto.MANDATORY in {one.enforcementLevel for one in security.analyze(CLUSTER).diagnostics}


def test_configure_single_level_wins_over_the_profile(security: Client) -> None:
    security.configure(name="development", levels={"SEC-EKS-001": proto.DISABLED, "SEC-EKS-005": proto.ADVISORY})
    assert "SEC-EKS-001" not in names(security.analyze(CLUSTER))
    silent = {one.policy_name for one in security.analyze(CLUSTER).not_applicable}
    assert "SEC-EKS-001" in silent


def test_configure_strict_makes_undetermined_mandatory(security: Client) -> None:
    open_ = Spec("aws:kms/key:Key", {"enableKeyRotation": UNKNOWN})
    [line] = security.analyze(open_).diagnostics
    assert line.enforcementLevel == proto.ADVISORY
    security.configure(strict=True)
    [line] = security.analyze(open_).diagnostics
    assert line.enforcementLevel == proto.MANDATORY


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ({"name": "nowhere"}, "profile nowhere: no such file; use one of baseline, development, regulated"),
        ({"nmae": "regulated"}, "profile.nmae: Extra inputs are not permitted"),
        ({"strict": "perhaps"}, "profile.strict"),
        (
            {"levels": {"SEC-EKS-999": proto.ADVISORY}},
            "SEC-EKS-999: there is no such policy in mlops-security",
        ),
    ],
)
def test_configure_mistake_stops_the_update_with_its_name(security: Client, section: Any, says: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        security.configure(**section)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert says in caught.value.details()


def test_configure_parameters_of_a_rule_are_left_to_the_profile(cost: Client) -> None:
    config = {"COST-LOG-001": proto.PolicyConfig(enforcementLevel=proto.ADVISORY)}
    config["COST-LOG-001"].properties.update({"maximum_days": 1})
    with pytest.raises(grpc.RpcError, match="takes no properties here; set parameters in the profile"):
        cost.stub.Configure(proto.ConfigureAnalyzerRequest(policyConfig=config))


def test_info_with_a_broken_profile_fails(monkeypatch: pytest.MonkeyPatch, security: Client) -> None:
    monkeypatch.setenv(adapter.PROFILE_VARIABLE, "nowhere")
    with pytest.raises(grpc.RpcError, match="profile nowhere: no such file"):
        security.info()


@pytest.mark.parametrize(
    ("stack", "config", "failing"),
    [("dev", {}, True), ("x", {"mlops:environment": "prod"}, False), ("prod", {}, False)],
)
def test_configure_stack_gives_the_environment(cost: Client, stack: str, config: Any, failing: bool) -> None:
    cost.stub.ConfigureStack(proto.AnalyzerStackConfigureRequest(stack=stack, config=config))
    assert ("COST-GPU-001" in names(cost.analyze(gpu.node_pool(gpu.G5)))) is failing


def test_analyze_stack_joins_and_counts_what_stays_open(security: Client) -> None:
    security.analyze(Spec("aws:kms/key:Key", {"enableKeyRotation": UNKNOWN}))
    block = Spec(storage.BLOCK, {"bucket": UNKNOWN, **storage.ON}, "block", storage.OF_NEW)
    policy = Spec(storage.POLICY, {"bucket": UNKNOWN, "policy": UNKNOWN}, "tls", storage.OF_NEW)
    response = security.analyze_stack(storage.NEW, block, policy)
    assert {"SEC-S3-001", "SEC-S3-004"} & set(names(response)) == {"SEC-S3-004"}
    assert "2 verdicts are undetermined: SEC-KMS-001 (1), SEC-S3-004 (1)" in response.diagnostics[-1].message
    assert response.diagnostics[-1].urn == ""


def test_analyze_secret_is_never_in_a_response(security: Client) -> None:
    spec = Spec(CLUSTER.type, {"version": secret("hunter2-1.30"), "enabledClusterLogTypes": [secret("hunter2")]})
    response = security.analyze(spec)
    assert len(response.diagnostics) >= 3
    assert "hunter2" not in str(response)


def test_remediate_without_being_asked_does_nothing(security: Client) -> None:
    assert security.stub.Remediate(request(CLUSTER)).ByteSize() == 0


def test_remediate_returns_the_resource_with_only_the_fix_added(security: Client) -> None:
    security.configure(remediate=True)
    spec = Spec(CLUSTER.type, {"name": secret("main"), "roleArn": UNKNOWN, "version": 1.5})
    [repair] = security.stub.Remediate(request(spec)).remediations
    assert (repair.policyName, repair.diagnostic) == ("SEC-EKS-005", "")
    wanted = build.to_struct({**spec.props, "enabledClusterLogTypes": cluster.LOGS})
    assert repair.properties == wanted


def test_remediate_what_cannot_be_repaired_is_a_diagnostic(cost: Client) -> None:
    cost.configure(remediate=True)
    mappings = [*volumes.GP2, UNKNOWN]
    spec = Spec("aws:ec2/launchTemplate:LaunchTemplate", {"blockDeviceMappings": mappings})
    [repair] = cost.stub.Remediate(request(spec)).remediations
    assert "cannot be repaired" in repair.diagnostic
    assert not repair.HasField("properties")


def test_remediate_single_rule_by_its_level(security: Client) -> None:
    security.configure(levels={"SEC-KMS-001": proto.REMEDIATE})
    assert not security.stub.Remediate(request(CLUSTER)).remediations
    [repair] = security.stub.Remediate(request(Spec("aws:kms/key:Key"))).remediations
    assert repair.properties.fields["enableKeyRotation"].bool_value is True


def test_analyze_in_parallel_gives_what_one_by_one_gives(security: Client) -> None:
    expected = names(security.analyze(CLUSTER))
    answers: list[list[str]] = []
    threads = [threading.Thread(target=lambda: answers.append(names(security.analyze(CLUSTER)))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [expected] * 20


def test_handshake_plugin_info_and_cancel_are_answered() -> None:
    stopped = threading.Event()
    client = Client(AnalyzerServicer(SECURITY, on_cancel=stopped.set))
    try:
        client.stub.Handshake(proto.AnalyzerHandshakeRequest(engine_address="127.0.0.1:1"))
        assert client.stub.GetPluginInfo(NOTHING).version == "0.1.0"
        client.stub.Cancel(NOTHING)
        assert stopped.is_set()
    finally:
        client.close()


def test_adapter_speaks_every_method_of_the_protocol() -> None:
    service = analyzer_pb2_grpc.AnalyzerServicer
    methods = {name for name in vars(service) if name[0].isupper()}
    assert methods == {name for name in vars(AnalyzerServicer) if name[0].isupper()}


def test_analyze_stack_takes_the_inputs_of_what_has_no_outputs_yet(cost: Client) -> None:
    # A provider whose configuration is not known yet is not asked: its resources come without any property.
    pool = gpu.node_pool(gpu.G5, limits={"nvidia.com/gpu": "8"})
    cost.configure(name="baseline", environment="development")
    cost.analyze(pool)
    judged = names(cost.analyze_stack(Spec(pool.type, {}, pool.name)))
    cost.analyze(pool)
    assert names(cost.analyze_stack(pool)) == judged

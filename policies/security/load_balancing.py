"""Application and network load balancers that the program makes; those of Kubernetes controllers are not in a plan."""

import re
from collections.abc import Iterator
from typing import Final

from pydantic import Field

from policies._engine.build import differs, each, rule, stack_rule
from policies._engine.model import Resource, Stack
from policies._engine.rule import ByEnvironment, Context, Finding, NotApplicable, Outcome, Params, Severity
from policies._engine.values import View
from policies._engine.wire import Undetermined

LISTENER = ("aws:lb/listener:Listener", "aws:alb/listener:Listener")
LISTENER_RULE = ("aws:lb/listenerRule:ListenerRule", "aws:alb/listenerRule:ListenerRule")
BALANCER = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")

TLS_POLICY: Final = re.compile(r"ELBSecurityPolicy-(TLS13|TLS|FS)-1-[23](-|$)")
"""Policies without TLS 1.0 and 1.1: their names tell the oldest version that they take (Elastic Load Balancing user
guide, security policies, read 2026-11-23)."""

RECOMMENDED: Final = re.compile(r"ELBSecurityPolicy-TLS13-1-(3|2-Res)-")
"""Those that FSBP ELB.17 names (AWS Security Hub user guide, read 2026-11-23)."""

ENCRYPTED: Final = ("HTTPS", "TLS")
PASSED_ON: Final = ("TCP", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC")


class ListenerParams(Params):
    """Parameters of SEC-LB-001."""

    recommended: bool = False
    """Whether only those policies will do that AWS recommends: TLS 1.3, or 1.2 with forward secrecy and AEAD."""


@stack_rule(
    "SEC-LB-001",
    "elb-listener-require-tls",
    "Load balancers speak TLS 1.2 or later, and HTTP only to redirect",
    on=LISTENER,
    params=ListenerParams,
    severity=Severity.HIGH,
    rationale="Prompts, predictions and session cookies that travel in the clear can be read and changed on the way.",
    controls=(
        "cis-eks:5.4.4",
        "fsbp:ELB.1",
        "fsbp:ELB.18",
        "fsbp:ELB.17",
        "checkov:CKV_AWS_2",
        "checkov:CKV_AWS_103",
        "checkov:CKV2_AWS_20",
        "aisf:AISF-INFRA-06",
        "nist-800-53:SC-8",
        "nist-800-53:SC-8(1)",
        "soc2:CC6.7",
    ),
    bad='protocol="HTTPS", certificate_arn=arn  # the default policy takes TLS 1.0',
    remedy=(
        "Name a policy of TLS 1.2 or later. Plain HTTP listeners redirect to HTTPS and do nothing else.",
        'protocol="HTTPS", certificate_arn=arn, ssl_policy="ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"',
    ),
)
def tls_listeners(listener: Resource, stack: Stack, ctx: Context[ListenerParams]) -> Iterator[Outcome]:
    """With the rules of a listener: one that forwards is enough to serve in the clear."""
    protocol = _protocol(listener)
    if protocol in ENCRYPTED:
        yield from _policy(listener, ctx.params.recommended)
    elif protocol == "HTTP":
        yield from _only_redirects(listener, "defaultActions", "")
        rules = stack.pointing_at(listener, LISTENER_RULE, "listenerArn", ids=("arn",)).partners
        yield from each(rules, lambda one: _only_redirects(one, "actions", f"{one.name}: "))
    elif protocol in PASSED_ON:
        raise NotApplicable(f"{protocol} is passed on; whether it is encrypted, its two ends decide")
    else:
        raise Undetermined(f"protocol is {listener.props.shown('protocol')}, which is not known here")


def _protocol(listener: Resource) -> str:
    """Application load balancers take HTTP where nothing is said; gateway ones have neither protocol nor port."""
    if listener.sets("protocol"):
        return listener.props.text("protocol").upper()
    if not listener.sets("port"):
        raise NotApplicable("it is of a gateway load balancer, which passes packets on")
    return "HTTP"


def _policy(listener: Resource, recommended: bool) -> Iterator[Outcome]:
    # Outside the console the default is ELBSecurityPolicy-2016-08, which takes TLS 1.0.
    if not listener.sets("sslPolicy"):
        yield Finding("sslPolicy is unset, and the default takes TLS 1.0; wanted a policy of TLS 1.2 or later")
        return
    policy = listener.props.text("sslPolicy")
    if not TLS_POLICY.match(policy):
        yield differs(listener.props, "sslPolicy", "a policy of TLS 1.2 or later")
    elif recommended and not RECOMMENDED.match(policy):
        yield differs(listener.props, "sslPolicy", "one of ELBSecurityPolicy-TLS13-1-2-Res-* or -TLS13-1-3-*")


def _only_redirects(holder: Resource, key: str, prefix: str) -> Iterator[Outcome]:
    actions = holder.props.sequence(key)
    if not len(actions):
        raise Undetermined(f"{prefix}{key} is empty")
    yield from each(actions, lambda action: _redirects(action, prefix))


def _redirects(action: View, prefix: str) -> Iterator[Outcome]:
    kind = action.text("type")
    if kind == "redirect":
        if action.text("redirect.protocol").upper() != "HTTPS":
            yield Finding(f"{prefix}{differs(action, 'redirect.protocol', 'HTTPS').message}")
    elif kind != "fixed-response" or not prefix:
        yield Finding(f"{prefix}{differs(action, 'type', 'a redirect to HTTPS, as the listener speaks HTTP').message}")


class BalancerParams(Params):
    """Parameters of SEC-LB-002."""

    deletion_protection: ByEnvironment[bool] = Field(default={"default": True, "development": False, "sandbox": False})
    """Whether load balancers are protected against deletion, by environment; `default` for the others."""


@rule(
    "SEC-LB-002",
    "elb-loadbalancer-configure-protection",
    "Load balancers drop invalid headers, log access and resist deletion",
    on=BALANCER,
    params=BalancerParams,
    severity=Severity.MEDIUM,
    rationale="Invalid headers smuggle requests past checks; without access logs nobody sees who came; a deleted "
    "balancer takes its address with it.",
    controls=(
        "fsbp:ELB.4",
        "fsbp:ELB.5",
        "fsbp:ELB.6",
        "checkov:CKV_AWS_91",
        "checkov:CKV_AWS_131",
        "checkov:CKV_AWS_150",
        "nist-800-53:AU-2",
        "nist-800-53:AU-12",
        "soc2:CC7.2",
    ),
    bad='aws.lb.LoadBalancer(name, load_balancer_type="application", subnets=subnets)',
    remedy=(
        "Switch the three on; the bucket's policy must let Elastic Load Balancing write.",
        "drop_invalid_header_fields=True, enable_deletion_protection=True,\n"
        'access_logs={"bucket": logs.bucket, "enabled": True}',
    ),
)
def protected_balancers(balancer: Resource, ctx: Context[BalancerParams]) -> Iterator[Outcome]:
    """Headers and requests are known to application load balancers only. All three are off by default."""
    checks = (_headers, _access_logs) if balancer.props.text("loadBalancerType", "application") == "application" else ()
    yield from each(checks, lambda check: check(balancer.props))
    yield from each((balancer.props,), lambda props: _deletion(props, ctx))


def _headers(props: View) -> Iterator[Outcome]:
    if not props.flag("dropInvalidHeaderFields"):
        yield differs(props, "dropInvalidHeaderFields", "true (the default is false)")


def _access_logs(props: View) -> Iterator[Outcome]:
    if not props.flag("accessLogs.enabled"):
        yield differs(props, "accessLogs.enabled", "true (the default is false)")


def _deletion(props: View, ctx: Context[BalancerParams]) -> Iterator[Outcome]:
    if not props.flag("enableDeletionProtection") and ctx.by_environment(ctx.params.deletion_protection):
        yield differs(props, "enableDeletionProtection", "true (the default is false)")


RULES = (tls_listeners, protected_balancers)

"""Cases of the rules on load balancers."""

from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    OTHER,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_BOOL,
    UNKNOWN_LIST,
    UNKNOWN_OBJECT,
    Case,
    Spec,
    urn,
)

LISTENER = "aws:lb/listener:Listener"
LISTENER_RULE = "aws:lb/listenerRule:ListenerRule"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"

FORWARD = {"type": "forward", "targetGroupArn": "arn:tg"}
REDIRECT = {"type": "redirect", "redirect": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}}
FIXED = {"type": "fixed-response", "fixedResponse": {"contentType": "text/plain"}}
STRONG = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"


def listener(protocol: Any = None, *actions: Any, kind: str = LISTENER, **props: Any) -> Spec:
    said = {} if protocol is None else {"protocol": protocol}
    base = {"arn": "arn:listener", "port": 80, "defaultActions": list(actions) or [REDIRECT]}
    return Spec(kind, {**base, **said, **props})


def https(policy: Any, protocol: str = "HTTPS", **props: Any) -> Spec:
    return listener(protocol, FORWARD, sslPolicy=policy, **props)


def rule(*actions: Any, arn: Any = "arn:listener", depends: Any = None) -> Spec:
    return Spec(LISTENER_RULE, {"listenerArn": arn, "actions": list(actions)}, "extra", depends or {})


def balancer(kind: str = BALANCER, **props: Any) -> Spec:
    good = {"dropInvalidHeaderFields": True, "enableDeletionProtection": True}
    return Spec(kind, {**good, "accessLogs": {"bucket": "logs", "enabled": True}, **props})


PRODUCTION = "production"
CASES = (
    Case("SEC-LB-001", "TLS 1.2", PASS, (https(STRONG),)),
    Case("SEC-LB-001", "TLS 1.3 alone", PASS, (https("ELBSecurityPolicy-TLS13-1-3-2021-06"),)),
    Case("SEC-LB-001", "TLS 1.2 of old", PASS, (https("ELBSecurityPolicy-TLS-1-2-Ext-2018-06", "TLS"),)),
    Case("SEC-LB-001", "redirect", PASS, (listener("HTTP"),)),
    Case("SEC-LB-001", "redirect by default protocol", PASS, (listener(),)),
    Case("SEC-LB-001", "redirect with a rule that does so too", PASS, (listener("HTTP"), rule(REDIRECT))),
    Case("SEC-LB-001", "redirect with a rule that answers by itself", PASS, (listener("HTTP"), rule(FIXED))),
    Case("SEC-LB-001", "rule of another listener", PASS, (listener("HTTP"), rule(FORWARD, arn="arn:other"))),
    Case("SEC-LB-001", "recommended", PASS, (https(STRONG),), params={"recommended": True}),
    Case(
        "SEC-LB-001",
        "recommended wanted",
        FAIL,
        (https("ELBSecurityPolicy-TLS13-1-2-2021-06"),),
        "wanted one of ELBSecurityPolicy-TLS13-1-2-Res-*",
        params={"recommended": True},
    ),
    Case("SEC-LB-001", "default policy", FAIL, (listener("HTTPS", FORWARD),), "the default takes TLS 1.0"),
    Case(
        "SEC-LB-001",
        "default policy in a preview",
        FAIL,
        (Spec(LISTENER, {"protocol": "HTTPS", "sslPolicy": UNKNOWN}, depends={"protocol": []}),),
        "sslPolicy is unset",
    ),
    Case("SEC-LB-001", "TLS 1.0", FAIL, (https("ELBSecurityPolicy-2016-08"),), "wanted a policy of TLS 1.2"),
    Case("SEC-LB-001", "TLS 1.0 to 1.3", FAIL, (https("ELBSecurityPolicy-TLS13-1-0-2021-06"),)),
    Case("SEC-LB-001", "TLS 1.1 of a network balancer", FAIL, (https("ELBSecurityPolicy-FS-1-1-2019-08", "TLS"),)),
    Case("SEC-LB-001", "plain", FAIL, (listener("HTTP", FORWARD),), 'defaultActions.0.type is "forward"'),
    Case("SEC-LB-001", "plain by default protocol", FAIL, (listener(None, FORWARD),)),
    Case(
        "SEC-LB-001", "plain by its other token", FAIL, (listener("HTTP", FORWARD, kind="aws:alb/listener:Listener"),)
    ),
    Case("SEC-LB-001", "answers by itself", FAIL, (listener("HTTP", FIXED),)),
    Case("SEC-LB-001", "redirect to itself", FAIL, (listener("HTTP", {"type": "redirect", "redirect": {}}),), "HTTPS"),
    Case("SEC-LB-001", "unknown action beside a plain one", FAIL, (listener("HTTP", UNKNOWN_OBJECT, FORWARD),)),
    Case("SEC-LB-001", "rule that forwards", FAIL, (listener("HTTP"), rule(FORWARD)), "extra: actions.0.type"),
    Case(
        "SEC-LB-001",
        "rule that forwards in a first preview",
        FAIL,
        (
            listener("HTTP", arn=UNKNOWN),
            rule(FORWARD, arn=UNKNOWN, depends={"listenerArn": [urn(LISTENER, "subject")]}),
        ),
    ),
    Case("SEC-LB-001", "policy unknown", OPEN, (Spec(LISTENER, https(UNKNOWN).props, depends={"sslPolicy": []}),)),
    Case("SEC-LB-001", "actions unknown", OPEN, (listener("HTTP", defaultActions=UNKNOWN_LIST),)),
    Case("SEC-LB-001", "no actions", OPEN, (listener("HTTP", defaultActions=[]),), "defaultActions is empty"),
    Case("SEC-LB-001", "rule unknown", OPEN, (listener("HTTP"), rule(UNKNOWN_OBJECT))),
    Case("SEC-LB-001", "protocol of tomorrow", OPEN, (listener("HTTP9"),), "not known here"),
    Case("SEC-LB-001", "passed on", SKIP, (listener("TCP", FORWARD),), "TCP is passed on"),
    Case("SEC-LB-001", "gateway", SKIP, (Spec(LISTENER, {"defaultActions": [FORWARD]}),), "gateway load balancer"),
    Case("SEC-LB-001", "another type", SKIP, (OTHER,)),
    Case("SEC-LB-002", "all three", PASS, (balancer(),)),
    Case(
        "SEC-LB-002",
        "development may be deleted",
        PASS,
        (balancer(enableDeletionProtection=False),),
        "",
        {},
        "development",
    ),
    Case(
        "SEC-LB-002",
        "network balancer",
        PASS,
        (Spec(BALANCER, {"loadBalancerType": "network", "enableDeletionProtection": True}),),
    ),
    Case("SEC-LB-002", "default", FAIL, (Spec(BALANCER, {"name": "a"}),), "dropInvalidHeaderFields is unset"),
    Case("SEC-LB-002", "other token", FAIL, (balancer("aws:alb/loadBalancer:LoadBalancer", accessLogs=None),)),
    Case("SEC-LB-002", "headers kept", FAIL, (balancer(dropInvalidHeaderFields=False),)),
    Case("SEC-LB-002", "logs named and off", FAIL, (balancer(accessLogs={"bucket": "logs"}),), "accessLogs.enabled"),
    Case(
        "SEC-LB-002", "unknown beside no logs", FAIL, (balancer(dropInvalidHeaderFields=UNKNOWN_BOOL, accessLogs={}),)
    ),
    Case(
        "SEC-LB-002", "may be deleted", FAIL, (balancer(enableDeletionProtection=False),), "Protection", {}, PRODUCTION
    ),
    Case(
        "SEC-LB-002",
        "network balancer may be deleted",
        FAIL,
        (Spec(BALANCER, {"loadBalancerType": "network"}),),
        environment=PRODUCTION,
    ),
    Case("SEC-LB-002", "headers unknown", OPEN, (balancer(dropInvalidHeaderFields=UNKNOWN_BOOL),)),
    Case("SEC-LB-002", "logs unknown", OPEN, (balancer(accessLogs=UNKNOWN_OBJECT),)),
    Case("SEC-LB-002", "environment unknown", OPEN, (balancer(enableDeletionProtection=False),), "environment"),
    Case("SEC-LB-002", "switch is a text", OPEN, (balancer(dropInvalidHeaderFields="true"),), "a boolean was expected"),
    Case("SEC-LB-002", "another type", SKIP, (OTHER,)),
)

"""Cases of the rules on add-ons of EKS clusters."""

import json
from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    OTHER,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_LIST,
    UNKNOWN_OBJECT,
    Case,
    Spec,
    object_,
    secret,
    urn,
)

CLUSTER = "aws:eks/cluster:Cluster"
ADDON = "aws:eks/addon:Addon"
ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
ROLE = "arn:aws:iam::123456789012:role/ebs"

ML = Spec(CLUSTER, {"id": "ml", "name": "ml"})
NEW = Spec(CLUSTER, {"id": UNKNOWN, "name": UNKNOWN})
SECOND = Spec(CLUSTER, {"id": "second", "name": "second"}, "second")
AUTO = Spec(CLUSTER, {"id": "ml", "name": "ml", "computeConfig": {"enabled": True}})
OF_NEW = {"clusterName": [NEW.urn]}


def cni(values: Any, cluster: Any = "ml", **more: Any) -> Spec:
    text = json.dumps(values) if isinstance(values, dict) else values
    props = {"addonName": "vpc-cni", "clusterName": cluster, "configurationValues": text}
    return Spec(ADDON, props, "cni", **more)


def release(chart: Any, **props: Any) -> Spec:
    return Spec("kubernetes:helm.sh/v3:Release", {"chart": chart, **props}, "network")


def daemon(name: Any) -> Spec:
    return object_("apps/v1", "DaemonSet", "network", metadata={"name": name, "namespace": "kube-system"})


def config(value: Any, name: str = "amazon-vpc-cni") -> Spec:
    return object_(
        "v1", "ConfigMap", "network", metadata={"name": name}, data={"enable-network-policy-controller": value}
    )


def addon(name: Any = "aws-ebs-csi-driver", **props: Any) -> Spec:
    depends = props.pop("depends", {})
    return Spec(ADDON, {"addonName": name, "clusterName": "ml", **props}, depends=depends)


def identity(account: Any = "ebs-csi-controller-sa", cluster: Any = "ml", **more: Any) -> Spec:
    props = {"clusterName": cluster, "namespace": "kube-system", "serviceAccount": account, "roleArn": ROLE}
    return Spec(ASSOCIATION, props, "identity", **more)


ON = {"enableNetworkPolicy": "true"}
SET = {"podIdentityAssociations": [urn("aws:iam/role:Role", "ebs")]}
FROM = {"configurationValues": [urn("aws:ssm/parameter:Parameter", "values")]}

CASES = (
    Case("SEC-EKS-014", "by the add-on", PASS, (ML, cni(ON))),
    Case("SEC-EKS-014", "by the add-on with a boolean", PASS, (ML, cni({"enableNetworkPolicy": True}))),
    Case("SEC-EKS-014", "secret values", PASS, (ML, cni(secret(json.dumps(ON))))),
    Case("SEC-EKS-014", "first preview", PASS, (NEW, SECOND, cni(ON, UNKNOWN, depends=OF_NEW))),
    Case("SEC-EKS-014", "by cilium", PASS, (ML, cni(None), release("oci://mirror/charts/cilium"))),
    Case("SEC-EKS-014", "by the chart of the cni", PASS, (ML, release("aws-vpc-cni", values=ON))),
    Case("SEC-EKS-014", "by a daemon set", PASS, (ML, daemon("calico-node"))),
    Case("SEC-EKS-014", "in auto mode", PASS, (AUTO, config("true"))),
    Case("SEC-EKS-014", "an unknown beside cilium", PASS, (ML, cni(UNKNOWN, depends=FROM), release("cilium"))),
    Case("SEC-EKS-014", "left to the default", FAIL, (ML, cni(None)), "no add-on vpc-cni with enableNetworkPolicy"),
    Case("SEC-EKS-014", "off", FAIL, (ML, cni({"enableNetworkPolicy": "false"}))),
    Case("SEC-EKS-014", "other values", FAIL, (ML, cni({"env": {"WARM_IP_TARGET": "2"}}))),
    Case("SEC-EKS-014", "values are a list", FAIL, (ML, cni("[]"))),
    Case("SEC-EKS-014", "no add-on", FAIL, (ML,)),
    Case("SEC-EKS-014", "another add-on", FAIL, (ML, addon("coredns", configurationValues=json.dumps(ON)))),
    Case("SEC-EKS-014", "of another cluster", FAIL, (ML, SECOND, cni(ON, "second"))),
    Case("SEC-EKS-014", "another chart", FAIL, (ML, release("karpenter"), release("aws-vpc-cni", values={}))),
    Case("SEC-EKS-014", "auto mode without the controller", FAIL, (AUTO, config("false"), config("true", "other"))),
    Case("SEC-EKS-014", "the controller without auto mode", FAIL, (ML, config("true"))),
    Case("SEC-EKS-014", "left out in a preview", FAIL, (ML, cni(UNKNOWN))),
    Case(
        "SEC-EKS-014", "values unknown", OPEN, (ML, cni(UNKNOWN, depends=FROM)), "configurationValues is not known yet"
    ),
    Case("SEC-EKS-014", "values not json", OPEN, (ML, cni("enableNetworkPolicy: true")), "not a valid JSON"),
    Case("SEC-EKS-014", "cluster of the add-on unknown", OPEN, (NEW, cni(ON, UNKNOWN)), "perhaps of this one"),
    Case("SEC-EKS-014", "cilium of two clusters", OPEN, (ML, SECOND, release("cilium")), "may be in another cluster"),
    Case("SEC-EKS-014", "chart unknown", OPEN, (ML, release(UNKNOWN))),
    Case("SEC-EKS-014", "another type", SKIP, (OTHER,)),
    Case(
        "SEC-EKS-016",
        "pod identity",
        PASS,
        (addon(podIdentityAssociations=[{"roleArn": UNKNOWN, "serviceAccount": "ebs-csi-controller-sa"}]),),
    ),
    Case("SEC-EKS-016", "service account role", PASS, (addon(serviceAccountRoleArn=ROLE),)),
    Case(
        "SEC-EKS-016",
        "service account role of the same stack",
        PASS,
        (addon(serviceAccountRoleArn=UNKNOWN, depends={"serviceAccountRoleArn": [urn("aws:iam/role:Role", "ebs")]}),),
    ),
    Case("SEC-EKS-016", "association of its own", PASS, (addon(), identity())),
    Case(
        "SEC-EKS-016",
        "association in a first preview",
        PASS,
        (addon(clusterName=UNKNOWN, depends=OF_NEW), identity(cluster=UNKNOWN, depends=OF_NEW)),
    ),
    Case(
        "SEC-EKS-016",
        "an add-on of the company",
        PASS,
        (addon("acme-agent"), identity("acme")),
        params={"service_accounts": {"acme-agent": "acme"}},
    ),
    Case("SEC-EKS-016", "nothing", FAIL, (addon(),), "it uses the node's role"),
    Case("SEC-EKS-016", "empty list", FAIL, (addon("vpc-cni", podIdentityAssociations=[]),)),
    Case("SEC-EKS-016", "role left out in a preview", FAIL, (addon(serviceAccountRoleArn=UNKNOWN),)),
    Case("SEC-EKS-016", "association of another account", FAIL, (addon(), identity("aws-node"))),
    Case("SEC-EKS-016", "association in another cluster", FAIL, (addon(), identity(cluster="second"))),
    Case("SEC-EKS-016", "list left out in a preview", FAIL, (addon(podIdentityAssociations=UNKNOWN_LIST),)),
    Case(
        "SEC-EKS-016",
        "list unknown",
        OPEN,
        (addon(podIdentityAssociations=UNKNOWN_LIST, depends=SET),),
    ),
    Case("SEC-EKS-016", "list is an object", OPEN, (addon(podIdentityAssociations=UNKNOWN_OBJECT, depends=SET),)),
    Case("SEC-EKS-016", "name unknown", OPEN, (addon(UNKNOWN),), "addonName is not known yet"),
    Case("SEC-EKS-016", "cluster of the association unknown", OPEN, (addon(), identity(cluster=UNKNOWN)), "perhaps of"),
    Case("SEC-EKS-016", "account of the association unknown", OPEN, (addon(), identity(UNKNOWN))),
    Case("SEC-EKS-016", "needs no rights", SKIP, (addon("coredns"),), "needs no rights"),
    Case("SEC-EKS-016", "another type", SKIP, (OTHER,)),
)

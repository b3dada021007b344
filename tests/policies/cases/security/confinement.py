"""Cases of the rules on what keeps pods apart from their node."""

import json
from typing import Any

from tests.policies.build import (
    FAIL,
    OPEN,
    PASS,
    SKIP,
    UNKNOWN,
    UNKNOWN_BOOL,
    UNKNOWN_LIST,
    UNKNOWN_OBJECT,
    Case,
    Spec,
    object_,
)
from tests.policies.specs import deployment, listed, pod, workflow

PLAIN = {"image": "a"}
AGENTS = {"namespaces": ["node-exporter"]}

NAMESPACES = (
    Case("SEC-K8S-003", "none", PASS, (pod({"image": "a"}),)),
    Case("SEC-K8S-003", "explicitly off", PASS, (pod(PLAIN, hostNetwork=False, hostPID=False, hostIPC=False),)),
    Case(
        "SEC-K8S-003",
        "network",
        FAIL,
        (deployment(PLAIN, hostNetwork=True),),
        "template.spec.hostNetwork is true; wanted false",
    ),
    Case("SEC-K8S-003", "processes", FAIL, (pod(PLAIN, hostPID=True),), "hostPID"),
    Case("SEC-K8S-003", "memory beside an unknown one", FAIL, (pod(hostPID=UNKNOWN_BOOL, hostIPC=True),), "hostIPC"),
    Case("SEC-K8S-003", "neither true nor false", FAIL, (listed(pod(hostNetwork="yes")),)),
    Case(
        "SEC-K8S-003",
        "workflow",
        FAIL,
        (workflow("Workflow", {"container": {}}, hostNetwork=True),),
        "spec.hostNetwork is true",
    ),
    Case(
        "SEC-K8S-003",
        "patch of a template without containers",
        FAIL,
        (workflow("Workflow", {"resource": {}, "podSpecPatch": json.dumps({"hostPID": True})}),),
        "spec.templates.0.podSpecPatch.hostPID is true",
    ),
    Case(
        "SEC-K8S-003",
        "patch of an object",
        PASS,
        (Spec("kubernetes:apps/v1:DeploymentPatch", deployment({"name": "a"}).props),),
    ),
    Case(
        "SEC-K8S-003",
        "list of several",
        FAIL,
        (object_("v1", "List", items=[pod().props, pod(hostIPC=True).props]),),
        "items.1",
    ),
    Case("SEC-K8S-003", "unknown", OPEN, (pod(hostNetwork=UNKNOWN_BOOL),)),
    Case("SEC-K8S-003", "pod unknown", OPEN, (object_("v1", "Pod", spec=UNKNOWN_OBJECT),)),
    Case("SEC-K8S-003", "namespace unknown", OPEN, (pod(hostPID=True, namespace=UNKNOWN),), params=AGENTS),
    Case("SEC-K8S-003", "node agents", SKIP, (pod(PLAIN, hostPID=True, namespace="node-exporter"),), params=AGENTS),
    Case("SEC-K8S-003", "no workload", SKIP, (object_("v1", "ConfigMap"),)),
)


def seccomp(kind: Any = "RuntimeDefault", **more: Any) -> dict[str, Any]:
    return {"securityContext": {"seccompProfile": {"type": kind}, **more}}


def of_pod(*containers: Any, **context: Any) -> Spec:
    return pod(*containers, securityContext={"seccompProfile": {"type": "RuntimeDefault"}, **context})


DEFENCES = (
    Case("SEC-K8S-007", "container", PASS, (pod(seccomp()),)),
    Case("SEC-K8S-007", "pod", PASS, (of_pod(PLAIN),)),
    Case(
        "SEC-K8S-007",
        "node's own profile",
        PASS,
        (pod({"securityContext": {"seccompProfile": {"type": "Localhost", "localhostProfile": "a.json"}}}),),
    ),
    Case(
        "SEC-K8S-007",
        "all set to what is allowed",
        PASS,
        (
            of_pod(
                seccomp(
                    procMount="Default",
                    appArmorProfile={"type": "RuntimeDefault"},
                    seLinuxOptions={"type": "container_t", "user": "", "level": "s0:c1"},
                ),
                sysctls=[{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}],
            ),
        ),
    ),
    Case(
        "SEC-K8S-007",
        "default",
        FAIL,
        (pod(PLAIN),),
        "seccompProfile.type is unset; wanted RuntimeDefault or Localhost",
    ),
    Case("SEC-K8S-007", "unconfined", FAIL, (of_pod(seccomp("Unconfined")),), 'is "Unconfined"'),
    Case(
        "SEC-K8S-007",
        "empty profile of a container",
        FAIL,
        (listed(of_pod({"securityContext": {"seccompProfile": {}}})),),
    ),
    Case(
        "SEC-K8S-007",
        "pod unconfined though its containers are not",
        FAIL,
        (pod(seccomp(), securityContext={"seccompProfile": {"type": "Unconfined"}}),),
        "spec.securityContext.seccompProfile.type",
    ),
    Case(
        "SEC-K8S-007",
        "AppArmor off",
        FAIL,
        (of_pod({"securityContext": {"appArmorProfile": {"type": "Unconfined"}}}),),
        "appArmorProfile",
    ),
    Case(
        "SEC-K8S-007",
        "AppArmor off for the pod",
        FAIL,
        (of_pod(PLAIN, appArmorProfile={"type": "Unconfined"}),),
        "spec.securityContext.appArmor",
    ),
    Case("SEC-K8S-007", "SELinux type", FAIL, (of_pod(PLAIN, seLinuxOptions={"type": "spc_t"}),), 'type is "spc_t"'),
    Case(
        "SEC-K8S-007",
        "SELinux user",
        FAIL,
        (of_pod({"securityContext": {"seLinuxOptions": {"user": "root"}}}),),
        "wanted unset",
    ),
    Case("SEC-K8S-007", "SELinux role", FAIL, (of_pod(PLAIN, seLinuxOptions={"role": "sysadm_r"}),), "role"),
    Case(
        "SEC-K8S-007",
        "unmasked proc",
        FAIL,
        (listed(of_pod({"securityContext": {"procMount": "Unmasked"}})),),
        "procMount",
    ),
    Case(
        "SEC-K8S-007", "sysctl", FAIL, (of_pod(PLAIN, sysctls=[{"name": "kernel.msgmax", "value": "1"}]),), "sysctls.0"
    ),
    Case(
        "SEC-K8S-007",
        "sysctl beside an unknown one",
        FAIL,
        (of_pod(PLAIN, sysctls=[UNKNOWN_OBJECT, {"name": "kernel.sem"}]),),
        "sysctls.1",
    ),
    Case("SEC-K8S-007", "profile unknown", OPEN, (pod(seccomp(UNKNOWN)),)),
    Case("SEC-K8S-007", "context of the pod unknown", OPEN, (pod(seccomp(), securityContext=UNKNOWN_OBJECT),)),
    Case(
        "SEC-K8S-007", "sysctls of another type", OPEN, (listed(of_pod(PLAIN, sysctls="all")),), "a list was expected"
    ),
    Case("SEC-K8S-007", "node agents", SKIP, (pod({}, namespace="node-exporter"),), params=AGENTS),
    Case("SEC-K8S-007", "no workload", SKIP, (object_("v1", "ConfigMap"),)),
)

SOCKET = {"name": "docker", "hostPath": {"path": "/var/run/docker.sock"}}
SCRATCH = {"name": "scratch", "emptyDir": {}}
HOST = (
    Case("SEC-K8S-008", "nothing", PASS, (pod(PLAIN),)),
    Case(
        "SEC-K8S-008",
        "allowed volumes",
        PASS,
        (
            pod(
                PLAIN,
                volumes=[
                    SCRATCH,
                    {"name": "a", "csi": {"driver": "efs.csi.aws.com"}},
                    {"name": "b", "persistentVolumeClaim": {"claimName": "b"}},
                ],
            ),
        ),
    ),
    Case(
        "SEC-K8S-008",
        "port of the container",
        PASS,
        (pod({"ports": [{"containerPort": 80}, {"containerPort": 81, "hostPort": 0}]}),),
    ),
    Case(
        "SEC-K8S-008",
        "probe of the pod",
        PASS,
        (pod({"livenessProbe": {"httpGet": {"path": "/", "port": 80, "host": ""}}}),),
    ),
    Case(
        "SEC-K8S-008",
        "images as volumes",
        PASS,
        (listed(pod(PLAIN, volumes=[{"name": "m", "image": {}}])),),
        params={"volumes": ["image"]},
    ),
    Case(
        "SEC-K8S-008",
        "socket",
        FAIL,
        (deployment(PLAIN, volumes=[SCRATCH, SOCKET]),),
        "template.spec.volumes.1 is an object with 2 keys; wanted a volume of",
    ),
    Case(
        "SEC-K8S-008",
        "socket beside an unknown one",
        FAIL,
        (pod(PLAIN, volumes=[UNKNOWN_OBJECT, SOCKET]),),
        "volumes.1",
    ),
    Case(
        "SEC-K8S-008", "file server", FAIL, (pod(PLAIN, volumes=[{"name": "a", "nfs": {"server": "b", "path": "/"}}]),)
    ),
    Case("SEC-K8S-008", "volume of no type", FAIL, (listed(pod(PLAIN, volumes=[{"name": "a"}])),)),
    Case(
        "SEC-K8S-008",
        "port of the host",
        FAIL,
        (pod({"ports": [{"containerPort": 80, "hostPort": 80}]}),),
        "containers.0.ports.0",
    ),
    Case(
        "SEC-K8S-008",
        "port of an init container",
        FAIL,
        (pod(PLAIN, initContainers=[{"ports": [{"containerPort": 80, "hostPort": 80}]}]),),
        "initContainers.0.ports.0",
    ),
    Case(
        "SEC-K8S-008",
        "probe of another host",
        FAIL,
        (pod({"readinessProbe": {"tcpSocket": {"host": "10.0.0.1", "port": 80}}}),),
        "tcpSocket.host",
    ),
    Case(
        "SEC-K8S-008",
        "hook to another host",
        FAIL,
        (pod({"lifecycle": {"preStop": {"httpGet": {"host": "a", "path": "/", "port": 80}}}}),),
        "preStop.httpGet.host",
    ),
    Case(
        "SEC-K8S-008",
        "workflow's volume beside that of its template",
        FAIL,
        (workflow("Workflow", {"container": {}, "volumes": [SCRATCH]}, volumes=[SOCKET]),),
        "spec.volumes.0",
    ),
    Case(
        "SEC-K8S-008",
        "workflow's volume beside unknown ones of its template",
        FAIL,
        (workflow("Workflow", {"container": {}, "volumes": UNKNOWN_LIST}, volumes=[SOCKET]),),
        "spec.volumes.0",
    ),
    Case(
        "SEC-K8S-008",
        "volume by a patch",
        FAIL,
        (workflow("Workflow", {"script": {}, "podSpecPatch": json.dumps({"volumes": [SOCKET]})}),),
        "podSpecPatch.volumes.0",
    ),
    Case("SEC-K8S-008", "volumes unknown", OPEN, (pod(PLAIN, volumes=UNKNOWN_LIST),)),
    Case("SEC-K8S-008", "ports unknown", OPEN, (pod({"ports": UNKNOWN_LIST}),)),
    Case("SEC-K8S-008", "host unknown", OPEN, (pod({"startupProbe": {"httpGet": {"host": UNKNOWN}}}),)),
    Case(
        "SEC-K8S-008",
        "volume of another type",
        OPEN,
        (listed(pod(PLAIN, volumes=["scratch"])),),
        "an object was expected",
    ),
    Case("SEC-K8S-008", "node agents", SKIP, (pod(PLAIN, volumes=[SOCKET], namespace="node-exporter"),), params=AGENTS),
    Case("SEC-K8S-008", "no workload", SKIP, (object_("v1", "PersistentVolumeClaim"),)),
)

CASES = (*NAMESPACES, *DEFENCES, *HOST)

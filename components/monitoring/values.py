"""Values of kube-prometheus-stack. Pure; the keys are checked against the catalogue when the release is made."""

from typing import Any

import pulumi

from components.monitoring.args import MonitoringArgs

NAMESPACE = "monitoring"
NODE_NAMESPACE = "node-exporter"
GRAFANA_SECRET = "grafana-admin"
ALERTMANAGER_ACCOUNT = "alertmanager"

# What EKS runs for the user and shows no metrics of: the rules about it, and its scrapes.
_MANAGED = ("etcd", "kubeControllerManager", "kubeProxy", "kubeSchedulerAlerting", "kubeSchedulerRecording", "windows")
_UNSEEN = ("kubeControllerManager", "kubeEtcd", "kubeProxy", "kubeScheduler")
# Alerts of the chart that the platform's own say better.
_REPLACED = ("KubeNodeNotReady", "NodeCPUHighUsage", "NodeMemoryHighUtilization")


def chart_values(args: MonitoringArgs, topic_arn: pulumi.Input[str]) -> dict[str, Any]:
    """Return the values: definitions from their own chart, all namespaces' monitors, alerts to the topic."""
    return {
        "crds": {"enabled": False},
        "defaultRules": {
            "create": True,
            "rules": dict.fromkeys(_MANAGED, False),
            "disabled": dict.fromkeys(_REPLACED, True),
        },
        **{name: {"enabled": False} for name in _UNSEEN},
        "prometheus": {"prometheusSpec": _prometheus(args)},
        "alertmanager": _alertmanager(args, topic_arn),
        "grafana": _grafana(),
        # It reads the host: alone in a namespace that may, so that the others are held to a standard.
        "prometheus-node-exporter": {"namespaceOverride": NODE_NAMESPACE},
        "prometheusOperator": {
            "resources": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}}
        },
    }


def _prometheus(args: MonitoringArgs) -> dict[str, Any]:
    # Otherwise Prometheus reads only monitors and rules that carry the labels of this very release.
    kinds = ("podMonitor", "probe", "rule", "scrapeConfig", "serviceMonitor")
    return {
        **{f"{kind}SelectorNilUsesHelmValues": False for kind in kinds},
        "replicas": 1,
        "retention": f"{args.retention_days or 15}d",
        "retentionSize": f"{args.storage * 4 // 5}GB",
        "walCompression": True,
        "externalLabels": {"cluster": args.cluster_name},
        "resources": {"requests": {"cpu": "500m", "memory": "2Gi"}, "limits": {"memory": "6Gi"}},
        "storageSpec": {"volumeClaimTemplate": _claim(args.storage_class, args.storage)},
    }


def _claim(storage_class: pulumi.Input[str], gib: int) -> dict[str, Any]:
    return {
        "spec": {
            "storageClassName": storage_class,
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": f"{gib}Gi"}},
        }
    }


def _alertmanager(args: MonitoringArgs, topic_arn: pulumi.Input[str]) -> dict[str, Any]:
    return {
        "serviceAccount": {"create": True, "name": ALERTMANAGER_ACCOUNT},
        "config": routing(args.region, topic_arn),
        "alertmanagerSpec": {
            "replicas": 2,
            "podAntiAffinity": "soft",
            "resources": {"requests": {"cpu": "20m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}},
            "storage": {"volumeClaimTemplate": _claim(args.storage_class, 5)},
        },
    }


def routing(region: str, topic_arn: pulumi.Input[str]) -> dict[str, Any]:
    """Return Alertmanager's configuration: `critical` and `warning` to the topic, `info` to dashboards only.

    SNS takes subjects of ASCII up to 100 characters; a summary may be longer, so the alert's name is the
    subject.
    """
    message = (
        "{{ range .Alerts }}[{{ .Status }}] {{ .Annotations.summary }}\n{{ .Annotations.description }}\n"
        "since {{ .StartsAt.UTC.Format `2006-01-02 15:04` }} UTC, cluster {{ .Labels.cluster }}\n\n{{ end }}"
    )
    sns = {
        "topic_arn": topic_arn,
        "sigv4": {"region": region},
        "send_resolved": True,
        "subject": "{{ .Status }}: {{ .CommonLabels.alertname }} ({{ .CommonLabels.severity }})",
        "message": message,
        "attributes": {"severity": "{{ .CommonLabels.severity }}"},
    }
    return {
        "global": {"resolve_timeout": "5m"},
        "route": {
            "receiver": "nobody",
            "group_by": ["alertname", "severity", "namespace", "pool"],
            "group_wait": "30s",
            "group_interval": "5m",
            "repeat_interval": "12h",
            "routes": [
                {"receiver": "sns", "matchers": ['severity="critical"'], "repeat_interval": "4h"},
                {"receiver": "sns", "matchers": ['severity="warning"']},
            ],
        },
        "inhibit_rules": [
            {
                "source_matchers": ['severity="critical"'],
                "target_matchers": ['severity="warning"'],
                "equal": ["alertname", "namespace"],
            }
        ],
        "receivers": [{"name": "nobody"}, {"name": "sns", "sns_configs": [sns]}],
    }


def _grafana() -> dict[str, Any]:
    """Return Grafana's section: no volume, all that it shows comes from ConfigMaps."""
    return {
        "enabled": True,
        "admin": {"existingSecret": GRAFANA_SECRET, "userKey": "username", "passwordKey": "password"},
        "persistence": {"enabled": False},
        "defaultDashboardsEditable": False,
        "sidecar": {
            "dashboards": {"enabled": True, "label": "grafana_dashboard", "labelValue": "1"},
            "datasources": {"enabled": True, "uid": "prometheus"},
        },
    }

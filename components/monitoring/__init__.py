"""Prometheus, Alertmanager and Grafana with the platform's own rules and dashboards; alerts go to SNS."""

from components.monitoring.args import MonitoredPool, MonitoringArgs
from components.monitoring.component import Monitoring

__all__ = ["MonitoredPool", "Monitoring", "MonitoringArgs"]

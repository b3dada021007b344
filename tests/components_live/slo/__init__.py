"""`Slo` on a cluster that knows PrometheusRule."""

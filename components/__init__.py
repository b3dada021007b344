"""One folder per capability; the only place that creates resources."""

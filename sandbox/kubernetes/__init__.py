"""The local Kubernetes provider: server-side apply against the sandbox's API server."""

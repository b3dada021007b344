"""The local cloud: a pinned engine, a control plane with fake nodes, moto, and local providers for both."""

"""The `mlops` command: set-up, the local cloud, and a look at what is there. Never a second way to deploy."""

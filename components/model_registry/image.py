"""The image that runs MLflow: built by the user from images/mlflow, pinned here."""

MLFLOW_VERSION = "3.17.2"
"""Version in images/mlflow/requirements.lock; start.py was run with it against PostgreSQL on 2026-11-23."""

DEFAULT_TAG = f"{MLFLOW_VERSION}-1"
"""Tag that images/mlflow is pushed under: MLflow's version and a build number, as tags are immutable."""

USER_ID = 10001
"""User and group of the image."""

DATABASE_CA = "/etc/ssl/rds/global-bundle.pem"
"""Certificate authorities of RDS in the image; the connection is refused unless they vouch for the server."""

PORT = 5000


def reference(repository: str, tag: str, digest: str | None) -> str:
    """Return a container's `image`: the digest decides when there is one, the tag is for readers."""
    return f"{repository}:{tag}@{digest}" if digest else f"{repository}:{tag}"

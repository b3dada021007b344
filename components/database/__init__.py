"""PostgreSQL on RDS for one consumer in the cluster: encrypted, TLS only, password managed by AWS."""

from components.database.args import DatabaseArgs
from components.database.component import Database

__all__ = ["Database", "DatabaseArgs"]

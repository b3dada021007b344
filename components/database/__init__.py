"""PostgreSQL on RDS for one consumer in the cluster: encrypted, TLS only, password managed by AWS."""

from components.database.component import Database, DatabaseArgs

__all__ = ["Database", "DatabaseArgs"]

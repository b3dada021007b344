"""Starts MLflow in its container without a password in arguments, addresses, variables or logs.

Mounted from a ConfigMap and run by the image's Python; standard library only, apart from psycopg2 for one
lock.

    start.py migrate    make or upgrade the tables, one replica at a time, then exit
    start.py serve      run the server; stop with it

libpq reads the database password from a password file at every new connection. `serve` renews that file
when the mounted secret changes, so a rotated password needs no restart. PGHOST, PGPORT, PGDATABASE, PGUSER,
PGSSLMODE and PGSSLROOTCERT come from the container's environment, as do the MLFLOW_ variables that this
script leaves alone.
"""

import configparser
import contextlib
import importlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

RENEW_EVERY_SECONDS = 10
# Any number that no other program uses on this database: replicas that start together wait for each other.
MIGRATION_LOCK = 7_236_001
NEEDED = ("PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "DATABASE_SECRETS", "AUTH_SECRETS", "RUN_FOLDER")


class StartError(Exception):
    """A container that cannot start; the text names what is missing and never its content."""


def read_secret(folder: Path, name: str) -> str:
    """Return a mounted secret without its line end. Errors: `StartError` if it is missing or empty."""
    try:
        value = (folder / name).read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise StartError(f"secret {folder / name} cannot be read: {error.strerror}") from None
    if not value:
        raise StartError(f"secret {folder / name} is empty; look at its ExternalSecret")
    return value


def needed_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that this script needs. Errors: `StartError` with all that are missing."""
    missing = [name for name in NEEDED if not environment.get(name)]
    if missing:
        raise StartError(f"environment variables are missing: {', '.join(missing)}")
    return {name: environment[name] for name in NEEDED}


def address(environment: Mapping[str, str]) -> str:
    """Return SQLAlchemy's address of the database: no password, TLS settings stay with libpq."""
    where = f"{environment['PGHOST']}:{environment['PGPORT']}/{environment['PGDATABASE']}"
    return f"postgresql+psycopg2://{environment['PGUSER']}@{where}"


def write_private(path: Path, text: str) -> None:
    """Replace a file at once; only its owner can read it, as libpq demands of a password file."""
    draft = path.with_name(f"{path.name}.new")
    with contextlib.suppress(FileNotFoundError):
        draft.unlink()
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)


def password_line(environment: Mapping[str, str], password: str) -> str:
    """Return the line of a password file; colons and backslashes are escaped as libpq wants them."""
    fields = [environment[name] for name in ("PGHOST", "PGPORT", "PGDATABASE", "PGUSER")]
    escaped = [field.replace("\\", "\\\\").replace(":", "\\:") for field in (*fields, password)]
    return ":".join(escaped) + "\n"


def auth_config(environment: Mapping[str, str], user: str, password: str) -> configparser.ConfigParser:
    """Return the configuration of MLflow's basic-auth application; it interpolates, so % is doubled."""
    config = configparser.ConfigParser()
    values = {
        "default_permission": environment.get("DEFAULT_PERMISSION") or "READ",
        "database_uri": address(environment),
        "admin_username": user,
        "admin_password": password,
        "authorization_function": "mlflow.server.auth:authenticate_request_basic_auth",
    }
    config["mlflow"] = {key: value.replace("%", "%%") for key, value in values.items()}
    return config


def prepare(environment: Mapping[str, str]) -> dict[str, str]:
    """Write the password file; return the environment of MLflow and libpq."""
    needed = needed_environment(environment)
    run = Path(needed["RUN_FOLDER"])
    password = read_secret(Path(needed["DATABASE_SECRETS"]), "password")
    write_private(run / "pgpass", password_line(needed, password))
    return {**environment, "PGPASSFILE": str(run / "pgpass"), "MLFLOW_BACKEND_STORE_URI": address(needed)}


def renew(environment: Mapping[str, str]) -> bool:
    """Write the password file again if the mounted secret changed; return whether it did.

    A secret that cannot be read for a moment keeps the old file: open connections do not need it.
    """
    path = Path(environment["PGPASSFILE"])
    try:
        line = password_line(environment, read_secret(Path(environment["DATABASE_SECRETS"]), "password"))
    except StartError as error:
        print(f"start: {error}", file=sys.stderr, flush=True)
        return False
    if line == path.read_text(encoding="utf-8"):
        return False
    write_private(path, line)
    print("start: the database password changed; new connections use it", file=sys.stderr, flush=True)
    return True


@contextlib.contextmanager
def migration_lock(environment: Mapping[str, str]) -> Iterator[None]:
    """Hold a lock in the database; it is released with the connection, however the process ends."""
    psycopg2: Any = importlib.import_module("psycopg2")
    connection = psycopg2.connect(
        host=environment["PGHOST"],
        port=environment["PGPORT"],
        dbname=environment["PGDATABASE"],
        user=environment["PGUSER"],
        passfile=environment["PGPASSFILE"],
    )
    try:
        connection.cursor().execute("SELECT pg_advisory_lock(%s)", (MIGRATION_LOCK,))
        yield
    finally:
        connection.close()


def migrate(environment: Mapping[str, str]) -> int:
    """Make or upgrade the tables of MLflow, then those of its users and permissions."""
    ready = prepare(environment)
    where = ready["MLFLOW_BACKEND_STORE_URI"]
    with migration_lock(ready):
        for arguments in (
            ["mlflow", "db", "upgrade", where],
            ["mlflow.server.auth", "db", "upgrade", "--url", where],
        ):
            done = subprocess.run([sys.executable, "-m", *arguments], env=ready, check=False)
            if done.returncode:
                return done.returncode
    return 0


def serve(environment: Mapping[str, str]) -> int:
    """Run the server until it ends or this process is told to; return its exit code."""
    ready = prepare(environment)
    run, secrets = Path(ready["RUN_FOLDER"]), Path(ready["AUTH_SECRETS"])
    config = auth_config(ready, read_secret(secrets, "username"), read_secret(secrets, "password"))
    ready["MLFLOW_FLASK_SERVER_SECRET_KEY"] = read_secret(secrets, "flask-key")
    ready["MLFLOW_AUTH_CONFIG_PATH"] = str(run / "basic_auth.ini")
    write_private(run / "basic_auth.ini", "")
    with (run / "basic_auth.ini").open("w", encoding="utf-8") as file:
        config.write(file)
    server = subprocess.Popen(
        [sys.executable, "-m", "mlflow", "server", "--app-name", "basic-auth", "--serve-artifacts"], env=ready
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: server.send_signal(received))
    while True:
        try:
            code = server.wait(timeout=float(ready.get("RENEW_EVERY_SECONDS") or RENEW_EVERY_SECONDS))
        except subprocess.TimeoutExpired:
            renew(ready)
        else:
            return code if code >= 0 else 128 - code


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Run one command; return the exit code of the process."""
    commands = {"migrate": migrate, "serve": serve}
    if len(arguments) != 1 or arguments[0] not in commands:
        print(f"start: got {arguments}; use one of {', '.join(commands)}", file=sys.stderr)
        return 64
    try:
        return commands[arguments[0]](environment)
    except StartError as error:
        print(f"start: {error}", file=sys.stderr)
        return 78


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))

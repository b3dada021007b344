"""The start script, run as its container runs it: what it renders, what it refuses, what it never prints."""

import configparser
import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from components.model_registry import start

SCRIPT = Path(start.__file__)
DATABASE_PASSWORD = "pa:ss\\wo%rd-of-the-database"
ADMIN_PASSWORD = "100%-admin-secret"
FLASK_KEY = "flask-secret-key"
SECRETS = (DATABASE_PASSWORD, ADMIN_PASSWORD, FLASK_KEY)

# Stands for MLflow: writes down how it was called, then waits to be told to stop.
FAKE = """
import json, os, signal, sys, time
calls = os.environ["CALLS"]
with open(calls + ".new", "w") as file:
    json.dump({"argv": sys.argv[1:], "env": dict(os.environ)}, file)
os.rename(calls + ".new", calls)
code = int(os.environ.get("FAKE_EXIT", "-1"))
if code >= 0:
    sys.exit(code)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
while True:
    time.sleep(0.05)
"""


@pytest.fixture
def container(tmp_path: Path) -> dict[str, str]:
    """An environment as the Deployment gives it, secrets mounted, a stand-in for MLflow on the path."""
    for folder in ("database", "auth", "run", "lib/mlflow"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "database/password").write_text(DATABASE_PASSWORD + "\n")
    (tmp_path / "auth/username").write_text("admin")
    (tmp_path / "auth/password").write_text(ADMIN_PASSWORD)
    (tmp_path / "auth/flask-key").write_text(FLASK_KEY)
    (tmp_path / "lib/mlflow/__init__.py").write_text("")
    (tmp_path / "lib/mlflow/__main__.py").write_text(FAKE)
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(tmp_path / "lib"),
        "CALLS": str(tmp_path / "calls.json"),
        "RENEW_EVERY_SECONDS": "0.1",
        "PGHOST": "db.example.internal",
        "PGPORT": "5432",
        "PGDATABASE": "mlflow",
        "PGUSER": "mlflow_owner",
        "DATABASE_SECRETS": str(tmp_path / "database"),
        "AUTH_SECRETS": str(tmp_path / "auth"),
        "RUN_FOLDER": str(tmp_path / "run"),
    }


@pytest.fixture
def serving(container: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The script with its server running; ended after the test whatever happens."""
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), "serve"],
        env=container,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    until(lambda: Path(container["CALLS"]).exists())
    yield process
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def until(done: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def run(container: dict[str, str], command: str = "serve") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), command], env=container, capture_output=True, text=True, timeout=60, check=False
    )


def called(container: dict[str, str]) -> dict[str, object]:
    found: dict[str, object] = json.loads(Path(container["CALLS"]).read_text())
    return found


def test_start_serve_gives_mlflow_no_password_in_arguments_or_address(
    container: dict[str, str], serving: subprocess.Popen[str]
) -> None:
    call = called(container)
    assert call["argv"] == ["server", "--app-name", "basic-auth", "--serve-artifacts"]
    environment = call["env"]
    assert isinstance(environment, dict)
    assert (
        environment["MLFLOW_BACKEND_STORE_URI"] == "postgresql+psycopg2://mlflow_owner@db.example.internal:5432/mlflow"
    )
    assert environment["MLFLOW_FLASK_SERVER_SECRET_KEY"] == FLASK_KEY
    holders = {name for name, value in environment.items() for secret in SECRETS if secret in value}
    assert holders == {"MLFLOW_FLASK_SERVER_SECRET_KEY"}
    assert serving.poll() is None


def test_start_serve_renders_auth_so_that_mlflow_reads_the_same_password(
    container: dict[str, str], serving: subprocess.Popen[str]
) -> None:
    config = configparser.ConfigParser()
    config.read(Path(container["RUN_FOLDER"]) / "basic_auth.ini")
    section = config["mlflow"]
    assert (section["admin_username"], section["admin_password"]) == ("admin", ADMIN_PASSWORD)
    assert section["default_permission"] == "READ"
    assert section["database_uri"].startswith("postgresql+psycopg2://mlflow_owner@")
    assert DATABASE_PASSWORD not in section["database_uri"]
    assert serving.poll() is None


def test_start_serve_writes_files_that_only_their_owner_reads(
    container: dict[str, str], serving: subprocess.Popen[str]
) -> None:
    for name in ("pgpass", "basic_auth.ini"):
        mode = stat.S_IMODE((Path(container["RUN_FOLDER"]) / name).stat().st_mode)
        assert mode == 0o600, name
    line = (Path(container["RUN_FOLDER"]) / "pgpass").read_text()
    assert line == "db.example.internal:5432:mlflow:mlflow_owner:pa\\:ss\\\\wo%rd-of-the-database\n"
    assert serving.poll() is None


def test_start_serve_renews_the_password_file_after_a_rotation_without_a_restart(
    container: dict[str, str], serving: subprocess.Popen[str]
) -> None:
    (Path(container["DATABASE_SECRETS"]) / "password").write_text("rotated:1")
    until(lambda: (Path(container["RUN_FOLDER"]) / "pgpass").read_text().endswith(":rotated\\:1\n"))
    assert serving.poll() is None
    serving.send_signal(signal.SIGTERM)
    _, errors = serving.communicate(timeout=20)
    assert "the database password changed" in errors
    assert "rotated:1" not in errors


def test_start_serve_outlives_a_secret_that_is_gone_for_a_moment(
    container: dict[str, str], serving: subprocess.Popen[str]
) -> None:
    before = (Path(container["RUN_FOLDER"]) / "pgpass").read_text()
    (Path(container["DATABASE_SECRETS"]) / "password").unlink()
    time.sleep(0.5)
    assert serving.poll() is None
    assert (Path(container["RUN_FOLDER"]) / "pgpass").read_text() == before


def test_start_serve_passes_a_stop_on_and_ends_with_the_server(
    container: dict[str, str], serving: subprocess.Popen[str]
) -> None:
    serving.send_signal(signal.SIGTERM)
    output, errors = serving.communicate(timeout=20)
    assert serving.returncode == 0
    assert not [s for s in SECRETS if s in output + errors]


def test_start_serve_ends_with_the_servers_exit_code(container: dict[str, str]) -> None:
    assert run({**container, "FAKE_EXIT": "7"}).returncode == 7


@pytest.mark.parametrize("name", ["database/password", "auth/username", "auth/password", "auth/flask-key"])
@pytest.mark.parametrize("state", ["missing", "empty"])
def test_start_serve_refuses_without_a_secret_and_prints_none(
    container: dict[str, str], tmp_path: Path, name: str, state: str
) -> None:
    if state == "missing":
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_text("\n")
    done = run(container)
    assert done.returncode == 78
    assert name in done.stderr
    assert not Path(container["CALLS"]).exists(), "mlflow was started"
    assert not [s for s in SECRETS if s in done.stdout + done.stderr]


def test_start_names_every_missing_variable_at_once(container: dict[str, str]) -> None:
    del container["PGHOST"], container["RUN_FOLDER"]
    done = run(container, "migrate")
    assert done.returncode == 78
    assert done.stderr == "start: environment variables are missing: PGHOST, RUN_FOLDER\n"


@pytest.mark.parametrize("arguments", [[], ["upgrade"], ["serve", "now"]])
def test_start_refuses_an_unknown_command(arguments: list[str]) -> None:
    done = subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 64
    assert "use one of migrate, serve" in done.stderr


PSYCOPG2 = """
import os, sys
class Connection:
    def cursor(self): return self
    def execute(self, query, values): self.log(f"lock {query} {values}")
    def close(self): self.log("close")
    def log(self, text): print(text, flush=True)
def connect(**how):
    print("connect", how["host"], open(how["passfile"]).read().count("\\n"), "password" in how, flush=True)
    return Connection()
"""


def test_start_migrate_holds_one_lock_over_both_upgrades(container: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "lib/psycopg2.py").write_text(PSYCOPG2)
    say = "import sys; print('mlflow' + ''.join(f' {a}' for a in sys.argv[1:]), flush=True)"
    (tmp_path / "lib/mlflow/__main__.py").write_text(say)
    (tmp_path / "lib/mlflow/server/auth").mkdir(parents=True)
    (tmp_path / "lib/mlflow/server/__init__.py").write_text("")
    (tmp_path / "lib/mlflow/server/auth/__init__.py").write_text("")
    (tmp_path / "lib/mlflow/server/auth/__main__.py").write_text(say.replace("'mlflow'", "'auth'"))
    done = run(container, "migrate")
    address = "postgresql+psycopg2://mlflow_owner@db.example.internal:5432/mlflow"
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "connect db.example.internal 1 False",
        f"lock SELECT pg_advisory_lock(%s) ({start.MIGRATION_LOCK},)",
        f"mlflow db upgrade {address}",
        f"auth db upgrade --url {address}",
        "close",
    ]


def test_start_migrate_stops_at_the_first_failure(container: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "lib/psycopg2.py").write_text(PSYCOPG2)
    (tmp_path / "lib/mlflow/__main__.py").write_text("import sys; sys.exit(3)")
    done = run(container, "migrate")
    assert done.returncode == 3
    assert done.stdout.splitlines()[-1] == "close"

"""The workflow files for users: least rights, pinned actions, and scripts that do what they say, with `gh` played."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.layout import REPOSITORY

GITHUB = REPOSITORY / "docs" / "ci" / "github-actions.yml"
GITLAB = REPOSITORY / "docs" / "ci" / "gitlab-ci.yml"
ME = "github-actions[bot]"


def workflow() -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load(GITHUB.read_text())
    return found


def steps(job: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = workflow()["jobs"][job]["steps"]
    return found


def script(job: str, name: str) -> str:
    return next(str(step["run"]) for step in steps(job) if str(step.get("name", "")).startswith(name))


def bash(text: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a step as GitHub does, with `-e -o pipefail`."""
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_github_jobs_have_the_rights_that_they_need_and_no_others() -> None:
    found = workflow()
    assert found["permissions"] == {}
    assert found["jobs"]["stacks"]["permissions"] == {"contents": "read"}
    wanted = {"contents": "read", "pull-requests": "write", "security-events": "write"}
    assert found["jobs"]["review"]["permissions"] == wanted
    # YAML reads `on` as true. With `pull_request_target`, code of strangers would run with the rights above.
    assert found[True] == {"pull_request": None}


def test_github_actions_are_pinned_to_a_version() -> None:
    used = [step["uses"] for job in ("stacks", "review") for step in steps(job) if "uses" in step]
    assert len(used) >= 6
    assert [one for one in used if not re.fullmatch(r"(actions|github)/[\w/-]+@v\d+", one)] == []


def test_github_scripts_take_no_text_of_a_pull_request() -> None:
    """An expression in a script is pasted into it before bash reads it: values go through the environment."""
    runs = [step["run"] for job in ("stacks", "review") for step in steps(job) if "run" in step]
    assert runs
    assert [run for run in runs if "${{" in run] == []


def test_checkouts_leave_no_token_behind() -> None:
    checkouts = [
        s for job in ("stacks", "review") for s in steps(job) if s.get("uses", "").startswith("actions/checkout")
    ]
    assert [one["with"]["persist-credentials"] for one in checkouts] == [False, False]


@pytest.mark.parametrize(
    ("changed", "stacks"),
    [
        (["stacks/Pulumi.prod.yaml"], ["prod"]),
        (["stacks/Pulumi.prod.yaml", "docs/a.md", "README.md"], ["prod"]),
        (["README.md"], []),
        (["components/x.py"], ["dev", "prod"]),
        (["stacks/Pulumi.dev.yaml", "stacks/usage.yaml"], ["dev", "prod"]),
        (["-stacks/Pulumi.dev.yaml"], []),
    ],
)
@pytest.mark.parametrize("where", ["github", "gitlab"])
def test_changed_stacks_are_found(tmp_path: Path, changed: list[str], stacks: list[str], where: str) -> None:
    def git(*arguments: str) -> str:
        command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *arguments]
        return subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout.strip()

    def write(name: str, text: str) -> None:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    git("init", "-q")
    for name in ("stacks/Pulumi.dev.yaml", "stacks/Pulumi.prod.yaml", "README.md"):
        write(name, "old")
    git("add", "-A")
    git("commit", "-qm", "one")
    base = git("rev-parse", "HEAD")
    for name in changed:
        if name.startswith("-"):
            (tmp_path / name[1:]).unlink()
        else:
            write(name, "new")
    git("add", "-A")
    git("commit", "-qm", "two")
    if where == "github":
        text = script("stacks", "Find the stacks")
        done = bash(text, tmp_path, BASE=base, GITHUB_OUTPUT=str(tmp_path / "output"))
        assert done.returncode == 0, done.stderr
        assert json.loads((tmp_path / "output").read_text().removeprefix("stacks=")) == stacks
    else:
        tool(tmp_path / ".venv" / "bin" / "mlops", 'echo "$1 $2" >> asked')
        done = bash(gitlab_script(), tmp_path, CI_MERGE_REQUEST_DIFF_BASE_SHA=base, **GITLAB_VARIABLES)
        assert done.returncode == 0, done.stderr
        asked = (tmp_path / "asked").read_text().splitlines() if (tmp_path / "asked").exists() else []
        assert asked == [f"review {stack}" for stack in stacks]


GITLAB_VARIABLES = {
    "CI_PROJECT_URL": "https://git.example/o/r",
    "CI_COMMIT_SHA": "abc",
    "CI_JOB_URL": "https://git.example/job/1",
    "CI_API_V4_URL": "https://git.example/api/v4",
    "CI_PROJECT_ID": "7",
    "CI_MERGE_REQUEST_IID": "3",
}


def gitlab_script() -> str:
    return str(yaml.safe_load(GITLAB.read_text())["review"]["script"][0])


def tool(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/bash\n{text}\n")
    file.chmod(0o755)


COMMENTS = [
    {"id": 1, "user": {"login": "stranger"}, "body": "<!-- mlops-review:dev -->\nmine"},
    {"id": 2, "user": {"login": ME}, "body": "<!-- mlops-review:prod -->\nanother stack"},
    {"id": 3, "user": {"login": ME}, "body": "see <!-- mlops-review:dev -->"},
]


@pytest.mark.parametrize("before", [False, True], ids=["first", "again"])
def test_comment_is_made_once_and_replaced_afterwards(tmp_path: Path, before: bool) -> None:
    own = {"id": 4, "user": {"login": ME}, "body": "<!-- mlops-review:dev -->\r\nold"}
    (tmp_path / "comments.json").write_text(json.dumps([*COMMENTS, *([own] if before else [])]))
    (tmp_path / "build" / "review").mkdir(parents=True)
    (tmp_path / "build" / "review" / "review.md").write_text('<!-- mlops-review:dev -->\n\nnew `$(id)` "text"\n')
    # Lists by jq's own filter, as gh does, and notes what is sent.
    tool(
        tmp_path / "bin" / "gh",
        'if [ "$2" = "--paginate" ]; then jq -r "$5" comments.json; else echo "$4 $5" > sent; cp "$7" body; fi',
    )
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = bash(script("review", "Comment"), tmp_path, PATH=path, REPOSITORY="o/r", NUMBER="9")
    assert done.returncode == 0, done.stderr
    wanted = "PATCH repos/o/r/issues/comments/4" if before else "POST repos/o/r/issues/9/comments"
    assert (tmp_path / "sent").read_text().strip() == wanted
    sent = json.loads((tmp_path / "body").read_text())
    assert sent == {"body": '<!-- mlops-review:dev -->\n\nnew `$(id)` "text"\n'}


@pytest.mark.parametrize("code", [0, 1, 2, 3])
def test_job_ends_as_the_review_did(tmp_path: Path, code: int) -> None:
    assert bash(script("review", "Result"), tmp_path, CODE=str(code)).returncode == code


def test_job_without_a_result_fails(tmp_path: Path) -> None:
    assert bash(script("review", "Result"), tmp_path, CODE="").returncode != 0


CURL = """
for argument in "$@"; do case "$argument" in https://*) url=$argument ;; esac; done
case "$url" in
  */user) echo '{"id": 42}' ;;
  *page=1) cat notes.json ;;
  *page=*) echo '[]' ;;
  *) echo "$@" | grep -oE 'POST|PUT' > sent; echo "$url" >> sent; cat > body ;;
esac
"""


@pytest.mark.parametrize("before", [False, True], ids=["first", "again"])
def test_note_is_made_once_and_replaced_afterwards(tmp_path: Path, before: bool) -> None:
    base = "1" * 40
    stranger = {"id": 5, "author": {"id": 1}, "body": "<!-- mlops-review:dev -->\nmine"}
    own = {"id": 6, "author": {"id": 42}, "body": "<!-- mlops-review:dev -->\nold"}
    (tmp_path / "notes.json").write_text(json.dumps([stranger, *([own] if before else [])]))
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "Pulumi.dev.yaml").touch()
    out = "build/review/dev"
    tool(
        tmp_path / ".venv/bin/mlops",
        f"mkdir -p {out}; printf '<!-- mlops-review:dev -->\\n\\nnew\\n' > {out}/review.md; exit 2",
    )
    tool(tmp_path / "bin" / "curl", CURL)
    tool(tmp_path / "bin" / "git", "echo stacks/Pulumi.dev.yaml")
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    token = {"MLOPS_REVIEW_TOKEN": "t", "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
    done = bash(gitlab_script(), tmp_path, PATH=path, **token, **GITLAB_VARIABLES)
    assert done.returncode == 2, done.stderr
    notes = "https://git.example/api/v4/projects/7/merge_requests/3/notes"
    wanted = ["PUT", f"{notes}/6"] if before else ["POST", notes]
    assert (tmp_path / "sent").read_text().split() == wanted
    assert json.loads((tmp_path / "body").read_text()) == {"body": "<!-- mlops-review:dev -->\n\nnew\n"}


def test_gitlab_job_has_what_gitlab_knows() -> None:
    found = yaml.safe_load(GITLAB.read_text())
    assert list(found) == ["review"]
    known = {"image", "rules", "interruptible", "timeout", "variables", "cache", "artifacts", "before_script", "script"}
    assert set(found["review"]) <= known

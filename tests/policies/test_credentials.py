"""What counts as a credential in a text, what does not, and through how many layers it is found."""

import base64
import gzip
import time

import pytest

from policies._engine import credentials
from policies._engine.credentials import Sighting

# In parts, so that no scanner takes them for real ones.
EXAMPLES = {
    "an AWS access key id": "AKIA" + "Q" * 16,
    "a private key": "-----BEGIN " + "OPENSSH PRIVATE KEY-----",
    "a GitHub token": "ghp_" + "a1B2" * 9,
    "a GitLab token": "glpat-" + "a1B2" * 5,
    "a Hugging Face token": "hf_" + "aB" * 17,
    "an OpenAI key": "sk-proj-" + "a1B2" * 5 + "T3BlbkFJ" + "a1B2" * 5,
    "an Anthropic key": "sk-ant-" + "api03-" + "a1B2" * 6,
    "an NVIDIA key": "nvapi-" + "a1B2" * 16,
    "a Databricks token": "dapi" + "0a" * 16,
    "a Slack token": "xoxb-" + "1234-5678-abcd",
    "a Slack webhook": "https://hooks.slack.com/" + "services/T0000000/B0000000/" + "a1B2" * 6,
    "a Google API key": "AIza" + "a1B2_" * 7,
    "a Stripe key": "sk_live_" + "a1B2" * 6,
    "an npm token": "npm_" + "a1B2" * 9,
    "a PyPI token": "pypi-" + "AgEI" + "a1B2" * 13,
    "a Docker Hub token": "dckr_pat_" + "a1B2" * 7,
    "a Vault token": "hvs." + "a1B2" * 6,
    "a Pulumi token": "pul-" + "0a" * 20,
    "an Azure storage key": "AccountKey=" + "a1B2" * 21 + "==",
    "a JSON web token": "eyJ" + "a1B2" * 5 + ".eyJ" + "a1B2" * 5 + "." + "a1B2" * 5,
    "a URL with a password": "postgres://app:" + "hunter22@db:5432/ml",
    "a password for chpasswd": "echo 'ubuntu:" + "hunter22' | sudo chpasswd",
}
PASSWORDS = (
    "DB_PASSWORD=hunter22 ./start",
    "password: hunter22",
    "passwd = 'pa$$w0rd'",
    '{"password":"hunter22","user":"a"}',
    "mysql --password hunter22",
    "mysql --password=hunter22",
)
KEYS = (
    "WANDB_API_KEY=0123456789abcdef",
    'client_secret: "a1b2c3d4e5f6"',
    "export AWS_SECRET_ACCESS_KEY=a1B2/c3D4+e5F6",
)
HARMLESS = (
    'TOKEN=$(curl -X PUT "http://169.254.169.254/latest/api/token")',
    'curl -H "X-aws-ec2-metadata-token-ttl-seconds: 21600"',
    'export PGPASSWORD="${DB_PASSWORD}"',
    "HF_TOKEN=`aws ssm get-parameter --name hf`",
    "docker login --username AWS --password-stdin registry",
    "lock_passwd: true",
    "ssh_pwauth: false",
    "password: see the runbook for it",
    'password: "{{ .Values.password }}"',
    "password_file=/run/secrets/db",
    "MASTER_PASSWORD=arn:aws:secretsmanager:us-east-1:1:secret:db",
    "http_token: required",
    "imagePullSecret: regcred",
    "sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "url=postgres://app:${DB_PASSWORD}@db:5432/ml",
    "git clone https://github.com/org/repo.git",
)


def found(text: str) -> list[Sighting]:
    return credentials.sightings(credentials.read(text))


def test_examples_are_of_every_form() -> None:
    assert set(EXAMPLES) == {kind for kind, _ in credentials.FORMS}


@pytest.mark.parametrize(("kind", "text"), EXAMPLES.items(), ids=list(EXAMPLES))
def test_form_any_is_found_in_its_line(kind: str, text: str) -> None:
    assert Sighting(2, kind) in found(f"#!/bin/sh\n{text}\n")


@pytest.mark.parametrize("text", PASSWORDS)
def test_password_written_out_is_found(text: str) -> None:
    assert found(text) == [Sighting(1, "a password")]


@pytest.mark.parametrize("text", KEYS)
def test_key_written_out_is_found(text: str) -> None:
    assert found(text) == [Sighting(1, "a key or token")]


@pytest.mark.parametrize("text", HARMLESS)
def test_reference_or_prose_is_no_credential(text: str) -> None:
    assert found(text) == []


def test_layers_base64_gzip_and_a_file_inside_are_opened() -> None:
    inner = base64.encodebytes((PASSWORDS[0] + "\n# " + "x" * 60 + "\n").encode()).decode()
    script = f"Content-Transfer-Encoding: base64\n\n{inner}\n--b--\n"
    packed = base64.b64encode(gzip.compress(script.encode(), mtime=0)).decode()
    for text in (script, base64.b64encode(script.encode()).decode(), packed):
        assert found(text) == [Sighting(1, "a password", encoded=True)]


def test_layers_gzip_that_cannot_be_unpacked_leaves_the_reading_incomplete() -> None:
    cut = gzip.compress(b"x" * 100_000, mtime=0)[:-20]
    bomb = gzip.compress(b"x" * 2 * credentials.UNPACKED, mtime=0)
    for data in (cut, bomb, b"\x1f\x8b\x08" + b"x" * 40):
        assert not credentials.read(base64.b64encode(data).decode()).complete


@pytest.mark.parametrize(
    "piece", ["x", "-eyJ", "password=", "a:", "echo a:", "sk-", "http://a:", "A\n", "-----BEGIN A "]
)
def test_reading_hostile_text_takes_little_time(piece: str) -> None:
    begin = time.process_time()
    found(piece * (credentials.LONGEST // len(piece)))
    assert time.process_time() - begin < 5

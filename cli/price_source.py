"""The AWS Price List Query API: products as JSON texts, page by page. Only here is AWS asked for prices."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

from finops.price_list import Answer, Query, compose, figures, queries
from sandbox.processes import SandboxError

REGION = "us-east-1"
"""The API answers in few regions, for all of them: docs.aws.amazon.com, Price List Query API endpoints, 2026-11-23."""

PAGE = 100
"""Products of a page, the most that the API gives."""

ATTEMPTS = 8
"""How often a request is made in all; botocore's standard mode waits longer before each."""

MAX_PRODUCTS = 50_000
"""Of one request: more means that a filter was not understood, and would be read for hours."""

_SAID = {
    "AccessDeniedException": (
        "AWS refuses to give prices to this identity; it needs the IAM action pricing:GetProducts, which has no "
        "resources to name"
    ),
    "ThrottlingException": (
        f"AWS limits how fast prices may be read, and {ATTEMPTS} attempts were not enough; wait a minute and run the "
        "same command again, or narrow it with --region or --item"
    ),
    "ExpiredTokenException": "the AWS session is over; log in again, then run the same command",
    "UnrecognizedClientException": "AWS does not know these credentials; check AWS_PROFILE, then run the same command",
    "ExpiredNextTokenException": "the list took too long to read; run the same command again",
}
_SAID["TooManyRequestsException"] = _SAID["RequestLimitExceeded"] = _SAID["ThrottlingException"]
_SAID["InvalidSignatureException"] = _SAID["UnrecognizedClientException"]


class PriceSourceError(SandboxError):
    """Prices could not be read; the text says why and what to do."""


def client() -> Any:
    """Return a client with the caller's own credentials. Raises `PriceSourceError` in the sandbox's shell."""
    if os.environ.get("AWS_ENDPOINT_URL") and not os.environ.get("AWS_ENDPOINT_URL_PRICING"):
        raise PriceSourceError(
            "AWS_ENDPOINT_URL is set, as `mlops env` does, and the local cloud has no price list; run it in a shell "
            "without it, with credentials of a real account"
        )
    retries: Any = {"mode": "standard", "total_max_attempts": ATTEMPTS}
    config = Config(retries=retries, connect_timeout=10, read_timeout=60, user_agent_extra="mlops-prices")
    try:
        return boto3.client("pricing", region_name=REGION, config=config)
    except BotoCoreError as error:
        raise PriceSourceError(_failed(error)) from error


def products(source: Any, query: Query) -> Iterator[str]:
    """Yield the products of a request. Raises `PriceSourceError` for what AWS refuses and for a network that fails."""
    pages = source.get_paginator("get_products").paginate(
        ServiceCode=query.service,
        Filters=[{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in query.filters],
        FormatVersion="aws_v1",
        PaginationConfig={"PageSize": PAGE},
    )
    count = 0
    try:
        for page in pages:
            for text in page.get("PriceList", ()):
                count += 1
                if count > MAX_PRODUCTS:
                    raise PriceSourceError(
                        f"{query.service} in {query.region} has more than {MAX_PRODUCTS} products for one request; "
                        "its filters in finops/price_rules.py do not narrow it"
                    )
                yield str(text)
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        said = _SAID.get(code) or f"AWS answers {code}: {error.response.get('Error', {}).get('Message', '')[:200]}"
        raise PriceSourceError(f"{said} (service {query.service}, region {query.region})") from error
    except BotoCoreError as error:
        raise PriceSourceError(_failed(error)) from error


def read(source: Any, asked: list[tuple[str, str]], step: Any = lambda text: None) -> Answer:
    """Return what the price list has of items and regions; `step` is told before each request."""
    wanted = queries(asked)
    return compose(list(_answers(source, wanted, step)), asked)


def _answers(source: Any, wanted: Iterable[Query], step: Any) -> Iterator[Answer]:
    listed = list(wanted)
    for number, query in enumerate(listed, 1):
        step(f"{query.service} in {query.region} ({number} of {len(listed)})")
        yield figures(query, products(source, query))


def _failed(error: BotoCoreError) -> str:
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return "there are no AWS credentials; set AWS_PROFILE or log in, with the IAM action pricing:GetProducts"
    return f"the price list cannot be reached: {' '.join(str(error).split())[:200]}; check network and proxy"

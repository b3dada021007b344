"""Asks Prometheus whether a service may be released now.

Mounted from a ConfigMap beside gate.json and run by the Python of a promotion step's image; standard library only.

    gate.py SERVICE                       0: go on   1: its budget is spent   2: nobody can tell
    gate.py SERVICE --despite REASON      0 as well when the budget is spent; the reason is in the log

A step goes on with 0 and with nothing else: a gate that opens when the monitoring is down guards nothing. What mends
the service must get out although the budget is spent, which is what `--despite` is for, outages of Prometheus
included.
"""

import argparse
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

GO, FROZEN, UNKNOWN = 0, 1, 2
TRIES, PAUSE_SECONDS, TIMEOUT_SECONDS = 3, 5.0, 10.0


class NoAnswerError(Exception):
    """Prometheus cannot be asked, or what it says is no answer."""


def ask(url: str, query: str, pause: Callable[[float], None] = time.sleep) -> list[dict[str, Any]]:
    """Return the series of an instant query, after a few tries."""
    address = f"{url.rstrip('/')}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
    # Inside the cluster no proxy stands between, whatever the image's variables say.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    said = ""
    for attempt in range(TRIES):
        if attempt:
            pause(PAUSE_SECONDS)
        try:
            with opener.open(address, timeout=TIMEOUT_SECONDS) as response:
                return list(json.load(response)["data"]["result"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            said = f"{type(error).__name__}: {error}"
    raise NoAnswerError(f"{url} gives no answer in {TRIES} tries; {said}")


def frozen(url: str, query: str, pause: Callable[[float], None] = time.sleep) -> bool:
    """Return whether releases are frozen; raise `NoAnswerError` if that cannot be told."""
    series = ask(url, query, pause)
    if len(series) != 1:
        raise NoAnswerError(f"{query} has {len(series)} values; are the rules of all objectives evaluated?")
    value = float(series[0]["value"][1])
    if value not in (0.0, 1.0):
        raise NoAnswerError(f"{query} is {value}, neither 0 nor 1")
    return value == 1.0


def main(arguments: Sequence[str], settings: dict[str, Any], pause: Callable[[float], None] = time.sleep) -> int:
    """Print the verdict; return the exit code."""
    parser = argparse.ArgumentParser(prog="gate.py", description="Whether a service may be released now.")
    parser.add_argument("service")
    parser.add_argument("--despite", metavar="REASON", default="", help="release although the budget is spent")
    given = parser.parse_args(arguments)
    known: dict[str, str] = settings["services"]
    try:
        if given.service not in known:
            raise NoAnswerError(f"has no objective; those that have are {', '.join(sorted(known))}")
        if not frozen(settings["prometheus"], known[given.service], pause):
            print(f"{given.service}: within its budgets")
            return GO
        code, said = FROZEN, "its error budget is spent, releases wait"
    except NoAnswerError as problem:
        code, said = UNKNOWN, f"{problem}"
    if given.despite.strip():
        print(f"{given.service}: {said}; released despite that: {given.despite.strip()}")
        return GO
    print(f"{given.service}: {said}", file=sys.stderr)
    return code


if __name__ == "__main__":
    beside = Path(__file__).with_name("gate.json")
    sys.exit(main(sys.argv[1:], json.loads(beside.read_text(encoding="utf-8"))))

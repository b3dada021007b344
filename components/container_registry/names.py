"""Names of repositories and of caches: what ECR allows, checked before anything is created. Pure.

Limits: API references of CreateRepository and CreatePullThroughCacheRule, read 2026-11-23.
"""

import re
from collections.abc import Mapping, Sequence

from components._core.args import require

LONGEST_REPOSITORY = 256
LONGEST_CACHE_PREFIX = 30

_PART = r"[a-z0-9]+(?:[._-][a-z0-9]+)*"
_NAME = re.compile(rf"(?:{_PART}/)*{_PART}")


def check_name(name: str, path: str) -> None:
    """Raise `ArgsError` unless ECR takes `name` as a repository's name or a part of it."""
    require(
        _NAME.fullmatch(name) is not None,
        path,
        f"{name!r} is not a repository name; use lower-case words joined by dots, dashes or underscores, "
        "and slashes between parts",
    )


def repository_name(prefix: str, name: str) -> str:
    """Return the full name of a repository."""
    return f"{prefix}/{name}"


def slug(name: str) -> str:
    """Return a repository's name as part of a logical name."""
    return re.sub(r"[._/]", "-", name)


def check_repositories(prefix: str, names: Sequence[str]) -> None:
    """Raise `ArgsError` unless ECR takes the names and they can stand side by side."""
    check_name(prefix, "repository_prefix")
    for index, name in enumerate(names):
        path = f"repositories[{index}]"
        check_name(name, path)
        full = repository_name(prefix, name)
        require(
            len(full) <= LONGEST_REPOSITORY,
            path,
            f"{full!r} has {len(full)} characters, at most {LONGEST_REPOSITORY} are allowed; shorten it",
        )
        twins = [other for other in names[:index] if slug(other) == slug(name)]
        require(
            not twins,
            path,
            f"{name!r} differs from {', '.join(twins)} in punctuation only or not at all; choose another name",
        )


def check_cache_prefix(prefix: str, others: Mapping[str, str], path: str) -> None:
    """Raise `ArgsError` unless ECR takes `prefix` for a cache, apart from `others`: what they are, by prefix.

    Repositories inside a cache would be scanned, copied and kept by the rules of something else.
    """
    check_name(prefix, path)
    require(
        len(prefix) <= LONGEST_CACHE_PREFIX,
        path,
        f"{prefix!r} has {len(prefix)} characters, a cache prefix at most {LONGEST_CACHE_PREFIX}; "
        "shorten repository_prefix or set the prefix of the cache",
    )
    for other, what in others.items():
        require(
            not f"{prefix}/".startswith(f"{other}/") and not f"{other}/".startswith(f"{prefix}/"),
            path,
            f"{prefix!r} and {what} {other!r} lie inside each other; choose a prefix apart from it",
        )

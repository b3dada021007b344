"""What the installed pulumi_aws knows, read from its sources: importing all of it takes a minute.

`python -m tests.policies.aws_types` prints `policies/cost/taggable.txt` anew.
"""

import importlib.metadata
import importlib.util
import json
import re
from functools import cache
from pathlib import Path


@cache
def classes() -> dict[str, str]:
    """Return the source of the class of each resource type, by token."""
    spec = importlib.util.find_spec("pulumi_aws")
    assert spec is not None
    assert spec.origin is not None
    root = Path(spec.origin).parent
    registered = re.search(r'resource_modules="""\n(.*?)"""', Path(spec.origin).read_text(), re.DOTALL)
    assert registered is not None
    found: dict[str, str] = {}
    for folder in {entry["fqn"] for entry in json.loads(registered.group(1))}:
        for path in root.joinpath(*folder.split(".")[1:]).glob("[!_]*.py"):
            text = path.read_text()
            made = re.search(r"super\(\w+, __self__\)\.__init__\(\s*'([^']+)'", text)
            if made:
                found[made.group(1)] = text
    return found


@cache
def inputs(token: str) -> frozenset[str]:
    """Return the names of a type's inputs on the wire."""
    source = classes()[token]
    body = source[source.index("def _internal_init") :]
    names = re.findall(r'__props__\.__dict__\["(\w+)"\] = (?!None)', body)
    return frozenset(re.sub(r"_(\w)", lambda match: match.group(1).upper(), name) for name in names)


def taggable() -> list[str]:
    """Return the tokens of the types that take tags."""
    return sorted(token for token in classes() if "tags" in inputs(token))


if __name__ == "__main__":
    version = importlib.metadata.version("pulumi_aws")
    print(f"# AWS types that take tags: their class in pulumi_aws {version} has an input called tags.")
    print("\n".join(taggable()))

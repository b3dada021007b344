"""JSON texts in properties, IAM policy documents above all."""

import json
from collections.abc import Iterator
from typing import Any

from policies._engine.values import Items, Path, View, joined, parts
from policies._engine.wire import MalformedValue, Undetermined


def read_document(props: View, path: Path) -> View:
    """Return the policy document at `path`: a JSON text, or the object itself. Raises `Undetermined`."""
    found = props.at(path)
    where = joined(props.path, *parts(path))
    if isinstance(found, View):
        return found
    if not isinstance(found, str):
        raise MalformedValue(where, "a policy document", found)
    document = read_json(found, where)
    if not isinstance(document, dict):
        raise MalformedValue(where, "a policy document", document)
    return View(document, where)


def read_json(text: str, where: str) -> Any:
    """Return the value of a JSON text; raise `Undetermined` for what is none, or is nested beyond reading."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Undetermined(f"{where} is not a valid JSON document") from None


def statements(document: View) -> Iterator[View]:
    """Yield the statements of a document; a single one need not be in a list."""
    found = document.at("Statement")
    if isinstance(found, View):
        yield found
    else:
        yield from document.sequence("Statement").mappings()


def texts(value: Any) -> list[str]:
    """Return the strings of an element that may hold one or a list of them, such as `Action`."""
    if isinstance(value, Items):
        return [item for item in value if isinstance(item, str)]
    return [value] if isinstance(value, str) else []


def conditions(statement: View) -> set[tuple[str, str, str]]:
    """Return the conditions of a statement as (operator, key in lower case, value in lower case)."""
    found = set()
    for operator, keys in statement.mapping("Condition").items():
        if isinstance(keys, View):
            for key, value in keys.items():
                wanted = [str(value)] if isinstance(value, bool) else texts(value)
                found |= {(operator, key.lower(), item.lower()) for item in wanted}
    return found

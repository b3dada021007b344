"""What a container is started with: the options and variables of its program, as a model server reads them."""

import re
from dataclasses import dataclass
from typing import Final

from policies._engine.values import Items, View
from policies._engine.wire import Undetermined

OFF: Final = ("", "0", "false", "no", "off")
"""Texts that switch an option or a variable off, in lower case."""

LONGEST: Final = 20_000
"""Longest script that is read for options, in characters."""

_REFERENCE: Final = re.compile(r"\$\(([A-Za-z_]\w*)\)|\$\{?([A-Za-z_]\w*)\}?")
_QUOTES: Final = "\"'"


@dataclass(frozen=True)
class Arguments:
    """The words of a container's command and arguments, and its environment."""

    container: View
    words: tuple[str, ...]
    gap: Undetermined | None = None
    """What is not known of the words, if anything."""

    def has(self, option: str) -> bool:
        """Whether a switch is on: `--option`, or `--option=true`. Raises `Undetermined`.

        Dashes and underscores in it are the same, as most servers take both.
        """
        given = self._given(option)
        if any(value is None or value.lower() not in OFF for value in given):
            return True
        if not given:
            self._complete()
        return False

    def value(self, *options: str) -> str | None:
        """Return the value of the first of some options that is given, None without. Raises `Undetermined`.

        Of an option that is given twice the last one counts. A value that names a variable of the container
        is that variable's.
        """
        for option in options:
            values = [value for value in self._given(option) if value is not None]
            if values:
                return self._resolved(values[-1])
        self._complete()
        return None

    def matches(self, pattern: re.Pattern[str]) -> bool:
        """Whether a pattern is found in a word. Raises `Undetermined`."""
        if any(pattern.search(word) for word in self.words):
            return True
        self._complete()
        return False

    def after(self, word: str) -> str | None:
        """Return what follows a word and is no option itself, as the model in `vllm serve <model>`."""
        following = zip(self.words, self.words[1:], strict=False)
        found = next((second for first, second in following if first == word), None)
        return None if found is None or found.startswith("-") else self._resolved(found)

    def variable(self, name: str) -> str | None:
        """Return a variable of the environment, None where it is not set.

        Raises `Undetermined` where its value is not known or comes from elsewhere.
        """
        items = self.container.sequence("env")
        known = [item for item in items.known() if isinstance(item, View)]
        for one in reversed(known):
            if one.at("name") == name:
                if one.at("valueFrom") is not None:
                    raise Undetermined(f"{one.path} takes {name} from elsewhere")
                return one.text("value")
        if len(known) < len(items):
            raise Undetermined(f"{items.path} holds items that are not known yet")
        return None

    def names(self) -> list[str]:
        """Return the names of variables that are known."""
        items = [item for item in self.container.sequence("env").known() if isinstance(item, View)]
        return [item.raw["name"] for item in items if isinstance(item.raw.get("name"), str)]

    def switched_on(self, variable: str) -> bool:
        """Whether a variable is set to anything but a text that means no. Raises `Undetermined`."""
        found = self.variable(variable)
        return found is not None and found.strip().lower() not in OFF

    def _given(self, option: str) -> list[str | None]:
        """Return the value of each time that an option is given, None where it has none."""
        wanted, found = _folded(option), list[str | None]()
        for index, word in enumerate(self.words):
            name, equals, value = word.partition("=")
            if _folded(name) == wanted:
                following = self.words[index + 1 : index + 2]
                apart = following[0] if following and not following[0].startswith("-") else None
                found.append(value if equals else apart)
        return found

    def _complete(self) -> None:
        if self.gap is not None:
            raise self.gap

    def _resolved(self, value: str) -> str:
        reference = _REFERENCE.fullmatch(value)
        if reference is None:
            return value
        found = self.variable(reference.group(1) or reference.group(2))
        if found is None:
            raise Undetermined(f"{self.container.path} takes {value} from outside of its own variables")
        return found


def arguments(container: View) -> Arguments:
    """Return what a container is started with; scripts, as after `sh -c`, are read word by word."""
    words: list[str] = []
    gap: Undetermined | None = None
    for key in ("command", "args"):
        try:
            items = container.sequence(key)
        except Undetermined as unclear:
            gap = unclear
            continue
        for item in items.known():
            words += _words(item)
        gap = _incomplete(items) or gap
    return Arguments(container, tuple(words), gap)


def _incomplete(items: Items) -> Undetermined | None:
    known = items.known()
    if len(known) < len(items):
        return Undetermined(f"{items.path} holds items that are not known yet")
    if any(isinstance(item, str) and len(item) > LONGEST for item in known):
        return Undetermined(f"{items.path} holds a script of more than {LONGEST} characters")
    return None


def _words(item: object) -> list[str]:
    """Return an argument whole, or its words where it is a script."""
    if not isinstance(item, str):
        return []
    if not re.search(r"\s", item):
        return [item]
    return [word.strip(_QUOTES) for word in item[:LONGEST].replace("\\\n", " ").split()]


def _folded(name: str) -> str:
    return name.replace("_", "-").lower()

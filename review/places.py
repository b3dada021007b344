"""Where in the repository a finding is shown: tools such as GitHub show a result only in a file and at a line.

A resource is not in a file: a program makes it, for a stack. The place of a finding is the stack file. It is there for
every stack, whoever wrote the program; it is what a pull request for one environment changes; and the settings in it
decide most of what rules ask for. The line is that of the section which belongs to the component, such as `cluster:`.
The component's own source is named beside it where it is in this repository.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path

from review.urns import Urn

SECTIONS = {"gpu_node_pool": "gpu_pools", "karpenter": "gpu_pools", "database": "model_registry"}
"""Section of the stack file by component, where the two are not called the same."""


@dataclass(frozen=True)
class Place:
    """A line of a file; the path is relative to the repository and has `/` between its parts."""

    path: str
    line: int = 1


class Places:
    """Finds the places of findings of one stack below the repository's root."""

    def __init__(self, root: Path, stack: str) -> None:
        self._root = root
        self._stack = stack
        self._read: dict[str, list[tuple[int, str]]] = {}
        self.stack_file = next((path for path in self._candidates() if (root / path).is_file()), "Pulumi.yaml")

    def _candidates(self) -> list[str]:
        # A stack's name comes from an event log, and must not lead anywhere else.
        if not re.fullmatch(r"[A-Za-z0-9_.-]+", self._stack):
            return []
        return [f"{folder}Pulumi.{self._stack}.yaml" for folder in ("stacks/", "")]

    def of(self, urn: Urn) -> Place:
        """Return the line of the stack file at which the settings of the outermost component begin."""
        component = next(iter(_components(urn)), "")
        section = SECTIONS.get(component, component)
        return Place(self.stack_file, self._sections.get(section, self._sections.get("mlops:platform", 1)))

    def source(self, urn: Urn) -> Place | None:
        """Return where the innermost component is defined; None where it is not in this repository."""
        for component in reversed(_components(urn)):
            path = f"components/{component}/component.py"
            if (self._root / path).is_file():
                return Place(path, self._class_line(path))
        return None

    @functools.cached_property
    def _sections(self) -> dict[str, int]:
        """Line by key, for the keys of the settings and the one that holds them."""
        lines = self._lines(self.stack_file)
        found = [(match[1], number) for number, line in lines if (match := re.match(r"(?: {2}| {4})([\w:]+):", line))]
        return dict(reversed(found))

    def _class_line(self, path: str) -> int:
        return next((n for n, line in self._lines(path) if re.match(r"class \w+\(PlatformComponent\)", line)), 1)

    def _lines(self, path: str) -> list[tuple[int, str]]:
        if path not in self._read:
            file = self._root / path
            text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
            self._read[path] = list(enumerate(text.splitlines(), start=1))
        return self._read[path]


def _components(urn: Urn) -> list[str]:
    """Names of the components' folders, from the outermost: `gpu_node_pool` for `mlops:index:GpuNodePool`."""
    found = [match[1] for kind in urn.types if (match := re.fullmatch(r"mlops:index:([A-Za-z0-9]+)", kind))]
    return [re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in found]

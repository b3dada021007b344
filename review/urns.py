"""The parts of a URN: `urn:pulumi:<stack>::<project>::<parents' types>$<type>::<name>`."""

from __future__ import annotations

from dataclasses import dataclass

PREFIX = "urn:pulumi:"
STACK_TYPE = "pulumi:pulumi:Stack"


@dataclass(frozen=True)
class Urn:
    """A resource's identity, taken apart; all parts but `text` are empty where the text is no URN."""

    text: str
    stack: str = ""
    project: str = ""
    types: tuple[str, ...] = ()
    """Type tokens from the outermost parent (the stack's own is left out by the engine) to the resource."""

    name: str = ""
    """Logical name; it may hold `::` and anything else that a program writes."""

    @classmethod
    def parse(cls, text: str) -> Urn:
        """Take a URN apart; whatever is no URN is kept as text."""
        parts = text.removeprefix(PREFIX).split("::", 3)
        if not text.startswith(PREFIX) or len(parts) != 4:
            return cls(text)
        stack, project, types, name = parts
        return cls(text, stack, project, tuple(types.split("$")), name)

    @property
    def type(self) -> str:
        """Type token of the resource itself, such as `aws:s3/bucket:Bucket`."""
        return self.types[-1] if self.types else ""

    @property
    def is_stack(self) -> bool:
        """Whether it stands for the whole stack."""
        return self.type == STACK_TYPE

    @property
    def label(self) -> str:
        """Short text for people: the type's last part and the name, `the stack`, or the text as it is."""
        if not self.text or self.is_stack:
            return "the stack"
        return f"{self.type.rsplit(':', 1)[-1]} {self.name}" if self.types else self.text

    @property
    def lasting(self) -> str:
        """What stays the same when the stack is renamed; the stack's own resource is named after it."""
        if self.is_stack or not self.text:
            return f"{self.project}::{STACK_TYPE}"
        return "::".join((self.project, "$".join(self.types), self.name)) if self.types else self.text

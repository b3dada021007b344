"""The programs of `tests/policies/bad`: how they run, what is found in them, and the files that say what should be.

`python -m tests.policies.bad_programs` prints what differs from these files, `--write` also writes them anew.
"""

from __future__ import annotations

import dataclasses
import difflib
import importlib
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import yaml
from pulumi.runtime import settings as runtime

from policies._engine import profiles
from policies._engine.environments import LABEL
from policies._engine.evaluate import Settings
from policies._engine.model import STACK_TYPE
from policies.cost.tags import AUTOSCALING_GROUP, taggable
from tests.graph import record
from tests.policies.build import PACKS, RULES
from tests.policies.graphs import judged

FOLDER = Path(__file__).parent / "bad"
TOGETHER = FOLDER / "together.yaml"
"""What is found about the stack when all programs are one; about resources they must find the same as alone."""

PROFILE = "baseline"
REGION = "us-east-1"
VERDICTS = ("fail", "undetermined")
WIDTH = 118
"""Longest line of a written file, in characters."""


_WRAPPER = textwrap.TextWrapper(
    WIDTH, initial_indent=" " * 4, subsequent_indent=" " * 5, break_long_words=False, break_on_hyphens=False
)


@dataclasses.dataclass(frozen=True, order=True)
class Found:
    """One verdict that is no pass."""

    verdict: str
    rule: str
    name: str
    """Logical name of the resource; empty for the stack as a whole."""


@dataclasses.dataclass(frozen=True)
class Program:
    """One bad program, with what its stack file says."""

    name: str
    story: str
    environment: str
    tags: Mapping[str, str]
    body: Callable[[], None]

    @property
    def type(self) -> str:
        """Token of the component that everything of it belongs to; it tells programs apart in URNs."""
        return f"bad:programs:{''.join(word.title() for word in self.name.split('_'))}"

    @property
    def file(self) -> Path:
        """The file that says what should be found in it."""
        return FOLDER / f"{self.name}.yaml"

    def run(self) -> None:
        """Make its resources, all below a component of its own and by an AWS provider of its own."""
        stack = runtime.get_root_resource()
        assert stack is not None
        runtime.set_root_resource(_Whole(self))
        try:
            self.body()
        finally:
            runtime.set_root_resource(stack)


class _Whole(pulumi.ComponentResource):
    """Stands for a program's own stack."""

    def __init__(self, program: Program) -> None:
        options = pulumi.ResourceOptions(transformations=[self._settle])
        super().__init__(program.type, program.name.replace("_", "-"), None, options)
        self._program = program
        self._provider = aws.Provider(
            f"aws-{program.name.replace('_', '-')}",
            region=REGION,
            default_tags={"tags": dict(program.tags)},
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _settle(self, args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        """Do what a stack of its own would do by itself.

        The official provider merges its default tags into those of a resource before policies see it, the local one
        does not. The stack would say which environment it is; where many programs are one stack, labels do.
        """
        props: dict[str, Any] = dict(args.props)
        opts = args.opts
        if args.type_.startswith("aws:"):
            opts = pulumi.ResourceOptions.merge(pulumi.ResourceOptions(provider=self._provider), opts)
            if args.type_ in _TAGGABLE:
                props["tags"] = {**self._program.tags, **(props.get("tags") or {})}
        elif args.type_.startswith("kubernetes:") and "helm.sh" not in args.type_:
            metadata = dict(props.get("metadata") or {})
            metadata["labels"] = {LABEL: self._program.environment, **(metadata.get("labels") or {})}
            props["metadata"] = metadata
        return pulumi.ResourceTransformationResult(props, opts)


_TAGGABLE = frozenset(taggable()) - {AUTOSCALING_GROUP}


def programs() -> tuple[Program, ...]:
    """Return every bad program, by name."""
    names = sorted(path.stem for path in FOLDER.glob("[!_]*.py"))
    return tuple(_program(name) for name in names)


def _program(name: str) -> Program:
    module = importlib.import_module(f"tests.policies.bad.{name}")
    return Program(name, module.__doc__ or "", module.ENVIRONMENT, module.TAGS, module.program)


def run_all() -> None:
    """Run every program, one after the other, in one stack."""
    for program in programs():
        program.run()


def find(run: Callable[[], None], environment: str | None) -> list[tuple[Found, str]]:
    """Return what the packs find in a preview of a program, each with its URN.

    The environment is the stack's; None where it has none of its own.
    """
    graph = record(run, preview=True)
    found = []
    for pack in PACKS:
        chosen = Settings(profiles.load(PROFILE, pack), stack_environment=environment)
        for one in judged(graph, pack, chosen):
            if one.verdict in VERDICTS:
                whole = f"::{STACK_TYPE}::" in one.urn
                found.append(
                    (Found(str(one.verdict), one.rule.id, "" if whole else one.urn.rsplit("::", 1)[-1]), one.urn)
                )
    return found


def find_alone(program: Program) -> list[Found]:
    """Return what is found in a program that has a stack to itself."""
    return sorted(one for one, _ in find(program.run, program.environment))


def split(found: Iterable[tuple[Found, str]], among: Iterable[Program]) -> dict[str, list[Found]]:
    """Sort what was found in all programs together by the program that it is about; the stack's is under "stack"."""
    by_type = {program.type: program.name for program in among}
    result: dict[str, list[Found]] = {name: [] for name in (*by_type.values(), "stack")}
    for one, urn in found:
        owner = urn.split("::")[2].split("$")[0]
        result[by_type[owner] if one.name else "stack"].append(one)
    return {name: sorted(each) for name, each in result.items()}


def read(path: Path) -> list[Found]:
    """Return what a file says should be found."""
    told: dict[str, Any] = yaml.safe_load(path.read_text())
    stack = [Found(verdict, rule, "") for verdict in VERDICTS for rule in told["stack"].get(verdict, ())]
    each = [
        Found(verdict, rule, name)
        for verdict in VERDICTS
        for rule, names in told.get(verdict, {}).items()
        for name in names
    ]
    return sorted([*stack, *each])


def render(found: Iterable[Found], heading: str) -> str:
    """Return the text of such a file."""
    found = list(found)
    lines = [f"# {heading}", "# Written by `python -m tests.policies.bad_programs --write`; read the difference."]
    for verdict in VERDICTS:
        rules = dict.fromkeys(one.rule for one in found if one.verdict == verdict and one.name)
        lines += [f"{verdict}:" if rules else f"{verdict}: {{}}"]
        for rule in sorted(rules):
            names = sorted(one.name for one in found if (one.verdict, one.rule) == (verdict, rule) and one.name)
            lines += [f"  # {RULES[rule].title}", *_listed(rule, names)]
    lines += ["stack:"]
    for verdict in VERDICTS:
        rules = dict.fromkeys(sorted(one.rule for one in found if one.verdict == verdict and not one.name))
        lines += [f"  {verdict}:" if rules else f"  {verdict}: []"]
        for rule in rules:
            lines += [f"    # {RULES[rule].title}", f"    - {rule}"]
    return "\n".join(lines) + "\n"


def _listed(rule: str, names: list[str]) -> list[str]:
    text = f"[{', '.join(names)}]"
    line = f"  {rule}: {text}"
    return [line] if len(line) <= WIDTH else [f"  {rule}:", *_WRAPPER.wrap(text)]


def rendered() -> dict[Path, str]:
    """Return every file as it should be now."""
    every = programs()
    texts = {one.file: render(find_alone(one), f"What the packs find in {one.name}.py.") for one in every}
    stack = split(find(run_all, None), every)["stack"]
    texts[TOGETHER] = render(stack, "What they find about the stack when all programs are one, without an environment.")
    return texts


def main(arguments: list[str]) -> int:
    """Print how the files differ from what is found now, and write them if asked to."""
    differ = False
    for path, text in rendered().items():
        before = path.read_text() if path.exists() else ""
        lines = list(difflib.unified_diff(before.splitlines(), text.splitlines(), path.name, path.name, lineterm=""))
        differ = differ or bool(lines)
        print("\n".join(lines), end="\n" if lines else "")
        if lines and "--write" in arguments:
            path.write_text(text)
    return int(differ and "--write" not in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

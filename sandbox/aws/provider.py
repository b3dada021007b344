"""The local `aws` provider: each resource type is executed by boto3 against moto.

Inputs are checked against the typed SDK. What moto cannot do is recorded in state only, and each such resource is
written to the sandbox's list of recorded things, which every run prints.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import re
import secrets
import threading
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from sandbox import recorded
from sandbox.aws.client import Aws
from sandbox.aws.schema import Schemas
from sandbox.aws.server import boot_of
from sandbox.aws.services import FUNCTIONS, NOT_EXECUTED, RECORDED, RECORDED_NAMES, TYPES
from sandbox.aws.types import AwsType, Name, is_gone
from sandbox.engine.cache import cache_root
from sandbox.layout import Layout
from sandbox.provider.changes import Change, compare, refreshed_inputs
from sandbox.provider.journal import Entry, Journal
from sandbox.provider.servicer import Diff, Failure, Found, LocalProvider, ProviderError, serve, type_of
from sandbox.provider.values import UNKNOWN, Props, compact, contains_unknown


class AwsProvider(LocalProvider):
    """Executes AWS resources on the local AWS of one sandbox."""

    package = "aws"

    def __init__(self, log: Callable[[str, str, str], None], layout: Layout) -> None:
        super().__init__(log)
        self.version = importlib.metadata.version("pulumi-aws")
        self._layout = layout
        self._schemas = Schemas(cache_root().parent / "schema")
        self._journal = Journal(layout.journal / "aws")
        self._default_tags: dict[str, str] = {}
        self._aws: Aws | None = None
        self._boot: str | None = None
        self._lock = threading.Lock()

    # -- configuration --------------------------------------------------------------------------------------------

    def configure(self, variables: Props) -> None:
        region = variables.get("region") or "us-east-1"
        tags = _structured(variables.get("defaultTags")) or {}
        self._default_tags = dict(tags.get("tags") or {})
        self._aws = Aws(self._layout.aws_endpoint, str(region))

    @property
    def aws(self) -> Aws:
        if self._aws is None:
            raise ProviderError("the aws provider was used before it was configured")
        return self._aws

    def _current_boot(self) -> str:
        """Boot id of the local AWS; asked once, when the first creation comes."""
        with self._lock:
            if self._boot is None:
                self._boot = boot_of(self.aws.endpoint)
                recorded.note_boot(self._layout, self._boot)
            return self._boot

    # -- the life of a resource -----------------------------------------------------------------------------------

    def check(self, urn: str, old: Props, new: Props) -> tuple[Props, list[Failure]]:
        token = type_of(urn)
        kind = TYPES.get(token)
        if token not in self._schemas:
            return new, [Failure("", f"pulumi-aws {self.version} has no type {token}")]
        failures = self._schemas.check(token, new)
        inputs = {k: v for k, v in new.items() if v is not None}
        name = kind.name if kind else RECORDED_NAMES.get(token)
        if name is not None:
            self._name(name, urn, old, inputs)
        if "region" in self._schemas.of(token).inputs:
            inputs.setdefault("region", self.aws.region)
        if "tagsAll" in self._schemas.of(token).outputs and "tags" in self._schemas.of(token).inputs:
            inputs["tagsAll"] = {**self._default_tags, **(inputs.get("tags") or {})}
        return inputs, failures

    def _name(self, name: Name, urn: str, old: Props, inputs: Props) -> None:
        """Name a resource as the engine does: logical name, seven random characters, kept afterwards."""
        if inputs.get(name.property) is not None or inputs.get(f"{name.property}Prefix") is UNKNOWN:
            return
        known = old.get(name.property)
        pending = self._journal.pending(urn)
        if known:
            inputs[name.property] = known
        elif pending is not None and pending.inputs.get(name.property):
            inputs[name.property] = pending.inputs[name.property]
        else:
            inputs[name.property] = f"{_name_base(name, urn, inputs)}{secrets.token_hex(4)[:7]}"

    def diff(self, urn: str, resource_id: str, state: Props, old: Props, new: Props) -> Diff:
        self._journal.known(urn, resource_id)
        kind = TYPES.get(type_of(urn))
        replaces = kind.replaces if kind else frozenset()
        named = kind.name.property if kind and kind.name else None

        def replacing(path: str) -> bool:
            top = path.split(".", 1)[0].split("[", 1)[0]
            return top in replaces or top in (named, "region") or (kind is not None and kind.update is None)

        changes = [c for c in compare(old, new, replacing) if not _steers(kind, c)]
        steering = [c for c in compare(old, new, lambda _: False) if _steers(kind, c)]
        first = bool(kind and (kind.delete_before_replace or _keeps_name(kind, urn, old, new)))
        return Diff([*changes, *steering], first)

    def preview(self, urn: str, inputs: Props) -> Props:
        outputs = dict.fromkeys(self._schemas.of(type_of(urn)).outputs, UNKNOWN)
        return {**outputs, **inputs, "id": UNKNOWN}

    def create(self, urn: str, inputs: Props, timeout_s: float) -> tuple[str, Props]:
        kind = TYPES.get(type_of(urn))
        if kind is None:
            return self._record(urn, inputs)
        boot = self._current_boot()
        cut_off = self._cut_off(kind, urn, boot, inputs)
        if cut_off is not None and cut_off.resource_id is not None:
            return cut_off.resource_id, self._outputs(kind, urn, cut_off.resource_id, inputs)
        entry = self._journal.begin(urn, boot, inputs, cut_off.token if cut_off else None)
        resource_id = self._call(urn, "create", lambda: self._create_once(kind, entry, inputs))
        self._journal.done(entry, resource_id)
        return resource_id, self._outputs(kind, urn, resource_id, inputs)

    def _create_once(self, kind: AwsType, entry: Entry, inputs: Props) -> str:
        with self.aws.creating(entry.token):
            return kind.create(self.aws.at(inputs.get("region")), inputs)

    def _cut_off(self, kind: AwsType, urn: str, boot: str, inputs: Props) -> Entry | None:
        """Return the note on this very creation, if an earlier run ended before the engine knew of its result.

        A creation that had ended is taken as it is: others may have built on it since, so its calls must not be
        repeated. If the program has changed since, it is completed as it was meant and deleted, so that nothing of
        it stays.
        """
        entry = self._journal.pending(urn)
        if entry is None or entry.boot != boot:
            return None
        if entry.inputs != inputs:
            self.undo(entry)
        elif entry.resource_id is None or self._exists(kind, entry):
            return entry
        return None

    def _exists(self, kind: AwsType, entry: Entry) -> bool:
        resource_id = str(entry.resource_id)
        return self._call(entry.urn, "read", lambda: self._read(kind, resource_id, entry.inputs)) is not None

    def undo(self, entry: Entry) -> bool:
        """Delete what a noted creation made; return whether there was anything, and forget the note.

        One that was cut off is completed first, so that its id is known.
        """
        kind, resource_id = TYPES[type_of(entry.urn)], entry.resource_id
        there = entry.boot == self._current_boot()
        if there:
            if resource_id is None:
                resource_id = self._call(entry.urn, "create", lambda: self._create_once(kind, entry, entry.inputs))
            self._delete(kind, entry.urn, resource_id, entry.inputs)
        self._journal.forget(entry.urn)
        return there

    def _record(self, urn: str, inputs: Props) -> tuple[str, Props]:
        token = type_of(urn)
        recorded.add(self._layout, urn, RECORDED.get(token, NOT_EXECUTED))
        resource_id = f"recorded-{hashlib.sha256(urn.encode()).hexdigest()[:12]}"
        computed = [n for n in self._schemas.of(token).outputs if n not in self._schemas.of(token).inputs]
        arn = self.aws.arn(token.split(":")[1].split("/")[0], resource_id)
        made_up = {n: arn for n in computed if n.lower().endswith("arn")}
        made_up |= {n: resource_id for n in computed if n.endswith("Id")}
        return resource_id, {**made_up, **inputs, "id": resource_id}

    def read(self, urn: str, resource_id: str, state: Props, inputs: Props) -> Found | None:
        kind = TYPES.get(type_of(urn))
        self._journal.known(urn, resource_id)
        if kind is None:
            return Found(resource_id, state, inputs)
        known = {**inputs, **state}
        found = self._call(urn, "read", lambda: self._read(kind, resource_id, known))
        if found is None:
            return None
        outputs = {**self._merged(found, known), "id": resource_id}
        if not inputs:
            inputs = {k: v for k, v in outputs.items() if k in self._schemas.of(kind.token).inputs}
        unset = {k: None for k, v in found.items() if v is None}
        return Found(resource_id, outputs, compact(self._refreshed(inputs, state, {**outputs, **unset})))

    def _refreshed(self, inputs: Props, before: Props, after: Props) -> Props:
        result = refreshed_inputs(inputs, before, after)
        if "tagsAll" in after and after["tagsAll"] != before.get("tagsAll"):
            own = {k: v for k, v in after["tagsAll"].items() if self._default_tags.get(k) != v}
            result = {**result, "tags": own, "tagsAll": after["tagsAll"]}
        return result

    def _read(self, kind: AwsType, resource_id: str, known: Props) -> Props | None:
        try:
            return kind.read(self.aws.at(known.get("region")), resource_id, known)
        except ClientError as error:
            if is_gone(error):
                return None
            raise

    def _outputs(self, kind: AwsType, urn: str, resource_id: str, inputs: Props) -> Props:
        found = self._call(urn, "read", lambda: self._read(kind, resource_id, inputs))
        if found is None:
            raise ProviderError(f"{kind.token} {resource_id} was created and cannot be found again")
        # As the real provider does: who compares references finds the id among the outputs.
        return {**self._merged(found, inputs), "id": resource_id}

    @staticmethod
    def _merged(found: Props, known: Props) -> Props:
        """Lay what was found over what is known; tags of the program are those found beyond the default ones."""
        # A property that was found unset ends what was known of it.
        outputs: Props = compact({**known, **found})
        if "tagsAll" in found and known.get("tags"):
            outputs["tags"] = {k: found["tagsAll"][k] for k in known["tags"] if k in found["tagsAll"]}
        return outputs

    def update(self, urn: str, resource_id: str, state: Props, old: Props, new: Props, timeout_s: float) -> Props:
        kind = TYPES.get(type_of(urn))
        kept = {k: v for k, v in state.items() if k not in self._schemas.of(type_of(urn)).inputs}
        if kind is None:
            return {**kept, **new}
        change = kind.update
        if change is not None:
            aws = self.aws.at(new.get("region"))
            self._call(urn, "update", lambda: change(aws, resource_id, {**state, **old}, new))
        return self._outputs(kind, urn, resource_id, {**kept, **new})

    def delete(self, urn: str, resource_id: str, state: Props, timeout_s: float) -> None:
        kind = TYPES.get(type_of(urn))
        self._journal.known(urn, resource_id)
        if kind is None:
            recorded.remove(self._layout, urn)
        else:
            self._delete(kind, urn, resource_id, state)

    def _delete(self, kind: AwsType, urn: str, resource_id: str, state: Props) -> None:
        def run() -> None:
            try:
                kind.delete(self.aws.at(state.get("region")), resource_id, state)
            except ClientError as error:
                if not is_gone(error):
                    raise

        self._call(urn, "delete", run)

    def invoke(self, token: str, args: Props) -> Props:
        if token not in FUNCTIONS:
            raise ProviderError(f"the local aws provider does not know the function {token}")
        if contains_unknown(args):
            return {}
        result: Props = self._call(token, "call", lambda: FUNCTIONS[token](self.aws, args))
        return result

    @staticmethod
    def _call(urn: str, verb: str, run: Callable[[], Any]) -> Any:
        """Run an operation; an error of AWS is told in its own words, with the code that tells what to look up."""
        try:
            return run()
        except ClientError as error:
            detail = error.response.get("Error", {})
            raise ProviderError(
                f"could not {verb} {urn.rsplit('::', 1)[-1]}: {error.operation_name} said {detail.get('Code')}: "
                f"{detail.get('Message')}"
            ) from error
        # moto answers what it lacks with an HTML page, which some protocols cannot even parse.
        except (BotoCoreError, ResponseParserError) as error:
            raise ProviderError(f"could not {verb} {urn.rsplit('::', 1)[-1]}: {error}") from error


def _name_base(name: Name, urn: str, inputs: Props) -> str:
    """Return what a made-up name starts with."""
    return inputs.get(f"{name.property}Prefix") or f"{urn.rsplit('::', 1)[-1]}{name.separator}"


def _keeps_name(kind: AwsType, urn: str, old: Props, new: Props) -> bool:
    """Whether a replacement would have the name of what it replaces, which then must go first."""
    if kind.name is None or new.get(kind.name.property) is UNKNOWN:
        return False
    name = new.get(kind.name.property)
    base = _name_base(kind.name, urn, new)
    made_up = re.fullmatch(rf"{re.escape(base)}[0-9a-f]{{7}}", str(name)) is not None
    return name == old.get(kind.name.property) and not made_up


def _steers(kind: AwsType | None, change: Change) -> bool:
    return kind is not None and change.top in kind.not_compared


def _structured(value: Any) -> Any:
    """Provider configuration arrives as JSON text where it is not a string."""
    return json.loads(value) if isinstance(value, str) and value[:1] in "[{" else value


def main() -> None:
    """Serve the provider for the sandbox that the environment names."""
    serve(lambda log: AwsProvider(log, Layout.current()))


if __name__ == "__main__":
    main()

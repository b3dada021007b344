"""What the catalogue says about a chart: its pin, its CRDs, its images, the values keys seen in it."""

import difflib
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

_KEY = r"[a-z0-9]+(?:-[a-z0-9]+)*"

Key = Annotated[str, StringConstraints(pattern=rf"^{_KEY}$", max_length=53)]
# Helm cuts nothing and refuses release names above 53 characters; the key is the release name.
ExactVersion = Annotated[str, StringConstraints(pattern=r"^v?\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$")]
ValuesPath = Annotated[str, StringConstraints(min_length=1, pattern=r"^\S+$")]
Source = Annotated[str, StringConstraints(pattern=r"^[\w.-]+/[\w.-]+:[^\s@]+@[0-9a-f]{40}$")]
Evidence = Literal["exact", "adjacent", "older"]


class CatalogueError(ValueError):
    """A request that the catalogue cannot serve; the text names every problem and what to do about it."""


class Frozen(BaseModel):
    """Base of the models here: immutable, and a field too many is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Crd(Frozen):
    """A custom resource definition that a chart brings."""

    group: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(?:\.[a-z0-9-]+)+$")]
    kind: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]+$")]
    plural: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+$")]
    scope: Literal["Namespaced", "Cluster"]
    versions: Annotated[tuple[str, ...], Field(min_length=1)]
    """The served versions."""

    storage: str
    """The served version that is stored."""

    @model_validator(mode="after")
    def _storage_is_served(self) -> Self:
        if self.storage not in self.versions:
            raise ValueError(f"storage {self.storage} is not among the versions {', '.join(self.versions)}")
        return self

    @property
    def name(self) -> str:
        """The name of the definition, such as `nodepools.karpenter.sh`."""
        return f"{self.plural}.{self.group}"

    @property
    def namespaced(self) -> bool:
        """Whether its objects live in a namespace."""
        return self.scope == "Namespaced"


class Image(Frozen):
    """A container image that a chart pulls by default."""

    repository: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.-]+\.[a-z]+(?:/[a-z0-9._-]+)+$")]
    """Registry and path, without a tag."""

    tag: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*$")] | None
    """None where the chart's values file states none, as for images of subcharts."""

    switch: ValuesPath | None = None
    """The values path that turns the image on or off; None if it is always pulled."""

    @property
    def reference(self) -> str:
        """Repository and, where known, tag."""
        return f"{self.repository}:{self.tag}" if self.tag else self.repository


class ChartSource(Frozen):
    """Where a release takes its chart from, in the two fields that Helm knows."""

    chart: str
    """A chart name, an `oci://` reference without version, or the path of a packaged chart."""

    repo: str | None
    """The repository URL, None unless `chart` is a bare name."""


class Subchart(Frozen):
    """A chart inside a chart, whose own values file was read as well."""

    name: Key
    """The name, which its values keys begin with."""

    version: ExactVersion | None
    """The version that the chart asks for; None where it was not seen."""

    source: Source
    """The file that was read: repository, path and commit."""

    evidence: Evidence
    """How near that file is to the version."""


class Chart(Frozen):
    """One pinned chart."""

    key: Key
    """How the library calls the add-on; the release name as well, so that it never changes by chance."""

    repository: Annotated[str, StringConstraints(pattern=r"^(?:https|oci)://[^\s/]+(?:/[^\s/]+)*$")]
    name: Key
    version: ExactVersion
    app_version: ExactVersion
    namespace: Key
    crd_delivery: Literal["templates", "crds-folder", "elsewhere", "none"]
    """How CRDs come: with the release, once from the `crds` folder, from a needed chart, not at all."""

    crds: tuple[Crd, ...]
    needs: tuple[Key, ...] = ()
    """Charts that must be installed before this one."""

    optional_needs: tuple[Key, ...] = ()
    """Charts that must be installed before this one if they are selected at all."""

    conflicts: tuple[Key, ...] = ()
    """Charts that cannot be selected together with this one; said on one side is enough."""

    source: Source
    """The file that was read: repository, path and commit."""

    evidence: Evidence
    """How near that file is to the pinned version; keys of an older one want confirming."""

    subcharts: tuple[Subchart, ...] = ()
    """Charts inside this one whose own values files were read as well."""

    checked_on: date
    images: tuple[Image, ...]
    values_keys: tuple[ValuesPath, ...]
    """Dotted paths seen in the values file; a dot inside a key is written as in Helm, backslash first."""

    free_form: tuple[ValuesPath, ...]
    """Dotted paths whose children are the user's own, such as labels and resources."""

    @model_validator(mode="after")
    def _crds_fit_delivery(self) -> Self:
        if bool(self.crds) != (self.crd_delivery in ("templates", "crds-folder")):
            raise ValueError(f"crd_delivery {self.crd_delivery} does not fit {len(self.crds)} crds")
        return self

    @model_validator(mode="after")
    def _subcharts_have_keys(self) -> Self:
        sections = {path.split(".")[0] for path in (*self.values_keys, *self.free_form)}
        bare = [s.name for s in self.subcharts if s.name not in sections]
        if bare:
            raise ValueError(f"no values key begins with the subchart {', '.join(bare)}")
        return self

    @property
    def sources(self) -> tuple[str, ...]:
        """Every values file that was read for this chart, its own first."""
        return (self.source, *(s.source for s in self.subcharts))

    @property
    def release_name(self) -> str:
        """The Helm release name."""
        return self.key

    @property
    def skip_crds(self) -> bool:
        """Whether a release must leave out the chart's own `crds` folder, a needed chart brings them."""
        return self.crd_delivery == "elsewhere"


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """Return a clause that names the known texts nearest to a wrong one, empty if none is near."""
    near = difflib.get_close_matches(wrong[:128], list(known), n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(near)}?" if near else ""


def listed(head: str, lines: Iterable[str]) -> str:
    """Return a head line and one indented line for each problem."""
    return f"{head}:" + "".join(f"\n  {line}" for line in lines)

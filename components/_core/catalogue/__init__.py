"""The add-on catalogue: pinned charts as data, checks and order of installation as pure functions."""

from components._core.catalogue.catalogue import (
    Catalogue,
    chart,
    chart_source,
    crds,
    images,
    install_order,
    load_catalogue,
    parse_catalogue,
    with_mirror,
)
from components._core.catalogue.models import CatalogueError, Chart, ChartSource, Crd, Image, Subchart
from components._core.catalogue.values import check_values, unknown_value_keys

__all__ = [
    "Catalogue",
    "CatalogueError",
    "Chart",
    "ChartSource",
    "Crd",
    "Image",
    "Subchart",
    "chart",
    "chart_source",
    "check_values",
    "crds",
    "images",
    "install_order",
    "load_catalogue",
    "parse_catalogue",
    "unknown_value_keys",
    "with_mirror",
]

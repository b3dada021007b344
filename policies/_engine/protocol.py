"""Loads the analyzer protocol's messages without the SDK around them, for a pack's own process.

`import pulumi` takes half a second of processor time, twice at every preview, for code that a pack never
calls: it needs the generated messages in `pulumi.runtime.proto` alone (measured 2026-11-23, pulumi 3.272:
0.74 s with the SDK, 0.28 s without).
"""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

PARENTS = ("pulumi", "pulumi.runtime")
MESSAGES = "pulumi.runtime.proto"


def load_alone() -> bool:
    """Make `pulumi.runtime.proto` importable without running the SDK's own start-up; return whether that
    worked.

    Only for a process that needs nothing else of Pulumi: `pulumi` is an empty package in it from then on.
    Where the SDK is loaded already, or its layout has changed, nothing is done and the ordinary import
    remains.
    """
    if "pulumi" in sys.modules:
        return False
    spec = importlib.util.find_spec("pulumi")
    if spec is None or spec.origin is None:
        return False
    folder = Path(spec.origin).parent
    for name, path in zip(PARENTS, (folder, folder / "runtime"), strict=True):
        package = ModuleType(name)
        package.__path__ = [str(path)]
        sys.modules[name] = package
    try:
        importlib.import_module(MESSAGES)
    except ImportError:
        for name in [name for name in sys.modules if name == "pulumi" or name.startswith("pulumi.")]:
            del sys.modules[name]
        return False
    return True

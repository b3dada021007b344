"""Serve the security pack: `pulumi preview --policy-pack policies/security`."""

import sys
from pathlib import Path

# The engine starts the folder, so that only the folder is importable, and its modules by the wrong names.
sys.path[0] = str(Path(__file__).resolve().parents[2])

from policies._engine.server import serve  # noqa: E402
from policies.security.pack import PACK  # noqa: E402

serve(PACK)

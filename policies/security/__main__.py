"""Serve the security pack: `pulumi preview --policy-pack policies/security`."""

import sys
from pathlib import Path

# The engine starts this folder, which would make its modules importable, by wrong names, and nothing else.
sys.path[0] = str(Path(__file__).resolve().parents[2])
from policies._engine import protocol  # noqa: E402

protocol.load_alone()
from policies._engine.server import serve  # noqa: E402
from policies.security.pack import PACK  # noqa: E402

serve(PACK)

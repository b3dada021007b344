"""End a process of the sandbox's when the one that started it is gone, however it went."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

_PERIOD_S = 0.5


def exit_with_parent(before: Callable[[], None] | None = None) -> None:
    """Watch the parent in a thread; when it is gone, call `before` and leave at once.

    A killed engine cannot end its plugins; without this they would stay.
    """
    original = os.getppid()

    def watch() -> None:
        while os.getppid() == original:
            time.sleep(_PERIOD_S)
        if before:
            before()
        os._exit(0)

    threading.Thread(target=watch, name="exit-with-parent", daemon=True).start()

"""Measures the local cloud and the engine on the starter platform; writes bench.json. Run by `make bench`.

Times on a shared machine drift, so what is compared is measured in turn, in one run, and told as a ratio.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from sandbox import lifecycle
from sandbox.engine.acquire import obtain_all
from sandbox.layout import REPOSITORY
from tests import bench_costs, bench_policies
from tests.engine.cloud import STACK, Cloud, Run

ROUNDS = 5
AIMS = {
    "start_s": 6.0,
    "up_s": 30.0,
    "no_change_up_s": 9.0,
    "packs_ratio": 1.25,
    "review_ratio": 1.3,
    "policies_exponent": 1.1,
    "estimate_10000_s": 1.0,
}
"""What is aimed at: seconds on two cores with everything cached, previews with packs and whole reviews against bare
previews, and how the packs' time grows with the number of resources."""


def checked(run: Run) -> Run:
    """Return a run that succeeded; anything else makes a figure worthless."""
    if run.code != 0:
        raise SystemExit(run.output[-3000:])
    return run


def measure(cloud: Cloud) -> dict[str, Any]:
    """Live through start, up, previews, an up without changes and destroy."""
    start = cloud.start()
    cloud.stop()
    restart = cloud.start()
    up = checked(cloud.up(packs=False))
    bare, packed, reviewed = [], [], []
    for _ in range(ROUNDS):
        bare.append(checked(cloud.pulumi("preview", packs=False)).seconds)
        packed.append(checked(cloud.pulumi("preview")).seconds)
        reviewed.append(review(cloud))
    same = [checked(cloud.up()).seconds for _ in range(ROUNDS)]
    memory = sum(s.memory_mib for s in lifecycle.status(cloud.layout))
    destroy = checked(cloud.destroy())
    return {
        "resources": up.changes["create"],
        "start_s": start,
        "restart_s": restart,
        "up_s": up.seconds,
        "no_change_up_s": statistics.median(same),
        "destroy_s": destroy.seconds,
        "preview_s": statistics.median(bare),
        "preview_with_packs_s": statistics.median(packed),
        "packs_ratio": sum(packed) / sum(bare),
        "review_s": statistics.median(reviewed),
        "review_ratio": sum(reviewed) / sum(bare),
        "sandbox_mib": memory,
    }


def review(cloud: Cloud) -> float:
    """Review the stack, all files written; return the seconds."""
    began = time.monotonic()
    done = cloud.mlops("review", STACK, "--output", str(cloud.layout.root / "review"))
    if done.returncode not in (0, 2, 3):
        raise SystemExit(done.stderr[-3000:])
    return time.monotonic() - began


def main() -> None:
    """Measure, print beside the aims, and write bench.json."""
    engine = obtain_all(lambda group, text: print(f"{group.key}: {text}"))
    with tempfile.TemporaryDirectory() as folder:
        cloud = Cloud(Path(folder) / "sandbox", engine)
        try:
            figures = {**measure(cloud), **bench_policies.measure(), **bench_costs.measure()}
        finally:
            cloud.stop()
    rounded = {k: round(float(v), 2) for k, v in figures.items()}
    result = {
        "measured": time.strftime("%Y-%m-%d"),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "figures": rounded,
        "aims": AIMS,
    }
    (REPOSITORY / "bench.json").write_text(json.dumps(result, indent=2) + "\n")
    for name, value in rounded.items():
        aim = AIMS.get(name)
        print(f"{name:<22} {value:>9.2f}" + (f"   aim {aim:g}" if aim else ""))


if __name__ == "__main__":
    main()

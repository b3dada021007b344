"""Write `components/_core/facts/instance_types.json` again, or say which facts moved.

    python tools/refresh_instance_facts.py           # write the file
    python tools/refresh_instance_facts.py --check   # exit 1 with the moved facts when it differs

Facts come from the data that the installed moto carries (EC2's own DescribeInstanceTypes and
DescribeInstanceTypeOfferings, as moto's maintainers recorded them) and from `instance_types.manual.yaml`
beside the written file. The same inputs give the same bytes.
"""

import argparse
import gzip
import importlib.metadata
import importlib.util
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

FACTS = Path(__file__).resolve().parents[1] / "components" / "_core" / "facts"
TARGET = FACTS / "instance_types.json"
MANUAL = FACTS / "instance_types.manual.yaml"

ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}  # EC2's names and those of Kubernetes nodes

_GIGABIT = re.compile(r"(?P<up_to>Up to )?(?:(?P<cards>\d+)x )?(?P<gbps>[\d.]+) Gigabit")


class RefreshError(Exception):
    """The sources do not fit what this script knows; the text says what to look at."""


def load_manual(path: Path = MANUAL) -> dict[str, Any]:
    """Return the hand-kept facts; dates stay `datetime.date`."""
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def load_moto(regions: list[str]) -> tuple[dict[str, Any], dict[str, dict[str, list[str]]]]:
    """Return moto's instance types, and for each region the zone ids where a type is offered."""
    spec = importlib.util.find_spec("moto")
    if spec is None or spec.origin is None:
        raise RefreshError("moto is not installed; run this in the project's environment")
    resources = Path(spec.origin).parent / "ec2" / "resources"
    types = json.loads(gzip.decompress((resources / "instance_types.json.gz").read_bytes()))
    offered: dict[str, dict[str, list[str]]] = {}
    for region in regions:
        packed = resources / "instance_type_offerings" / "availability-zone-id" / f"{region}.json.gz"
        zones: dict[str, set[str]] = {}
        for row in json.loads(gzip.decompress(packed.read_bytes())):
            zones.setdefault(row["InstanceType"], set()).add(row["Location"])
        offered[region] = {name: sorted(ids) for name, ids in zones.items()}
    return types, offered


def _only(items: list[Any], what: str, name: str) -> Any:
    """Return the single item; the file has room for one kind of accelerator and of disk in a type."""
    if len(items) != 1:
        raise RefreshError(f"{name} has {len(items)} kinds of {what}; the format holds one: extend it first")
    return items[0]


def _gpus(name: str, described: Mapping[str, Any]) -> dict[str, Any] | None:
    if "GpuInfo" not in described:
        return None
    gpu = _only(described["GpuInfo"]["Gpus"], "GPU", name)
    if gpu["Count"] < 1:
        raise RefreshError(f"{name} has a share of a GPU; only whole GPUs are modelled: leave its family out")
    return {
        "name": gpu["Name"],
        "manufacturer": gpu["Manufacturer"],
        "count": gpu["Count"],
        "memory_mib": gpu["MemoryInfo"]["SizeInMiB"],
    }


def _neuron(name: str, described: Mapping[str, Any]) -> dict[str, Any] | None:
    if "NeuronInfo" not in described:
        return None
    device = _only(described["NeuronInfo"]["NeuronDevices"], "Neuron device", name)
    return {
        "name": device["Name"],
        "devices": device["Count"],
        "cores": device["Count"] * device["CoreInfo"]["Count"],
        "memory_mib": device["MemoryInfo"]["SizeInMiB"],
    }


def _network(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return EFA, cards, interfaces and speed; the speed is None where EC2 says a word such as Moderate."""
    network = described["NetworkInfo"]
    card = network["NetworkCards"][network["DefaultNetworkCardIndex"]]
    speed = _GIGABIT.fullmatch(network["NetworkPerformance"])
    gbps = float(speed["gbps"]) * int(speed["cards"] or 1) if speed else None
    return {
        "efa": {
            "supported": network["EfaSupported"],
            "max_interfaces": network.get("EfaInfo", {}).get("MaximumEfaInterfaces", 0),
        },
        "network_cards": network["MaximumNetworkCards"],
        "eni": {"interfaces": card["MaximumNetworkInterfaces"], "ipv4": network["Ipv4AddressesPerInterface"]},
        "network_gbps": int(gbps) if gbps is not None and gbps.is_integer() else gbps,
        "network_up_to": bool(speed and speed["up_to"]),
    }


def record(name: str, described: Mapping[str, Any], regions: dict[str, list[str]]) -> dict[str, Any]:
    """Return the record of one instance type from what EC2 describes: MiB, and GB (10^9 bytes) for disks."""
    architecture = described["ProcessorInfo"]["SupportedArchitectures"][0]
    if architecture not in ARCHITECTURES:
        raise RefreshError(f"{name} is {architecture}; the facts know {', '.join(ARCHITECTURES)}")
    nvme = None
    if described.get("InstanceStorageSupported"):
        disk = _only(described["InstanceStorageInfo"]["Disks"], "local disk", name)
        nvme = {"disks": disk["Count"], "size_gb": disk["SizeInGB"]}
    return {
        "vcpu": described["VCpuInfo"]["DefaultVCpus"],
        "memory_mib": described["MemoryInfo"]["SizeInMiB"],
        "architecture": ARCHITECTURES[architecture],
        "bare_metal": described["BareMetal"],
        "current_generation": described["CurrentGeneration"],
        "gpus": _gpus(name, described),
        "neuron": _neuron(name, described),
        **_network(described),
        "local_nvme": nvme,
        "usage_classes": described["SupportedUsageClasses"],
        "regions": regions,
    }


def _correct(types: dict[str, dict[str, Any]], corrections: list[dict[str, Any]]) -> None:
    """Replace what a better source contradicts; a value that is not the expected one stops everything."""
    for correction in corrections:
        *path, last = correction["field"].split(".")
        holder: Any = types[correction["type"]]
        for key in path:
            holder = holder[key]
        if holder[last] != correction["was"]:
            raise RefreshError(
                f"{correction['type']} {correction['field']} is {holder[last]!r}, the correction expects "
                f"{correction['was']!r}; look at the source again, then change or remove it in {MANUAL.name}"
            )
        holder[last] = correction["now"]


def build(manual: dict[str, Any], installed: str | None = None) -> dict[str, Any]:
    """Return all facts. `installed`: the version of moto; default: that of this environment."""
    installed = installed or importlib.metadata.version("moto")
    if installed != manual["moto"]["version"]:
        raise RefreshError(
            f"moto {installed} is installed, {MANUAL.name} is dated for {manual['moto']['version']}; "
            "set moto.version and moto.date there, run this script, and review the facts that it lists"
        )
    regions: list[str] = manual["regions"]
    described, offered = load_moto(regions)
    types: dict[str, dict[str, Any]] = {}
    for family in (name for row in manual["families"] for name in row):
        names = [n for n in described if n.startswith(f"{family}.")]
        added = {n: dict(r) for n, r in manual["types"].items() if n.startswith(f"{family}.")}
        found = {n: record(n, described[n], {r: offered[r].get(n, []) for r in regions}) for n in names}
        if both := sorted(found.keys() & added.keys()):
            raise RefreshError(f"moto describes {', '.join(both)} now; remove them from {MANUAL.name}")
        if not found and not added:
            raise RefreshError(f"no source describes {family}; remove it from {MANUAL.name} or add its types")
        found |= added
        types |= dict(sorted(found.items(), key=lambda i: (i[1]["vcpu"], i[1]["memory_mib"], i[0])))
    _correct(types, manual["corrections"])
    for facts in types.values():
        facts["max_pods"] = facts["eni"]["interfaces"] * (facts["eni"]["ipv4"] - 1) + 2
    zones = {r: sorted({z for ids in offered[r].values() for z in ids}) for r in regions}
    moto = {"name": "moto, bundled EC2 data", "version": installed, "date": manual["moto"]["date"]}
    moto["gives"] = "every fact and offer for which no other source is named"
    return {
        "as_of": manual["as_of"],
        "review_by": manual["review_by"],
        "sources": [moto, *manual["sources"]],
        "formulas": manual["formulas"],
        "corrections": manual["corrections"],
        "regions": zones,
        "types": types,
    }


def render(facts: dict[str, Any]) -> str:
    """Return the file's text: one line for each entry of the head and for each instance type."""

    def line(value: Any) -> str:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)

    blocks = []
    for key, value in facts.items():
        if key == "types":
            rows = ",\n".join(f"{line(name)}:{line(entry)}" for name, entry in value.items())
            blocks.append(f'"types":{{\n{rows}\n}}')
        else:
            blocks.append(f"{line(key)}:{line(value)}")
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        value = dict(enumerate(value))
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{path} {key}".strip())
    else:
        yield path, value


def moved(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Return one line for each fact that differs: where, what the file says, what the sources say now."""
    before = {path: json.dumps(value) for path, value in _leaves(old)}
    after = {path: json.dumps(value) for path, value in _leaves(new)}
    return [
        f"{path}: {before.get(path, '(absent)')} in the file, {after.get(path, '(absent)')} in the sources"
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    ]


def main(argv: list[str] | None = None, target: Path = TARGET) -> int:
    """Run the command. Returns 0 when nothing moved or the file was written, 1 otherwise."""
    parser = argparse.ArgumentParser(description="Write the instance-type facts again, or check them.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 with the moved facts")
    check: bool = parser.parse_args(argv).check
    try:
        text = render(build(load_manual()))
    except RefreshError as error:
        print(f"refresh_instance_facts: {error}", file=sys.stderr)
        return 1
    committed = target.read_text(encoding="utf-8") if target.exists() else "{}"
    changes = moved(json.loads(committed), json.loads(text))
    if changes:
        print("\n".join(changes))
    if check:
        if changes or committed != text:
            print(f"{target.name}: {len(changes)} facts moved; run tools/{Path(__file__).name}", file=sys.stderr)
            return 1
        print(f"{target.name}: equal to its sources")
        return 0
    target.write_text(text, encoding="utf-8")
    print(f"{target.name}: {len(json.loads(text)['types'])} types, {len(text.encode()) // 1024} KiB written")
    return 0


if __name__ == "__main__":
    sys.exit(main())

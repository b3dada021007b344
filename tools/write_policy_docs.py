"""Write the pages of the policy rules, of the controls that they cover, and the table that leads to the rules, below a
mark in `docs/policies/README.md`.

python tools/write_policy_docs.py           # write them
python tools/write_policy_docs.py --check   # exit 1 when one differs from the rules
"""

import argparse
import sys
from pathlib import Path

from policies import pages

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "policies"


def wanted(folder: Path = FOLDER) -> dict[Path, str]:
    """Return the text of every generated file."""
    readme = folder / "README.md"
    head, mark, _ = readme.read_text(encoding="utf-8").partition(pages.MARK)
    if not mark:
        raise SystemExit(f"{readme.name} has no line {pages.MARK}")
    texts = {folder / "rules" / f"{rule_id}.md": text for rule_id, text in pages.all_pages().items()}
    texts |= {folder / "controls.md": pages.controls(), folder / "admission.md": pages.admission()}
    return {readme: f"{head}{pages.MARK}\n\n{pages.index()}", **texts}


def main(argv: list[str] | None = None, folder: Path = FOLDER) -> int:
    """Run the command. Returns 1 if `--check` finds another content, else 0."""
    parser = argparse.ArgumentParser(description="Write the pages of the policy rules, or check them.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when a page differs")
    check: bool = parser.parse_args(argv).check
    texts = wanted(folder)
    stale = sorted(p.name for p, text in texts.items() if not p.exists() or p.read_text(encoding="utf-8") != text)
    surplus = sorted(p for p in (folder / "rules").glob("*.md") if p not in texts)
    if check and (stale or surplus):
        named = ", ".join([*stale, *(p.name for p in surplus)])
        print(f"{named}: not what the rules say; run `make docs`", file=sys.stderr)
        return 1
    if not check:
        (folder / "rules").mkdir(exist_ok=True)
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
        for path in surplus:
            path.unlink()
    print(f"policy pages: {'are current' if not stale and not surplus else f'{len(stale)} written'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What the page makers share: writing pages, or checking that they are current."""

from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
MADE = "<!-- Made by {}; change the source and run `make docs`. -->\n\n"


def stale(pages: Mapping[Path, str]) -> list[Path]:
    """Return the pages whose file is missing or differs."""
    return [path for path, text in pages.items() if not path.is_file() or path.read_text("utf-8") != text]


def finish(pages: Mapping[Path, str], arguments: list[str], leftovers: list[Path]) -> int:
    """Write the pages and remove leftovers, or with --check only say what differs; return the exit code."""
    old = stale(pages)
    if "--check" in arguments:
        for path in [*old, *leftovers]:
            print(f"{path.relative_to(ROOT)} is not current; run: make docs")
        return int(bool(old or leftovers))
    for path in old:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pages[path], "utf-8")
    for path in leftovers:
        path.unlink()
    print(f"{len(pages)} pages, {len(old)} written, {len(leftovers)} removed")
    return 0

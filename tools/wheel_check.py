"""Builds the wheel, installs it alone in a fresh environment and checks what a user gets: help, size, start."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MOST_MEGABYTES = 600
MOST_IMPORT_S = 1.0
ROOT = Path(__file__).parent.parent


def run(*command: str | Path) -> str:
    """Return what a command printed; stop if it fails."""
    shown = [str(part) for part in command]
    return subprocess.run(shown, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT).stdout


def seconds(*command: str | Path) -> float:
    """Return the shortest of five runs of a command."""
    found: list[float] = []
    for _ in range(5):
        start = time.perf_counter()
        run(*command)
        found.append(time.perf_counter() - start)
    return min(found)


def megabytes(folder: Path) -> float:
    """Return the size of the files below a folder."""
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file() and not f.is_symlink()) / 1e6


def main() -> int:
    """Print the findings; return 1 if one is above its limit."""
    uv = os.environ.get("UV") or shutil.which("uv") or "uv"
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        run(uv, "build", "--quiet", "--wheel", "--out-dir", place / "dist")
        wheel = next((place / "dist").glob("*.whl"))
        run(uv, "venv", "--quiet", "--python", sys.executable, place / "venv")
        python = place / "venv" / "bin" / "python"
        run(uv, "pip", "install", "--quiet", "--python", python, wheel)
        help_text = run(place / "venv" / "bin" / "jali", "--help")
        size = megabytes(place / "venv" / "lib")
        start = seconds(python, "-c", "pass")
        importing = seconds(python, "-c", "import jali") - start
        helping = seconds(place / "venv" / "bin" / "jali", "--help")
    print(f"{wheel.name}: jali --help prints {len(help_text.splitlines())} lines in {helping:.2f} s")
    print(f"installed without extras: {size:.0f} MB (at most {MOST_MEGABYTES})")
    print(f"import jali: {importing:.2f} s (at most {MOST_IMPORT_S})")
    return int(size > MOST_MEGABYTES or importing > MOST_IMPORT_S)


if __name__ == "__main__":
    sys.exit(main())

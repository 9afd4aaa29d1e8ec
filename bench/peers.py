"""Other tools at the same questions, each in an environment of its own made from its published packages."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MOST_SECONDS = 600
TOOLS = {
    "opendp": ("opendp[polars]==0.16.0",),
    "smartnoise": ("smartnoise-sql==1.0.10", "duckdb", "pyarrow"),
    "qrlew": ("pyqrlew==0.9.27", "duckdb", "pandas", "pyarrow", "sqlalchemy", "psycopg2-binary"),
    "pipelinedp": ("pipeline-dp==0.3.1", "pyarrow"),
}
"""Tool -> what it is installed from."""


def answers(tool: str, question: str, source: Path) -> tuple[list[list[list[Any]]], str]:
    """Return the answers of five runs, and a note; no answers where the tool cannot, and why."""
    try:
        python = _environment(tool)
    except subprocess.SubprocessError as error:
        return [], f"does not install: {type(error).__name__}"
    command = [str(python), str(HERE / "peer_tools" / f"with_{tool}.py"), question, str(source)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=MOST_SECONDS, check=False, text=True)
    except subprocess.TimeoutExpired:
        return [], f"not done in {MOST_SECONDS} s"
    if done.returncode:
        return [], (done.stderr.strip().splitlines() or ["failed"])[-1][:120]
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return found["runs"], found.get("note", "")


def _environment(tool: str) -> Path:
    folder = HERE / ".data" / f"env-{tool}"
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        uv = shutil.which("uv") or "uv"
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([uv, "venv", "-q", "--python", "3.11", str(folder)], check=True, capture_output=True)
        install = [uv, "pip", "install", "-q", "--python", str(python), *TOOLS[tool]]
        subprocess.run(install, check=True, capture_output=True, timeout=MOST_SECONDS)
        (folder / "ready").write_text("\n".join(TOOLS[tool]), encoding="utf-8")
    return python

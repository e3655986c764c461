"""How `linjian serve` begins. Run: python -m pytest -q tests/assistant/commands/test_serve_command.py"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LOAD = """
import os
from assistant.commands.serve_command import load_gradio
before = dict(os.environ)
load_gradio()
print({name for name in {*before, *os.environ} if "proxy" in name.lower() and before.get(name) != os.environ.get(name)})
"""


@pytest.mark.process
@pytest.mark.parametrize("proxies", [
    {"ALL_PROXY": "socks://127.0.0.1:7890"}, {"all_proxy": "socks5://127.0.0.1:7890", "no_proxy": "localhost"},
], ids=["socks", "socks5"])
def test_the_page_is_loaded_behind_any_proxy_and_the_variables_stay(proxies: dict[str, str]) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")} | proxies
    done = subprocess.run([sys.executable, "-c", LOAD], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "set()\n"), done.stderr

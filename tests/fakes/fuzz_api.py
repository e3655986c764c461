"""Schemathesis against a running API: `python -m tests.fakes.fuzz_api CASES [SEED]` (cases for each route; 300 makes some
thousands).

Exits with 0 when every check passed: no server error, no response outside the schema, nothing refused that the schema
allows, nothing taken that it forbids, every method and header as declared.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fakes.api_server import serving


def fuzz(url: str, cases: int, seed: int, phases: str = "examples,coverage,fuzzing,stateful") -> subprocess.CompletedProcess[str]:
    """Run Schemathesis with all its checks against the API at `url`; it prints how many cases it tried.

    `coverage` tries every bound of every field: some hundreds of cases.
    """
    command = [Path(sys.executable).with_name("schemathesis"), "run", f"{url}/api/v1/openapi.json", "--checks", "all",
               "--max-examples", str(cases), "--phases", phases, "--seed", str(seed), "--no-color", "--continue-on-failure",
               "--request-timeout", "60", "--generation-database", "none", "--no-shrink",
               "--suppress-health-check", "too_slow"]
    with tempfile.TemporaryDirectory() as folder:  # nothing is left behind, and no settings of a folder are read
        return subprocess.run(command, cwd=folder, env={"PATH": "/usr/bin", "NO_PROXY": "127.0.0.1", "HOME": folder, "COLUMNS": "120"},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


if __name__ == "__main__":
    home = Path(tempfile.mkdtemp())
    with serving(home, line=50) as api:
        ran = fuzz(api.url, int(sys.argv[1]), int(sys.argv[2]) if sys.argv[2:] else 1)
    shutil.rmtree(home)
    print(ran.stdout)
    sys.exit(ran.returncode)

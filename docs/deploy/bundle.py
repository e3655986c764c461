"""Make a folder from which Linjian installs on a machine without a network: `make bundle`.

    wheels/            every wheel, of Linjian and of all it needs, as pip chose them here
    requirements.txt   each with its exact release and SHA-256: pip refuses any other file
    examples/          the sample articles
    install.sh         installs into a folder, from these files alone
    SHA256SUMS         of everything above

The wheels fit this machine's Python release, system and processor; install.sh says so when they do not fit.
Run: python docs/deploy/bundle.py FOLDER
"""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
TAKEN = ("examples", "README.md", "LICENSE", "CHANGELOG.md", "docs/operate.md", "docs/deploy/linjian.service")


def main(arguments: list[str]) -> int:
    """Build the bundle in the folder that is named, beside it first: it appears when it is whole."""
    if len(arguments) != 1:
        print("usage: python docs/deploy/bundle.py FOLDER", file=sys.stderr)
        return 2
    target = Path(arguments[0]).absolute()
    part = target.with_name(f"{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    wheels = part / "wheels"
    wheels.mkdir(parents=True)
    collect_wheels(wheels)
    fill(part, wheels)
    if target.exists():
        shutil.rmtree(target)
    part.rename(target)
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    print(f"{target}: {len(list(wheels_in(target / 'wheels')))} wheels, {size / 1e6:.0f} MB. Copy the folder to the other "
          "machine and run there: sh install.sh FOLDER")
    return 0


def collect_wheels(wheels: Path) -> None:
    """Let pip build Linjian's wheel and collect those it needs, from wherever this machine's pip takes them."""
    shutil.rmtree(ROOT / "build" / "lib", ignore_errors=True)  # setuptools would take over files that are gone since
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--wheel-dir", str(wheels)]
    subprocess.run([*pip, "--constraint", str(ROOT / "constraints.txt"), str(ROOT)], check=True)


def fill(folder: Path, wheels: Path) -> None:
    """Put beside the wheels what installs and checks them."""
    (folder / "requirements.txt").write_text(requirements(wheels), "utf-8")
    script = (HERE / "install.sh").read_text("utf-8").replace("@PYTHON@", f"{sys.version_info[0]}.{sys.version_info[1]}")
    script = script.replace("@SYSTEM@", platform.system()).replace("@MACHINE@", platform.machine())
    (folder / "install.sh").write_text(script, "utf-8")
    (folder / "install.sh").chmod(0o755)
    for name in TAKEN:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / Path(name).name)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    sums = [f"{_sha256(path)}  {path.relative_to(folder).as_posix()}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(sums), "utf-8")


def requirements(wheels: Path) -> str:
    """Return one line a wheel: its name, exact release and hash. ValueError when two releases of one are there."""
    lines: dict[str, str] = {}
    for path in wheels_in(wheels):
        name, version = named(path)
        if name in lines:
            raise ValueError(f"two wheels of {name} in {wheels}: delete the folder and run make bundle again")
        lines[name] = f"{name}=={version} --hash=sha256:{_sha256(path)}\n"
    return "".join(lines[name] for name in sorted(lines))


def wheels_in(folder: Path) -> list[Path]:
    """Return the wheels, by name."""
    return sorted(folder.glob("*.whl"))


def named(wheel: Path) -> tuple[str, str]:
    """Return name and release as the wheel's own metadata give them: file names drop and fold characters."""
    with zipfile.ZipFile(wheel) as archive:
        inside = next(n for n in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", n))
        head = archive.read(inside).decode("utf-8")
    found = {key: re.search(rf"^{key}: *(\S+)", head, re.MULTILINE) for key in ("Name", "Version")}
    return re.sub(r"[-_.]+", "-", found["Name"][1]).lower(), found["Version"][1]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main(sys.argv[1:]))

#!/bin/sh
# Install Linjian from this folder, without a network: sh install.sh FOLDER
# PYTHON=/usr/bin/python3.x picks another Python. Needs Python with venv, and sha256sum; no rights of an administrator.
set -eu

fail() { echo "install: $1" >&2; exit 1; }

[ $# -eq 1 ] || fail "say where to: sh install.sh FOLDER"
case $1 in /*) target=$1 ;; *) target=$(pwd)/$1 ;; esac
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python@PYTHON@}

[ ! -e "$target" ] || [ -z "$(ls -A "$target" 2>/dev/null)" ] || fail "$target is not empty. Name a new folder; an update is installed beside the old one."
[ "$(uname -s) $(uname -m)" = "@SYSTEM@ @MACHINE@" ] || fail "these wheels are for @SYSTEM@ on @MACHINE@, this is $(uname -s) on $(uname -m). Make the bundle on a machine like this one."
command -v "$python" >/dev/null || fail "there is no $python here. Install it, or name one: PYTHON=/path/to/python@PYTHON@ sh install.sh $1"
found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
[ "$found" = "@PYTHON@" ] || fail "these wheels are for Python @PYTHON@, $python is $found. Name one: PYTHON=/path/to/python@PYTHON@ sh install.sh $1"

echo "== checking the files"
(cd "$here" && sha256sum --quiet --strict -c SHA256SUMS) || fail "a file is damaged or was changed (named above). Copy the folder again."

echo "== creating $target"
"$python" -m venv "$target" || fail "Python cannot make an environment. On Debian: apt install python@PYTHON@-venv"
trap 'echo "install: stopped; delete $target and run it again" >&2' EXIT

echo "== installing from $here/wheels; some minutes"
# Neither a settings file nor the environment of this machine may send pip anywhere else.
env -u PIP_INDEX_URL -u PIP_EXTRA_INDEX_URL -u PIP_FIND_LINKS -u PIP_CONSTRAINT -u PIP_REQUIREMENT PIP_CONFIG_FILE=/dev/null \
    "$target/bin/python" -m pip --isolated --disable-pip-version-check install --quiet --no-index --find-links "$here/wheels" \
    --require-hashes --only-binary :all: -r "$here/requirements.txt"
cp -R "$here/examples" "$target/examples"
trap - EXIT

echo "== done. Try:"
echo "$target/bin/linjian serve --examples $target/examples/articles"

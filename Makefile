# On a fresh clone: `make run`. Needs Python 3.11 or newer, make and git.
PYTHON ?= python3
VENV := .venv
STAMP := $(VENV)/.installed

.PHONY: help install run test lint clean

help:
	@echo "make run      install, index the sample articles, serve the chat and print its address"
	@echo "make install  create $(VENV) and install Linjian into it (PYTHON=python3.12 picks another Python)"
	@echo "make test     install, then run all tests"
	@echo "make lint     install, then check the code with ruff"
	@echo "make clean    remove $(VENV) and everything that can be made again; the index stays"

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Linjian needs Python 3.11 or newer; this is `$(PYTHON) --version 2>&1`. Try: make PYTHON=python3.12" >&2; exit 1; }
	@echo "== creating $(VENV)"
	$(PYTHON) -m venv $(VENV)
	@echo "== installing; the first time takes some minutes"
	$(VENV)/bin/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

run: install
	$(VENV)/bin/linjian serve

test: install
	$(VENV)/bin/python -m pytest

lint: install
	$(VENV)/bin/python -m ruff check .

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

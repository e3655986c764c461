# On a fresh clone: `make run`. Needs Python 3.11 or newer, make and git.
PYTHON ?= python3
VENV := .venv
STAMP := $(VENV)/.installed

.PHONY: help install run check test test-slow lint eval benchmarks parts train-reranker bench-index bundle load clean
RESULTS := build/eval
EVAL := $(VENV)/bin/linjian eval
SHARED ?= ../shared
DATA ?= $(SHARED)/data
LIMIT ?=
URL ?= http://127.0.0.1:7860
CHAT ?=
RIVALS ?=
PARTS ?=
MODELS ?= $(or $(LINJIAN_HOME),$(or $(XDG_DATA_HOME),$(HOME)/.local/share)/linjian)/models
CRUD ?= --limit 150 --documents 600
RGB ?= --limit 80 --documents 2400
RGB_REFUSAL ?=
NOMIRACL ?=
CMRC ?= --limit 150 --documents 150
DRCD ?= --limit 150 --documents 200
NEWS ?= 300

help:
	@echo "make run      install, index the sample articles, serve the chat and print its address"
	@echo "make install  create $(VENV) and install Linjian into it (PYTHON=python3.12 picks another Python)"
	@echo "make check    install, then the tests that need no process, model or browser"
	@echo "make test     install, then all tests that guard a user; minutes"
	@echo "make test-slow  a second width, soak, training, real pages; CI runs these too"
	@echo "make lint     install, then check the code with ruff"
	@echo "make bench-index CORPUS=FILE.jsonl  time the change of one page in an index of many articles"
	@echo "make eval     install, then measure on the sample questions; some minutes"
	@echo "make benchmarks  fill docs/benchmarks.md; hours (SHARED=folder of the other sets)"
	@echo "make parts    fill the tables part by part of docs/benchmarks.md; an hour (SHARED or DATA as above)"
	@echo "make train-reranker  train the reranker on two cores; two to three hours (DATA=folder of CMRC 2018 and DRCD, LIMIT=steps for a trial)"
	@echo "make bundle   build/bundle: every wheel and an install script, for a machine without a network; about a GB"
	@echo "make load     install, then ask the running server (URL=) from many clients at once; two minutes (CHAT=1: conversations)"
	@echo "make clean    remove $(VENV) and everything that can be made again; the index stays"

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Linjian needs Python 3.11 or newer; this is `$(PYTHON) --version 2>&1`. Try: make PYTHON=python3.12" >&2; exit 1; }
	@echo "== creating $(VENV)"
	$(PYTHON) -m venv $(VENV)
	@echo "== installing; the first time takes some minutes"
	$(VENV)/bin/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[test,eval]'
	@touch $@

run: install
	$(VENV)/bin/linjian serve

# Two at a time: the machines have two cores. tests/conftest.py says which tests stay together and come first.
PYTEST := $(VENV)/bin/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder
check: install
	$(PYTEST) -m "not process and not model and not browser and not slow"

test: install
	$(PYTEST) -m "not slow"

test-slow: install
	$(PYTEST) -m slow

lint: install
	$(VENV)/bin/python -m ruff check .

bench-index: install
	$(EVAL) bench-index $(CORPUS)

eval: install
	@mkdir -p $(RESULTS)
	@rm -f $(RESULTS)/examples.json.journal
	$(EVAL) run examples --out $(RESULTS)/examples.json --work $(RESULTS)/work
	$(EVAL) report $(RESULTS)/examples.json --html $(RESULTS)/examples.html

# Smaller corpora than the sets have, the same for everybody in a table. An interrupted run goes on where it stopped.
# RIVALS='--python langchain=PYTHON …' (docs/benchmarks.md) runs them too. MODELS is where the embedding model was restored.
benchmarks: eval
	$(EVAL) report $(RESULTS)/examples.json --into docs/benchmarks.md#own
	$(EVAL) run $(SHARED)/score/dev.jsonl --pages $(SHARED)/articles --out $(RESULTS)/five.json --work $(RESULTS)/work --resume
	$(if $(RIVALS),$(EVAL) baselines $(SHARED)/score/dev.jsonl --pages $(SHARED)/articles --work $(RESULTS)/work \
		--out $(RESULTS)/rivals-five --model $(MODELS)/e5-small $(RIVALS))
	$(EVAL) report $(RESULTS)/five.json $$(ls $(RESULTS)/rivals-five/*.result.json 2>/dev/null) --into docs/benchmarks.md#five
	$(EVAL) run $(DATA)/crud-quest $(CRUD) --out $(RESULTS)/crud-quest.json --work $(RESULTS)/work --resume
	$(if $(RIVALS),$(EVAL) baselines $(DATA)/crud-quest $(CRUD) --work $(RESULTS)/work \
		--out $(RESULTS)/rivals-crud --model $(MODELS)/e5-small $(RIVALS))
	$(EVAL) report $(RESULTS)/crud-quest.json $$(ls $(RESULTS)/rivals-crud/*.result.json 2>/dev/null) --into docs/benchmarks.md#crud-quest
	$(EVAL) run $(DATA)/rgb-zh-refusal $(RGB_REFUSAL) --out $(RESULTS)/rgb.json --work $(RESULTS)/work --resume
	$(EVAL) report $(RESULTS)/rgb.json --into docs/benchmarks.md#rgb-zh-refusal
	$(EVAL) run $(DATA)/cmrc2018-dev $(CMRC) --out $(RESULTS)/cmrc.json --work $(RESULTS)/work --resume
	$(EVAL) report $(RESULTS)/cmrc.json --into docs/benchmarks.md#cmrc2018-dev

# The tables "part by part" of docs/benchmarks.md; PARTS='--reranker FILE' measures other weights.
PART = $(EVAL) parts ask --work $(RESULTS)/work --models $(MODELS) $(PARTS)
parts: install
	@mkdir -p $(RESULTS)
	$(PART) examples --out $(RESULTS)/parts-examples.json
	$(PART) $(SHARED)/score/dev.jsonl --pages $(SHARED)/articles --out $(RESULTS)/parts-dev.json
	$(PART) $(DATA)/crud-quest $(CRUD) --out $(RESULTS)/parts-crud-quest.json
	$(PART) $(DATA)/rgb-zh $(RGB) --out $(RESULTS)/parts-rgb-zh.json
	$(PART) $(DATA)/rgb-zh-refusal $(RGB_REFUSAL) --out $(RESULTS)/parts-rgb-zh-refusal.json
	$(PART) $(DATA)/nomiracl-zh $(NOMIRACL) --out $(RESULTS)/parts-nomiracl-zh.json
	$(PART) $(DATA)/cmrc2018-dev $(CMRC) --out $(RESULTS)/parts-cmrc2018-dev.json
	$(PART) $(DATA)/drcd-dev $(DRCD) --out $(RESULTS)/parts-drcd-dev.json
	$(PART) $(DATA)/crud-quest $(CRUD) --off-topic $(DATA)/oos-refusal/questions.jsonl --among $(DATA)/news-20k/corpus.jsonl.gz \
		--among-documents $(NEWS) --out $(RESULTS)/parts-oos.json
	$(EVAL) parts report $(RESULTS)/parts-*.json --into docs/benchmarks.md#parts

# An interrupted run goes on from its last checkpoint. The weights are for docs/reranker.md to be measured with before they are used.
# First everything; then from there two shorter runs, each with half of what people judged, so that the other half can test it.
READER := build/reranker
comma := ,
LESSONS = $(DATA)/cmrc2018-dev,$(DATA)/drcd-dev,eval/training/articles/train
JUDGED = $(addprefix $(comma),$(wildcard $(DATA)/nomiracl-zh))
TRAIN = $(EVAL) train $(if $(LIMIT),--limit $(LIMIT))
train-reranker: install
	$(TRAIN) $(RERANKER)/first --stage $(LESSONS):1.2 --pack $(RERANKER)/first.safetensors
	for half in 0 1; do \
		$(TRAIN) $(RERANKER)/half$$half --start $(RERANKER)/first.safetensors --rate 5e-5 --head-rate 3e-4 --half $$half --seed $$half \
			--stage $(LESSONS)$(JUDGED):0.6 --pack $(RERANKER)/half$$half.safetensors \
			--validate eval/training/articles/held --validate $(DATA)/cmrc2018-trial || exit 1; \
	done
	$(EVAL) average $(RERANKER)/reranker.safetensors $(RERANKER)/half0.safetensors $(RERANKER)/half1.safetensors

bundle: install
	$(VENV)/bin/python docs/deploy/bundle.py build/bundle

load: install
	$(EVAL) load $(URL) $(if $(CHAT),--chat --clients 20)

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

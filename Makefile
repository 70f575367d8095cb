# Everything a fresh Debian/Ubuntu or macOS machine needs is set up by the targets themselves.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
JOBS   ?= 3
READY  := $(VENV)/.ready
# Commands and tests start many processes: what Python has compiled is kept, also where it would not be.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test test-training lint serve bench embedded setup browser model clean

demo: setup browser model  ## follow the top contributor of a project, in a real browser, with the embedded model
	$(BIN)/plan-and-act demo

test: setup browser model  ## the tests, with a real browser and a real server
	$(BIN)/pytest -m "not alone" -n $(JOBS) --dist loadfile
	$(BIN)/pytest -m alone

lint: setup  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

serve: setup browser model  ## the graph API on http://127.0.0.1:2024, for LangGraph Studio and the SDK
	$(BIN)/langgraph dev --no-browser --no-reload --port $${PORT:-2024}

bench: setup browser  ## measure observations, rounds, the practice web, the data pipeline and serving
	$(BIN)/python benchmarks/observation.py
	$(BIN)/python benchmarks/rounds.py
	$(BIN)/python benchmarks/practice.py
	$(BIN)/python benchmarks/synthesis.py
	$(BIN)/python benchmarks/serving.py

embedded: setup browser model  ## make the embedded model's training data and train its adapter: hours on two cores
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[train]"
	$(BIN)/plan-and-act synthesize all --config recipes/embedded.yaml
	$(BIN)/plan-and-act synthesize all --config recipes/embedded-disturbed.yaml
	$(BIN)/plan-and-act synthesize all --config recipes/embedded-replans.yaml
	$(BIN)/plan-and-act train all --data .plan-and-act/embedded/datasets \
	  --data .plan-and-act/embedded-disturbed/datasets --data .plan-and-act/embedded-replans/datasets \
	  --out .plan-and-act/embedded/model --preset cpu-135m --gguf

test-training: setup  ## the tests of training, with torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[train]"
	$(BIN)/pytest tests/unit/test_training.py

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; say which: make PYTHON=python3.12 ..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
	  || { echo "No venv module; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@# MiniWoB++'s pages, without what its own harness needs
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps miniwob==1.1.0
	@touch $@

browser: setup
	@$(BIN)/plan-and-act browser install

model: setup
	@$(BIN)/plan-and-act model fetch

clean:
	rm -rf $(VENV) .langgraph_api .pytest_cache .mypy_cache .ruff_cache

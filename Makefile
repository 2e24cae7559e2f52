# One definition of every check: people and CI call the same targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Two a core: half of the suite waits for servers and children that it has started.
TEST_WORKERS ?= $(shell $(PYTHON) -c 'import os; print(2 * os.cpu_count())')
# Some containers forbid cached bytecode; the suite starts hundreds of processes, and each would
# compile the program anew.
unexport PYTHONDONTWRITEBYTECODE
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test test-learned lint docs bench chaos clean

demo: $(VENV)/installed  ## run the quickstart on the sandbox: no key, no money
	$(BIN)/fal-exp run experiments/quickstart.yaml --sandbox

test: $(VENV)/test-installed  ## the whole suite, real browser included
	tests/browser/install_chromium.sh
	$(BIN)/python -m pytest -n $(TEST_WORKERS) --dist worksteal

test-learned:  ## the learned metrics with torch and its libraries: gigabytes, so neither `test` nor CI
	$(MAKE) VENV=.venv-learned .venv-learned/learned-installed
	.venv-learned/bin/python -m pytest tests/learned

lint: $(VENV)/test-installed  ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/installed  ## the pages made from presets and measurements; tests check that they are fresh
	$(BIN)/fal-exp presets list --format markdown > docs/presets.md.new
	mv docs/presets.md.new docs/presets.md
	$(BIN)/fal-exp measure --explain > docs/metrics.md.new
	mv docs/metrics.md.new docs/metrics.md

bench: $(VENV)/test-installed  ## speed as ratios against a floor or a peer in the same run
	$(BIN)/python -m benchmarks

chaos: $(VENV)/test-installed  ## faults and kills: our ledger against the provider's books, and the SDK's
	$(BIN)/python -m tests.chaos --seeds 50

clean:
	rm -rf $(VENV) .venv-learned build dist .mypy_cache .pytest_cache .ruff_cache

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) -e .
	touch $@

$(VENV)/test-installed: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) -e '.[test]'
	touch $@ $(VENV)/installed

$(VENV)/learned-installed: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) -e '.[test,learned,learned-musiq]'
	touch $@

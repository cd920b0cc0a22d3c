# Every target sets up what it needs: Python 3.11 or newer, make and a package index are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/pytest -n auto --dist worksteal -q

.PHONY: demo test test-full check bench tools clean
.DEFAULT_GOAL := test

# Start the server, run the sample and show the result. ARGS="--port 9000" is handed on.
demo: $(VENV)/.installed-demo
	@$(BIN)/equipoise demo $(ARGS)

# The checks, then every test but the full-size runs.
test: check
	@$(PYTEST) -m "not full" $(ARGS)

# Everything, with the tests marked `full` (kills, soaks).
test-full: check
	@$(PYTEST) -m "" $(ARGS)

check: $(VENV)/.installed-dev
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: $(VENV)/.installed-dev
	@$(BIN)/python -m benchmarks $(ARGS)

# What tests need beyond Python packages: a Node, a Java runtime, a browser. None so far.
tools:
	@echo "tools: nothing to install, every test runs on Python packages alone"

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One environment serves all targets; a stamp says which extra is in it, at which versions.
$(VENV)/.installed-%: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Equipoise needs Python 3.11 or newer; name one with: make PYTHON=python3.11")'
	@echo "Setting up $(VENV) for '$*' (the first time takes a minute or two)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[$*]'
	@touch $@

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

# What tests need beyond Python packages: a browser. Where Debian's cannot be installed, a sentence says so.
tools:
	@if command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; then \
		echo "tools: a Chromium is here"; \
	elif ! command -v apt-get >/dev/null || [ "$$(id -u)" -ne 0 ]; then \
		echo "tools: no Chromium is here, and only root on a Debian can have it installed. Install one by hand; without it the tests of the pages in a browser are left out."; \
	elif { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } >/dev/null; then \
		echo "tools: installed Chromium"; \
	else \
		echo "tools: apt-get could not install chromium (its words stand above). Install one by hand; without it the tests of the pages in a browser are left out."; \
	fi

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

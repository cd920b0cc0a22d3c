# Every target sets up what it needs: Python 3.11 or newer, make and a package index are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A download that stands still is begun anew, long before npm would do so by itself.
NPM := npm install --no-package-lock --no-audit --no-fund --loglevel=error --fetch-timeout=20000 --fetch-retries=6 --prefer-offline --prefix
PYTEST := $(BIN)/pytest -n auto --dist worksteal -q

.PHONY: demo test test-full check bench tools clean
.DEFAULT_GOAL := test

# Servers are started many times: what is compiled once is kept, whatever the caller prefers.
unexport PYTHONDONTWRITEBYTECODE

# Start the server, run the sample and show the result. ARGS="--port 9000" is handed on.
demo: $(VENV)/.installed-demo
	@$(BIN)/equipoise demo $(ARGS)

# The checks, then every test but the full-size runs.
test: check $(VENV)/.clients
	@$(PYTEST) -m "not full" $(ARGS)

# Everything, with the tests marked `full` (kills, soaks).
test-full: check $(VENV)/.clients
	@$(PYTEST) -m "" $(ARGS)

check: $(VENV)/.installed-dev
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: $(VENV)/.installed-dev
	@$(BIN)/python -m benchmarks $(ARGS)

# What tests need beyond Python packages: a browser, and npm. Where Debian's cannot be installed, a sentence says so.
tools:
	@$(call tool,Chromium,chromium-headless-shell chromium chromium-browser google-chrome,chromium-headless-shell,the tests of the pages in a browser are)
	@$(call tool,npm,npm,nodejs npm,the tests of clients for Node are)

# What it is, the names of its command, Debian's packages, what is left out without it.
define tool
found=; for name in $(2); do ! command -v $$name >/dev/null || found=1; done; \
if [ "$$found" ]; then \
	echo "tools: $(1) is here"; \
elif ! command -v apt-get >/dev/null || [ "$$(id -u)" -ne 0 ]; then \
	echo "tools: $(1) is not here, and only root on a Debian can have it installed. Install it by hand; without it $(4) left out."; \
elif { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(3); } >/dev/null; then \
	echo "tools: installed $(1)"; \
else \
	echo "tools: apt-get could not install $(3) (its words stand above). Install it by hand; without it $(4) left out."; \
fi
endef

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

# Published clients that are no packages of the environment: an older version, another language.
$(VENV)/.clients: $(VENV)/.installed-dev
	@test -d $(VENV)/clients/auth0-python-6.7.0 || $(BIN)/python -m pip install -qq --disable-pip-version-check \
		--no-deps --target $(VENV)/clients/auth0-python-6.7.0 auth0-python==6.7.0
	@if ! command -v npm >/dev/null; then \
		echo "clients: npm is not here; without it the tests of clients for Node are left out"; \
	elif $(NPM) $(VENV)/clients/node auth0@7.1.0 @vercel/sdk@1.28.35 @vercel/edge-config@1.5.1 >/dev/null \
		&& $(NPM) $(VENV)/clients/vercel-sdk-1.28.12 @vercel/sdk@1.28.12 >/dev/null \
		&& $(NPM) $(VENV)/clients/launchdarkly @launchdarkly/node-server-sdk@9.13.7 @launchdarkly/js-client-sdk@4.10.3 >/dev/null \
		&& $(NPM) $(VENV)/clients/openfeature @openfeature/server-sdk@1.23.0 @openfeature/ofrep-provider@0.1.3 \
			@openfeature/web-sdk@1.10.0 @openfeature/ofrep-web-provider@0.4.3 >/dev/null; then \
		touch $@; \
	else \
		echo "clients: npm could not install them (its words stand above); without them the tests of clients for Node are left out"; \
	fi

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV ?= .venv
PYTHON ?= python3
PORT ?= 8080
PIP_INSTALL := $(VENV)/bin/pip install -qq --disable-pip-version-check --require-hashes
export PYTHONPATH := src

.PHONY: help
help: ## Show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

.PHONY: run
run: $(VENV)/.local ## Serve the whole API on this machine: make run PORT=8080
	@settings="$$($(VENV)/bin/python scripts/ensure_imagemagick.py --env)" && eval "$$settings" && \
	  export IDENTIFY_PATH IMAGEMAGICK_HOME && exec $(VENV)/bin/python -m entrypoints.local --port $(PORT)

.PHONY: test
test: $(VENV)/.dev .local/checkov/.installed ## Run all tests, with coverage
	@scripts/install_test_tools.sh
	@settings="$$($(VENV)/bin/python scripts/ensure_imagemagick.py --env)" && eval "$$settings" && \
	  export IDENTIFY_PATH IMAGEMAGICK_HOME && PYTHON=$(VENV)/bin/python scripts/test.sh

.PHONY: check
check: $(VENV)/.dev ## Lint, check types, layers and dependencies
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/ruff check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache
	$(VENV)/bin/deptry src

.PHONY: format
format: $(VENV)/.dev ## Format the code and mend what can be mended
	$(VENV)/bin/ruff check --fix
	$(VENV)/bin/ruff format

.PHONY: openapi
openapi: $(VENV)/.local ## Generate openapi.json from the code
	$(VENV)/bin/python -m entrypoints.openapi > openapi.json.new
	mv openapi.json.new openapi.json

LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
  --upgrade --quiet

.PHONY: lock
lock: ## Pin the newest allowed versions of all packages, with hashes (needs uv)
	cd requirements && $(LOCK) runtime.in -o runtime.txt
	cd requirements && $(LOCK) runtime.in local.in -o local.txt
	cd requirements && $(LOCK) runtime.in local.in dev.in -o dev.txt
	cd requirements && $(LOCK) fuzz.in -o fuzz.txt

.PHONY: clean
clean: ## Remove what the other targets made, the local users and images included
	rm -rf $(VENV) .local dist .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) scripts/require_python.py
	@echo "Making the virtual environment $(VENV) ..." >&2
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.local: requirements/local.txt | $(VENV)/bin/python
	@echo "Installing packages ..." >&2
	@$(PIP_INSTALL) -r requirements/local.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt | $(VENV)/bin/python
	@echo "Installing packages for tests and checks ..." >&2
	@$(PIP_INSTALL) -r requirements/dev.txt
	@touch $(VENV)/.local $@

-include make/*.mk

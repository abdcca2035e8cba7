SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8080
# What the Lambda functions run on: arm64 or x86_64.
ARCH ?= arm64

# The requirements pin every package, so pip has nothing to resolve. Python compiles modules when it imports them.
PIP_FLAGS := -qq --disable-pip-version-check --require-hashes --no-deps --no-compile
WITH_IMAGEMAGICK := scripts/with-imagemagick
export VENV
export PYTHONPATH := src

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^##@ / { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*## / { printf "  %-21s %s\n", $$1, $$2 }' \
	  $(MAKEFILE_LIST)

##@ Run and change

.PHONY: run
run: $(VENV)/.local ## Serve the whole API on this machine: make run PORT=8080
	@$(WITH_IMAGEMAGICK) $(VENV)/bin/python -m entrypoints.local --port $(PORT)

.PHONY: test
test: $(VENV)/.dev test-tools ## Install what the tests need and run them all
	@$(WITH_IMAGEMAGICK) scripts/test.sh

.PHONY: check
check: $(VENV)/.dev ## Lint, check types, layers, dependencies and openapi.json
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/ruff check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache
	$(VENV)/bin/deptry src
	@scripts/check_description.sh

.PHONY: format
format: $(VENV)/.dev ## Format the code and fix what can be fixed automatically
	$(VENV)/bin/ruff check --fix
	$(VENV)/bin/ruff format

.PHONY: openapi
openapi: $(VENV)/.local ## Generate openapi.json from the code
	$(VENV)/bin/python -m entrypoints.openapi > openapi.json.new
	mv openapi.json.new openapi.json

.PHONY: event-schemas
event-schemas: $(VENV)/.local ## Generate the JSON Schemas of the events from the code
	$(VENV)/bin/python -m entrypoints.event_schemas docs/events/v1

.PHONY: openapi-examples
openapi-examples: $(VENV)/.dev ## Record the examples in openapi.json from a local server, and generate the file
	$(WITH_IMAGEMAGICK) $(VENV)/bin/python -m tests.integration.recorded_examples
	@$(MAKE) openapi

LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
  --upgrade --quiet

# The deployed packages have the versions that are tested, which the emulators limit.
.PHONY: lock
lock: ## Pin the newest allowed versions of all Python packages, with hashes (needs uv)
	cd requirements && $(LOCK) runtime.in local.in dev.in -o dev.txt
	cd requirements && $(LOCK) -c dev.txt runtime.in -o runtime.txt
	cd requirements && $(LOCK) -c dev.txt runtime.in local.in -o local.txt
	cd requirements && for name in awslambdaric checkov clients fuzz localstack mutation; do $(LOCK) $$name.in -o $$name.txt; done

.PHONY: clean
clean: ## Remove everything that the other targets created, including local users and images
	rm -rf $(VENV) .local dist mutants .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis benchmarks/tus/node_modules tests/{browser,clients,description}/node_modules

$(VENV)/bin/python:
	@$(PYTHON) scripts/require_python.py
	@echo "Creating the virtual environment $(VENV) ..." >&2
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.local: requirements/local.txt | $(VENV)/bin/python
	@echo "Installing packages ..." >&2
	@$(VENV)/bin/pip install $(PIP_FLAGS) -r $<
	@touch $@

$(VENV)/.dev: requirements/dev.txt | $(VENV)/bin/python
	@echo "Installing packages for tests and checks ..." >&2
	@$(VENV)/bin/pip install $(PIP_FLAGS) -r $<
	@touch $(VENV)/.local $@

include make/test.mk make/deploy.mk

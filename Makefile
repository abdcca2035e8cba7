SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV ?= .venv
PYTHON ?= python3
PIP_FLAGS := --quiet --disable-pip-version-check --require-hashes
export PYTHONPATH := src

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 20

$(VENV)/bin/python:
	@$(PYTHON) scripts/require_python.py
	$(PYTHON) -m venv $(VENV)

$(VENV)/.local: requirements/local.txt | $(VENV)/bin/python
	$(VENV)/bin/pip install $(PIP_FLAGS) -r requirements/local.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt | $(VENV)/bin/python
	$(VENV)/bin/pip install $(PIP_FLAGS) -r requirements/dev.txt
	@touch $(VENV)/.local $@

.PHONY: lock
lock: $(VENV)/.dev ## Pin the newest allowed versions of all packages, with hashes
	cd requirements && for name in runtime local dev; do \
	  uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	    --upgrade --quiet $$name.in -o $$name.txt; done

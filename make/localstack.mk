# LocalStack as a second implementation of S3 and SQS. It needs neither Docker nor an account.

LOCALSTACK := .local/localstack

.PHONY: test-localstack
test-localstack: $(VENV)/.dev $(LOCALSTACK)/.installed ## Test storage and the API on LocalStack's S3 and SQS
	@settings="$$($(VENV)/bin/python scripts/ensure_imagemagick.py --env)" && eval "$$settings" && \
	  export IDENTIFY_PATH IMAGEMAGICK_HOME LOCALSTACK_PYTHON=$(LOCALSTACK)/bin/python && \
	  $(VENV)/bin/python -m pytest tests/contract/test_image_store_contract.py tests/integration

.PHONY: localstack
localstack: $(LOCALSTACK)/.installed ## Install LocalStack's S3 and SQS

$(LOCALSTACK)/.installed: requirements/localstack.txt
	@echo "Installing LocalStack ..." >&2
	@$(PYTHON) -m venv $(LOCALSTACK)
	@$(LOCALSTACK)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.PHONY: lock-localstack
lock-localstack: ## Pin the newest allowed versions of LocalStack's packages (needs uv)
	cd requirements && uv pip compile --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-emit-index-url --upgrade --quiet localstack.in -o localstack.txt

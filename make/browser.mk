.PHONY: test-browser
test-browser: $(VENV)/.browser tests/browser/node_modules/.package-lock.json ## Test Uppy against the API in a headless browser (Debian's chromium, Node.js)
	@eval "$$($(VENV)/bin/python scripts/ensure_imagemagick.py --env)" && \
	  export IDENTIFY_PATH IMAGEMAGICK_HOME && BROWSER_TESTS=1 $(VENV)/bin/pytest tests/browser

$(VENV)/.browser: tests/browser/requirements.txt $(VENV)/.dev
	@echo "Installing packages for browser tests ..." >&2
	@$(PIP_INSTALL) -r tests/browser/requirements.txt
	@touch $@

tests/browser/node_modules/.package-lock.json: tests/browser/package-lock.json
	@echo "Installing Uppy ..." >&2
	@cd tests/browser && npm ci --silent
	@touch $@

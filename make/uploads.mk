STATE_DIR ?= .local

.PHONY: redrive
redrive: $(VENV)/.local ## Read uploads again whose reading failed; of the local server, or of DEAD_LETTER_QUEUE_URL and QUEUE_URL
	@[ -n "$${QUEUE_URL:-}" ] || . $(STATE_DIR)/environment; \
	  $(VENV)/bin/python scripts/redrive.py "$$DEAD_LETTER_QUEUE_URL" "$$QUEUE_URL"

.PHONY: benchmark-uploads
benchmark-uploads: $(VENV)/.dev ## Measure uploads beside bare puts and identify, and the memory of reading 1 GB
	@eval "$$($(VENV)/bin/python scripts/ensure_imagemagick.py --env)" && \
	  export IDENTIFY_PATH IMAGEMAGICK_HOME && $(VENV)/bin/python -m benchmarks.uploads

.PHONY: benchmark
benchmark: $(VENV)/.dev ## Measure metadata extraction beside identify, exiftool, exiv2 and Pillow
	@eval "$$($(VENV)/bin/python scripts/ensure_imagemagick.py --env)" && \
	  export IDENTIFY_PATH IMAGEMAGICK_HOME && $(VENV)/bin/python -m benchmarks.extraction

.PHONY: accuracy
accuracy: $(VENV)/.local ## Compare the metadata of a folder of images with exiftool: make accuracy DIR=photos
	@test -d "$(DIR)" || { echo "error: say which folder: make accuracy DIR=photos" >&2; exit 1; }
	@command -v exiftool >/dev/null || { echo "error: exiftool is missing (Debian: libimage-exiftool-perl)" >&2; exit 1; }
	@settings="$$($(VENV)/bin/python scripts/ensure_imagemagick.py --env)" && eval "$$settings" && \
	  export IDENTIFY_PATH IMAGEMAGICK_HOME && $(VENV)/bin/python scripts/accuracy.py "$(DIR)"

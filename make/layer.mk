LAYER_ARCH ?= arm64
LAYER_SOURCES := $(wildcard layers/imagemagick/*.py layers/imagemagick/*.json) scripts/reproducible_zip.py \
  src/adapters/imagemagick/policy/policy.xml

.PHONY: layer
layer: dist/imagemagick-$(LAYER_ARCH).zip ## Build ImageMagick's Lambda layer: make layer LAYER_ARCH=arm64|x86_64

dist/imagemagick-%.zip: $(LAYER_SOURCES) | $(VENV)/.local
	@$(VENV)/bin/python -m layers.imagemagick.build --arch $* --output $@ $(if $(LAYER_LOCKED),--locked)

.PHONY: layer-lock
layer-lock: $(VENV)/.local ## Record the newest Debian packages for the layer
	@for arch in arm64 x86_64; do \
	  $(VENV)/bin/python -m layers.imagemagick.build --arch $$arch --write-lock; done

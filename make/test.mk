# What the tests need besides the project's own environment, and tests that measure or search.

CLIENTS := .local/clients
LOCALSTACK := .local/localstack
CHECKOV := .local/checkov
MUTATION := .local/mutation
RUNTIME_CLIENT := .local/awslambdaric
TUS := benchmarks/tus/node_modules/.package-lock.json

##@ Test and measure

.PHONY: test-tools
test-tools: $(CHECKOV)/.installed $(LOCALSTACK)/.installed $(RUNTIME_CLIENT)/.installed ## Install what some tests need, if possible
	@scripts/install_test_tools.sh

.PHONY: browser
browser: ## Install Chromium and npm with apt-get, for the browser tests (root)
	@scripts/install_test_tools.sh --browser

.PHONY: coverage
coverage: $(VENV)/.dev test-tools ## Run all tests under coverage and report what they do not cover (takes twice as long)
	@$(VENV)/bin/python -m coverage erase
	@$(WITH_IMAGEMAGICK) $(VENV)/bin/python -m coverage run -m pytest -n auto --dist loadfile --no-loadscope-reorder
	@$(VENV)/bin/python -m coverage combine --quiet
	@$(VENV)/bin/python -m coverage report

.PHONY: scan
scan: $(VENV)/.dev $(CHECKOV)/.installed ## Scan the Terraform configuration for insecure settings
	@$(VENV)/bin/python -m pytest --quiet --capture=no tests/terraform/test_scan.py

.PHONY: accuracy
accuracy: $(VENV)/.local ## Compare the metadata of a folder of images with exiftool: make accuracy DIR=photos
	@test -d "$(DIR)" || { echo "error: name a folder: make accuracy DIR=photos" >&2; exit 1; }
	@command -v exiftool >/dev/null || { echo "error: exiftool is missing (Debian: libimage-exiftool-perl)" >&2; exit 1; }
	@$(WITH_IMAGEMAGICK) $(VENV)/bin/python scripts/accuracy.py "$(DIR)"

KILLS ?= 100

.PHONY: test-faults
test-faults: $(VENV)/.dev ## Kill processes of the local server and fail its requests under load: make test-faults KILLS=100
	@$(WITH_IMAGEMAGICK) $(VENV)/bin/python -m tests.faults --kills $(KILLS)

.PHONY: benchmark
benchmark: $(VENV)/.dev ## Measure metadata extraction and compare it with identify, exiftool, exiv2 and Pillow
	@$(WITH_IMAGEMAGICK) $(VENV)/bin/python -m benchmarks.extraction

.PHONY: benchmark-uploads
benchmark-uploads: $(VENV)/.dev $(TUS) ## Measure uploads, compare them with bare PUTs and a tus server, and the memory for reading 1 GB
	@$(WITH_IMAGEMAGICK) $(VENV)/bin/python -m benchmarks.uploads

OWN_ARCH := $(subst aarch64,arm64,$(shell uname -m))

.PHONY: benchmark-init
benchmark-init: $(VENV)/.dev $(RUNTIME_CLIENT)/.installed dist/imagemagick-$(OWN_ARCH).zip ## Measure the functions' cold starts and compare them with those of their AWS clients (Linux)
	@$(WITH_IMAGEMAGICK) $(VENV)/bin/python -m benchmarks.initialisation dist/imagemagick-$(OWN_ARCH).zip

$(TUS): benchmarks/tus/package-lock.json
	@echo "Installing @tus/server for the benchmark ..." >&2
	@npm ci --silent --prefix benchmarks/tus && touch $@ || echo "Could not be installed: @tus/server" >&2

.PHONY: test-clients
test-clients: $(VENV)/.dev $(CLIENTS)/.installed ## Generate clients in several languages and try them (needs a JDK and npm)
	@scripts/install_test_tools.sh --clients
	@$(WITH_IMAGEMAGICK) $(VENV)/bin/python -m pytest --durations=10 tests/clients/generated_clients.py

.PHONY: benchmark-renditions
benchmark-renditions: $(VENV)/.dev ## Measure renditions and compare them with a bare convert and Pillow: PHOTOS="a.jpg ..." LARGE=1
	@$(WITH_IMAGEMAGICK) $(VENV)/bin/python -m benchmarks.renditions $(if $(LARGE),--large) $(PHOTOS)

CHILDREN ?= 2
MUTANTS ?=

.PHONY: mutation
mutation: $(MUTATION)/.installed ## Change the domain in small ways and report which changes no test notices: MUTANTS="domain.images.*"
	@rm -rf mutants
	@$(WITH_IMAGEMAGICK) $(MUTATION)/bin/python -m mutmut run --max-children $(CHILDREN) $(foreach pattern,$(MUTANTS),"$(pattern)")
	@$(MUTATION)/bin/python -m mutmut results | grep -v ': not checked$$' || true

SECONDS ?= 30
PARSERS ?=

.PHONY: fuzz
fuzz: $(VENV)/.fuzz ## Fuzz the parsers (Linux on x86-64): make fuzz SECONDS=60 PARSERS="xmp png"
	$(VENV)/bin/python -m fuzz --seconds $(SECONDS) $(PARSERS)

$(VENV)/.fuzz: requirements/fuzz.txt $(VENV)/.dev
	@$(VENV)/bin/pip install $(PIP_FLAGS) -r $<
	@touch $@

# AWS's runtime client, for the Python and the Linux on which the functions run.
$(RUNTIME_CLIENT)/.installed: requirements/awslambdaric.txt | $(VENV)/bin/python
	@echo "Installing awslambdaric for the tests ..." >&2
	@rm -rf $(RUNTIME_CLIENT)
	@$(VENV)/bin/pip install $(PIP_FLAGS) -r $< --target $(RUNTIME_CLIENT) --only-binary :all: \
	  --implementation cp --python-version $(PYTHON_VERSION) --platform manylinux2014_$(subst arm64,aarch64,$(shell uname -m)) \
	  && touch $@ || echo "Could not be installed, so some tests will be skipped: awslambdaric" >&2

# Programs with their own environments, because they pin packages that the project uses too.
# LocalStack is known to work with Python 3.11 and 3.13.
$(CHECKOV)/.installed $(CLIENTS)/.installed $(MUTATION)/.installed: PYTHONS = $(PYTHON)
$(LOCALSTACK)/.installed: PYTHONS = $(PYTHON) python3.13 python3.12 python3.11
$(CHECKOV)/.installed $(CLIENTS)/.installed $(LOCALSTACK)/.installed $(MUTATION)/.installed: .local/%/.installed: requirements/%.txt
	@echo "Installing $* for the tests ..." >&2
	@for python in $(PYTHONS); do \
	  rm -rf .local/$* && $$python -m venv .local/$* 2>/dev/null && \
	  .local/$*/bin/pip install $(PIP_FLAGS) -r $< && touch $@ && break; \
	done; test -e $@ || echo "Could not be installed, so some tests will be skipped: $*" >&2

# Coverage-guided fuzzing of the metadata reader; needs Linux on x86-64.

SECONDS ?= 30
PARSERS ?=

.PHONY: fuzz
fuzz: $(VENV)/.fuzz ## Fuzz every parser for a while, or some: make fuzz SECONDS=60 PARSERS="xmp png"
	$(VENV)/bin/python -m fuzz --seconds $(SECONDS) $(PARSERS)

$(VENV)/.fuzz: requirements/fuzz.txt $(VENV)/.dev
	@$(PIP_INSTALL) -r requirements/fuzz.txt
	@touch $@

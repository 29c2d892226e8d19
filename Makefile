# The commands of this project; `make help` lists them.
PYTHON ?= $(shell command -v python3.12 >/dev/null && python3.12 -c '' 2>/dev/null && echo python3.12 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DRAWN := synthetic synthetic_depression synthetic_context synthetic_context_clips synthetic_items synthetic_lab synthetic_small

.DEFAULT_GOAL := help
.PHONY: help install demo test test-fast docs faults lint types lock reproduce-ablations clean

help: ## list the commands
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  \1|\2/' | column -t -s '|'

install: $(INSTALLED) ## create .venv and install fercli with the locked versions

$(INSTALLED): requirements.lock setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' || \
		{ echo "error: fercli needs Python 3.11 or 3.12; found $$($(PYTHON) --version). Give one with: make PYTHON=/path/to/python3.12"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet uv
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --compile-bytecode --requirements requirements.lock
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $@

demo: $(INSTALLED) ## run the whole main job on synthetic faces, under five minutes on two cores
	$(BIN)/fercli preprocess data=synthetic store=stores/synthetic
	$(BIN)/fercli ablate demo --jobs 2
	@echo $(foreach method,softmax center dda,runs/$(method)_synthetic_resnet18_*/seed0) | xargs -n 1 -P 2 $(BIN)/fercli eval
	$(BIN)/fercli ablate demo --collect > /dev/null # so that the page of the study leads to those of the runs
	$(BIN)/fercli compare data=synthetic
	@echo
	@echo "The study:      runs/studies/demo/report.html"
	@echo "Single runs:    runs/*_synthetic_resnet18_*/seed0/report.html"
	@echo "What next:      $(BIN)/fercli list"
	@echo "                $(BIN)/fercli preprocess data=ferplus raw=<ferplus.zip> store=stores/ferplus"
	@echo "                $(BIN)/fercli train method=dda data=ferplus store=stores/ferplus"

# A process for each core, but no more than four: each imports all libraries. The tests of a file share what they set up;
# the longest files come first. Compiled modules are kept: a third of the time of each process's start, and of each
# command that a test starts, is to compile them again.
PROCESSES := --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
PYTEST := OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest $(PROCESSES)

test: $(INSTALLED) ## run all tests; those of SLURM on four cores or more, or with FERCLI_TEST_SLURM=1
	$(PYTEST)

test-fast: $(INSTALLED) ## run the tests that neither train nor run commands
	$(PYTEST) -m "not slow"

docs: $(INSTALLED) ## build the book into site/; open site/index.html
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

faults: $(INSTALLED) ## kill, fail and damage every command, and count what comes of it; over an hour
	FERCLI_MUTATIONS=20000 OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/datasets/readers/test_damage.py
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.faults

lint: $(INSTALLED) ## check style and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(INSTALLED) ## check the types
	$(BIN)/mypy

lock: $(INSTALLED) ## renew requirements.lock from setup.cfg
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip compile --quiet --upgrade --extra dev --extra docs --universal --python-version 3.11 \
		--no-emit-index-url --no-annotate --no-header setup.cfg --output-file requirements.lock

reproduce-ablations: $(INSTALLED) ## run every study whose data is present; DATA=synthetic BUDGET=smoke SEEDS=0 tries out all of them
	@$(if $(filter synthetic,$(DATA)),for name in $(DRAWN); do $(BIN)/fercli preprocess data=$$name store=stores/$$name || exit; done)
	$(BIN)/fercli ablate --all $(if $(DATA),--data $(DATA)) $(if $(BUDGET),--budget $(BUDGET)) $(if $(SEEDS),--seeds $(SEEDS))

clean: ## remove .venv
	rm -rf $(VENV)

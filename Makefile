# The only entry points; CI calls the same ones.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: up down check test bench lock schema docs clean help

help:            ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/  /'

# One stamp: the environment is whole and made from this lock file, or it is made again.
$(VENV)/.complete: requirements.lock pyproject.toml
	@echo "creating $(VENV) from requirements.lock"
	@rm -rf $(VENV)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-compile --require-hashes --no-deps -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

up: $(VENV)/.complete    ## bring the sandbox stack up on a local cloud
	@$(BIN)/mlops up

down: $(VENV)/.complete  ## destroy it and stop the local cloud
	@$(BIN)/mlops down

check: $(VENV)/.complete ## ruff, mypy --strict, import-linter, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy -n 2
	$(BIN)/lint-imports
	$(BIN)/python tools/write_schema.py --check
	$(BIN)/python tools/write_policy_docs.py --check
	$(BIN)/python tools/refresh_instance_facts.py --check

test: $(VENV)/.complete  ## everything, the engine tests included
	$(BIN)/python -m pytest -n 2 --dist loadgroup

bench: $(VENV)/.complete ## measure; ratios in one run, written to bench.json
	$(BIN)/python -m tests.bench

schema: $(VENV)/.complete ## write stacks/schema.json
	$(BIN)/python tools/write_schema.py

docs: $(VENV)/.complete  ## write the pages of the policy rules
	$(BIN)/python tools/write_policy_docs.py

lock:            ## resolve the lock file anew (needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --no-emit-index-url \
	    --python-version 3.11 --group dev pyproject.toml -o requirements.lock

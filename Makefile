# contio-mock: `make serve` and `make test` need Python 3.11 and nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help

.PHONY: help install serve test lint format bench fuzz openapi clean

help:  ## Show this help
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk 'BEGIN {FS = ":.*## *"} {printf "  make %-9s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "contio-mock needs Python 3.11 or newer; name it with PYTHON=python3.12"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $(STAMP)

install: $(STAMP)  ## Create .venv with everything that development needs

serve: $(STAMP)  ## Serve a Contio on http://127.0.0.1:8787 (options: ARGS="--port 0")
	@$(BIN)/contio-mock serve $(ARGS)

test: $(STAMP)  ## Run every test and check (a part: ARGS="tests/behaviour -k meetings")
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

lint: $(STAMP)  ## Check format, style, types and import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/contio-mock openapi --check

format: $(STAMP)  ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP)  ## Measure, side by side with bare Starlette, and print the ratios
	$(BIN)/python benchmarks/run.py $(ARGS)

fuzz: $(STAMP)  ## Look for faults for a long time
	CONTIO_FUZZ=2000 $(BIN)/python -m pytest tests/fuzz -n auto --dist worksteal $(ARGS)

openapi: $(STAMP)  ## Write the OpenAPI documents again
	$(BIN)/contio-mock openapi

clean:  ## Remove what was made
	rm -rf $(VENV) build dist .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis screenshots tests/compat/*/node_modules

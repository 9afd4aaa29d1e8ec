# Tasks of the project. `make demo` and `make test` need nothing but make and a Python 3.11 or later (or uv).
# PYTHON=3.13 chooses a Python; DEMO_DIR=folder chooses where the demo house goes.

SHELL := /bin/sh
.DEFAULT_GOAL := help

DEMO_DIR ?= demo
PYTHON ?=
UV := $(shell command -v uv 2>/dev/null)
UV_MISSING := $(if $(UV),,.cache/uv-venv/bin/uv)
ifneq ($(UV_MISSING),)
UV := $(CURDIR)/.cache/uv-venv/bin/uv
endif
export UV
CHOSEN := $(if $(PYTHON),--python $(PYTHON),)
SYNC := env -u VIRTUAL_ENV "$(UV)" sync --frozen --inexact --quiet $(CHOSEN)
BIN := .venv/bin
PARALLEL ?= -n auto
FUZZ_CASES ?= 5000
OLD := .cache/duckdb-1.5
OLD_CASES ?= 150

.PHONY: help demo test check lint types imports docs-check unit guarantee bench bench-accuracy duckdb-1.5 docs wheel clean

help: ## show the tasks
	@grep -hE '^[a-z0-9.-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.cache/uv-venv/bin/uv:
	@echo "uv is not installed; putting one into .cache/uv-venv"
	@python3 -m venv .cache/uv-venv || { echo "python3 -m venv failed; install uv, or your system's python3-venv"; exit 1; }
	@.cache/uv-venv/bin/python -m pip install --quiet --disable-pip-version-check uv

.venv/.demo: pyproject.toml uv.lock | $(UV_MISSING)
	@echo "setting up .venv"
	@$(SYNC) --no-dev --extra demo
	@touch $@

.venv/.test: pyproject.toml uv.lock | $(UV_MISSING)
	@echo "setting up .venv with everything the tests use"
	@$(SYNC) --all-extras
	@touch $@ .venv/.demo

demo: .venv/.demo ## build a house on real purchases and ask it a tour of questions
	@$(BIN)/jali demo $(DEMO_DIR)

test: .venv/.test ## run every test
	@$(BIN)/python -m pytest $(PARALLEL) $(PYTEST_ARGS)

check: lint types imports unit ## what everybody runs before a commit

lint: .venv/.test
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: .venv/.test
	@$(BIN)/mypy
	@$(BIN)/pyright

imports: .venv/.test
	@$(BIN)/lint-imports --no-logo

docs-check: .venv/.test
	@$(BIN)/python -m tools.error_pages --check
	@$(BIN)/python -m tools.contract_pages --check
	@$(BIN)/python -m tools.cli_pages --check

unit: .venv/.test
	@$(BIN)/python -m pytest $(PARALLEL) -m "not slow and not guarantee" tests/unit tests/docs src

guarantee: .venv/.test ## the tests of the guarantee, with more cases (FUZZ_CASES=5000)
	@JALI_FUZZ_CASES=$(FUZZ_CASES) $(BIN)/python -m pytest $(PARALLEL) tests/guarantee tests/property $(PYTEST_ARGS)

bench: .venv/.test ## measure speed and accuracy against plain DuckDB
	@$(BIN)/python bench/run.py $(BENCH_ARGS)

bench-accuracy: .venv/.test ## measure error beside other tools and beside the theory (about an hour; see bench/accuracy.py)
	@$(BIN)/python bench/accuracy.py $(BENCH_ARGS)

$(OLD)/.ready: pyproject.toml uv.lock | $(UV_MISSING)
	@echo "setting up $(OLD) with DuckDB 1.5.5"
	@UV_PROJECT_ENVIRONMENT=$(OLD) $(SYNC) --all-extras
	@"$(UV)" pip install --quiet --python $(OLD)/bin/python duckdb==1.5.5
	@touch $@

duckdb-1.5: $(OLD)/.ready ## engine, ingestion and guarantee tests on the oldest DuckDB that is allowed
	@$(OLD)/bin/python -c "import duckdb; print('DuckDB', duckdb.__version__)"
	@JALI_FUZZ_CASES=$(OLD_CASES) $(OLD)/bin/python -m pytest $(PARALLEL) $(wildcard tests/unit/engines tests/unit/ingest tests/unit/store tests/property tests/cases tests/guarantee) $(PYTEST_ARGS)

docs: .venv/.test ## make the generated pages of docs/ again
	@$(BIN)/python -m tools.error_pages
	@$(BIN)/python -m tools.contract_pages
	@$(BIN)/python -m tools.cli_pages

wheel: .venv/.test ## build the wheel, install it in a fresh environment, look at its size and start
	@$(BIN)/python -m tools.wheel_check

clean: ## remove what the tasks made, except .venv and demo houses
	@rm -rf .cache build dist htmlcov .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache bench/.data
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
	@rm -f .venv/.demo .venv/.test

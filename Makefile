# Thin: each target sets up what it needs in .venv, and only once, from the locks in .lock.
# PYTHON=python3.13 picks the interpreter; ARGS='...' goes to the program that a target runs.

PYTHON ?=
ARGS ?=
UPGRADE ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -qq
STUBS := .venv/micropython-stubs
# Of the tests: one more than there are cores, for much of their time is waiting.
PROCESSES = $(shell cores=$$(getconf _NPROCESSORS_ONLN); echo $$((cores < 8 ? cores + 1 : 8)))

.DEFAULT_GOAL := help
.PHONY: help demo test bench bench-device check format docs lock clean

help: ## Show this list
	@echo 'Pairlight'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  \033[1mmake %-12s\033[0m %s\n", $$1, $$2 }' Makefile
	@echo "  PYTHON=python3.13 picks the interpreter, ARGS='...' is passed on: make demo ARGS=--lan"

demo: .venv/.run ## Start a server and a make-believe TV to sign in
	@trap : INT; $(BIN)/pairlight demo $(ARGS) || { status=$$?; [ $$status = 130 ] || exit $$status; }

test: .venv/.develop ## Run the tests (ARGS='-k polling -n0')
	@$(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile $(ARGS)

bench: .venv/bench/.done ## Measure the server beside others (ARGS='--rounds 3 --only polls')
	@.venv/bench/bin/python -m tests.benchmarks $(ARGS)

bench-device: .venv/.develop ## Measure what the client takes on a board
	@$(BIN)/python -m tests.benchmarks.device

check: .venv/.develop $(STUBS)/.done ## Check format, lint and types, as CI does
	@$(BIN)/ruff format --check --output-format=concise . || { echo 'Mend: make format'; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/mypy --config-file .mypy-micropython.toml

format: .venv/.develop ## Format the code and mend what lint can mend
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

docs: .venv/.run ## Write the reference tables in docs/ from the code
	@$(BIN)/python -m docs.reference_pages

lock: $(BIN)/python ## Pin what pyproject.toml asks for in .lock (UPGRADE=1: the newest)
	@$(BIN)/uv --version >/dev/null 2>&1 || $(PIP) install 'uv>=0.11'
	@$(call pin,develop,pyproject.toml --group test --group check --group build)
	@$(call pin,run,pyproject.toml -c .lock/develop.txt)
	@$(call pin,build,--group build -c .lock/develop.txt)
	@$(call pin,micropython-stubs,--group micropython-stubs)

clean: ## Remove the environment, caches and builds
	@rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# $(call pin,LOCK,WHAT): for every platform and Python we support, with hashes, naming no index.
pin = echo 'Pinning .lock/$(1).txt'; $(BIN)/uv pip compile --quiet --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade) \
	--output-file .lock/$(1).txt $(2)

# $(call install,LOCK): the pinned packages, then this project, which finds all it needs there.
install = $(PIP) install --require-hashes -r .lock/$(1).txt -r .lock/build.txt \
	&& $(PIP) install --no-index --no-build-isolation --editable .

.venv/.run: .lock/run.txt .lock/build.txt pyproject.toml | $(BIN)/python
	@echo 'Installing what the server needs'
	@$(call install,run)
	@touch $@

.venv/.develop: .lock/develop.txt .lock/build.txt pyproject.toml | $(BIN)/python
	@echo 'Installing what the tests and checks need'
	@$(call install,develop)
	@touch .venv/.run $@

# The system's Python where it will do, as most installations run on it.
.venv/bench/.done: .lock/run.txt | $(BIN)/python
	@echo 'Installing what the server needs, to measure it'
	@for python in $(or $(PYTHON),/usr/bin/python3 $(BIN)/python); do \
		"$$python" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
			&& exec "$$python" -m venv --clear .venv/bench; \
	done; echo 'No Python to measure with: set PYTHON.' >&2; exit 1
	@.venv/bench/bin/python -m pip --disable-pip-version-check --no-input -qq \
		install --require-hashes -r .lock/run.txt
	@touch $@

$(STUBS)/.done: .lock/micropython-stubs.txt | $(BIN)/python
	@echo 'Installing the types of MicroPython'
	@rm -rf $(STUBS)
	@$(PIP) install --require-hashes --target $(STUBS) -r .lock/micropython-stubs.txt
	@touch $@

$(BIN)/python:
	@old= bare=; \
	for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
		"$$python" -c '' 2>/dev/null || continue; \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
			|| { old=$$python; continue; }; \
		"$$python" -c 'import ensurepip, venv' 2>/dev/null || { bare=$$python; continue; }; \
		echo "Making .venv with $$("$$python" --version)"; \
		"$$python" -m venv .venv && exit; \
		rm -f $@; exit 1; \
	done; \
	if [ "$$bare" ]; then \
		echo "$$bare cannot make environments: install its venv package (python3-venv on Debian)."; \
	else \
		echo "No Python 3.11 or newer$${old:+ ($$old is older)}: install one or set PYTHON."; \
	fi >&2; exit 1

# Everything runs in .venv, which is made on first use and again when setup.cfg changes.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

# What grows with EFFORT.
TORTURES := $(addprefix tests/,attacks client model faults inputs memory guidance promises replay/test_player.py \
	replay/reports/test_html.py provider/test_replayed.py flows/test_races.py test_secrets.py)

.DEFAULT_GOAL := help
.PHONY: help run test torture fuzz mutants format lint types docs screenshots bench check clean

help: ## show this list
	@grep -E '^[a-z.]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'Python 3.11 or newer is needed: make PYTHON=python3.11 ...' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null \
		|| { echo 'This Python cannot make virtual environments. On Debian: apt install python3-venv' >&2; exit 1; }
	@$(PYTHON) -m venv .venv
	@touch $@

# Two stamps, because running the service needs none of the tools.
.venv/service: setup.cfg | .venv/python
	@echo 'Installing mashery_oauth into .venv'
	@$(PIP) install --editable .
	@touch $@

.venv/tools: setup.cfg | .venv/python
	@echo 'Installing mashery_oauth, its tests and its tools into .venv'
	@$(PIP) install --editable '.[test,dev]'
	@touch $@ .venv/service

# atheris is not ready made for every system, and nothing else needs it.
.venv/fuzzer: setup.cfg | .venv/tools
	@echo 'Installing the fuzzer into .venv'
	@$(PIP) install --editable '.[test,fuzz]'
	@touch $@

.venv/mutants: setup.cfg | .venv/tools
	@echo 'Installing what makes mutants into .venv'
	@$(PIP) install --editable '.[test,mutants]'
	@touch $@

.venv: .venv/tools ## make the virtual environment

run: .venv/service ## start the service with a demo service (ARGS="..." is passed on)
	@$(BIN)/mashery-oauth demo $(ARGS)

# Each process takes whole files, and has stores of its own.
test: .venv/tools ## run the tests, in two processes (ARGS="..." is passed on: -n0 for one)
	@$(BIN)/pytest --numprocesses=2 --dist=loadfile $(ARGS)

torture: .venv/tools ## attack at length what the tests attack in short (EFFORT=50 for more than 10 times as much)
	@EFFORT=$${EFFORT:-10} $(BIN)/pytest $(TORTURES) $(ARGS)

fuzz: .venv/fuzzer ## look for input that the service does not bear (ARGS="--minutes 20" for longer than 3)
	@$(BIN)/python -m tests.inputs.fuzz $(ARGS)

mutants: .venv/mutants ## make policy, flows and Lua wrong in one place at a time, and see whether a test notices
	@$(BIN)/python -m tests.mutants $(ARGS)

format: .venv/tools ## rewrite the source in the common format
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

lint: .venv/tools ## check style, format and who imports whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports

types: .venv/tools ## check types
	@$(BIN)/mypy mashery_oauth tests

docs: .venv/tools ## build the documentation into docs/_build/html
	@$(BIN)/sphinx-build -n -W -q docs docs/_build/html
	@echo 'Built docs/_build/html/index.html'

screenshots: .venv/tools ## take the pictures of pages anew, for the documentation
	@SCREENSHOTS=docs/screenshots $(BIN)/pytest -q tests/browser/test_looks.py tests/browser/test_report.py $(ARGS)

bench: .venv/tools ## measure calls per second (ARGS="..." is passed on)
	@$(BIN)/python -m tests.benchmarks $(ARGS)

check: lint types docs test ## all of the checks, tests last

clean: ## remove what make has made
	rm -rf .venv build docs/_build .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each target works alone on a fresh machine with Python 3.11 or newer: what it needs is set up first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SHARED ?= ../shared
ORACLE ?= $(HOME)/.cache/navarch-oracle
export ORACLE

.PHONY: setup compiled demo test check bench docs test-real lock format clean

setup: compiled

# Python may be told not to write bytecode; without it every start would compile the whole package.
compiled: $(READY)
	@$(BIN)/python -m compileall -q src

# Wheels only, each checked against its hash.
$(READY): requirements/dev.txt pyproject.toml scripts/nav
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/dev.txt
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@$(BIN)/pip uninstall -q -y setuptools 2>/dev/null  # python 3.11 brings it; its .pth file slows every start
	@touch $@

demo: compiled
	@examples/demo $(BIN)/nav

test: compiled
	$(BIN)/python -m pytest -n auto -m "not real"

check: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

# The real Helm beside us: what it printed for real charts, and what it answers now.
test-real: compiled
	tools/test-real

bench: compiled
	bench/run

docs: compiled
	$(BIN)/python -m pytest tests/test_docs.py

lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --only-binary :all: --no-annotate \
		--custom-compile-command "make lock" --group dev --all-extras pyproject.toml -o requirements/dev.txt

format: $(READY)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis dist

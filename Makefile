# The commands of the README. Each sets up what it needs in .venv and can be run on its own.
PYTHON ?= python3
BIN := .venv/bin
# How many times more than usual the randomized tests of `make soak` try.
SCALE ?= 20
FRAMEWORK := $(addprefix tests/,core graph idioms kernels ops parsing saving layers losses metrics optimizers train applications inspection) \
  $(filter-out tests/test_documents.py,$(wildcard tests/test_*.py))

.PHONY: help demo test core peers soak lint format bench clean

help:
	@echo "make demo    train a network on handwritten digits and open its report"
	@echo "make test    run the tests"
	@echo "make lint    check style, types, names and the direction of imports"
	@echo "make core    run the framework's tests where only the core dependencies are installed"
	@echo "make peers   run the long tests, and those that compare with PyTorch and Keras"
	@echo "make soak    run kills, fuzz and large matrices for hours; SCALE=1 is the shortest"
	@echo "make bench   measure against PyTorch, Keras and Flax; writes bench/RESULTS.md"

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Lampas needs Python 3.11 or newer; try: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv .venv

.venv/app: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[app]'
	@touch $@

.venv/dev: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[app,dev]'
	@touch $@

.venv/peers: .venv/dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[app,dev,peers]'
	@touch $@

.venv-core/done: pyproject.toml
	$(PYTHON) -m venv .venv-core
	.venv-core/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

demo: .venv/app
	$(BIN)/lampas run mnist --open

# Most of the time of the tests is compilation, so they compile without XLA's optimizations and without its
# fusion emitters, which double the time (where this jaxlib knows that flag: XLA stops at an unknown one), and
# a file's tests share their programs; `make core` and `make peers` compile as users do.
test: .venv/dev
	quick=$$(grep -qs xla_cpu_use_fusion_emitters .venv/lib/python3*/site-packages/jaxlib/*.so && \
	  echo --xla_cpu_use_fusion_emitters=false); \
	XLA_FLAGS="--xla_backend_optimization_level=0 $$quick $$XLA_FLAGS" \
	  $(BIN)/python -m pytest --numprocesses auto --dist loadfile

core: .venv-core/done
	.venv-core/bin/python -m pytest --numprocesses auto --dist loadfile $(FRAMEWORK)

peers: .venv/peers
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile -m "peer or long"

soak: .venv/peers
	LAMPAS_TEST_SCALE=$(SCALE) $(BIN)/python -m pytest -m "soak or hypothesis" --durations 20

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tools/check_names.py
	$(BIN)/lint-imports

format: .venv/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/peers
	$(BIN)/python -m bench --out bench/RESULTS.md

clean:
	rm -rf .venv .venv-core .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .hypothesis

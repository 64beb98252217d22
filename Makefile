# What a person types: make demo, make test, make check, make bench NAME=journey, make docs, make clean.
# Set-up happens by itself, once, and again when what it installs has changed.

BIN := .venv/bin
STAMP := .venv/set-up.stamp
BENCH_STAMP := .venv-bench/set-up.stamp
EXTRAS_STAMP := .venv/extras.stamp
NAME ?= journey

.PHONY: help demo test check bench bench-setup extras docs lock setup clean
.DELETE_ON_ERROR:

help:
	@echo "make demo              the whole journey on half a million real invoice lines; ends at demo/out/index.html"
	@echo "make test              set up, and run every test"
	@echo "make check             lint, format, types, laws, one writer per table, SQL law, lock"
	@echo "make bench NAME=...    one benchmark, as one JSON object (make bench-setup installs what it compares with)"
	@echo "make extras            the extras fast and preview, which tests of them want; they are skipped without"
	@echo "make docs              the documentation, at docs/_build/html/index.html"
	@echo "make lock              resolve the dependencies anew (needs uv and a network)"
	@echo "make clean             remove what these made"

setup: $(STAMP)

$(STAMP): requirements.txt pyproject.toml tools/set_up.sh
	@tools/set_up.sh .venv requirements.txt project
	@touch $@

$(BENCH_STAMP): benchmarks/requirements.txt tools/set_up.sh
	@tools/set_up.sh .venv-bench benchmarks/requirements.txt
	@touch $@

$(EXTRAS_STAMP): requirements-extras.txt $(STAMP)
	@tools/set_up.sh .venv requirements-extras.txt
	@touch $@

demo: $(STAMP)
	@$(BIN)/tactful demo

test: $(STAMP)
	@$(BIN)/python -m pytest -n 2 --dist loadfile

check: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m tools.laws
	@$(BIN)/python -m tools.one_writer
	@$(BIN)/python -m tools.sql_law
	@$(BIN)/python -m tools.words_law
	@$(BIN)/python -m tools.lock_law

bench-setup: $(BENCH_STAMP) $(EXTRAS_STAMP)

extras: $(EXTRAS_STAMP)

bench: $(STAMP)
	@$(BIN)/python -m benchmarks $(NAME) --json

docs: $(STAMP)
	@$(BIN)/python -m tools.reference
	@$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

lock:
	uv lock
	$(BIN)/python -m tools.lock_law --write
	uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 benchmarks/requirements.in -o benchmarks/requirements.txt

clean:
	rm -rf .venv .venv-bench demo dist docs/_build docs/reference .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find src tests tools benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

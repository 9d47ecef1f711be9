# Development commands. They need Python 3.11, pip and make, and nothing else.
PYTHON ?= python3.11
BIN := .venv/bin
# Compiled Python is kept, whatever the caller's shell says: the tests start `haven` more than a hundred times.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install run test unit check fix assets bench docs

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

install: .venv/installed ## a virtual environment with the packages of requirements.lock

.venv/installed: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Haven needs Python 3.11. If it has another name here: make run PYTHON=/path/to/python"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: install ## set everything up, fill an empty database with the demonstration, serve http://127.0.0.1:8000
	$(BIN)/haven run

test: install ## everything that must hold: linters, contracts, all tests with a real browser
	@tests/browser-for-tests.sh
	@$(MAKE) --no-print-directory check
	$(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder

unit: install ## the quick tests alone
	$(BIN)/pytest -q -n 2 --dist loadfile tests/rules tests/analytics

check: install ## linters, types, import contracts, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	HAVEN_DATA=.haven/check $(BIN)/mypy
	$(BIN)/djade --check --target-version 5.2 $$(git ls-files '*.html')

fix: install ## let the linters mend what they can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djade --target-version 5.2 $$(git ls-files '*.html')

assets: ## compile styles and scripts (needs Node; the output is kept in the repository)
	sh assets/build.sh

bench: install ## measure, side by side, in one run
	$(BIN)/python -m benchmarks

docs: install ## write the generated pages of docs/reference anew
	$(BIN)/haven docs

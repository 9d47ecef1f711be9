# Development commands. `make run` and `make test` need Python 3.11, 3.12 or 3.13, pip and make, and nothing else.
FITS := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
# The newest suitable interpreter; empty without one. To use another one: make run PYTHON=/path/to/python
PYTHON ?= $(shell for each in python3.13 python3.12 python3.11 python3; do $$each -c '$(FITS)' 2>/dev/null && echo $$each && break; done)
BIN := .venv/bin
# Compiled Python files are kept, whatever the caller's shell sets, because the tests start `haven` more than a hundred times.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install run test unit campaign coverage mutation smoke lock check fix assets bench docs

help: ## lists the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

install: .venv/installed ## creates a virtual environment with the packages of requirements.lock

.venv/installed: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Haven needs Python 3.11, 3.12 or 3.13 with venv and pip. On Debian and Ubuntu: sudo apt-get install python3 python3-venv python3-pip"; \
	  echo "If it has another name or place: make run PYTHON=/path/to/python"; exit 1; }
	test -x $(BIN)/python || "$(PYTHON)" -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: install ## sets everything up, fills an empty database with the demonstration, serves http://127.0.0.1:8000
	$(BIN)/haven run

test: install ## runs every check: linters, contracts, all tests with a real browser
	@tests/support/browser-for-tests.sh
	@$(MAKE) --no-print-directory check
	$(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder

unit: install ## runs only the quick tests
	$(BIN)/pytest -q -n 2 --dist loadfile tests/rules tests/analytics

campaign: install ## runs the tests that are too slow for each change (every page for every role, killed processes, mutants); writes docs/reference/campaign.md
	@tests/support/browser-for-tests.sh
	$(BIN)/python -m tests.support.run_campaign

coverage: install ## measures branch coverage of the rules and row security; fails below 95 %
	$(BIN)/python -m tests.support.coverage_run

mutation: install ## runs the tests of the rules against each mutant of the rules; writes docs/reference/mutation.md
	$(BIN)/python -m tests.mutation.run --write docs/reference/mutation.md

smoke: ## starts Haven, the demonstration's morning and the unit tests on each Python of this machine
	tests/support/smoke.sh

lock: ## regenerates requirements.lock for Python 3.11 to 3.13, with hashes; versions change only where pyproject.toml requires it
	@test -d .haven/uv || { mkdir -p .haven && "$(PYTHON)" -m venv .haven/uv && .haven/uv/bin/python -m pip install --quiet --disable-pip-version-check uv; }
	.haven/uv/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --extra dev --no-header --output-file requirements.lock pyproject.toml

check: install ## runs linters, type checks, import contracts and template checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	HAVEN_DATA=.haven/check $(BIN)/mypy
	$(BIN)/djade --check --target-version 5.2 $$(git ls-files '*.html')

fix: install ## applies the linters' automatic fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djade --target-version 5.2 $$(git ls-files '*.html')

assets: ## compiles styles and scripts (needs Node; the output is committed)
	sh assets/build.sh

bench: install ## runs the benchmarks, all versions in one run
	$(BIN)/python -m benchmarks

docs: install ## regenerates the pages of docs/reference
	$(BIN)/haven docs

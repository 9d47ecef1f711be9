# Development commands. `make run` and `make test` need Python 3.11, 3.12 or 3.13, pip and make, and nothing else.
FITS := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
# The newest interpreter that fits; empty where there is none. Another one: make run PYTHON=/path/to/python
PYTHON ?= $(shell for each in python3.13 python3.12 python3.11 python3; do $$each -c '$(FITS)' 2>/dev/null && echo $$each && break; done)
BIN := .venv/bin
# Compiled Python is kept, whatever the caller's shell says: the tests start `haven` more than a hundred times.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install run test unit campaign coverage mutation smoke lock check fix assets bench docs

help: ## lists the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

install: .venv/installed ## a virtual environment with the packages of requirements.lock

.venv/installed: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Haven needs Python 3.11, 3.12 or 3.13 with venv and pip. On Debian and Ubuntu: sudo apt-get install python3 python3-venv python3-pip"; \
	  echo "If it has another name or place: make run PYTHON=/path/to/python"; exit 1; }
	test -x $(BIN)/python || "$(PYTHON)" -m venv .venv
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

campaign: install ## what takes too long for each change: everything of everyone, kills, mutants; writes docs/reference/campaign.md
	@tests/browser-for-tests.sh
	$(BIN)/python -m tests.run_campaign

coverage: install ## the branches that the tests of the rules and of row security take; fails below 95 %
	$(BIN)/python -m tests.coverage_run

mutation: install ## the tests of the rules against each mutant of the rules; writes docs/reference/mutation.md
	$(BIN)/python -m tests.mutation.run --write docs/reference/mutation.md

smoke: ## start Haven, a morning and the unit tests, on each Python of this machine
	tests/smoke.sh

lock: ## write requirements.lock anew for Python 3.11 to 3.13, with hashes; versions change only where pyproject.toml asks for it
	@test -d .haven/uv || { mkdir -p .haven && "$(PYTHON)" -m venv .haven/uv && .haven/uv/bin/python -m pip install --quiet --disable-pip-version-check uv; }
	.haven/uv/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --extra dev --no-header --output-file requirements.lock pyproject.toml

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

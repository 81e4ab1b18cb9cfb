# Two commands matter: `make demo` and `make test`. Both set up .venv by themselves.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test check certify bench clean setup

demo: setup            ## two simulated CRMs, one whole cycle, on this machine only
	@$(BIN)/kamsync demo --dir kamsync-demo

test: setup            ## every test
	@$(BIN)/python -m pytest -n auto

check: setup           ## lints, types, import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/deptry .

certify: setup         ## grades of the connectors that come with kamsync, kept beside their code
	@for name in zoho fxiaoke files singer; do $(BIN)/kamsync connector certify $$name || exit 1; done

bench: setup           ## figures, printed; see benchmarks/
	@for script in benchmarks/[!_]*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

setup: $(STAMP)

$(STAMP): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "kamsync needs Python 3.11 or newer: make PYTHON=python3.11 …")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setting up $(VENV) …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c requirements.lock -e '.[dev]'
	@touch $(STAMP)

clean:
	rm -rf $(VENV) kamsync-demo .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Two commands matter: `make demo` and `make test`. Both set up .venv by themselves.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TAPS := tap-jsonl==0.3.1 tap-rest-api-msdk==1.4.2

.PHONY: demo test check certify bench reliability clean setup taps

demo: setup            ## two simulated CRMs, one whole cycle, on this machine only
	@$(BIN)/kamsync demo --dir kamsync-demo

test: setup            ## every test; after `make taps` also those with real Singer taps
	@KAMSYNC_TEST_TAPS=$${KAMSYNC_TEST_TAPS:-$(wildcard $(CURDIR)/.taps/bin)} $(BIN)/python -m pytest -n auto --dist worksteal

taps:                  ## two Singer taps as they come, each in a place of its own: their needs differ
	@mkdir -p .taps/bin
	@for tap in $(TAPS); do name=$${tap%%=*}; test -x .taps/$$name/bin/$$name || { echo "setting up $$tap …"; \
	  $(PYTHON) -m venv .taps/$$name && .taps/$$name/bin/pip install -qq --disable-pip-version-check $$tap || exit 1; }; \
	  ln -sf ../$$name/bin/$$name .taps/bin/$$name; done

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

reliability: setup     ## what writing promises, tried under faults; GATE=long KILLS=2000 ONLY=kills,points SEED=7 …
	@$(BIN)/python -m tests.reliability --gate $(or $(GATE),pr) --seed $(or $(SEED),1) $(if $(ONLY),--only $(ONLY)) \
	  $(if $(KEEP),--keep) $(filter-out GATE=% SEED=% ONLY=% KEEP=% PYTHON=%,$(MAKEOVERRIDES))

setup: $(STAMP)

$(STAMP): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "kamsync needs Python 3.11 or newer: make PYTHON=python3.11 …")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setting up $(VENV) …"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c requirements.lock -e '.[dev]'
	@touch $(STAMP)

clean:
	rm -rf $(VENV) .taps kamsync-demo .mypy_cache .ruff_cache .pytest_cache .hypothesis

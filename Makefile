# Everything a newcomer needs. `make run` and `make test` want Python 3.11+ and make, nothing else.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?=
export PYTHON
# Compiled modules are kept: each of the many processes of a run would compile the program anew.
export PYTHONDONTWRITEBYTECODE :=
# Twice two cores: while a story in the browser or the database is waited for, the others go on.
JOBS ?= 4
N ?= 100000
TESTS ?= tests
PYTEST_ARGS ?=
OUT ?= var/client
SCHOOL ?=

.DEFAULT_GOAL := help
.PHONY: help run demo test lint lint-types lint-openapi lint-imports lint-style lint-audit format client bench storm servers fuzz matrix i18n venv venv-dev clean guides

help: ## this list
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: venv ## serve the trial at http://127.0.0.1:8080 (PORT, VAR_DIR, HOST; DATABASE_URL and REDIS_URL replace the embedded servers)
	@exec $(BIN)/python run.py

test: venv-dev ## run all tests (TESTS=tests/signing for some, JOBS=1 for one process, PYTEST_ARGS=…)
	@bash tests/setup_browser.sh
	@exec $(BIN)/python -m pytest $(TESTS) -n $(JOBS) --dist loadfile $(PYTEST_ARGS)

lint: venv-dev ## style, types, import contracts, description of the API, known weaknesses of the libraries
	@$(MAKE) --no-print-directory --output-sync --jobs $(JOBS) lint-types lint-openapi lint-imports lint-style lint-audit

lint-types:
	@$(BIN)/mypy

lint-openapi:
	@bash scripts/openapi.sh $(VENV)

lint-imports:
	@$(BIN)/lint-imports

lint-style:
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

lint-audit:
	@$(BIN)/python scripts/audit.py requirements.txt requirements-dev.txt requirements-trial.txt

format: venv-dev ## put the code into the agreed shape
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

client: venv-dev ## a Python client of the API in OUT (OUT=var/client), generated from the description
	@APP_ENV=test DATABASE_URL=postgresql+psycopg://nobody@localhost/none EMS_URL=http://localhost EMS_TOKEN=none \
		FLASK_APP=app:create_app $(BIN)/flask api describe $(OUT)
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/openapi-python-client generate --path $(OUT)/platform.json --config scripts/openapi/client.yaml \
		--output-path $(OUT)/agreements-client --overwrite

bench: COPIES = 0
bench: venv-dev ## measure pages, events and documents on N graduates (N=100000), and on COPIES more of that country
	@exec $(BIN)/python -m tests.benchmarks --graduates $(N) --copies $(COPIES)

demo: N = 3000
demo: venv ## add N invented graduates with signings to the running trial, all at one school by SCHOOL=10003 (N=3000, VAR_DIR)
	@PYTHONPATH=. $(BIN)/python -m trial.environment flask demo generate --graduates $(N) $(if $(SCHOOL),--school $(SCHOOL))

guides: venv-dev ## take the pictures of docs/guides anew, from a trial of their own (some minutes; look at each)
	@PYTHONPATH=. $(BIN)/python scripts/guide_pictures.py

storm: N = 1000
storm: venv-dev ## N operations through the API while every part is killed, wiped, slowed and lied to (N=1000, SEED=2027)
	@STORM=$(N) $(BIN)/python -m pytest tests/faults/test_storm.py -q -s -n 0

servers: venv-dev ## try the platform behind PgBouncer, read from a standby, and where standbys of PostgreSQL and Valkey take over (Debian's programs)
	@bash tests/setup_servers.sh
	@SERVERS=1 $(BIN)/python -m pytest tests/deploy/test_pooler.py tests/deploy/test_standby.py tests/deploy/test_replicas.py \
		tests/deploy/test_sentinels.py -q -s -n 0

fuzz: N = 20000
fuzz: venv-dev ## send N calls that nobody means well (N=20000, SEED=2027); no answer may be 5xx
	@FUZZ=$(N) $(BIN)/python -m pytest tests/web/test_fuzz.py -q -s -n 0

matrix: venv-dev ## write down anew who is let in where (tests/guards/permission_matrix.txt); look at every changed line
	@UPDATE_MATRIX=1 $(BIN)/python -m pytest tests/guards/test_permission_matrix.py -q

i18n: venv ## collect the texts, bring the Chinese catalogue up to date, compile it
	@PYTHONPATH=. $(BIN)/pybabel -q extract -F babel.cfg -k lazy_gettext -k _l -k ngettext:1,2 --no-location --sort-output --width 110 -o $(VENV)/messages.pot .
	@$(BIN)/pybabel -q update -i $(VENV)/messages.pot -d translations -l zh --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 110
	@$(BIN)/pybabel compile -d translations -l zh

venv: ## the virtual environment with what the program needs
	@bash scripts/venv.sh $(VENV) requirements.txt requirements-trial.txt

venv-dev: ## the virtual environment with what tests and checks need too
	@bash scripts/venv.sh $(VENV) requirements.txt requirements-trial.txt requirements-dev.txt

clean: ## remove caches; the trial's data in var/ stay
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis test-results
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

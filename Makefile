# The commands of the house. `make` alone lists them.
# Written for every make since 3.81, which is what macOS brings.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
RUNS := .venv/.runs
READY := .venv/.ready
# The lock files are complete, so pip has nothing to work out. Left to, it looks for a newest release
# of every `package[extra]` that a dependency names, and fails as soon as there is one.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps

# The tests start the service and its commands some hundred times. Where the machine says that nothing
# compiled is to be kept (container images do), each start would compile all of it anew.
export PYTHONDONTWRITEBYTECODE :=

# The first Python on the path that is new enough; `make env PYTHON=/some/python` names another.
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
  if $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
  then echo $$each; break; fi; done)

.PHONY: help
help:  ## this list
	@awk -F ':.*## ' '/^[a-z0-9%-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: env
env: $(READY)  ## make the environment in .venv/ from the lock file, and nothing else

# What the service runs on. The demonstration needs no more, and is there sooner without the rest.
$(RUNS): requirements/run.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Venterom needs Python 3.11 or newer, and none is on the path."; \
	  echo "  Debian 12, Ubuntu 24.04: apt-get install python3 python3-venv"; \
	  echo "  Ubuntu 22.04:            apt-get install python3.11 python3.11-venv"; \
	  echo "  macOS:                   brew install python@3.13"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "This Python cannot make environments yet. Run this, then try again:"; \
	  $(PYTHON) -c 'import sys; print("  apt-get install python3.%d-venv" % sys.version_info[1])'; exit 1; }
	@echo "Making the environment in .venv/ with $$($(PYTHON) --version) …"
	@$(PYTHON) -m venv .venv
	@echo "Installing what the service runs on, from requirements/run.txt …"
	@$(INSTALL) --require-hashes -r requirements/run.txt
	@$(INSTALL) --no-build-isolation -e .
	@touch $@

$(READY): requirements/dev.txt $(RUNS)
	@echo "Installing what the tests and checks need, from requirements/dev.txt …"
	@$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

# `make demo CROWD=30` lets thirty simulated patients come an hour.
ALIVE = $(if $(CROWD),--crowd $(CROWD))

.PHONY: demo
demo: $(RUNS)  ## start the demonstration on http://127.0.0.1:8080; CROWD=30 makes it live
	@$(BIN)/venterom demo $(ALIVE)

.PHONY: demo-reset
demo-reset: $(RUNS)  ## start the demonstration over, from a new world
	@$(BIN)/venterom demo --reset $(ALIVE)

# Browsers and calls are tried one after another: each wants to be served at once. What needs no hurry
# runs aside, gives way to them (tests/aside.py), and says what it found when they are done.
# Browsers and calls are in these folders alone; to collect the others takes as long as some calls.
SERVED := tests/e2e tests/rtc tests/server

.PHONY: test
test: $(READY)  ## install what the tests need, then run every test
	@$(BIN)/python tests/needs.py
	@mkdir -p var
	@$(BIN)/python tests/aside.py $(BIN)/pytest -q -n auto --timeout=600 --durations=25 -m "not browser and not media" >var/beside.log 2>&1 & \
	beside=$$!; trap 'kill $$beside 2>/dev/null || :' EXIT; trap 'exit 130' INT TERM; \
	$(BIN)/pytest --timeout=300 --durations=25 -m "(browser or media) and not soak" $(SERVED); first=$$?; \
	wait $$beside; second=$$?; \
	cat var/beside.log; \
	exit $$((first || second))

.PHONY: pictures
pictures: $(READY)  ## every page in var/screenshots/, in both lights, all languages, on a phone and at a desk
	@$(BIN)/python tests/needs.py
	@PICTURES=1 $(BIN)/pytest tests/e2e/test_screens.py

.PHONY: soak
soak: $(READY)  ## what takes long: a thousand days, two hundred kills on each database, lossy lines, rooms for ten minutes, what comes back
	@$(BIN)/python tests/needs.py
	@DAYS=1000 KILL_CYCLES=200 SET_UPS=200 SOAK_ROOMS=40 SOAK_SECONDS=600 SOAK_OPENED=1000 OUTAGE_NOTES=5000 KILL_EVERY=3 KILL_ROUNDS=25 $(BIN)/pytest --timeout=7200 \
	  tests/days tests/crash tests/journal/test_outage.py tests/e2e/test_coming_back.py tests/e2e/test_loss.py tests/rtc/test_soak.py

.PHONY: fuzz
fuzz: $(READY)  ## a million hostile inputs for the media worker's readers and a live worker, those that atheris finds, and two thousand questions to the insurers' API; minutes
	@FUZZ_INPUTS=1000000 API_CASES=2000 $(BIN)/pytest --timeout=3600 tests/rtc/test_fuzz.py tests/web/insurer_api/test_openapi.py

.PHONY: check
check: $(READY)  ## the developer's loop: style, types, fast tests, browser code; under 60 s
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy
	@$(BIN)/pytest -q -n auto --timeout=60 --ignore=tests/e2e --ignore=tests/crash -m "not slow and not adapter and not browser and not media"
	@$(MAKE) --no-print-directory browser-code

# The tests leave the pages that they have rendered in var/pages/.
.PHONY: browser-code
browser-code:  ## types of web/static/js, and the rendered pages, where Node 20 or newer is present
	@if ! node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null; then \
	  echo "Browser code not checked: it takes Node 20 or newer."; \
	elif ! $(MAKE) --silent node_modules/.ready 2>/dev/null; then \
	  echo "Browser code not checked: its tools could not be installed (no network?)."; \
	else \
	  node_modules/.bin/tsc -p . && \
	  if ls var/pages/*.html >/dev/null 2>&1; then node_modules/.bin/html-validate 'var/pages/*.html'; fi; \
	fi

node_modules/.ready: package.json
	@npm install --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

.PHONY: e2e
e2e: $(READY)  ## only the two-browser test
	@$(BIN)/python tests/needs.py
	@$(BIN)/pytest tests/e2e/test_two_browsers.py

.PHONY: compiled
compiled: $(READY)  ## compile what each packet of a call goes through, as the image has it, in build/compiled/
	@$(BIN)/python -m tests.rtc.compiled

.PHONY: graph
graph: $(READY)  ## draw docs/architecture.svg from the code's own imports
	@$(BIN)/python docs/graph.py

.PHONY: words
words: $(READY)  ## bring nn.po and en.po up to the words that stand in pages and code
	@$(BIN)/python -m venterom.web.words.extract

.PHONY: lock
lock:  ## write the lock files anew from requirements/*.in (needs uv, which the lock does not hold)
	@command -v uv >/dev/null || { echo "uv is missing: see CONTRIBUTING.md, «The lock files»."; exit 1; }
	@for each in run dev build; do uv pip compile requirements/$$each.in --python-version 3.11 --universal \
	  --generate-hashes --no-header --quiet --upgrade -o requirements/$$each.txt; done

bench-%: $(READY)  ## run the benchmark bench/%.py
	@$(BIN)/python bench/$*.py

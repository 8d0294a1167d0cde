# Every target sets up what it needs: a virtual environment with hash-locked dependencies.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NPM := tests/mailcheck/node_modules
# The pip of the machine fills the environment: Debian's Python can make one, but not with a pip inside.
PIP := $(PYTHON) -m pip --python $(BIN)/python --quiet --disable-pip-version-check
DEMO_PORT ?= 8000
# The browser that the tests drive: Debian's, or the one that CHROMIUM names.
CHROMIUM ?= chromium
export CHROMIUM

.PHONY: demo run test test-scaled rabbitmq words check check-mail mail-pictures style dist bench screenshots browser lock clean

$(VENV)/run.stamp: requirements.lock pyproject.toml
	$(PYTHON) -m venv --without-pip $(VENV)
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-build-isolation --no-deps --editable .
	touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/run.stamp
	$(PIP) install --require-hashes -r requirements-dev.lock
	touch $@

demo: $(VENV)/run.stamp  ## the whole line offline, with sample feeds and readers
	$(BIN)/curator demo --port $(DEMO_PORT)

run: $(VENV)/run.stamp  ## your own installation: web and runner on one SQLite file
	$(BIN)/curator init
	$(BIN)/curator run

# One worker more than cores: browsers and servers leave a core idle now and then.
test: $(VENV)/dev.stamp browser  ## every test, on SQLite and PostgreSQL, and in a browser
	$(BIN)/python -m pytest -n $$(($$(nproc 2>/dev/null || echo 2) + 1))

test-scaled: $(VENV)/dev.stamp rabbitmq  ## many processes over RabbitMQ, killed again and again: some three minutes
	$(BIN)/python -m pytest -n 0 -p no:randomly tests/scaled

rabbitmq:
	@test -x /usr/lib/rabbitmq/bin/rabbitmq-server || sh tests/scaled/install_rabbitmq.sh

screenshots: $(VENV)/dev.stamp browser  ## the README's pictures, taken anew
	SCREENSHOTS_DIR=docs/images $(BIN)/python -m pytest -n 0 -p no:randomly tests/e2e/test_journey.py -k with-scripts

# Where it cannot be installed the other tests still run; those that need a browser fail and say what is missing.
browser:
	@command -v "$(CHROMIUM)" >/dev/null \
	|| { [ "$(CHROMIUM)" = chromium ] && apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium fonts-dejavu-core; } \
	|| echo "Chromium could not be installed, which takes root on Debian. Install it, or set CHROMIUM to a Chromium or Chrome." >&2

words: $(VENV)/dev.stamp  ## readers' words of templates and code into the catalogs (curator/languages)
	$(BIN)/python -m tools.words

check: style  ## format, lint, types, walls, migrations
	$(BIN)/python -m pytest -q tests/migrations

check-mail: $(VENV)/dev.stamp $(NPM)/.stamp browser  ## our templates' mail as npm's checkers and a browser see it; needs node and npm
	$(BIN)/python -m tests.mailcheck

mail-pictures: $(VENV)/dev.stamp browser  ## the pictures of docs/mail.md, taken anew
	$(BIN)/python -m tests.mailcheck.pictures docs/images

# The lock names no registry: npm asks the one of this machine and holds each package to its hash. No package's script is run.
$(NPM)/.stamp: tests/mailcheck/package-lock.json
	@command -v npm >/dev/null || { echo "make check-mail needs Node 20.19 or newer with npm." >&2; exit 1; }
	npm ci --prefix tests/mailcheck --ignore-scripts --no-audit --no-fund
	touch $@

# What `make test` does not hold already: CI runs both.
style: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/codespell
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m tools.words --check

dist:  ## the release: one archive of what runs, and its checksum, in dist/
	$(PYTHON) -m tools.release dist

bench: $(VENV)/dev.stamp  ## every figure in docs/performance.md
	for file in benchmarks/*.py; do PYTHONPATH=. $(BIN)/python $$file || exit 1; done

lock: $(VENV)/dev.stamp  ## renew the locks; needs uv
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --extra dev -o requirements-dev.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml requirements-build.in -c requirements-dev.lock -o requirements.lock
	$(BIN)/python -m tools.scaled_lock

clean:
	rm -rf $(VENV) var

# make demo   a family's story on local servers (DEMO_ONCE=1 ends by itself)      make test   everything that must hold
# make full   the long version of the generated tests                            make bench  benchmarks against peers
# make hostile   the attacks alone, a million mutants                            make races  64 at once, a thousand times
# Each does its whole set-up: a .venv here, hashed requirements, Node libraries and Chromium where missing.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
NODE := tests/interop/node
COUNTED := credkit
PEERS := $(NODE)/node_modules/.package-lock.json
# A set-up that was not finished leaves no stamp and is done again.
DEVELOPMENT := .venv/.development

# Compiled modules are kept, whatever the machine is set to: hundreds of processes start from them.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test full ready hostile races bench lint types imports collected pytest packages lock clean
.DELETE_ON_ERROR:

demo: $(DEVELOPMENT)
	$(BIN)/python -m demo

test: ready pytest

full: export BACKPACK_FULL = 1
full: COUNTED = contexts credkit ui issuer wallet verifier
full: ready pytest

# What waits for nothing else runs at once: npm and apt beside pip, the first reading of the tests beside the type check.
ready:
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target types collected $(PEERS) packages lint imports

# A million mutants over every format, and every attack at its full length.
hostile: export BACKPACK_FULL = 1
hostile: $(DEVELOPMENT)
	$(BIN)/pytest -n 2 --dist worksteal tests/hostile

# One code, nonce, proof, guess or answer, taken by one of 64: a thousand races on each database.
races: export BACKPACK_RACES = 1000
races: $(DEVELOPMENT) packages
	$(BIN)/pytest -n 2 tests/issuer/test_races.py tests/verifier/test_attacks.py tests/verifier/test_exchanges.py -k "races or at_once"

bench: $(DEVELOPMENT) $(PEERS)
	$(BIN)/python -m bench

lint: $(DEVELOPMENT)
	$(BIN)/ruff check .

types: $(DEVELOPMENT)
	$(BIN)/mypy

imports: $(DEVELOPMENT)
	$(BIN)/lint-imports --no-logo

# Reads every test once before the workers do, so that each finds it compiled; what cannot be read is red in `pytest`.
collected: $(DEVELOPMENT)
	$(BIN)/pytest --collect-only --quiet | tail -n 1

pytest: $(DEVELOPMENT) $(PEERS) packages
	$(BIN)/pytest -n 3 --dist worksteal --durations=10 --durations-min=5 $(COUNTED:%=--cov=%) --cov-report=term

.venv/bin/python:
	$(PYTHON) -m venv .venv

# Of the same lock, by its hash like everything else.
$(BIN)/uv: requirements-test.txt | .venv/bin/python
	sed -n '/^uv==/,/[^\\]$$/p' $< > .venv/uv.txt
	$(PIP) --require-hashes --requirement .venv/uv.txt
	touch $@

# uv takes seconds where pip takes a minute; pip knows the machine's own mirrors, and does what uv could not (0026).
$(DEVELOPMENT): requirements-test.txt pyproject.toml $(BIN)/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement $< \
	  || $(PIP) --require-hashes --requirement $<
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

$(PEERS): $(NODE)/package-lock.json
	npm ci --prefix $(NODE) --no-audit --no-fund
	touch $@

# A browser without a window, a PKCS#11 token and a database server, where they are missing.
packages:
	@missing=; \
	command -v chromium-headless-shell >/dev/null || missing="$$missing chromium-headless-shell fonts-liberation"; \
	command -v softhsm2-util >/dev/null || missing="$$missing softhsm2"; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing="$$missing postgresql"; \
	[ -z "$$missing" ] || { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq $$missing; } \
	  || { echo "Missing. Install it once with: sudo apt-get install$$missing"; exit 1; }

# After a change of the dependencies in pyproject.toml.
lock: $(DEVELOPMENT)
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras --no-annotate --no-header --quiet \
	  pyproject.toml --extra test --extra interop --extra build --output-file requirements-test.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras --no-annotate --no-header --quiet \
	  pyproject.toml --extra build --constraint requirements-test.txt --output-file requirements.txt

clean:
	rm -rf .venv $(NODE)/node_modules learner_backpack.egg-info .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis

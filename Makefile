# One command each; `make help` lists them. Everything runs in .venv, which the first command makes by the lock files.
SHELL := /bin/sh
.DEFAULT_GOAL := help
BIN := .venv/bin
PYTHON_IN := $(BIN)/python
WORKERS ?= 2
DEV := .venv/dev.stamp
RUN := .venv/run.stamp
PEERS := .peers/peers.stamp
PROJECT := pyproject.toml scripts/environment.sh
LOCK := $(BIN)/uv pip compile pyproject.toml --quiet --universal --generate-hashes --no-emit-index-url --no-header
PEERLOCK := $(BIN)/uv pip compile --group pyproject.toml:peers --quiet --universal --generate-hashes \
	--no-emit-index-url --no-header --python-version 3.11

.PHONY: help demo test lint types bench peers campaign docs schemas lock wheel clean

help: ## List the commands
	@sed -nE 's/^([a-z]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

demo: $(RUN) ## Scan the shipped, recorded shop and show what was found
	@$(BIN)/driftbot demo

test: $(DEV) ## All tests; as root on Debian it installs the real servers they need, else it says which are missing
	@scripts/system_packages.sh
	$(PYTHON_IN) -m pytest --numprocesses $(WORKERS) --dist loadfile

lint: $(DEV) ## Style, types, imports, dependencies, and whether rendered pages and schemas are up to date
	@status=0; run() { echo "$$*"; "$$@" || status=1; }; \
	run $(BIN)/ruff check; \
	run $(BIN)/ruff format --check; \
	run $(BIN)/mypy; \
	run $(BIN)/lint-imports --no-cache; \
	run $(BIN)/deptry driftbot; \
	run $(BIN)/deptry tests docs benchmarks --exclude _build --ignore DEP002,DEP004; \
	run $(PYTHON_IN) -m docs.render --check; \
	run $(BIN)/sphinx-build --quiet --fail-on-warning --fresh-env --builder dummy docs docs/_build/check; \
	exit $$status

types: $(DEV) ## Strict types
	$(BIN)/mypy

bench: $(DEV) ## Benchmarks at small sizes (docs/benchmarks.md names the whole ones): ratios to a peer in the same run
	@scripts/system_packages.sh
	@status=0; for benchmark in benchmarks/*/bench_*.py; do \
	    echo "== $$benchmark"; \
	    $(PYTHON_IN) -m $$(echo $${benchmark%.py} | tr / .) || status=1; \
	done; exit $$status

peers: $(PEERS) ## Detectors and their peers (otava, ruptures, river) on the same series, in an environment of their own
	.peers/bin/python -m benchmarks.detectors.bench_change_points

campaign: $(DEV) ## The long runs, whole (`make test` runs a seeded sample)
	@scripts/system_packages.sh
	DRIFTBOT_CAMPAIGN=all $(PYTHON_IN) -m pytest -m campaign

docs: $(DEV) ## Render the reference pages and schemas, then build docs/_build/html
	$(PYTHON_IN) -m docs.render
	$(BIN)/sphinx-build --quiet --fail-on-warning --builder dirhtml docs docs/_build/html
	@echo "docs/_build/html/index.html"

schemas: $(DEV) ## Render the JSON Schemas of rules and driftbot.yaml for editors
	$(PYTHON_IN) -m docs.render

lock: $(DEV) ## Renew the lock files to the newest releases
	$(LOCK) --upgrade --group dev --extra postgresql --output-file lock/dev.txt
	$(LOCK) --upgrade --group build --constraint lock/dev.txt --output-file lock/run.txt
	$(PEERLOCK) --upgrade --output-file lock/peers.txt

wheel: $(DEV) ## Build the wheel into dist/
	$(PYTHON_IN) -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

clean: ## Remove everything that can be made again
	rm -rf .venv .peers dist build docs/_build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(DEV): lock/dev.txt $(PROJECT)
	@scripts/environment.sh lock/dev.txt $@ && touch $(RUN)

$(PEERS): lock/peers.txt scripts/environment.sh
	@scripts/environment.sh lock/peers.txt $@

$(RUN): lock/run.txt $(PROJECT)
	@scripts/environment.sh lock/run.txt $@

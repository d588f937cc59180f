# Everything that people and CI run. `make` alone prints this list.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
UI := app/web/ui
PAGE := tests/app/web
READY := .venv/.ready
FOLDERS := agents tools memory eval ingestion prompts townlake app
ASK := $(BIN)/skipper ask
LOCKED := --quiet --disable-pip-version-check --no-deps --require-hashes

.PHONY: help setup demo web web-tools web-check test test-page test-trino test-large lint check bench bench-retrieval bench-guard bench-scan bench-skimmer bench-trino bench-http bench-kills conformance golds lock clean

help: ## print the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## virtual environment with the pinned packages

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with PYTHON=..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the pinned packages (about 7 GB unpacked, most of it torch; two minutes on a fast line) ..."
# The lock is complete, so nothing is resolved: with --no-deps a release made after the lock cannot break it.
# uv takes a quarter of pip's time. It knows nothing of pip's settings: where it finds no index, pip does the same.
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > .venv/uv.lock
	@$(BIN)/python -m pip install $(LOCKED) -r .venv/uv.lock
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --no-deps --require-hashes -r requirements.lock \
		|| { echo "uv could not install them; pip goes on."; $(BIN)/python -m pip install $(LOCKED) -r requirements.lock; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
# Else the first command compiles what it loads, and where bytecode may not be written, every one.
	@$(BIN)/python -m compileall -q $(FOLDERS)
	@touch $@

demo: $(READY) ## build the demo lake, ask it two questions, and open its page
	$(BIN)/skipper demo
	$(ASK) "monthly recurring revenue by region last quarter"
	$(ASK) "top 5 customers by invoiced revenue this year"
# Nobody stops a server that a script started.
	@if [ -t 1 ]; then $(BIN)/skipper serve; else echo "The page: $(BIN)/skipper serve"; fi

$(UI)/node_modules: $(UI)/package-lock.json
	cd $(UI) && npm ci --silent
	@touch $@

web-tools: $(UI)/node_modules ## what builds the page; needs Node 20.19 or newer
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' || { echo "Node 20.19 or newer is needed."; exit 1; }

web: $(READY) web-tools ## build the page from its source
	$(BIN)/python -c 'import json; from app.http.application import make_api; print(json.dumps(make_api().openapi()))' > $(UI)/schema.json
	cd $(UI) && npm run --silent types && npm run --silent check && npm run --silent build

web-check: web ## that the committed page is what its source gives
	@test -z "$$(git status --porcelain app/web/built)" || { git status --short app/web/built; echo "The page was not built from its source: run \`make web\` and commit app/web/built."; exit 1; }

test: $(READY) ## the whole test suite, but for the page and real servers
	$(BIN)/python -m pytest tests -m "not trino" --ignore tests/app/web -n auto --maxprocesses 4 $(PYTEST_ARGS)

test-page: $(READY) ## the page in a real browser; skipped with the reason where there is none
	$(BIN)/python -m pytest $(PAGE) -rs -n auto --maxprocesses 4 --dist loadfile $(PYTEST_ARGS)

test-trino: $(READY) ## what needs a real Trino and PostgreSQL, which it starts; skipped with the reason where it cannot
	$(BIN)/python -m pytest tests/trino -m "trino and not large" -rs $(PYTEST_ARGS)

test-large: $(READY) ## more with real servers: moves that are killed, S3, REST catalog, ClickHouse, Kafka, everything over PostgreSQL
	$(BIN)/python -m pytest tests/trino -m large -rs $(PYTEST_ARGS)

lint: $(READY) ## format, lint, types, layers, spelling
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell README.md CHANGELOG.md CONTRIBUTING.md docs $(FOLDERS)

check: lint test ## what CI runs

bench: $(READY) ## start-up, questions, guard, prompt size, retrieval latency, demo lake
	$(BIN)/python -m eval.bench

bench-retrieval: $(READY) ## complete recall@5 and @20 over the open retrieval sets
	$(BIN)/python -m eval.bench_retrieval

bench-guard: $(READY) ## latency of the guard over the harmless statements
	$(BIN)/python -m eval.bench_guard

bench-skimmer: $(READY) ## stage one of the classification over the open columns: right, missed, opened, by language
	$(BIN)/python -m eval.bench_skimmer

bench-scan: $(READY) ## a table of 500 columns and 100 million rows: seconds and memory of its scan
	$(BIN)/python -m eval.bench_scan

bench-http: $(READY) ## a server: seconds to ready, many streams at once, questions a second by metrics and by a scripted model, memory
	$(BIN)/python -m app.http_bench

bench-kills: $(READY) ## a server that is killed fifty times in the midst of its work: what was lost, seconds until it went on
	$(BIN)/python -m app.http_kills

bench-trino: $(READY) ## a whole stack: seconds to ready, questions, policy, overhead over Trino, many callers, kills
	$(BIN)/python -m app.stack_bench

conformance: $(READY) ## Trino's own answers against the embedded engine, by topic
	$(BIN)/python -m eval.conformance

golds: $(READY) ## every verified query of the open benchmark through the whole product
	$(BIN)/python -m eval.golds

lock: $(READY) ## resolve the packages again
	$(BIN)/uv pip compile pyproject.toml --extra dev --generate-hashes --no-header --no-annotate --universal --python-version 3.11 -o requirements.lock

clean: ## remove the virtual environment and caches; the lake in .skipper stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist

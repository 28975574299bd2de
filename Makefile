# make demo    see it work: checks the bundled app, runs it against a stand-in for the API, reports on its log, audits both
# make test    run the tests
# make lint    check style, format and types
# make docs    build the documentation site into build/site
#
# Needs Python >= 3.11 and make; everything else goes into $(VENV).

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
DEMO = build/demo

.PHONY: demo test lint lint-style lint-format lint-types format docs bench bench-check bench-shim bench-report bench-transcripts seeds fuzz test-sdks clean

demo: $(VENV)/.demo
	@rm -rf $(DEMO)
	@echo '$$ cachelint check fixtures/support_app'
	@$(BIN)/cachelint check fixtures/support_app; status=$$?; \
	  echo "(exit code $$status: the app has problems, as it should)"; test $$status -eq 1
	@echo
	@echo '$$ python fixtures/support_app/demo.py $(DEMO)'
	@$(BIN)/python fixtures/support_app/demo.py $(DEMO)
	@echo
	@echo '$$ cachelint report $(DEMO)/usage.jsonl'
	@$(BIN)/cachelint report $(DEMO)/usage.jsonl
	@echo
	@echo '$$ cachelint audit --usage $(DEMO)/usage.jsonl fixtures/support_app'
	@$(BIN)/cachelint audit --usage $(DEMO)/usage.jsonl --exit-zero fixtures/support_app

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 $(PYTEST_ARGUMENTS)

lint: lint-style lint-format lint-types

lint-style: $(VENV)/.dev
	$(BIN)/ruff check .

lint-format: $(VENV)/.dev
	$(BIN)/ruff format --check .

lint-types: $(VENV)/.dev
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.dev
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo 'built build/site/index.html'

bench: bench-check bench-shim bench-report

bench-check: $(VENV)/.dev
	$(BIN)/python tests/benchmarks/bench_check.py $(BENCH_ARGUMENTS)

# Beside other observers of the SDK, which stay in an environment of their own.
bench-shim: $(VENV)/bench/.installed
	$(VENV)/bench/bin/python tests/benchmarks/bench_shim.py

$(VENV)/bench/.installed: pyproject.toml | $(BIN)/python
	$(PYTHON) -m venv $(VENV)/bench
	$(VENV)/bench/bin/python -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	@touch $@

# Plants varying values into clean programs, SEEDS in each, and prints what is missed and each false alarm: minutes.
seeds: $(VENV)/.dev
	$(BIN)/python tests/seeded/search_seeded_faults.py --seeds $(or $(SEEDS),20)

# Looks for programs that make the analysis fail, guided by what they reach in it, for SECONDS; a crash writes its bytes.
fuzz: $(VENV)/fuzz/.installed
	@mkdir -p build/fuzz/programs
	cd build/fuzz && $(CURDIR)/$(VENV)/fuzz/bin/python $(CURDIR)/tests/fuzz/fuzz_analysis.py programs \
	  -max_total_time=$(or $(SECONDS),900) -timeout=60 -rss_limit_mb=2000 -max_len=1200

$(VENV)/fuzz/.installed: pyproject.toml | $(BIN)/python
	$(PYTHON) -m venv $(VENV)/fuzz
	$(VENV)/fuzz/bin/python -m pip install --quiet --disable-pip-version-check -e '.[fuzz]'
	@touch $@

# A report on a million records (RECORDS=...) beside bare scans of DuckDB.
bench-report: $(VENV)/.dev
	$(BIN)/python tests/benchmarks/bench_report.py $(RECORDS)

# A report on transcripts beside ccusage: CCUSAGE is its program (npm install ccusage), TRANSCRIPTS are tar archives.
bench-transcripts: $(VENV)/.dev
	$(BIN)/python tests/benchmarks/bench_transcripts.py $(CCUSAGE) $(TRANSCRIPTS)

# The shim under several versions of the anthropic SDK, each in an environment of its own: minutes, and the network.
test-sdks: $(VENV)/.dev
	$(BIN)/python tests/runtime/sdk_matrix.py $(SDKS)

$(VENV)/.demo: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[demo]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

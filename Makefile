# Every target sets up what it needs. `make test` is the one check; `make demo` shows the main job.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
OPENSPEC := tests/integration
OPENSPEC_READY := $(OPENSPEC)/node_modules/.ready
DEMO := .workflow/demo

# The first Python that runs, is new enough and can make an environment: a shim of a version that is not installed fails
# here. That of the system comes first: distributions build it with profile-guided optimisation, without which long work
# takes up to a third longer, and which one that was compiled here may lack.
PYTHON ?= $(shell for name in /usr/bin/python3 python3.14 python3.13 python3.12 python3.11 python3; do \
	"$$name" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; \
	done)

# In the POSIX locale Python 3.11 cannot start where the path of this directory is not ASCII: it reads the file that
# an editable install leaves with the codec of the locale, in UTF-8 mode too.
ifneq (,$(filter C POSIX,$(LC_ALL)))
export LC_ALL := C.UTF-8
endif

.PHONY: help python setup openspec llama compiled demo test bench bench-answers bench-improvement check format docs clean

help:
	@echo "make setup   the virtual environment in $(VENV) and, with npm, the OpenSpec command"
	@echo "make demo    workflow process on the example and on this project's own openspec/"
	@echo "make test    every check and every test"
	@echo "make llama   real model servers for the tests that talk to one, in .llama/ (ten minutes, once)"
	@echo "make check   the checks without the tests"
	@echo "make bench   the figures of docs/benchmarks.md"
	@echo "make bench-answers   how good answers from the specs are: docs/answers-benchmark.md"
	@echo "make bench-improvement  whether the loop improves what it works on"
	@echo "make docs    the pages that are made from the code"
	@echo "make format  the formatting that make check asks for"
	@echo "make clean   remove what the other targets made"

# The one that would be taken; nothing where there is none.
python:
	@echo "$(PYTHON)"

setup: $(READY) compiled openspec

$(READY): pyproject.toml
	@if command -v uv >/dev/null 2>&1; then \
		set -ex; \
		uv venv --quiet --allow-existing --python "$(or $(PYTHON),3.11)" $(VENV); \
		uv pip install --quiet --compile-bytecode --python $(BIN)/python --editable '.[dev]'; \
	elif [ -n "$(PYTHON)" ]; then \
		set -ex; \
		$(PYTHON) -m venv $(VENV); \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'; \
	else \
		echo "error: no Python 3.11 or newer found; install one, or name it: make PYTHON=/path/to/python" >&2; \
		exit 2; \
	fi
	@touch $@

# Only the differential test needs it, and says so when it skips.
openspec:
	@if ! command -v npm >/dev/null 2>&1; then \
		echo "note: npm not found; the comparison with the real openspec command will be skipped" >&2; \
	elif ! $(MAKE) --no-print-directory $(OPENSPEC_READY); then \
		echo "note: npm install failed; the comparison with the real openspec command will be skipped" >&2; \
	fi

$(OPENSPEC_READY): $(OPENSPEC)/package.json
	cd $(OPENSPEC) && OPENSPEC_TELEMETRY=0 DO_NOT_TRACK=1 \
		npm install --no-package-lock --no-audit --no-fund --loglevel=error
	@touch $@

# The tests against real engines need it, and say so when they skip.
llama: $(READY)
	nice -n 15 $(BIN)/python tests/integration/build_llama.py

# Where PYTHONDONTWRITEBYTECODE is set, every start would compile the whole package again.
compiled: $(READY)
	@$(BIN)/python -m compileall -q workflow_cli

# The examples are shown in a copy, because questions are written beside the change they are about. They have
# findings on purpose: 1 and 4 are results, anything above is a failure of the demo itself.
demo: compiled
	@rm -rf $(DEMO) && mkdir -p $(DEMO) && cp -R examples/. $(DEMO)
	@shown=0; \
	for openspec in $(DEMO)/*/openspec openspec; do \
		[ -d "$$openspec" ] || continue; \
		tree=$$(dirname "$$openspec"); \
		echo "\$$ workflow process --all --root $$tree"; \
		status=0; $(BIN)/workflow process --all --root "$$tree" || status=$$?; \
		echo "exit status $$status"; echo; \
		case $$status in 0|1|4) ;; *) exit $$status ;; esac; \
		shown=$$((shown + 1)); \
	done; \
	[ $$shown -gt 0 ] || { echo "error: no tree to show" >&2; exit 3; }

check: $(READY)
	$(BIN)/lint-imports --no-logo
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy

# Tests differ in length by a thousand: a worker that has done its share takes of what another one has left.
test: setup check
	$(BIN)/workflow process --all --strict --only validate,analyse
	$(BIN)/python -m pytest -n auto --dist worksteal

bench: setup
	$(BIN)/python bench/run.py

bench-answers: $(READY)
	$(BIN)/python bench/answers/run.py

bench-improvement: $(READY)
	$(BIN)/python -m bench.improvement.run

docs: $(READY)
	$(BIN)/python docs/generate.py

format: $(READY)
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) $(OPENSPEC)/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

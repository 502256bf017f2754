# Works with only Python >= 3.11, make and git. Everything lives in .venv/.
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/python -m uv
NAME ?= all
export UV_NO_PROGRESS = 1
export PYTHONUTF8 = 1

.PHONY: install up test test-browser demo-shots check format bench lock docs clean

install: .venv/.installed

# The environment is built from hashes alone; our own package is linked without touching the network.
.venv/.installed: requirements/dev.txt requirements/uv.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed. Try: make PYTHON=python3.13 install")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt requirements/uv.txt
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	touch $@

up: install
	$(BIN)/dressrun up

test: install
	$(BIN)/python -m pytest -n auto --dist worksteal

# The pages in a real browser: the system's Chromium, or the one CHROMIUM names.
test-browser: install
	$(BIN)/python -m pytest tests/browser -m browser -n 2

# The pictures in docs/, of the real server. Look at them before you commit them.
demo-shots: install
	$(BIN)/python -m tests.browser.shots

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tests.sizes
	$(BIN)/dressrun check scenarios
	$(BIN)/python -m bot.generated --check

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The command table, the scenario schema and other pages that are made from the code.
docs: install
	$(BIN)/python -m bot.generated

bench: install
	$(BIN)/dressrun bench $(NAME) --json

# New versions of everything, with hashes. Index addresses are never written.
lock: install
	$(UV) pip compile pyproject.toml --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --quiet -o requirements/main.txt
	$(UV) pip compile pyproject.toml --group dev --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --quiet -c requirements/main.txt -o requirements/dev.txt

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

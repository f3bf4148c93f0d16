# make run      open the dashboard (first run installs it and makes the demonstration district)
# make test     every test            make check    style, import arrows, types
# make fix      put style right       make bench    measure the pages   (make bench-intake: the loading of a
#                    large file; make bench-statistics: rates, verdicts, ranks and bands;
#                    make bench-maps: bytes and seconds of the maps; make bench-province: 25,000 polygons)
# make demo     make the demonstration district anew in the configured database
# make screenshots   pictures for the README
#
# DATABASE_URL chooses the database (default: data/yinzhou.db beside this file); PORT the port; PYTHON the interpreter.

PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
CHECKED := $(wildcard app.py serve.py pages ui indicators geo data_access tests bench scripts)

.PHONY: run test check fix bench bench-intake bench-statistics bench-province bench-maps screenshots demo install install-dev browser clean help
.DEFAULT_GOAL := run

run: install
	$(BIN)/python -m data_access init
	$(BIN)/python -m streamlit run serve.py --server.port $(PORT)

demo: install
	$(BIN)/python -m data_access demo $(ARGS)

test: install-dev browser
	$(BIN)/python -m pytest -n 3 --dist loadfile $(ARGS)

check: install-dev
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/lint-imports
	$(BIN)/mypy

fix: install-dev
	$(BIN)/ruff check --fix $(CHECKED)
	$(BIN)/ruff format $(CHECKED)

bench: install-dev
	$(BIN)/python -m bench pages $(ARGS)

bench-intake: install-dev
	$(BIN)/python -m bench intake --postgres $(ARGS)

bench-statistics: install-dev
	$(BIN)/python -m bench statistics $(ARGS)

bench-province: install-dev browser
	$(BIN)/python -m bench province $(ARGS)

bench-maps: install-dev browser
	$(BIN)/python -m bench maps $(ARGS)

screenshots: install-dev browser
	$(BIN)/python -m scripts.screenshots $(ARGS)

browser: install-dev
	@$(BIN)/python -m scripts.chromium

help:
	@sed -n '/^#/!q;s/^# \{0,1\}//p' Makefile

install: $(INSTALLED)
install-dev: $(INSTALLED_DEV)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; name one with make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): requirements.txt constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(INSTALLED_DEV): requirements-dev.txt requirements.txt constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $(INSTALLED) $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

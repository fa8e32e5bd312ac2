# `make app` and `make test` are all a new machine needs. Both start from Python 3.11 or 3.12 with pip.
#   make app PORT=8600              another port
#   make app PYTHON=python3.12      another interpreter for .venv
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin
# Asked only when .venv is made; running it finds out whether a version manager's shim is real.
PYTHON ?= $(shell for each in python3.11 python3.12 python3 python; do \
	$$each -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null \
	&& echo $$each && break; done)
PYTEST := $(BIN)/python -m pytest
# Two at a time: much of a test is waiting for an engine or a browser. Files stay whole, for their
# tests share servers, and stay in order: Playwright leaves an event loop behind.
SIDE_BY_SIDE := -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: help app install test test-all check lint types chromium catalogue coverage-table weights \
	clean

help:
	@echo 'make app             install if needed, then serve on http://localhost:$(PORT) (PORT= to change)'
	@echo 'make test            lint, types and the whole suite, browser included'
	@echo 'make test-all        the same, with the tests that take minutes'
	@echo 'make check           lint and types only'
	@echo 'make catalogue       compute the catalogue of the zoo again'
	@echo 'make coverage-table  compute the table of deviations from published figures again'
	@echo 'make weights         train the networks that come with ConvZoo again, one after the other'
	@echo 'make clean           remove .venv and everything built'

app: $(VENV)/installed
	@echo 'ConvZoo answers at http://localhost:$(PORT) in a few seconds; Ctrl-C stops it.'
	@# The address is given so that Streamlit does not ask the network for its own.
	@exec $(BIN)/python -m streamlit run app.py --server.port=$(PORT) --server.headless=true \
		--browser.serverAddress=localhost

install: $(VENV)/installed

$(BIN)/python:
	@if [ -z '$(PYTHON)' ]; then \
		echo 'ConvZoo needs Python 3.11 or 3.12: install one, or name it with PYTHON=.' >&2; exit 1; fi
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		version=$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		$(call apt_install,python$$version-venv); }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(BIN)/python
	@echo 'Installing; torch and its libraries are some gigabytes, once.'
	$(BIN)/python -m pip install --disable-pip-version-check -e .
	@touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(BIN)/python -m pip install --disable-pip-version-check -e '.[test]'
	@touch $@

test: check chromium
	$(PYTEST) -m 'not slow' $(SIDE_BY_SIDE)

test-all: check chromium
	$(PYTEST) $(SIDE_BY_SIDE)

check: lint types

lint: $(VENV)/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/installed-test
	$(BIN)/mypy

chromium:
	@command -v chromium chromium-browser google-chrome >/dev/null || { $(call apt_install,chromium); }

# $(call apt_install,PACKAGE): as root, or through sudo, or say what is to be done.
define apt_install
	if ! command -v apt-get >/dev/null; then \
		echo "$(1) is missing and there is no apt-get: install it, then run make again." >&2; exit 1; fi; \
	if [ "$$(id -u)" = 0 ]; then as_root=; \
	elif command -v sudo >/dev/null; then as_root=sudo; \
	else echo "$(1) is missing: as root, run: apt-get install $(1)" >&2; exit 1; fi; \
	echo "Installing $(1)."; \
	$$as_root apt-get update -q; \
	$$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $(1)
endef

catalogue: $(VENV)/installed
	$(BIN)/python -m explorer.zoo.generate

coverage-table: $(VENV)/installed
	$(BIN)/python -m explorer.anatomy.coverage

weights: $(VENV)/installed
	$(BIN)/python -m explorer weights make

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

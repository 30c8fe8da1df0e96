# `make` alone lists the targets. Needs Python 3.11 or newer and make; everything else it installs
# into .venv and .venv-generate, from the hashed requirements, and only when those have changed.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

# The first Python that is new enough and whole (Debian has venv in a package of its own).
SUITABLE := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c '$(SUITABLE)' 2>/dev/null && echo $$python && break; done)

BIN := .venv/bin
GENERATE := .venv-generate/bin/python
GENERATED := clients/python/src/personalize_gateway/v1 gateway/api/descriptors.binpb deploy/envoy/json_service.binpb \
	$(wildcard clients/cpp/personalize_gateway.binpb clients/go/personalizegatewayv1 \
		clients/rust/src/generated \
		clients/java/src/main/java/com/personalizegateway/v1 clients/typescript/src/gen)

# Wheels only, so that no compiler is needed and no package runs code of its own at install time.
INSTALL := -m pip --disable-pip-version-check install --quiet --no-input --only-binary :all: --require-hashes

# The image: what builds it, what it starts from, what it is called. IMAGE_FLAGS are the builder's
# own, such as `--volume /etc/pip.conf:/etc/pip.conf:ro` where pip has to be told of a proxy.
BUILDER ?= $(notdir $(firstword $(shell command -v buildah docker podman)))
BASE ?= python:3.11-slim-bookworm
IMAGE ?= personalize-gateway:latest
IMAGE_FLAGS ?=
DEBIAN_BASE := localhost/personalize-gateway-base:bookworm

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: .venv/.runtime ## Play a shop's traffic through gateway and emulator, and print what came of it
	$(BIN)/python -m gateway.demo

.PHONY: test
test: .venv/.installed ## Run the tests of the service and of its Python client
	$(BIN)/python -m pytest $(PYTEST_ARGS)

.PHONY: check
check: static test ## Run all that CI runs, but the demo

.PHONY: static
static: lint check-protos check-generated ## Run all checks but the tests

.PHONY: lint check-style check-types check-imports check-dockerfile
lint: check-style check-types check-imports check-dockerfile ## Check style, types, the direction of imports, and the Dockerfile

check-style: .venv/.installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check

check-types: .venv/.installed
	$(BIN)/mypy

check-imports: .venv/.installed
	$(BIN)/lint-imports

check-dockerfile: .venv/.installed
	$(BIN)/hadolint Dockerfile

.PHONY: format
format: .venv/.installed ## Format the Python code, and mend what ruff can mend
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

.PHONY: generate
generate: .venv-generate/.installed ## Make the code and the descriptor set from the protos
	$(GENERATE) protos/generate.py

.PHONY: baseline
baseline: .venv-generate/.installed ## Take the protos as they are for the last release's (at a release)
	$(GENERATE) protos/generate.py baseline

.PHONY: check-protos
check-protos: .venv-generate/.installed ## buf lint, buf format, and buf breaking against the last release
	$(GENERATE) protos/generate.py check

# Compares sums and not with git, so that it also works in the middle of a change.
SUMS := find $(GENERATED) -type f ! -name '*.pyc' -exec cksum {} + | LC_ALL=C sort -k 3

.PHONY: check-generated
check-generated: .venv-generate/.installed ## Fail where generated code is not what the protos make
	@$(SUMS) > .venv-generate/before
	$(GENERATE) protos/generate.py
	@$(SUMS) | diff .venv-generate/before - \
		|| { echo 'The generated code was out of date. It is made anew: look at it and commit it.' >&2; exit 1; }

.PHONY: chaos
chaos: .venv/.installed ## Kill, starve and flood a running gateway, and count what is lost (minutes)
	$(BIN)/python -m tests.chaos

# Each needs the toolchain of its language.
.PHONY: test-clients test-cpp test-go test-java test-rust test-typescript
test-clients: test-cpp test-go test-java test-rust test-typescript ## Run the other clients' own tests

test-cpp:
	cmake -S clients/cpp -B clients/cpp/build
	cmake --build clients/cpp/build --parallel 2
	ctest --test-dir clients/cpp/build --output-on-failure

test-go:
	cd clients/go && test -z "$$(gofmt -l .)" && go vet ./... && go test ./...

test-java:
	mvn --batch-mode --quiet --file clients/java/pom.xml test

test-rust:
	cd clients/rust && cargo fmt --all --check && cargo clippy --quiet --workspace --all-targets -- -D warnings \
		&& cargo test --quiet

test-typescript:
	clients/typescript/prepare
	npm --prefix clients/typescript test --silent

.PHONY: conformance
conformance: .venv/.installed ## Prove the clients of all languages against a running gateway (minutes)
	$(BIN)/python -m tests.conformance $(CONFORMANCE_ARGS)

.PHONY: bench
bench: .venv/.installed .venv-bench/.installed ## Run the benchmarks (long; BENCH_ARGS='unary --quick' is short)
	$(BIN)/python -m bench $(BENCH_ARGS)

.PHONY: performance
performance: .venv/.installed .venv-bench/.installed ## Run all benchmarks, and make docs/performance.md of them (half an hour)
	$(BIN)/python -m bench unary stream stages tracing scale backlog footprint latency correctness profile $(BENCH_ARGS)
	$(BIN)/python -m bench.page

.PHONY: image
image: ## Build the container image (BASE, IMAGE and BUILDER can be set)
	$(if $(BUILDER),,$(error image: none of buildah, docker and podman was found))
	$(BUILDER) $(if $(filter buildah,$(BUILDER)),bud --isolation chroot,build) \
		$(if $(filter docker,$(BUILDER)),,--format docker) $(IMAGE_FLAGS) \
		--build-arg BASE=$(BASE) --tag $(IMAGE) .

.PHONY: base-image
base-image: ## Make a base for the image from Debian's archive, without a registry (root)
	tests/image/base $(DEBIAN_BASE)

# pip reaches its packages in there as it does here.
PIP_FILES := $(wildcard /etc/pip.conf /etc/ssl/certs/ca-certificates.crt)

.PHONY: image-test
image-test: .venv/.installed ## Build the image on that base, start it, send it an event (root)
	@buildah inspect --type image $(DEBIAN_BASE) > /dev/null 2>&1 || $(MAKE) base-image
	$(MAKE) image BUILDER=buildah BASE=$(DEBIAN_BASE) IMAGE=localhost/personalize-gateway:test \
		IMAGE_FLAGS='$(foreach file,$(PIP_FILES),--volume $(file):$(file):ro)'
	$(BIN)/python -m tests.image localhost/personalize-gateway:test

COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-build \
	--generate-hashes --no-header --no-annotate \
	--no-emit-package personalize-gateway --no-emit-package personalize-gateway-client

# dev.txt comes first: awscli asks for one version of botocore, and all files must name the same.
.PHONY: requirements
requirements: .venv/.installed ## Bring the pinned requirements up to date
	$(COMPILE) requirements/dev.in --output-file requirements/dev.txt
	$(COMPILE) requirements/runtime.in --constraints requirements/dev.txt --output-file requirements/runtime.txt
	$(COMPILE) requirements/build.in --constraints requirements/dev.txt --output-file requirements/build.txt
	$(COMPILE) requirements/generate.in --output-file requirements/generate.txt
	$(COMPILE) requirements/bench.in --output-file requirements/bench.txt

.PHONY: clean
clean: ## Remove what the targets have made outside of the sources
	rm -rf .venv .venv-bench .venv-generate .generate .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# The environments. .runtime is what the demo needs, .installed all the rest besides.

.venv/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml clients/python/pyproject.toml | .venv/bin/pip
	@echo 'Installing what the gateway runs on into .venv'
	@$(BIN)/python $(INSTALL) --requirement requirements/runtime.txt --requirement requirements/build.txt
	@$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-build-isolation --no-deps \
		--editable clients/python --editable .
	@touch $@

.venv/.installed: requirements/dev.txt .venv/.runtime
	@echo 'Installing what checks and tests need into .venv'
	@$(BIN)/python $(INSTALL) --requirement requirements/dev.txt
	@touch $@

.venv-generate/.installed: requirements/generate.txt | .venv-generate/bin/pip
	@echo 'Installing what makes the generated code into .venv-generate'
	@$(GENERATE) $(INSTALL) --requirement requirements/generate.txt
	@touch $@

.venv-bench/.installed: requirements/bench.txt | .venv-bench/bin/pip
	@echo 'Installing what the benchmarks compare with into .venv-bench'
	@.venv-bench/bin/python $(INSTALL) --requirement requirements/bench.txt
	@touch $@

.venv/bin/pip .venv-bench/bin/pip .venv-generate/bin/pip:
	@$(or $(PYTHON),false) -c '$(SUITABLE)' || { echo 'Needed: Python 3.11 or newer with venv' \
		'(Debian: apt-get install python3-venv; elsewhere: make PYTHON=...)' >&2; exit 1; }
	@$(PYTHON) -m venv $(@D:/bin=)

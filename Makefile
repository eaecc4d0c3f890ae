# Every task of this repository. `make` alone lists them.

SWIFT ?= swift
# An import that Package.swift does not declare is an error: the layers stay as they are drawn.
LAYERS = --explicit-target-dependency-import-check error
# With Swift's runtime inside: calls of it go straight there, which saves 7 % of a read's CPU, and a program runs where no Swift is installed.
RELEASE = -c release --static-swift-stdlib
DEMO ?=
# Tests over real sockets run after those that compute, which would hold the threads that they wait on.
SOCKETS = 'TransportTests|GatewayTests'
# For `make simulate`.
MINUTES ?= 10
# For `make explore`.
SCENARIOS ?= --all
# For `make mutants`.
ONLY ?=
# For `make bench` and `make bench-recovery`.
BENCH ?=
# For `make bench-counts`.
COUNTS ?= check
# What Swift sources are formatted, and checked for it.
FORMATTED = Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Counts

.DEFAULT_GOAL := help
.PHONY: help build demo test simulate explore mutants verify fix bench bench-recovery bench-counts clean dependencies

help: ## list the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: dependencies ## build the decree program into .build/release/decree
	$(SWIFT) build $(RELEASE) --product decree $(LAYERS)

demo: build ## run three nodes on this machine until Ctrl-C (options: DEMO="--port 8001 --data DIR")
	@.build/release/decree demo $(DEMO)

test: dependencies ## build everything and run all tests
	$(SWIFT) test $(LAYERS) --skip ClusterTests --skip $(SOCKETS)
	$(SWIFT) test $(LAYERS) --skip-build --filter $(SOCKETS)
	$(SWIFT) test $(LAYERS) --skip-build --filter ClusterTests

simulate: dependencies ## run whole clusters over simulated disks on fresh seeds (options: MINUTES=60)
	$(SWIFT) build $(RELEASE) --product decree-simulate $(LAYERS)
	.build/release/decree-simulate --minutes $(MINUTES)

explore: dependencies ## try everything that can happen to small groups, in every order (options: SCENARIOS="lease handover")
	$(SWIFT) build $(RELEASE) --product decree-explore $(LAYERS)
	.build/release/decree-explore $(SCENARIOS)

mutants: dependencies ## plant known bugs in a copy, and see that each is found (options: ONLY=name)
	scripts/mutants $(ONLY)

verify: dependencies ## check formatting, layers and the tree; warnings are errors
	$(SWIFT) format lint --strict --parallel --recursive $(FORMATTED)
	scripts/check-tree
	WARNINGS_AS_ERRORS=1 $(SWIFT) build --build-tests $(LAYERS)

fix: ## format all Swift sources in place
	$(SWIFT) format --in-place --parallel --recursive $(FORMATTED)

bench: build ## measure writes and reads beside Redis and etcd, where they are installed (5 minutes; options: BENCH="--rounds 5")
	.build/release/decree bench compare --html bench.html --json bench.json $(BENCH)

bench-recovery: build ## kill servers under load, and measure what clients see (5 minutes; options: BENCH="--rounds 5")
	.build/release/decree bench recovery --html bench-recovery.html --json bench-recovery.json $(BENCH)

bench-counts: dependencies ## count what a command allocates, writes and syncs, and hold it against Benchmarks/Thresholds (options: COUNTS=update)
	cd Benchmarks && $(SWIFT) package --allow-writing-to-package-directory benchmark thresholds $(COUNTS) --no-progress

clean: ## remove what was built (never data: a demo's directory stays)
	$(SWIFT) package clean

dependencies: ## install the system packages that are missing (SQLite's headers)
	@scripts/install-dependencies

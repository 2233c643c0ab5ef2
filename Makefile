# The two commands of a newcomer are `make run` and `make test`; each installs what is missing.

.DEFAULT_GOAL := help
.PHONY: help run test docs torture fuzz lint format bench clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: ## send a file through the worker on throw-away servers, then keep serving (ONCE=1: end there)
	@ONCE='$(ONCE)' STORE='$(STORE)' exec deploy/local/run

test: ## everything that must pass: Swift, schemas, end to end on real servers (STORE_OF_SESSIONS=postgres: what that changes)
	@STORE='$(STORE)' STORE_OF_SESSIONS='$(STORE_OF_SESSIONS)' exec deploy/local/test

docs: ## the reference of the messages as one HTML page, .local/reference.html
	@deploy/local/install-packages tests
	@"$$(deploy/local/python-environment)" schemas/reference.py .local/reference.html
	@echo '.local/reference.html'

fuzz: ## make inputs for every reader, a minute each (SECONDS_EACH=, TARGET=message|table|xml|settings, SEED=, INPUT=file)
	@SECONDS_EACH='$(SECONDS_EACH)' TARGET='$(TARGET)' SEED='$(SEED)' INPUT='$(INPUT)' exec deploy/local/fuzz

lint: ## formatting, warnings as errors, shell scripts
	@exec deploy/local/lint

format: ## format the Swift sources in place
	@swift format --in-place --recursive --parallel Package.swift Sources Tests Benchmarks

torture: ## kill the worker and break what it stands on, then audit (MINUTES=2, SEED, RATE, SCRIPTS=1)
	@MINUTES='$(MINUTES)' SEED='$(SEED)' RATE='$(RATE)' SCRIPTS='$(SCRIPTS)' exec deploy/local/torture

bench: ## measure the release build under load, beside the goals (ARGS='--against OTHER-WORKER')
	@deploy/local/install-packages build servers
	@swift build -c release --static-swift-stdlib --product upload-worker
	@swift build -c release --product StoreStub
	@"$$(deploy/local/python-environment)" Benchmarks/load.py $(ARGS)

clean: ## remove what was built and installed in the tree
	@rm -rf .build .build-postgres .venv .local

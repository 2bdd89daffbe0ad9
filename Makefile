# The commands that a person needs; each sets up what it lacks first. CONTRIBUTING.md explains.
SHELL := /bin/bash
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
SECONDS_EACH ?= 60

.PHONY: help demo test test-clients check fuzz bench install build format tidy setup

help:
	@echo 'make demo                from nothing to a served model on the built-in example'
	@echo 'make test                build, and run every test and check'
	@echo 'make test-clients        real clients (Triton, gRPC) against a real server'
	@echo 'make check               the checks that need no build: layers, sizes, names, code, documents, format'
	@echo 'make fuzz                every fuzzer for SECONDS_EACH=60 seconds'
	@echo 'make bench               the measuring programs of bench/, one after the other'
	@echo 'make install PREFIX=DIR  millrace and millrace-server into DIR/bin (default /usr/local)'
	@echo 'make build               a release build in build/release'
	@echo 'make format, make tidy   rewrite the C++ files in the format; clang-tidy over all of them'

setup:
	@tools/setup

build: setup
	@tools/build release

demo: setup
	@tools/build release millrace millrace-server
	@tools/demo

test: setup
	@tools/run_tests

test-clients: setup
	@tools/build dev millrace millrace-server
	@test/clients/run_clients --program build/dev/bin

check:
	@tools/check

format:
	@tools/check_format --fix

fuzz: setup
	@tools/fuzz $(SECONDS_EACH)

bench: setup
	@tools/build release
	@tools/bench

install: setup
	@tools/build release
	@cmake --install build/release --prefix '$(PREFIX)'

tidy: setup
	@tools/build dev millrace_build_info
	@tools/tidy

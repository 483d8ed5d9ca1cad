# `make` alone prints what there is.

.DEFAULT_GOAL := help
.PHONY: help check test race fuzz bench cover demo

help: ## print this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

check: ## everything CI checks; stage your changes first
	@.ci/run

test: ## all tests
	go test ./...

race: ## all tests under the race detector, in random order
	go test -race -shuffle=on ./...

fuzz: ## every fuzz target for a while (FUZZTIME=1m)
	@FUZZTIME=$${FUZZTIME:-1m} .ci/run fuzz

bench: ## the worker against the engine's usual relay
	go run ./bench

cover: ## test coverage, room by room, and a page of it in bin/cover.html
	@mkdir -p bin
	go test -short -coverprofile=bin/cover.out -coverpkg=./config/...,./internal/...,./cmd/... ./...
	go tool cover -html=bin/cover.out -o bin/cover.html

demo: ## the main job in one process, shown as it happens
	go run ./cmd/worker demo

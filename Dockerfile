# One file builds every command of npiflow: a static binary and the
# certificates it needs to speak https, nothing else, and not as root.
#
#   docker build --target worker -t npiflow/worker .
#   docker build --target producer -t npiflow/producer .
#   docker build --target registry -t npiflow/registry .

FROM golang:1.26-alpine AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod \
    go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags='-s -w' -o /out/ ./cmd/worker ./cmd/producer ./cmd/registry && \
    mkdir -p /empty

FROM scratch AS producer
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/producer /producer
USER 65532:65532
ENTRYPOINT ["/producer"]

# A volume that is mounted on the registry's folder for the first time takes
# over whom it belongs to.
FROM scratch AS registry
COPY --from=build /out/registry /registry
COPY --from=build --chown=65532:65532 /empty /var/lib/npiflow/registry
USER 65532:65532
EXPOSE 8081
ENTRYPOINT ["/registry"]

FROM scratch AS worker
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/worker /worker
COPY --from=build --chown=65532:65532 /empty /var/lib/npiflow/registry
USER 65532:65532
EXPOSE 8080
# There is no shell and no curl in here: the worker asks itself.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["/worker", "health"]
ENTRYPOINT ["/worker"]
CMD ["run"]

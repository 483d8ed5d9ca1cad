package main

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/internal/ops"
)

func TestHealth(t *testing.T) {
	p := newPlace(t)
	_, said, code := p.call("health")
	assert.Equal(t, assembly.ExitUnreachable, code)
	assert.Contains(t, said, p.value("HTTP_ADDR"))
	assert.NotContains(t, said, "NATS")

	serveOps(t, p.value("HTTP_ADDR"), ops.Report{{OK: true, Name: "lane claim", Detail: "working, 0.1s ago"}})
	lines, _, code := p.call("health")
	assert.Zero(t, code)
	assert.Equal(t, []line{{Detail: "ok lane claim: working, 0.1s ago"}}, lines)
}

func TestHealthOfAStuckWorker(t *testing.T) {
	p := newPlace(t)
	addr := serveOps(t, "127.0.0.1:0", ops.Report{{OK: true, Name: "lane claim", Detail: "working"}, {OK: false, Name: "lane roster", Detail: "stuck"}})
	p.set("HTTP_ADDR", addr)
	lines, said, code := p.call("health")
	assert.Equal(t, assembly.ExitFailed, code)
	assert.Contains(t, lines, line{Detail: "fail lane roster: stuck"})
	assert.Contains(t, said, "not alive")
}

func TestHealthOfAStranger(t *testing.T) {
	p := newPlace(t)
	web := httptest.NewServer(nil)
	t.Cleanup(web.Close)
	p.set("HTTP_ADDR", web.Listener.Addr().String())
	lines, said, code := p.call("health")
	assert.Equal(t, assembly.ExitUnreachable, code)
	assert.Empty(t, lines, "what a stranger says is not repeated")
	assert.Contains(t, said, "not npiflow")
}

func TestHealthOfAnyPort(t *testing.T) {
	p := newPlace(t)
	p.set("HTTP_ADDR", "127.0.0.1:0")
	_, said, code := p.call("health")
	assert.Equal(t, assembly.ExitUsage, code)
	assert.Contains(t, said, "port 0")
}

func TestDialable(t *testing.T) {
	for addr, want := range map[string]string{
		"127.0.0.1:8080": "127.0.0.1:8080",
		"0.0.0.0:8080":   "127.0.0.1:8080",
		":8080":          "127.0.0.1:8080",
		"[::]:8080":      "[::1]:8080",
		"[::1]:8080":     "[::1]:8080",
		"worker:8080":    "worker:8080",
	} {
		got, err := dialable(addr)
		assert.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for _, addr := range []string{"8080", "127.0.0.1:0", ""} {
		_, err := dialable(addr)
		assert.Error(t, err, addr)
	}
}

func FuzzReadLines(f *testing.F) {
	f.Add([]byte("ok lane claim: working, 0.1s ago\nfail lane roster: working, 2m0s ago\n"))
	f.Add([]byte("\x1b[2J\xff\r\n\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, l := range readLines(body) {
			assert.LessOrEqual(t, len([]rune(l)), 300)
			assert.NotContains(t, l, "\x1b")
		}
	})
}

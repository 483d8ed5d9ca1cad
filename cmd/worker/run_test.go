package main

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/mirror"
)

// What is not built is refused in words, not passed over.
func TestRunRefusesToDeliver(t *testing.T) {
	c := runCommand(func() (config.Config, error) {
		cfg := config.Default()
		cfg.Worker.Roles = append(cfg.Worker.Roles, config.RoleDeliver)
		return cfg, nil
	})
	c.SetArgs(nil)
	c.SilenceUsage, c.SilenceErrors = true, true
	err := c.Execute()
	assert.ErrorContains(t, err, "does not deliver")
	assert.Equal(t, assembly.ExitUsage, assembly.ExitCode(err))
}

// A worker answers single questions from its own tiers, and says what it
// cannot find out.
func TestAWorkerAnswersSingleQuestions(t *testing.T) {
	p := newPlace(t)
	p.serve()
	p.set("ENRICH_LOCAL_DIR", sampleRegistry(t, time.Now()))
	p.set("ENRICH_BREAKER_FAILURES", "1")
	cfg, err := config.Load("", p.env)
	require.NoError(t, err)
	b, err := assembly.Connect(cfg, t.Name(), false)
	require.NoError(t, err)
	defer b.Close()
	require.NoError(t, prepare(t.Context(), cfg, b, zerolog.Nop()))
	drain, worked := make(chan struct{}), make(chan error, 1)
	go func() { worked <- work(t.Context(), drain, cfg, b, prometheus.NewRegistry(), zerolog.Nop()) }()
	defer func() {
		close(drain)
		assert.NoError(t, <-worked)
	}()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	get := func(path string) (int, string) {
		r, err := client.Get("http://" + cfg.HTTP.Addr + path)
		if err != nil {
			return 0, ""
		}
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		return r.StatusCode, string(body)
	}
	require.Eventually(t, func() bool { status, _ := get("/readyz"); return status == http.StatusOK }, 20*time.Second, 20*time.Millisecond)
	_, ready := get("/readyz")
	assert.Contains(t, ready, "ok local registry: 110 providers as of")

	p.registry.SetMood(mirror.Mood{Fault: mirror.Fail500})
	for _, c := range []struct {
		query  string
		status int
		has    string
	}{
		{"value=1720580988&lookup=true", 200, `"dataSource":"local"`},
		{"value=1999000056&lookup=true", 200, `"status":"D"`}, // of an old list, while the live registry is down
		{"value=1234567893", 200, `{"valid":true,"npi":"1234567893","checkDigit":"3"}`},
		{"value=1234567890", 200, `{"valid":false}`},
		{"value=1234567893&lookup=true", 503, `"error"`},
		{"value=1234567893&lookup=perhaps", 400, `"error"`},
	} {
		status, body := get("/v0/us/npi?" + c.query)
		assert.Equal(t, c.status, status, c.query)
		assert.Contains(t, body, c.has, c.query)
	}
	p.registry.SetMood(mirror.Mood{})
}

package main

import (
	"errors"
	"net"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/enrich"
	"github.com/npiflow/npiflow/internal/ops"
)

func TestConfigured(t *testing.T) {
	assert.Equal(t, "valid; from defaults", configured("", []string{"HOME=/root"}).Detail)
	assert.Equal(t, "valid; from defaults, a.yaml, 1 variable of the environment", configured("a.yaml", []string{"NPIFLOW_PREFIX=x", "NPI=1"}).Detail)
}

func TestTimeouts(t *testing.T) {
	at := func(change func(*config.Config)) []line {
		c := config.Default()
		change(&c)
		return timeouts(c)
	}
	assert.Equal(t, stateOK, at(func(*config.Config) {})[0].State)
	slow := at(func(c *config.Config) { c.Enrich.API.Timeout, c.Enrich.Breaker.Failures = 25*time.Second, 20 })
	require.Len(t, slow, 2, "noticed late, and longer than the drain")
	assert.Contains(t, slow[0].Detail, "2m5s")
	assert.Contains(t, slow[1].Do, "worker.drain")
	hasty := at(func(c *config.Config) { c.Worker.Drain = time.Second })
	require.Len(t, hasty, 1)
	assert.Equal(t, stateWarn, hasty[0].State)
}

func TestEveryReasonHasAdvice(t *testing.T) {
	for _, r := range enrich.Reasons {
		if r != enrich.ReasonThrottled {
			assert.NotEmpty(t, registryAdvice[r], r)
		}
	}
}

func TestOnlyTheNetworkIsQuoted(t *testing.T) {
	assert.Empty(t, network(nil))
	assert.Empty(t, network(errors.New("<html>")))
	assert.Equal(t, ": dial tcp: no route", network(&net.OpError{Op: "dial", Net: "tcp", Err: errors.New("no route")}))
}

// serveOps is a worker's HTTP endpoint, for a worker that is well or not.
func serveOps(t *testing.T, addr string, live ops.Report) string {
	report := func() ops.Report { return live }
	s, err := ops.Serve(t.Context(), addr, ops.New(ops.Config{Gatherer: prometheus.NewRegistry(), Live: report, Ready: report}))
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s.Addr()
}

func TestHTTPFree(t *testing.T) {
	assert.Equal(t, stateOK, httpFree(t.Context(), freePort(t)).State)
	assert.Equal(t, stateOK, httpFree(t.Context(), "127.0.0.1:0").State)

	alive := serveOps(t, "127.0.0.1:0", nil)
	l := httpFree(t.Context(), alive)
	assert.Equal(t, ok("http", "a worker that is alive has %s", alive), l)

	stuck := serveOps(t, "127.0.0.1:0", ops.Report{{OK: false, Name: "lane claim", Detail: "stuck"}})
	assert.Equal(t, stateWarn, httpFree(t.Context(), stuck).State)

	web := httptest.NewServer(nil)
	defer web.Close()
	l = httpFree(t.Context(), web.Listener.Addr().String())
	assert.Equal(t, stateFail, l.State)
	assert.Contains(t, l.Detail, "something else")

	l = httpFree(t.Context(), stranger(t))
	assert.Equal(t, stateFail, l.State)
	assert.Contains(t, l.Detail, "address already in use")

	assert.Equal(t, stateFail, httpFree(t.Context(), "192.0.2.1:0").State, "an address of some other machine")
}

func TestDeliveries(t *testing.T) {
	c := config.Default()
	assert.Contains(t, deliveries(c).Detail, "stored in NPI_WRITEBACK")
	c.Writeback.Enabled = false
	assert.Contains(t, deliveries(c).Detail, "no write-back jobs")
	c.Worker.Roles, c.Deliver.URL = append(c.Worker.Roles, config.RoleDeliver), "https://w.example/"
	assert.Equal(t, stateFail, deliveries(c).State, "a worker refuses the role, so the doctor must not promise it")
}

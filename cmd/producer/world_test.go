package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/broker"
	"github.com/npiflow/npiflow/internal/mirror"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a server with everything a worker sets up.
type world struct {
	t   testing.TB
	dir string
	url string
	srv *broker.Embedded
	nc  *nats.Conn
	js  jetstream.JetStream
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, dir: t.TempDir()}
	w.start("127.0.0.1:0")
	t.Cleanup(func() { w.srv.Close() })
	w.url = w.srv.URL()
	var err error
	w.nc, err = broker.Connect(broker.Access{URL: w.url, Name: t.Name()})
	require.NoError(t, err)
	t.Cleanup(w.nc.Close)
	w.js, err = jetstream.New(w.nc)
	require.NoError(t, err)
	_, drift, err := broker.Setup(t.Context(), w.js, assembly.Topology(config.Default()), false)
	require.NoError(t, err)
	require.Empty(t, drift)
	return w
}

func (w *world) start(addr string) {
	var err error
	w.srv, err = broker.Embed(w.dir, addr, false)
	require.NoError(w.t, err)
}

func (w *world) stop() { w.srv.Close() }

// restart brings the server back with what it had stored, where it was.
func (w *world) restart() { w.start(strings.TrimPrefix(w.url, "nats://")) }

// ran is how a command ended.
type ran struct {
	code     int
	out, err string
}

func (w *world) run(stdin string, args ...string) ran {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	defer cancel()
	return command(ctx, strings.NewReader(stdin), append(args, "--server", w.url)...)
}

func command(ctx context.Context, stdin io.Reader, args ...string) ran {
	var out, err bytes.Buffer
	code := run(ctx, args, stdin, &out, &err)
	return ran{code, out.String(), err.String()}
}

// begin runs a command beside the test.
func (w *world) begin(ctx context.Context, stdin io.Reader, args ...string) <-chan ran {
	done := make(chan ran, 1)
	var wg sync.WaitGroup
	wg.Go(func() { done <- command(ctx, stdin, append(args, "--server", w.url)...) })
	w.t.Cleanup(wg.Wait)
	return done
}

// ends waits for a command that was begun.
func (w *world) ends(done <-chan ran) ran {
	w.t.Helper()
	select {
	case r := <-done:
		return r
	case <-time.After(30 * time.Second):
		require.Fail(w.t, "the command should have ended")
	}
	return ran{}
}

// file writes a file for a command to read.
func (w *world) file(name, text string) string {
	path := filepath.Join(w.t.TempDir(), name)
	require.NoError(w.t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func (w *world) stream(name string) jetstream.StreamState {
	w.t.Helper()
	s, err := w.js.Stream(w.t.Context(), name)
	require.NoError(w.t, err)
	return s.CachedInfo().State
}

// messages are all messages of a stream, in order.
func (w *world) messages(name string) (all []*jetstream.RawStreamMsg) {
	w.t.Helper()
	s, err := w.js.Stream(w.t.Context(), name)
	require.NoError(w.t, err)
	for seq := s.CachedInfo().State.FirstSeq; seq <= s.CachedInfo().State.LastSeq; seq++ {
		m, err := s.GetMsg(w.t.Context(), seq)
		require.NoError(w.t, err)
		all = append(all, m)
	}
	return all
}

// bodies are the messages' texts, subject first.
func (w *world) bodies(name string) (all []string) {
	for _, m := range w.messages(name) {
		all = append(all, m.Subject+" "+string(m.Data))
	}
	return all
}

// registry serves recorded answers and gives a configuration that asks it.
func (w *world) registry() (*mirror.Recorded, string) {
	recorded, err := mirror.NewRecorded(mirror.Answers())
	require.NoError(w.t, err)
	recorded.Synthesize = true
	srv := httptest.NewServer(recorded)
	w.t.Cleanup(srv.Close)
	return recorded, w.file("npiflow.yaml", fmt.Sprintf("enrich: {api: {url: %q, rate: 0, timeout: 1s}, breaker: {cooldown: 2s}}\n", srv.URL+"/api/"))
}

// vet has a worker's lanes vet everything in the input stream.
func (w *world) vet(file string, records int) {
	w.t.Helper()
	cfg, err := config.Load(file, []string{"NPIFLOW_NATS_URL=" + w.url})
	require.NoError(w.t, err)
	b, err := assembly.Connect(cfg, "worker of "+w.t.Name(), false)
	require.NoError(w.t, err)
	defer b.Close()
	reg, log := prometheus.NewRegistry(), zerolog.Nop()
	e, closeEnricher, err := assembly.Enricher(w.t.Context(), cfg, b.JS, reg, log)
	require.NoError(w.t, err)
	defer closeEnricher()
	var wg sync.WaitGroup
	drain := make(chan struct{})
	lanes, watch := assembly.Lanes(cfg, b, assembly.Pipeline(e, true), e, reg, log)
	wg.Go(func() { watch(w.t.Context(), drain) })
	for _, l := range lanes {
		wg.Go(func() { _ = l.Run(w.t.Context(), drain) })
	}
	require.Eventually(w.t, func() bool {
		return int(w.stream("NPI_RESULTS_CLAIM").Msgs+w.stream("NPI_RESULTS_ROSTER").Msgs+w.stream("NPI_RESULTS_OTHER").Msgs) == records
	}, 20*time.Second, 10*time.Millisecond)
	close(drain)
	wg.Wait()
}

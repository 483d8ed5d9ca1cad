package consumer

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/npiflow/npiflow/internal/broker"
	"github.com/npiflow/npiflow/internal/ledger"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var testLevel = zerolog.DebugLevel

var topology = broker.Topology{Prefix: "t", Lanes: 1, Replicas: 1, CacheTTL: time.Hour}

// world is a server with the topology, and a client.
type world struct {
	t    testing.TB
	srv  *broker.Embedded
	nc   *nats.Conn
	js   jetstream.JetStream
	lane broker.Lane
}

func newWorld(t testing.TB) *world {
	srv, err := broker.Embed(t.TempDir(), "127.0.0.1:0", false)
	require.NoError(t, err)
	t.Cleanup(srv.Close)
	w := &world{t: t, srv: srv, lane: topology.LaneList()[0]}
	w.nc, w.js = w.connect()
	_, drift, err := broker.Setup(t.Context(), w.js, topology, false)
	require.NoError(t, err)
	require.Empty(t, drift)
	return w
}

func (w *world) connect() (*nats.Conn, jetstream.JetStream) {
	nc, err := broker.Connect(broker.Access{URL: w.srv.URL(), Name: w.t.Name()})
	require.NoError(w.t, err)
	w.t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	require.NoError(w.t, err)
	return nc, js
}

// load publishes n messages whose bodies are their numbers.
func (w *world) load(n int) {
	for i := range n {
		_, err := w.js.PublishAsync("t.records.claim.x", []byte(fmt.Sprint(i)))
		require.NoError(w.t, err)
	}
	select {
	case <-w.js.PublishAsyncComplete():
	case <-time.After(30 * time.Second):
		w.t.Fatal("loading took too long")
	}
}

func (w *world) newLane(holder string, h Handler, g Gate, most int) *Lane {
	nc, js := w.connect()
	return NewLane(Config{
		Lane: w.lane.Name, Stream: topology.Records(), Consumer: topology.Consumer(w.lane),
		Ledger: w.lane.Stream, Subjects: w.lane.Prefix + ".>", Leases: topology.Name("LEASES"),
		Holder: holder, MaxInFlight: most, Grace: 10 * time.Second,
	}, nc, js, h, g, NewMetrics(prometheus.NewRegistry(), []string{w.lane.Name}), zerolog.New(zerolog.NewTestWriter(w.t)).Level(testLevel))
}

// run works a lane until the returned function drains it.
func (w *world) run(l *Lane) (drain func()) {
	ctx, cancel := context.WithCancel(context.Background())
	stop, done := make(chan struct{}), make(chan struct{})
	go func() { defer close(done); _ = l.Run(ctx, stop) }()
	var once sync.Once
	drain = func() { once.Do(func() { close(stop); <-done; cancel() }) }
	w.t.Cleanup(drain)
	return drain
}

// await waits until the ledger holds n messages.
func (w *world) await(n int) {
	w.t.Helper()
	require.Eventually(w.t, func() bool { return w.stored() >= n }, 30*time.Second, 5*time.Millisecond, "the ledger should come to hold %d results", n)
}

func (w *world) stored() int {
	s, err := w.js.Stream(context.Background(), w.lane.Stream)
	if err != nil {
		return 0
	}
	return int(s.CachedInfo().State.Msgs)
}

// check is the oracle: the ledger's marks are exactly the input's sequences,
// in order, each part once, and each result is the one for its input.
func (w *world) check(n, parts int) {
	w.t.Helper()
	c, err := w.js.OrderedConsumer(w.t.Context(), w.lane.Stream, jetstream.OrderedConsumerConfig{})
	require.NoError(w.t, err)
	batch, err := c.Fetch(n*parts+1, jetstream.FetchMaxWait(time.Second))
	require.NoError(w.t, err)
	want := ledger.Mark{Sequence: 1, Part: 1, Parts: parts}
	seen := 0
	for m := range batch.Messages() {
		require.Equal(w.t, want.String(), m.Headers().Get(ledger.HeaderMark))
		require.Equal(w.t, fmt.Sprintf("r%d", want.Sequence-1), string(m.Data()))
		if want.Part++; want.Part > parts {
			want.Sequence, want.Part = want.Sequence+1, 1
		}
		seen++
	}
	require.Equal(w.t, n*parts, seen, "one result per part of each input")
}

// echo is a handler that answers each message with its body, parts times.
type echo struct {
	parts int
	slow  func(d *Delivery) bool // takes the waiting way
	wait  func(ctx context.Context, d *Delivery) error
	crash func(d *Delivery)
}

func (e echo) outcome(d *Delivery) Outcome {
	o := Outcome{}
	for range max(e.parts, 1) {
		o.Results = append(o.Results, ledger.Message{Subject: "t.results.claim.clean", Data: append([]byte("r"), d.Data...)})
	}
	return o
}

func (e echo) Try(d *Delivery) (Outcome, bool) {
	if e.crash != nil {
		e.crash(d)
	}
	if e.slow != nil && e.slow(d) {
		return Outcome{}, false
	}
	return e.outcome(d), true
}

func (e echo) Do(ctx context.Context, d *Delivery) (Outcome, error) {
	if e.wait != nil {
		if err := e.wait(ctx, d); err != nil {
			return Outcome{}, err
		}
	}
	return e.outcome(d), ctx.Err()
}

func (e echo) Dead(d *Delivery, reason string) Outcome {
	return Outcome{
		Before:  []*nats.Msg{{Subject: "t.dead.claim", Header: nats.Header{"Nats-Msg-Id": {fmt.Sprint(d.Sequence)}}, Data: d.Data}},
		Results: []ledger.Message{{Subject: "t.results.claim.dead", Data: append([]byte("r"), d.Data...)}},
	}
}

// open is a gate that never shuts.
type open struct{}

func (open) Available() bool          { return true }
func (open) Changed() <-chan struct{} { return nil }

func TestLane(t *testing.T) {
	w := newWorld(t)
	w.load(5000)
	w.run(w.newLane("a", echo{}, open{}, 256))
	w.await(5000)
	w.check(5000, 1)
}

package consumer

import (
	"context"
	"flag"
	"fmt"
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

	"github.com/npiflow/npiflow/internal/broker"
	"github.com/npiflow/npiflow/internal/broker/brokertest"
	"github.com/npiflow/npiflow/internal/ledger"
)

func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "8") // the tests wait more than they work
	goleak.VerifyTestMain(m)
}

var topology = broker.Topology{Prefix: "t", Lanes: 1, Replicas: 1, CacheTTL: time.Hour}

// world is a server with the topology, and a client.
type world struct {
	t    testing.TB
	dir  string
	srv  *broker.Embedded
	nc   *nats.Conn
	js   jetstream.JetStream
	lane broker.Lane

	loaded int
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, dir: t.TempDir(), lane: topology.LaneList()[0]}
	w.serve("127.0.0.1:0")
	t.Cleanup(func() { w.srv.Close() })
	w.nc, w.js = w.connect(w.srv.URL())
	_, drift, err := broker.Setup(t.Context(), w.js, topology, false)
	require.NoError(t, err)
	require.Empty(t, drift)
	return w
}

func (w *world) serve(addr string) {
	var err error
	w.srv, err = broker.Embed(w.dir, addr, false)
	require.NoError(w.t, err)
}

func (w *world) connect(url string) (*nats.Conn, jetstream.JetStream) {
	nc, err := broker.Connect(broker.Access{URL: url, Name: w.t.Name()})
	require.NoError(w.t, err)
	w.t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	require.NoError(w.t, err)
	return nc, js
}

// load publishes n more messages whose bodies are their numbers. When the last
// is confirmed, all before it are stored.
func (w *world) load(n int) {
	w.t.Helper()
	const subject = "t.records.claim.x"
	for range n - 1 {
		require.NoError(w.t, w.nc.Publish(subject, fmt.Append(nil, w.loaded)))
		w.loaded++
	}
	_, err := w.js.Publish(context.Background(), subject, fmt.Append(nil, w.loaded))
	require.NoError(w.t, err)
	w.loaded++
}

// worker is a lane about to be worked, and what it shows of itself.
type worker struct {
	*Lane
	reg *prometheus.Registry
	log *journal
}

// option changes how a lane is worked.
type option func(c *Config, url *string)

func batches(c *Config, _ *string)   { c.Batch = true }
func grace(d time.Duration) option   { return func(c *Config, _ *string) { c.Grace = d } }
func over(l *brokertest.Link) option { return func(_ *Config, url *string) { *url = l.URL() } }

func (w *world) newLane(holder string, h Handler, g Gate, most int, options ...option) worker {
	cfg := Config{
		Lane: w.lane.Name, Stream: topology.Records(), Consumer: topology.Consumer(w.lane),
		Ledger: w.lane.Stream, Subjects: w.lane.Prefix + ".>", Leases: topology.Name("LEASES"),
		Holder: holder, MaxInFlight: most, Grace: 10 * time.Second,
	}
	url := w.srv.URL()
	for _, o := range options {
		o(&cfg, &url)
	}
	nc, js := w.connect(url)
	reg, log := prometheus.NewRegistry(), &journal{}
	return worker{NewLane(cfg, nc, js, h, g, NewMetrics(reg, []string{w.lane.Name}), zerolog.New(log)), reg, log}
}

// journal keeps what a lane logs.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// metric is the value of a lane's series, of one cause where that is given.
func (w worker) metric(t testing.TB, name string, cause ...string) float64 {
	all, err := w.reg.Gather()
	require.NoError(t, err)
	for _, f := range all {
		if f.GetName() != "npiflow_lane_"+name {
			continue
		}
		for _, m := range f.Metric {
			if len(cause) == 0 || m.Label[0].GetValue() == cause[0] {
				return m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
	}
	require.Fail(t, "no such metric", name)
	return 0
}

// run works a lane until one of the returned functions ends it: drain in
// order, kill as a crash would, leaving everything as it is.
func (w *world) run(l worker) (drain, kill func()) {
	ctx, cancel := context.WithCancel(context.Background())
	stop, done := make(chan struct{}), make(chan struct{})
	go func() { defer close(done); _ = l.Run(ctx, stop) }()
	var once sync.Once
	drain = func() { once.Do(func() { close(stop); <-done; cancel() }) }
	kill = func() { once.Do(func() { cancel(); <-done }) }
	w.t.Cleanup(kill)
	return drain, kill
}

// await waits until the ledger holds n messages.
func (w *world) await(n int) {
	w.t.Helper()
	w.until(func() bool { return w.stored() >= n }, "the ledger holds %d results", n)
}

// until waits for what must come to be.
func (w *world) until(is func() bool, what string, args ...any) {
	w.t.Helper()
	require.Eventually(w.t, is, 30*time.Second, 5*time.Millisecond, what, args)
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
	batch, err := c.Fetch(w.stored(), jetstream.FetchMaxWait(5*time.Second))
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
	touch func(d *Delivery)
}

func (e echo) outcome(d *Delivery) Outcome {
	o := Outcome{}
	for range max(e.parts, 1) {
		o.Results = append(o.Results, ledger.Message{Subject: "t.results.claim.clean", Data: append([]byte("r"), d.Data...)})
	}
	return o
}

func (e echo) Try(d *Delivery) (Outcome, bool) {
	if e.touch != nil {
		e.touch(d)
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

// valve is a gate that is turned by hand.
type valve struct {
	mu      sync.Mutex
	shut    bool
	changed chan struct{}
}

func newValve(shut bool) *valve { return &valve{shut: shut, changed: make(chan struct{})} }

func (v *valve) turn(shut bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.shut = shut
	close(v.changed)
	v.changed = make(chan struct{})
}

func (v *valve) Available() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return !v.shut
}

func (v *valve) Changed() <-chan struct{} {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.changed
}

// always takes the waiting way.
func always(*Delivery) bool { return true }

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/npiflow/npiflow/internal/broker"
	"github.com/npiflow/npiflow/internal/ledger"
)

// topology is what the worker's default configuration makes.
var topology = broker.Topology{Prefix: "npi", Lanes: 1, Replicas: 1, CacheTTL: 24 * time.Hour}

const (
	inputStream   = "NPI_RECORDS"
	inputSubject  = "npi.records.claim.bench"
	relayStream   = "BENCH_RELAY"
	relaySubject  = "bench.relay"
	relayConsumer = "bench-relay"
)

// site is a broker with its input in place.
type site struct {
	always bool
	server *child
	url    string
	nc     *nats.Conn
	js     jetstream.JetStream
}

// open prepares the input under a server that flushes by default, and then
// starts the server that is measured on the same files.
func (b *bench) open(ctx context.Context, always bool, n int, claim func(int) []byte) (*site, error) {
	dir, err := os.MkdirTemp(b.dir, "store-")
	if err != nil {
		return nil, err
	}
	if n > 0 {
		loading, url, err := b.play(ctx, "serve", "-dir", dir)
		if err != nil {
			return nil, err
		}
		if err := errors.Join(load(ctx, url, n, claim), loading.stop()); err != nil {
			return nil, fmt.Errorf("load the input: %w", err)
		}
	}
	s := &site{always: always}
	if s.server, s.url, err = b.play(ctx, "serve", "-dir", dir, "-always="+strconv.FormatBool(always)); err != nil {
		return nil, err
	}
	if s.nc, err = nats.Connect(s.url); err == nil {
		s.js, err = jetstream.New(s.nc)
	}
	if err != nil {
		return nil, errors.Join(err, s.server.stop())
	}
	return s, nil
}

func (s *site) close() error {
	s.nc.Close()
	return s.server.stop()
}

// contender is one way from the input stream to an output stream.
type contender struct {
	Name   string
	site   *site
	tenth  bool // a slow one: measured over a tenth of the input
	output string
	reset  func(context.Context) error           // fresh output, consumer at the beginning
	start  func(context.Context) (*child, error) // at work from here
	check  func(context.Context) error           // the output is what it must be
}

// turn is one contender's measurement.
type turn struct {
	Rate      float64 `json:"results_per_second"`       // between the 5 % and the 100 % mark
	WholeRate float64 `json:"whole_results_per_second"` // from the start of the process
	Seconds   float64 `json:"seconds"`                  // from the start of the process
	Peak      int64   `json:"peak_bytes"`
	CPU       float64 `json:"cpu_us"`        // microseconds per result, of the process
	ServerCPU float64 `json:"server_cpu_us"` // and of the broker
}

// run lets a contender make n results and measures it. Marks are the store
// times of messages, so nothing is counted while it runs.
func (c *contender) run(ctx context.Context, n int) (t turn, err error) {
	ctx, stop := context.WithTimeout(ctx, 10*time.Minute)
	defer stop()
	if err := c.reset(ctx); err != nil {
		return t, fmt.Errorf("prepare %s: %w", c.Name, err)
	}
	server := c.site.server.cpu()
	p, err := c.start(ctx)
	if err != nil {
		return t, err
	}
	if err := c.await(ctx, p, uint64(n)); err != nil {
		return t, errors.Join(err, p.stop())
	}
	t.Peak = p.peak()
	t.CPU = perResult(p.cpu(), n)
	t.ServerCPU = perResult(c.site.server.cpu()-server, n)
	if err := p.stop(); err != nil {
		return t, err
	}
	from, err := c.stored(ctx, n/20)
	if err != nil {
		return t, err
	}
	to, err := c.stored(ctx, n)
	if err != nil {
		return t, err
	}
	t.Rate = float64(n-n/20) / to.Sub(from).Seconds()
	t.Seconds = to.Sub(p.began).Seconds()
	t.WholeRate = float64(n) / t.Seconds
	return t, c.check(ctx)
}

func perResult(d time.Duration, n int) float64 { return float64(d.Microseconds()) / float64(n) }

// await waits until the output holds n messages, asking now and then.
func (c *contender) await(ctx context.Context, p *child, n uint64) error {
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	have := uint64(0)
	for have < n {
		select {
		case <-p.gone:
			return p.broken()
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %d of %d results: %w", c.Name, have, n, ctx.Err())
		case <-tick.C:
		}
		s, err := c.site.js.Stream(ctx, c.output)
		if err != nil {
			return err
		}
		have = s.CachedInfo().State.LastSeq
	}
	return nil
}

// stored is when the i-th message of the output was stored.
func (c *contender) stored(ctx context.Context, i int) (time.Time, error) {
	s, err := c.site.js.Stream(ctx, c.output)
	if err != nil {
		return time.Time{}, err
	}
	m, err := s.GetMsg(ctx, uint64(i))
	if err != nil {
		return time.Time{}, fmt.Errorf("read result %d: %w", i, err)
	}
	return m.Time, nil
}

// storeFailed is the server's code for a stream whose files it cannot make.
const storeFailed = 10049

// anew makes a stream without messages. The server clears a deleted stream's
// files away a moment after it says so, and until then may refuse its name.
func anew(ctx context.Context, js jetstream.JetStream, want jetstream.StreamConfig) error {
	_ = js.DeleteStream(ctx, want.Name) // not there the first time
	for {
		_, err := js.CreateStream(ctx, want)
		var api *jetstream.APIError
		if !errors.As(err, &api) || api.ErrorCode != storeFailed {
			return err
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return err
		}
	}
}

// usual is the usual relay at a site.
func (b *bench) usual(s *site, name string) *contender {
	return &contender{Name: name, site: s, output: relayStream,
		reset: func(ctx context.Context) error {
			if err := anew(ctx, s.js, jetstream.StreamConfig{Name: relayStream, Subjects: []string{relaySubject}}); err != nil {
				return err
			}
			_ = s.js.DeleteConsumer(ctx, inputStream, relayConsumer)
			_, err := s.js.CreateConsumer(ctx, inputStream, jetstream.ConsumerConfig{Durable: relayConsumer, AckPolicy: jetstream.AckExplicitPolicy})
			return err
		},
		start: func(ctx context.Context) (*child, error) {
			c, _, err := b.play(ctx, "relay", "-url", s.url)
			return c, err
		},
		check: func(context.Context) error { return nil },
	}
}

// whole is the worker doing the whole job at a site, with a local registry or,
// if that is "", without.
func (b *bench) whole(s *site, name, registry, local string) *contender {
	lane := topology.LaneList()[0]
	c := &contender{Name: name, site: s, output: lane.Stream}
	c.reset = func(ctx context.Context) error {
		for _, want := range topology.Streams() {
			if want.Name == lane.Stream {
				if err := anew(ctx, s.js, want); err != nil {
					return err
				}
			}
		}
		_ = s.js.DeleteConsumer(ctx, inputStream, lane.Durable)
		_, _, err := broker.Setup(ctx, s.js, topology, false)
		return err
	}
	c.start = func(ctx context.Context) (*child, error) {
		file, err := b.configure(s, registry, local)
		if err != nil {
			return nil, err
		}
		args := []string{"run", "--config", file}
		if b.profiles != "" {
			args = append(args, "--cpuprofile", b.profile("worker"))
		}
		return b.start(ctx, b.worker, args...)
	}
	c.check = func(ctx context.Context) error { return verify(ctx, s.js, lane, 1) }
	return c
}

// configure writes the worker's configuration: the default one, but for where
// things are and a registry that need not be spared.
func (b *bench) configure(s *site, registry, local string) (file string, err error) {
	sync := "default"
	if s.always {
		sync = "always"
	}
	file = filepath.Join(b.dir, fmt.Sprintf("worker-%s-%t.yaml", sync, local != ""))
	return file, os.WriteFile(file, fmt.Appendf(nil, `nats: {url: %q, sync: %s}
enrich:
  api: {url: %q, rate: 0, concurrency: 64}
  local: {dir: %q}
http: {addr: "127.0.0.1:0"}
log: {level: warn, format: json}
`, s.url, sync, registry+"/api/", local), 0o600)
}

// verify proves of a ledger that it has one result for each input, in order:
// its messages number the inputs, of so many records each, from 1, because the fence lets no hole
// through, so the last one's mark tells all.
func verify(ctx context.Context, js jetstream.JetStream, l broker.Lane, parts uint64) error {
	in, err := js.Stream(ctx, inputStream)
	if err != nil {
		return err
	}
	tail, err := ledger.ReadTail(ctx, js, l.Stream, l.Prefix+".>")
	if err != nil {
		return err
	}
	last := in.CachedInfo().State.LastSeq
	if want := (ledger.Mark{Sequence: last, Part: int(parts), Parts: int(parts)}); tail.Fence != last*parts || tail.Mark != want {
		return fmt.Errorf("the ledger ends with message %d for input %v, not with %d for %v", tail.Fence, tail.Mark, last, want)
	}
	return nil
}

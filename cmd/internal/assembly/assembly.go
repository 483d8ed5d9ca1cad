// Package assembly turns configuration into rooms and connects them, for the
// commands that do the main job or part of it.
package assembly

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/broker"
	"github.com/npiflow/npiflow/internal/consumer"
	"github.com/npiflow/npiflow/internal/enrich"
	"github.com/npiflow/npiflow/internal/enrich/local"
	"github.com/npiflow/npiflow/internal/enrich/nppes"
	"github.com/npiflow/npiflow/internal/format"
	"github.com/npiflow/npiflow/internal/pipeline"
	"github.com/npiflow/npiflow/internal/record"
	"github.com/npiflow/npiflow/internal/writeback"
)

// Topology is the server's side of a configuration.
func Topology(c config.Config) broker.Topology {
	return broker.Topology{Prefix: c.Prefix, Lanes: c.Worker.Lanes, Replicas: c.NATS.Replicas, MaxAge: c.NATS.MaxAge, CacheTTL: c.Enrich.Cache.TTL}
}

// Broker is a connection to the server a configuration names, or to one
// embedded in this process.
type Broker struct {
	NC       *nats.Conn
	JS       jetstream.JetStream
	embedded *broker.Embedded
}

// Connect reaches nats.url, or starts the embedded server where there is none
// and embed allows it.
func Connect(c config.Config, name string, embed bool) (*Broker, error) {
	b := &Broker{}
	url := c.NATS.URL
	if url == "" && embed {
		var err error
		if err = os.MkdirAll(c.NATS.DataDir, 0o700); err != nil {
			return nil, fmt.Errorf("make the server's folder %s: %w", c.NATS.DataDir, err)
		}
		if b.embedded, err = broker.Embed(filepath.Clean(c.NATS.DataDir), c.NATS.Listen, c.NATS.Sync == config.SyncAlways); err != nil {
			return nil, err
		}
		url = b.embedded.URL()
	} else if url == "" {
		url = "nats://" + c.NATS.Listen // where a worker's embedded server listens
	}
	var err error
	b.NC, err = broker.Connect(broker.Access{URL: url, Name: name, CredsFile: c.NATS.CredsFile,
		CAFile: c.NATS.TLS.CAFile, CertFile: c.NATS.TLS.CertFile, KeyFile: c.NATS.TLS.KeyFile})
	if err == nil {
		b.JS, err = jetstream.New(b.NC, jetstream.WithDefaultTimeout(10*time.Second))
	}
	if err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// URL is where the server is.
func (b *Broker) URL() string { return b.NC.ConnectedUrlRedacted() }

// Close ends the connection, then the embedded server.
func (b *Broker) Close() {
	if b.NC != nil {
		b.NC.Close()
	}
	if b.embedded != nil {
		b.embedded.Close()
	}
}

// Tiers are the registry's side: an Enricher, and the local registry it asks
// first.
type Tiers struct {
	*enrich.Enricher
	Local   *local.Registry // nil where enrich.local.dir is empty
	Formats format.Formats  // what messages may be in
}

// Enricher makes the registry's side: the live client behind memory, the local
// registry, the answers shared in the bucket, and the breaker. The func closes
// all of it.
func Enricher(ctx context.Context, c config.Config, js jetstream.JetStream, reg prometheus.Registerer, log zerolog.Logger) (*Tiers, func(), error) {
	client, err := nppes.New(nppes.Config{URL: c.Enrich.API.URL, Timeout: c.Enrich.API.Timeout, Concurrency: c.Enrich.API.Concurrency, UserAgent: "npiflow"})
	if err != nil {
		return nil, nil, fmt.Errorf("make the registry client: %w", err)
	}
	var shared enrich.Store
	if c.Enrich.Cache.Shared {
		kv, err := js.KeyValue(ctx, Topology(c).Name("PROVIDERS"))
		if err != nil {
			return nil, nil, fmt.Errorf("open the bucket of shared answers: %w", err)
		}
		shared = enrich.NewKVStore(kv)
	}
	formats, err := Formats(c)
	if err != nil {
		return nil, nil, err
	}
	t := &Tiers{Formats: formats}
	var files enrich.Local                   // stays nil where there is none: not a nil *Registry
	var made atomic.Pointer[enrich.Enricher] // until it is there, it has nothing to forget
	if c.Enrich.Local.Dir != "" {
		t.Local = local.NewRegistry(c.Enrich.Local.Dir, log, reg, func() {
			if e := made.Load(); e != nil {
				e.Forget()
			}
		})
		files = t.Local
	}
	t.Enricher = enrich.New(enrich.Config{
		CacheSize: c.Enrich.Cache.Size, TTL: c.Enrich.Cache.TTL, AbsentTTL: c.Enrich.Cache.AbsentTTL,
		Rate: c.Enrich.API.Rate, Concurrency: c.Enrich.API.Concurrency,
		Failures: c.Enrich.Breaker.Failures, Cooldown: c.Enrich.Breaker.Cooldown,
		Hold: c.Enrich.OnOutage == config.Hold, LocalMaxAge: c.Enrich.Local.MaxAge,
	}, client, files, shared, reg, log)
	made.Store(t.Enricher)
	return t, func() {
		t.Enricher.Close()
		if t.Local != nil {
			if err := t.Local.Close(); err != nil {
				log.Warn().Err(err).Msg("the local registry was not closed well")
			}
		}
		client.Close()
	}, nil
}

// Pipeline is the straight line over an enricher. Jobs are planned only where
// plan says so: a replay plans none.
func Pipeline(e *Tiers, plan bool) *pipeline.Pipeline {
	p := &pipeline.Pipeline{Decode: decoder(&e.Formats, nil), Peek: e.Peek, Lookup: e.Lookup, Now: time.Now}
	if plan {
		cfg := writeback.Config{}
		p.Plan = func(j *record.Judged, received record.Date) (*record.Job, []string) {
			return writeback.Plan(&cfg, j, received)
		}
	}
	return p
}

// Lanes are the lanes a worker works. watch looks for messages of unknown
// kinds until it is told to drain; without it their lane sleeps.
func Lanes(c config.Config, b *Broker, p *pipeline.Pipeline, e *Tiers, reg prometheus.Registerer, log zerolog.Logger) (lanes []*consumer.Lane, watch func(ctx context.Context, drain <-chan struct{})) {
	p.Decode = decoder(&e.Formats, reg)
	t := Topology(c)
	var names []string
	for _, l := range t.LaneList() {
		names = append(names, l.Name)
	}
	m, made := consumer.NewMetrics(reg, names), newMetrics(reg, names)
	holder, share := holderName(), &consumer.Share{}
	for _, l := range t.LaneList() {
		h := &Handler{Lane: l, Topology: t, Pipeline: p, MaxPayload: b.NC.MaxPayload, metrics: made, records: t.Records()}
		var handler consumer.Handler = h
		var gate consumer.Gate = e.Enricher
		shut := consumer.StateHolding
		if l.Kind == record.KindOther {
			s := newStrays(h, b.JS, log)
			handler, gate, watch, shut = s, s, s.watch, consumer.StateAsleep
		}
		lanes = append(lanes, consumer.NewLane(consumer.Config{
			Lane: l.Name, Stream: t.Records(), Consumer: t.Consumer(l),
			Ledger: l.Stream, Subjects: l.Prefix + ".>", Leases: t.Name("LEASES"), Holder: holder,
			MaxInFlight: c.Worker.MaxInFlight, Grace: c.Worker.Drain, Shut: shut, Share: share,
			// Enough that the registry's line is never empty, and no more: a
			// waiting record costs a few goroutines.
			MaxWaiting: min(max(4*c.Enrich.API.Concurrency, 64), c.Worker.MaxInFlight),
			// A server before 2.12 would take a batch's messages for single
			// ones, fenced only at the first.
			Batch: c.NATS.Sync == config.SyncAlways && takesBatches(b.NC.ConnectedServerVersion()),
		}, b.NC, b.JS, handler, gate, m, log))
	}
	return lanes, watch
}

func takesBatches(version string) bool {
	minor, known := broker.MinorVersion(version)
	return !known || minor >= 12
}

// holderName is unique to this process, and says where it runs.
func holderName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "worker"
	}
	return fmt.Sprintf("%s-%d-%s", host, os.Getpid(), rand.Text()[:6])
}

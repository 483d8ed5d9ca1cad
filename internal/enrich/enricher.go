package enrich

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/npiflow/npiflow/internal/record"
)

// Config is what an Enricher can be told. Sizes and counts below one mean one.
type Config struct {
	CacheSize   int           // answers kept in memory
	TTL         time.Duration // how long a provider found, active or not, is believed
	AbsentTTL   time.Duration // how long an absence is believed
	Rate        float64       // requests per second to the live registry; 0 is unlimited
	Concurrency int           // requests at once
	Failures    int           // consecutive ones that trip the breaker
	Cooldown    time.Duration // how long the open breaker waits before it probes
	Hold        bool          // in an outage: wait; otherwise answer Unknown at once
}

// Enricher gives one answer for every distinct NPI. It is safe for concurrent
// use.
type Enricher struct {
	cfg     Config
	metrics *metrics
	memory  *memory
	flights *flights
	shared  *shared
	breaker *breaker
	live    *live

	witness atomic.Uint64 // an NPI last seen active, 0 if none yet: see the package comment
	end     context.CancelFunc
}

// New stacks the tiers before live. A nil store means that nothing is shared,
// a nil reg that nobody reads the metrics.
func New(cfg Config, registry Registry, store Store, reg prometheus.Registerer, log zerolog.Logger) *Enricher {
	cfg.CacheSize, cfg.Concurrency, cfg.Failures = max(cfg.CacheSize, 1), max(cfg.Concurrency, 1), max(cfg.Failures, 1)
	l := lifetimes{known: cfg.TTL, absent: cfg.AbsentTTL}
	life, end := context.WithCancel(context.Background())
	e := &Enricher{cfg: cfg, end: end}
	e.memory = newMemory(cfg.CacheSize, l)
	e.metrics = newMetrics(reg, e.memory.entries.EstimatedSize)
	e.shared = newShared(store, l, e.metrics.shared)
	e.flights = &flights{life: life, resolve: e.resolve, share: e.shared.put, aloft: map[record.NPI]*flight{}}
	e.breaker = newBreaker(cfg.Failures, cfg.Cooldown, e.metrics, log)
	e.live = newLive(cfg, registry, e.breaker, e.metrics, log)
	return e
}

// Close ends every lookup and returns when none is left. Lookups after it
// fail; Peek goes on.
func (e *Enricher) Close() {
	e.end()
	e.flights.close()
	e.breaker.stop()
	e.memory.close()
}

// Peek gives the answer memory holds. It never waits and never allocates. An
// NPI given up a moment ago has an entry of status Unknown.
func (e *Enricher) Peek(npi record.NPI) (*record.Entry, bool) {
	entry, ok := e.memory.get(npi)
	if ok {
		e.metrics.memory.hit.Inc()
	} else {
		e.metrics.memory.miss.Inc()
	}
	return entry, ok
}

// Lookup gives the answer for npi and waits for it as long as it takes. An
// entry of status Unknown means that the lookup was given up. The error is
// ctx's, or context.Canceled once the Enricher is closed. It is meant for what
// Peek did not have: memory is read again, but that reading is not counted.
func (e *Enricher) Lookup(ctx context.Context, npi record.NPI) (*record.Entry, error) {
	if entry, ok := e.memory.get(npi); ok {
		return entry, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err // no flight for who has left already
	}
	e.metrics.waiting.Inc()
	defer e.metrics.waiting.Dec()
	for {
		fl, joined := e.flights.join(npi)
		if fl == nil {
			return nil, fmt.Errorf("look up an NPI: the enricher is closed: %w", context.Canceled)
		}
		if joined {
			e.metrics.coalesced.Inc()
		}
		entry, err := e.flights.wait(ctx, fl)
		if entry != nil || err != nil {
			return entry, err
		}
		// All others left this flight just before we joined it: start anew.
	}
}

// resolve is a flight's whole way: the tiers in their order. fresh says that the
// registry answered just now. The entry is nil only if ctx ended.
func (e *Enricher) resolve(ctx context.Context, npi record.NPI) (entry *record.Entry, fresh bool) {
	if entry, ok := e.memory.get(npi); ok { // an earlier flight has just landed
		return entry, false
	}
	if entry := e.shared.get(ctx, npi); entry != nil {
		e.keep(entry)
		return entry, false
	}
	// A registry of our own is asked here, before the live one.
	entry = e.pursue(ctx, npi)
	return entry, entry != nil && entry.Evidence.Status != record.Unknown
}

// keep remembers an answer, and one who is there as the witness.
func (e *Enricher) keep(entry *record.Entry) {
	if entry.Evidence.Status == record.Active {
		e.witness.Store(uint64(entry.NPI))
	}
	e.memory.put(entry)
}

// Available reports whether asking is of use now: false while the breaker is
// open and lookups would only wait. Where lookups do not wait for an outage to
// end it is always true.
func (e *Enricher) Available() bool { return !e.cfg.Hold || e.breaker.now().Breaker != Open }

// Changed is closed when Available may have another answer. Take it before
// asking Available, or a change between the two is missed.
func (e *Enricher) Changed() <-chan struct{} { return e.breaker.changes() }

// State is the breaker's, for health pages.
func (e *Enricher) State() State { return e.breaker.now() }

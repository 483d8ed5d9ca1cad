package enrich

import (
	"context"
	"errors"
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
	LocalMaxAge time.Duration // how old the local registry may be to answer before the live one
}

// Enricher gives one answer for every distinct NPI. It is safe for concurrent
// use.
type Enricher struct {
	cfg     Config
	metrics *metrics
	memory  *memory
	files   *files
	seen    *seen
	flights *flights
	shared  *shared
	breaker *breaker
	gate    *gate
	live    *live

	edition atomic.Pointer[edition]
	witness atomic.Uint64 // an NPI last seen active, 0 if none yet: see the package comment
	end     context.CancelFunc
}

// edition is one state of the local registry, from one Forget to the next.
type edition struct{ over chan struct{} }

// New stacks the tiers before registry, the live one. A nil local means that
// there is no registry at hand, a nil store that nothing is shared, a nil reg
// that nobody reads the metrics.
func New(cfg Config, registry Registry, local Local, store Store, reg prometheus.Registerer, log zerolog.Logger) *Enricher {
	cfg.CacheSize, cfg.Concurrency, cfg.Failures = max(cfg.CacheSize, 1), max(cfg.Concurrency, 1), max(cfg.Failures, 1)
	l := lifetimes{known: cfg.TTL, absent: cfg.AbsentTTL}
	life, end := context.WithCancel(context.Background())
	e := &Enricher{cfg: cfg, end: end}
	e.edition.Store(&edition{over: make(chan struct{})})
	e.memory = newMemory(cfg.CacheSize, l)
	e.metrics = newMetrics(reg, e.memory.entries.EstimatedSize)
	e.seen = new(seen)
	e.files = &files{local: local, maxAge: cfg.LocalMaxAge, outcomes: e.metrics.local}
	e.shared = newShared(store, l, e.metrics.shared)
	e.flights = &flights{life: life, resolve: e.resolve, share: e.shared.put, aloft: map[record.NPI]*flight{}}
	e.gate = newGate(cfg.Hold, local != nil)
	e.breaker = newBreaker(cfg.Failures, cfg.Cooldown, e.gate.turn, e.metrics, log)
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

// Peek gives the answer at hand: the one memory holds, without allocating, or
// the local registry's where it is fresh. It waits for nobody. An NPI given up
// a moment ago has an entry of status Unknown.
func (e *Enricher) Peek(npi record.NPI) (*record.Entry, bool) {
	if entry, ok := e.memory.get(npi); ok {
		e.metrics.memory.hit.Inc()
		return entry, true
	}
	e.metrics.memory.miss.Inc()
	b := e.edition.Load()
	if entry, fresh := e.files.get(npi); fresh {
		if e.seen.again(npi) {
			e.keep(entry, b)
		}
		return entry, true
	}
	return nil, false
}

// Lookup gives the answer for npi and waits for it as long as it takes. An
// entry of status Unknown means that the lookup was given up. The error is
// ctx's, or context.Canceled once the Enricher is closed. It is meant for what
// Peek did not have: memory and the local registry are read again, but that
// is not counted.
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

// Ask is Lookup for one who is no lane and is better told "not now" than kept
// waiting: while the breaker is open it gives what is known, however old, or
// an error. So nobody's curiosity in an outage stops a lane that needs no
// breaker.
func (e *Enricher) Ask(ctx context.Context, npi record.NPI) (*record.Entry, error) {
	if entry, ok := e.Peek(npi); ok {
		return entry, nil
	}
	if e.breaker.now().Breaker != Open {
		return e.Lookup(ctx, npi)
	}
	b := e.edition.Load()
	entry, held := e.known(ctx, npi, b)
	switch {
	case entry != nil:
		return entry, nil
	case held != nil:
		return e.keep(late(held), b), nil
	}
	return nil, fmt.Errorf("look up an NPI: %w", errRefused)
}

// resolve is a flight's whole way: the tiers in their order. told is what the
// live registry itself said, nil if it was not asked or said nothing. The entry
// is nil only if ctx ended.
func (e *Enricher) resolve(ctx context.Context, npi record.NPI) (entry, told *record.Entry) {
	for {
		b := e.edition.Load()
		entry, held := e.known(ctx, npi, b)
		if entry != nil {
			return entry, nil
		}
		// What is held but stale is better than waiting for an outage to end.
		given, err := e.pursue(ctx, npi, e.cfg.Hold && held == nil, b.over)
		switch {
		case err == nil:
			return e.keep(e.files.settle(given, held), b), given
		case errors.Is(err, errLeft):
			return nil, nil
		case errors.Is(err, errOvertaken):
			continue // the new one may have it
		}
		e.metrics.api.failed.Inc()
		if held != nil {
			return e.keep(late(held), b), nil
		}
		entry = e.unknown(npi)
		if errors.Is(err, errSpent) {
			e.memory.put(entry) // leaves that NPI alone for a while; in an outage the next may have better luck
		}
		return entry, nil
	}
}

// known is the tiers before the live registry: the answer, or else what the
// files hold, too old to be one.
func (e *Enricher) known(ctx context.Context, npi record.NPI, b *edition) (entry, held *record.Entry) {
	if entry, ok := e.memory.get(npi); ok { // an earlier flight has just landed
		return entry, nil
	}
	held, fresh, _ := e.files.read(npi) // what cannot be read is not there: the others answer
	if fresh {
		return e.keep(held, b), nil
	}
	if given := e.shared.get(ctx, npi); given != nil {
		return e.keep(e.files.settle(given, held), b), nil
	}
	return nil, held
}

// keep remembers an answer that was found with b as the local registry, and
// one who is there as the witness.
func (e *Enricher) keep(entry *record.Entry, b *edition) *record.Entry {
	if entry.Evidence.Status == record.Active {
		e.witness.Store(uint64(entry.NPI))
	}
	if entry.Evidence.Stale {
		e.metrics.stale.Inc()
	}
	e.memory.put(entry)
	// Looked at after the put: a Forget that came before the put is seen here,
	// and one that comes after it finds the entry.
	if e.edition.Load() != b {
		e.memory.drop(entry.NPI)
	}
	return entry
}

// errOvertaken: the local registry was replaced while a lookup waited.
var errOvertaken = errors.New("look up an NPI: the local registry was replaced")

// Forget empties memory, because the local registry was replaced. Answers
// found with the old one go to those who asked and are not kept, and lookups
// that wait for an outage to end look into the new one.
func (e *Enricher) Forget() {
	old := e.edition.Swap(&edition{over: make(chan struct{})})
	close(old.over)
	e.memory.clear()
}

// Available reports whether asking is of use now: false while the breaker is
// open and lookups would only wait, or, where a local registry answers most of
// them, while one does wait. Where lookups do not wait for an outage to end it
// is always true.
func (e *Enricher) Available() bool { return e.gate.available() }

// Changed is closed when Available may have another answer. Take it before
// asking Available, or a change between the two is missed.
func (e *Enricher) Changed() <-chan struct{} { return e.gate.changes() }

// State is the breaker's, for health pages.
func (e *Enricher) State() State { return e.breaker.now() }

package enrich

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/npiflow/npiflow/internal/record"
)

const (
	firstBackoff   = 400 * time.Millisecond // before jitter takes up to half of it
	longestBackoff = 5 * time.Second
	absentPause    = 250 * time.Millisecond // between the two questions an absence needs
	budget         = 5                      // strikes after which a lookup is given up
)

// backoff is the wait after the given failure, counted from 1: 200 ms, doubling
// to 5 s at most, and spread by jitter in [0,1) so that lookups that failed
// together do not come back together.
func backoff(failure int, jitter float64) time.Duration {
	longest := longestBackoff
	if shift := failure - 1; shift < 8 {
		longest = min(firstBackoff<<shift, longestBackoff)
	}
	return longest/2 + time.Duration(jitter*float64(longest/2))
}

// sleep waits for d and reports whether something came first: ctx's end, or
// until closed.
func sleep(ctx context.Context, d time.Duration, until <-chan struct{}) (woken bool) {
	if d <= 0 {
		select {
		case <-until:
			return true
		default:
			return ctx.Err() != nil
		}
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return false
	case <-until:
	case <-ctx.Done():
	}
	return true
}

// pursuit is one lookup's history with the live registry.
type pursuit struct {
	absent   bool   // said once, not yet believed
	failures int    // all of them: they set the backoff
	alone    int    // failures since anybody was last answered
	answers  uint64 // how many requests had been answered at the last failure
	strikes  int    // failures after which somebody else was answered
}

func (p *pursuit) fail(answers uint64) {
	p.failures++
	p.alone++
	p.answers = answers
}

// spent reports whether the lookup is to be given up. With hold, failures
// count only where the registry was well for others: an outage uses up
// nothing, however long.
func (p *pursuit) spent(answers uint64, hold bool) bool {
	if p.alone > 0 && (answers > p.answers || !hold) {
		p.strikes++
		p.alone = 0
	}
	return p.strikes >= budget
}

// wantsWitness: from its second failure on with nobody else answered, every
// other question is for the witness, so that neither a registry that is down
// nor a single NPI it cannot answer looks like the other.
func (p *pursuit) wantsWitness() bool { return p.alone >= 2 && p.alone%2 == 0 }

// errSpent: the lookup failed as often as its budget allows.
var errSpent = errors.New("ask the registry: the budget is spent")

// pursue is the one retry loop. With hold it waits for as long as an outage
// lasts. The error is errSpent, errRefused (only without hold), errLeft if ctx
// ended, or errOvertaken if the local registry was replaced meanwhile.
func (e *Enricher) pursue(ctx context.Context, npi record.NPI, hold bool, replaced <-chan struct{}) (*record.Entry, error) {
	var p pursuit
	waits := false
	delayed := func() { // from then on, an open breaker means that this lookup waits for it
		if hold && !waits {
			waits = true
			e.gate.wait(1)
		}
	}
	defer func() {
		if waits {
			e.gate.wait(-1)
		}
	}()
	for ctx.Err() == nil {
		if p.spent(e.live.answers.Load(), hold) {
			return nil, errSpent
		}
		changed := e.breaker.changes()
		asked := e.question(&p, npi)
		entry, err := e.live.ask(ctx, asked)
		switch {
		case err == nil && asked != npi:
			// The registry is well, and p.spent will see it.
		case err == nil && entry.Evidence.Status == record.Absent && !p.absent:
			p.absent = true
			sleep(ctx, absentPause*4/5+rand.N(absentPause*2/5), nil)
		case err == nil:
			e.metrics.answered(entry)
			return entry, nil
		case errors.Is(err, errRefused) && !hold:
			return nil, err
		case errors.Is(err, errRefused):
			delayed()
			if await(ctx, changed, replaced) {
				return nil, errOvertaken
			}
		case errors.Is(err, errHeld), errors.Is(err, errLeft):
			// Ask again: the breaker, or ctx, will say.
		case reasonOf(err) == ReasonThrottled:
			if !hold {
				p.fail(e.live.answers.Load())
			}
		default:
			p.fail(e.live.answers.Load())
			delayed()
			sleep(ctx, backoff(p.failures, rand.Float64()), e.breaker.changes())
		}
	}
	return nil, errLeft
}

// question is the NPI to ask for next: nearly always the lookup's own.
func (e *Enricher) question(p *pursuit, npi record.NPI) record.NPI {
	if w := record.NPI(e.witness.Load()); w != 0 && p.wantsWitness() {
		return w
	}
	return npi
}

// await waits for the breaker's next change, and reports whether the local
// registry was replaced first.
func await(ctx context.Context, changed, replaced <-chan struct{}) (overtaken bool) {
	select {
	case <-changed:
	case <-replaced:
		return true
	case <-ctx.Done():
	}
	return false
}

// unknown is what a lookup that was given up says.
func (e *Enricher) unknown(npi record.NPI) *record.Entry {
	e.metrics.unknown.Inc()
	now := time.Now().UTC().Truncate(time.Second)
	return &record.Entry{NPI: npi, Evidence: record.Evidence{
		Source: record.FromAPI, AsOf: record.DateOf(now), FetchedAt: now,
	}}
}

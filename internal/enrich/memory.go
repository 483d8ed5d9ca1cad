package enrich

import (
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/npiflow/npiflow/internal/record"
)

// unknownTTL is how long an NPI that was given up is left alone.
const unknownTTL = 30 * time.Second

// clockStep is how coarsely the cache reads the time; against lifetimes of
// minutes and hours it is nothing, and reading the clock exactly would be the
// larger part of a Peek.
const clockStep = time.Second

// lifetimes says how long an answer may be believed.
type lifetimes struct{ known, absent time.Duration }

// left is how much longer e may be believed at now: zero or less if it may
// not. It counts from when the registry answered; a time in the future, from a
// worker whose clock is ahead, buys nothing. What the local registry said is
// of a day that was looked at already, so there it counts from now; stale, it
// is kept briefly, for the live registry's answer is worth asking for again;
// and the clock, which is the dearest part of a put, is not read.
func (l lifetimes) left(e *record.Entry, now func() time.Time) time.Duration {
	ttl := l.known
	switch {
	case e.Evidence.Stale, e.Evidence.Status == record.Absent:
		ttl = l.absent
	case e.Evidence.Status == record.Unknown:
		ttl = unknownTTL
	}
	if s := e.Evidence.Source; s == record.FromLocal || s == record.FromDeactivations {
		return ttl
	}
	return min(ttl, ttl-now().Sub(e.Evidence.FetchedAt))
}

// memory keeps answers by W-TinyLFU: what is asked for often stays, and a
// stream of NPIs seen once does not wash it out.
type memory struct {
	entries   *otter.Cache[record.NPI, *record.Entry]
	clock     *otter.CoarseClock
	lifetimes lifetimes
}

func newMemory(size int, l lifetimes) *memory {
	clock := otter.NewCoarseClock(clockStep)
	return &memory{
		entries: otter.Must(&otter.Options[record.NPI, *record.Entry]{
			MaximumSize: max(size, 1), // no maximum would be no bound
			Clock:       clock,
			ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[record.NPI, *record.Entry]) time.Duration {
				return l.left(e.Value, time.Now)
			}),
		}),
		clock:     clock,
		lifetimes: l,
	}
}

func (m *memory) get(npi record.NPI) (*record.Entry, bool) { return m.entries.GetIfPresent(npi) }

func (m *memory) put(e *record.Entry) {
	if m.lifetimes.left(e, time.Now) > 0 {
		m.entries.Set(e.NPI, e)
	}
}

func (m *memory) drop(npi record.NPI) { m.entries.Invalidate(npi) }

func (m *memory) clear() { m.entries.InvalidateAll() }

func (m *memory) close() {
	m.entries.StopAllGoroutines()
	m.clock.Stop()
}

package enrich

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/npiflow/npiflow/internal/record"
)

// Local is a registry at hand, built from CMS's files. It answers in
// microseconds and asks nobody.
type Local interface {
	// Lookup gives what the files say of npi: a new entry, which is the
	// caller's own, of status Active or Deactivated, with AsOf set and the
	// source FromLocal or FromDeactivations; nil where they do not have it. An
	// error says that they cannot be read; then the other tiers answer.
	Lookup(npi record.NPI) (*record.Entry, error)
	// Exclusion is npi's line on the exclusion list; nil if it has none or
	// there is no list.
	Exclusion(npi record.NPI) *record.Exclusion
}

// errNotTheirs: the local registry gave an entry that no such file can give.
var errNotTheirs = errors.New("read the local registry: an entry of somebody else, or of no status")

// files is the tier of the local registry.
type files struct {
	local    Local // nil: none
	maxAge   time.Duration
	outcomes outcomes
	cutoff   atomic.Uint64 // see oldest
}

// read gives what the files say of npi, nil if nothing, and whether they are
// young enough to be believed before anybody else is asked.
func (f *files) read(npi record.NPI) (e *record.Entry, fresh bool, err error) {
	if f.local == nil {
		return nil, false, nil
	}
	if e, err = f.local.Lookup(npi); e == nil || err != nil {
		return nil, false, err
	}
	if s := e.Evidence.Status; e.NPI != npi || s != record.Active && s != record.Deactivated {
		return nil, false, errNotTheirs
	}
	now := time.Now()
	if e.Evidence.FetchedAt.IsZero() {
		e.Evidence.FetchedAt = now.UTC().Truncate(time.Second)
	}
	e.Evidence.Excluded = f.local.Exclusion(npi)
	return e, e.Evidence.AsOf >= f.oldest(now), nil
}

// get is read, counted.
func (f *files) get(npi record.NPI) (e *record.Entry, fresh bool) {
	e, fresh, err := f.read(npi)
	switch {
	case err != nil:
		f.outcomes.failed.Inc()
	case fresh:
		f.outcomes.hit.Inc()
	case f.local != nil:
		f.outcomes.miss.Inc()
	}
	return e, fresh
}

// oldest is the first day that files may stand for at now. The calendar is
// asked once a day; the last answer is kept as that day's number and the date.
func (f *files) oldest(now time.Time) record.Date {
	at := now.Add(-f.maxAge)
	day := uint64(at.Unix() / (24 * 60 * 60))
	if kept := f.cutoff.Load(); kept>>32 == day {
		return record.Date(uint32(kept))
	}
	date := record.DateOf(at.UTC())
	f.cutoff.Store(day<<32 | uint64(uint32(date)))
	return date
}

// seen remembers some NPIs that were read from the local registry of late, so
// that memory keeps only what is asked for again: reading it anew costs a
// microsecond, and keeping a million answers that nobody asks for a second time
// would cost a gigabyte, and the collector's walk through it.
type seen [1 << 16]atomic.Uint64

// again reports whether npi is remembered, and remembers it.
func (s *seen) again(npi record.NPI) bool {
	slot := &s[uint64(npi)*0x9E3779B97F4A7C15>>48] // neighbours in number are spread
	if slot.Load() == uint64(npi) {
		return true
	}
	slot.Store(uint64(npi))
	return false
}

// settle is what to believe when the live registry, or another worker that
// asked it, gave an answer although the files hold something, too old to be
// believed alone (nil: nothing). The live registry gives the same absence for
// an NPI that was deactivated and for one that never was; there the files
// decide, whatever their age. Otherwise the newer answer is right.
func (f *files) settle(given, held *record.Entry) *record.Entry {
	if given.Evidence.Status == record.Absent && held != nil && held.Evidence.Status == record.Deactivated {
		return late(held)
	}
	var x *record.Exclusion
	if f.local != nil {
		x = f.local.Exclusion(given.NPI)
	}
	return with(given, x)
}

// late marks an entry of the files, our own, as older than allowed.
func late(held *record.Entry) *record.Entry {
	held.Evidence.Stale = true
	return held
}

// with is e with x as its line on the exclusion list, and not stale. Others
// may hold e, so one that has to differ is a copy.
func with(e *record.Entry, x *record.Exclusion) *record.Entry {
	if is := e.Evidence.Excluded; !e.Evidence.Stale && (is == x || is != nil && x != nil && *is == *x) {
		return e
	}
	c := copyOf(e)
	c.Evidence.Excluded, c.Evidence.Stale = x, false
	return c
}

// copyOf is e in a struct of its own, without what e keeps rendered.
func copyOf(e *record.Entry) *record.Entry {
	return &record.Entry{
		NPI: e.NPI, Evidence: e.Evidence,
		Taxonomies: e.Taxonomies, Addresses: e.Addresses, PracticeLocations: e.PracticeLocations,
		Identifiers: e.Identifiers, Official: e.Official, Sex: e.Sex, Subpart: e.Subpart,
		EIN: e.EIN, ParentEIN: e.ParentEIN, Replacement: e.Replacement, Certified: e.Certified, Endpoints: e.Endpoints,
	}
}

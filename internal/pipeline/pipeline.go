// Package pipeline is a message's whole way, from bytes to everything that
// must be published because of it, on one screen. It knows no broker and
// touches nothing itself: what it needs of the world is handed to it.
package pipeline

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/judge"
	"github.com/npiflow/npiflow/internal/record"
)

// ErrWouldWait says that an answer is not at hand and waiting was not allowed.
var ErrWouldWait = errors.New("the registry would have to be asked")

// Pipeline is the straight line and what it needs.
type Pipeline struct {
	// Decode appends to into the records a message holds, in their order, and
	// in place of one that cannot be read the fault. An error, always a
	// *record.MalformedError, says that it holds none. What into is made of is
	// used again once the message is worked.
	Decode func(m *Message, into []Decoded) ([]Decoded, error)
	// Peek gives an entry if it is at hand in memory.
	Peek func(record.NPI) (*record.Entry, bool)
	// Lookup gives an entry and waits for it. Its only error is the
	// context's; an entry of status Unknown says that the answer cannot be
	// had and the record is to be published all the same.
	Lookup func(context.Context, record.NPI) (*record.Entry, error)
	// Plan gives the job that brings the registry up to date with a roster
	// row, or nil, or the names of what is missing for a valid one.
	// A nil Plan plans nothing, as in a replay.
	Plan func(j *record.Judged, received record.Date) (*record.Job, []string)
	// Now is the clock for checked_at; nothing else depends on it.
	Now func() time.Time
}

// Message is one input message. Origin.Index is set for each of its records.
type Message struct {
	Kind        record.Kind
	Origin      record.Origin
	ContentType string // as whoever published it says; "" for unsaid
	Data        []byte
}

// Decoded is a record of a message, or the fault that stands in its place.
type Decoded struct {
	Record record.Record
	Fault  *record.Fault
}

// Native is a Decode that reads native JSON alone.
func Native(m *Message, into []Decoded) ([]Decoded, error) {
	r, err := record.Decode(m.Kind, m.Data)
	if err != nil {
		return nil, err
	}
	return append(into, Decoded{Record: r}), nil
}

// Vetted is what must be published about one record: its job, if any, first,
// then its result. Where the record could not be read there is a reason and
// no result: it needs one of verdict dead.
type Vetted struct {
	Result record.Result
	Job    *record.Job
	Dead   string
}

// Process takes a message all the way. The error is a *record.MalformedError
// (never), ErrWouldWait (not without waiting; only if wait is false), or the
// context's (not now).
func (p *Pipeline) Process(ctx context.Context, m Message, wait bool) ([]Vetted, error) {
	s := scratches.Get().(*scratch)
	defer s.release()
	var err error
	if s.decoded, err = p.Decode(&m, s.decoded); err != nil {
		return nil, err
	}
	if err := p.enrich(ctx, s, wait); err != nil {
		return nil, err
	}
	today := record.DateOf(m.Origin.ReceivedAt)
	vetted := make([]Vetted, len(s.decoded))
	for i := range s.decoded {
		if f := s.decoded[i].Fault; f != nil {
			vetted[i].Dead = f.Error()
			continue
		}
		judged := judge.Of(s.enriched[i], today)
		vetted[i].Job = p.plan(&judged, today)
		from := m.Origin
		from.Index = i
		vetted[i].Result = p.result(&judged, from)
	}
	return vetted, nil
}

// scratch is what a message is worked in. Nothing of it is part of what
// Process gives: that has copies of the structs, and shares only what they
// point to.
type scratch struct {
	decoded  []Decoded
	enriched []record.Enriched
	missing  []asking
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// mostKept is how many records' worth of a scratch is used again.
const mostKept = 128

func (s *scratch) release() {
	if cap(s.decoded) > mostKept || cap(s.missing) > mostKept {
		return
	}
	clear(s.decoded)
	clear(s.enriched)
	clear(s.missing)
	s.decoded, s.enriched, s.missing = s.decoded[:0], s.enriched[:0], s.missing[:0]
	scratches.Put(s)
}

// enrich puts the registry's answer beside each sound identifier. A record
// with a bad one is rejected as it is, without asking.
func (p *Pipeline) enrich(ctx context.Context, s *scratch, wait bool) error {
	for i := range s.decoded {
		if s.decoded[i].Fault != nil {
			s.enriched = append(s.enriched, record.Enriched{})
			continue
		}
		e := record.Enriched{Checked: checksum.Check(s.decoded[i].Record)}
		if !e.Rejected() {
			e.Entries = make([]*record.Entry, len(e.Mentions))
			for j, npi := range e.NPIs {
				if npi == 0 {
					continue
				}
				if entry, ok := p.Peek(npi); ok {
					e.Entries[j] = entry
					continue
				}
				if !wait {
					return ErrWouldWait
				}
				s.missing = append(s.missing, asking{npi, &e.Entries[j]})
			}
		}
		s.enriched = append(s.enriched, e)
	}
	return p.ask(ctx, s.missing)
}

// asking is an NPI to look up, and where its entry goes.
type asking struct {
	npi  record.NPI
	into **record.Entry
}

// ask looks up what is missing, several at once.
func (p *Pipeline) ask(ctx context.Context, missing []asking) (err error) {
	switch len(missing) {
	case 0:
		return nil
	case 1:
		*missing[0].into, err = p.Lookup(ctx, missing[0].npi)
		return err
	}
	asked, ctx := errgroup.WithContext(ctx)
	asked.SetLimit(16) // a message of a thousand lines must not fill the registry's queue alone
	for _, a := range missing {
		asked.Go(func() (err error) {
			*a.into, err = p.Lookup(ctx, a.npi)
			return err
		})
	}
	return asked.Wait()
}

// plan plans the record's job. What is missing for a valid one becomes a flag
// of the record's own provider.
func (p *Pipeline) plan(j *record.Judged, today record.Date) *record.Job {
	if p.Plan == nil || j.Kind != record.KindRoster {
		return nil
	}
	job, missing := p.Plan(j, today)
	if len(missing) > 0 {
		if j.Flags == nil {
			j.Flags = make([][]record.Flag, len(j.Mentions))
		}
		j.Flags[0] = append(j.Flags[0], record.Flag{
			Code: record.FlagIncomplete, Severity: record.Info,
			Detail: "The registry disagrees with the roster, but no valid update can be made of it: missing " + strings.Join(missing, ", ") + ".",
		})
	}
	return job
}

// result is what is published of a judged record.
func (p *Pipeline) result(j *record.Judged, from record.Origin) record.Result {
	r := record.Result{
		ID: j.ID, Kind: j.Kind, Verdict: j.Verdict, Rules: judge.Rules,
		Source: from, CheckedAt: p.now(), Providers: make([]record.Provider, len(j.Mentions)),
	}
	for i := range j.Mentions {
		m := &j.Mentions[i]
		out := &r.Providers[i]
		*out = record.Provider{Role: m.Role, Line: m.Line, Path: m.Path, Valid: j.Marks[i] == record.Sound}
		if _, ok := record.ParseNPI(m.NPI); ok {
			out.NPI = m.NPI
		}
		if j.Entries != nil {
			out.Answer = j.Entries[i].Answer()
		}
		if j.Flags != nil {
			out.Flags = j.Flags[i]
		}
	}
	return r
}

// DeadResult is the result in place of a record that can never be read; the
// message's Origin.Index says which.
func (p *Pipeline) DeadResult(m Message, at record.DeadLetter) record.Result {
	return record.Result{Kind: m.Kind, Verdict: record.Dead, Rules: judge.Rules, Source: m.Origin, CheckedAt: p.now(), Dead: &at}
}

func (p *Pipeline) now() time.Time { return p.Now().UTC().Truncate(time.Millisecond) }

package pipeline

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/npiflow/npiflow/internal/judge"
	"github.com/npiflow/npiflow/internal/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	hospital record.NPI = 1770626038
	person   record.NPI = 1851713903
	gone     record.NPI = 1003048257
	never    record.NPI = 1588817837
)

var (
	received = time.Date(2026, 11, 1, 10, 0, 0, 123, time.UTC)
	now      = time.Date(2026, 11, 1, 10, 0, 1, 234_567_890, time.FixedZone("", 3600))
	origin   = record.Origin{Stream: "NPI_RECORDS", Sequence: 7, ReceivedAt: received}
)

func entry(npi record.NPI, f record.Facts) *record.Entry {
	return &record.Entry{NPI: npi, Evidence: record.Evidence{Source: record.FromAPI, AsOf: 2026_11_01, FetchedAt: received.Truncate(time.Second), Facts: f}}
}

// registry is a registry of a few providers that notes who was asked for.
type registry struct {
	memory, live map[record.NPI]*record.Entry
	err          error

	mu    sync.Mutex
	asked []record.NPI
}

func (r *registry) peek(npi record.NPI) (*record.Entry, bool) {
	e, ok := r.memory[npi]
	return e, ok
}

func (r *registry) lookup(ctx context.Context, npi record.NPI) (*record.Entry, error) {
	r.mu.Lock()
	r.asked = append(r.asked, npi)
	r.mu.Unlock()
	if r.err != nil {
		return nil, r.err
	}
	if e := r.live[npi]; e != nil {
		return e, ctx.Err()
	}
	return &record.Entry{NPI: npi}, ctx.Err()
}

func (r *registry) pipeline() *Pipeline {
	return &Pipeline{Decode: Native, Peek: r.peek, Lookup: r.lookup, Now: func() time.Time { return now }}
}

func known() map[record.NPI]*record.Entry {
	return map[record.NPI]*record.Entry{
		hospital: entry(hospital, record.Facts{Status: record.Active, Type: record.NPI2, Name: record.Name{Organization: "INOVA FAIRFAX HOSPITAL"}}),
		person:   entry(person, record.Facts{Status: record.Active, Type: record.NPI1, Name: record.Name{First: "JOSEFINA", Last: "DANWING"}}),
		gone:     entry(gone, record.Facts{Status: record.Deactivated, DeactivationDate: 2020_01_02}),
		never:    entry(never, record.Facts{Status: record.Absent}),
	}
}

func claim(rendering string) []byte {
	return []byte(`{"id":"c1","patient":"XYZZY","service_from":"2026-10-05","providers":[{"role":"billing","npi":"1770626038"},{"role":"rendering","line":2,"npi":` + rendering + `}]}`)
}

func TestProcess(t *testing.T) {
	for _, c := range []struct {
		name      string
		rendering string
		memory    bool // all answers are at hand
		wait      bool
		verdict   record.Verdict
		npi       string // as published
		asked     int
		err       error
	}{
		{"all at hand", `"1851713903"`, true, false, record.Clean, "1851713903", 0, nil},
		{"all asked for", `"1851713903"`, false, true, record.Clean, "1851713903", 2, nil},
		{"asking is not allowed", `"1851713903"`, false, false, "", "", 0, ErrWouldWait},
		{"deactivated", `"1003048257"`, true, false, record.Flagged, "1003048257", 0, nil},
		{"absent", `"1588817837"`, false, true, record.Flagged, "1588817837", 2, nil},
		{"nobody can say", `"1234567893"`, false, true, record.Unverified, "1234567893", 2, nil},
		{"without an NPI", `null`, true, false, record.Flagged, "", 0, nil},
		{"rejected: nobody is asked", `"1851713904"`, false, false, record.Rejected, "1851713904", 0, nil},
		{"rejected: nor with time to wait", `"9851713903"`, false, true, record.Rejected, "9851713903", 0, nil},
		{"what is not ten digits is not published", `"DOE, JANE "`, false, true, record.Rejected, "", 0, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &registry{live: known()}
			if c.memory {
				r.memory = known()
			}
			m := Message{Kind: record.KindClaim, Origin: origin, Data: claim(c.rendering)}
			got, err := r.pipeline().Process(t.Context(), m, c.wait)
			require.ErrorIs(t, err, c.err)
			assert.Len(t, r.asked, c.asked)
			if c.err != nil {
				require.Empty(t, got)
				return
			}
			require.Len(t, got, 1, "one record, one result")
			res := got[0].Result
			require.Len(t, res.Providers, 2)
			p := res.Providers[1]
			assert.Nil(t, got[0].Job, "a claim makes no job")
			assert.Equal(t, c.verdict, res.Verdict)
			assert.Equal(t, record.Result{ID: "c1", Kind: record.KindClaim, Verdict: c.verdict, Rules: judge.Rules, Source: origin,
				CheckedAt: now.UTC().Truncate(time.Millisecond), Providers: res.Providers}, res)
			assert.Equal(t, record.Provider{Role: record.Rendering, NPI: c.npi, Line: 2, Path: "/providers/1/npi", Valid: c.verdict != record.Rejected && c.npi != "",
				Answer: p.Answer, Flags: p.Flags}, p)
			if c.verdict == record.Rejected || c.verdict == record.Unverified {
				assert.Nil(t, p.Answer, "nothing is said that nobody found out")
			}
			published := res.AppendJSON(nil)
			assert.NotContains(t, string(published), "XYZZY")
			assert.Equal(t, string(published), string(recompute(t, m, published)), "anyone can recompute it")
		})
	}
}

func TestProcessRefusesTheMalformed(t *testing.T) {
	r := &registry{}
	for _, m := range []Message{{Kind: record.KindClaim, Origin: origin, Data: []byte(`{"XYZZY`)}, {Kind: record.KindRoster, Origin: origin, Data: nil}, {Kind: record.KindOther, Origin: origin, Data: claim("null")}} {
		got, err := r.pipeline().Process(t.Context(), m, true)
		var malformed *record.MalformedError
		require.ErrorAs(t, err, &malformed)
		require.Empty(t, got)
		dead := r.pipeline().DeadResult(m, record.DeadLetter{Subject: "npi.dead.claim", Reason: malformed.Reason})
		assert.Equal(t, record.Result{Kind: m.Kind, Verdict: record.Dead, Rules: judge.Rules, Source: origin, CheckedAt: now.UTC().Truncate(time.Millisecond),
			Dead: &record.DeadLetter{Subject: "npi.dead.claim", Reason: malformed.Reason}}, dead)
		assert.NotContains(t, string(dead.AppendJSON(nil)), "XYZZY")
	}
}

func TestProcessGivesUpWithItsContext(t *testing.T) {
	r := &registry{err: context.Canceled}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got, err := r.pipeline().Process(ctx, Message{Kind: record.KindClaim, Origin: origin, Data: claim(`"1851713903"`)}, true)
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, got)
}

// One record asks for its providers at once, but not for so many that others
// would not get their turn.
func TestProcessAsksAtOnceAndBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		data := []byte(`{"id":"c1","providers":[{"role":"billing","npi":"1770626038"}`)
		for range 99 {
			data = append(data, `,{"role":"rendering","npi":"1851713903"}`...)
		}
		data = append(data, "]}"...)
		var open, most, all atomic.Int32
		entries := known()
		p := &Pipeline{
			Decode: Native,
			Peek:   func(record.NPI) (*record.Entry, bool) { return nil, false },
			Lookup: func(_ context.Context, npi record.NPI) (*record.Entry, error) {
				all.Add(1)
				most.Store(max(most.Load(), open.Add(1)))
				time.Sleep(time.Second) // of the bubble's clock
				open.Add(-1)
				return entries[npi], nil
			},
			Now: time.Now,
		}
		began := time.Now()
		_, err := p.Process(t.Context(), Message{Kind: record.KindClaim, Origin: origin, Data: data}, true)
		require.NoError(t, err)
		assert.EqualValues(t, 100, all.Load())
		assert.EqualValues(t, 16, most.Load())
		assert.Equal(t, 7*time.Second, time.Since(began))
	})
}

// One failed lookup ends the others of its record.
func TestProcessStopsAtTheFirstError(t *testing.T) {
	broken := errors.New("closed")
	p := &Pipeline{
		Decode: Native,
		Peek:   func(record.NPI) (*record.Entry, bool) { return nil, false },
		Lookup: func(ctx context.Context, npi record.NPI) (*record.Entry, error) {
			if npi == hospital {
				return nil, broken
			}
			<-ctx.Done()
			return nil, ctx.Err()
		},
		Now: time.Now,
	}
	_, err := p.Process(t.Context(), Message{Kind: record.KindClaim, Origin: origin, Data: claim(`"1851713903"`)}, true)
	require.ErrorIs(t, err, broken)
}

// A message of many records: each has its result under its place, what cannot
// be read says so in its own, and the missing of all are asked for together.
func TestProcessMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, err := record.Decode(record.KindClaim, claim(`"1851713903"`))
		require.NoError(t, err)
		two := one
		two.ID, two.Mentions = "c2", []record.Mention{{Role: record.Billing, NPI: never.String(), Path: "x"}}
		entries := known()
		p := (&registry{live: entries}).pipeline()
		p.Decode = func(_ *Message, into []Decoded) ([]Decoded, error) {
			return append(into, []Decoded{{Record: one}, {Fault: &record.Fault{Where: "segment 7", Reason: "no claim id", Lost: true}}, {Record: two}}...), nil
		}
		p.Lookup = func(_ context.Context, npi record.NPI) (*record.Entry, error) {
			time.Sleep(time.Second)
			return entries[npi], nil
		}
		began := time.Now()
		got, err := p.Process(t.Context(), Message{Kind: record.KindClaim, Origin: origin}, true)
		require.NoError(t, err)
		assert.Equal(t, time.Second, time.Since(began), "all at once")
		require.Len(t, got, 3)
		assert.Equal(t, "c1", got[0].Result.ID)
		assert.Equal(t, 0, got[0].Result.Source.Index)
		assert.Equal(t, "segment 7: no claim id", got[1].Dead)
		assert.Equal(t, "c2", got[2].Result.ID)
		assert.Equal(t, 2, got[2].Result.Source.Index)
		assert.Equal(t, record.Flagged, got[2].Result.Verdict)
	})
}

func TestProcessPlans(t *testing.T) {
	row := []byte(`{"id":"r1","npi":"1851713903","last_name":"DANWING","effective_date":"2026-11-01"}`)
	job := &record.Job{ID: "digest"}
	for _, c := range []struct {
		name    string
		kind    record.Kind
		data    []byte
		plan    func(*record.Judged, record.Date) (*record.Job, []string)
		planned int
		job     *record.Job
		flags   []record.FlagCode
	}{
		{"a roster row that differs", record.KindRoster, row, func(*record.Judged, record.Date) (*record.Job, []string) { return job, nil }, 1, job, nil},
		{"a roster row that agrees", record.KindRoster, row, func(*record.Judged, record.Date) (*record.Job, []string) { return nil, nil }, 1, nil, nil},
		{"one that lacks what a job needs", record.KindRoster, row, func(*record.Judged, record.Date) (*record.Job, []string) {
			return nil, []string{"basic.a", "basic.b"}
		}, 1, nil, []record.FlagCode{record.FlagIncomplete}},
		{"a claim", record.KindClaim, claim(`"1851713903"`), func(*record.Judged, record.Date) (*record.Job, []string) { return job, nil }, 0, nil, nil},
		{"a replay", record.KindRoster, row, nil, 0, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &registry{memory: known()}
			p := r.pipeline()
			planned := 0
			if c.plan != nil {
				p.Plan = func(j *record.Judged, day record.Date) (*record.Job, []string) {
					planned++
					assert.Equal(t, record.Date(2026_11_01), day, "the day it was received")
					return c.plan(j, day)
				}
			}
			got, err := p.Process(t.Context(), Message{Kind: c.kind, Origin: origin, Data: c.data}, false)
			require.NoError(t, err)
			assert.Equal(t, c.planned, planned)
			assert.Same(t, c.job, got[0].Job)
			assert.Equal(t, record.Clean, got[0].Result.Verdict, "what cannot be written back is no fault of the record")
			var flags []record.FlagCode
			for _, f := range got[0].Result.Providers[0].Flags {
				flags = append(flags, f.Code)
				assert.Equal(t, "The registry disagrees with the roster, but no valid update can be made of it: missing basic.a, basic.b.", f.Detail)
			}
			assert.Equal(t, c.flags, flags)
		})
	}
}

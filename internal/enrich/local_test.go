package enrich

import (
	"errors"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

// shelves are a Local in memory: what its files say, and of which day.
type shelves struct {
	mu       sync.Mutex
	asOf     record.Date
	entries  map[record.NPI]record.Facts
	excluded map[record.NPI]*record.Exclusion
	trouble  error
	reading  func() // before each answer
}

func newShelves(age time.Duration, facts map[record.NPI]record.Facts) *shelves {
	return &shelves{asOf: record.DateOf(time.Now().UTC().Add(-age)), entries: facts, excluded: map[record.NPI]*record.Exclusion{}}
}

func (s *shelves) Lookup(npi record.NPI) (*record.Entry, error) {
	s.mu.Lock()
	f, ok := s.entries[npi]
	asOf, trouble, reading := s.asOf, s.trouble, s.reading
	s.mu.Unlock()
	if reading != nil {
		reading()
	}
	if !ok || trouble != nil {
		return nil, trouble
	}
	return &record.Entry{NPI: npi, Evidence: record.Evidence{Source: record.FromLocal, AsOf: asOf, Facts: f}}, nil
}

func (s *shelves) Exclusion(npi record.NPI) *record.Exclusion {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.excluded[npi]
}

func (s *shelves) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

var (
	there = map[record.NPI]record.Facts{npi: {Status: record.Active}}
	gone  = map[record.NPI]record.Facts{npi: {Status: record.Deactivated, DeactivationDate: 1999_05_05}}
)

const (
	fresh   = 10 * 24 * time.Hour
	old     = 60 * 24 * time.Hour
	allowed = 35 * 24 * time.Hour
)

func localConfig() Config {
	c := testConfig
	c.LocalMaxAge = allowed
	return c
}

// The order of the tiers, and which one's word counts.
func TestWhoseAnswerCounts(t *testing.T) {
	absent, active := record.Absent, record.Active
	down := failing(ReasonHTTP)
	for _, c := range []struct {
		name     string
		age      time.Duration
		files    map[record.NPI]record.Facts
		live     func(*moody) // its mood
		shared   record.Status
		status   record.Status
		source   record.Source
		stale    bool
		requests int
	}{
		{"fresh and active", fresh, there, nil, 0, active, record.FromLocal, false, 0},
		{"fresh and deactivated", fresh, gone, nil, 0, record.Deactivated, record.FromLocal, false, 0},
		{"fresh, before what others were told", fresh, gone, nil, active, record.Deactivated, record.FromLocal, false, 0},
		{"fresh, and the live one is down", fresh, there, func(m *moody) { m.turn(down) }, 0, active, record.FromLocal, false, 0},
		{"fresh without it", fresh, nil, nil, 0, active, record.FromAPI, false, 1},
		{"fresh without it, and nobody has it", fresh, nil, func(m *moody) { m.turn(empty) }, 0, absent, record.FromAPI, false, 2},
		{"without it, others were told", fresh, nil, nil, active, active, record.FromAPI, false, 0},
		{"stale: the live one knows better", old, gone, nil, 0, active, record.FromAPI, false, 1},
		{"stale: others were told better", old, gone, nil, active, active, record.FromAPI, false, 0},
		{"stale and deactivated: the live one cannot tell", old, gone, func(m *moody) { m.turn(empty) }, 0, record.Deactivated, record.FromLocal, true, 2},
		{"stale and deactivated: nor could it tell others", old, gone, nil, absent, record.Deactivated, record.FromLocal, true, 0},
		{"stale and active: gone since", old, there, func(m *moody) { m.turn(empty) }, 0, absent, record.FromAPI, false, 2},
		{"stale and active: gone since, as others were told", old, there, nil, absent, absent, record.FromAPI, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				live, store := newMoody(well), newShelf()
				if c.live != nil {
					c.live(live)
				}
				if c.shared != record.Unknown {
					store.kept[npi] = entryOf(npi, c.shared)
				}
				h := buildOver(t, localConfig(), live, newShelves(c.age, c.files), store)
				entry, err := h.Lookup(t.Context(), npi)
				require.NoError(t, err)
				assert.Equal(t, c.status, entry.Evidence.Status)
				assert.Equal(t, c.source, entry.Evidence.Source)
				assert.Equal(t, c.stale, entry.Evidence.Stale)
				assert.False(t, entry.Evidence.FetchedAt.IsZero())
				assert.Len(t, live.requests(), c.requests)
				again, ok := h.Peek(npi)
				require.True(t, ok)
				assert.Same(t, entry, again, "remembered")

				synctest.Wait()
				if kept := store.kept[npi]; c.requests > 0 {
					require.NotNil(t, kept, "what the live one told is shared")
					assert.Equal(t, record.FromAPI, kept.Evidence.Source)
				} else if c.shared == record.Unknown {
					assert.Nil(t, kept, "what the files say is not: every worker has files")
				}
			})
		})
	}
}

func TestPeekAsksTheFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live, files := newMoody(well), newShelves(allowed-24*time.Hour, there)
		h := buildOver(t, localConfig(), live, files, nil)
		count := func(tier, outcome string) float64 {
			return h.value(t, "npiflow_lookups_total", "tier", tier, "outcome", outcome)
		}
		entry, ok := h.Peek(npi)
		require.True(t, ok, "without a flight")
		assert.Equal(t, record.Active, entry.Evidence.Status)
		assert.EqualValues(t, 1, count("local", "hit"))
		second, ok := h.Peek(npi)
		require.True(t, ok)
		assert.EqualValues(t, 2, count("local", "hit"), "once is not kept in memory")
		third, ok := h.Peek(npi)
		require.True(t, ok)
		assert.Same(t, second, third)
		assert.EqualValues(t, 1, count("memory", "hit"), "twice is")

		_, ok = h.Peek(npi + 1)
		assert.False(t, ok)
		assert.EqualValues(t, 1, count("local", "miss"))
		files.set(func() { files.trouble = errors.New("a block does not add up") })
		_, ok = h.Peek(npi + 2)
		assert.False(t, ok)
		assert.EqualValues(t, 1, count("local", "error"))
		assert.Equal(t, record.Active, h.status(t, npi+2), "and the others answer")
		assert.Len(t, live.requests(), 1)

		files.set(func() { files.trouble = nil })
		time.Sleep(23 * time.Hour)
		_, ok = h.Peek(npi)
		assert.True(t, ok, "fresh for as long as allowed")
		time.Sleep(25 * time.Hour)
		_, ok = h.Peek(npi)
		assert.False(t, ok, "and no longer")
		assert.EqualValues(t, 2, count("local", "miss"))
		assert.Equal(t, record.FromAPI, mustLookup(t, h, npi).Evidence.Source)
	})
}

func mustLookup(t *testing.T, h house, npi record.NPI) *record.Entry {
	t.Helper()
	entry, err := h.Lookup(t.Context(), npi)
	require.NoError(t, err)
	return entry
}

func TestWhatNoFileCanSayIsNotBelieved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newMoody(well)
		h := buildOver(t, localConfig(), live, newShelves(fresh, map[record.NPI]record.Facts{npi: {}, npi + 1: {Status: record.Absent}}), nil)
		for i := range record.NPI(2) {
			_, ok := h.Peek(npi + i)
			assert.False(t, ok)
			assert.Equal(t, record.Active, h.status(t, npi+i))
		}
		assert.EqualValues(t, 2, h.value(t, "npiflow_lookups_total", "tier", "local", "outcome", "error"))
	})
}

// What is stale is better than waiting, and asked for again soon.
func TestAStaleAnswerInAnOutage(t *testing.T) {
	for _, hold := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			live := newMoody(failing(ReasonHTTP))
			cfg := localConfig()
			cfg.Hold = hold
			facts := map[record.NPI]record.Facts{}
			for i := range record.NPI(50) {
				facts[npi+i] = record.Facts{Status: record.Active}
			}
			h := buildOver(t, cfg, live, newShelves(old, facts), newShelf())
			first := mustLookup(t, h, npi)
			assert.Equal(t, record.Active, first.Evidence.Status)
			assert.True(t, first.Evidence.Stale)
			require.Equal(t, Open, h.State().Breaker, "its own failures opened it")
			began := time.Now()
			for i := range record.NPI(50) {
				assert.True(t, mustLookup(t, h, npi+i).Evidence.Stale)
			}
			assert.Zero(t, time.Since(began), "at once")
			assert.Len(t, live.requests(), cfg.Failures)
			assert.True(t, h.Available(), "nobody waits")
			assert.EqualValues(t, 50, h.value(t, "npiflow_stale_answers_total"))
			assert.Zero(t, h.value(t, "npiflow_unverified_total"))

			live.turn(well)
			time.Sleep(cfg.Cooldown + time.Second)
			_, ok := h.Peek(npi)
			assert.True(t, ok, "remembered for a while")
			time.Sleep(cfg.AbsentTTL)
			_, ok = h.Peek(npi)
			assert.False(t, ok)
			later := mustLookup(t, h, npi)
			assert.Equal(t, record.FromAPI, later.Evidence.Source)
			assert.False(t, later.Evidence.Stale)
		})
	}
}

// A registry that answers others and never for this NPI costs the budget.
func TestAStaleAnswerWhereTheBudgetIsSpent(t *testing.T) {
	for _, reason := range []Reason{ReasonErrors, ReasonThrottled} {
		synctest.Test(t, func(t *testing.T) {
			live := newMoody(failing(reason))
			h := buildOver(t, localConfig(), live, newShelves(old, there), nil)
			entry := mustLookup(t, h, npi)
			assert.True(t, entry.Evidence.Stale)
			assert.Equal(t, budget, live.asksFor(npi))
			assert.Equal(t, Closed, h.State().Breaker)
			assert.EqualValues(t, 1, h.value(t, "npiflow_lookups_total", "tier", "api", "outcome", "error"))
			assert.Zero(t, h.value(t, "npiflow_unverified_total"))
		})
	}
}

func TestTheExclusionListIsOurs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line := &record.Exclusion{Type: "1128a1", Date: 2020_03_19}
		files, store := newShelves(fresh, map[record.NPI]record.Facts{npi: {Status: record.Active}}), newShelf()
		for i := range record.NPI(5) {
			files.excluded[npi+i] = line
		}
		told := entryOf(npi+3, record.Active) // by a worker with another list
		told.Evidence.Stale = true
		other := entryOf(npi+5, record.Active)
		other.Evidence.Excluded = &record.Exclusion{Type: "1128b8"}
		store.kept[npi+3], store.kept[npi+5] = told, other
		live := newMoody(well)
		h := buildOver(t, localConfig(), live, files, store)

		entry, ok := h.Peek(npi)
		require.True(t, ok)
		assert.Equal(t, line, entry.Evidence.Excluded, "of the files")
		assert.Equal(t, line, mustLookup(t, h, npi+1).Evidence.Excluded, "of the live registry")
		live.turn(empty)
		assert.Equal(t, line, mustLookup(t, h, npi+2).Evidence.Excluded, "of an absent one")
		assert.Equal(t, line, mustLookup(t, h, npi+3).Evidence.Excluded, "of what others were told")
		assert.False(t, mustLookup(t, h, npi+3).Evidence.Stale)
		assert.Nil(t, mustLookup(t, h, npi+5).Evidence.Excluded, "theirs counts for nothing")
		synctest.Wait()
		for _, of := range []record.NPI{npi + 1, npi + 2} {
			require.NotNil(t, store.kept[of])
			assert.Nil(t, store.kept[of].Evidence.Excluded, "and ours is not shared")
			assert.False(t, store.kept[of].Evidence.Stale)
		}
		assert.True(t, told.Evidence.Stale, "what others hold is left as it was")
	})
}

func TestACopyIsWhole(t *testing.T) {
	e := &record.Entry{}
	v := reflect.ValueOf(e).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); v.Type().Field(i).IsExported() {
			fill(f)
		}
	}
	c := reflect.ValueOf(copyOf(e)).Elem()
	for i := range v.NumField() {
		if field := v.Type().Field(i); field.IsExported() {
			require.False(t, v.Field(i).IsZero(), field.Name)
			assert.Equal(t, v.Field(i).Interface(), c.Field(i).Interface(), field.Name)
		}
	}
}

// fill makes a field other than zero.
func fill(f reflect.Value) {
	switch f.Kind() {
	case reflect.String:
		f.SetString("x")
	case reflect.Slice:
		f.Set(reflect.MakeSlice(f.Type(), 1, 1))
	case reflect.Pointer:
		f.Set(reflect.New(f.Type().Elem()))
	case reflect.Struct:
		fill(f.Field(0))
	case reflect.Uint64:
		f.SetUint(1)
	case reflect.Int32:
		f.SetInt(1)
	}
}

func TestOldest(t *testing.T) {
	f := files{maxAge: 36 * time.Hour}
	at := func(s string) record.Date {
		now, err := time.Parse(time.DateTime, s)
		require.NoError(t, err)
		return f.oldest(now)
	}
	assert.EqualValues(t, 2026_11_18, at("2026-11-20 11:59:59"))
	assert.EqualValues(t, 2026_11_19, at("2026-11-20 12:00:00"))
	assert.EqualValues(t, 2026_11_19, at("2026-11-21 00:00:00"))
	assert.EqualValues(t, 2024_02_29, at("2024-03-01 20:00:00"))
	assert.Zero(t, testing.AllocsPerRun(100, func() { at("2024-03-01 20:00:00") }))
}

// BenchmarkPeekNew is a stream of NPIs new to memory and at hand in the files.
func BenchmarkPeekNew(b *testing.B) {
	h := New(localConfig(), newMoody(well), endless{record.DateOf(time.Now().UTC())}, nil, nil, zerolog.Nop())
	defer h.Close()
	b.ReportAllocs()
	for i := record.NPI(0); b.Loop(); i++ {
		if _, ok := h.Peek(npi + i); !ok {
			b.Fatal("it should be at hand")
		}
	}
}

// endless is a Local that has everybody.
type endless struct{ asOf record.Date }

func (e endless) Lookup(npi record.NPI) (*record.Entry, error) {
	return &record.Entry{NPI: npi, Evidence: record.Evidence{Source: record.FromLocal, AsOf: e.asOf, Facts: record.Facts{Status: record.Active}}}, nil
}

func (endless) Exclusion(record.NPI) *record.Exclusion { return nil }

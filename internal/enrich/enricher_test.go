package enrich

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

const npi record.NPI = 1234567893

func TestAnswersAreRememberedAsLongAsTheirStatusAllows(t *testing.T) {
	for _, c := range []struct {
		mood     func(context.Context, record.NPI) (*record.Entry, error)
		status   record.Status
		ttl      time.Duration
		requests int // for one believed answer
	}{
		{well, record.Active, 24 * time.Hour, 1},
		{func(_ context.Context, npi record.NPI) (*record.Entry, error) {
			return entryOf(npi, record.Deactivated), nil
		}, record.Deactivated, 24 * time.Hour, 1},
		{empty, record.Absent, 10 * time.Minute, 2},
	} {
		t.Run(c.status.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				live := newMoody(c.mood)
				h := build(t, testConfig, live, nil)
				_, ok := h.Peek(npi)
				assert.False(t, ok)
				assert.Equal(t, c.status, h.status(t, npi))
				assert.Len(t, live.requests(), c.requests)

				time.Sleep(c.ttl - 3*time.Second)
				entry, ok := h.Peek(npi)
				require.True(t, ok)
				assert.Equal(t, c.status, entry.Evidence.Status)
				assert.Equal(t, c.status, h.status(t, npi))
				assert.Len(t, live.requests(), c.requests, "remembered")

				time.Sleep(5 * time.Second)
				_, ok = h.Peek(npi)
				assert.False(t, ok)
				assert.Equal(t, c.status, h.status(t, npi))
				assert.Len(t, live.requests(), 2*c.requests, "forgotten, and asked again")
			})
		})
	}
}

func TestAnEmptyAnswerIsNotYetAnAbsence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := true
		live := newMoody(func(ctx context.Context, npi record.NPI) (*record.Entry, error) {
			if first {
				first = false
				return empty(ctx, npi)
			}
			return well(ctx, npi)
		})
		h := build(t, testConfig, live, nil)
		assert.Equal(t, record.Active, h.status(t, npi))
		log := live.requests()
		require.Len(t, log, 2)
		assert.InDelta(t, 250*time.Millisecond, log[1].at-log[0].at, float64(50*time.Millisecond))
	})
}

func TestAnAbsenceSurvivesAFailureBetweenItsTwoAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		live := newMoody(func(ctx context.Context, npi record.NPI) (*record.Entry, error) {
			if n++; n == 2 {
				return failing(ReasonHTTP)(ctx, npi)
			}
			return empty(ctx, npi)
		})
		h := build(t, testConfig, live, nil)
		assert.Equal(t, record.Absent, h.status(t, npi))
		assert.Len(t, live.requests(), 3)
	})
}

func TestOneRequestForEveryDistinctNPI(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newMoody(slow(50*time.Millisecond, func(ctx context.Context, npi record.NPI) (*record.Entry, error) {
			if npi%10 == 0 {
				return empty(ctx, npi)
			}
			return well(ctx, npi)
		}))
		cfg := testConfig
		cfg.Concurrency = 16
		h := build(t, cfg, live, nil)
		var callers sync.WaitGroup
		for i := range 4000 {
			callers.Go(func() { h.status(t, npi+record.NPI(i%200)) })
		}
		callers.Wait()
		assert.Equal(t, 16, live.most, "as many at once as allowed")
		assert.Len(t, live.count, 200)
		for npi, n := range live.count {
			want := 1
			if npi%10 == 0 {
				want = 2
			}
			assert.Equal(t, want, n)
		}
		assert.EqualValues(t, 3800, h.value(t, "npiflow_lookups_coalesced_total"))
		assert.EqualValues(t, 180, h.value(t, "npiflow_lookups_total", "tier", "api", "outcome", "hit"))
		assert.EqualValues(t, 20, h.value(t, "npiflow_lookups_total", "tier", "api", "outcome", "miss"))
		assert.EqualValues(t, 40, h.value(t, "npiflow_registry_requests_total", "outcome", "absent"))
		assert.EqualValues(t, 220, h.value(t, "npiflow_registry_request_seconds"))
		assert.EqualValues(t, 200, h.value(t, "npiflow_cache_entries"))
		assert.Zero(t, h.value(t, "npiflow_lookups_waiting"))
	})
}

func TestAFlightLooksWhetherAnotherHasJustLanded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newMoody(well)
		h := build(t, testConfig, live, nil)
		h.memory.put(entryOf(npi, record.Active)) // between a caller's look and its joining
		fl, joined := h.flights.join(npi)
		assert.False(t, joined)
		entry, err := h.flights.wait(t.Context(), fl)
		require.NoError(t, err)
		assert.Equal(t, record.Active, entry.Evidence.Status)
		assert.Empty(t, live.requests())
	})
}

func TestTheFirstCallersDepartureFailsNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newMoody(slow(time.Second, well))
		h := build(t, testConfig, live, nil)
		hurried, leave := context.WithCancel(t.Context())
		var callers sync.WaitGroup
		callers.Go(func() {
			_, err := h.Lookup(hurried, npi)
			assert.ErrorIs(t, err, context.Canceled)
		})
		synctest.Wait()
		callers.Go(func() { assert.Equal(t, record.Active, h.status(t, npi)) })
		synctest.Wait()
		leave()
		callers.Wait()
		assert.Len(t, live.requests(), 1)
	})
}

func TestAFlightNobodyWaitsForEndsAndCountsForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newMoody(slow(time.Hour, well))
		cfg := testConfig
		cfg.Failures = 1
		h := build(t, cfg, live, nil)
		hurried, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		_, err := h.Lookup(hurried, npi)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		synctest.Wait()
		assert.Empty(t, h.flights.aloft)
		assert.Equal(t, Closed, h.State().Breaker)
		assert.Zero(t, h.value(t, "npiflow_registry_requests_total", "outcome", "timeout"))

		live.turn(well)
		assert.Equal(t, record.Active, h.status(t, npi), "whoever comes later starts anew")
	})
}

func TestCloseEndsWhatIsOnItsWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, testConfig, newMoody(slow(time.Hour, well)), nil)
		var callers sync.WaitGroup
		for i := range 20 {
			callers.Go(func() {
				_, err := h.Lookup(t.Context(), npi+record.NPI(i%10))
				assert.ErrorIs(t, err, context.Canceled)
			})
		}
		synctest.Wait()
		h.Close()
		callers.Wait()
		_, err := h.Lookup(t.Context(), npi)
		assert.ErrorIs(t, err, context.Canceled)
	})
}

func TestTheRateIsKept(t *testing.T) {
	for _, perSecond := range []float64{5, 100} {
		t.Run(fmt.Sprint(perSecond), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				live := newMoody(slow(20*time.Millisecond, well))
				cfg := testConfig
				cfg.Rate = perSecond
				h := build(t, cfg, live, nil)
				var callers sync.WaitGroup
				const lookups = 101
				for i := range lookups {
					callers.Go(func() { h.status(t, npi+record.NPI(i)) })
				}
				callers.Wait()
				log := live.requests()
				want := 100 / perSecond
				assert.InDelta(t, want, log[lookups-1].at.Seconds(), want/8)
				assert.LessOrEqual(t, live.most, 4)
			})
		})
	}
}

func TestEverySeriesIsThereFromTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, testConfig, newMoody(well), nil)
		for _, tier := range []string{"memory", "shared", "api"} {
			for _, outcome := range []string{"hit", "miss", "error"} {
				assert.Zero(t, h.value(t, "npiflow_lookups_total", "tier", tier, "outcome", outcome))
			}
		}
		outcomes := []string{"ok", "absent", "deactivated"}
		for _, r := range Reasons {
			outcomes = append(outcomes, string(r))
		}
		for _, outcome := range outcomes {
			assert.Zero(t, h.value(t, "npiflow_registry_requests_total", "outcome", outcome))
		}
		assert.EqualValues(t, 1, h.value(t, "npiflow_breaker_state", "state", "closed"))
		assert.Zero(t, h.value(t, "npiflow_breaker_state", "state", "half_open"))
		assert.Zero(t, h.value(t, "npiflow_breaker_state", "state", "open"))
		for _, name := range []string{
			"npiflow_registry_request_seconds", "npiflow_breaker_trips_total", "npiflow_cache_entries",
			"npiflow_lookups_coalesced_total", "npiflow_lookups_waiting", "npiflow_unverified_total",
		} {
			assert.Zero(t, h.value(t, name))
		}
	})
}

func TestPeekCountsWhatMemoryHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := build(t, testConfig, newMoody(well), nil)
		h.Peek(npi)
		h.status(t, npi)
		h.Peek(npi)
		h.Peek(npi)
		assert.EqualValues(t, 1, h.value(t, "npiflow_lookups_total", "tier", "memory", "outcome", "miss"))
		assert.EqualValues(t, 2, h.value(t, "npiflow_lookups_total", "tier", "memory", "outcome", "hit"))
		assert.Zero(t, testing.AllocsPerRun(100, func() { h.Peek(npi) }))
	})
}

func BenchmarkPeek(b *testing.B) {
	e := New(testConfig, newMoody(well), nil, nil, nil, zerolog.Nop())
	b.Cleanup(e.Close)
	for i := range record.NPI(5000) {
		e.memory.put(entryOf(npi+i, record.Active))
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := record.NPI(0); pb.Next(); i++ {
			if _, ok := e.Peek(npi + i%5000); !ok {
				b.Error("an answer was lost")
			}
		}
	})
}

func BenchmarkLookup(b *testing.B) {
	e := New(testConfig, newMoody(well), nil, nil, nil, zerolog.Nop())
	b.Cleanup(e.Close)
	b.ReportAllocs()
	for i := record.NPI(0); b.Loop(); i++ {
		if _, err := e.Lookup(b.Context(), npi+i); err != nil {
			b.Fatal(err)
		}
	}
}

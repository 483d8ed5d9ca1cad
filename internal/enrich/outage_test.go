package enrich

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

// all looks up n NPIs at once and gives a group that ends when all are active.
func (h house) all(t *testing.T, n int) *sync.WaitGroup {
	var callers sync.WaitGroup
	for i := range n {
		callers.Go(func() { assert.Equal(t, record.Active, h.status(t, npi+record.NPI(i))) })
	}
	return &callers
}

func TestAnOutageIsWaitedFor(t *testing.T) {
	for _, reason := range Reasons {
		if reason == ReasonThrottled || reason == ReasonErrors {
			continue
		}
		t.Run(string(reason), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const outage = 10*time.Minute + 7*time.Second
				live := newMoody(slow(10*time.Millisecond, failing(reason)))
				cfg := testConfig
				cfg.Rate = 100
				h := build(t, cfg, live, nil)
				callers := h.all(t, 1000)

				time.Sleep(outage)
				synctest.Wait()
				// Those that tripped it, those out with them, those who had their places
				// before the breaker heard of it, and one probe for each cooldown.
				down := len(live.requests())
				assert.LessOrEqual(t, down, cfg.Failures+2*cfg.Concurrency+int(outage/cfg.Cooldown)+1)
				assert.False(t, h.Available())
				assert.Equal(t, reason, h.State().LastReason)
				assert.EqualValues(t, 1, h.value(t, "npiflow_breaker_trips_total"))
				assert.EqualValues(t, 1, h.value(t, "npiflow_breaker_state", "state", "open"))
				assert.EqualValues(t, 1000, h.value(t, "npiflow_lookups_waiting"))
				assert.EqualValues(t, down, h.value(t, "npiflow_registry_requests_total", "outcome", string(reason)))

				live.turn(slow(10*time.Millisecond, well))
				back := time.Since(live.born)
				callers.Wait()
				log := live.requests()
				assert.Less(t, log[down].at-back, 2*cfg.Cooldown, "recovered within two cooldowns")
				assert.InDelta(t, 10, (log[len(log)-1].at - log[down].at).Seconds(), 1, "and at the full rate from then on")
				assert.LessOrEqual(t, len(log)-down, 1001)
				assert.True(t, h.Available())
				assert.Zero(t, h.value(t, "npiflow_unverified_total"))
			})
		})
	}
}

func TestAHangingRegistryDoesNotStopRecovery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newMoody(slow(5*time.Second, failing(ReasonTimeout))) // the client's own timeout
		h := build(t, testConfig, live, nil)
		callers := h.all(t, 100)
		time.Sleep(5 * time.Minute)
		live.turn(well)
		back := time.Now()
		callers.Wait()
		assert.Less(t, time.Since(back), 2*testConfig.Cooldown)
	})
}

func TestTheQueueIsLeftWhenTheBreakerTrips(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newMoody(failing(ReasonHTTP))
		cfg := testConfig
		cfg.Rate, cfg.Failures = 5, 2
		h := build(t, cfg, live, nil)
		callers := h.all(t, 500) // a hundred seconds of queue
		time.Sleep(25 * time.Second)
		synctest.Wait()
		assert.Len(t, live.requests(), 2, "not one after the trip")

		live.turn(well)
		before := time.Now()
		callers.Wait()
		assert.InDelta(t, 5+100, time.Since(before).Seconds(), 3, "the rest of the cooldown and then the full rate")
	})
}

func TestWithoutHoldAnOutageIsAnsweredUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newMoody(failing(ReasonRefused))
		cfg := testConfig
		cfg.Hold = false
		h := build(t, cfg, live, nil)
		assert.Equal(t, record.Unknown, h.status(t, npi), "its five failures trip the breaker")
		require.Equal(t, Open, h.State().Breaker)
		assert.True(t, h.Available(), "there is nothing to wait for")

		before := time.Now()
		for i := range 100 {
			assert.Equal(t, record.Unknown, h.status(t, npi+1+record.NPI(i)))
		}
		assert.Zero(t, time.Since(before), "at once")
		assert.Len(t, live.requests(), cfg.Failures)
		_, ok := h.Peek(npi + 1)
		assert.False(t, ok, "what an outage hid is not remembered")

		live.turn(well)
		time.Sleep(cfg.Cooldown + time.Second)
		assert.Equal(t, record.Active, h.status(t, npi+1))
	})
}

func TestWithoutHoldEndlessThrottlingEndsToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newMoody(failing(ReasonThrottled))
		cfg := testConfig
		cfg.Hold = false
		h := build(t, cfg, live, nil)
		assert.Equal(t, record.Unknown, h.status(t, npi))
		assert.Len(t, live.requests(), budget)
	})
}

func TestAThrottleSlowsDownAndTripsNothing(t *testing.T) {
	for _, c := range []struct {
		name       string
		retryAfter time.Duration
		pauses     []time.Duration
	}{
		{"unsaid", 0, []time.Duration{1, 2, 4, 8, 16, 32, 60, 60}},
		{"said", 7 * time.Second, []time.Duration{7, 7, 7}},
		{"absurd", 24 * time.Hour, []time.Duration{60, 60}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				live := newMoody(nil)
				live.turn(func(ctx context.Context, npi record.NPI) (*record.Entry, error) {
					if len(live.requests()) > len(c.pauses) {
						return well(ctx, npi)
					}
					return nil, &UnavailableError{Reason: ReasonThrottled, RetryAfter: c.retryAfter, Status: 429}
				})
				cfg := testConfig
				cfg.Concurrency, cfg.Failures = 1, 1
				h := build(t, cfg, live, nil)
				h.all(t, 10).Wait()
				log := live.requests()
				for i, pause := range c.pauses {
					assert.Equal(t, pause*time.Second, log[i+1].at-log[i].at)
				}
				assert.Zero(t, log[len(log)-1].at-log[len(c.pauses)].at, "the others need not wait any more")
				assert.Zero(t, h.value(t, "npiflow_breaker_trips_total"))
				assert.Zero(t, h.value(t, "npiflow_unverified_total"))
			})
		})
	}
}

func TestRequestsThrottledTogetherAreOneThrottle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newMoody(slow(time.Millisecond, failing(ReasonThrottled)))
		cfg := testConfig
		cfg.Concurrency = 64
		h := build(t, cfg, live, nil)
		callers := h.all(t, 64)
		time.Sleep(900 * time.Millisecond)
		live.turn(well)
		callers.Wait()
		assert.Less(t, time.Since(live.born), 2*time.Second)
	})
}

func TestAnAnswerForgetsEarlierThrottles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newMoody(nil)
		live.turn(func(ctx context.Context, npi record.NPI) (*record.Entry, error) {
			if len(live.requests())%3 == 0 { // two throttles, then an answer
				return well(ctx, npi)
			}
			return failing(ReasonThrottled)(ctx, npi)
		})
		h := build(t, testConfig, live, nil)
		for i := range 2 {
			before := time.Now()
			assert.Equal(t, record.Active, h.status(t, npi+record.NPI(i)))
			assert.Equal(t, 3*time.Second, time.Since(before))
		}
	})
}

func TestAThrottledProbeLeavesItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newMoody(failing(ReasonHTTP))
		h := build(t, testConfig, live, nil)
		callers := h.all(t, 50)
		time.Sleep(testConfig.Cooldown / 2)
		live.turn(failing(ReasonThrottled))
		time.Sleep(testConfig.Cooldown)
		assert.Equal(t, HalfOpen, h.State().Breaker)
		live.turn(well)
		callers.Wait()
		assert.Less(t, time.Since(live.born), 3*testConfig.Cooldown)
	})
}

func TestAProbeWhoseCallerLeavesIsFollowedByAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newMoody(failing(ReasonHTTP))
		h := build(t, testConfig, live, nil)
		hurried, leave := context.WithCancel(t.Context())
		var callers sync.WaitGroup
		for i := range 20 {
			callers.Go(func() { _, _ = h.Lookup(hurried, npi+record.NPI(i)) })
		}
		time.Sleep(testConfig.Cooldown / 2)
		live.turn(slow(time.Hour, well))
		time.Sleep(testConfig.Cooldown) // one of the hurried is the probe now
		var patient sync.WaitGroup
		patient.Go(func() { assert.Equal(t, record.Active, h.status(t, npi+999)) })
		synctest.Wait()
		live.turn(well)
		leave()
		callers.Wait()
		patient.Wait()
		assert.Less(t, time.Since(live.born), 2*testConfig.Cooldown)
	})
}

func TestARefusedQueryIsNoOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newMoody(failing(ReasonErrors))
		cfg := testConfig
		cfg.Failures = 1
		h := build(t, cfg, live, nil)
		callers := h.all(t, 10)
		time.Sleep(time.Minute)
		assert.Equal(t, Closed, h.State().Breaker)
		assert.Equal(t, ReasonErrors, h.State().LastReason)
		live.turn(well)
		callers.Wait()
	})
}

func TestWhatIsNoKnowledgeIsNoAnswer(t *testing.T) {
	for name, answer := range map[string]*record.Entry{
		"nothing": nil, "unknown": entryOf(npi, record.Unknown), "somebody else": entryOf(npi+1, record.Active),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				live := newMoody(func(context.Context, record.NPI) (*record.Entry, error) { return answer, nil })
				h := build(t, testConfig, live, nil)
				callers := h.all(t, 1)
				time.Sleep(time.Second)
				assert.Positive(t, h.value(t, "npiflow_registry_requests_total", "outcome", "malformed"))
				live.turn(well)
				callers.Wait()
			})
		})
	}
}

func TestTheGateTellsOfEveryChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		live := newMoody(failing(ReasonHTTP))
		h := build(t, testConfig, live, nil)
		changed := h.Changed()
		assert.True(t, h.Available())
		callers := h.all(t, 10)
		<-changed
		changed = h.Changed()
		assert.False(t, h.Available())
		tripped := time.Now()
		assert.Equal(t, State{Breaker: Open, Since: tripped, LastReason: ReasonHTTP}, h.State())
		live.turn(slow(time.Second, well))
		<-changed
		changed = h.Changed()
		assert.True(t, h.Available(), "half-open, even with nobody waiting: somebody must be let in to probe")
		assert.InDelta(t, testConfig.Cooldown, time.Since(tripped), float64(time.Second))
		<-changed
		assert.Equal(t, Closed, h.State().Breaker)
		callers.Wait()
	})
}

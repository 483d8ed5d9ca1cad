package assembly

import (
	"fmt"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/enrich"
	"github.com/npiflow/npiflow/internal/mirror"
	"github.com/npiflow/npiflow/internal/record"
)

// moods are the ways a registry is down.
var moods = map[string]mirror.Fault{
	"refuses connections": mirror.Refuse, "hangs": mirror.Hang, "fails": mirror.Fail500, "shows a maintenance page": mirror.HTML200,
}

// distinct is a sound claim of a provider nobody else mentions, so that the
// registry has to be asked.
func distinct(i int) input {
	npi := record.NPI(1_500_000_000 + 10*i)
	for !checksum.Valid(npi) {
		npi++
	}
	return input{record.KindClaim, fmt.Sprintf(`{"id":"d%d","service_from":"2026-10-05","patient":"SECRETDOE","providers":[{"role":"billing","npi":"%s"}]}`, i, npi), record.Clean, false}
}

// The registry goes down in mid-stream and comes back: nothing false is
// published, nothing is lost, the lanes show that they hold, and go on by
// themselves at full speed.
func TestOutage(t *testing.T) {
	t.Parallel()
	for name, fault := range moods {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, config.SyncDefault)
			h.cfg.Enrich.API.Timeout, h.cfg.Enrich.Breaker.Failures = 100*time.Millisecond, 3
			w := h.work()
			h.load(35)
			h.await()
			state := func(s enrich.BreakerState) bool { return w.metric("npiflow_breaker_state", string(s)) == 1 }
			require.True(t, state(enrich.Closed))

			h.registry.SetMood(mirror.Mood{Fault: fault})
			for i := range 200 {
				h.put(distinct(i))
			}
			h.load(35)
			h.until(func() bool { return state(enrich.Open) }, "the breaker opens")
			h.until(func() bool { return w.metric("npiflow_lane_holding", "claim") == 1 }, "the lane holds")
			before := h.registry.Requests()
			outage := time.Now()
			h.until(func() bool { return h.registry.Requests() >= before+3 }, "now and then it is asked whether it is back")
			assert.GreaterOrEqual(t, time.Since(outage), 2*h.cfg.Enrich.Breaker.Cooldown, "once a cooldown")
			assert.LessOrEqual(t, w.metric("npiflow_lane_in_flight", "claim"), float64(h.cfg.Worker.MaxInFlight))
			assert.Less(t, h.results(), len(h.input), "what cannot be known is not published")

			h.registry.SetMood(mirror.Mood{})
			back := time.Now()
			h.await()
			assert.Less(t, time.Since(back), 2*h.cfg.Enrich.Breaker.Cooldown+3*time.Second, "at full speed")
			h.until(func() bool { return state(enrich.Closed) && w.metric("npiflow_lane_holding", "claim") == 0 }, "and that is shown")
			assert.Positive(t, w.metric("npiflow_breaker_trips_total"))
			assert.Zero(t, w.metric("npiflow_records_total", "claim", "unverified"))
			w.drain()
			h.check()
		})
	}
}

// A worker that is stopped in an outage goes at once, and the next one has
// lost nothing.
func TestDrainInAnOutage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, config.SyncDefault)
	h.cfg.Enrich.API.Timeout, h.cfg.Enrich.Breaker.Failures = 100*time.Millisecond, 3
	h.registry.SetMood(mirror.Mood{Fault: mirror.Fail500})
	for i := range 100 {
		h.put(distinct(i))
	}
	w := h.work()
	h.until(func() bool { return w.metric("npiflow_lane_holding", "claim") == 1 }, "the lane holds")
	began := time.Now()
	w.drain()
	assert.Less(t, time.Since(began), h.cfg.Worker.Drain, "there is nothing to wait for")
	require.Zero(t, h.results())
	h.registry.SetMood(mirror.Mood{})
	h.work()
	h.await()
	h.check()
}

// Where configuration says so, records are published in an outage, with the
// verdict that says what is not known.
func TestUnverified(t *testing.T) {
	t.Parallel()
	h := newHouse(t, config.SyncDefault)
	h.cfg.Enrich.OnOutage = config.Unverified
	h.cfg.Enrich.API.Timeout, h.cfg.Enrich.Breaker.Failures = 100*time.Millisecond, 3
	h.registry.SetMood(mirror.Mood{Fault: mirror.HTML200})
	w := h.work()
	h.load(70)
	for i, in := range h.input {
		if in.verdict != record.Rejected && in.verdict != record.Dead {
			h.input[i].verdict, h.input[i].job = record.Unverified, false
		}
	}
	h.await()
	assert.Zero(t, w.metric("npiflow_lane_holding", "claim"), "no lane holds")
	for _, m := range h.all("NPI_RESULTS_CLAIM") {
		var r record.Result
		require.NoError(t, json.Unmarshal(m.Data(), &r))
		for _, p := range r.Providers {
			require.Nil(t, p.Answer, "nothing is said of what nobody found out")
			for _, f := range p.Flags {
				require.Contains(t, []record.FlagCode{record.FlagBadChecksum}, f.Code)
			}
		}
	}
	h.check()

	h.registry.SetMood(mirror.Mood{})
	h.until(func() bool { // the breaker asks with what comes, whatever is published of that
		h.put(distinct(len(h.input)))
		return w.metric("npiflow_breaker_state", string(enrich.Closed)) == 1
	}, "the registry is asked again")
	h.await()
	for range 10 {
		h.put(distinct(len(h.input)))
	}
	h.await()
	results := h.all("NPI_RESULTS_CLAIM")
	for _, m := range results[len(results)-10:] {
		require.Equal(t, "npi.results.claim.clean", m.Subject(), "and what it knows is published")
	}
}

package enrich

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/npiflow/npiflow/internal/record"
)

func TestBackoff(t *testing.T) {
	for _, c := range []struct {
		failure int
		jitter  float64
		want    time.Duration
	}{
		{1, 0, 200 * time.Millisecond},  // the shortest wait
		{1, .5, 300 * time.Millisecond}, // jitter adds up to as much again
		{2, 0, 400 * time.Millisecond},  // doubles
		{3, 0, 800 * time.Millisecond},
		{4, 0, 1600 * time.Millisecond},
		{5, 0, 2500 * time.Millisecond},    // half of the longest
		{5, .999999999, 5 * time.Second},   // the longest wait
		{1e9, .999999999, 5 * time.Second}, // for ever, without overflow
	} {
		assert.InDelta(t, c.want, backoff(c.failure, c.jitter), float64(10), "failure %d", c.failure)
	}
}

func TestLifetimes(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	l := lifetimes{known: 24 * time.Hour, absent: 10 * time.Minute}
	for _, c := range []struct {
		status record.Status
		age    time.Duration
		want   time.Duration
	}{
		{record.Active, 0, 24 * time.Hour},
		{record.Active, 23 * time.Hour, time.Hour}, // counted from the registry's answer
		{record.Deactivated, time.Hour, 23 * time.Hour},
		{record.Active, 25 * time.Hour, -time.Hour}, // too old
		{record.Active, -time.Hour, 24 * time.Hour}, // a clock ahead of ours buys nothing
		{record.Absent, time.Minute, 9 * time.Minute},
		{record.Unknown, 0, unknownTTL},
	} {
		e := &record.Entry{Evidence: record.Evidence{FetchedAt: now.Add(-c.age), Facts: record.Facts{Status: c.status}}}
		assert.Equal(t, c.want, l.left(e, clock), "%s, %s old", c.status, c.age)
	}
	imported := &record.Entry{Evidence: record.Evidence{Source: record.FromLocal, FetchedAt: now.Add(-30 * 24 * time.Hour)}}
	imported.Evidence.Status = record.Active
	assert.Equal(t, l.known, l.left(imported, clock), "the age of the files was looked at already")
	imported.Evidence.Stale = true
	assert.Equal(t, l.absent, l.left(imported, clock), "and too old they are asked again soon")
}

func TestThrottle(t *testing.T) {
	var th throttle
	at := func(s float64) time.Time { return time.Unix(1000, 0).Add(time.Duration(s * float64(time.Second))) }
	assert.Zero(t, th.left(at(0)))
	assert.Equal(t, time.Second, th.slow(at(0), at(0), 0))
	assert.Zero(t, th.slow(at(0), at(.1), 0), "it was out with the first")
	assert.Equal(t, 500*time.Millisecond, th.left(at(.5)))
	assert.Equal(t, 2*time.Second, th.slow(at(1), at(1), 0))
	assert.Zero(t, th.slow(at(1), at(1), 9*time.Second), "but what it was told holds")
	assert.Equal(t, 9*time.Second, th.left(at(1)))
	th.answered(at(2))
	assert.Equal(t, 4*time.Second, th.slow(at(10), at(10), 0), "an answer to an older request shows nothing")
	th.answered(at(14))
	assert.Equal(t, time.Second, th.slow(at(15), at(15), 0), "one after the pause does")
}

func TestWhatTheBreakerMakesOfAnError(t *testing.T) {
	unavailable := func(r Reason) error { return &UnavailableError{Reason: r} }
	for _, c := range []struct {
		err     error
		reason  Reason
		counted bool
		success bool
	}{
		{nil, "", true, true},
		{errHeld, "", false, false},
		{errLeft, "", false, false},
		{unavailable(ReasonThrottled), ReasonThrottled, false, false},
		{unavailable(ReasonErrors), ReasonErrors, true, true}, // an answer in time
		{unavailable(ReasonContentType), ReasonContentType, true, false},
		{unavailable(ReasonWrongNPI), ReasonWrongNPI, true, false},
		{context.DeadlineExceeded, ReasonTimeout, true, false},
		{errors.New("nobody expects this"), ReasonRefused, true, false},
	} {
		assert.Equal(t, c.reason, reasonOf(c.err), "%v", c.err)
		assert.Equal(t, c.counted, !uncounted(c.err), "%v", c.err)
		assert.Equal(t, c.success, inTime(c.err), "%v", c.err)
	}
}

func TestStrikes(t *testing.T) {
	var p pursuit
	for n := range uint64(20) { // an outage: nobody is answered
		p.fail(7)
		assert.False(t, p.spent(7, true), "failure %d", n)
	}
	assert.True(t, p.wantsWitness())
	assert.False(t, p.spent(8, true), "all of it is one strike")
	assert.False(t, p.wantsWitness())
	for n := range uint64(3) {
		p.fail(8 + n)
		assert.False(t, p.spent(9+n, true))
	}
	p.fail(11)
	assert.True(t, p.spent(12, true))

	var impatient pursuit
	for range budget - 1 {
		impatient.fail(0)
		assert.False(t, impatient.spent(0, false))
	}
	impatient.fail(0)
	assert.True(t, impatient.spent(0, false), "without hold every failure is a strike")
}

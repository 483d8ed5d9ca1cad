package consumer

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestShareYields(t *testing.T) {
	for _, c := range []struct {
		name         string
		mine, theirs int
		since        time.Duration // the last lane was given
		yields       bool
	}{
		{"they have none, and we have two", 2, 0, time.Hour, true},
		{"they have two fewer", 5, 3, time.Hour, true},
		{"one to none: nothing is won", 1, 0, time.Hour, false},
		{"even", 3, 3, time.Hour, false},
		{"they have more", 1, 4, time.Hour, false},
		{"one was given just now", 4, 0, time.Second, false},
		{"long enough ago", 4, 0, yieldEvery + time.Second, true},
	} {
		s := &Share{held: c.mine, yielded: time.Now().Add(-c.since)}
		assert.Equal(t, c.yields, s.yields(c.theirs), c.name)
		if c.yields {
			assert.False(t, s.yields(c.theirs), "%s: one lane at a time", c.name)
		}
	}
	assert.Zero(t, (&Share{}).patience(), "who has nothing takes a free lane at once")
	assert.Less(t, (&Share{held: 1}).patience(), (&Share{held: 2}).patience())
}

// A worker with many lanes gives one to a standby that has none; nothing is
// lost or made twice on the way.
func TestLanesSpread(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.load(500)
	sharing := func(s *Share) option { return func(c *Config, _ *string) { c.Share = s } }
	a := w.newLane("a", echo{}, open{}, 64, sharing(&Share{held: 2})) // as if it worked two more
	w.run(a)
	w.await(500)
	w.run(w.newLane("b", echo{}, open{}, 64, sharing(&Share{})))
	w.until(func() bool { return w.leaseOf().Holder == "b" }, "b gets the lane")
	w.load(500)
	w.await(1000)
	w.check(1000, 1)
	w.state(a, StateStandby)
	assert.EqualValues(t, 1, a.metric(t, "sessions_ended_total", endDrained))
}

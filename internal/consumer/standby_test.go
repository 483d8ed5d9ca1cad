package consumer

import (
	"context"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (w *world) leases() jetstream.KeyValue {
	w.t.Helper()
	kv, err := w.js.KeyValue(context.Background(), topology.Name("LEASES"))
	require.NoError(w.t, err)
	return kv
}

// leaseOf is the lane's lease as it stands.
func (w *world) leaseOf() (doc leaseDoc) {
	w.t.Helper()
	e, err := w.leases().Get(context.Background(), w.lane.Name)
	if err != nil {
		return doc
	}
	require.NoError(w.t, json.Unmarshal(e.Value(), &doc))
	return doc
}

// putLease writes the lane's lease behind everybody's back.
func (w *world) putLease(doc leaseDoc) {
	w.t.Helper()
	body, err := json.Marshal(doc)
	require.NoError(w.t, err)
	_, err = w.leases().Put(context.Background(), w.lane.Name, body)
	require.NoError(w.t, err)
}

// expire makes the lease free as its holder left it, without waiting until
// the holder has been silent for the TTL.
func (w *world) expire() {
	doc := w.leaseOf()
	doc.Holder = ""
	w.putLease(doc)
}

func (w *world) consumerInfo() *jetstream.ConsumerInfo {
	w.t.Helper()
	c, err := w.js.Consumer(context.Background(), topology.Records(), w.lane.Durable)
	require.NoError(w.t, err)
	return c.CachedInfo()
}

// dead are the bodies of the dead letters.
func (w *world) dead() (bodies []string) {
	w.t.Helper()
	s, err := w.js.Stream(context.Background(), topology.Name("DEAD"))
	require.NoError(w.t, err)
	for i := range s.CachedInfo().State.LastSeq {
		m, err := s.GetMsg(context.Background(), i+1)
		require.NoError(w.t, err)
		bodies = append(bodies, string(m.Data))
	}
	return bodies
}

func (w *world) state(l worker, want string) {
	w.t.Helper()
	w.until(func() bool { s, _ := l.State(); return s == want }, "the lane of %s is %s", l.cfg.Holder, want)
}

// A drain finishes what is held, takes nothing more, and gives the lane back,
// so that a standby goes on at once.
func TestDrain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.load(200)
	h := newHolder()
	a := w.newLane("a", echo{slow: always, wait: h.wait}, open{}, 20)
	drain, _ := w.run(a)
	w.until(h.holds(20), "a holds all it may")
	b := w.newLane("b", echo{}, open{}, 20)
	w.run(b)
	w.state(b, StateStandby)

	drained := make(chan struct{})
	go func() { defer close(drained); drain() }()
	w.until(func() bool { return a.log.has("draining") }, "a drains")
	require.Zero(t, w.stored(), "it waits for what is held")
	close(h.release)
	<-drained
	given := time.Now()
	_, most := h.count()
	require.Equal(t, 20, most)
	w.await(200)
	assert.Less(t, time.Since(given), leaseTTL/2, "the standby does not wait for the lease to run out")
	w.check(200, 1)
	w.until(func() bool { return w.ackFloor() == 200 }, "what was finished is acked")
	assert.Equal(t, "b", w.leaseOf().Holder)
	assert.EqualValues(t, 1, a.metric(t, "sessions_ended_total", endDrained))
}

// When the grace is over the rest is left to the next holder, and that is no
// crash.
func TestDrainWithItsGraceOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.load(50)
	h := newHolder()
	a := w.newLane("a", echo{slow: func(d *Delivery) bool { return d.Sequence > 5 }, wait: h.wait}, open{}, 10, grace(50*time.Millisecond))
	drain, _ := w.run(a)
	w.until(h.holds(10), "a holds all it may")
	drain()
	require.Equal(t, 5, w.stored())
	assert.True(t, h.holds(0)(), "nobody is left behind")
	assert.Equal(t, leaseDoc{History: History{Calm: true}}, unstamped(w.leaseOf()))
	w.run(w.newLane("b", echo{}, open{}, 10))
	w.await(50)
	w.check(50, 1)
}

func unstamped(d leaseDoc) leaseDoc {
	d.Renewed = time.Time{}
	return d
}

// A drain ends a standby's waiting, and a lane that cannot be had.
func TestDrainOfAStandby(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.putLease(leaseDoc{Holder: "somebody"})
	b := w.newLane("b", echo{}, open{}, 10)
	drain, _ := w.run(b)
	w.state(b, StateStandby)
	began := time.Now()
	drain()
	assert.Less(t, time.Since(began), leaseTTL/2)
	assert.Equal(t, "somebody", w.leaseOf().Holder)
}

// A standby takes over when the holder has been silent for the TTL, and makes
// nothing twice.
func TestTakeoverAfterACrash(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.load(100)
	h := newHolder()
	a := w.newLane("a", echo{slow: func(d *Delivery) bool { return d.Sequence > 60 }, wait: h.wait}, open{}, 20)
	_, kill := w.run(a)
	b := w.newLane("b", echo{}, open{}, 20)
	w.until(h.holds(20), "a is in the midst of it")
	w.await(60)
	w.run(b)
	w.state(b, StateStandby)
	kill()
	died := time.Now()
	w.await(100)
	took := time.Since(died)
	assert.Greater(t, took, leaseTTL-leaseRenew-100*time.Millisecond, "not while the holder may be alive")
	assert.Less(t, took, 2*leaseTTL)
	w.check(100, 1)
	assert.EqualValues(t, 1, b.metric(t, "active"))
}

// A holder whose lease was given to another goes on for a moment as a zombie:
// both work the lane, and nothing is made twice or left out.
func TestZombie(t *testing.T) {
	t.Parallel()
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.load(1500)
			a := w.newLane("a", echo{}, open{}, 64, form...)
			w.run(a)
			w.await(1)
			w.putLease(leaseDoc{Holder: "b"})
			w.run(w.newLane("b", echo{}, open{}, 64, form...))
			w.load(1500)
			w.await(3000)
			w.state(a, StateStandby)
			w.load(500)
			w.await(3500)
			w.check(3500, 1)
			assert.Equal(t, "b", w.leaseOf().Holder)
			assert.Zero(t, a.metric(t, "active"))
			assert.Positive(t, a.metric(t, "sessions_ended_total", endLeaseLost))
		})
	}
}

// A lease that is not ours to read is as good as free.
func TestLeaseOfAnotherWorld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.leases().Put(t.Context(), w.lane.Name, []byte("<html>"))
	require.NoError(t, err)
	w.load(10)
	w.run(w.newLane("a", echo{}, open{}, 10))
	w.await(10)
	w.check(10, 1)
}

// A bucket that is missing is asked for again until it is there.
func TestLeaseWithoutABucket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.load(10)
	require.NoError(t, w.js.DeleteKeyValue(t.Context(), topology.Name("LEASES")))
	a := w.newLane("a", echo{}, open{}, 10)
	w.run(a)
	w.state(a, StateLost)
	_, err := w.js.CreateKeyValue(t.Context(), jetstream.KeyValueConfig{Bucket: topology.Name("LEASES")})
	require.NoError(t, err)
	w.await(10)
	w.check(10, 1)
}

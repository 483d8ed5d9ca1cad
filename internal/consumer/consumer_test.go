package consumer

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/broker/brokertest"
)

// forms works a lane with single publishes and with atomic batches.
var forms = map[string][]option{"singles": nil, "batches": {batches}}

func TestLane(t *testing.T) {
	t.Parallel()
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.load(5000)
			l := w.newLane("a", echo{}, open{}, 256, form...)
			drain, _ := w.run(l)
			w.await(5000)
			w.until(func() bool { return w.ackFloor() == 5000 }, "the acks reach the end by themselves")
			state, progress := l.State()
			assert.Equal(t, StateWorking, state)
			assert.WithinDuration(t, time.Now(), progress, 5*time.Second)
			w.load(10)
			w.await(5010)
			drain()
			w.check(5010, 1)
			w.until(func() bool { return w.ackFloor() == 5010 }, "a drain acks, too")
			assert.EqualValues(t, 5010, l.metric(t, "messages_stored_total"))
			assert.EqualValues(t, 5010, l.metric(t, "mark"))
			assert.EqualValues(t, 1, l.metric(t, "sessions_ended_total", endDrained))
			assert.Zero(t, l.metric(t, "active"))
			assert.Zero(t, l.metric(t, "in_flight"))
		})
	}
}

func (w *world) ackFloor() uint64 {
	c, err := w.js.Consumer(context.Background(), topology.Records(), w.lane.Durable)
	if err != nil {
		return 0
	}
	return c.CachedInfo().AckFloor.Stream
}

// Messages that wait are finished last come, first served; their results are
// stored in input order all the same.
func TestResultsAreInInputOrder(t *testing.T) {
	t.Parallel()
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.load(600)
			shuffle := newShuffle(t)
			w.run(w.newLane("a", echo{slow: func(d *Delivery) bool { return d.Sequence%3 == 0 }, wait: shuffle.wait}, open{}, 64, form...))
			w.await(600)
			w.check(600, 1)
		})
	}
}

// shuffle lets those who wait go in the reverse of the order they came in.
type shuffle struct{ waiting chan chan struct{} }

func newShuffle(t *testing.T) shuffle {
	s := shuffle{make(chan chan struct{})}
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		var held []chan struct{}
		for {
			select {
			case c := <-s.waiting:
				held = append(held, c)
				if len(held) < 10 {
					continue
				}
			case <-time.After(5 * time.Millisecond):
			case <-end:
				return
			}
			for _, c := range slices.Backward(held) {
				close(c)
			}
			held = nil
		}
	}()
	t.Cleanup(func() { close(end); <-ended })
	return s
}

func (s shuffle) wait(ctx context.Context, _ *Delivery) error {
	c := make(chan struct{})
	for _, step := range []func() bool{
		func() bool {
			select {
			case s.waiting <- c:
				return true
			case <-ctx.Done():
				return false
			}
		},
		func() bool {
			select {
			case <-c:
				return true
			case <-ctx.Done():
				return false
			}
		},
	} {
		if !step() {
			return ctx.Err()
		}
	}
	return nil
}

// holder keeps every message it gets until it is told to let go.
type holder struct {
	mu         sync.Mutex
	held, most int
	release    chan struct{}
}

func newHolder() *holder { return &holder{release: make(chan struct{})} }

func (h *holder) wait(ctx context.Context, _ *Delivery) error {
	h.add(1)
	defer h.add(-1)
	select {
	case <-h.release:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *holder) add(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.held += n
	h.most = max(h.most, h.held)
}

func (h *holder) count() (held, most int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.held, h.most
}

func (h *holder) holds(n int) func() bool {
	return func() bool { held, _ := h.count(); return held == n }
}

func TestInFlightIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.load(300)
	h := newHolder()
	l := w.newLane("a", echo{slow: always, wait: h.wait}, open{}, 32)
	w.run(l)
	w.until(h.holds(32), "as many are held as may be")
	w.until(func() bool { return l.metric(t, "in_flight") == 32 }, "and shown")
	require.Zero(t, w.stored())
	close(h.release)
	w.await(300)
	w.check(300, 1)
	_, most := h.count()
	assert.Equal(t, 32, most, "never more")
}

// A message may have more results than may be unconfirmed at once, and a lane
// may be cut off in the middle of them.
func TestParts(t *testing.T) {
	t.Parallel()
	const parts, messages = 4200, 2
	type where struct {
		nth int // 0 is nowhere
		cut brokertest.Cut
	}
	for name, form := range forms {
		for _, at := range []where{{}, {1, brokertest.After}, {2500, brokertest.Before}, {2500, brokertest.After}, {parts, brokertest.After}} {
			t.Run(fmt.Sprintf("%s/%d/%s", name, at.nth, at.cut), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.load(messages)
				link := brokertest.NewLink(t, w.srv.URL())
				broke := make(<-chan struct{})
				if at.nth > 0 {
					broke = link.BreakAt("t.results.claim", at.nth, at.cut)
				}
				w.run(w.newLane("a", echo{parts: parts}, open{}, 16, append(form, over(link))...))
				w.await(parts * messages)
				w.check(messages, parts)
				if at.nth > 0 {
					<-broke
				}
			})
		}
	}
}

// turning is a handler whose messages become dead letters once their first
// results are stored.
type turning struct {
	echo
	turned *atomic.Int32
}

func (h turning) Try(d *Delivery) (Outcome, bool) {
	if d.Parts == 0 {
		return h.echo.Try(d)
	}
	h.turned.Add(1)
	o := h.Dead(d, "")
	for len(o.Results) < d.Parts {
		o.Results = append(o.Results, o.Results[0])
	}
	return o, true
}

// A message that became a dead letter after some of its results were stored
// still has as many as it began with.
func TestAMessageThatTurnsDead(t *testing.T) {
	t.Parallel()
	const parts = 4200
	w := newWorld(t)
	w.load(2)
	link := brokertest.NewLink(t, w.srv.URL())
	broke := link.BreakAt("t.results.claim", 2500, brokertest.After)
	h := turning{echo{parts: parts}, new(atomic.Int32)}
	w.run(w.newLane("a", h, open{}, 16, over(link)))
	w.await(parts * 2)
	w.check(2, parts)
	<-broke
	assert.NotZero(t, h.turned.Load())
}

// A message that looks like a word of the server's is a message.
func TestMessagesThatLookLikeStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, status := range []string{"404", "100", "503", "nonsense", ""} {
		m := &nats.Msg{Subject: "t.records.claim.x", Header: nats.Header{"Status": {status}, "Description": {"No Messages"}}}
		if i == 4 {
			m.Header = nil
		}
		_, err := w.js.PublishMsg(t.Context(), m)
		require.NoError(t, err)
	}
	l := w.newLane("a", echo{}, open{}, 16)
	w.run(l)
	w.await(5)
	require.Equal(t, 5, w.stored())
	require.Zero(t, l.metric(t, "sessions_ended_total", endOther))
}

func TestGate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.load(100)
	gate, h := newValve(true), newHolder()
	l := w.newLane("a", echo{slow: always, wait: h.wait}, gate, 10)
	w.run(l)
	w.until(func() bool { return l.metric(t, "holding") == 1 }, "holding is shown")
	w.until(func() bool { return w.leaseOf().Calm }, "a lane that holds is calm")
	state, _ := l.State()
	assert.Equal(t, StateHolding, state)
	_, most := h.count()
	require.Zero(t, most, "nothing is pulled while the gate is shut")
	require.Zero(t, w.consumerInfo().NumWaiting, "nor asked for")

	gate.turn(false)
	w.until(h.holds(10), "the gate opened")
	w.until(func() bool { return l.metric(t, "holding") == 0 && !w.leaseOf().Calm }, "and that is shown")
	gate.turn(true)
	close(h.release)
	w.await(10)
	w.until(func() bool { return l.metric(t, "holding") == 1 && l.metric(t, "in_flight") == 0 }, "what was held is finished")
	require.Equal(t, 10, w.stored(), "and no more")

	gate.turn(false)
	w.await(100)
	w.check(100, 1)
}

// While the registry cannot be asked a drain does not wait for it, and that is
// no crash.
func TestDrainWhileTheGateIsShut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.load(50)
	gate, h := newValve(false), newHolder()
	drain, _ := w.run(w.newLane("a", echo{slow: always, wait: h.wait}, gate, 10))
	w.until(h.holds(10), "it holds all it may")
	gate.turn(true)
	drain()
	assert.Zero(t, w.stored())
	assert.Equal(t, leaseDoc{History: History{Calm: true}}, unstamped(w.leaseOf()))
	w.run(w.newLane("b", echo{}, open{}, 10))
	w.await(50)
	w.check(50, 1)
}

func TestPanicBecomesADeadLetter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.load(20)
	l := w.newLane("a", echo{
		slow: func(d *Delivery) bool { return d.Sequence == 8 },
		touch: func(d *Delivery) {
			if d.Sequence == 5 {
				panic("XYZZYROE " + string(d.Data))
			}
		},
		wait: func(_ context.Context, d *Delivery) error { panic("XYZZYROE " + string(d.Data)) },
	}, open{}, 16)
	w.run(l)
	w.await(20)
	w.check(20, 1)
	assert.ElementsMatch(t, []string{"4", "7"}, w.dead())
	assert.EqualValues(t, 2, l.metric(t, "panics_total"))
	assert.Contains(t, l.log.String(), "panicked")
	assert.NotContains(t, l.log.String(), "XYZZYROE", "what a panic says may be the payload")
}

func TestMetricsAreThereFromTheStart(t *testing.T) {
	t.Parallel()
	l := newWorld(t).newLane("a", echo{}, open{}, 16)
	for _, name := range []string{"active", "holding", "in_flight", "lag", "mark", "messages_stored_total", "input_bytes_total", "panics_total"} {
		assert.Zero(t, l.metric(t, name), name)
	}
	for _, cause := range []string{endDrained, endDisconnected, endFenced, endRefused, endDisorder, endSilent, endLeaseLost, endOther} {
		assert.Zero(t, l.metric(t, "sessions_ended_total", cause), cause)
	}
}

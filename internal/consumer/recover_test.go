package consumer

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/broker/brokertest"
)

func (j *journal) has(text string) bool { return strings.Contains(j.String(), text) }

// A server that goes away and comes back is found again, without help.
func TestServerRestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.load(4000)
	addr := strings.TrimPrefix(w.srv.URL(), "nats://")
	var restarted atomic.Bool
	halfway := make(chan struct{})
	l := w.newLane("a", echo{touch: func(d *Delivery) {
		if d.Sequence == 2000 && restarted.CompareAndSwap(false, true) {
			close(halfway)
		}
	}}, open{}, 64)
	w.run(l)
	<-halfway
	w.srv.Close()
	w.state(l, StateLost)
	w.serve(addr)
	w.await(4000)
	w.load(100)
	w.await(4100)
	w.check(4100, 1)
	assert.Positive(t, l.metric(t, "sessions_ended_total", endDisconnected))
}

// A link that breaks again and again costs time and nothing else.
func TestLinkBreaksAgainAndAgain(t *testing.T) {
	t.Parallel()
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.load(1500)
			link := brokertest.NewLink(t, w.srv.URL())
			w.run(w.newLane("a", echo{slow: func(d *Delivery) bool { return d.Sequence%7 == 0 }}, open{}, 64, append(form, over(link))...))
			for i := range 3 {
				w.await(i*400 + 1)
				link.Break()
			}
			w.await(1500)
			w.check(1500, 1)
		})
	}
}

// A consumer that somebody deleted is made again where the ledger ends.
func TestConsumerDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.load(500)
	w.run(w.newLane("a", echo{}, open{}, 64))
	w.await(500)
	require.NoError(t, w.js.DeleteConsumer(t.Context(), topology.Records(), w.lane.Durable))
	w.load(500)
	w.await(1000)
	w.check(1000, 1)
	info := w.consumerInfo()
	assert.Equal(t, topology.Consumer(w.lane).FilterSubjects, info.Config.FilterSubjects)
}

// A consumer that somebody set back is noticed by its delivery sequence.
func TestConsumerSetBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.load(500)
	l := w.newLane("a", echo{}, open{}, 64)
	w.run(l)
	w.await(500)
	_, err := w.js.ResetConsumerToSequence(t.Context(), topology.Records(), w.lane.Durable, 100)
	require.NoError(t, err)
	w.load(500)
	w.await(1000)
	w.check(1000, 1)
}

// The next messages of an input stream that was made anew would pass for done:
// nothing is consumed until somebody decides.
func TestInputStreamMadeAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.load(100)
	drain, _ := w.run(w.newLane("a", echo{}, open{}, 64))
	w.await(100)
	drain()
	s, err := w.js.Stream(t.Context(), topology.Records())
	require.NoError(t, err)
	cfg := s.CachedInfo().Config
	require.NoError(t, w.js.DeleteStream(t.Context(), cfg.Name))
	_, err = w.js.CreateStream(t.Context(), cfg)
	require.NoError(t, err)
	w.load(50)
	var touched atomic.Int32
	l := w.newLane("b", echo{touch: func(*Delivery) { touched.Add(1) }}, open{}, 64)
	w.run(l)
	w.until(func() bool { return l.log.has("the input stream lost messages or was made anew") }, "the reason is said")
	assert.Contains(t, l.log.String(), "delete ledger T_RESULTS_CLAIM", "and what to do")
	assert.Zero(t, touched.Load())
	assert.Equal(t, 100, w.stored())
	state, _ := l.State()
	assert.Equal(t, StateLost, state)
}

// A ledger that aged out leaves only the acks to go by; they say the same.
func TestLedgerAgedOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.load(100)
	drain, _ := w.run(w.newLane("a", echo{}, open{}, 64))
	w.await(100)
	drain()
	s, err := w.js.Stream(t.Context(), w.lane.Stream)
	require.NoError(t, err)
	require.NoError(t, s.Purge(t.Context()))
	w.load(1)
	w.run(w.newLane("b", echo{}, open{}, 64))
	w.await(1)
	m, err := s.GetMsg(t.Context(), 101)
	require.NoError(t, err)
	assert.Equal(t, "r100", string(m.Data))
	assert.Equal(t, 1, w.stored())
}

// A ledger that is there wins over acks that say more.
func TestLedgerWinsOverAcks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.load(100)
	drain, _ := w.run(w.newLane("a", echo{}, open{}, 64))
	w.await(100)
	drain()
	s, err := w.js.Stream(t.Context(), w.lane.Stream)
	require.NoError(t, err)
	for seq := range uint64(40) {
		require.NoError(t, s.DeleteMsg(t.Context(), 61+seq)) // as if a power failure took them
	}
	w.run(w.newLane("b", echo{}, open{}, 64))
	w.await(100)
	w.check(100, 1)
}

// A ledger that others write to is left alone until somebody decides.
func TestLedgerOfSomebodyElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.load(10)
	_, err := w.js.Publish(t.Context(), "t.results.claim.clean", []byte("hello"))
	require.NoError(t, err)
	l := w.newLane("a", echo{}, open{}, 64)
	w.run(l)
	w.until(func() bool { return l.log.has("message 1 was not written by npiflow") }, "the reason is said")
	assert.Equal(t, 1, w.stored())
}

// A consumer that is not there is made as it is configured.
func TestConsumerIsMadeAsConfigured(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.NoError(t, w.js.DeleteConsumer(t.Context(), topology.Records(), w.lane.Durable))
	w.load(10)
	w.run(w.newLane("a", echo{}, open{}, 64))
	w.await(10)
	got := w.consumerInfo().Config
	assert.Equal(t, jetstream.AckAllPolicy, got.AckPolicy)
	assert.Equal(t, jetstream.DeliverByStartSequencePolicy, got.DeliverPolicy)
	assert.Equal(t, topology.Consumer(w.lane).AckWait, got.AckWait)
}

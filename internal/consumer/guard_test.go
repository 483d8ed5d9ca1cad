package consumer

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/broker/brokertest"
)

func TestHistoryBegin(t *testing.T) {
	for _, c := range []struct {
		name string
		was  History
		at   uint64
		now  History
	}{
		{"the first holder", History{}, 1, History{Mark: 1}},
		{"given back", History{Calm: true}, 7, History{Mark: 7}},
		{"died idle", History{Mark: 7, Calm: true, Deaths: 2}, 7, History{Mark: 7}},
		{"died idle while it worked alone", History{Mark: 7, Calm: true, Alone: true, Suspect: 6}, 7, History{Mark: 7}},
		{"died, but the ledger had moved", History{Mark: 5, Deaths: 2}, 7, History{Mark: 7}},
		{"died once", History{Mark: 7}, 7, History{Mark: 7, Deaths: 1}},
		{"died twice", History{Mark: 7, Deaths: 1}, 7, History{Mark: 7, Deaths: 2}},
		{"died three times", History{Mark: 7, Deaths: 2}, 7, History{Mark: 7, Deaths: 3, Alone: true}},
		{"died alone with a message", History{Mark: 7, Deaths: 3, Alone: true, Suspect: 7}, 7, History{Mark: 7, Alone: true, Suspect: 7}},
		{"died alone, further on", History{Mark: 7, Deaths: 3, Alone: true, Suspect: 9}, 9, History{Mark: 9, Alone: true, Suspect: 9}},
		{"died alone, when that message was stored", History{Mark: 7, Deaths: 3, Alone: true, Suspect: 9}, 10, History{Mark: 10, Alone: true}},
		{"died alone before it touched one", History{Mark: 7, Deaths: 3, Alone: true}, 7, History{Mark: 7, Alone: true}},
		{"died at the poison again", History{Mark: 7, Alone: true, Suspect: 7}, 7, History{Mark: 7, Alone: true, Suspect: 7}},
	} {
		assert.Equal(t, c.now, c.was.begin(c.at), c.name)
	}
}

// A message that kills every worker that touches it becomes a dead letter in
// the end, and every other message has its one result.
func TestCrashLoop(t *testing.T) {
	t.Parallel()
	const n, poison, most = 60, 30, 8
	w := newWorld(t)
	w.load(n)
	deaths := 0
	for holder := 0; w.stored() < n; holder++ {
		require.Less(t, holder, 8, "the poison is found out")
		died := make(chan struct{})
		_, kill := w.run(w.newLane(fmt.Sprint("h", holder), echo{
			slow: func(d *Delivery) bool { return d.Sequence == poison },
			wait: func(ctx context.Context, _ *Delivery) error {
				close(died)
				<-ctx.Done() // the end comes from outside, and nothing is said
				return ctx.Err()
			},
		}, open{}, most))
		w.until(func() bool {
			select {
			case <-died:
				return w.stored() == poison-1
			default:
				return w.stored() == n
			}
		}, "it dies or it is done")
		if w.stored() < n {
			deaths++
			kill()
			w.expire()
		}
	}
	assert.Equal(t, 5, deaths, "one that moved the ledger, three that did not, and one alone")
	w.check(n, 1)
	assert.Equal(t, []string{fmt.Sprint(poison - 1)}, w.dead())
	w.until(func() bool { return w.leaseOf().History == (History{Mark: poison + most}) }, "it works at full speed again: %+v", w.leaseOf())
}

// Workers that die while they have nothing to do, or cannot go on for a reason
// outside, say nothing of the message that comes next.
func TestCalmDeathsDoNotCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 3 {
		_, kill := w.run(w.newLane(fmt.Sprint("h", i), echo{}, open{}, 8))
		w.until(func() bool { return w.leaseOf().Calm }, "it is idle")
		kill()
		w.expire()
	}
	l := w.newLane("last", echo{}, open{}, 8)
	w.run(l)
	w.load(10)
	w.await(10)
	w.check(10, 1)
	assert.Zero(t, w.leaseOf().Deaths)
	assert.NotContains(t, l.log.String(), "one message at a time")
}

// A connection that is lost while a message is worked alone is no crash: the
// message is innocent.
func TestAloneAndDisconnected(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.load(20)
	w.putLease(leaseDoc{History: History{Mark: 1, Deaths: deathsBeforeAlone - 1}})
	link := brokertest.NewLink(t, w.srv.URL())
	broke := link.BreakAt("t.results.claim", 3, brokertest.Before)
	l := w.newLane("a", echo{}, open{}, 8, over(link))
	w.run(l)
	w.await(20)
	<-broke
	w.check(20, 1)
	assert.Contains(t, l.log.String(), "one message at a time")
	assert.Empty(t, w.dead(), "nobody died")
}

// What killed the last holder stays known when the connection is lost before
// its dead letter is stored.
func TestPoisonIsKnownBeyondADisconnection(t *testing.T) {
	t.Parallel()
	for _, cut := range []brokertest.Cut{brokertest.Before, brokertest.After} {
		t.Run(cut.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.load(20)
			w.putLease(leaseDoc{Holder: "", History: History{Mark: 1, Alone: true, Suspect: 1}})
			link := brokertest.NewLink(t, w.srv.URL())
			broke := link.BreakAt("t.dead.claim", 1, cut)
			w.run(w.newLane("a", echo{touch: func(d *Delivery) {
				if d.Sequence == 1 {
					panic("touched again")
				}
			}}, open{}, 8, over(link)))
			w.await(20)
			<-broke
			w.check(20, 1)
			assert.Equal(t, []string{"0"}, w.dead())
		})
	}
}

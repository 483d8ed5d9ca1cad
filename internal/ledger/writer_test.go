package ledger

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func (b *book) writer(tail Tail, batch bool) *Writer {
	b.t.Helper()
	w, err := NewWriter(b.nc, tail, batch)
	require.NoError(b.t, err)
	b.t.Cleanup(w.Close)
	return w
}

// answer is the next confirmation, which must come soon.
func (b *book) answer(w *Writer) *nats.Msg {
	b.t.Helper()
	select {
	case m := <-w.Answers():
		return m
	case <-time.After(10 * time.Second):
		require.FailNow(b.t, "no confirmation came")
		return nil
	}
}

// settle takes confirmations until everything sent is stored, or refused.
func (b *book) settle(w *Writer) error {
	b.t.Helper()
	for w.Unconfirmed() > 0 {
		if err := w.Confirm(b.answer(w)); err != nil {
			return err
		}
	}
	return nil
}

func (b *book) send(w *Writer, messages ...Message) {
	b.t.Helper()
	for _, m := range messages {
		w.Add(m)
	}
	require.NoError(b.t, w.Send())
	require.NoError(b.t, b.settle(w))
}

// numbered is n messages for the inputs from the given one on.
func numbered(from, n int) []Message {
	var all []Message
	for i := range n {
		all = append(all, Message{Subject: subject, Mark: Mark{uint64(from + i), 1, 1}, Data: fmt.Append(nil, from+i)})
	}
	return all
}

// forms runs a test for single publishes and for atomic batches.
func forms(t *testing.T, test func(b *book, batch bool)) {
	for name, batch := range map[string]bool{"singles": false, "batches": true} {
		t.Run(name, func(t *testing.T) { test(newBook(t), batch) })
	}
}

func TestWriterStoresInOrder(t *testing.T) {
	forms(t, func(b *book, batch bool) {
		const n = 2500
		w := b.writer(Tail{}, batch)
		for next := 1; next <= n || w.Unconfirmed() > 0; {
			for next <= n && w.Room() > 0 {
				m := numbered(next, 1)[0]
				require.EqualValues(b.t, next, w.Add(m), "a message knows its place beforehand")
				next++
			}
			require.NoError(b.t, w.Send())
			before := w.Stored()
			require.NoError(b.t, w.Confirm(b.answer(w)))
			require.Greater(b.t, w.Stored(), before)
		}
		assert.EqualValues(b.t, n, w.Stored())
		for i, m := range b.stored() {
			require.Equal(b.t, Mark{uint64(i + 1), 1, 1}.String(), m.Headers().Get(HeaderMark))
			require.Equal(b.t, fmt.Sprint(i+1), string(m.Data()))
		}
		assert.Equal(b.t, Tail{n, Mark{n, 1, 1}}, b.tail())
	})
}

// The writer reuses one message: nothing of one result may stand on the next.
func TestWriterHeaders(t *testing.T) {
	forms(t, func(b *book, batch bool) {
		w := b.writer(Tail{}, batch)
		trace := nats.Header{"traceparent": {"00-1"}}
		b.send(w,
			Message{Subject: "r.flagged", Mark: Mark{3, 1, 2}, ID: "one", Header: trace, Data: []byte("1")},
			Message{Subject: subject, Mark: Mark{3, 2, 2}, Data: []byte("2")},
			Message{Subject: subject, Mark: Mark{4, 1, 1}, ID: "three"})
		b.send(w, Message{Subject: subject, Mark: Mark{5, 1, 1}, Header: trace})
		all := b.stored()
		for i, want := range []struct{ subject, mark, id, trace, data string }{
			{"r.flagged", "3/1/2", "one", "00-1", "1"}, {subject, "3/2/2", "", "", "2"}, {subject, "4/1/1", "three", "", ""}, {subject, "5/1/1", "", "00-1", ""},
		} {
			h := all[i].Headers()
			assert.Equal(b.t, want, struct{ subject, mark, id, trace, data string }{
				all[i].Subject(), h.Get(HeaderMark), h.Get(HeaderID), h.Get("traceparent"), string(all[i].Data())})
		}
		assert.Equal(b.t, nats.Header{"traceparent": {"00-1"}}, trace, "the caller's header is left alone")
	})
}

func TestWriterRoom(t *testing.T) {
	forms(t, func(b *book, batch bool) {
		w := b.writer(Tail{}, batch)
		most := window
		if batch {
			most = batchMax
		}
		require.Equal(b.t, most, w.Room())
		require.NoError(b.t, w.Send(), "nothing to send is nothing to do")
		for i := range most {
			require.Equal(b.t, most-i, w.Room())
			w.Add(numbered(i+1, 1)[0])
		}
		require.Zero(b.t, w.Room())
		require.NoError(b.t, w.Send())
		require.Zero(b.t, w.Room(), "sent is not stored")
		require.Equal(b.t, most, w.Unconfirmed())
		require.NoError(b.t, b.settle(w))
		require.Equal(b.t, most, w.Room())
		require.EqualValues(b.t, most, w.Stored())
	})
}

func TestWriterOverdue(t *testing.T) {
	b := newBook(t)
	w := b.writer(Tail{}, false)
	now := time.Now()
	require.False(t, w.Overdue(now.Add(time.Hour), time.Second), "nothing is awaited")
	w.Add(numbered(1, 1)[0])
	require.NoError(t, w.Send())
	require.False(t, w.Overdue(now, time.Second))
	require.True(t, w.Overdue(time.Now().Add(2*time.Second), time.Second))
	require.NoError(t, b.settle(w))
	require.False(t, w.Overdue(time.Now().Add(2*time.Second), time.Second))
}

// A second writer is refused, whole, and so is the first once another has
// gone on in its place.
func TestWriterIsFenced(t *testing.T) {
	forms(t, func(b *book, batch bool) {
		first, second := b.writer(Tail{}, batch), b.writer(Tail{}, batch)
		b.send(first, numbered(1, 300)...)

		requireFenced(b, second, numbered(1, 300))
		require.Zero(b.t, second.Stored())
		require.Len(b.t, b.stored(), 300)

		third := b.writer(b.tail(), batch)
		b.send(third, numbered(301, 300)...)
		requireFenced(b, first, numbered(301, 300))
		require.EqualValues(b.t, 300, first.Stored())
		b.requireUnbroken(600)
	})
}

// Two writers that go on from the same end have the same message for the same
// place, so that even where one's pipelined messages slip in behind the
// other's, the ledger is one unbroken run.
func TestTwoWritersAtOnce(t *testing.T) {
	forms(t, func(b *book, batch bool) {
		a, z := b.writer(Tail{}, batch), b.writer(Tail{}, batch)
		for _, w := range []*Writer{a, z} {
			for _, m := range numbered(1, 900) {
				w.Add(m)
			}
		}
		sent := make(chan error)
		go func() { sent <- a.Send() }()
		require.NoError(b.t, z.Send())
		require.NoError(b.t, <-sent)
		_, _ = b.settle(a), b.settle(z)
		n := int(b.tail().Fence)
		require.Positive(b.t, n)
		b.requireUnbroken(n)
		require.LessOrEqual(b.t, max(a.Stored(), z.Stored()), uint64(n), "nobody believes more than there is")
	})
}

// Of what a zombie sends, all that is believed stored is stored.
func TestZombieBehindANewcomer(t *testing.T) {
	b := newBook(t)
	zombie, newcomer := b.writer(Tail{}, false), b.writer(Tail{}, false)
	b.send(newcomer, numbered(1, 3)...)
	for _, m := range numbered(1, 600) {
		zombie.Add(m)
	}
	require.NoError(t, zombie.Send())
	require.NoError(t, b.settle(zombie), "the newcomer did its first three for it")
	b.requireUnbroken(600)
	requireFenced(b, newcomer, numbered(4, 2))
	b.requireUnbroken(600)
}

// requireUnbroken proves that the ledger is the run of the inputs 1 to n.
func (b *book) requireUnbroken(n int) {
	b.t.Helper()
	all := b.stored()
	require.Len(b.t, all, n)
	for i, m := range all {
		require.Equal(b.t, Mark{uint64(i + 1), 1, 1}.String(), m.Headers().Get(HeaderMark))
		require.Equal(b.t, fmt.Sprint(i+1), string(m.Data()))
	}
}

func requireFenced(b *book, w *Writer, messages []Message) {
	b.t.Helper()
	for _, m := range messages {
		w.Add(m)
	}
	require.NoError(b.t, w.Send())
	err := b.settle(w)
	var refused *RefusedError
	require.ErrorAs(b.t, err, &refused)
	require.True(b.t, refused.Fenced, refused.Error())
}

// A writer far ahead of the ledger, as after messages that got lost on the
// way, is refused as well.
func TestWriterBehindAGapIsFenced(t *testing.T) {
	forms(t, func(b *book, batch bool) {
		requireFenced(b, b.writer(Tail{Fence: 5}, batch), numbered(6, 3))
		require.Empty(b.t, b.stored())
	})
}

func TestWriterWithoutAStream(t *testing.T) {
	forms(t, func(b *book, batch bool) {
		w := b.writer(Tail{}, batch)
		for range 2 {
			w.Add(Message{Subject: "nowhere.clean", Mark: Mark{1, 1, 1}})
		}
		require.NoError(b.t, w.Send())
		var refused *RefusedError
		require.ErrorAs(b.t, b.settle(w), &refused)
		assert.False(b.t, refused.Fenced)
		assert.EqualError(b.t, refused, "store results: the server refused: no stream takes the subject (status 503)")
	})
}

func TestWriterWithoutAConnection(t *testing.T) {
	forms(t, func(b *book, batch bool) {
		w := b.writer(Tail{}, batch)
		b.nc.Close()
		w.Add(numbered(1, 1)[0])
		w.Add(numbered(2, 1)[0])
		require.ErrorIs(b.t, w.Send(), nats.ErrConnectionClosed)
		_, err := NewWriter(b.nc, Tail{}, batch)
		require.ErrorIs(b.t, err, nats.ErrConnectionClosed)
	})
}

// A confirmation counts only in its turn: a refusal can overtake those before
// it, and what follows it must not be taken for stored.
func TestConfirmRefuses(t *testing.T) {
	b := newBook(t)
	confirm := func(asked int, change func(w *Writer, answers []*nats.Msg) *nats.Msg) error {
		w := b.writer(b.tail(), false)
		start := w.Stored()
		var answers []*nats.Msg
		for i := range asked {
			w.Add(numbered(int(start)+i+1, 1)[0])
			require.NoError(t, w.Send())
			answers = append(answers, b.answer(w))
		}
		err := w.Confirm(change(w, answers))
		require.Equal(t, start, w.Stored(), "what is doubtful is not stored")
		return err
	}
	with := func(body string) func(*Writer, []*nats.Msg) *nats.Msg {
		return func(_ *Writer, a []*nats.Msg) *nats.Msg {
			a[0].Data = []byte(body)
			return a[0]
		}
	}
	for _, c := range []struct {
		name   string
		asked  int
		change func(w *Writer, answers []*nats.Msg) *nats.Msg
		says   string
		fenced bool
	}{
		{"the second before the first", 2, func(_ *Writer, a []*nats.Msg) *nats.Msg { return a[1] }, "out of order", false},
		{"one nobody asked for", 0, func(w *Writer, _ []*nats.Msg) *nats.Msg {
			return &nats.Msg{Subject: w.inbox[0], Data: []byte(`{"seq":1}`)}
		}, "out of order", false},
		{"not understood", 1, with("<html>"), "is not understood", false},
		{"a sequence of the past", 1, with(`{"stream":"L","seq":0}`), "confirmed sequence 0", false},
		{"a sequence of the future", 1, with(`{"stream":"L","seq":9999}`), "confirmed sequence 9999", false},
		{"a conflicting write", 1, with(`{"error":{"code":400,"err_code":10164,"description":"conflict"}}`), "conflict", true},
		{"no space", 1, with(`{"error":{"code":503,"err_code":10023,"description":"insufficient resources\n"}}`), "refused: insufficient resources", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := confirm(c.asked, c.change)
			var refused *RefusedError
			require.True(t, errors.As(err, &refused))
			assert.ErrorContains(t, err, c.says)
			assert.Equal(t, c.fenced, refused.Fenced)
		})
	}
}

// Answers go round the reply subjects many times.
func TestConfirmGoesRound(t *testing.T) {
	b := newBook(t)
	w := b.writer(Tail{}, false)
	for i := range 3*replies + 5 {
		b.send(w, numbered(i+1, 1)...)
		require.EqualValues(t, i+1, w.Stored())
	}
}

// A message of more parts than the window, cut off in the middle: the tail
// says at which part to go on.
func TestPartsOfOneMessage(t *testing.T) {
	forms(t, func(b *book, batch bool) {
		const parts = 5000
		part := func(i int) Message { return Message{Subject: subject, Mark: Mark{1, i, parts}} }
		w := b.writer(Tail{}, batch)
		for i := 1; i <= 700; i++ {
			w.Add(part(i))
		}
		require.NoError(b.t, w.Send())
		require.NoError(b.t, b.settle(w))
		tail := b.tail()
		next, done := tail.Mark.Next()
		require.Equal(b.t, "1 700", fmt.Sprint(next, done))
		w = b.writer(tail, batch)
		for i := done + 1; i <= parts; {
			for ; i <= parts && w.Room() > 0; i++ {
				w.Add(part(i))
			}
			require.NoError(b.t, w.Send())
			require.NoError(b.t, b.settle(w))
		}
		all := b.stored()
		require.Len(b.t, all, parts)
		for i, m := range all {
			require.Equal(b.t, Mark{1, i + 1, parts}.String(), m.Headers().Get(HeaderMark))
		}
		next, done = b.tail().Mark.Next()
		require.Equal(b.t, "2 0", fmt.Sprint(next, done))
	})
}

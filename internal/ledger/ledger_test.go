package ledger

import (
	"context"
	"fmt"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/npiflow/npiflow/internal/broker"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	name     = "L"
	subjects = "r.>"
	subject  = "r.clean"
)

// book is a ledger on a server of its own.
type book struct {
	t      *testing.T
	nc     *nats.Conn
	js     jetstream.JetStream
	stream jetstream.Stream
}

func newBook(t *testing.T) *book {
	t.Parallel()
	srv, err := broker.Embed(t.TempDir(), "127.0.0.1:0", false)
	require.NoError(t, err)
	t.Cleanup(srv.Close)
	nc, err := nats.Connect(srv.URL())
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	s, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: name, Subjects: []string{subjects}, AllowAtomicPublish: true, AllowDirect: true})
	require.NoError(t, err)
	return &book{t, nc, js, s}
}

func (b *book) tail() Tail {
	b.t.Helper()
	tail, err := ReadTail(b.t.Context(), b.js, name, subjects)
	require.NoError(b.t, err)
	return tail
}

// write stores messages that name the inputs 1 to n.
func (b *book) write(n int) {
	b.t.Helper()
	for i := range n {
		b.publish(Mark{uint64(i + 1), 1, 1}.String())
	}
}

func (b *book) publish(mark string) {
	b.t.Helper()
	m := &nats.Msg{Subject: subject, Header: nats.Header{}}
	if mark != "" {
		m.Header.Set(HeaderMark, mark)
	}
	_, err := b.js.PublishMsg(b.t.Context(), m)
	require.NoError(b.t, err)
}

// stored is everything in the ledger.
func (b *book) stored() []jetstream.Msg {
	b.t.Helper()
	info, err := b.stream.Info(b.t.Context())
	require.NoError(b.t, err)
	n := int(info.State.Msgs)
	if n == 0 {
		return nil
	}
	c, err := b.js.OrderedConsumer(b.t.Context(), name, jetstream.OrderedConsumerConfig{})
	require.NoError(b.t, err)
	batch, err := c.Fetch(n)
	require.NoError(b.t, err)
	var all []jetstream.Msg
	for m := range batch.Messages() {
		all = append(all, m)
	}
	require.Len(b.t, all, n)
	return all
}

func TestReadTail(t *testing.T) {
	for _, c := range []struct {
		name  string
		do    func(b *book)
		tail  Tail
		empty bool
	}{
		{"nothing was ever stored", func(*book) {}, Tail{}, true},
		{"three messages", func(b *book) { b.write(3) }, Tail{3, Mark{3, 1, 1}}, false},
		{"in the middle of a message's parts", func(b *book) { b.write(1); b.publish("2/4/9") }, Tail{2, Mark{2, 4, 9}}, false},
		{"aged out", func(b *book) {
			b.write(5)
			require.NoError(b.t, b.stream.Purge(b.t.Context()))
		}, Tail{Fence: 5}, true},
		{"aged out but for the last", func(b *book) {
			b.write(5)
			require.NoError(b.t, b.stream.Purge(b.t.Context(), jetstream.WithPurgeKeep(1)))
		}, Tail{5, Mark{5, 1, 1}}, false},
		{"the last message was deleted: it is made again", func(b *book) {
			b.write(5)
			require.NoError(b.t, b.stream.DeleteMsg(b.t.Context(), 5))
		}, Tail{5, Mark{4, 1, 1}}, false},
		{"every message was deleted", func(b *book) {
			b.write(2)
			require.NoError(b.t, b.stream.DeleteMsg(b.t.Context(), 1))
			require.NoError(b.t, b.stream.DeleteMsg(b.t.Context(), 2))
		}, Tail{Fence: 2}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBook(t)
			c.do(b)
			tail := b.tail()
			assert.Equal(t, c.tail, tail)
			assert.Equal(t, c.empty, tail.Empty())
			b.send(b.writer(tail, false), Message{Subject: subject, Mark: Mark{9, 1, 1}})
			assert.Equal(t, Tail{tail.Fence + 1, Mark{9, 1, 1}}, b.tail(), "what follows passes the fence")
		})
	}
}

func TestReadTailRefuses(t *testing.T) {
	for name, do := range map[string]func(b *book){
		"a message without a mark": func(b *book) { b.write(2); b.publish("") },
		"a mark of somebody else":  func(b *book) { b.publish("ROE, JANE") },
		"behind a deleted message": func(b *book) {
			b.publish("ROE, JANE")
			b.write(1)
			require.NoError(b.t, b.stream.DeleteMsg(b.t.Context(), 2))
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBook(t)
			do(b)
			_, err := ReadTail(t.Context(), b.js, "L", subjects)
			require.ErrorContains(t, err, "read the end of ledger L: message ")
			require.ErrorContains(t, err, "was not written by npiflow")
			require.NotContains(t, err.Error(), "ROE")
		})
	}
	t.Run("no such ledger", func(t *testing.T) {
		b := newBook(t)
		_, err := ReadTail(t.Context(), b.js, "M", subjects)
		require.ErrorIs(t, err, jetstream.ErrStreamNotFound)
	})
	t.Run("time is over", func(t *testing.T) {
		b := newBook(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := ReadTail(ctx, b.js, "L", subjects)
		require.ErrorIs(t, err, context.Canceled)
	})
}

// Fence and mark are of one message, however fast the ledger grows.
func TestReadTailOfAGrowingLedger(t *testing.T) {
	b := newBook(t)
	w := b.writer(Tail{}, false)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 3000 {
			w.Add(Message{Subject: subject, Mark: Mark{uint64(i + 1), 1, 1}})
			if w.Send() != nil {
				return
			}
			for w.Unconfirmed() > 8 {
				if w.Confirm(<-w.Answers()) != nil {
					return
				}
			}
		}
	}()
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
		}
		tail, err := ReadTail(t.Context(), b.js, name, subjects)
		if err != nil {
			require.ErrorIs(t, err, errMoving, "it may be too fast to be read")
			continue
		}
		require.Equal(t, tail.Fence, tail.Mark.Sequence)
	}
	require.GreaterOrEqual(t, b.tail().Fence, uint64(2900))
}

func TestMark(t *testing.T) {
	for _, c := range []struct {
		text string
		mark Mark
		next uint64
		done int
	}{
		{"7/1/1", Mark{7, 1, 1}, 8, 0},
		{"7/1/3", Mark{7, 1, 3}, 7, 1},
		{"7/2/3", Mark{7, 2, 3}, 7, 2},
		{"7/3/3", Mark{7, 3, 3}, 8, 0},
		{"18446744073709551615/1/2", Mark{1<<64 - 1, 1, 2}, 1<<64 - 1, 1},
	} {
		m, err := ParseMark(c.text)
		require.NoError(t, err)
		assert.Equal(t, c.mark, m)
		assert.Equal(t, c.text, m.String())
		next, done := m.Next()
		assert.Equal(t, c.next, next, c.text)
		assert.Equal(t, c.done, done, c.text)
	}
	next, done := Mark{}.Next()
	assert.Equal(t, "1 0", fmt.Sprint(next, done), "before everything")
	for _, s := range []string{"", "7", "7/1", "7/1/", "/1/1", "7/1/1/1", "0/1/1", "7/0/1", "7/2/1", "-7/1/1", "7/-1/1", "a/b/c", "7 /1/1", "7/1/99999999999999999999", "18446744073709551616/1/1"} {
		m, err := ParseMark(s)
		require.Error(t, err, s)
		assert.Zero(t, m)
	}
}

func FuzzParseMark(f *testing.F) {
	for _, s := range []string{"7/1/1", "7/2/3", "0/0/0", "//", "007/1/1", "7/+1/1", "18446744073709551615/9223372036854775807/9223372036854775807", "7/1/1\r\nX: 1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := ParseMark(s)
		if err != nil {
			require.Zero(t, m)
			return
		}
		require.NotZero(t, m.Sequence)
		require.GreaterOrEqual(t, m.Part, 1)
		require.LessOrEqual(t, m.Part, m.Parts)
		back, err := ParseMark(m.String())
		require.NoError(t, err)
		require.Equal(t, m, back)
	})
}

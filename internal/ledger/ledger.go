// Package ledger stores results in order behind a fence, and reads where the
// stored ones end. It knows no domain: a result is a message with a mark.
//
// A ledger is a stream with one writer. Every message carries the stream
// sequence it expects to follow (the fence), so a second writer, or a message
// lost on the way, makes the server refuse everything after it: what is stored
// is always an unbroken run. Every message also names the input it is for (the
// mark), so the last message alone says where to go on, after any crash of
// writer or server and any length of downtime.
package ledger

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// HeaderMark is the header that names a message's input.
const HeaderMark = "Npi-Source"

// Mark names the input a result is for: part Part (from 1) of Parts of the
// input message with this stream sequence. The zero Mark is before everything.
type Mark struct {
	Sequence    uint64
	Part, Parts int
}

// Append appends the wire form "sequence/part/parts".
func (m Mark) Append(b []byte) []byte {
	b = strconv.AppendUint(b, m.Sequence, 10)
	b = strconv.AppendInt(append(b, '/'), int64(m.Part), 10)
	return strconv.AppendInt(append(b, '/'), int64(m.Parts), 10)
}

// String gives the wire form.
func (m Mark) String() string { return string(m.Append(nil)) }

// ParseMark reads the wire form.
func ParseMark(s string) (Mark, error) {
	bad := fmt.Errorf("read a mark: %d bytes that are not sequence/part/parts", len(s))
	a, rest, ok1 := strings.Cut(s, "/")
	b, c, ok2 := strings.Cut(rest, "/")
	if !ok1 || !ok2 {
		return Mark{}, bad
	}
	seq, err1 := strconv.ParseUint(a, 10, 64)
	part, err2 := strconv.Atoi(b)
	parts, err3 := strconv.Atoi(c)
	if err1 != nil || err2 != nil || err3 != nil || seq == 0 || part < 1 || part > parts {
		return Mark{}, bad
	}
	return Mark{seq, part, parts}, nil
}

// Next is the input sequence to go on with, and how many of its parts are
// stored already.
func (m Mark) Next() (sequence uint64, done int) {
	if m.Part < m.Parts {
		return m.Sequence, m.Part
	}
	return m.Sequence + 1, 0
}

// Tail is where a ledger ends.
type Tail struct {
	Fence uint64 // stream sequence of its last message
	Mark  Mark   // input of its last message; zero where the ledger holds none
}

// Empty reports whether the ledger holds no message to go on from.
func (t Tail) Empty() bool { return t.Mark == Mark{} }

// errMoving says that somebody stored a message while the tail was read.
var errMoving = errors.New("the ledger grew while its end was read")

// ReadTail reads where the ledger on stream ends. Fence and mark come from the
// same message: read apart, a dead writer's last bytes, still in the server's
// socket, could be stored between the two reads and be made again.
func ReadTail(ctx context.Context, js jetstream.JetStream, stream, subjects string) (Tail, error) {
	for try := 0; ; try++ {
		t, err := readTail(ctx, js, stream, subjects)
		if !errors.Is(err, errMoving) || try == 20 {
			if err != nil {
				return Tail{}, fmt.Errorf("read the end of ledger %s: %w", stream, err)
			}
			return t, nil
		}
	}
}

func readTail(ctx context.Context, js jetstream.JetStream, stream, subjects string) (Tail, error) {
	s, err := js.Stream(ctx, stream)
	if err != nil {
		return Tail{}, err
	}
	before := s.CachedInfo().State.LastSeq
	m, err := s.GetLastMsgForSubject(ctx, subjects)
	switch {
	case err == nil && m.Sequence == before:
		mark, err := markOf(m)
		return Tail{before, mark}, err
	case err != nil && !errors.Is(err, jetstream.ErrMsgNotFound):
		return Tail{}, err
	}
	// The last message is younger than the first look, or it aged out or was
	// deleted. If the sequence stands still, it is the latter.
	info, err2 := s.Info(ctx)
	if err2 != nil {
		return Tail{}, err2
	}
	if info.State.LastSeq != before {
		return Tail{}, errMoving
	}
	if err != nil {
		return Tail{Fence: before}, nil
	}
	mark, err := markOf(m)
	return Tail{before, mark}, err
}

func markOf(m *jetstream.RawStreamMsg) (Mark, error) {
	mark, err := ParseMark(m.Header.Get(HeaderMark))
	if err != nil {
		return Mark{}, fmt.Errorf("message %d was not written by npiflow: %w", m.Sequence, err)
	}
	return mark, nil
}

// HeaderID is the header that names the record a message is about.
const HeaderID = "Npi-Record-Id"

// Message is one result to be stored.
type Message struct {
	Subject string
	Mark    Mark
	ID      string      // of the record it is about; "" for none
	Header  nats.Header // further headers, such as the trace context, or nil
	Data    []byte
	Body    *Body // Data's memory, to be used again once it is sent; nil if it is not a Body's
}

// Body is memory for a message's data. At some hundred megabytes of results a
// second, using it again is a third less work for the collector.
type Body struct{ memory []byte }

// bodyMost is the largest memory worth keeping.
const bodyMost = 64 << 10

var bodies = sync.Pool{New: func() any { return &Body{make([]byte, 0, 2048)} }}

// NewBody gives a Body to append one message's data to. The writer takes it
// back when it has sent the message; one that is never sent is garbage.
func NewBody() *Body { return bodies.Get().(*Body) }

// Bytes is empty, with room.
func (b *Body) Bytes() []byte { return b.memory[:0] }

// sent takes a message's memory back.
func (m *Message) sent() {
	if m.Body != nil && cap(m.Data) <= bodyMost {
		m.Body.memory = m.Data
		bodies.Put(m.Body)
	}
}

// RefusedError says the server did not store a message. Fenced is the usual
// cause: somebody else wrote. What was sent after it is then refused as well,
// or, if it was exactly one message that somebody else stored, taken in its
// place: both writers went on from the same end, so both would have put the
// same input's result there, and the ledger is whole either way.
type RefusedError struct {
	Fenced bool
	Reason string
}

// Error gives the server's words.
func (e *RefusedError) Error() string { return "store results: the server refused: " + e.Reason }

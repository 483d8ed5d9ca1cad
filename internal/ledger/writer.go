package ledger

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
)

const (
	headerFence       = "Nats-Expected-Last-Sequence"
	headerBatch       = "Nats-Batch-Id"
	headerBatchSeq    = "Nats-Batch-Sequence"
	headerBatchCommit = "Nats-Batch-Commit"
)

const (
	// window bounds the messages sent and not yet confirmed.
	window = 4096
	// confirmEvery is how often a confirmation is asked for within a run of
	// single publishes. One answer covers all before it, because behind the
	// fence a message is stored only if all before it are.
	confirmEvery = 256
	// batchMax is the server's limit for one atomic batch.
	batchMax = 1000
	// replies is how many reply subjects are used in turn. Few of them keep
	// the server's subject caches warm.
	replies = 64
)

// Writer stores messages in order. It is used by one goroutine; the answers
// arrive on Answers and must be given back to Confirm in the order they came.
//
// In the single form each message is published by itself. In the batch form
// (for servers that fsync each write) up to a thousand are stored with one
// fsync, all or nothing, one batch at a time.
type Writer struct {
	nc       *nats.Conn
	answers  chan *nats.Msg
	sub      *nats.Subscription
	inbox    []string
	asked    int // confirmations asked for, to walk through the reply subjects
	answered int
	batch    bool
	batches  uint64

	sent      uint64 // stream sequence of the last message sent
	confirmed uint64 // stream sequence of the last message known stored
	waiting   []time.Time
	buffer    []Message
	msg       nats.Msg // reused for each publish, with its headers below
	fence     []string
	mark      []string
	id        []string
	scratch   []byte
}

// NewWriter starts to write after the given tail. The caller closes it.
func NewWriter(nc *nats.Conn, tail Tail, batch bool) (*Writer, error) {
	w := &Writer{nc: nc, batch: batch, sent: tail.Fence, confirmed: tail.Fence,
		answers: make(chan *nats.Msg, window+replies),
		msg:     nats.Msg{Header: nats.Header{}}, fence: []string{""}, mark: []string{""}, id: []string{""}}
	root := nc.NewInbox()
	for i := range replies {
		w.inbox = append(w.inbox, root+"."+strconv.Itoa(i))
	}
	var err error
	if w.sub, err = nc.ChanSubscribe(root+".*", w.answers); err != nil {
		return nil, fmt.Errorf("listen for confirmations: %w", err)
	}
	return w, nil
}

// Close stops listening. What was sent may still be stored.
func (w *Writer) Close() { _ = w.sub.Unsubscribe() }

// Answers is where confirmations arrive.
func (w *Writer) Answers() <-chan *nats.Msg { return w.answers }

// Room is how many more messages may be added now.
func (w *Writer) Room() int {
	if w.batch {
		if w.sent != w.confirmed {
			return 0 // one batch at a time: its confirmation is the flow control
		}
		return batchMax - len(w.buffer)
	}
	return window - int(w.sent-w.confirmed) - len(w.buffer)
}

// Add takes a message for the next Send and returns the stream sequence it
// will have.
func (w *Writer) Add(m Message) uint64 {
	w.buffer = append(w.buffer, m)
	return w.sent + uint64(len(w.buffer))
}

// Unconfirmed is how many messages were sent and not yet confirmed.
func (w *Writer) Unconfirmed() int { return int(w.sent - w.confirmed) }

// Stored is the stream sequence up to which everything is known stored.
func (w *Writer) Stored() uint64 { return w.confirmed }

// Overdue reports whether a confirmation has been awaited for longer than d.
func (w *Writer) Overdue(now time.Time, d time.Duration) bool {
	return len(w.waiting) > 0 && now.Sub(w.waiting[0]) > d
}

// Send publishes what was added. A crash in here leaves an unbroken run of
// messages, or in the batch form all or none: the next start reads the tail
// and makes the rest again. An error means the connection is gone; the writer
// is then of no more use.
func (w *Writer) Send() error {
	if len(w.buffer) == 0 {
		return nil
	}
	var err error
	if w.batch && len(w.buffer) > 1 {
		err = w.sendBatch()
	} else {
		err = w.sendSingles()
	}
	if err == nil { // the connection has copied them
		for i := range w.buffer {
			w.buffer[i].sent()
		}
	}
	clear(w.buffer)
	w.buffer = w.buffer[:0]
	if err != nil {
		return fmt.Errorf("send results: %w", err)
	}
	return nil
}

func (w *Writer) sendSingles() error {
	for i := range w.buffer {
		w.header(&w.buffer[i])
		w.expect()
		last := i == len(w.buffer)-1
		if err := w.publish(last || (i+1)%confirmEvery == 0); err != nil {
			return err
		}
	}
	return nil
}

func (w *Writer) sendBatch() error {
	w.batches++
	id := w.inbox[0][len(w.inbox[0])-24:] + strconv.FormatUint(w.batches, 36)
	for i := range w.buffer {
		w.header(&w.buffer[i])
		w.msg.Header[headerBatch] = []string{id}
		w.msg.Header[headerBatchSeq] = []string{strconv.Itoa(i + 1)}
		if i == 0 {
			w.expect()
		}
		last := i == len(w.buffer)-1
		if last {
			w.msg.Header[headerBatchCommit] = []string{"1"}
		}
		if err := w.publish(last); err != nil {
			return err
		}
	}
	return nil
}

// header prepares the reused message for m.
func (w *Writer) header(m *Message) {
	h := w.msg.Header
	clear(h)
	for k, v := range m.Header {
		h[k] = v
	}
	w.scratch = m.Mark.Append(w.scratch[:0])
	w.mark[0] = string(w.scratch)
	h[HeaderMark] = w.mark
	if m.ID != "" {
		w.id[0] = m.ID
		h[HeaderID] = w.id
	}
	w.msg.Subject, w.msg.Data, w.msg.Reply = m.Subject, m.Data, ""
}

// expect puts the fence on the reused message.
func (w *Writer) expect() {
	w.scratch = strconv.AppendUint(w.scratch[:0], w.sent, 10)
	w.fence[0] = string(w.scratch)
	w.msg.Header[headerFence] = w.fence
}

func (w *Writer) publish(confirm bool) error {
	if confirm {
		w.msg.Reply = w.inbox[w.asked%replies]
		w.asked++
		w.waiting = append(w.waiting, time.Now())
	}
	w.sent++
	return w.nc.PublishMsg(&w.msg)
}

// pubAck is the server's answer to a publish.
type pubAck struct {
	Sequence uint64 `json:"seq"`
	Error    *struct {
		Code        int    `json:"err_code"`
		Description string `json:"description"`
	} `json:"error"`
}

// The server's codes for a failed fence.
const (
	codeWrongLastSequence = 10071
	codeSequenceConflict  = 10164 // replicated: a conflicting write is in flight
)

// Confirm takes one answer. After it, Stored may have moved. The error is a
// *RefusedError where the server refused, and ends the writer's use.
//
// Answers must come in the order they were asked for: a refusal can overtake
// earlier confirmations, and trusting its place would mark messages as stored
// that were not.
func (w *Writer) Confirm(m *nats.Msg) error {
	if m.Subject != w.inbox[w.answered%replies] || len(w.waiting) == 0 {
		return &RefusedError{Reason: "a confirmation is missing or came out of order"}
	}
	w.answered++
	w.waiting = w.waiting[1:]
	if len(m.Data) == 0 {
		return &RefusedError{Reason: "no stream takes the subject (status " + m.Header.Get("Status") + ")"}
	}
	var a pubAck
	if err := json.Unmarshal(m.Data, &a); err != nil {
		return &RefusedError{Reason: "the confirmation is not understood"}
	}
	if a.Error != nil {
		return &RefusedError{
			Fenced: a.Error.Code == codeWrongLastSequence || a.Error.Code == codeSequenceConflict,
			Reason: string(bytes.TrimSpace([]byte(a.Error.Description))),
		}
	}
	if a.Sequence <= w.confirmed || a.Sequence > w.sent {
		return &RefusedError{Reason: fmt.Sprintf("confirmed sequence %d, but %d to %d were sent", a.Sequence, w.confirmed+1, w.sent)}
	}
	w.confirmed = a.Sequence
	return nil
}

package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/semaphore"

	"github.com/npiflow/npiflow/internal/broker"
	"github.com/npiflow/npiflow/internal/ledger"
	"github.com/npiflow/npiflow/internal/pipeline"
	"github.com/npiflow/npiflow/internal/record"
)

const (
	// atWork and atWorkBytes bound the records held at once.
	atWork      = 256
	atWorkBytes = 64 << 20
	// confirmWithin is how long the server may take to confirm a result.
	confirmWithin = 15 * time.Second
	// lastWord is how long an interrupted run waits for confirmations.
	lastWord = 5 * time.Second
)

var errSilent = errors.New("the server owes a confirmation")

// replay is one run. Its results are a ledger as the live ones are: stored in
// input order behind a fence, each naming its input. So the last of them says
// where an interrupted run goes on, however long ago that was.
//
// Unlike a lane's, this ledger shares its stream with those of other runs, and
// there the fence alone, a number, is not enough: when another run stores one
// message just then, the first of ours is refused and the second, expecting
// exactly one before it, is taken. So each message also names its predecessor.
type replay struct {
	nc       *nats.Conn
	js       jetstream.JetStream
	topology broker.Topology
	pipeline *pipeline.Pipeline
	lanes    []broker.Lane
	bar      *bar

	name         string
	from, to     uint64 // stream sequences, both included
	since, until time.Time
	timeout      time.Duration

	started  bool
	resumed  uint64 // the message up to which an earlier run was done; 0 for none
	unsure   []posted
	chain    chain
	verdicts map[record.Verdict]int // of what is stored
	patience *patience
}

// chain gives the messages of one session ids of their own, and each the id of
// the one before it to expect.
type chain struct{ session, last string }

func newChain() chain { return chain{session: rand.Text()[:10]} }

func (c *chain) link(m *ledger.Message) {
	h := nats.Header{} // the ledger carries it as it carries trace context
	if c.last != "" {
		h[jetstream.ExpectedLastMsgIDHeader] = []string{c.last}
	}
	c.last = c.session + "-" + m.Mark.String()
	h[jetstream.MsgIDHeader] = []string{c.last}
	m.Header = h
}

// posted is a result sent and not known stored.
type posted struct {
	mark    ledger.Mark
	at      uint64 // its sequence in the audit stream
	verdict record.Verdict
}

// slot is a message at work. Its results are there once done is closed.
type slot struct {
	sequence uint64
	bytes    int64
	results  []result
	err      error
	posted   int // results sent
	done     chan struct{}
}

// taking is what a session has taken in and not yet sent.
type taking struct {
	slots   chan *slot // in input order; closed at the end of the range
	held    *semaphore.Weighted
	workers sync.WaitGroup
	err     error // why reading ended early; set before slots is closed
}

type result struct {
	message ledger.Message
	verdict record.Verdict
}

// work runs sessions until the range is done.
func (r *replay) work(ctx context.Context) error {
	r.patience = newPatience(r.timeout)
	for {
		err := r.session(ctx)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		}
		if err := r.patience.again(ctx, r.nc, err); err != nil {
			return err
		}
	}
}

// session works from where the run's ledger ends to the end of the range, or
// until something is not as it was left.
func (r *replay) session(parent context.Context) error {
	lost := r.nc.StatusChanged(nats.DISCONNECTED, nats.RECONNECTING, nats.CLOSED)
	defer r.nc.RemoveStatusListener(lost)
	if !r.nc.IsConnected() {
		return errLost
	}
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	tail, err := r.tail(ctx)
	if err != nil {
		return err
	}
	writer, err := ledger.NewWriter(r.nc, tail, false)
	if err != nil {
		return err
	}
	defer writer.Close()

	in := &taking{slots: make(chan *slot, atWork), held: semaphore.NewWeighted(atWorkBytes)}
	in.workers.Go(func() {
		defer close(in.slots)
		in.err = r.read(ctx, tail.Mark, in)
	})
	err = r.store(parent, writer, tail.Mark, in, lost)
	cancel()
	for range in.slots { // whatever was still handed over
	}
	in.workers.Wait()
	if err == nil {
		err = in.err
	}
	return err
}

// tail reads where the run's ledger ends, and counts what turns out stored of
// the session before.
func (r *replay) tail(ctx context.Context) (ledger.Tail, error) {
	ctx, stop := context.WithTimeout(ctx, 20*time.Second)
	defer stop()
	tail, err := ledger.ReadTail(ctx, r.js, r.topology.Name("AUDIT"), r.subjects())
	if err != nil {
		return tail, err
	}
	if !r.started {
		r.started, r.resumed = true, tail.Mark.Sequence
	}
	r.count(func(p posted) bool {
		return p.mark.Sequence < tail.Mark.Sequence || p.mark.Sequence == tail.Mark.Sequence && p.mark.Part <= tail.Mark.Part
	})
	r.unsure, r.chain = nil, newChain()
	return tail, nil
}

// count lets go of what is known stored.
func (r *replay) count(stored func(posted) bool) {
	for len(r.unsure) > 0 && stored(r.unsure[0]) {
		p := r.unsure[0]
		r.unsure = r.unsure[1:]
		r.verdicts[p.verdict]++
		r.bar.set(int64(p.mark.Sequence-min(p.mark.Sequence, r.from)) + 1)
		r.patience.succeeded()
	}
}

// errBeyond says that the end of the range was reached.
var errBeyond = errors.New("beyond the range")

// read starts the work on each message of the range, in order.
func (r *replay) read(ctx context.Context, done ledger.Mark, in *taking) error {
	f := feed{stream: r.topology.Records(), filters: r.filters(), from: r.from, since: r.since}
	next, _ := done.Next()
	switch {
	case done.Sequence > 0:
		f.from = max(r.from, next)
	case !r.since.IsZero():
		f.from = 0
	}
	if max(f.from, 1) > r.to {
		return nil
	}
	err := f.read(ctx, r.nc, r.js, false, func(m jetstream.Msg, meta *jetstream.MsgMetadata) error {
		if meta.Sequence.Stream > r.to || !r.until.IsZero() && !meta.Timestamp.Before(r.until) {
			return errBeyond
		}
		lane, ok := r.laneOf(m.Subject())
		if !ok {
			return nil
		}
		s := &slot{sequence: meta.Sequence.Stream, bytes: min(int64(len(m.Data())), atWorkBytes), done: make(chan struct{})}
		if err := in.held.Acquire(ctx, s.bytes); err != nil {
			return err
		}
		in.slots <- s // bounded; store takes them all, or the session drains them
		in.workers.Go(func() {
			defer close(s.done)
			s.results, s.err = r.judge(ctx, lane, m, meta)
		})
		return nil
	})
	if errors.Is(err, errBeyond) {
		return nil
	}
	return err
}

// store publishes the results of the slots in order, until there are no more
// and everything is confirmed. When the run is interrupted it sends nothing
// more, and waits for what was sent.
func (r *replay) store(ctx context.Context, w *ledger.Writer, stored ledger.Mark, in *taking, lost <-chan nats.Status) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	var (
		slots       = in.slots
		oldest      *slot
		interrupted = ctx.Done()
		stop        <-chan time.Time
	)
	for {
		if slots == nil && oldest == nil && w.Unconfirmed() == 0 {
			return ctx.Err()
		}
		incoming, worked := slots, (<-chan struct{})(nil)
		if oldest != nil {
			incoming = nil
			if w.Room() > 0 {
				worked = oldest.done
			}
		}
		select {
		case s, more := <-incoming:
			if oldest = s; !more {
				slots = nil
			} else if _, done := stored.Next(); s.sequence == stored.Sequence {
				s.posted = done // an earlier session was cut off between two parts
			}
		case <-worked:
			if err := r.post(w, oldest); err != nil {
				return err
			}
			if oldest.posted == len(oldest.results) {
				in.held.Release(oldest.bytes)
				oldest = nil
			}
		case a := <-w.Answers():
			if err := w.Confirm(a); err != nil {
				return err
			}
			r.count(func(p posted) bool { return p.at <= w.Stored() })
		case now := <-tick.C:
			if w.Overdue(now, confirmWithin) {
				return errSilent
			}
		case <-lost:
			return errLost
		case <-interrupted:
			interrupted, stop, slots, oldest = nil, time.After(lastWord), nil, nil
		case <-stop:
			return ctx.Err()
		}
	}
}

// post sends a message's results, as many as have room. A crash after it costs
// nothing: what arrived is found by the next session, what did not is made
// again.
func (r *replay) post(w *ledger.Writer, s *slot) error {
	if s.err != nil {
		return s.err
	}
	for ; s.posted < len(s.results) && w.Room() > 0; s.posted++ {
		res := s.results[s.posted]
		res.message.Mark = ledger.Mark{Sequence: s.sequence, Part: s.posted + 1, Parts: len(s.results)}
		r.chain.link(&res.message)
		at := w.Add(res.message)
		r.unsure = append(r.unsure, posted{res.message.Mark, at, res.verdict})
	}
	return w.Send()
}

// judge takes one message through the pipeline. One that can never be worked
// gets a result of verdict dead; its original is where it was, in the input
// stream, and no dead letter is written.
func (r *replay) judge(ctx context.Context, lane broker.Lane, m jetstream.Msg, meta *jetstream.MsgMetadata) ([]result, error) {
	in := pipeline.Message{Kind: lane.Kind, Data: m.Data(), Origin: record.Origin{
		Stream: r.topology.Records(), Sequence: meta.Sequence.Stream, ReceivedAt: meta.Timestamp.UTC(),
	}}
	vetted, err := r.process(ctx, in)
	results := make([]result, len(vetted))
	for i := range vetted {
		results[i] = r.encode(lane, &vetted[i].Result)
		if n := int64(len(results[i].message.Data)); n+headroom > r.nc.MaxPayload() {
			err = &record.MalformedError{Reason: fmt.Sprintf("its result would have %d bytes, more than the server takes (max_payload): split the record, or raise max_payload", n)}
		}
	}
	if malformed := (*record.MalformedError)(nil); errors.As(err, &malformed) {
		dead := r.pipeline.DeadResult(in, record.DeadLetter{Subject: m.Subject(), Reason: malformed.Reason})
		return []result{r.encode(lane, &dead)}, nil
	}
	return results, err
}

// headroom is what headers may add to a message's size.
const headroom = 4 << 10

// process is the pipeline, in which one message that makes it panic does not
// end the run: it would do so again at every start.
func (r *replay) process(ctx context.Context, in pipeline.Message) (vetted []pipeline.Vetted, err error) {
	defer func() {
		if recover() != nil { // its value may quote the payload
			vetted, err = nil, &record.MalformedError{Reason: "npiflow itself failed on this message (internal error); please report it"}
		}
	}()
	return r.pipeline.Process(ctx, in, true)
}

func (r *replay) encode(lane broker.Lane, res *record.Result) result {
	return result{verdict: res.Verdict, message: ledger.Message{
		Subject: r.topology.Subject("audit", r.name, lane.Name, string(res.Verdict)),
		ID:      res.ID, Data: res.AppendJSON(nil),
	}}
}

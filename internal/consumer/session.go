package consumer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/npiflow/npiflow/internal/ledger"
)

const (
	// inFlightBytes bounds the input and the results held at once: no more is
	// asked for while there are so many.
	inFlightBytes = 32 << 20
	// ackEvery is how many messages pass between two acks under load.
	ackEvery = 1000
	// confirmWithin is how long the server may take to confirm a result.
	confirmWithin = 15 * time.Second
	// burst bounds how many arrivals are worked before results are sent on.
	burst = 256
	// burstBytes does so for messages of many records.
	burstBytes = 1 << 20
)

var (
	errDrained      = errors.New("drained")
	errDisconnected = errors.New("the connection to the broker was lost")
	errSilent       = errors.New("the broker owes an answer")
)

// cause is the metric label for how a session ended.
func cause(err error) string {
	var refused *ledger.RefusedError
	switch {
	case errors.Is(err, errDrained):
		return endDrained
	case errors.Is(err, errDisconnected):
		return endDisconnected
	case errors.As(err, &refused) && refused.Fenced:
		return endFenced
	case refused != nil:
		return endRefused
	case errors.Is(err, errDisorder):
		return endDisorder
	case errors.Is(err, errSilent):
		return endSilent
	case errors.Is(err, errLeaseLost):
		return endLeaseLost
	}
	return endOther
}

// slot is one message in flight.
type slot struct {
	Delivery
	size    int    // of the input, which is let go once the results are sent
	results int    // bytes of them
	ack     string // reply subject for its ack
	outcome Outcome
	tried   bool // without waiting, and it was enough
	worked  bool
	part    int    // results sent so far
	last    uint64 // ledger sequence of its last result, once all are sent
}

// session is one unbroken run of a lane, worked by one goroutine; only the
// messages that have to wait are worked on others.
type session struct {
	*Lane
	ctx    context.Context
	writer *ledger.Writer
	pull   *puller
	done   chan *slot
	wg     sync.WaitGroup

	taken    []*slot // just arrived
	slots    []*slot // in flight, oldest first; the first [:sent] are sent whole
	sent     int
	bytes    int
	limit    int
	begun    ledger.Mark // of a message that is stored in part, else zero
	alone    int         // messages still to be worked one at a time
	le       *lease
	queue    []*slot // to be worked as soon as fewer wait
	waiting  int
	unacked  int
	ack      string
	draining bool
}

// session works the lane until something is not as it was left.
func (l *Lane) session(parent context.Context, drain <-chan struct{}, le *lease, calm *atomic.Bool) error {
	ctx, cancel := l.connected(parent)
	defer cancel(nil)
	startup, stop := context.WithTimeout(ctx, 20*time.Second)
	defer stop()
	tail, next, err := l.start(startup)
	if err != nil {
		return causeOr(ctx, err)
	}
	s := &session{Lane: l, ctx: ctx, le: le, limit: l.cfg.MaxInFlight,
		done: make(chan *slot, l.cfg.MaxInFlight)}
	if m := tail.Mark; m.Part < m.Parts {
		s.begun = m
	}
	if err := s.remember(startup, next); err != nil {
		return causeOr(ctx, err)
	}
	if s.pull, err = newPuller(l.nc, l.cfg.Stream, l.cfg.Consumer.Durable, l.cfg.MaxInFlight); err != nil {
		return err
	}
	defer s.pull.close()
	if s.writer, err = ledger.NewWriter(l.nc, tail, l.cfg.Batch); err != nil {
		return err
	}
	defer s.writer.Close()
	defer func() { cancel(nil); s.wg.Wait() }()

	l.m.mark.WithLabelValues(l.cfg.Lane).Set(float64(tail.Mark.Sequence))
	l.log.Info().Uint64("from", next).Uint64("fence", tail.Fence).Bool("alone", s.alone > 0).Msg("lane started")
	return causeOr(ctx, s.loop(drain, calm))
}

// connected is a context that ends when the connection breaks: requests that
// are under way then never get an answer, and would wait out their time.
func (l *Lane) connected(parent context.Context) (context.Context, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(parent)
	lost := l.nc.StatusChanged(nats.DISCONNECTED, nats.RECONNECTING, nats.CLOSED)
	if !l.nc.IsConnected() {
		cancel(errDisconnected)
	}
	l.watching.Add(1)
	go func() {
		defer l.watching.Done()
		select {
		case <-lost:
			cancel(errDisconnected)
		case <-ctx.Done():
		}
		l.nc.RemoveStatusListener(lost)
	}()
	return ctx, cancel
}

// causeOr is why the context ended, if it did, else err.
func causeOr(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil && !errors.Is(err, errDrained) {
		return context.Cause(ctx)
	}
	return err
}

// remember writes the start into the lease's history, and finds out whether
// messages are to be worked alone. It is done once per holder: a session that
// only lost its connection is not a crash.
func (s *session) remember(ctx context.Context, next uint64) error {
	h := s.le.history()
	if !s.le.begun {
		h = h.begin(next)
		if err := s.le.update(ctx, func(d *leaseDoc) { d.History = h }); err != nil {
			return err
		}
		s.le.begun, s.le.poison = true, h.Suspect
	}
	if h.Alone {
		s.limit, s.alone = 1, s.cfg.MaxInFlight
		s.log.Warn().Uint64("from", next).Msg("workers died here again and again: working one message at a time to find the cause")
	}
	return nil
}

func (s *session) loop(drain <-chan struct{}, calm *atomic.Bool) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	var graceOver <-chan time.Time
	for {
		if err := s.advance(); err != nil {
			return err
		}
		if err := s.settle(); err != nil {
			return err
		}
		if s.draining && len(s.slots) == 0 {
			return errDrained
		}
		if s.draining && !s.gate.Available() {
			s.log.Info().Int("in_flight", len(s.slots)).Msg("the registry cannot be asked: what is held will be worked by the next holder")
			return errDrained
		}
		if err := s.refill(); err != nil {
			return err
		}
		var err error
		select {
		case m := <-s.pull.messages:
			err = s.arrivals(m)
		case sl := <-s.done:
			s.finished(sl)
		case a := <-s.writer.Answers():
			err = s.confirmations(a)
		case <-s.gate.Changed():
			s.gauge(calm)
		case now := <-tick.C:
			s.gauge(calm)
			err = s.overdue(now)
		case <-drain:
			s.draining, drain = true, nil
			s.log.Info().Int("in_flight", len(s.slots)).Msg("draining: taking no more, finishing what is held")
			graceOver = time.After(s.cfg.Grace)
		case <-graceOver:
			s.log.Warn().Int("in_flight", len(s.slots)).Msg("grace period over: what is held will be worked by the next holder")
			return errDrained
		case <-s.ctx.Done():
			return context.Cause(s.ctx)
		}
		if err != nil {
			return err
		}
	}
}

// refill asks for more messages while there is room for them.
func (s *session) refill() error {
	if s.draining || s.bytes >= inFlightBytes || !s.gate.Available() {
		return nil
	}
	free := s.limit - len(s.slots) - s.pull.outstanding
	if free <= 0 || s.pull.outstanding > 0 && (free < s.limit/4 || s.pull.outstanding > s.limit/2) {
		return nil
	}
	if err := s.pull.ask(free); err != nil {
		return fmt.Errorf("pull: %w", err)
	}
	return nil
}

// overdue ends the session when the broker owes an answer for too long.
func (s *session) overdue(now time.Time) error {
	if s.writer.Overdue(now, confirmWithin) {
		return fmt.Errorf("%w: a result was not confirmed within %v", errSilent, confirmWithin)
	}
	if s.pull.silent(now) {
		return fmt.Errorf("%w: no message and no heartbeat", errSilent)
	}
	if len(s.slots) > 0 && s.sent == 0 {
		return nil
	}
	return s.acknowledge()
}

// gauge shows what the lane is doing. Holding is not standing still: the
// reason is outside.
func (s *session) gauge(calm *atomic.Bool) {
	shut := !s.gate.Available()
	calm.Store(shut || len(s.slots) == 0)
	hold := 0.0
	if shut && s.cfg.Shut == StateHolding {
		hold = 1
	}
	s.m.holding.WithLabelValues(s.cfg.Lane).Set(hold)
	s.m.inFlight.WithLabelValues(s.cfg.Lane).Set(float64(len(s.slots)))
	s.m.lag.WithLabelValues(s.cfg.Lane).Set(float64(s.pull.lag))
	switch {
	case shut:
		s.progressed(s.cfg.Shut)
	case len(s.slots) == 0:
		s.progressed(StateWorking)
	}
}

package consumer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/rs/zerolog"

	"github.com/npiflow/npiflow/internal/ledger"
)

// Config says what a lane is.
type Config struct {
	Lane        string // a metric label
	Stream      string // input stream
	Consumer    jetstream.ConsumerConfig
	Ledger      string // results stream
	Subjects    string // filter over all the ledger's subjects
	Leases      string // bucket
	Holder      string // this worker, unique among all
	MaxInFlight int    // messages delivered and not yet stored
	MaxWaiting  int    // of these, how many may wait for an answer at once, each on a goroutine; the others queue
	Batch       bool   // store in atomic batches (for servers that fsync each write)
	Grace       time.Duration
	Share       *Share // of this worker; nil shares with nobody
	// Shut is the state to report while the gate is shut: StateHolding, unless
	// there is nothing wrong with it.
	Shut string
}

// Lane works one lane for as long as it holds its lease.
type Lane struct {
	cfg     Config
	nc      *nats.Conn
	js      jetstream.JetStream
	handler Handler
	gate    Gate
	log     zerolog.Logger
	m       *Metrics

	progress atomic.Int64 // unix nanoseconds of the last sign of progress
	state    atomic.Pointer[string]
	watching sync.WaitGroup
}

// NewLane makes a lane; Run works it.
func NewLane(cfg Config, nc *nats.Conn, js jetstream.JetStream, h Handler, g Gate, m *Metrics, log zerolog.Logger) *Lane {
	if cfg.MaxWaiting == 0 {
		cfg.MaxWaiting = cfg.MaxInFlight
	}
	if cfg.Shut == "" {
		cfg.Shut = StateHolding
	}
	if cfg.Share == nil {
		cfg.Share = &Share{}
	}
	l := &Lane{cfg: cfg, nc: nc, js: js, handler: h, gate: g, m: m,
		log: log.With().Str("lane", cfg.Lane).Logger()}
	l.progressed("starting")
	return l
}

// The states a lane reports.
const (
	StateStandby = "standby" // another worker holds the lane
	StateWorking = "working"
	StateHolding = "holding" // the registry cannot be asked
	StateAsleep  = "asleep"  // there is no reason to look for messages
	StateLost    = "disconnected"
)

// Name is the lane's name.
func (l *Lane) Name() string { return l.cfg.Lane }

// State is what the lane is doing, and when it last made progress: stored
// something, found nothing to do, or waited for a reason that is not its own.
func (l *Lane) State() (state string, progress time.Time) {
	return *l.state.Load(), time.Unix(0, l.progress.Load())
}

func (l *Lane) progressed(state string) {
	l.progress.Store(time.Now().UnixNano())
	l.state.Store(&state)
}

// Run works the lane until drain is closed (take no more, finish what is
// held, let the lease go) or ctx ends (stop now).
func (l *Lane) Run(ctx context.Context, drain <-chan struct{}) error {
	defer l.watching.Wait()
	for attempt := 0; ; attempt++ {
		err := l.hold(ctx, drain)
		switch {
		case errors.Is(err, errDrained):
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errLeaseLost):
			l.log.Info().Msg("another worker took the lane; standing by")
			attempt = 0
			continue
		}
		// The broker is away or in trouble. It is asked again, for ever.
		l.progressed(StateLost)
		l.log.Warn().Err(err).Msg("cannot get the lane; trying again")
		select {
		case <-time.After(restartDelay(attempt)):
		case <-drain:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// restartDelay is how long to wait before the next try: 50 ms doubling to 2 s,
// with jitter.
func restartDelay(attempt int) time.Duration {
	d := 50 * time.Millisecond << min(attempt, 6)
	return min(d, 2*time.Second)/2 + rand.N(min(d, 2*time.Second)/2)
}

// hold takes the lease and runs sessions under it. It returns errDrained,
// errLeaseLost, or the reason why the lease could not be had.
func (l *Lane) hold(ctx context.Context, drain <-chan struct{}) error {
	waiting, stopWaiting := l.connected(ctx)
	defer stopWaiting(nil)
	l.watching.Add(1)
	go func() { // a drain ends the wait for the lease, too
		defer l.watching.Done()
		select {
		case <-drain:
			stopWaiting(errDrained)
		case <-waiting.Done():
		}
	}()
	kv, err := l.js.KeyValue(waiting, l.cfg.Leases)
	if err != nil {
		return drainedOr(drain, causeOr(waiting, fmt.Errorf("open bucket %s: %w", l.cfg.Leases, err)))
	}
	l.progressed(StateStandby)
	le := &lease{kv: kv, lane: l.cfg.Lane, holder: l.cfg.Holder}
	stopBeat := l.beat(func() { l.progressed(StateStandby); l.wishFor(waiting, le) })
	err = le.acquire(waiting, l.cfg.Share.patience())
	stopBeat()
	if err != nil {
		return drainedOr(drain, causeOr(waiting, err))
	}
	stopWaiting(nil)
	return l.held(ctx, drain, le)
}

// beat does something every second until stopped.
func (l *Lane) beat(do func()) (stop func()) {
	tick, done := time.NewTicker(time.Second), make(chan struct{})
	l.watching.Add(1)
	go func() {
		defer l.watching.Done()
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				do()
			case <-done:
				return
			}
		}
	}()
	return func() { close(done) }
}

func drainedOr(drain <-chan struct{}, err error) error {
	select {
	case <-drain:
		return errDrained
	default:
		return err
	}
}

// held runs sessions until the lease is lost or the lane drained.
func (l *Lane) held(ctx context.Context, drain <-chan struct{}, le *lease) error {
	l.cfg.Share.add(1)
	defer l.cfg.Share.add(-1)
	l.m.active.WithLabelValues(l.cfg.Lane).Set(1)
	defer l.m.idle(l.cfg.Lane)
	ctx, lose := context.WithCancelCause(ctx)
	defer lose(nil)
	calm := &atomic.Bool{}
	renewed, yield := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(renewed)
		l.renew(ctx, drain, le, calm, lose, yield)
	}()
	defer func() { lose(nil); <-renewed }()

	for attempt := 0; ; attempt++ {
		started := time.Now()
		err := l.session(ctx, yield, le, calm)
		if err != nil {
			err = drainedOr(yield, err) // a session that broke while draining held nothing that is not safe
		}
		l.m.sessions.WithLabelValues(l.cfg.Lane, cause(err)).Inc()
		switch {
		case errors.Is(err, errDrained):
			lose(nil)
			<-renewed
			l.release(le)
			return drainedOr(drain, errLeaseLost) // given to another worker, or to nobody
		case context.Cause(ctx) == errLeaseLost:
			return errLeaseLost
		case ctx.Err() != nil:
			return ctx.Err()
		}
		if time.Since(started) > 10*time.Second {
			attempt = 0
		}
		l.log.Info().Str("cause", cause(err)).Err(err).Msg("session ended; starting again from the ledger's end")
		l.progressed(StateLost)
		select {
		case <-time.After(restartDelay(attempt)):
		case <-yield:
		case <-ctx.Done():
		}
	}
}

// renew keeps the lease. It is lost when another holder is in it; while the
// broker cannot be reached it is kept, because the fence is what protects. It
// closes yield when the lane is to be let go: because of a drain, or because
// another worker has fewer lanes.
func (l *Lane) renew(ctx context.Context, drain <-chan struct{}, le *lease, calm *atomic.Bool, lose func(error), yield chan<- struct{}) {
	tick := time.NewTicker(leaseRenew)
	defer tick.Stop()
	yielded := sync.OnceFunc(func() { close(yield) })
	var wish uint64
	for {
		select {
		case <-ctx.Done():
			return
		case <-drain:
			yielded()
			drain = nil
			continue
		case <-tick.C:
		}
		once, cancel := context.WithTimeout(ctx, leaseRenew)
		err := le.update(once, func(d *leaseDoc) { d.Calm = calm.Load() })
		if err == nil && l.wished(once, le, &wish) {
			l.log.Info().Msg("giving the lane to a worker that has fewer")
			yielded()
		}
		cancel()
		if errors.Is(err, errLeaseLost) {
			lose(errLeaseLost)
			return
		}
	}
}

// release lets the lease go, so that a standby goes on at once. If it fails,
// the standby waits for the TTL instead.
//
// It is done while the lane still counts as held, so that this worker is not
// the first to take it again.
func (l *Lane) release(le *lease) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := le.update(ctx, func(d *leaseDoc) { d.Holder, d.History = "", History{Calm: true} }); err != nil {
		l.log.Warn().Err(err).Msg("cannot give the lane back; a standby takes it when the lease runs out")
	}
}

// start finds where the ledger ends and sets the consumer to the message
// after it. It gives the tail, the input sequence to go on at, and how many
// parts of that message are stored already.
func (l *Lane) start(ctx context.Context) (tail ledger.Tail, next uint64, err error) {
	if tail, err = ledger.ReadTail(ctx, l.js, l.cfg.Ledger, l.cfg.Subjects); err != nil {
		return tail, 0, err
	}
	c, err := l.js.Consumer(ctx, l.cfg.Stream, l.cfg.Consumer.Durable)
	gone := errors.Is(err, jetstream.ErrConsumerNotFound)
	switch {
	case err != nil && !gone:
		return tail, 0, fmt.Errorf("read consumer %s: %w", l.cfg.Consumer.Durable, err)
	case !tail.Empty():
		next, _ = tail.Mark.Next()
	case gone:
		next = 1
	default: // a new ledger, or one that aged out: the acks are all there is
		next = c.CachedInfo().AckFloor.Stream + 1
	}
	in, err := l.js.Stream(ctx, l.cfg.Stream)
	if err != nil {
		return tail, 0, fmt.Errorf("read input stream %s: %w", l.cfg.Stream, err)
	}
	if last := in.CachedInfo().State.LastSeq; last < tail.Mark.Sequence {
		return tail, 0, fmt.Errorf("ledger %s ends at input %d, but stream %s ends at %d: the input stream lost messages or was made anew, "+
			"and its next messages would pass for done; delete ledger %s (or move it away) to begin again", l.cfg.Ledger, tail.Mark.Sequence, l.cfg.Stream, last, l.cfg.Ledger)
	}
	if gone {
		return tail, next, l.recreate(ctx, next)
	}
	return tail, next, l.reset(ctx, next)
}

// resetWithin is how long the server may take to reset the consumer. One
// before 2.14 does not know the request and never answers it.
const resetWithin = 3 * time.Second

// reset makes the consumer deliver from the input sequence next, as its
// delivery 1.
func (l *Lane) reset(ctx context.Context, next uint64) error {
	once, cancel := context.WithTimeout(ctx, resetWithin)
	defer cancel()
	_, err := l.js.ResetConsumerToSequence(once, l.cfg.Stream, l.cfg.Consumer.Durable, next)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("reset consumer %s: %w", l.cfg.Consumer.Durable, err)
	}
	return l.recreate(ctx, next)
}

// recreate does what reset does, for a server that cannot reset and for a
// consumer that somebody deleted.
func (l *Lane) recreate(ctx context.Context, next uint64) error {
	if err := l.js.DeleteConsumer(ctx, l.cfg.Stream, l.cfg.Consumer.Durable); err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
		return fmt.Errorf("recreate consumer %s: %w", l.cfg.Consumer.Durable, err)
	}
	cfg := l.cfg.Consumer
	cfg.DeliverPolicy, cfg.OptStartSeq = jetstream.DeliverByStartSequencePolicy, next
	if _, err := l.js.CreateConsumer(ctx, l.cfg.Stream, cfg); err != nil {
		return fmt.Errorf("recreate consumer %s: %w", l.cfg.Consumer.Durable, err)
	}
	return nil
}

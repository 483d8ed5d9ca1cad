package enrich

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/sony/gobreaker/v2"

	"github.com/npiflow/npiflow/internal/record"
)

// BreakerState is what the breaker does with requests. The set is closed: it
// is also a metric's label.
type BreakerState string

// The states of the breaker.
const (
	Closed   BreakerState = "closed"    // requests pass
	HalfOpen BreakerState = "half_open" // one probe passes, the others wait for what it finds
	Open     BreakerState = "open"      // none passes until the cooldown is over
)

// breakerStates has gobreaker's own numbers as its index.
var breakerStates = [...]BreakerState{
	gobreaker.StateClosed: Closed, gobreaker.StateHalfOpen: HalfOpen, gobreaker.StateOpen: Open,
}

var (
	// errRefused: the breaker is open, or half-open with its probe out.
	errRefused = errors.New("ask the registry: the breaker admits no request")
	// errHeld: the breaker opened while an admitted request stood in line.
	errHeld = errors.New("ask the registry: the breaker opened first")
)

// State is the breaker's, for health pages.
type State struct {
	Breaker    BreakerState
	Since      time.Time // when it went into that state
	LastReason Reason    // of the latest request without an answer; "" if there was none
}

// breaker is gobreaker and what waiting needs: a channel that tells of every
// change, and a timer, because gobreaker itself notices the end of a cooldown
// only when it is asked.
type breaker struct {
	circuit  *gobreaker.CircuitBreaker[*record.Entry]
	cooldown time.Duration
	turned   func(BreakerState)
	metrics  *metrics
	log      zerolog.Logger

	mu      sync.Mutex // taken inside gobreaker's own lock: never call circuit while holding it
	state   State
	changed chan struct{}
	timer   *time.Timer
}

// newBreaker makes a closed one. It tells turned of each change, with its own
// lock held.
func newBreaker(failures int, cooldown time.Duration, turned func(BreakerState), m *metrics, log zerolog.Logger) *breaker {
	b := &breaker{
		turned:   turned,
		cooldown: max(cooldown, time.Millisecond), // gobreaker takes zero for a minute
		metrics:  m, log: log,
		state:   State{Breaker: Closed, Since: time.Now()},
		changed: make(chan struct{}),
	}
	b.circuit = gobreaker.NewCircuitBreaker[*record.Entry](gobreaker.Settings{
		Timeout:       b.cooldown,
		ReadyToTrip:   func(c gobreaker.Counts) bool { return int64(c.ConsecutiveFailures) >= int64(failures) },
		IsSuccessful:  inTime,
		IsExcluded:    uncounted,
		OnStateChange: func(_ string, from, to gobreaker.State) { b.turn(breakerStates[from], breakerStates[to]) },
	})
	return b
}

// inTime: the registry said something of its own, if only that it will not
// take the question.
func inTime(err error) bool { return err == nil || reasonOf(err) == ReasonErrors }

// uncounted says nothing of the registry's health: we left, we never asked, or
// it told us to slow down.
func uncounted(err error) bool {
	return errors.Is(err, errHeld) || errors.Is(err, errLeft) || reasonOf(err) == ReasonThrottled
}

// reasonOf names why there was no answer; "" where there was, or where nothing
// was asked. An error nobody expects means that no answer came.
func reasonOf(err error) Reason {
	var unavailable *UnavailableError
	switch {
	case err == nil, errors.Is(err, errHeld), errors.Is(err, errLeft), errors.Is(err, errRefused):
		return ""
	case errors.As(err, &unavailable):
		return unavailable.Reason
	case errors.Is(err, context.DeadlineExceeded):
		return ReasonTimeout
	}
	return ReasonRefused
}

// do runs request if the breaker admits it; otherwise the error is errRefused.
func (b *breaker) do(request func() (*record.Entry, error)) (*record.Entry, error) {
	entry, err := b.circuit.Execute(request)
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return nil, errRefused
	}
	// A probe that found nothing out leaves the place of the probe free, and
	// those who wait for it would otherwise never hear of that.
	if err != nil && uncounted(err) && b.circuit.State() == gobreaker.StateHalfOpen {
		b.mu.Lock()
		b.announce()
		b.mu.Unlock()
	}
	return entry, err
}

// turn is called with gobreaker's lock held.
func (b *breaker) turn(from, to BreakerState) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state.Breaker, b.state.Since = to, time.Now()
	b.metrics.showBreaker(to)
	b.turned(to)
	if to == Open {
		// A moment more, because gobreaker wants the cooldown exceeded.
		b.timer = time.AfterFunc(b.cooldown+time.Millisecond, func() { b.circuit.State() })
	}
	switch {
	case from == Closed:
		b.metrics.trips.Inc()
		b.log.Warn().Str("reason", string(b.state.LastReason)).Dur("cooldown", b.cooldown).Msg("registry breaker tripped")
	case to == Closed:
		b.log.Info().Msg("registry breaker closed: the registry answers again")
	}
	b.announce()
}

func (b *breaker) announce() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// note remembers why there was no answer. It must come before gobreaker hears
// of the failure, so that a trip can tell its reason.
func (b *breaker) note(r Reason) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.state.LastReason = r
}

func (b *breaker) now() State {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state
}

// changes is closed at the breaker's next change, or when a probe's place is
// free again.
func (b *breaker) changes() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changed
}

func (b *breaker) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.timer != nil {
		b.timer.Stop()
	}
}

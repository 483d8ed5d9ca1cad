package enrich

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"github.com/npiflow/npiflow/internal/record"
)

// requestLimit ends a request whose registry forgot its own timeout.
const requestLimit = 2 * time.Minute

// errLeft: the flight was abandoned; it says nothing of the registry.
var errLeft = errors.New("ask the registry: nobody waits for the answer")

// live asks the registry, never more at once or per second than allowed, and
// not at all while the breaker is open or the registry asked for a pause.
type live struct {
	registry Registry
	breaker  *breaker
	slots    chan struct{}
	limiter  *rate.Limiter
	throttle throttle
	metrics  *metrics
	log      zerolog.Logger

	answers atomic.Uint64 // requests answered so far
}

func newLive(cfg Config, registry Registry, b *breaker, m *metrics, log zerolog.Logger) *live {
	return &live{
		registry: registry, breaker: b, metrics: m, log: log,
		slots:   make(chan struct{}, cfg.Concurrency),
		limiter: newLimiter(cfg.Rate),
	}
}

// newLimiter spreads requests evenly; what a tenth of a second allows may come
// at once, because timers are no finer at high rates.
func newLimiter(perSecond float64) *rate.Limiter {
	if perSecond <= 0 {
		return rate.NewLimiter(rate.Inf, 1)
	}
	return rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond/10)))
}

// ask makes at most one request. The error is errRefused or errHeld if the
// breaker kept it from being made, errLeft if ctx ended, else why there was no
// answer.
func (l *live) ask(ctx context.Context, npi record.NPI) (*record.Entry, error) {
	return l.breaker.do(func() (*record.Entry, error) {
		changed := l.breaker.changes()
		if l.breaker.now().Breaker == Open {
			return nil, errHeld
		}
		select {
		case l.slots <- struct{}{}:
		case <-changed:
			return nil, errHeld
		case <-ctx.Done():
			return nil, errLeft
		}
		defer func() { <-l.slots }()
		if err := l.pace(ctx, changed); err != nil {
			return nil, err
		}
		return l.request(ctx, npi)
	})
}

// pace waits until neither a pause nor the rate forbids a request.
func (l *live) pace(ctx context.Context, changed <-chan struct{}) error {
	for {
		if err := stand(ctx, l.throttle.left(time.Now()), changed); err != nil {
			return err
		}
		token := l.limiter.Reserve()
		if err := stand(ctx, token.Delay(), changed); err != nil {
			token.Cancel()
			return err
		}
		if l.throttle.left(time.Now()) == 0 {
			return nil
		}
	}
}

// stand waits in line for d, unless the breaker changes first.
func stand(ctx context.Context, d time.Duration, changed <-chan struct{}) error {
	if !sleep(ctx, d, changed) {
		return nil
	}
	if ctx.Err() != nil {
		return errLeft
	}
	return errHeld
}

// request puts the question and keeps the books.
func (l *live) request(ctx context.Context, npi record.NPI) (*record.Entry, error) {
	limited, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	asked := time.Now()
	entry, err := l.registry.Lookup(limited, npi)
	if err != nil && ctx.Err() != nil {
		return nil, errLeft
	}
	now := time.Now()
	l.metrics.seconds.Observe(now.Sub(asked).Seconds())
	if err == nil && (entry == nil || entry.NPI != npi || requestOutcomes[entry.Evidence.Status] == "") {
		err = &UnavailableError{Reason: ReasonMalformed} // knowledge of nobody, or no knowledge, is no answer
	}
	if err != nil {
		l.unanswered(err, asked, now)
		return nil, err
	}
	l.metrics.requests.WithLabelValues(requestOutcomes[entry.Evidence.Status]).Inc()
	l.throttle.answered(asked)
	l.answers.Add(1)
	return entry, nil
}

func (l *live) unanswered(err error, asked, now time.Time) {
	reason := reasonOf(err)
	l.breaker.note(reason)
	l.metrics.requests.With(prometheus.Labels{"outcome": string(reason)}).Inc()
	if reason != ReasonThrottled {
		return
	}
	var unavailable *UnavailableError
	errors.As(err, &unavailable)
	if pause := l.throttle.slow(asked, now, unavailable.RetryAfter); pause > 0 {
		l.log.Info().Dur("pause", pause).Msg("the registry asked to slow down")
	}
}

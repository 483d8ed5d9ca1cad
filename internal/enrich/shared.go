package enrich

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/npiflow/npiflow/internal/record"
)

// ErrMiss says that a Store has no answer for an NPI.
var ErrMiss = errors.New("read a shared answer: none")

// Store keeps the answers that workers share. Any error is a miss; none is an
// outage.
type Store interface {
	// Get gives the answer kept for npi, however old, or ErrMiss.
	Get(ctx context.Context, npi record.NPI) (*record.Entry, error)
	// Put keeps an answer in place of an older one.
	Put(ctx context.Context, e *record.Entry) error
}

const (
	storeLimit   = 250 * time.Millisecond // for one Get or Put: no answer is worth waiting longer
	storeTrouble = 3                      // errors in a row after which the store is left alone
	storeRest    = 5 * time.Second        // for this long
	storeWrites  = 64                     // Puts at once; more are dropped, for they are only a convenience
)

// shared asks a Store without ever depending on it.
type shared struct {
	store     Store
	lifetimes lifetimes
	outcomes  outcomes
	writes    chan struct{}

	mu      sync.Mutex
	errors  int // in a row
	resting time.Time
}

func newShared(store Store, l lifetimes, o outcomes) *shared {
	return &shared{store: store, lifetimes: l, outcomes: o, writes: make(chan struct{}, storeWrites)}
}

// get gives an answer that may still be believed, else nil.
func (s *shared) get(ctx context.Context, npi record.NPI) *record.Entry {
	if s.store == nil {
		return nil
	}
	if s.rests() {
		s.outcomes.failed.Inc()
		return nil
	}
	limited, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	entry, err := s.store.Get(limited, npi)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil // we left: no fault of the store's
	case err != nil && !errors.Is(err, ErrMiss):
		s.note(err)
		s.outcomes.failed.Inc()
		return nil
	}
	s.note(nil)
	if err != nil || !s.sound(entry, npi) {
		s.outcomes.miss.Inc()
		return nil
	}
	s.outcomes.hit.Inc()
	return entry
}

// sound: knowledge, of this NPI, and not too old.
func (s *shared) sound(e *record.Entry, npi record.NPI) bool {
	return e != nil && e.NPI == npi && e.Evidence.Status != record.Unknown &&
		s.lifetimes.left(e, time.Now) > 0
}

// put shares an answer. A crash before it costs another worker one request.
func (s *shared) put(ctx context.Context, e *record.Entry) {
	if s.store == nil || s.rests() {
		return
	}
	select {
	case s.writes <- struct{}{}:
		defer func() { <-s.writes }()
	default:
		return
	}
	limited, cancel := context.WithTimeout(ctx, storeLimit)
	defer cancel()
	if err := s.store.Put(limited, e); ctx.Err() == nil {
		s.note(err)
	}
}

func (s *shared) rests() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Before(s.resting)
}

// note counts errors in a row. After a rest one more error is enough for the
// next.
func (s *shared) note(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.errors = 0
		return
	}
	if s.errors++; s.errors >= storeTrouble {
		s.resting = time.Now().Add(storeRest)
	}
}

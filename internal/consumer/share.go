package consumer

import (
	"context"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
)

// yieldEvery is how often a worker may give a lane to another: long enough for
// the lane given before to have found its new holder.
const yieldEvery = 2 * leaseTTL

// Share counts the lanes a worker holds, so that lanes spread over workers.
// All lanes of a process share one.
type Share struct {
	mu      sync.Mutex
	held    int
	yielded time.Time
}

func (s *Share) add(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held += n
}

// patience is how long this worker leaves a free lane to others.
func (s *Share) patience() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Duration(s.held) * leaseTTL / 6
}

// yields reports whether a lane should go to a worker that holds only theirs,
// and counts it as given. With a difference of one nothing would be won.
func (s *Share) yields(theirs int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held-theirs < 2 || time.Since(s.yielded) < yieldEvery {
		return false
	}
	s.yielded = time.Now()
	return true
}

// wish is what a standby with fewer lanes writes beside a lane's lease.
type wish struct {
	Holder string `json:"holder"`
	Held   int    `json:"held"`
}

func wishKey(lane string) string { return "wish." + lane }

// wishFor tells the lane's holder how little this worker has. Losing it costs
// nothing: it is told again.
func (l *Lane) wishFor(ctx context.Context, le *lease) {
	l.cfg.Share.mu.Lock()
	w := wish{Holder: l.cfg.Holder, Held: l.cfg.Share.held}
	l.cfg.Share.mu.Unlock()
	if body, err := json.Marshal(w); err == nil {
		once, cancel := context.WithTimeout(ctx, leaseRenew)
		defer cancel()
		_, _ = le.kv.Put(once, wishKey(l.cfg.Lane), body)
	}
}

// wished reports whether a standby should get this lane. seen is the revision
// of the last wish looked at: an old one may be a dead worker's.
func (l *Lane) wished(ctx context.Context, le *lease, seen *uint64) bool {
	e, err := le.kv.Get(ctx, wishKey(l.cfg.Lane))
	if err != nil || e.Revision() == *seen {
		return false
	}
	first := *seen == 0
	*seen = e.Revision()
	var w wish
	if first || json.Unmarshal(e.Value(), &w) != nil || w.Holder == l.cfg.Holder {
		return false
	}
	return l.cfg.Share.yields(w.Held)
}

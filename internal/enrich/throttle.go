package enrich

import (
	"sync"
	"time"
)

// The pause after being told to slow down without being told for how long
// doubles from the first to the longest; no wish of the registry's exceeds the
// longest, because a header in error must not stop us for a day.
const (
	firstThrottle   = time.Second
	longestThrottle = time.Minute
)

// throttle is the pause the registry asked for. The zero value is no pause.
type throttle struct {
	mu    sync.Mutex
	until time.Time     // no request before
	step  time.Duration // the last pause we chose ourselves
}

// left is how long the pause still lasts at now.
func (t *throttle) left(now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return max(0, t.until.Sub(now))
}

// slow notes that a request sent at asked was told, at now, to slow down, and
// gives the new pause. Requests that were out together are told together: only
// the first of them counts, and gives more than zero.
func (t *throttle) slow(asked, now time.Time, retryAfter time.Duration) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if asked.Before(t.until) {
		t.extend(now.Add(min(retryAfter, longestThrottle)))
		return 0
	}
	pause := min(retryAfter, longestThrottle)
	if retryAfter <= 0 {
		t.step = min(max(2*t.step, firstThrottle), longestThrottle)
		pause = t.step
	}
	t.extend(now.Add(pause))
	return pause
}

func (t *throttle) extend(until time.Time) {
	if until.After(t.until) {
		t.until = until
	}
}

// answered notes an answer to a request sent at asked; one sent after the
// pause shows that the pause was long enough.
func (t *throttle) answered(asked time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !asked.Before(t.until) {
		t.step = 0
	}
}

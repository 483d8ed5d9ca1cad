package enrich

import "sync"

// gate says whether asking is of use now, or lookups would only wait. Without
// a registry at hand that is so whenever the breaker is open. With one, most
// lookups never come to the breaker, so it is so only once a lookup really
// waits there: whatever stands behind it in its lane waits as well.
type gate struct {
	hold  bool // lookups wait for the end of an outage
	local bool // there is a registry at hand

	mu      sync.Mutex // taken inside the breaker's: never call the breaker while holding it
	open    bool       // the breaker is
	waiting int        // lookups that were refused or failed: an open breaker is what they wait for
	changed chan struct{}
}

func newGate(hold, local bool) *gate {
	return &gate{hold: hold, local: local, changed: make(chan struct{})}
}

func (g *gate) available() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.shut()
}

func (g *gate) shut() bool { return g.hold && g.open && (!g.local || g.waiting > 0) }

// changes is closed at the breaker's next change, or when available changes.
func (g *gate) changes() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.changed
}

// turn notes a change of the breaker.
func (g *gate) turn(now BreakerState) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = now == Open
	g.announce()
}

// wait notes that n lookups more would wait for an open breaker, or fewer.
func (g *gate) wait(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	before := g.shut()
	g.waiting += n
	if g.shut() != before {
		g.announce()
	}
}

func (g *gate) announce() {
	close(g.changed)
	g.changed = make(chan struct{})
}

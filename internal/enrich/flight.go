package enrich

import (
	"context"
	"sync"

	"github.com/npiflow/npiflow/internal/record"
)

// flight is one lookup on its way and those who wait for it.
type flight struct {
	done   chan struct{}
	entry  *record.Entry // set before done is closed; nil if the flight was abandoned
	cancel context.CancelFunc

	waiting int // guarded by flights.mu
}

// flights holds at most one flight for an NPI. There are never more of them
// than callers that wait, but for those just landing.
type flights struct {
	life    context.Context // ends with the Enricher: a flight outlives the caller that started it
	resolve func(context.Context, record.NPI) (entry, told *record.Entry)
	share   func(context.Context, *record.Entry) // of what the live registry told, after all who waited have the answer

	mu    sync.Mutex
	aloft map[record.NPI]*flight // nil once closed
	all   sync.WaitGroup
}

// join gives the flight for npi, and whether it was on its way already; nil
// once closed. Who joined must wait.
func (f *flights) join(npi record.NPI) (fl *flight, joined bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.aloft == nil {
		return nil, false
	}
	if fl = f.aloft[npi]; fl != nil {
		fl.waiting++
		return fl, true
	}
	ctx, cancel := context.WithCancel(f.life)
	fl = &flight{done: make(chan struct{}), cancel: cancel, waiting: 1}
	f.aloft[npi] = fl
	f.all.Go(func() { f.fly(ctx, npi, fl) })
	return fl, false
}

func (f *flights) fly(ctx context.Context, npi record.NPI, fl *flight) {
	defer fl.cancel()
	entry, told := f.resolve(ctx, npi)
	fl.entry = entry
	f.mu.Lock()
	delete(f.aloft, npi)
	f.mu.Unlock()
	close(fl.done)
	if told != nil {
		f.share(f.life, told)
	}
}

// wait gives the flight's answer, which is nil if the flight was abandoned.
// The error is ctx's; then the caller has left, and the last one to leave ends
// the flight.
func (f *flights) wait(ctx context.Context, fl *flight) (*record.Entry, error) {
	select {
	case <-fl.done:
		return fl.entry, nil
	case <-ctx.Done():
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if fl.waiting--; fl.waiting == 0 {
		fl.cancel()
	}
	return nil, ctx.Err()
}

// close takes no more and returns when the last flight is down. The life of
// the flights must have ended.
func (f *flights) close() {
	f.mu.Lock()
	f.aloft = nil
	f.mu.Unlock()
	f.all.Wait()
}

package local

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/npiflow/npiflow/internal/record"
)

// lookEvery is how often a Registry looks whether an import replaced its build.
const lookEvery = time.Second

// Registry answers from the build that is current in a folder, and goes over to
// the next one while it answers. It is safe for concurrent use.
type Registry struct {
	dir      string
	log      zerolog.Logger
	metrics  *metrics
	switched func()

	// excluded is the list of the build that answers; it outlives the build.
	excluded atomic.Pointer[map[uint32]*record.Exclusion]

	mu    sync.RWMutex // held for reading by every lookup: a build is closed when none reads it
	store *Store       // nil where there is none, or none that can be read
	state State

	end  context.CancelFunc
	done chan struct{}
}

// State is how a Registry stands, for people.
type State struct {
	Usable   bool   // lookups are answered from a build
	Damaged  bool   // there is a build, and it cannot be read
	Detail   string // a sentence
	Manifest Manifest
	build    string // the name CURRENT had when this was found
}

// NewRegistry answers from dir, if there is a registry in it, and looks for one
// every second if not. It calls switched, if that is not nil, after it went over
// to another build. A nil reg means that nobody reads the metrics.
func NewRegistry(dir string, log zerolog.Logger, reg prometheus.Registerer, switched func()) *Registry {
	ctx, end := context.WithCancel(context.Background())
	r := &Registry{dir: dir, log: log, metrics: newMetrics(reg), switched: switched, end: end, done: make(chan struct{})}
	r.look()
	go r.watch(ctx)
	return r
}

// Close ends the watching and gives the build up.
func (r *Registry) Close() error {
	r.end()
	<-r.done
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.store == nil {
		return nil
	}
	s := r.store
	r.store = nil
	s.searches.Wait()
	return s.Close()
}

func (r *Registry) watch(ctx context.Context) {
	defer close(r.done)
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			r.look()
		}
	}
}

// look opens what CURRENT names if that is news. Lookups go on meanwhile: the
// old build answers until the new one is open.
func (r *Registry) look() {
	name, err := current(r.dir)
	was := r.State()
	if err == nil && name == was.build || errors.Is(err, ErrNone) && was.build == "" && was.Detail != "" {
		return
	}
	var next *Store
	if err == nil {
		next, err = Open(r.dir)
	}
	state := stateOf(next, err)
	if next == nil {
		state.build = name
	}
	if was.Usable && next == nil && !state.Damaged {
		return // CURRENT cannot be read just now; the build that is open still can
	}
	r.replace(next, state)
	if was.Detail != state.Detail {
		r.log.Info().Bool("usable", state.Usable).Msg("local registry: " + state.Detail)
	}
	if r.switched != nil && (was.Usable || state.Usable) {
		r.switched()
	}
}

func stateOf(s *Store, err error) State {
	var corrupt *CorruptError
	switch {
	case err == nil:
		return State{Usable: true, Detail: s.manifest.String(), Manifest: s.manifest, build: s.name}
	case errors.Is(err, ErrNone):
		return State{Detail: "none is imported"}
	case errors.As(err, &corrupt):
		return State{Damaged: true, Detail: "it is damaged and not used: import the monthly file again"}
	}
	return State{Detail: "it cannot be opened: " + err.Error()}
}

// replace closes the old build once no lookup reads it.
func (r *Registry) replace(next *Store, state State) {
	r.mu.Lock()
	old := r.store
	r.store, r.state = next, state
	r.mu.Unlock()
	r.excluded.Store(nil)
	if next != nil {
		r.excluded.Store(&next.excluded)
	}
	r.metrics.show(state)
	if old != nil {
		old.searches.Wait()
		if err := old.Close(); err != nil {
			r.log.Warn().Err(err).Msg("the replaced build of the local registry")
		}
	}
}

// State says how the registry stands.
func (r *Registry) State() State {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.state
}

// Lookup gives what the files say of npi, nil where they do not have it or
// there are none. An error says that the build cannot be read; it is not used
// again until the next import.
func (r *Registry) Lookup(npi record.NPI) (*record.Entry, error) {
	r.mu.RLock()
	s := r.store
	if s == nil {
		r.mu.RUnlock()
		return nil, nil
	}
	e, err := s.Lookup(npi)
	r.mu.RUnlock()
	if err != nil {
		r.condemn(s, err)
	}
	return e, err
}

// condemn stops using a build that turned out damaged.
func (r *Registry) condemn(s *Store, err error) {
	var corrupt *CorruptError
	if !errors.As(err, &corrupt) {
		return
	}
	r.mu.Lock()
	if r.store != s {
		r.mu.Unlock()
		return
	}
	r.store = nil
	r.excluded.Store(nil)
	r.state = stateOf(nil, err)
	r.state.build = s.name
	r.mu.Unlock()
	r.metrics.show(r.State())
	r.log.Error().Err(err).Msg("local registry")
	s.searches.Wait()
	_ = s.Close()
}

// Exclusion is npi's line on the exclusion list, nil if it has none or no list
// was imported.
func (r *Registry) Exclusion(npi record.NPI) *record.Exclusion {
	list := r.excluded.Load()
	if list == nil {
		return nil
	}
	n, _ := offset(npi)
	return (*list)[n]
}

// Search finds providers: see Store.Search.
func (r *Registry) Search(ctx context.Context, q Query, skip, limit int) ([]*record.Entry, error) {
	r.mu.RLock()
	s := r.store
	if s == nil {
		r.mu.RUnlock()
		return nil, ErrNone
	}
	// Not under the lock: a search may take seconds, and whoever waits to
	// replace the build would keep every lookup waiting behind it.
	s.searches.Add(1)
	r.mu.RUnlock()
	found, err := s.Search(ctx, q, skip, limit)
	s.searches.Done()
	if err != nil {
		r.condemn(s, err)
	}
	return found, err
}

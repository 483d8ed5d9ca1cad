package assembly

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/rs/zerolog"

	"github.com/npiflow/npiflow/internal/consumer"
	"github.com/npiflow/npiflow/internal/record"
)

// strays handles and gates the lane of messages whose subject names a kind
// that is not known. Each becomes a dead letter; all others pass it by without
// a result. It sleeps until the input stream holds such a subject.
type strays struct {
	*Handler
	js     jetstream.JetStream
	prefix string // "npi.records."
	log    zerolog.Logger

	seen atomic.Uint64 // input sequence up to which the lane has looked

	mu      sync.Mutex
	awake   bool
	changed chan struct{}
}

func newStrays(h *Handler, js jetstream.JetStream, log zerolog.Logger) *strays {
	return &strays{Handler: h, js: js, prefix: h.Topology.Subject("records") + ".", log: log, changed: make(chan struct{})}
}

// known reports whether a lane of its own works the subject.
func (s *strays) known(subject string) bool {
	kind, _, _ := strings.Cut(strings.TrimPrefix(subject, s.prefix), ".")
	return slices.Contains(record.Kinds, record.Kind(kind))
}

// Try passes by what another lane works.
func (s *strays) Try(d *consumer.Delivery) (consumer.Outcome, bool) {
	s.seen.Store(d.Sequence)
	return consumer.Outcome{}, s.known(d.Subject)
}

// Do makes a dead letter of a stray. The lane is given no bodies, so the
// original is read from the stream.
func (s *strays) Do(ctx context.Context, d *consumer.Delivery) (consumer.Outcome, error) {
	for {
		original, err := s.original(ctx, d.Sequence)
		if err == nil {
			whole := *d
			whole.Data, whole.Header = original.Data, original.Header
			_, reason := record.Decode(record.KindOther, whole.Data)
			return s.outcome(&whole, nil, reason), nil
		}
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return s.Dead(d, "the subject names an unknown kind of record, and the message was gone before it could be kept"), nil
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return consumer.Outcome{}, ctx.Err()
		}
	}
}

func (s *strays) original(ctx context.Context, sequence uint64) (*jetstream.RawStreamMsg, error) {
	stream, err := s.js.Stream(ctx, s.Topology.Records())
	if err != nil {
		return nil, err
	}
	return stream.GetMsg(ctx, sequence)
}

// Available is whether there is anything to look for.
func (s *strays) Available() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.awake
}

// Changed is closed when Available changes.
func (s *strays) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

func (s *strays) set(awake bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.awake == awake {
		return
	}
	s.awake = awake
	close(s.changed)
	s.changed = make(chan struct{})
}

// watch looks for stray subjects now and then, until drain is closed. A
// stream of very many subjects is listed less often: looking must stay cheap.
func (s *strays) watch(ctx context.Context, drain <-chan struct{}) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // a drain does not wait for an answer that never comes
		select {
		case <-drain:
			cancel()
		case <-ctx.Done():
		}
	}()
	var done uint64 // stray messages that the lane is known to be past
	for {
		began, pause := time.Now(), 2*time.Second
		found, last, err := s.count(ctx)
		switch {
		case err != nil:
			s.log.Debug().Err(err).Msg("cannot look for messages of unknown kinds; trying again")
		case found == done:
			s.set(false)
		case s.Available() && s.seen.Load() >= last:
			done = found
			s.set(false)
		default:
			s.set(true)
		}
		if err == nil {
			pause = max(pause, 100*time.Since(began))
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

// count is how many stray messages the input stream holds, and its last
// sequence.
func (s *strays) count(ctx context.Context) (found, last uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	stream, err := s.js.Stream(ctx, s.Topology.Records())
	if err != nil {
		return 0, 0, fmt.Errorf("look for messages of unknown kinds: %w", err)
	}
	info, err := stream.Info(ctx, jetstream.WithSubjectFilter(s.prefix+">"))
	if err != nil {
		return 0, 0, fmt.Errorf("look for messages of unknown kinds: %w", err)
	}
	for subject, n := range info.State.Subjects {
		if !s.known(subject) {
			found += n
		}
	}
	return found, info.State.LastSeq, nil
}

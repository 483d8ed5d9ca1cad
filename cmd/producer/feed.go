package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
)

const (
	feedBatch     = 256
	feedHeartbeat = 2 * time.Second
	feedBytes     = 32 << 20
)

var (
	errLost     = errors.New("the connection to the server was lost")
	errDisorder = errors.New("a message is missing or came twice")
)

// feed reads a stream's messages in order, each once. It begins at sequence
// from or, if that is 0, at the first message stored since a time.
type feed struct {
	stream  string
	filters []string
	from    uint64
	since   time.Time
}

// read hands over messages until take or the server fails, or ctx ends; and,
// unless it is to follow, until none is left, which is no error. Whoever wants
// to go on afterwards begins a new feed behind the last message taken.
func (f feed) read(ctx context.Context, nc *nats.Conn, js jetstream.JetStream, follow bool, take func(jetstream.Msg, *jetstream.MsgMetadata) error) error {
	ctx, cancel := untilLost(ctx, nc)
	defer cancel(nil) // ends the request that is open when take fails
	c, err := js.CreateConsumer(ctx, f.stream, f.consumer())
	if err != nil {
		return fmt.Errorf("read stream %s: %w", f.stream, err)
	}
	defer f.drop(nc, js, c.CachedInfo().Name)
	left, order := c.CachedInfo().NumPending, uint64(0)
	for follow || left > 0 {
		n := feedBatch
		if !follow {
			n = int(min(feedBatch, left)) // more would be waited for
		}
		batch, err := c.Fetch(n, jetstream.FetchContext(ctx), jetstream.FetchHeartbeat(feedHeartbeat),
			jetstream.FetchMaxBytes(max(feedBytes, 2*int(nc.MaxPayload()))))
		if err != nil {
			return fmt.Errorf("read stream %s: %w", f.stream, err)
		}
		got := 0
		for m := range batch.Messages() {
			meta, err := m.Metadata()
			if err != nil {
				return fmt.Errorf("read stream %s: %w", f.stream, err)
			}
			if got, order, left = got+1, order+1, meta.NumPending; meta.Sequence.Consumer != order {
				return fmt.Errorf("read stream %s: %w", f.stream, errDisorder)
			}
			if err := take(m, meta); err != nil {
				return err
			}
		}
		if err := batch.Error(); err != nil {
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			return fmt.Errorf("read stream %s: %w", f.stream, err)
		}
		if got == 0 && !follow { // what was left aged out meanwhile
			info, err := c.Info(ctx)
			if err != nil {
				return fmt.Errorf("read stream %s: %w", f.stream, err)
			}
			left = info.NumPending
		}
	}
	return nil
}

// untilLost is ctx until the connection is lost: no answer to a request that
// was open then is to be expected. It has no deadline of its own, because the
// client would make it the request's expiry.
func untilLost(parent context.Context, nc *nats.Conn) (context.Context, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(parent))
	lost := nc.StatusChanged(nats.DISCONNECTED, nats.RECONNECTING, nats.CLOSED)
	go func() {
		defer nc.RemoveStatusListener(lost)
		select {
		case <-lost:
			cancel(errLost)
		case <-parent.Done():
			cancel(context.Cause(parent))
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// consumer is an ordered one: nothing is acked, and what is lost on the way is
// read again from the stream.
func (f feed) consumer() jetstream.ConsumerConfig {
	c := jetstream.ConsumerConfig{
		AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true, Replicas: 1, MaxDeliver: 1,
		InactiveThreshold: time.Minute, FilterSubjects: f.filters,
		DeliverPolicy: jetstream.DeliverAllPolicy,
	}
	switch {
	case f.from > 0:
		c.DeliverPolicy, c.OptStartSeq = jetstream.DeliverByStartSequencePolicy, f.from
	case !f.since.IsZero():
		c.DeliverPolicy, c.OptStartTime = jetstream.DeliverByStartTimePolicy, &f.since
	}
	return c
}

// drop is a courtesy: the server forgets an inactive consumer by itself.
func (f feed) drop(nc *nats.Conn, js jetstream.JetStream, name string) {
	if !nc.IsConnected() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = js.DeleteConsumer(ctx, f.stream, name)
}

// patience bounds how long something is tried again without any success.
type patience struct {
	limit time.Duration
	since time.Time // of the last success
}

func newPatience(limit time.Duration) *patience { return &patience{limit, time.Now()} }

func (p *patience) succeeded() { p.since = time.Now() }

// again waits a little before the next try. The error is cause, or ctx's,
// where there is to be none.
func (p *patience) again(ctx context.Context, nc *nats.Conn, cause error) error {
	var api *jetstream.APIError
	switch {
	case errors.As(cause, &api) && api.Code == http.StatusBadRequest:
		return cause // it would be answered the same
	case nc.IsClosed():
		return fmt.Errorf("%w: %w", nats.ErrConnectionClosed, cause)
	case p.limit > 0 && time.Since(p.since) > p.limit:
		return fmt.Errorf("no success for %v: %w", p.limit, cause)
	}
	select {
	case <-time.After(250 * time.Millisecond):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// parseSince reads a point in time: a duration before now, or RFC 3339.
func parseSince(flag, s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if d, err := time.ParseDuration(s); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	return time.Time{}, assembly.Usage("--%s %q: use a duration, as in 10m, or a time, as in 2026-10-26T08:00:00Z", flag, s)
}

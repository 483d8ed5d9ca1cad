package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/npiflow/npiflow/internal/broker"
	"github.com/npiflow/npiflow/internal/ledger"
	"github.com/npiflow/npiflow/internal/record"
)

// silentAfter is when a holder counts as gone: a lease is renewed several
// times within its three seconds.
const silentAfter = 4 * time.Second

// lane is what the server knows of a lane.
type lane struct {
	name, records, ledger string
	mark                  uint64 // input up to which results are stored; 0 is none
	last                  uint64 // the lane's last message in the input stream
	end                   uint64 // the input stream's last message of any lane
	waiting               uint64 // messages not yet done, at most
	paused                bool
	lease                 lease
}

// lease is who works a lane, as it stands in the bucket.
type lease struct {
	Holder string `json:"holder"` // "" is nobody
	Alone  bool   `json:"alone"`  // workers died here again and again
	age    time.Duration
}

func lanes(ctx context.Context, js jetstream.JetStream, t broker.Topology) []line {
	var all []line
	for _, l := range t.LaneList() {
		if l.Kind == record.KindOther {
			continue // it sleeps with all of the input before it: its lag says nothing
		}
		found, err := lookAtLane(ctx, js, t, l)
		switch {
		case broker.Gone(err):
			all = append(all, ok("lane "+l.Name, "not set up yet"))
		case err != nil:
			all = append(all, fail("lane "+l.Name, "look at the server's log, and at what the user may do", "%v", err))
		default:
			all = append(all, found.line())
		}
	}
	return all
}

// lookAtLane reads the ledger's end before the input's, so that a lane at work
// never seems to be ahead of its input.
func lookAtLane(ctx context.Context, js jetstream.JetStream, t broker.Topology, l broker.Lane) (lane, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*step)
	defer cancel()
	found := lane{name: l.Name, records: t.Records(), ledger: l.Stream}
	tail, err := ledger.ReadTail(ctx, js, l.Stream, l.Prefix+".>")
	if err != nil {
		return found, err
	}
	c, err := js.Consumer(ctx, t.Records(), l.Durable)
	if err != nil {
		return found, err
	}
	info := c.CachedInfo()
	found.mark, found.paused = tail.Mark.Sequence, info.Paused
	found.waiting = info.NumPending + uint64(info.NumAckPending)
	in, err := js.Stream(ctx, t.Records())
	if err != nil {
		return found, err
	}
	found.end = in.CachedInfo().State.LastSeq
	if found.last, err = lastOf(ctx, in, l.Filters); err != nil {
		return found, err
	}
	// Messages that are done are acknowledged only now and then, and others
	// share the stream: the smaller bound is the better one.
	found.waiting = min(found.waiting, found.last-min(found.mark, found.last))
	found.lease, err = readLease(ctx, js, t.Name("LEASES"), l.Name)
	return found, err
}

// lastOf is the sequence of the last message under any of the filters, or 0.
func lastOf(ctx context.Context, in jetstream.Stream, filters []string) (uint64, error) {
	var last uint64
	for _, f := range filters {
		m, err := in.GetLastMsgForSubject(ctx, f)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("read the end of the input: %w", err)
		}
		last = max(last, m.Sequence)
	}
	return last, nil
}

func readLease(ctx context.Context, js jetstream.JetStream, bucket, name string) (lease, error) {
	kv, err := js.KeyValue(ctx, bucket)
	if err != nil {
		return lease{}, err
	}
	e, err := kv.Get(ctx, name)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return lease{}, nil
	}
	if err != nil {
		return lease{}, fmt.Errorf("read the lease: %w", err)
	}
	return decodeLease(e.Value(), time.Since(e.Created())), nil
}

// decodeLease takes what it does not understand for a free lease, as a lane
// does.
func decodeLease(data []byte, age time.Duration) lease {
	var l lease
	if json.Unmarshal(data, &l) != nil {
		l = lease{}
	}
	l.age = age
	return l
}

func (l lease) held() bool { return l.Holder != "" && l.age < silentAfter }

func (l lease) String() string {
	switch {
	case l.held():
		return fmt.Sprintf("worked by %s, heard of %.1f s ago", cut(l.Holder, 80), max(l.age, 0).Seconds())
	case l.Holder != "":
		return fmt.Sprintf("worked by nobody: %s was last heard of %s ago", cut(l.Holder, 80), l.age.Round(time.Second))
	}
	return "worked by nobody now"
}

func (l lane) line() line {
	name := "lane " + l.name
	if l.mark > l.end {
		return fail(name, "if the lost records are not coming back, move "+l.ledger+" away to begin again",
			"its ledger ends at input %d, but %s ends at %d: the input stream lost messages or was made anew, and its next messages would pass for done", l.mark, l.records, l.end)
	}
	have := fmt.Sprintf("%s; %s", l.lease, l.lag())
	switch {
	case l.paused:
		return warn(name, "resume the consumer with `nats consumer resume`", "%s; its consumer is paused", have)
	case l.lease.Alone:
		return warn(name, "look at the workers' logs and memory limits: one message seems to kill them", "%s; workers died here again and again, so messages are worked one at a time", have)
	case l.mark < l.last && !l.lease.held():
		return warn(name, "start a worker", "%s", have)
	}
	return ok(name, "%s", have)
}

// lag compares the ledger's end with the input's.
func (l lane) lag() string {
	switch {
	case l.last == 0 && l.mark == 0:
		return "no records yet"
	case l.mark >= l.last:
		return fmt.Sprintf("all done, up to input %d", l.mark)
	case l.mark == 0:
		return fmt.Sprintf("up to %d waiting; the ledger is empty, the input ends at %d", l.waiting, l.last)
	}
	return fmt.Sprintf("up to %d waiting; the ledger is at input %d, which ends at %d", l.waiting, l.mark, l.last)
}

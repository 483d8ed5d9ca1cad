package broker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Drift is one stream, consumer or bucket that is not as the topology wants it.
type Drift struct {
	Thing   string // stream, consumer or bucket and its name
	What    string // what differs, in words
	Grave   bool   // a worker cannot keep its promises on it
	Mended  bool   // apply was asked for and it worked
	Refused string // why the server would not apply it, in its words; "" if it did or was not asked
}

// Setup creates what is missing and reports how what exists differs. It
// changes what exists only if apply is set, and then only what differs. It is
// safe to run at any time and from several workers at once.
func Setup(ctx context.Context, js jetstream.JetStream, t Topology, apply bool) (created []string, drift []Drift, err error) {
	for _, th := range t.things(js) {
		settings, mend, err := th.look(ctx)
		if Gone(err) {
			made, err := th.create(ctx)
			if err != nil {
				return created, drift, fmt.Errorf("set up %s: %w", th.name, err)
			}
			if made {
				created = append(created, th.name)
			}
			continue
		}
		if err != nil {
			return created, drift, fmt.Errorf("set up %s: %w", th.name, err)
		}
		if d, differs := th.drift(settings); differs {
			if apply {
				d.apply(ctx, mend)
			}
			drift = append(drift, d)
		}
	}
	return created, drift, nil
}

// Check reports what is missing and how what exists differs, and changes
// nothing.
func Check(ctx context.Context, js jetstream.JetStream, t Topology) (missing []string, drift []Drift, err error) {
	for _, th := range t.things(js) {
		settings, _, err := th.look(ctx)
		if Gone(err) {
			missing = append(missing, th.name)
			continue
		}
		if err != nil {
			return missing, drift, fmt.Errorf("look at %s: %w", th.name, err)
		}
		if d, differs := th.drift(settings); differs {
			drift = append(drift, d)
		}
	}
	return missing, drift, nil
}

// Things names every stream, consumer and bucket there must be, as created,
// missing and drift name them.
func (t Topology) Things() []string {
	var names []string
	for _, th := range t.things(nil) {
		names = append(names, th.name)
	}
	return names
}

func (d *Drift) apply(ctx context.Context, mend func(context.Context) error) {
	if err := mend(ctx); err != nil {
		d.Refused = err.Error()
		return
	}
	d.Mended = true
}

// thing is one stream, consumer or bucket: how to look at it, and how to make
// it. look gives what must be as wanted and how to make it so, or an error
// that is Gone. create reports false where another worker was quicker.
type thing struct {
	name   string
	look   func(context.Context) (settings []setting, mend func(context.Context) error, err error)
	create func(context.Context) (made bool, err error)
}

// setting is one of the things that must be as wanted. Whatever else an
// operator has set, such as limits of size, is left to them.
type setting struct {
	name       string
	have, want any
	grave      bool // with any other value, records or results can get lost or out of order
}

func (th thing) drift(settings []setting) (Drift, bool) {
	d := Drift{Thing: th.name}
	var what []string
	for _, s := range settings {
		if have, want := fmt.Sprint(s.have), fmt.Sprint(s.want); have != want {
			what = append(what, fmt.Sprintf("%s is %s, not %s", s.name, have, want))
			d.Grave = d.Grave || s.grave
		}
	}
	d.What = strings.Join(what, "; ")
	return d, len(what) > 0
}

// things are in an order in which they can be made.
func (t Topology) things(js jetstream.JetStream) []thing {
	var all []thing
	for _, want := range t.Streams() {
		all = append(all, streamThing(js, want))
	}
	for _, l := range t.LaneList() {
		all = append(all, consumerThing(js, t.Records(), t.Consumer(l)))
	}
	for _, want := range t.Buckets() {
		all = append(all, bucketThing(js, want))
	}
	return all
}

func streamThing(js jetstream.JetStream, want jetstream.StreamConfig) thing {
	return thing{
		name: "stream " + want.Name,
		look: func(ctx context.Context) ([]setting, func(context.Context) error, error) {
			s, err := js.Stream(ctx, want.Name)
			if err != nil {
				return nil, nil, err
			}
			have := s.CachedInfo().Config
			return streamSettings(have, want), func(ctx context.Context) error {
				_, err := js.UpdateStream(ctx, mendedStream(have, want))
				return err
			}, nil
		},
		create: func(ctx context.Context) (bool, error) {
			_, err := js.CreateStream(ctx, want)
			return unlessMade(err, jetstream.ErrStreamNameAlreadyInUse)
		},
	}
}

func streamSettings(have, want jetstream.StreamConfig) []setting {
	return []setting{
		{"subjects", have.Subjects, want.Subjects, true},
		{"retention", have.Retention, want.Retention, true},
		{"discard", have.Discard, want.Discard, false},
		{"storage", have.Storage, want.Storage, true},
		{"replicas", have.Replicas, want.Replicas, false},
		{"max_age", have.MaxAge, want.MaxAge, false},
		{"duplicate window", have.Duplicates, want.Duplicates, false},
		{"atomic publish", have.AllowAtomicPublish, want.AllowAtomicPublish, true},
		{"subject transform", transform(have), transform(want), true},
		{"messages per subject", limit(have.MaxMsgsPerSubject), limit(want.MaxMsgsPerSubject), true},
		{"confirmations", !have.NoAck, !want.NoAck, true},
		{"persist mode", have.PersistMode, want.PersistMode, true},
	}
}

// mendedStream is have with everything that streamSettings looks at as wanted.
func mendedStream(have, want jetstream.StreamConfig) jetstream.StreamConfig {
	have.Subjects, have.Retention, have.Discard, have.Storage = want.Subjects, want.Retention, want.Discard, want.Storage
	have.Replicas, have.MaxAge, have.Duplicates = want.Replicas, want.MaxAge, want.Duplicates
	have.AllowAtomicPublish, have.SubjectTransform = want.AllowAtomicPublish, want.SubjectTransform
	have.MaxMsgsPerSubject, have.NoAck, have.PersistMode = want.MaxMsgsPerSubject, want.NoAck, want.PersistMode
	return have
}

func transform(c jetstream.StreamConfig) string {
	if c.SubjectTransform == nil {
		return "none"
	}
	return c.SubjectTransform.Source + " to " + c.SubjectTransform.Destination
}

// limit: the server spells "no limit" -1, we spell it 0.
func limit(n int64) string {
	if n <= 0 {
		return "unlimited"
	}
	return fmt.Sprint(n)
}

func consumerThing(js jetstream.JetStream, stream string, want jetstream.ConsumerConfig) thing {
	return thing{
		name: "consumer " + want.Durable,
		look: func(ctx context.Context) ([]setting, func(context.Context) error, error) {
			c, err := js.Consumer(ctx, stream, want.Durable)
			if err != nil {
				return nil, nil, err
			}
			have := c.CachedInfo().Config
			return consumerSettings(have, want), func(ctx context.Context) error {
				_, err := js.UpdateConsumer(ctx, stream, mendedConsumer(have, want))
				return err
			}, nil
		},
		create: func(ctx context.Context) (bool, error) {
			_, err := js.CreateConsumer(ctx, stream, want)
			return unlessMade(err, jetstream.ErrConsumerExists)
		},
	}
}

func consumerSettings(have, want jetstream.ConsumerConfig) []setting {
	return []setting{
		{"filters", filters(have), filters(want), true},
		{"ack policy", have.AckPolicy, want.AckPolicy, true},
		{"ack wait", have.AckWait, want.AckWait, false},
		{"max ack pending", have.MaxAckPending, want.MaxAckPending, false},
		{"max deliver", have.MaxDeliver, want.MaxDeliver, true},
	}
}

// mendedConsumer leaves alone where the consumer starts, which no server lets
// be changed, and which a lane sets anew at each start.
func mendedConsumer(have, want jetstream.ConsumerConfig) jetstream.ConsumerConfig {
	have.FilterSubject, have.FilterSubjects = want.FilterSubject, want.FilterSubjects
	have.AckPolicy, have.AckWait = want.AckPolicy, want.AckWait
	have.MaxAckPending, have.MaxDeliver = want.MaxAckPending, want.MaxDeliver
	return have
}

func filters(c jetstream.ConsumerConfig) []string {
	if c.FilterSubject != "" {
		return []string{c.FilterSubject}
	}
	return slices.Sorted(slices.Values(c.FilterSubjects))
}

func bucketThing(js jetstream.JetStream, want jetstream.KeyValueConfig) thing {
	return thing{
		name: "bucket " + want.Bucket,
		look: func(ctx context.Context) ([]setting, func(context.Context) error, error) {
			s, err := js.Stream(ctx, "KV_"+want.Bucket) // how a bucket is kept
			if err != nil {
				return nil, nil, err
			}
			have := s.CachedInfo().Config
			return bucketSettings(have, want), func(ctx context.Context) error {
				_, err := js.UpdateStream(ctx, mendedBucket(have, want))
				return err
			}, nil
		},
		create: func(ctx context.Context) (bool, error) {
			_, err := js.CreateKeyValue(ctx, want)
			return unlessMade(err, jetstream.ErrBucketExists)
		},
	}
}

func bucketSettings(have jetstream.StreamConfig, want jetstream.KeyValueConfig) []setting {
	return []setting{
		{"ttl", have.MaxAge, want.TTL, false},
		{"storage", have.Storage, want.Storage, false},
		{"replicas", have.Replicas, want.Replicas, false},
	}
}

func mendedBucket(have jetstream.StreamConfig, want jetstream.KeyValueConfig) jetstream.StreamConfig {
	have.MaxAge, have.Storage, have.Replicas = want.TTL, want.Storage, want.Replicas
	if have.MaxAge > 0 {
		have.Duplicates = min(2*time.Minute, have.MaxAge) // as a new bucket has it; the server refuses a longer one
	}
	return have
}

// unlessMade turns "it is there already" into false and no error.
func unlessMade(err, already error) (bool, error) {
	if errors.Is(err, already) {
		return false, nil
	}
	return err == nil, err
}

package broker

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/npiflow/npiflow/internal/record"
)

// Topology is what the configuration fixes of the server's side.
type Topology struct {
	Prefix   string // "npi": first token of every subject, and in capitals of every stream
	Lanes    int    // lanes per kind
	Replicas int
	MaxAge   time.Duration // 0 keeps everything
	CacheTTL time.Duration // how long registry answers are shared
}

// Lane is one kind of record, or one partition of it: an input filter, a
// durable consumer, and a results stream with one writer.
type Lane struct {
	Name      string // "claim", or "claim-0" where there are several; a metric label
	Kind      record.Kind
	Filters   []string
	Durable   string
	Stream    string // the lane's results stream
	Prefix    string // subject prefix of its results, without the verdict
	Partition int

	subjects map[record.Verdict]string
}

// Subject is where a result of the verdict goes.
func (l Lane) Subject(v record.Verdict) string { return l.subjects[v] }

// Headers of dead letters, besides those every result has.
const (
	HeaderReason  = "Npi-Dead-Reason"   // why, in a sentence
	HeaderStream  = "Npi-Source-Stream" // where the message came from
	HeaderSubject = "Npi-Source-Subject"
)

// Name gives the stream or bucket name of a purpose: "RECORDS" -> "NPI_RECORDS".
func (t Topology) Name(purpose string) string {
	return strings.ToUpper(t.Prefix) + "_" + purpose
}

// Subject joins the prefix and tokens.
func (t Topology) Subject(tokens ...string) string {
	return t.Prefix + "." + strings.Join(tokens, ".")
}

// Records is the input stream's name.
func (t Topology) Records() string { return t.Name("RECORDS") }

// LaneList is every lane, claims first; last the lane of messages whose subject
// names a kind that is not known (docs/decisions/0005-unknown-kinds.md). Each has a results stream of its own,
// because only a stream with one writer lets results be pipelined behind the
// fence (docs/decisions/0001-results-streams.md).
func (t Topology) LaneList() []Lane {
	var lanes []Lane
	for _, kind := range record.Kinds {
		for i := range max(t.Lanes, 1) {
			lanes = append(lanes, t.lane(kind, i))
		}
	}
	return append(lanes, t.strays())
}

// strays is the lane of unknown kinds. A filter cannot say "none of these", so
// it looks at every message's subject, without the body, and only while there
// is reason to.
func (t Topology) strays() Lane {
	l := t.named(Lane{Name: string(record.KindOther), Kind: record.KindOther})
	l.Filters = []string{t.Subject("records", ">")}
	return l
}

func (t Topology) lane(kind record.Kind, i int) Lane {
	root := t.Subject("records", string(kind))
	l := Lane{Name: string(kind), Kind: kind, Filters: []string{root, root + ".>"}, Partition: i}
	if t.Lanes > 1 {
		p := strconv.Itoa(i)
		l.Name += "-" + p
		l.Filters = []string{root + "." + p + ".>"}
		if i == 0 {
			l.Filters = append(l.Filters, root) // a subject without a source is not partitioned
		}
	}
	return t.named(l)
}

// named gives a lane what follows from its name.
func (t Topology) named(l Lane) Lane {
	l.Durable = l.Name
	l.Stream = t.Name("RESULTS_" + strings.ToUpper(strings.ReplaceAll(l.Name, "-", "_")))
	l.Prefix = t.Subject("results", l.Name)
	l.subjects = map[record.Verdict]string{}
	for _, v := range record.Verdicts {
		l.subjects[v] = l.Prefix + "." + string(v)
	}
	return l
}

// Streams is every stream there must be. Retention is by limits everywhere:
// auditors browse, and a dead letter must not vanish by being read.
func (t Topology) Streams() []jetstream.StreamConfig {
	records := jetstream.StreamConfig{
		Name: t.Records(), Description: "claims and roster rows to be vetted",
		Subjects: []string{t.Subject("records", ">")},
	}
	if t.Lanes > 1 {
		records.SubjectTransform = &jetstream.SubjectTransformConfig{
			Source:      t.Subject("records", "*", ">"),
			Destination: t.Subject("records", "{{wildcard(1)}}", fmt.Sprintf("{{partition(%d)}}", t.Lanes), ">"),
		}
	}
	all := []jetstream.StreamConfig{records}
	for _, l := range t.LaneList() {
		all = append(all, jetstream.StreamConfig{
			Name: l.Stream, Description: "the ledger of lane " + l.Name + ": one result per record, in input order",
			Subjects: []string{l.Prefix + ".>"}, AllowAtomicPublish: true,
		})
	}
	all = append(all,
		jetstream.StreamConfig{Name: t.Name("WRITEBACK"), Description: "write-API jobs, known by their digest", Subjects: []string{t.Subject("writeback", ">")}, Duplicates: 24 * time.Hour},
		jetstream.StreamConfig{Name: t.Name("OUTCOMES"), Description: "what the write API said of each job", Subjects: []string{t.Subject("outcomes", ">")}},
		jetstream.StreamConfig{Name: t.Name("DEAD"), Description: "original bytes of messages that could not be decoded", Subjects: []string{t.Subject("dead", ">")}, Duplicates: 24 * time.Hour},
		jetstream.StreamConfig{Name: t.Name("AUDIT"), Description: "results of replays", Subjects: []string{t.Subject("audit", ">")}},
	)
	for i := range all {
		all[i].Storage = jetstream.FileStorage
		all[i].Retention = jetstream.LimitsPolicy
		all[i].Replicas = max(t.Replicas, 1)
		all[i].MaxAge = t.MaxAge
		all[i].Discard = jetstream.DiscardOld
		if all[i].Duplicates == 0 {
			all[i].Duplicates = 2 * time.Minute
		}
		if t.MaxAge > 0 && all[i].Duplicates > t.MaxAge {
			all[i].Duplicates = t.MaxAge
		}
	}
	return all
}

// maxAckPending is above any in-flight bound, so that the server never stops
// delivering because of acks: acks only show progress here.
const maxAckPending = 100_000

// Consumer is the durable consumer of a lane. AckWait is longer than any
// outage, because a redelivery is never wanted: a lane that starts again
// resets the consumer to where the ledger ends.
func (t Topology) Consumer(l Lane) jetstream.ConsumerConfig {
	c := jetstream.ConsumerConfig{
		Durable: l.Durable, Description: "lane " + l.Name,
		DeliverPolicy: jetstream.DeliverAllPolicy, AckPolicy: jetstream.AckAllPolicy,
		AckWait: 7 * 24 * time.Hour, MaxAckPending: maxAckPending, MaxDeliver: -1,
		Replicas: max(t.Replicas, 1), HeadersOnly: l.Kind == record.KindOther,
	}
	if len(l.Filters) == 1 {
		c.FilterSubject = l.Filters[0]
	} else {
		c.FilterSubjects = l.Filters
	}
	return c
}

// Buckets is every key-value bucket there must be.
func (t Topology) Buckets() []jetstream.KeyValueConfig {
	return []jetstream.KeyValueConfig{
		{Bucket: t.Name("PROVIDERS"), Description: "registry answers shared between workers", TTL: t.CacheTTL, Storage: jetstream.FileStorage, Replicas: max(t.Replicas, 1)},
		{Bucket: t.Name("LEASES"), Description: "who works which lane", Storage: jetstream.FileStorage, Replicas: max(t.Replicas, 1)},
	}
}

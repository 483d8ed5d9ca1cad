package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/broker"
	"github.com/npiflow/npiflow/internal/record"
)

// step bounds one question to the server.
const step = 5 * time.Second

// unreached says why nobody answered. Without nats.url that is as it should
// be: the worker brings its own server.
func unreached(ctx context.Context, cfg config.Config, err error) line {
	const name = "server"
	switch {
	case cfg.NATS.URL == "" && !listens(ctx, cfg.NATS.Listen):
		return ok(name, "embedded: not running; the worker starts it on %s, with its files in %s", cfg.NATS.Listen, cfg.NATS.DataDir)
	case cfg.NATS.URL == "":
		return fail(name, "set nats.listen to a free address, or nats.url to the server that is there",
			"something listens on %s that does not let us in, so the embedded server could not start there: %v", cfg.NATS.Listen, cause(err))
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrAuthRevoked):
		return fail(name, "check nats.creds_file and what the server allows its user", "the server refuses us: %v", cause(err))
	}
	return fail(name, "start it, or correct nats.url and nats.tls", "%v", cause(err))
}

// cause is the reason alone, without the advice that stands in another column.
func cause(err error) error {
	var away *broker.UnreachableError
	if errors.As(err, &away) {
		return away.Err
	}
	return err
}

func listens(ctx context.Context, addr string) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

func answers(ctx context.Context, b *assembly.Broker, cfg config.Config) line {
	ctx, cancel := context.WithTimeout(ctx, step)
	defer cancel()
	took, err := broker.Roundtrip(ctx, b.NC)
	if err != nil {
		return fail("server", "look at the server's log and the network between", "%s connected, and then did not answer: %v", b.URL(), err)
	}
	version := b.NC.ConnectedServerVersion()
	l := lacks(version, cfg.NATS.Sync)
	l.Detail = fmt.Sprintf("%s answers in %.1f ms, version %s%s", b.URL(), float64(took.Microseconds())/1000, version, l.Detail)
	return l
}

// lacks says what a server of this version cannot do. Several filters on one
// consumer came with 2.10, atomic batches with 2.12, the reset of a consumer
// with 2.14 (the server's release notes).
func lacks(version string, sync config.Sync) line {
	minor, known := broker.MinorVersion(version)
	switch {
	case !known:
		return warn("server", "use nats-server 2.15", ", which is none we know")
	case minor < 10:
		return fail("server", "use nats-server 2.15", ": a lane needs several filters on one consumer, which came with 2.10")
	case minor < 12 && sync == config.SyncAlways:
		return fail("server", "use nats-server 2.15, or nats.sync: default", ": nats.sync: always stores results in atomic batches, which came with 2.12")
	case minor < 12:
		return warn("server", "use nats-server 2.15", ": no atomic batches before 2.12, so nats.sync: always cannot be used; no consumer reset before 2.14, so each start makes the consumers anew")
	case minor < 14:
		return warn("server", "use nats-server 2.15", ": no consumer reset before 2.14, so each start makes the consumers anew")
	}
	return ok("server", "")
}

func jetStream(ctx context.Context, js jetstream.JetStream, cfg config.Config) line {
	ctx, cancel := context.WithTimeout(ctx, step)
	defer cancel()
	info, err := js.AccountInfo(ctx)
	switch {
	case errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount):
		return fail("jetstream", "enable JetStream for this user's account", "the account may not use it")
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled):
		return fail("jetstream", "start the server with -js, or jetstream {} in its configuration", "the server runs without it")
	case err != nil:
		return fail("jetstream", "let the user publish to $JS.API.> and subscribe to _INBOX_npiflow.>", "no answer: %v", err)
	}
	tier := info.Tier
	if t, has := info.Tiers["R"+strconv.Itoa(cfg.NATS.Replicas)]; has {
		tier = t
	}
	return limits(tier, assembly.Topology(cfg))
}

// limits holds an account against what the topology needs.
func limits(tier jetstream.Tier, t broker.Topology) line {
	const name = "jetstream"
	limit := tier.Limits
	have := fmt.Sprintf("enabled; %s stored (%s), %d streams (%s), %d consumers (%s)",
		size(tier.Store), most(limit.MaxStore, size), tier.Streams, most(int64(limit.MaxStreams), plain), tier.Consumers, most(int64(limit.MaxConsumers), plain))
	pending := t.Consumer(t.LaneList()[0]).MaxAckPending
	switch {
	case limit.MaxAckPending > 0 && limit.MaxAckPending < pending:
		return fail(name, "allow that many for the account", "%s; a consumer may have %d unacknowledged messages, and a lane's is made for %d", have, limit.MaxAckPending, pending)
	case limit.MaxStore > 0 && tier.Store > uint64(limit.MaxStore)/10*9:
		return warn(name, "allow more for the account, or set nats.max_age", "%s: soon nothing more can be stored", have)
	}
	return ok(name, "%s", have)
}

func most(n int64, show func(uint64) string) string {
	if n <= 0 {
		return "no limit"
	}
	return "limit " + show(uint64(n))
}

func plain(n uint64) string { return strconv.FormatUint(n, 10) }

func size(n uint64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	f, i := float64(n), 0
	for f >= 1000 && i < len(units)-1 {
		f, i = f/1000, i+1
	}
	return fmt.Sprintf("%.3g %s", f, units[i])
}

func asConfigured(missing []string, drift []broker.Drift, err error) []line {
	const name = "streams"
	var all []line
	for _, d := range drift {
		l := warn(d.Thing, "run `worker setup --apply`, or change the configuration", "%s", d.What)
		if d.Grave {
			l.State = stateFail
		}
		all = append(all, l)
	}
	if len(missing) > 0 {
		all = append(all, warn(name, "run `worker setup`; a worker that may create streams also does so when it starts", "missing: %s", strings.Join(missing, ", ")))
	}
	if err != nil {
		all = append(all, fail(name, "let the user ask for information on streams and consumers", "%v", err))
	}
	if len(all) == 0 {
		all = append(all, ok(name, "streams, consumers and buckets are as configured"))
	}
	return all
}

// storage says what is kept, how often and for how long.
func storage(ctx context.Context, b *assembly.Broker, cfg config.Config, t broker.Topology) line {
	const name = "storage"
	ctx, cancel := context.WithTimeout(ctx, 2*step)
	defer cancel()
	var messages, bytes uint64
	var behind []string
	for _, want := range t.Streams() {
		s, err := b.JS.Stream(ctx, want.Name)
		if err != nil {
			continue // told as missing
		}
		info := s.CachedInfo()
		messages, bytes = messages+info.State.Msgs, bytes+info.State.Bytes
		if info.Cluster != nil && slices.ContainsFunc(info.Cluster.Replicas, func(p *jetstream.PeerInfo) bool { return p.Offline || !p.Current }) {
			behind = append(behind, want.Name)
		}
	}
	kept := fmt.Sprintf("%s, %s, on disk; %s; %s", counted(messages, "message"), size(bytes), howLong(cfg.NATS.MaxAge), copies(cfg.NATS.Replicas))
	switch {
	case len(behind) > 0:
		return warn(name, "look at the servers of the cluster: one is away or slow", "%s; not every copy is up to date: %s", kept, strings.Join(behind, ", "))
	case cfg.NATS.Replicas == 1 && b.NC.ConnectedClusterName() != "":
		return warn(name, "set nats.replicas: 3, then run `worker setup --apply`", "%s, though the server is part of a cluster", kept)
	}
	return ok(name, "%s", kept)
}

func copies(n int) string {
	if n == 1 {
		return "one copy: if this disk is lost, all is"
	}
	return fmt.Sprintf("%d copies: the loss of %s is survived", n, counted(uint64((n-1)/2), "server"))
}

func howLong(age time.Duration) string {
	if age == 0 {
		return "kept for ever"
	}
	return "kept for " + age.String() + ", worked or not"
}

// synced says what a power failure can cost. A client cannot ask a server how
// it flushes, so this is the configuration's word.
func synced(c config.NATS) line {
	const name = "sync"
	whose := "the embedded server flushes"
	if c.URL != "" {
		whose = "nats.sync says (the server cannot be asked) that it flushes"
	}
	switch {
	case c.Sync == config.SyncAlways:
		return ok(name, "%s every message before confirming it: a power failure loses nothing", whose)
	case c.Replicas > 1:
		return ok(name, "%s now and then, every 2 minutes by default: a crash loses nothing; if most servers lose power at once, the last minutes of records may be lost", whose)
	}
	return ok(name, "%s now and then, every 2 minutes by default: a crash loses nothing; a power failure may lose the last minutes of records. nats.sync: always prevents that and is slower", whose)
}

func deadLetters(ctx context.Context, js jetstream.JetStream, t broker.Topology) line {
	const name = "dead letters"
	ctx, cancel := context.WithTimeout(ctx, step)
	defer cancel()
	stream := t.Name("DEAD")
	s, err := js.Stream(ctx, stream)
	var info *jetstream.StreamInfo
	if err == nil {
		info, err = s.Info(ctx, jetstream.WithSubjectFilter(t.Subject("dead", ">")))
	}
	switch {
	case broker.Gone(err):
		return ok(name, "none: their stream is not made yet")
	case err != nil:
		return fail(name, "let the user ask for information on stream "+stream, "cannot be counted: %v", err)
	}
	state := info.State
	if state.Msgs == 0 {
		return ok(name, "none")
	}
	var kinds []string
	for _, k := range record.Kinds {
		if n := state.Subjects[t.Subject("dead", string(k))]; n > 0 {
			kinds = append(kinds, fmt.Sprintf("%s %d", k, n))
		}
	}
	return warn(name, "read them with `nats stream view "+stream+"`: the header "+broker.HeaderReason+" says what to mend before it is sent again",
		"%s (%s)", counted(state.Msgs, "message"), strings.Join(kinds, ", "))
}

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/cmd/producer/intake"
	"github.com/npiflow/npiflow/internal/broker"
	"github.com/npiflow/npiflow/internal/ledger"
	"github.com/npiflow/npiflow/internal/record"
)

const (
	// chunk is how many messages are published before their results are waited
	// for: what is held in memory does not grow with the files.
	chunk = 10_000
	// quiet is how long it may be before one is told what may be the matter.
	quiet = 10 * time.Second
)

// awaited is a published message and its results.
type awaited struct {
	piece   *intake.Piece
	results []record.Result // by part, once the first tells how many there are
	left    int
}

// vetting follows what is published to the end: the results of each message,
// in the order of publishing.
type vetting struct {
	broker  *assembly.Broker
	records string // the input stream
	feeds   []*feed
	order   []*awaited
	by      map[uint64]*awaited // by sequence in the input stream
	left    int                 // of by, those without all results
	before  uint64              // the first that was stored by an earlier run; 0 for none

	timeout time.Duration // without any result
	say     func(string)  // what may be the matter
	quiet   string
	count   func(done int)
}

// newVetting begins behind the results that are there now.
func newVetting(ctx context.Context, b *assembly.Broker, t broker.Topology) (*vetting, error) {
	v := &vetting{broker: b, records: t.Records(), by: map[uint64]*awaited{}}
	for _, l := range t.LaneList() {
		s, err := stream(ctx, b.JS, l.Stream)
		if err != nil {
			return nil, err
		}
		v.feeds = append(v.feeds, &feed{stream: l.Stream, filters: []string{l.Prefix + ".>"}, from: s.CachedInfo().State.LastSeq + 1})
	}
	return v, nil
}

// expect notes a message that is stored. One that was there already may have
// its results before those that are followed.
func (v *vetting) expect(sequence uint64, piece *intake.Piece, already bool) {
	if v.by[sequence] != nil {
		return
	}
	piece.Data = nil // stored: nobody needs it any more
	a := &awaited{piece: piece}
	v.by[sequence], v.order = a, append(v.order, a)
	v.left++
	if already && (v.before == 0 || sequence < v.before) {
		v.before = sequence
	}
}

// collect waits until every message has all its results, and hands them over,
// also those there are when it fails.
func (v *vetting) collect(ctx context.Context, each func(*intake.Piece, *record.Result) error) error {
	err := v.wait(ctx)
	for _, a := range v.order {
		for i := range a.results {
			if r := &a.results[i]; r.Verdict != "" {
				if failed := each(a.piece, r); failed != nil {
					return failed
				}
			}
		}
	}
	v.order, v.left, v.before = nil, 0, 0
	clear(v.by)
	return err
}

var errStalled = errors.New("no result came")

func (v *vetting) wait(ctx context.Context) error {
	if v.left == 0 {
		return nil
	}
	feeds, err := v.since(ctx)
	if err != nil {
		return err
	}
	in := follow(ctx, v.broker, feeds)
	hint, stalled := time.NewTimer(quiet), time.NewTimer(v.timeout)
	defer hint.Stop()
	defer stalled.Stop()
	for err = nil; err == nil && v.left > 0; {
		select {
		case a, more := <-in.arrived:
			switch {
			case !more:
				err = errors.Join(in.err, ctx.Err())
			case a.trouble != nil:
				v.say(a.trouble.Error() + "; trying again until it works")
			default:
				hint.Stop()
				stalled.Reset(v.timeout)
				err = v.take(a.msg)
			}
		case <-hint.C:
			v.say(v.quiet)
		case <-stalled.C:
			err = fmt.Errorf("%w for %v", errStalled, v.timeout)
		}
	}
	_ = in.end()
	for i, f := range feeds {
		v.feeds[i].from = max(v.feeds[i].from, f.from)
	}
	if err != nil {
		return fmt.Errorf("wait for the results of %d messages: %w", v.left, err)
	}
	return nil
}

// since is where the results are read from: behind those that were read or, if
// some messages are of an earlier run, from when the first of them was stored.
func (v *vetting) since(ctx context.Context) ([]*feed, error) {
	var since time.Time
	if v.before > 0 {
		s, err := stream(ctx, v.broker.JS, v.records)
		if err != nil {
			return nil, err
		}
		m, err := s.GetMsg(ctx, v.before)
		if err != nil {
			return nil, fmt.Errorf("find when message %d was stored: %w", v.before, err)
		}
		since = m.Time.Add(-time.Second) // another server's clock may have timed the results
	}
	feeds := make([]*feed, len(v.feeds))
	for i, f := range v.feeds {
		one := *f
		if !since.IsZero() {
			one.from, one.since = 0, since
		}
		feeds[i] = &one
	}
	return feeds, nil
}

// take keeps a result if it is one of ours.
func (v *vetting) take(m jetstream.Msg) error {
	mark, err := ledger.ParseMark(m.Headers().Get(ledger.HeaderMark))
	if err != nil {
		return fmt.Errorf("read a result on %s: %w", assembly.Printable(m.Subject()), err)
	}
	a := v.by[mark.Sequence]
	if a == nil {
		return nil
	}
	if a.results == nil {
		a.results, a.left = make([]record.Result, mark.Parts), mark.Parts
	}
	if mark.Part > len(a.results) || a.results[mark.Part-1].Verdict != "" {
		return nil
	}
	if err := json.Unmarshal(m.Data(), &a.results[mark.Part-1]); err != nil {
		return fmt.Errorf("read a result on %s: it is none", assembly.Printable(m.Subject()))
	}
	if a.left--; a.left == 0 {
		v.left--
		v.count(len(v.by) - v.left)
	}
	return nil
}

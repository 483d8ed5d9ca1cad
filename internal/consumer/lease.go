package consumer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// leaseTTL is how long a silent holder keeps its lease. A standby takes
	// over that long after a holder died.
	leaseTTL   = 3 * time.Second
	leaseRenew = leaseTTL / 4
)

// leaseDoc is a lease as it stands in the bucket, under the lane's name.
type leaseDoc struct {
	Holder  string    `json:"holder"` // "" is free
	Renewed time.Time `json:"renewed"`
	History `json:",inline"`
}

// lease is the right to work a lane. It gives hot standby and spreads lanes
// over workers; correctness rests on the ledger's fence alone, so a lease
// wrongly believed in costs some refused messages and nothing else.
type lease struct {
	kv     jetstream.KeyValue
	lane   string
	holder string
	begun  bool   // this holder's start is in the history
	poison uint64 // the message that killed the last holder while it was worked alone

	updating sync.Mutex // one update at a time, or the second would miss the first's revision
	mu       sync.Mutex // guards the fields below
	revision uint64
	doc      leaseDoc
}

// acquire waits until the lease is free or its holder has been silent for the
// TTL, and takes it. eager delays by how much this worker should leave a free
// lease to others.
func (l *lease) acquire(ctx context.Context, eager time.Duration) error {
	for {
		doc, revision, err := l.read(ctx)
		if err != nil {
			return err
		}
		if doc.Holder != "" && doc.Holder != l.holder {
			silent, err := l.outwait(ctx, revision)
			if err != nil {
				return err
			}
			if !silent {
				continue
			}
		} else if eager > 0 {
			select {
			case <-time.After(eager):
			case <-ctx.Done():
				return ctx.Err()
			}
			eager = 0
			continue // somebody may have taken it meanwhile
		}
		if doc.Holder == l.holder {
			doc.Calm = true // it was us, alive: no crash
		}
		took, err := l.write(ctx, leaseDoc{Holder: l.holder, Renewed: time.Now().UTC(), History: doc.History}, revision)
		if err != nil {
			return err
		}
		if took {
			return nil
		}
	}
}

func (l *lease) read(ctx context.Context) (doc leaseDoc, revision uint64, err error) {
	e, err := l.kv.Get(ctx, l.lane)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return leaseDoc{History: History{Calm: true}}, 0, nil
	}
	if err != nil {
		return doc, 0, fmt.Errorf("read the lease of lane %s: %w", l.lane, err)
	}
	if err := json.Unmarshal(e.Value(), &doc); err != nil {
		doc = leaseDoc{History: History{Calm: true}} // not ours: as good as free
	}
	return doc, e.Revision(), nil
}

// outwait reports whether the lease stays unrenewed for the TTL, measured on
// our own clock, so that clocks need not agree. It returns early when the
// lease changes.
func (l *lease) outwait(ctx context.Context, revision uint64) (silent bool, err error) {
	w, err := l.kv.Watch(ctx, l.lane)
	if err != nil {
		return false, fmt.Errorf("watch the lease of lane %s: %w", l.lane, err)
	}
	defer func() { _ = w.Stop() }()
	expired := time.NewTimer(leaseTTL)
	defer expired.Stop()
	for {
		select {
		case u, ok := <-w.Updates():
			if !ok {
				return false, fmt.Errorf("watch the lease of lane %s: the watch ended", l.lane)
			}
			if u != nil && u.Revision() != revision {
				// Renewed: keep waiting on the same watch unless it was let go.
				var doc leaseDoc
				if json.Unmarshal(u.Value(), &doc) != nil || doc.Holder == "" {
					return false, nil
				}
				revision = u.Revision()
				expired.Reset(leaseTTL)
			}
		case <-expired.C:
			// Believe the silence only if we can hear: ask once more.
			_, now, err := l.read(ctx)
			if err != nil {
				return false, err
			}
			if now == revision {
				return true, nil
			}
			revision = now
			expired.Reset(leaseTTL)
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

// write puts the document if the bucket still has the revision.
func (l *lease) write(ctx context.Context, doc leaseDoc, revision uint64) (bool, error) {
	body, err := json.Marshal(doc)
	if err != nil {
		return false, err
	}
	var r uint64
	if revision == 0 {
		r, err = l.kv.Create(ctx, l.lane, body)
	} else {
		r, err = l.kv.Update(ctx, l.lane, body, revision)
	}
	if errors.Is(err, jetstream.ErrKeyExists) || isWrongRevision(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("write the lease of lane %s: %w", l.lane, err)
	}
	l.mu.Lock()
	l.revision, l.doc = r, doc
	l.mu.Unlock()
	return true, nil
}

func isWrongRevision(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence
}

// errLeaseLost says another worker took the lane.
var errLeaseLost = errors.New("another worker took the lane")

// update changes the lease's document while it is held.
func (l *lease) update(ctx context.Context, change func(*leaseDoc)) error {
	l.updating.Lock()
	defer l.updating.Unlock()
	l.mu.Lock()
	doc, revision := l.doc, l.revision
	l.mu.Unlock()
	change(&doc)
	doc.Renewed = time.Now().UTC()
	ok, err := l.write(ctx, doc, revision)
	if err != nil {
		return err
	}
	if !ok {
		return errLeaseLost
	}
	return nil
}

func (l *lease) history() History {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.doc.History
}

package consumer

import (
	"context"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/npiflow/npiflow/internal/ledger"
)

// Delivery is one input message handed over to be worked.
type Delivery struct {
	Subject  string
	Header   nats.Header
	Data     []byte
	Sequence uint64    // in the input stream
	Received time.Time // when the input stream stored it
	// Parts is how many results an earlier session began to store for it, 0
	// if none. It needs as many again, even where it has become a dead letter.
	Parts int
}

// Outcome is everything that must be stored because of a delivery.
type Outcome struct {
	Before  []*nats.Msg      // stored first, in any order; each carries its message id, so a repeat is harmless
	Results []ledger.Message // then stored in order; the lane sets their marks; none if the delivery is not the lane's
}

// Handler turns a delivery into its outcome. It is called from many
// goroutines at once.
type Handler interface {
	// Try works a delivery without waiting for anything; false if it would
	// have to wait. It runs on the lane's own goroutine.
	Try(d *Delivery) (Outcome, bool)
	// Do works a delivery and waits as long as it takes. The only error is
	// the context's.
	Do(ctx context.Context, d *Delivery) (Outcome, error)
	// Dead is the outcome of a delivery that can never be worked.
	Dead(d *Delivery, reason string) Outcome
}

// Gate says whether more may be pulled.
type Gate interface {
	Available() bool
	Changed() <-chan struct{} // closed at the next change of Available
}

package consumer

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
)

const (
	pullExpires   = 30 * time.Second
	pullHeartbeat = 2 * time.Second
	// pullBytes bounds what one request may bring.
	pullBytes = 32 << 20
)

// errDisorder says that deliveries are not an unbroken run any more.
var errDisorder = errors.New("a delivery is missing or came twice")

// puller asks for messages and checks that they arrive as an unbroken run.
//
// It is a pull loop of our own: the client library's Consume can fall silent
// until its missed heartbeat when its request goroutine is descheduled at the
// wrong moment, and it cannot tell a delivery lost on the way from one not
// sent (docs/decisions/0003-own-pull-loop.md).
type puller struct {
	nc       *nats.Conn
	subject  string // the server's request subject
	inbox    string
	messages chan *nats.Msg
	sub      *nats.Subscription

	requests    int  // made so far
	outstanding int  // messages asked for and not arrived
	large       bool // the next message is above pullBytes: ask for it alone
	order       uint64
	sequence    uint64
	heard       time.Time
	lag         uint64
}

func newPuller(nc *nats.Conn, stream, durable string, most int) (*puller, error) {
	p := &puller{
		nc: nc, subject: "$JS.API.CONSUMER.MSG.NEXT." + stream + "." + durable,
		inbox: nc.NewInbox(), heard: time.Now(),
		// Room for all that can be asked for, and the status messages between.
		messages: make(chan *nats.Msg, 2*most+256),
	}
	var err error
	if p.sub, err = nc.ChanSubscribe(p.inbox+".*", p.messages); err != nil {
		return nil, fmt.Errorf("listen for deliveries: %w", err)
	}
	return p, nil
}

func (p *puller) close() { _ = p.sub.Unsubscribe() }

// pullRequest is the server's API; its times are nanoseconds.
type pullRequest struct {
	Expires   int64 `json:"expires"`
	Batch     int   `json:"batch"`
	MaxBytes  int   `json:"max_bytes,omitzero"`
	Heartbeat int64 `json:"idle_heartbeat"`
}

// ask requests n more messages.
func (p *puller) ask(n int) error {
	if p.large {
		n = 1
	}
	r := pullRequest{Expires: pullExpires.Nanoseconds(), Batch: n, MaxBytes: pullBytes, Heartbeat: pullHeartbeat.Nanoseconds()}
	if n == 1 {
		r.MaxBytes = 0 // one message may be of any size
	}
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	p.requests++
	reply := p.inbox + "." + strconv.Itoa(p.requests)
	if p.outstanding == 0 {
		p.heard = time.Now()
	}
	p.outstanding += n
	return p.nc.PublishRequest(p.subject, reply, body)
}

// silent reports whether the server owes us a sign of life.
func (p *puller) silent(now time.Time) bool {
	return p.outstanding > 0 && now.Sub(p.heard) > 2*pullHeartbeat+time.Second
}

// take reads one arrived message: a delivery to be worked, or nil for a status
// message.
func (p *puller) take(m *nats.Msg) (*slot, error) {
	p.heard = time.Now()
	if m.Reply == "" { // only what the server says of the request itself has none
		return nil, p.status(m)
	}
	meta, err := m.Metadata()
	if err != nil {
		return nil, fmt.Errorf("read a delivery: %w", err)
	}
	if meta.Sequence.Consumer != p.order+1 || meta.Sequence.Stream <= p.sequence || meta.NumDelivered != 1 {
		return nil, fmt.Errorf("%w: message %d is delivery %d, after message %d, delivery %d",
			errDisorder, meta.Sequence.Stream, meta.Sequence.Consumer, p.sequence, p.order)
	}
	p.large = false
	p.order, p.sequence, p.lag = meta.Sequence.Consumer, meta.Sequence.Stream, meta.NumPending
	p.outstanding--
	return &slot{size: len(m.Data), ack: m.Reply, Delivery: Delivery{
		Subject: m.Subject, Header: m.Header, Data: m.Data,
		Sequence: meta.Sequence.Stream, Received: meta.Timestamp.UTC(),
	}}, nil
}

// status handles what the server says about a request: it lives, or it ended
// with so many messages still owed.
func (p *puller) status(m *nats.Msg) error {
	switch code := m.Header.Get("Status"); code {
	case "100": // heartbeat
		return nil
	case "404", "408", "409":
		pending := m.Header.Get("Nats-Pending-Messages")
		n, err := strconv.Atoi(pending)
		if err != nil || n > p.outstanding {
			// Leadership change, consumer deleted, shutdown: begin again.
			return fmt.Errorf("the server ended a pull request: %s %s", code, m.Header.Get("Description"))
		}
		p.outstanding -= n
		p.large = m.Header.Get("Description") == "Message Size Exceeds MaxBytes"
		return nil
	default:
		return fmt.Errorf("the server answered a pull request with %s %s", code, m.Header.Get("Description"))
	}
}

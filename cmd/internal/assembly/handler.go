package assembly

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"

	"github.com/npiflow/npiflow/internal/broker"
	"github.com/npiflow/npiflow/internal/consumer"
	"github.com/npiflow/npiflow/internal/ledger"
	"github.com/npiflow/npiflow/internal/pipeline"
	"github.com/npiflow/npiflow/internal/record"
	"github.com/npiflow/npiflow/internal/writeback"
)

// Handler is where the lane, which knows no domain, and the pipeline, which
// knows no broker, meet: it turns what the pipeline says into messages.
type Handler struct {
	Lane     broker.Lane
	Topology broker.Topology
	Pipeline *pipeline.Pipeline
	// MaxPayload is the largest message the server takes now, in bytes.
	MaxPayload func() int64
	metrics    *metrics
	records    string // the input stream's name
}

func (h *Handler) maxPayload() int64 {
	if h.MaxPayload == nil {
		return 1 << 20 // the server's default
	}
	return h.MaxPayload()
}

// Try works a delivery if every answer is at hand.
func (h *Handler) Try(d *consumer.Delivery) (consumer.Outcome, bool) {
	vetted, err := h.Pipeline.Process(context.Background(), h.message(d), false)
	if errors.Is(err, pipeline.ErrWouldWait) {
		return consumer.Outcome{}, false
	}
	return h.outcome(d, vetted, err), true
}

// Do works a delivery and waits for the registry.
func (h *Handler) Do(ctx context.Context, d *consumer.Delivery) (consumer.Outcome, error) {
	vetted, err := h.Pipeline.Process(ctx, h.message(d), true)
	if ctx.Err() != nil {
		return consumer.Outcome{}, ctx.Err()
	}
	return h.outcome(d, vetted, err), nil
}

func (h *Handler) message(d *consumer.Delivery) pipeline.Message {
	return pipeline.Message{
		Kind: h.Lane.Kind, Data: d.Data, ContentType: contentType(d.Header),
		Origin: record.Origin{Stream: h.records, Sequence: d.Sequence, ReceivedAt: d.Received},
	}
}

func (h *Handler) outcome(d *consumer.Delivery, vetted []pipeline.Vetted, err error) consumer.Outcome {
	if err != nil {
		reason := "it cannot be worked"
		var m *record.MalformedError
		if errors.As(err, &m) {
			reason = m.Reason
		}
		return h.Dead(d, reason)
	}
	var o consumer.Outcome
	trace := traceContext(d.Header)
	o.Results = make([]ledger.Message, len(vetted))
	unread := 0
	for i := range vetted {
		v := &vetted[i]
		if v.Dead != "" {
			if unread++; unread == 1 {
				o.Before = append(o.Before, h.kept(d, v.Dead))
			}
			o.Results[i] = h.deadResult(d, i, v.Dead)
			continue
		}
		if v.Job != nil {
			job := h.job(v.Job, trace)
			if !h.fits(job) {
				return h.Dead(d, fmt.Sprintf("its write-back job would have %d bytes, more than the server takes (max_payload): split the record, or raise max_payload", len(job.Data)))
			}
			o.Before = append(o.Before, job)
		}
		o.Results[i] = h.result(&v.Result, trace)
		if size := int64(len(o.Results[i].Data)); size+headroom > h.maxPayload() {
			return h.Dead(d, fmt.Sprintf("its result would have %d bytes, more than the server takes (max_payload): split the record, or raise max_payload", size))
		}
	}
	return o
}

// headroom is what headers may add to a result's size.
const headroom = 4 << 10

// fits reports whether the server takes a message. One it refuses for its size
// would be offered again for ever, and the lane would stand still.
func (h *Handler) fits(m *nats.Msg) bool {
	size := len("NATS/1.0\r\n\r\n") + len(m.Data)
	for k, values := range m.Header {
		for _, v := range values {
			size += len(k) + len(v) + len(": \r\n")
		}
	}
	return int64(size) <= h.maxPayload()
}

func (h *Handler) result(r *record.Result, trace nats.Header) ledger.Message {
	h.metrics.count(h.Lane.Name, r)
	body := ledger.NewBody()
	return ledger.Message{
		Subject: h.Lane.Subject(r.Verdict), ID: r.ID, Header: trace,
		Data: r.AppendJSON(body.Bytes()), Body: body,
	}
}

// job is a write-back job as a message. Its digest is its message id: the
// same job stored twice within the stream's window is one.
func (h *Handler) job(j *record.Job, trace nats.Header) *nats.Msg {
	h.metrics.jobs.WithLabelValues(j.Action).Inc()
	body, err := json.Marshal(j, json.Deterministic(true))
	if err != nil {
		panic("encode a job: it holds only texts") // becomes a dead letter, not a crash
	}
	m := &nats.Msg{Subject: writeback.Subject(h.Topology.Prefix, j.Action), Data: body, Header: nats.Header{
		nats.MsgIdHdr: {j.ID}, ledger.HeaderID: {j.RecordID},
	}}
	for k, v := range trace {
		m.Header[k] = v
	}
	return m
}

// Dead is the outcome of a delivery that can never be worked: the original in
// the dead letters, and a result that points to it. A message whose first
// results were stored before it became one gets as many as it began with.
func (h *Handler) Dead(d *consumer.Delivery, reason string) consumer.Outcome {
	letter := h.kept(d, reason)
	o := consumer.Outcome{Before: []*nats.Msg{letter}}
	for i := range max(1, d.Parts) {
		o.Results = append(o.Results, h.deadResult(d, i, letter.Header.Get(broker.HeaderReason)))
	}
	return o
}

func (h *Handler) deadResult(d *consumer.Delivery, index int, reason string) ledger.Message {
	m := h.message(d)
	m.Origin.Index = index
	r := h.Pipeline.DeadResult(m, record.DeadLetter{Subject: h.deadSubject(), Reason: reason})
	return h.result(&r, traceContext(d.Header))
}

func (h *Handler) deadSubject() string { return h.Topology.Subject("dead", string(h.Lane.Kind)) }

// kept is the dead letter of a delivery, with the original if it fits.
func (h *Handler) kept(d *consumer.Delivery, reason string) *nats.Msg {
	letter := h.letter(d, d.Data, d.Header, reason)
	if !h.fits(letter) {
		letter = h.letter(d, nil, nil, reason+"; the original is too large to be kept as a dead letter: it is in the input stream at the source sequence")
	}
	return letter
}

func contentType(h nats.Header) string {
	if v := h["Content-Type"]; len(v) == 1 {
		return v[0]
	}
	return ""
}

// letter is a dead letter: what is kept of the original, and why.
func (h *Handler) letter(d *consumer.Delivery, data []byte, header nats.Header, reason string) *nats.Msg {
	m := &nats.Msg{Subject: h.deadSubject(), Data: data, Header: nats.Header{}}
	for k, v := range header {
		if !strings.HasPrefix(k, "Nats-") { // the broker's own headers would be obeyed again
			m.Header[k] = v
		}
	}
	at := strconv.FormatUint(d.Sequence, 10)
	// The time tells it from a message of the same number in a stream made anew.
	m.Header.Set(nats.MsgIdHdr, h.records+"-"+at+"-"+strconv.FormatInt(d.Received.UnixNano(), 36))
	m.Header.Set(broker.HeaderReason, reason)
	m.Header.Set(broker.HeaderStream, h.records)
	m.Header.Set(broker.HeaderSubject, d.Subject)
	m.Header.Set(ledger.HeaderMark, at)
	return m
}

// traceContext is the W3C trace context of a message, to be carried on. Only
// what has the standard's shape passes: a header is no way around the rule
// that no payload leaves the input stream.
func traceContext(in nats.Header) nats.Header {
	parent := in["traceparent"]
	if len(parent) != 1 || !validTraceparent(parent[0]) {
		return nil
	}
	out := nats.Header{"traceparent": parent}
	if state := in["tracestate"]; len(state) == 1 && len(state[0]) <= 512 && printable(state[0]) {
		out["tracestate"] = state
	}
	return out
}

// validTraceparent checks "00-<32 hex>-<16 hex>-<2 hex>"
// (https://www.w3.org/TR/trace-context/#traceparent-header).
func validTraceparent(s string) bool {
	if len(s) != 55 || s[2] != '-' || s[35] != '-' || s[52] != '-' || s[:2] == "ff" {
		return false
	}
	for i := range len(s) {
		if i == 2 || i == 35 || i == 52 {
			continue
		}
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return strings.Trim(s[3:35], "0") != "" && strings.Trim(s[36:52], "0") != ""
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

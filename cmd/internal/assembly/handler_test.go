package assembly

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/broker"
	"github.com/npiflow/npiflow/internal/consumer"
	"github.com/npiflow/npiflow/internal/ledger"
	"github.com/npiflow/npiflow/internal/pipeline"
	"github.com/npiflow/npiflow/internal/record"
	"github.com/npiflow/npiflow/internal/writeback"
)

// active is an individual the registry knows, with all an update needs.
func active(npi record.NPI) *record.Entry {
	at := record.Address{Purpose: "LOCATION", Address1: "1 MAIN ST", City: "AUSTIN", State: "TX", PostalCode: "787014321", CountryCode: "US", Phone: "512-555-0100"}
	mail := at
	mail.Purpose = "MAILING"
	return &record.Entry{
		NPI: npi, Sex: "F", Addresses: []record.Address{at, mail},
		Evidence: record.Evidence{Source: record.FromAPI, Facts: record.Facts{Status: record.Active, Type: record.NPI1, SoleProprietor: "NO",
			EnumerationDate: 2010_01_01, LastUpdated: 2020_01_01, Name: record.Name{First: "JOSEPHINE", Last: "DE LOS SANTOS"}}},
		Taxonomies: []record.Taxonomy{{Code: "207Q00000X", State: "TX", License: "1", Primary: true}},
	}
}

// handler is one of a lane, with every answer at hand, on a server that takes
// messages of at most so many bytes.
func handler(kind record.Kind, most int64) *Handler {
	t := Topology(config.Default())
	p := &pipeline.Pipeline{Decode: pipeline.Native, Now: time.Now, Peek: func(npi record.NPI) (*record.Entry, bool) { return active(npi), true }}
	p.Plan = func(j *record.Judged, day record.Date) (*record.Job, []string) {
		return writeback.Plan(&writeback.Config{}, j, day)
	}
	h := &Handler{Topology: t, Pipeline: p, MaxPayload: func() int64 { return most }, metrics: newMetrics(prometheus.NewRegistry(), []string{"claim", "roster", "other"}), records: t.Records()}
	for _, l := range t.LaneList() {
		if l.Kind == kind {
			h.Lane = l
		}
	}
	return h
}

func delivery(data string) *consumer.Delivery {
	return &consumer.Delivery{Subject: "npi.records.claim.x", Header: nats.Header{}, Data: []byte(data), Sequence: 7, Received: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
}

// onTheWire is how many bytes of payload a message is to the server: headers
// count.
func onTheWire(header nats.Header, data []byte) int64 {
	n := len("NATS/1.0\r\n\r\n") + len(data)
	for k, values := range header {
		for _, v := range values {
			n += len(k) + len(": ") + len(v) + len("\r\n")
		}
	}
	return int64(n)
}

func resultOf(t require.TestingT, m ledger.Message) (r record.Result) {
	require.NoError(t, json.Unmarshal(m.Data, &r))
	return r
}

// Whatever the server would refuse for its size would be tried again for ever:
// nothing of that kind leaves the handler.
func TestEverythingFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const most = 1 << 16
		h := handler(record.KindClaim, most)
		d := delivery("")
		d.Subject = "npi.records.claim." + strings.Repeat("s", rapid.IntRange(1, 4000).Draw(t, "subject"))
		for i := range rapid.IntRange(0, 3).Draw(t, "headers") {
			value := strings.Repeat("v", rapid.IntRange(0, 3000).Draw(t, "value"))
			for range rapid.SampledFrom([]int{1, 2, 500}).Draw(t, "values") {
				d.Header.Add(fmt.Sprint("X-", i), value[:min(len(value), 3000/(1+i))])
			}
		}
		room := most - int(onTheWire(d.Header, nil))
		if room < 0 {
			t.Skip("the server would not have taken it")
		}
		d.Data = make([]byte, max(0, room-rapid.IntRange(0, 10000).Draw(t, "short of the most")))
		for _, o := range []consumer.Outcome{h.Dead(d, "a reason"), must(h.Try(d))} {
			for _, m := range o.Before {
				require.LessOrEqual(t, onTheWire(m.Header, m.Data), int64(most))
			}
			r := resultOf(t, o.Results[0])
			require.Equal(t, record.Dead, r.Verdict)
			require.Equal(t, "npi.dead.claim", r.Dead.Subject)
			kept := len(o.Before[0].Data) == len(d.Data)
			for k := range d.Header {
				kept = kept && len(o.Before[0].Header[k]) == len(d.Header[k])
			}
			require.Equal(t, !kept, strings.Contains(r.Dead.Reason, "too large to be kept"), r.Dead.Reason)
			require.Equal(t, "7", o.Before[0].Header.Get(ledger.HeaderMark))
		}
	})
}

func must(o consumer.Outcome, ok bool) consumer.Outcome {
	if !ok {
		panic("it would wait")
	}
	return o
}

func TestResultTooLarge(t *testing.T) {
	h := handler(record.KindClaim, 20_000)
	o := must(h.Try(delivery(`{"id":"c1","providers":[{"role":"billing","npi":"1770626038"}` + strings.Repeat(`,{"role":"rendering","npi":"1851713903"}`, 100) + `]}`)))
	require.Len(t, o.Results, 1)
	r := resultOf(t, o.Results[0])
	assert.Equal(t, record.Dead, r.Verdict)
	assert.Contains(t, r.Dead.Reason, "more than the server takes (max_payload): split the record")
}

// A row that would blow up its job beyond what the server takes ends as a dead
// letter, too, instead of standing in its lane's way for ever.
func TestJobTooLarge(t *testing.T) {
	h := handler(record.KindRoster, 64<<10)
	var places []string
	for i := range 90 {
		places = append(places, fmt.Sprintf(`{"address_purpose":"LOCATION","address_1":"%d %s","city":"AUSTIN","state":"TX","postal_code":"78701"}`, i+2, strings.Repeat("LONG ", 90)))
	}
	o := must(h.Try(delivery(`{"id":"r1","npi":"1336225416","first_name":"JOSEPHINE","last_name":"DE LOS SANTOS","addresses":[` + strings.Join(places, ",") + `]}`)))
	for _, m := range o.Before {
		require.LessOrEqual(t, onTheWire(m.Header, m.Data), int64(64<<10))
	}
	r := resultOf(t, o.Results[0])
	require.Equal(t, record.Dead, r.Verdict)
	assert.Contains(t, r.Dead.Reason, "its write-back job would have")
}

func TestOutcome(t *testing.T) {
	h := handler(record.KindRoster, 1<<20)
	d := delivery(`{"id":"r1","npi":"1336225416","first_name":"JOSEPHINE","last_name":"DE LOS SANTOS","addresses":[{"address_purpose":"LOCATION","address_1":"1 MAIN ST","city":"AUSTIN","state":"TX","postal_code":"787014321","telephone_number":"512-555-0199"}]}`)
	d.Header = nats.Header{"traceparent": {traceparent}, "tracestate": {"vendor=1"}, "X-Other": {"dropped"}}
	o := must(h.Try(d))
	require.Len(t, o.Before, 1, "the job comes first")
	job, result := o.Before[0], o.Results[0]
	assert.Equal(t, "npi.writeback.update", job.Subject)
	var j record.Job
	require.NoError(t, json.Unmarshal(job.Data, &j))
	trace := nats.Header{"traceparent": {traceparent}, "tracestate": {"vendor=1"}}
	assert.Equal(t, nats.Header{"Nats-Msg-Id": {j.ID}, "Npi-Record-Id": {"r1"}, "traceparent": {traceparent}, "tracestate": {"vendor=1"}}, job.Header)
	assert.Equal(t, "npi.results.roster.clean", result.Subject)
	assert.Equal(t, "r1", result.ID)
	assert.Equal(t, trace, result.Header)
	again := must(h.Try(d))
	assert.Equal(t, job.Data, again.Before[0].Data, "made again it is the same, byte for byte")
}

// The message id of a dead letter is the same when it is made again, and
// another for another message, even one of the same number in a stream that
// was made anew.
func TestDeadLetterIsKnown(t *testing.T) {
	h := handler(record.KindClaim, 1<<20)
	id := func(d *consumer.Delivery) string { return h.Dead(d, "x").Before[0].Header.Get(nats.MsgIdHdr) }
	d, later := delivery("x"), delivery("x")
	assert.Equal(t, id(d), id(delivery("x")))
	later.Received = later.Received.Add(time.Millisecond)
	assert.NotEqual(t, id(d), id(later))
}

func TestTraceContext(t *testing.T) {
	good := nats.Header{"traceparent": {traceparent}}
	for _, c := range []struct {
		name string
		in   nats.Header
		out  nats.Header
	}{
		{"none", nats.Header{}, nil},
		{"no header at all", nil, nil},
		{"sound", good, good},
		{"with state", nats.Header{"traceparent": {traceparent}, "tracestate": {"a=1,b=2"}, "X-Patient": {"DOE"}}, nats.Header{"traceparent": {traceparent}, "tracestate": {"a=1,b=2"}}},
		{"state alone", nats.Header{"tracestate": {"a=1"}}, nil},
		{"state too long", nats.Header{"traceparent": {traceparent}, "tracestate": {strings.Repeat("a", 513)}}, good},
		{"state that is not printable", nats.Header{"traceparent": {traceparent}, "tracestate": {"a=\x01"}}, good},
		{"twice", nats.Header{"traceparent": {traceparent, traceparent}}, nil},
		{"too short", nats.Header{"traceparent": {traceparent[1:]}}, nil},
		{"too long", nats.Header{"traceparent": {traceparent + "-DOE"}}, nil},
		{"capitals", nats.Header{"traceparent": {strings.ToUpper(traceparent)}}, nil},
		{"words", nats.Header{"traceparent": {"00-PATIENTxJANExDOExxxxxxxxxxxxxxxx-b7ad6b7169203331-01"}}, nil},
		{"no trace", nats.Header{"traceparent": {"00-00000000000000000000000000000000-b7ad6b7169203331-01"}}, nil},
		{"no span", nats.Header{"traceparent": {"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"}}, nil},
		{"version ff", nats.Header{"traceparent": {"ff" + traceparent[2:]}}, nil},
		{"misplaced dashes", nats.Header{"traceparent": {strings.Replace(traceparent, "-", "0", 1)}}, nil},
	} {
		assert.Equal(t, c.out, traceContext(c.in), c.name)
	}
}

// Every label value is there at zero from the start.
func TestMetricsAreThereFromTheStart(t *testing.T) {
	reg := prometheus.NewRegistry()
	newMetrics(reg, []string{"claim", "roster"})
	all, err := reg.Gather()
	require.NoError(t, err)
	series := map[string]int{}
	for _, f := range all {
		series[f.GetName()] = len(f.Metric)
		for _, m := range f.Metric {
			assert.Zero(t, m.GetCounter().GetValue())
		}
	}
	assert.Equal(t, map[string]int{"npiflow_records_total": 2 * len(record.Verdicts), "npiflow_flags_total": len(record.FlagCodes), "npiflow_jobs_total": 2}, series)
}

// A message as large as the server takes, that is no record: its dead letter
// would not fit, and the lane goes on.
func TestLargestMessage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, config.SyncDefault)
	nc, err := nats.Connect(h.url)
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	_, err = h.js.Publish(t.Context(), "npi.records.claim.t", []byte(`{"`+strings.Repeat("x", int(nc.MaxPayload())-2)))
	require.NoError(t, err)
	h.work()
	h.input = []input{{kind: record.KindClaim, verdict: record.Dead}}
	h.load(7)
	h.await()
	h.until(func() bool { return h.stored("NPI_DEAD") == 1+1 }, "both dead letters are kept")
	for _, m := range h.all("NPI_DEAD") {
		if m.Headers().Get(ledger.HeaderMark) == "1" {
			assert.Empty(t, m.Data())
			assert.Contains(t, m.Headers().Get(broker.HeaderReason), "it is in the input stream at the source sequence")
		}
	}
}

package assembly

import (
	"context"
	"flag"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/broker"
	"github.com/npiflow/npiflow/internal/broker/brokertest"
	"github.com/npiflow/npiflow/internal/ledger"
	"github.com/npiflow/npiflow/internal/mirror"
	"github.com/npiflow/npiflow/internal/record"
)

func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "16") // the tests wait more than they work
	goleak.VerifyTestMain(m)
}

// house is a whole worker in this process: a real server, a stand-in
// registry, and lanes that reach the server over a link that breaks.
type house struct {
	t        *testing.T
	cfg      config.Config
	registry *mirror.Recorded
	js       jetstream.JetStream
	link     *brokertest.Link
	url      string
	input    []input
}

// input is a record and what must come of it.
type input struct {
	kind    record.Kind
	body    string
	verdict record.Verdict
	job     bool
}

func newHouse(t *testing.T, sync config.Sync) *house {
	srv, err := broker.Embed(t.TempDir(), "127.0.0.1:0", sync == config.SyncAlways)
	require.NoError(t, err)
	t.Cleanup(srv.Close)
	registry, err := mirror.NewRecorded(mirror.Answers())
	require.NoError(t, err)
	registry.Synthesize = true
	web := httptest.NewServer(registry)
	t.Cleanup(web.Close)

	h := &house{t: t, cfg: config.Default(), registry: registry, url: srv.URL(), link: brokertest.NewLink(t, srv.URL())}
	h.cfg.NATS.URL, h.cfg.NATS.Sync = h.link.URL(), sync
	h.cfg.Enrich.API.URL, h.cfg.Enrich.API.Rate = web.URL+"/api/", 0
	h.cfg.Enrich.API.Timeout, h.cfg.Enrich.Breaker.Cooldown = time.Second, 300*time.Millisecond
	h.cfg.Worker.MaxInFlight = 64
	h.cfg.Worker.Drain = 5 * time.Second

	nc, err := nats.Connect(h.url)
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	h.js, err = jetstream.New(nc)
	require.NoError(t, err)
	_, _, err = broker.Setup(t.Context(), h.js, Topology(h.cfg), false)
	require.NoError(t, err)
	return h
}

// load publishes n more claims and roster rows of every sort.
func (h *house) load(n int) {
	h.t.Helper()
	for range n {
		h.put(sample(len(h.input)))
	}
}

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

func (h *house) put(in input) {
	h.t.Helper()
	m := &nats.Msg{Subject: "npi.records." + string(in.kind) + ".t", Data: []byte(in.body), Header: nats.Header{"traceparent": {traceparent}}}
	_, err := h.js.PublishMsg(h.t.Context(), m)
	require.NoError(h.t, err)
	h.input = append(h.input, in)
}

// sample is the i-th of a cycle of records: sound claims, a mistyped one, one
// that is no JSON, an unknown NPI, a roster row that agrees, and one that
// differs.
func sample(i int) input {
	claim := func(npi string) string {
		return fmt.Sprintf(`{"id":"c%d","type":"professional","service_from":"2026-10-05","patient":{"last_name":"SECRETDOE","member":"M%d"},"providers":[{"role":"billing","npi":"1770626038"},{"role":"rendering","npi":"%s"}]}`, i, i, npi)
	}
	roster := func(phone string) string {
		return fmt.Sprintf(`{"id":"r%d","npi":"1336225416","enumeration_type":"NPI-1","first_name":"JOSEPHINE","last_name":"DE LOS SANTOS","effective_date":"2026-11-01","addresses":[{"address_purpose":"LOCATION","address_1":"2504 N CONWAY AVE","city":"MISSION","state":"TX","postal_code":"785742349","telephone_number":"%s"}]}`, i, phone)
	}
	switch i % 7 {
	case 0:
		return input{record.KindClaim, claim("1851713903"), record.Clean, false}
	case 1:
		return input{record.KindClaim, claim("1588817837"), record.Clean, false}
	case 2:
		return input{record.KindClaim, claim("1851713904"), record.Rejected, false}
	case 3:
		return input{record.KindClaim, `{"SECRETDOE`, record.Dead, false}
	case 4:
		return input{record.KindClaim, claim("1003048257"), record.Flagged, false} // deactivated, so the API knows nothing of it
	case 5:
		return input{record.KindRoster, roster("956-519-9000"), record.Clean, false}
	}
	return input{record.KindRoster, roster(fmt.Sprintf("956-555-%04d", i)), record.Clean, true}
}

// worker is a worker at work, and what it shows of itself.
type worker struct {
	t     *testing.T
	reg   *prometheus.Registry
	log   *journal
	drain func()
}

// work runs a worker over the link until it is drained.
func (h *house) work() worker {
	t := h.t
	b, err := Connect(h.cfg, t.Name(), false)
	require.NoError(t, err)
	w := worker{t: t, reg: prometheus.NewRegistry(), log: &journal{}}
	log := zerolog.New(w.log).Level(zerolog.DebugLevel).With().Timestamp().Logger()
	ctx, cancel := context.WithCancel(context.Background())
	e, closeEnricher, err := Enricher(ctx, h.cfg, b.JS, w.reg, log)
	require.NoError(t, err)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	lanes, watch := Lanes(h.cfg, b, Pipeline(e, true), e, w.reg, log)
	for _, l := range lanes {
		wg.Go(func() { _ = l.Run(ctx, stop) })
	}
	wg.Go(func() { watch(ctx, stop) })
	w.drain = sync.OnceFunc(func() {
		close(stop)
		wg.Wait()
		cancel()
		closeEnricher()
		b.Close()
	})
	t.Cleanup(w.drain)
	return w
}

// journal keeps what is logged.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// shown is everything the metrics say, as text.
func (w worker) shown() string {
	w.t.Helper()
	all, err := w.reg.Gather()
	require.NoError(w.t, err)
	var text strings.Builder
	for _, f := range all {
		text.WriteString(f.String())
	}
	return text.String()
}

// metric is the value of the series whose labels have these values, in the
// order of their names.
func (w worker) metric(name string, labels ...string) float64 {
	w.t.Helper()
	all, err := w.reg.Gather()
	require.NoError(w.t, err)
	for _, f := range all {
		for _, m := range f.Metric {
			var values []string
			for _, l := range m.Label {
				values = append(values, l.GetValue())
			}
			if f.GetName() == name && slices.Equal(values, labels) {
				return m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
	}
	require.Fail(w.t, "no such metric", "%s %v", name, labels)
	return 0
}

// until waits for what must come to be.
func (h *house) until(is func() bool, what string) {
	h.t.Helper()
	require.Eventually(h.t, is, 40*time.Second, 5*time.Millisecond, what)
}

// await waits until every input has its result.
func (h *house) await() {
	h.t.Helper()
	h.until(func() bool { return h.results() >= len(h.input) }, "every record comes to have its result")
}

// results is how many records have theirs.
func (h *house) results() int {
	return h.stored("NPI_RESULTS_CLAIM") + h.stored("NPI_RESULTS_ROSTER")
}

func (h *house) stored(stream string) int {
	s, err := h.js.Stream(context.Background(), stream)
	if err != nil {
		return 0
	}
	return int(s.CachedInfo().State.Msgs)
}

func (h *house) all(stream string) []jetstream.Msg {
	n := h.stored(stream)
	if n == 0 {
		return nil
	}
	c, err := h.js.OrderedConsumer(h.t.Context(), stream, jetstream.OrderedConsumerConfig{})
	require.NoError(h.t, err)
	batch, err := c.Fetch(n, jetstream.FetchMaxWait(5*time.Second))
	require.NoError(h.t, err)
	var all []jetstream.Msg
	for m := range batch.Messages() {
		all = append(all, m)
	}
	require.Len(h.t, all, n)
	return all
}

// check is the oracle: it proves every invariant again from what the server
// holds.
func (h *house) check() {
	t := h.t
	t.Helper()
	jobs := map[string]bool{}
	for _, m := range h.all("NPI_WRITEBACK") {
		var j record.Job
		require.NoError(t, json.Unmarshal(m.Data(), &j))
		jobs[j.RecordID] = true
	}
	dead := map[string]bool{}
	for _, m := range h.all("NPI_DEAD") {
		dead[m.Headers().Get(ledger.HeaderMark)] = true
		require.Equal(t, `{"SECRETDOE`, string(m.Data()), "a dead letter holds the original bytes")
	}
	for _, kind := range record.Kinds {
		results := h.all("NPI_RESULTS_" + strings.ToUpper(string(kind)))
		at := 0
		for i, in := range h.input {
			if in.kind != kind {
				continue
			}
			require.Less(t, at, len(results), "record %d has a result", i+1)
			m := results[at]
			at++
			sequence := fmt.Sprint(i + 1)
			require.Equal(t, sequence+"/1/1", m.Headers().Get(ledger.HeaderMark), "results are in input order, one each")
			require.Equal(t, "npi.results."+string(kind)+"."+string(in.verdict), m.Subject())
			require.NotContains(t, string(m.Data()), "SECRET", "no patient data")
			require.Equal(t, traceparent, m.Headers().Get("traceparent"))
			var r record.Result
			require.NoError(t, json.Unmarshal(m.Data(), &r))
			require.Equal(t, in.verdict, r.Verdict)
			require.EqualValues(t, i+1, r.Source.Sequence)
			require.Equal(t, in.verdict == record.Dead, dead[sequence], "dead results, and only they, have a dead letter")
			if in.job {
				require.True(t, jobs[r.ID], "the job of %s is stored", r.ID)
			} else {
				require.False(t, jobs[r.ID])
			}
		}
		require.Len(t, results, at, "no result without its record")
	}
}

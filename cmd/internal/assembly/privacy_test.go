package assembly

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/mirror"
	"github.com/npiflow/npiflow/internal/record"
)

// secretive are records that carry a patient's data, or what may be it,
// wherever a record can carry any.
var secretive = []string{
	`{"id":"1","patient":{"last_name":"SECRETDOE","SECRETDOE":1},"providers":[{"role":"billing","npi":"1770626038","organization_name":"SECRETDOE","tin":"SECRETDOE","taxonomy":"SECRETDOE","address":{"city":"SECRETDOE"}}]}`,
	`{"id":"2","providers":[{"role":"rendering","npi":"1851713903","first_name":"SECRETDOE","middle_name":"SECRETDOE","last_name":"SECRETDOE","suffix":"SECRETDOE"}]}`,
	`{"id":"3","providers":[{"role":"billing","npi":"SECRETDOE"},{"role":"rendering","npi":"SECRETDOE1"}]}`,
	`{"id":"4","providers":[{"role":"SECRETDOE"}]}`,
	`{"id":"5","type":"SECRETDOE","providers":[{"role":"billing"}]}`,
	`{"id":"6","service_from":"SECRETDOE","providers":[{"role":"billing"}]}`,
	`{"id":"7","providers":"SECRETDOE"}`,
	`{"id":" SECRETDOE","providers":[{"role":"billing"}]}`,
	`{"SECRETDOE":1,"SECRETDOE":2}`,
	`SECRETDOE`,
}

var secretiveRosters = []string{
	`{"id":"1","npi":"1336225416","last_name":"SECRETDOE","credential":"SECRETDOE","tin":"SECRETDOE","action":"SECRETDOE"}`,
	`{"id":"2","npi":"1336225416","enumeration_type":"SECRETDOE"}`,
	`{"id":"3","npi":"SECRETDOE","group_npi":"SECRETDOE","note":"SECRETDOE"}`,
}

// No patient's data leaves the input stream, but for dead letters: it is in no
// other stream or bucket, in no header, in no log line and in no metric. Nor
// do identifiers get into the log or the metrics.
func TestNothingLeaves(t *testing.T) {
	t.Parallel()
	h := newHouse(t, config.SyncDefault)
	put := func(kind record.Kind, body string) {
		m := &nats.Msg{Subject: "npi.records." + string(kind) + ".t", Data: []byte(body), Header: nats.Header{
			"traceparent": {"00-SECRETDOE"}, "tracestate": {"SECRETDOE=1"}, "X-Patient": {"SECRETDOE"}, "Npi-Record-Id": {"SECRETDOE"}, "Status": {"SECRETDOE"},
		}}
		_, err := h.js.PublishMsg(t.Context(), m)
		require.NoError(t, err)
		h.input = append(h.input, input{})
	}
	h.cfg.Enrich.Breaker.Failures = 2
	h.registry.SetMood(mirror.Mood{Fault: mirror.Fail500}) // trouble is logged, too
	w := h.work()
	for _, body := range secretive {
		put(record.KindClaim, body)
	}
	for _, body := range secretiveRosters {
		put(record.KindRoster, body)
	}
	h.until(func() bool { return strings.Contains(w.log.String(), "tripped") }, "the registry's trouble is logged")
	h.registry.SetMood(mirror.Mood{})
	h.load(21)
	h.await()
	h.link.Break()
	h.load(21)
	h.await()
	w.drain()

	const secret = "SECRETDOE"
	seen := 0
	for name := range h.js.StreamNames(t.Context()).Name() {
		for _, m := range h.all(name) {
			if name == "NPI_RECORDS" || name == "NPI_DEAD" {
				continue
			}
			seen++
			require.NotContains(t, m.Subject()+fmt.Sprint(m.Headers())+string(m.Data()), secret, name)
		}
	}
	require.Greater(t, seen, len(h.input))
	for shown, text := range map[string]string{"log": w.log.String(), "metrics": w.shown()} {
		require.NotEmpty(t, text)
		assert.NotContains(t, text, secret, shown)
		for _, npi := range []string{"1770626038", "1851713903", "1336225416", "1003048257", "1851713904"} {
			assert.NotContains(t, text, npi, shown)
		}
	}
}

// A message of a kind nobody knows becomes a dead letter, once, and a result
// that points to it; the lanes of the known kinds are not concerned.
func TestUnknownKinds(t *testing.T) {
	t.Parallel()
	h := newHouse(t, config.SyncDefault)
	put := func(subject, body string) {
		_, err := h.js.PublishMsg(context.Background(), &nats.Msg{Subject: subject, Data: []byte(body), Header: nats.Header{"X-Own": {"kept"}, "Nats-Expected-Stream": {"NPI_RECORDS"}}})
		require.NoError(t, err)
	}
	h.load(7)
	put("npi.records.invoice.x", `{"id":"SECRETDOE"}`)
	h.load(7)
	put("npi.records.claims", `{"id":"typo"}`)
	put("npi.records.invoice", ``)
	w := h.work()
	h.await()
	h.until(func() bool { return h.stored("NPI_RESULTS_OTHER") == 3 }, "each has its result")
	w.drain()
	w = h.work()
	h.until(func() bool { return w.metric("npiflow_lane_active", "other") == 1 }, "it is looked at again")
	h.until(func() bool { return strings.Count(w.log.String(), "lane started") == 3 }, "by all")
	h.load(1)
	h.await()
	w.drain()

	letters := map[string]jetstream.Msg{}
	for _, m := range h.all("NPI_DEAD") {
		if m.Subject() == "npi.dead.other" {
			letters[m.Headers().Get("Npi-Source")] = m
		}
	}
	results := h.all("NPI_RESULTS_OTHER")
	require.Len(t, results, 3)
	require.Len(t, letters, 3)
	for i, want := range []struct{ sequence, subject, body, reason string }{
		{"8", "npi.records.invoice.x", `{"id":"SECRETDOE"}`, "the subject names a kind of record that is not known: publish to records.claim or records.roster"},
		{"16", "npi.records.claims", `{"id":"typo"}`, "the subject names a kind of record that is not known: publish to records.claim or records.roster"},
		{"17", "npi.records.invoice", ``, "the message is empty"},
	} {
		l, r := letters[want.sequence], results[i]
		require.NotNil(t, l)
		assert.Equal(t, want, struct{ sequence, subject, body, reason string }{
			want.sequence, l.Headers().Get("Npi-Source-Subject"), string(l.Data()), l.Headers().Get("Npi-Dead-Reason")})
		assert.Equal(t, []string{"kept"}, l.Headers()["X-Own"], "the original's headers are kept")
		assert.Empty(t, l.Headers()["Nats-Expected-Stream"], "but not those the broker would obey")
		assert.Equal(t, "npi.results.other.dead", r.Subject())
		assert.Equal(t, want.sequence+"/1/1", r.Headers().Get("Npi-Source"))
		assert.NotContains(t, string(r.Data()), "SECRETDOE")
	}
}

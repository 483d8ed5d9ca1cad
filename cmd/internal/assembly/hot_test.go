package assembly

import (
	"context"
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/broker"
	"github.com/npiflow/npiflow/internal/consumer"
	"github.com/npiflow/npiflow/internal/enrich"
	"github.com/npiflow/npiflow/internal/enrich/nppes"
	"github.com/npiflow/npiflow/internal/mirror"
)

// BenchmarkTry is the hot path of the worker: a claim of two providers, both
// in memory, from bytes to the message to be stored.
func BenchmarkTry(b *testing.B) {
	registry, err := mirror.NewRecorded(mirror.Answers())
	require.NoError(b, err)
	web := httptest.NewServer(registry)
	defer web.Close()
	client, err := nppes.New(nppes.Config{URL: web.URL + "/api/", Timeout: time.Second, Concurrency: 2})
	require.NoError(b, err)
	defer client.Close()
	c := config.Default()
	e := enrich.New(enrich.Config{CacheSize: 1000, TTL: time.Hour, AbsentTTL: time.Minute, Concurrency: 2, Failures: 5, Cooldown: time.Second, Hold: true}, client, nil, nil, prometheus.NewRegistry(), zerolog.Nop())
	defer e.Close()
	t := Topology(c)
	h := &Handler{Lane: t.LaneList()[0], Topology: t, Pipeline: Pipeline(&Tiers{Enricher: e}, true), metrics: newMetrics(prometheus.NewRegistry(), []string{"claim"}), records: t.Records()}
	d := &consumer.Delivery{Subject: "npi.records.claim.x", Header: nats.Header{"Nats-Msg-Id": {"1"}}, Sequence: 12345, Received: time.Now().UTC(), Data: []byte(
		`{"id":"CLM-2026-000123","type":"professional","service_from":"2026-03-02","service_to":"2026-03-02","patient":{"member_id":"W1234567","last_name":"DOE"},"diagnoses":["E119","I10"],"charge":"145.00","providers":[{"role":"billing","npi":"1770626038","entity":"organization","organization_name":"INOVA FAIRFAX HOSPITAL","tin":"541234567","taxonomy":"282N00000X"},{"role":"rendering","npi":"1851713903","entity":"person","first_name":"JOSEFINA","last_name":"DANWING","taxonomy":"225400000X"}]}`)}
	out, err := h.Do(context.Background(), d)
	require.NoError(b, err)
	if testing.Verbose() {
		fmt.Println(len(out.Results[0].Data), string(out.Results[0].Data))
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := h.Try(d); !ok {
			b.Fatal("the answers should be in memory")
		}
	}
}

var _ = broker.Lane{}

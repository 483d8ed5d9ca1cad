package assembly

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/consumer"
	"github.com/npiflow/npiflow/internal/enrich"
	"github.com/npiflow/npiflow/internal/enrich/local"
	"github.com/npiflow/npiflow/internal/enrich/local/bulk"
	"github.com/npiflow/npiflow/internal/enrich/nppes"
	"github.com/npiflow/npiflow/internal/mirror"
	"github.com/npiflow/npiflow/internal/record"
	"github.com/npiflow/npiflow/testdata/demo"
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

// BenchmarkTryNew is the same with providers that are new to memory and at
// hand in a local registry.
func BenchmarkTryNew(b *testing.B) {
	dir := b.TempDir()
	paths, err := demo.WriteBulk(b.TempDir(), time.Now())
	require.NoError(b, err)
	files, err := bulk.Recognize(paths[0])
	require.NoError(b, err)
	_, err = local.Import(b.Context(), dir, files, local.Options{Sample: true})
	require.NoError(b, err)
	r := local.NewRegistry(dir, zerolog.Nop(), nil, nil)
	defer r.Close()
	var rows []record.NPI
	body, err := os.ReadFile(paths[0])
	require.NoError(b, err)
	for _, row := range strings.Split(strings.TrimSpace(string(body)), "\n")[1:] {
		npi, _ := record.ParseNPI(row[1:11])
		rows = append(rows, npi)
	}
	c := config.Default()
	e := enrich.New(enrich.Config{CacheSize: 100000, TTL: time.Hour, AbsentTTL: time.Minute, LocalMaxAge: time.Hour * 1000}, nil, everybody{r, rows}, nil, nil, zerolog.Nop())
	defer e.Close()
	t := Topology(c)
	h := &Handler{Lane: t.LaneList()[0], Topology: t, Pipeline: Pipeline(&Tiers{Enricher: e}, true), metrics: newMetrics(prometheus.NewRegistry(), []string{"claim"}), records: t.Records()}
	d := &consumer.Delivery{Subject: "npi.records.claim.x", Header: nats.Header{"Nats-Msg-Id": {"1"}}, Sequence: 12345, Received: time.Now().UTC()}
	next := record.NPI(1_000_000_000)
	draw := func() record.NPI {
		for next++; !checksum.Valid(next); next++ {
		}
		return next
	}
	b.ReportAllocs()
	for b.Loop() {
		d.Data = fmt.Appendf(d.Data[:0], `{"id":"CLM-2026-000123","type":"professional","service_from":"2026-03-02","service_to":"2026-03-02","patient":{"member_id":"W1234567","last_name":"DOE"},"diagnoses":["E119","I10"],"charge":"145.00","providers":[{"role":"billing","npi":"%s","tin":"541234567","taxonomy":"282N00000X"},{"role":"rendering","npi":"%s","taxonomy":"225400000X"}]}`, draw(), draw())
		if _, ok := h.Try(d); !ok {
			b.Fatal("the answers should be at hand")
		}
	}
}

// everybody has a row for every NPI: one of few, read from the store anew.
type everybody struct {
	*local.Registry
	rows []record.NPI
}

func (e everybody) Lookup(npi record.NPI) (*record.Entry, error) {
	entry, err := e.Registry.Lookup(e.rows[int(npi)%len(e.rows)])
	if entry != nil {
		entry.NPI = npi
	}
	return entry, err
}

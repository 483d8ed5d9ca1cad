package enrich

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/npiflow/npiflow/internal/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// asked is one request a registry got.
type asked struct {
	npi record.NPI
	at  time.Duration // since the registry was made
}

// moody is a registry that answers as its mood has it and remembers all it was
// asked. Its mood may be changed at any time.
type moody struct {
	born time.Time

	mu    sync.Mutex
	mood  func(ctx context.Context, npi record.NPI) (*record.Entry, error)
	log   []asked
	now   int
	most  int // requests at once
	count map[record.NPI]int
}

func newMoody(mood func(context.Context, record.NPI) (*record.Entry, error)) *moody {
	return &moody{born: time.Now(), mood: mood, count: map[record.NPI]int{}}
}

func (m *moody) Lookup(ctx context.Context, npi record.NPI) (*record.Entry, error) {
	m.mu.Lock()
	m.log = append(m.log, asked{npi, time.Since(m.born)})
	m.count[npi]++
	m.now++
	m.most = max(m.most, m.now)
	mood := m.mood
	m.mu.Unlock()
	entry, err := mood(ctx, npi)
	m.mu.Lock()
	m.now--
	m.mu.Unlock()
	return entry, err
}

func (m *moody) turn(mood func(context.Context, record.NPI) (*record.Entry, error)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mood = mood
}

func (m *moody) requests() []asked {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]asked(nil), m.log...)
}

func (m *moody) asksFor(npi record.NPI) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.count[npi]
}

func entryOf(npi record.NPI, s record.Status) *record.Entry {
	now := time.Now().UTC().Truncate(time.Second)
	return &record.Entry{NPI: npi, Evidence: record.Evidence{
		Source: record.FromAPI, AsOf: record.DateOf(now), FetchedAt: now, Facts: record.Facts{Status: s},
	}}
}

func well(_ context.Context, npi record.NPI) (*record.Entry, error) {
	return entryOf(npi, record.Active), nil
}

func empty(_ context.Context, npi record.NPI) (*record.Entry, error) {
	return entryOf(npi, record.Absent), nil
}

// failing answers nothing, for the reason given.
func failing(r Reason) func(context.Context, record.NPI) (*record.Entry, error) {
	return func(context.Context, record.NPI) (*record.Entry, error) {
		return nil, &UnavailableError{Reason: r}
	}
}

// slow takes its time before mood, unless the caller leaves.
func slow(d time.Duration, mood func(context.Context, record.NPI) (*record.Entry, error)) func(context.Context, record.NPI) (*record.Entry, error) {
	return func(ctx context.Context, npi record.NPI) (*record.Entry, error) {
		if sleep(ctx, d, nil) {
			return nil, ctx.Err()
		}
		return mood(ctx, npi)
	}
}

var testConfig = Config{
	CacheSize: 10000, TTL: 24 * time.Hour, AbsentTTL: 10 * time.Minute,
	Concurrency: 4, Failures: 5, Cooldown: 30 * time.Second, Hold: true,
}

// house is an Enricher that ends with its test.
type house struct {
	*Enricher
	metrics *prometheus.Registry
}

func build(t *testing.T, cfg Config, live Registry, store Store) house {
	return buildOver(t, cfg, live, nil, store)
}

func buildOver(t *testing.T, cfg Config, live Registry, local Local, store Store) house {
	reg := prometheus.NewPedanticRegistry()
	e := New(cfg, live, local, store, reg, zerolog.Nop())
	t.Cleanup(e.Close)
	return house{e, reg}
}

func (h house) status(t *testing.T, npi record.NPI) record.Status {
	t.Helper()
	entry, err := h.Lookup(t.Context(), npi)
	require.NoError(t, err)
	require.Equal(t, npi, entry.NPI)
	return entry.Evidence.Status
}

// value is a series' value; labels are name and value in turn.
func (h house) value(t *testing.T, name string, labels ...string) float64 {
	t.Helper()
	families, err := h.metrics.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, series := range f.GetMetric() {
			has := map[string]string{}
			for _, l := range series.GetLabel() {
				has[l.GetName()] = l.GetValue()
			}
			match := true
			for i := 0; i < len(labels); i += 2 {
				match = match && has[labels[i]] == labels[i+1]
			}
			if match {
				return series.GetCounter().GetValue() + series.GetGauge().GetValue() + float64(series.GetHistogram().GetSampleCount())
			}
		}
	}
	assert.Failf(t, "no such series", "%s %v", name, labels)
	return -1
}

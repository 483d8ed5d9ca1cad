package enrich

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/npiflow/npiflow/internal/record"
)

// outcomes counts what one tier said.
type outcomes struct{ hit, miss, failed prometheus.Counter }

// metrics holds every series from the start, at zero, so that an alert can be
// written before the first failure.
type metrics struct {
	memory, local, shared, api outcomes

	requests  *prometheus.CounterVec
	seconds   prometheus.Histogram
	breaker   *prometheus.GaugeVec
	trips     prometheus.Counter
	coalesced prometheus.Counter
	waiting   prometheus.Gauge
	unknown   prometheus.Counter
	stale     prometheus.Counter
}

// requestOutcomes name what an answer said; the reasons name the rest.
var requestOutcomes = map[record.Status]string{
	record.Active: "ok", record.Absent: "absent", record.Deactivated: "deactivated",
}

func newMetrics(reg prometheus.Registerer, entries func() int) *metrics {
	auto := promauto.With(reg)
	lookups := auto.NewCounterVec(prometheus.CounterOpts{
		Name: "npiflow_lookups_total",
		Help: "Questions put to each tier, by what it said. Memory and local count reads, and what local has but is too old to say alone is a miss; a hit of the api tier is a provider found, an error a lookup given up.",
	}, []string{"tier", "outcome"})
	tier := func(name string) outcomes {
		return outcomes{
			hit:    lookups.WithLabelValues(name, "hit"),
			miss:   lookups.WithLabelValues(name, "miss"),
			failed: lookups.WithLabelValues(name, "error"),
		}
	}
	m := &metrics{
		memory: tier("memory"), local: tier("local"), shared: tier("shared"), api: tier("api"),
		requests: auto.NewCounterVec(prometheus.CounterOpts{
			Name: "npiflow_registry_requests_total",
			Help: "Requests to the live registry that ended, by the answer's status or the reason there was none. Cancelled ones are not counted.",
		}, []string{"outcome"}),
		seconds: auto.NewHistogram(prometheus.HistogramOpts{
			Name:    "npiflow_registry_request_seconds",
			Help:    "How long requests to the live registry took, answered or not.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}),
		breaker: auto.NewGaugeVec(prometheus.GaugeOpts{
			Name: "npiflow_breaker_state",
			Help: "1 for the state the registry's breaker is in, else 0.",
		}, []string{"state"}),
		trips: auto.NewCounter(prometheus.CounterOpts{
			Name: "npiflow_breaker_trips_total",
			Help: "Times the breaker went from closed to open. A failed probe keeps it open and is no trip.",
		}),
		coalesced: auto.NewCounter(prometheus.CounterOpts{
			Name: "npiflow_lookups_coalesced_total",
			Help: "Lookups that joined one already on its way for the same NPI.",
		}),
		waiting: auto.NewGauge(prometheus.GaugeOpts{
			Name: "npiflow_lookups_waiting",
			Help: "Lookups that wait for an answer now.",
		}),
		unknown: auto.NewCounter(prometheus.CounterOpts{
			Name: "npiflow_unverified_total",
			Help: "Lookups that ended without an answer.",
		}),
		stale: auto.NewCounter(prometheus.CounterOpts{
			Name: "npiflow_stale_answers_total",
			Help: "Lookups answered from a local registry older than allowed, because the live one could not be asked or knows no more.",
		}),
	}
	auto.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "npiflow_cache_entries",
		Help: "Answers held in memory.",
	}, func() float64 { return float64(entries()) })
	for _, outcome := range requestOutcomes {
		m.requests.WithLabelValues(outcome)
	}
	for _, reason := range Reasons {
		m.requests.WithLabelValues(string(reason))
	}
	m.showBreaker(Closed)
	return m
}

func (m *metrics) showBreaker(now BreakerState) {
	for _, state := range breakerStates {
		value := 0.0
		if state == now {
			value = 1
		}
		m.breaker.WithLabelValues(string(state)).Set(value)
	}
}

// answered counts a believed answer of the live registry.
func (m *metrics) answered(e *record.Entry) {
	if e.Evidence.Status == record.Absent {
		m.api.miss.Inc()
		return
	}
	m.api.hit.Inc()
}

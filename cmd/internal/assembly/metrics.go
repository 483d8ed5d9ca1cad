package assembly

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/npiflow/npiflow/internal/record"
)

// metrics count what is made, by closed sets only.
type metrics struct {
	jobs    *prometheus.CounterVec
	verdict map[string]*[len(verdicts)]prometheus.Counter // by lane
	flag    map[record.FlagCode]prometheus.Counter
}

var verdicts = [...]record.Verdict{record.Clean, record.Flagged, record.Rejected, record.Unverified, record.Dead}

func newMetrics(reg prometheus.Registerer, lanes []string) *metrics {
	records := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "npiflow_records_total", Help: "Records judged, by lane and verdict; after a crash some are judged again, but published once."}, []string{"lane", "verdict"})
	flags := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "npiflow_flags_total", Help: "Flags raised, by code."}, []string{"flag"})
	m := &metrics{
		jobs:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "npiflow_jobs_total", Help: "Write-back jobs planned, by action."}, []string{"action"}),
		verdict: map[string]*[len(verdicts)]prometheus.Counter{}, flag: map[record.FlagCode]prometheus.Counter{},
	}
	reg.MustRegister(records, flags, m.jobs)
	for _, l := range lanes {
		m.verdict[l] = &[len(verdicts)]prometheus.Counter{}
		for i, v := range verdicts {
			m.verdict[l][i] = records.WithLabelValues(l, string(v))
		}
	}
	for _, f := range record.FlagCodes {
		m.flag[f] = flags.WithLabelValues(string(f))
	}
	for _, a := range []string{"update", "create"} {
		m.jobs.WithLabelValues(a)
	}
	return m
}

func (m *metrics) count(lane string, r *record.Result) {
	of := m.verdict[lane]
	for i, v := range verdicts {
		if v == r.Verdict {
			of[i].Inc()
		}
	}
	for i := range r.Providers {
		for j := range r.Providers[i].Flags {
			m.flag[r.Providers[i].Flags[j].Code].Inc()
		}
	}
}

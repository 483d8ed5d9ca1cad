package local

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/npiflow/npiflow/internal/record"
)

type metrics struct {
	usable, providers prometheus.Gauge
	asOf              *prometheus.GaugeVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		usable: prometheus.NewGauge(prometheus.GaugeOpts{Name: "npiflow_registry_usable",
			Help: "1 while lookups are answered from the local registry, 0 where there is none or it is damaged."}),
		providers: prometheus.NewGauge(prometheus.GaugeOpts{Name: "npiflow_registry_providers",
			Help: "Providers in the local registry, deactivated ones too."}),
		asOf: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "npiflow_registry_as_of_timestamp_seconds",
			Help: "The last day that a part of the local registry covers; 0 if it was not imported or does not say."}, []string{"part"}),
	}
	m.show(State{})
	if reg != nil {
		reg.MustRegister(m.usable, m.providers, m.asOf)
	}
	return m
}

func (m *metrics) show(s State) {
	m.usable.Set(0)
	if s.Usable {
		m.usable.Set(1)
	}
	m.providers.Set(float64(s.Manifest.Providers.Total()))
	m.asOf.WithLabelValues("providers").Set(seconds(s.Manifest.Providers.AsOf))
	m.asOf.WithLabelValues("deactivations").Set(seconds(s.Manifest.Deactivations.AsOf))
	m.asOf.WithLabelValues("exclusions").Set(seconds(s.Manifest.Exclusions.AsOf))
}

func seconds(d record.Date) float64 {
	if d == 0 {
		return 0
	}
	return float64(dayOf(d).Unix())
}

func dayOf(d record.Date) time.Time {
	return time.Date(int(d)/10000, time.Month(int(d)/100%100), int(d)%100, 0, 0, 0, 0, time.UTC)
}

package main

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// The APIs that are served.
const (
	apiNPPES = "nppes"
	apiCheck = "check"
)

type metrics struct {
	seconds *prometheus.HistogramVec
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "npiflow_serve_seconds",
		Help:    "How long answers took, by API: nppes or check.",
		Buckets: prometheus.ExponentialBuckets(0.0001, 4, 9), // to 6.5 s
	}, []string{"api"})}
	for _, api := range []string{apiNPPES, apiCheck} {
		m.seconds.WithLabelValues(api)
	}
	reg.MustRegister(m.seconds)
	return m
}

// timed measures every answer of next.
func (m *metrics) timed(api string, next http.Handler) http.Handler {
	return promhttp.InstrumentHandlerDuration(m.seconds.MustCurryWith(prometheus.Labels{"api": api}), next)
}

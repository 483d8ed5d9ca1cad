package consumer

import "github.com/prometheus/client_golang/prometheus"

// ends are the causes a session may end with: a closed set, because it is a
// metric label.
const (
	endDrained      = "drained"
	endDisconnected = "disconnected"
	endFenced       = "fenced"
	endRefused      = "refused"
	endDisorder     = "disorder"
	endSilent       = "silent"
	endLeaseLost    = "lease_lost"
	endOther        = "other"
)

// Metrics are the lanes' metrics; one set serves all lanes of a process.
type Metrics struct {
	active, holding, inFlight, lag, mark *prometheus.GaugeVec
	stored, bytes                        *prometheus.CounterVec
	sessions, panics                     *prometheus.CounterVec
}

// NewMetrics registers the metrics, with every label value at zero.
func NewMetrics(reg prometheus.Registerer, lanes []string) *Metrics {
	gauge := func(name, help string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "npiflow_lane_" + name, Help: help}, []string{"lane"})
	}
	counter := func(name, help string, more ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "npiflow_lane_" + name, Help: help}, append([]string{"lane"}, more...))
	}
	m := &Metrics{
		active:   gauge("active", "1 while this worker holds the lane's lease and works it."),
		holding:  gauge("holding", "1 while the lane pulls nothing because the registry cannot be asked."),
		inFlight: gauge("in_flight", "Messages delivered and not yet stored."),
		lag:      gauge("lag", "Messages the stream still holds for the lane."),
		mark:     gauge("mark", "Input stream sequence up to which results are stored."),
		stored:   counter("messages_stored_total", "Input messages whose results are stored."),
		bytes:    counter("input_bytes_total", "Bytes of input messages whose results are stored."),
		sessions: counter("sessions_ended_total", "Sessions ended, by cause; all but drained start again by themselves.", "cause"),
		panics:   counter("panics_total", "Messages whose handling panicked; each became a dead letter."),
	}
	reg.MustRegister(m.active, m.holding, m.inFlight, m.lag, m.mark, m.stored, m.bytes, m.sessions, m.panics)
	for _, lane := range lanes {
		for _, g := range []*prometheus.GaugeVec{m.active, m.holding, m.inFlight, m.lag, m.mark} {
			g.WithLabelValues(lane)
		}
		for _, c := range []*prometheus.CounterVec{m.stored, m.bytes, m.panics} {
			c.WithLabelValues(lane)
		}
		for _, cause := range []string{endDrained, endDisconnected, endFenced, endRefused, endDisorder, endSilent, endLeaseLost, endOther} {
			m.sessions.WithLabelValues(lane, cause)
		}
	}
	return m
}

// idle shows that this worker does not work the lane.
func (m *Metrics) idle(lane string) {
	for _, g := range []*prometheus.GaugeVec{m.active, m.holding, m.inFlight, m.lag} {
		g.WithLabelValues(lane).Set(0)
	}
}

// Package ops shows an operator how a worker is: whether it is alive, whether
// it is ready, and its metrics, over HTTP. What the worker answers about one NPI
// is served beside it, on the same address.
//
// It asks nobody for a password and changes nothing, so it serves only GET,
// only its own pages, and only words and numbers that hold nothing of a
// message.
package ops

import (
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// ServerName is the Server header of every answer, by which a client knows
// that it talks to npiflow and not to whatever else has the port.
const ServerName = "npiflow"

// Config is what the pages are made from. Live and Ready are called for each
// request, by several at once.
type Config struct {
	Gatherer prometheus.Gatherer
	Live     func() Report // does it make progress? See LiveReport
	Ready    func() Report // should records be sent to it? See ReadyReport
	Check    http.Handler  // answers for one NPI; nil: not served
}

// New makes the handler:
//
//	/livez      200 or 503; one line for each lane, or JSON with ?format=json
//	/readyz     the same, for readiness
//	/metrics    Prometheus metrics
//	/v0/us/npi  what Check says of one NPI: ?value=NPI[&lookup=true]
//	/           a page for people that shows the first two and links to the first three
func New(cfg Config) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", answer(cfg.Live))
	mux.HandleFunc("GET /readyz", answer(cfg.Ready))
	mux.Handle("GET /metrics", promhttp.HandlerFor(cfg.Gatherer, promhttp.HandlerOpts{MaxRequestsInFlight: 4}))
	if cfg.Check != nil {
		mux.Handle("GET /v0/us/npi", cfg.Check)
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_ = index.Execute(w, page{cfg.Live(), cfg.Ready()}) // fails only if the client left
	})
	return guarded(mux)
}

// guarded sets the headers that keep a page from being more than a page.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Server", ServerName)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

func answer(report func() Report) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		rep := report()
		kind, body := "text/plain; charset=utf-8", text(rep)
		if r.URL.Query().Get("format") == "json" {
			kind, body = "application/json", document(rep)
		}
		w.Header().Set("Content-Type", kind)
		if !rep.OK() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = w.Write(body) // fails only if the client left
	}
}

// text is the report as lines, "ok lane claim: working, 0.1s ago"; of an empty
// report, "ok" alone.
func text(r Report) []byte {
	if len(r) == 0 {
		return []byte("ok\n")
	}
	var b strings.Builder
	for _, l := range r {
		fmt.Fprintf(&b, "%s %s: %s\n", l.Word(), l.Name, l.Detail)
	}
	return []byte(b.String())
}

// Word is "ok" or "fail".
func (l Line) Word() string { return either(l.OK, "ok", "fail") }

func document(r Report) []byte {
	body, err := json.Marshal(struct {
		OK    bool   `json:"ok"`
		Lines Report `json:"lines"`
	}{r.OK(), r})
	if err != nil {
		panic("encode a report: it holds only texts") // invalid UTF-8 in words of our own
	}
	return append(body, '\n')
}

type page struct{ Live, Ready Report }

var index = template.Must(template.New("index").Parse(`<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>npiflow</title></head>
<body>
<h1>npiflow</h1>
<h2><a href="/livez">Alive</a>: {{if .Live.OK}}yes{{else}}no{{end}}</h2>
<ul>{{range .Live}}<li>{{.Word}} {{.Name}}: {{.Detail}}</li>{{end}}</ul>
<h2><a href="/readyz">Ready</a>: {{if .Ready.OK}}yes{{else}}no{{end}}</h2>
<ul>{{range .Ready}}<li>{{.Word}} {{.Name}}: {{.Detail}}</li>{{end}}</ul>
<p><a href="/metrics">Metrics</a> for Prometheus. The reports are also there as JSON:
<a href="/livez?format=json">alive</a>, <a href="/readyz?format=json">ready</a>.</p>
</body>
</html>
`))

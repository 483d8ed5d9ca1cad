package ops

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/npiflow/npiflow/internal/consumer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func laneAt(state string, since time.Duration) LaneState {
	return LaneState{Name: "claim", State: state, Progress: noon.Add(-since)}
}

func TestLiveReport(t *testing.T) {
	for name, c := range map[string]struct {
		since  time.Duration
		ok     bool
		detail string
	}{
		"just now":           {100 * time.Millisecond, true, "working, 0.1s ago"},
		"a clock set back":   {-time.Hour, true, "working, 0.0s ago"},
		"as long as allowed": {60 * time.Second, true, "working, 1m0s ago"},
		"longer":             {61 * time.Second, false, "working, 1m1s ago: no progress for more than 60 s"},
	} {
		t.Run(name, func(t *testing.T) {
			r := LiveReport([]LaneState{laneAt(consumer.StateWorking, c.since)}, noon)
			assert.Equal(t, Report{{c.ok, "lane claim", c.detail}}, r)
		})
	}
}

func TestOneStuckLaneIsDeath(t *testing.T) {
	r := LiveReport([]LaneState{laneAt(consumer.StateHolding, 0), laneAt(consumer.StateWorking, time.Hour)}, noon)
	assert.False(t, r.OK())
	assert.True(t, LiveReport(nil, noon).OK(), "a worker without lanes has nothing to be stuck in")
}

func TestReadyReport(t *testing.T) {
	for _, c := range []struct {
		connected, draining bool
		state               string
		want                bool
	}{
		{true, false, consumer.StateWorking, true},
		{true, false, consumer.StateStandby, true}, // the other worker takes the records
		{true, false, consumer.StateHolding, true}, // an open breaker loses nothing
		{true, false, consumer.StateLost, false},
		{true, false, "starting", false},
		{true, false, "", false},
		{false, false, consumer.StateWorking, false},
		{true, true, consumer.StateWorking, false},
	} {
		r := ReadyReport(c.connected, c.draining, []LaneState{laneAt(c.state, 0)})
		assert.Equal(t, c.want, r.OK(), "%+v", c)
		assert.Len(t, r, 3)
	}
}

// handler shows one lane, stuck or not.
func handler(t *testing.T, since time.Duration) http.Handler {
	reg := prometheus.NewRegistry()
	reg.MustRegister(prometheus.NewCounter(prometheus.CounterOpts{Name: "npiflow_test_total", Help: "A counter."}))
	lanes := []LaneState{laneAt(consumer.StateWorking, since), {Name: `<script>"&`, State: consumer.StateWorking, Progress: noon}}
	return New(Config{
		Gatherer: reg,
		Live:     func() Report { return LiveReport(lanes, noon) },
		Ready:    func() Report { return ReadyReport(since == 0, false, lanes) },
		Check: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "of "+r.URL.Query().Get("value"))
		}),
	})
}

func ask(h http.Handler, method, target string) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	b, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return string(b)
}

func TestPages(t *testing.T) {
	well, stuck := handler(t, 0), handler(t, 2*time.Minute)
	for _, c := range []struct {
		h              http.Handler
		method, target string
		status         int
		has            string
	}{
		{well, "GET", "/livez", 200, "ok lane claim: working, 0.0s ago\n"},
		{stuck, "GET", "/livez", 503, "fail lane claim: working, 2m0s ago"},
		{well, "GET", "/readyz", 200, "ok broker: connected\nok intake: open\nok lane claim: working\n"},
		{stuck, "GET", "/readyz", 503, "fail broker: disconnected"},
		{well, "GET", "/metrics", 200, "npiflow_test_total 0"},
		{well, "GET", "/", 200, "&lt;script&gt;&#34;&amp;"},
		{stuck, "GET", "/", 200, `<h2><a href="/livez">Alive</a>: no</h2>`},
		{well, "HEAD", "/livez", 200, ""},
		{well, "GET", "/v0/us/npi?value=1234567893", 200, "of 1234567893"},
		{stuck, "HEAD", "/v0/us/npi", 200, ""},
		{well, "GET", "/v0/us/npi/", 404, ""},
		{well, "POST", "/v0/us/npi", 405, ""},
		{well, "GET", "/livez/", 404, ""},
		{well, "GET", "/debug/pprof/", 404, ""},
		{well, "GET", "/index.html", 404, ""},
		{well, "POST", "/livez", 405, ""},
		{well, "DELETE", "/metrics", 405, ""},
		{well, "POST", "/other", 404, ""},
	} {
		r := ask(c.h, c.method, c.target)
		assert.Equal(t, c.status, r.StatusCode, "%s %s", c.method, c.target)
		got := body(t, r)
		assert.Contains(t, got, c.has, "%s %s", c.method, c.target)
		if strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
			assert.NotContains(t, got, "<script>", "%s %s", c.method, c.target)
		}
		assert.Equal(t, "nosniff", r.Header.Get("X-Content-Type-Options"))
		assert.Contains(t, r.Header.Get("Content-Security-Policy"), "default-src 'none'")
		assert.Equal(t, ServerName, r.Header.Get("Server"))
	}
}

func TestReportAsJSON(t *testing.T) {
	r := ask(handler(t, 2*time.Minute), "GET", "/livez?format=json")
	assert.Equal(t, 503, r.StatusCode)
	assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
	var got struct {
		OK    bool   `json:"ok"`
		Lines Report `json:"lines"`
	}
	require.NoError(t, json.Unmarshal([]byte(body(t, r)), &got))
	assert.False(t, got.OK)
	assert.Equal(t, "lane claim", got.Lines[0].Name)
	assert.False(t, got.Lines[0].OK)
	assert.True(t, got.Lines[1].OK)
}

func TestNothingToReport(t *testing.T) {
	none := func() Report { return nil }
	h := New(Config{Gatherer: prometheus.NewRegistry(), Live: none, Ready: none})
	assert.Equal(t, "ok\n", body(t, ask(h, "GET", "/livez")))
	assert.Equal(t, 404, ask(h, "GET", "/v0/us/npi").StatusCode, "nobody to answer")
	assert.Equal(t, `{"ok":true,"lines":[]}`+"\n", body(t, ask(h, "GET", "/livez?format=json")))
}

func client(t *testing.T) *http.Client {
	tr := &http.Transport{}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 5 * time.Second}
}

func TestServe(t *testing.T) {
	s, err := Serve(t.Context(), "127.0.0.1:0", handler(t, 0))
	require.NoError(t, err)
	defer s.Close()
	c := client(t)
	r, err := c.Get("http://" + s.Addr() + "/livez")
	require.NoError(t, err)
	assert.Equal(t, 200, r.StatusCode)
	require.NoError(t, r.Body.Close())

	_, err = Serve(t.Context(), s.Addr(), handler(t, 0))
	require.Error(t, err)
	assert.Contains(t, err.Error(), s.Addr(), "the error names the address")
	assert.Contains(t, err.Error(), "set http.addr")

	s.Close()
	s.Close()
	_, err = c.Get("http://" + s.Addr() + "/livez")
	assert.Error(t, err, "closed means closed")
}

func TestServeEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, err := Serve(ctx, "127.0.0.1:0", handler(t, 0))
	require.NoError(t, err)
	cancel()
	<-s.done
	s.Close()
}

func TestServeRefusesHugeHeaders(t *testing.T) {
	s, err := Serve(t.Context(), "127.0.0.1:0", handler(t, 0))
	require.NoError(t, err)
	defer s.Close()
	conn, err := net.Dial("tcp", s.Addr())
	require.NoError(t, err)
	defer conn.Close()
	// The server may cut the connection before it has read everything.
	_, _ = io.WriteString(conn, "GET /livez HTTP/1.1\r\nHost: x\r\nA: "+strings.Repeat("a", 64<<10)+"\r\n\r\n")
	answer, _ := io.ReadAll(conn)
	assert.NotContains(t, string(answer), "200 OK")
}

package nppes

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/npiflow/npiflow/internal/enrich"
	"github.com/npiflow/npiflow/internal/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const asked record.NPI = 1629395249

var evening = time.Date(2026, 11, 20, 23, 59, 58, 7e8, time.FixedZone("", -5*3600)) // in UTC it is the next day

func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	return b
}

// client makes a client of a server that answers with h.
func client(t *testing.T, timeout time.Duration, h http.HandlerFunc) *Client {
	t.Helper()
	srv := httptest.NewServer(h)
	c, err := New(Config{URL: srv.URL + "/api/", Timeout: timeout, Concurrency: 2, Now: func() time.Time { return evening }})
	require.NoError(t, err)
	t.Cleanup(func() { c.Close(); srv.Close() })
	return c
}

func respond(status int, header string, body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if name, value, ok := strings.Cut(header, ": "); ok {
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}
}

func abort(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// reset answers with an RST instead of an orderly end.
func reset(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func TestLookupAsksForTheNumberAlone(t *testing.T) {
	var got *http.Request
	c := client(t, 5*time.Second, func(w http.ResponseWriter, r *http.Request) {
		got = r
		respond(200, "Content-Type: application/json;charset=UTF-8", sample(t, "individual_2023.json"))(w, r)
	})
	e, err := c.Lookup(t.Context(), asked)
	require.NoError(t, err)
	assert.Equal(t, "GET", got.Method)
	assert.Equal(t, "/api/", got.URL.Path)
	assert.Equal(t, "version=2.1&number=1629395249", got.URL.RawQuery)
	assert.Equal(t, "npiflow", got.UserAgent())
	assert.Equal(t, "application/json", got.Header.Get("Accept"))
	assert.Equal(t, record.FromAPI, e.Evidence.Source)
	assert.Equal(t, record.Date(20261121), e.Evidence.AsOf, "the UTC day")
	assert.Equal(t, time.Date(2026, 11, 21, 4, 59, 58, 0, time.UTC), e.Evidence.FetchedAt)
}

// Every way to lie, and what is made of it.
func TestLies(t *testing.T) {
	whole := sample(t, "individual_2023.json")
	page := []byte("<!DOCTYPE html><html><body>NPPES is down for maintenance</body></html>")
	cut := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(whole)))
		respond(200, "", whole[:len(whole)/2])(w, r)
	}
	hangInBody := func(w http.ResponseWriter, r *http.Request) {
		respond(200, "", whole[:len(whole)/2])(w, r)
		_ = http.NewResponseController(w).Flush()
		hang(w, r)
	}
	endless := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for range 3 << 4 {
			if _, err := w.Write([]byte(strings.Repeat(" ", 64<<10))); err != nil {
				return
			}
		}
	}
	later := evening.Add(90 * time.Second).UTC().Format(http.TimeFormat)
	for name, c := range map[string]struct {
		serve      http.HandlerFunc
		reason     enrich.Reason
		status     int
		retryAfter time.Duration
	}{
		"page with status 200":           {respond(200, "Content-Type: text/html", page), enrich.ReasonContentType, 200, 0},
		"no content type":                {respond(200, "Content-Type: ", whole), enrich.ReasonContentType, 200, 0},
		"page that calls itself JSON":    {respond(200, "", page), enrich.ReasonContentType, 0, 0},
		"cut off":                        {cut, enrich.ReasonTruncated, 0, 0},
		"cut off, with a sound length":   {respond(200, "", whole[:len(whole)/2]), enrich.ReasonTruncated, 0, 0},
		"empty body":                     {respond(200, "", nil), enrich.ReasonTruncated, 0, 0},
		"too large, and says so":         {respond(200, "", make([]byte, maxBody+1)), enrich.ReasonTooLarge, 200, 0},
		"too large, and does not say so": {endless, enrich.ReasonTooLarge, 200, 0},
		"somebody else":                  {respond(200, "", sample(t, "organization_2026.json")), enrich.ReasonWrongNPI, 0, 0},
		"somebody else, twice":           {respond(200, "", sample(t, "individuals_2026.json")), enrich.ReasonWrongNPI, 0, 0},
		"another version":                {respond(200, "", []byte(`{"Errors":[{"description":"Unsupported Version","field":"version","number":"17"}]}`)), enrich.ReasonErrors, 0, 0},
		"closed without an answer":       {abort, enrich.ReasonRefused, 0, 0},
		"reset":                          {reset, enrich.ReasonRefused, 0, 0},
		"hangs":                          {hang, enrich.ReasonTimeout, 0, 0},
		"hangs in the body":              {hangInBody, enrich.ReasonTimeout, 0, 0},
		"500":                            {respond(500, "Content-Type: text/html", page), enrich.ReasonHTTP, 500, 0},
		"503 with seconds":               {respond(503, "Retry-After: 120", nil), enrich.ReasonHTTP, 503, 2 * time.Minute},
		"204":                            {respond(204, "", nil), enrich.ReasonHTTP, 204, 0},
		"404":                            {respond(404, "", whole), enrich.ReasonHTTP, 404, 0},
		"429":                            {respond(429, "", nil), enrich.ReasonThrottled, 429, 0},
		"429 with seconds":               {respond(429, "Retry-After: 7", nil), enrich.ReasonThrottled, 429, 7 * time.Second},
		"429 with a date":                {respond(429, "Retry-After: "+later, nil), enrich.ReasonThrottled, 429, 90 * time.Second},
		"redirect elsewhere":             {respond(302, "Location: https://registry.invalid/api/?version=2.1&number=1629395249", nil), enrich.ReasonHTTP, 302, 0},
		"redirect to another question":   {respond(302, "Location: /maintenance", nil), enrich.ReasonHTTP, 302, 0},
		"redirect in a circle":           {respond(302, "Location: /api/?version=2.1&number=1629395249", nil), enrich.ReasonHTTP, 302, 0},
	} {
		t.Run(name, func(t *testing.T) {
			timeout := 5 * time.Second
			if c.reason == enrich.ReasonTimeout {
				timeout = 50 * time.Millisecond
			}
			e, err := client(t, timeout, c.serve).Lookup(t.Context(), asked)
			assert.Nil(t, e)
			var u *enrich.UnavailableError
			require.ErrorAs(t, err, &u)
			assert.Equal(t, c.reason, u.Reason)
			assert.Equal(t, c.status, u.Status)
			assert.InDelta(t, c.retryAfter, u.RetryAfter, float64(time.Second), "a date has whole seconds")
			assert.Equal(t, c.reason == enrich.ReasonThrottled, u.Throttled())
			assertSilent(t, err)
		})
	}
}

// assertSilent fails if an error, or what it wraps, quotes question or answer.
func assertSilent(t *testing.T, err error) {
	t.Helper()
	for ; err != nil; err = errors.Unwrap(err) {
		for _, leak := range []string{asked.String(), "number=", "NARENDRAN", "maintenance", "html"} {
			assert.NotContains(t, err.Error(), leak)
		}
	}
}

func TestRefusedConnection(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	srv.Close()
	c, err := New(Config{URL: srv.URL, Timeout: time.Second, Concurrency: 1})
	require.NoError(t, err)
	_, err = c.Lookup(t.Context(), asked)
	var u *enrich.UnavailableError
	require.ErrorAs(t, err, &u)
	assert.Equal(t, enrich.ReasonRefused, u.Reason)
	assertSilent(t, err)
}

func TestFollowsARedirectOfTheSameQuestion(t *testing.T) {
	c := client(t, 5*time.Second, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/" {
			http.Redirect(w, r, "/v2/?"+r.URL.RawQuery, http.StatusFound)
			return
		}
		respond(200, "", sample(t, "individual_2023.json"))(w, r)
	})
	e, err := c.Lookup(t.Context(), asked)
	require.NoError(t, err)
	assert.Equal(t, asked, e.NPI)
}

// A caller that leaves learns nothing of the registry; one whose own deadline
// passes learns that the registry was too slow for it.
func TestCallerLeaves(t *testing.T) {
	arrived := make(chan struct{}, 1)
	c := client(t, 5*time.Second, func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		hang(w, r)
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	_, err := c.Lookup(ctx, asked)
	require.ErrorIs(t, err, context.Canceled)
	var u *enrich.UnavailableError
	assert.False(t, errors.As(err, &u))

	ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = c.Lookup(ctx, asked)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorAs(t, err, &u)
	assert.Equal(t, enrich.ReasonTimeout, u.Reason)
}

func TestConnectionIsUsedAgain(t *testing.T) {
	peers := map[string]bool{}
	c := client(t, 5*time.Second, func(w http.ResponseWriter, r *http.Request) {
		peers[r.RemoteAddr] = true
		if len(peers) == 1 {
			respond(500, "", []byte("down"))(w, r)
		}
	})
	for range 3 {
		_, err := c.Lookup(t.Context(), asked)
		require.Error(t, err)
	}
	assert.Len(t, peers, 1, "also after an error status")
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for h, want := range map[string]time.Duration{
		"":                              0,
		"0":                             0,
		" 30 ":                          30 * time.Second,
		"-5":                            0,
		"soon":                          0,
		"1.5":                           0,
		"4294967295":                    longestWait,
		"99999999999999999999":          0,
		"Fri, 20 Nov 2026 12:00:45 GMT": 45 * time.Second,
		"Fri, 20 Nov 2026 11:00:00 GMT": 0,
		"Fri, 20 Nov 2099 12:00:00 GMT": longestWait,
	} {
		assert.Equal(t, want, retryAfter(h, now), "%q", h)
	}
}

func TestNew(t *testing.T) {
	ok := Config{URL: "https://npiregistry.cms.hhs.gov/api/", Timeout: time.Second, Concurrency: 1}
	for name, spoil := range map[string]func(*Config){
		"no URL":         func(c *Config) { c.URL = "" },
		"no host":        func(c *Config) { c.URL = "https:///api" },
		"file":           func(c *Config) { c.URL = "file:///etc/passwd" },
		"not a URL":      func(c *Config) { c.URL = "https://[::1" },
		"no timeout":     func(c *Config) { c.Timeout = 0 },
		"no concurrency": func(c *Config) { c.Concurrency = 0 },
	} {
		cfg := ok
		spoil(&cfg)
		_, err := New(cfg)
		assert.Error(t, err, name)
	}
	ok.URL = "https://proxy.example/nppes?key=k&number=1#top"
	c, err := New(ok)
	require.NoError(t, err)
	assert.Equal(t, "https://proxy.example/nppes?key=k&version=2.1&number=", c.query)
	assert.NotSame(t, http.DefaultTransport, c.http.Transport)
}

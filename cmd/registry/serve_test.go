package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/bench/nppesgen/corpus"
	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/internal/enrich"
	"github.com/npiflow/npiflow/internal/enrich/nppes"
	"github.com/npiflow/npiflow/internal/record"
)

// server is `registry serve` at work in this process.
type server struct {
	url  string
	log  *journal
	stop func() int
}

// journal is a log that is read while it is written.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *journal) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func (w *journal) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}

var servingAt = regexp.MustCompile(`"http":"([^"]+)"`)

func serve(t testing.TB, dir string) *server {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := &server{log: &journal{}}
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"serve", "--dir", dir, "--addr", "127.0.0.1:0"}, strings.NewReader(""), io.Discard, s.log)
	}()
	s.stop = sync.OnceValue(func() int { cancel(); return <-code })
	t.Cleanup(func() { s.stop() })
	require.Eventually(t, func() bool {
		m := servingAt.FindStringSubmatch(s.log.String())
		if m != nil {
			s.url = "http://" + m[1]
		}
		return m != nil
	}, 20*time.Second, 10*time.Millisecond)
	return s
}

// get asks for a path.
func (s *server) get(t testing.TB, path string) (status int, body string) {
	t.Helper()
	tr := &http.Transport{DisableKeepAlives: true}
	res, err := (&http.Client{Transport: tr, Timeout: 10 * time.Second}).Get(s.url + path)
	require.NoError(t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(b)
}

// client is the one that workers ask the live registry with.
func (s *server) client(t testing.TB) *nppes.Client {
	t.Helper()
	c, err := nppes.New(nppes.Config{URL: s.url + "/api/", Timeout: 10 * time.Second, Concurrency: 2})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func TestServe(t *testing.T) {
	dir := imported(t, "--search")
	s := serve(t, dir)
	_, active := first(t, record.Active)
	_, stub := first(t, record.Deactivated)
	c := s.client(t)
	e, err := c.Lookup(t.Context(), active)
	require.NoError(t, err)
	assert.Equal(t, record.Active, e.Evidence.Status)
	told := parsed(t, fine(t, "lookup", "--json", "--dir", dir, active.String()))[0]
	assert.Equal(t, told.Name, e.Evidence.Name.Display())
	assert.Equal(t, told.Address, e.Answer().Address)
	for _, npi := range []record.NPI{stub, corpus.NPI(of, corpus.MaxRows)} {
		e, err := c.Lookup(t.Context(), npi)
		require.NoError(t, err)
		assert.Equal(t, record.Absent, e.Evidence.Status, "as the live API has it")
	}
	for _, x := range []struct {
		path   string
		status int
		has    string
	}{
		{"/api?version=2.1&number=" + active.String(), 200, `"result_count":1`},
		{"/api/?version=2.1&number=" + stub.String(), 200, `"result_count":0`},
		{"/api/?version=2.1&postal_code=" + told.Address.PostalCode[:5] + "&limit=200", 200, active.String()},
		{"/api/?number=" + active.String(), 200, `"Errors"`},
		{"/api/other", 404, ""},
		{"/v0/us/npi?value=" + active.String() + "&lookup=true", 200, `"status":"A"`},
		{"/v0/us/npi?value=" + stub.String() + "&lookup=true", 200, `"status":"D"`},
		{"/v0/us/npi?value=" + corpus.NPI(of, corpus.MaxRows).String() + "&lookup=true", 200, `"found":false`},
		{"/v0/us/npi?value=1234567890", 200, `{"valid":false}`},
		{"/livez", 200, "ok\n"},
		{"/readyz", 200, "ok local registry: 1000 providers as of 2026-11-08\nok intake: open\n"},
		{"/metrics", 200, `npiflow_serve_seconds_count{api="check"} 4`},
		{"/metrics", 200, `npiflow_registry_usable 1`},
		{"/", 200, "<h1>npiflow</h1>"},
	} {
		status, body := s.get(t, x.path)
		assert.Equal(t, x.status, status, x.path)
		assert.Contains(t, body, x.has, x.path)
	}
	assert.Zero(t, s.stop(), "told to stop is no failure")
	assert.NotContains(t, s.log.String(), active.String(), "who was asked for is nobody's business")
	assert.Contains(t, s.log.String(), `"stopped"`)
}

// A new build answers soon, and nothing fails on the way.
func TestServeGoesOver(t *testing.T) {
	dir := imported(t)
	s := serve(t, dir)
	_, active := first(t, record.Active)
	fine(t, "import", "--dir", dir, "--sample", weekly(t, monday))
	require.Eventually(t, func() bool {
		status, body := s.get(t, "/v0/us/npi?lookup=true&value="+active.String())
		require.Equal(t, 200, status, body)
		return strings.Contains(body, "2026-11-15")
	}, 10*time.Second, 20*time.Millisecond)
	status, body := s.get(t, "/api/?version=2.1&city=TROY&state=OH")
	assert.Equal(t, http.StatusNotImplemented, status)
	assert.Contains(t, body, "without its search indexes")
}

// Without a registry nothing is said to be absent; one that is imported later
// answers.
func TestServeBeforeTheFirstImport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "registry")
	s := serve(t, dir)
	_, active := first(t, record.Active)
	unknown := func() {
		t.Helper()
		_, err := s.client(t).Lookup(t.Context(), active)
		var away *enrich.UnavailableError
		assert.True(t, errors.As(err, &away), "%v", err)
		status, _ := s.get(t, "/v0/us/npi?lookup=true&value="+active.String())
		assert.Equal(t, 503, status)
	}
	unknown()
	status, body := s.get(t, "/readyz")
	assert.Equal(t, 503, status)
	assert.Contains(t, body, "run `registry import`")

	fine(t, "import", "--dir", dir, "--sample", deactivations(t))
	require.Eventually(t, func() bool { status, _ := s.get(t, "/readyz"); return status == 200 }, 10*time.Second, 20*time.Millisecond)
	unknown() // the report alone cannot tell who is active

	fine(t, "import", "--dir", dir, "--sample", monthly(t, of))
	require.Eventually(t, func() bool {
		_, body := s.get(t, "/v0/us/npi?lookup=true&value="+active.String())
		return strings.Contains(body, `"status":"A"`)
	}, 10*time.Second, 20*time.Millisecond)
	var answered struct {
		Count int `json:"result_count"`
	}
	_, body = s.get(t, "/api/?version=2.1&number="+active.String())
	require.NoError(t, json.Unmarshal([]byte(body), &answered))
	assert.Equal(t, 1, answered.Count)
}

func TestServeOnATakenAddress(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	r := command(t, "", "serve", "--dir", t.TempDir(), "--addr", l.Addr().String())
	assert.Equal(t, assembly.ExitFailed, r.code)
	assert.Contains(t, r.err, "npiflow: serve on "+l.Addr().String()+": ")
	assert.Contains(t, r.err, "(name a free address with --addr)")
}

package mirror

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/enrich"
	"github.com/npiflow/npiflow/internal/enrich/nppes"
	"github.com/npiflow/npiflow/internal/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	hospital record.NPI = 1770626038
	person   record.NPI = 1851713903
	never    record.NPI = 1999999984
)

func serve(t testing.TB, timeout time.Duration) (*Recorded, *nppes.Client, string) {
	t.Helper()
	r, err := NewRecorded(Answers())
	require.NoError(t, err)
	srv := httptest.NewServer(r)
	c, err := nppes.New(nppes.Config{URL: srv.URL + "/api/", Timeout: timeout, Concurrency: 2})
	require.NoError(t, err)
	t.Cleanup(func() { c.Close(); srv.Close() })
	return r, c, srv.URL
}

func TestHoldsTheRecordedAnswers(t *testing.T) {
	r, c, _ := serve(t, 5*time.Second)
	assert.Len(t, r.Individuals(), 61)
	assert.Equal(t, []record.NPI{1225701881, hospital}, r.Organizations())
	assert.Len(t, r.Deactivated(), 240)
	for _, npi := range append(r.Individuals(), r.Organizations()...) {
		e, err := c.Lookup(t.Context(), npi)
		require.NoError(t, err)
		assert.Equal(t, record.Active, e.Evidence.Status)
		assert.Equal(t, npi, e.NPI)
	}
	for _, npi := range append(r.Deactivated()[:3], never) {
		e, err := c.Lookup(t.Context(), npi)
		require.NoError(t, err)
		assert.Equal(t, record.Absent, e.Evidence.Status, "deactivated and never issued look the same")
	}
	assert.EqualValues(t, 63+4, r.Requests())
	assert.Equal(t, 1, r.Asked()[hospital])
	assert.Len(t, r.Asked(), 67)
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	resp, err := http.Get(url)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	if resp.StatusCode == 200 {
		assert.Equal(t, "application/json", resp.Header.Get("Content-Type"))
		assert.Equal(t, "no-cache, no-store, must-revalidate", resp.Header.Get("Cache-Control"))
	}
	return resp.StatusCode, string(body)
}

func TestAnswersAsTheRegistryDoes(t *testing.T) {
	defer http.DefaultClient.CloseIdleConnections()
	_, _, url := serve(t, 5*time.Second)
	for query, want := range map[string]string{
		"/api/?version=2.1&number=123":                  `{"Errors":[{"description":"NPI must be 10 digits","field":"number","number":"06"}]}`,
		"/api/?version=2.1":                             `{"Errors":[{"description":"No valid search criteria provided","field":"generic","number":"04"}]}`,
		"/api/?number=1770626038":                       `{"Errors":[{"description":"Unsupported Version","field":"version","number":"17"}]}`,
		"/api/?version=2.0&number=1770626038":           `{"Errors":[{"description":"Unsupported Version","field":"version","number":"17"}]}`,
		"/api?version=2.1&number=1234567890":            `{"result_count":0,"results":[]}`, // the check digit is not looked at
		"/api/?version=2.1&number=1999999984&updated=1": `{"result_count":0,"results":[]}`, // parameters it does not know are ignored
	} {
		status, body := get(t, url+query)
		assert.Equal(t, 200, status)
		assert.Equal(t, want, body, query)
	}
	status, _ := get(t, url+"/api/?version=2.1&last_name=SMITH")
	assert.Equal(t, http.StatusNotImplemented, status)
	status, _ = get(t, url+"/other")
	assert.Equal(t, http.StatusNotFound, status)
	resp, err := http.Post(url+"/api/?version=2.1&number=1770626038", "text/plain", nil)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, http.StatusMethodNotAllowed, resp.StatusCode)
}

func TestMoods(t *testing.T) {
	for _, c := range []struct {
		mood   Mood
		reason enrich.Reason
		wait   time.Duration
	}{
		{Mood{Fault: Refuse}, enrich.ReasonRefused, 0},
		{Mood{Fault: Hang}, enrich.ReasonTimeout, 0},
		{Mood{Latency: time.Hour}, enrich.ReasonTimeout, 0},
		{Mood{Fault: Fail500}, enrich.ReasonHTTP, 0},
		{Mood{Fault: HTML200}, enrich.ReasonContentType, 0},
		{Mood{Fault: Throttle}, enrich.ReasonThrottled, 0},
		{Mood{Fault: Throttle, RetryAfter: 1500 * time.Millisecond}, enrich.ReasonThrottled, 2 * time.Second},
		{Mood{Fault: Truncated}, enrich.ReasonTruncated, 0},
		{Mood{Fault: WrongNPI}, enrich.ReasonWrongNPI, 0},
	} {
		timeout := 5 * time.Second
		if c.reason == enrich.ReasonTimeout {
			timeout = 50 * time.Millisecond
		}
		r, client, _ := serve(t, timeout)
		r.SetMood(c.mood)
		_, err := client.Lookup(t.Context(), person)
		var u *enrich.UnavailableError
		require.ErrorAs(t, err, &u, "%+v", c.mood)
		assert.Equal(t, c.reason, u.Reason, "%+v", c.mood)
		assert.Equal(t, c.wait, u.RetryAfter)
	}
}

func TestMoodEndsAndMayBeOneNumbersOwn(t *testing.T) {
	r, c, _ := serve(t, 5*time.Second)
	status := func(npi record.NPI) record.Status {
		e, err := c.Lookup(context.WithoutCancel(t.Context()), npi)
		if err != nil {
			return record.Unknown
		}
		return e.Evidence.Status
	}
	r.SetMood(Mood{Fault: Fail500})
	assert.Equal(t, record.Unknown, status(person))
	r.SetMood(Mood{})
	assert.Equal(t, record.Active, status(person), "recovers")

	r.SetMoodOf(person, Mood{Fault: WrongNPI})
	assert.Equal(t, record.Unknown, status(person))
	assert.Equal(t, record.Active, status(hospital), "others are well")
	r.SetMoodOf(person, Mood{})

	r.SetMood(Mood{Fault: EmptyOnce})
	assert.Equal(t, record.Absent, status(person), "flaky")
	assert.Equal(t, record.Active, status(person))
	assert.Equal(t, record.Absent, status(hospital), "each number once")

	r.SetMoodOf(never, Mood{Fault: SaysDeactivated})
	assert.Equal(t, record.Deactivated, status(never))
	assert.Equal(t, 5, r.Asked()[person], "whatever became of it")
}

func TestSynthesize(t *testing.T) {
	r, c, _ := serve(t, 5*time.Second)
	r.Synthesize = true
	for _, npi := range []record.NPI{1234567890, 3000000004} {
		e, err := c.Lookup(t.Context(), npi)
		require.NoError(t, err)
		assert.Equal(t, record.Absent, e.Evidence.Status, "not sound")
	}
	e, err := c.Lookup(t.Context(), r.Deactivated()[0])
	require.NoError(t, err)
	assert.Equal(t, record.Absent, e.Evidence.Status)

	organizations, asked := 0, 0
	for npi := record.NPI(1300000000); asked < 200; npi++ {
		if !checksum.Valid(npi) {
			continue
		}
		asked++
		require.True(t, jsontext.Value(synthetic(npi)).IsValid())
		e, err := c.Lookup(t.Context(), npi)
		require.NoError(t, err)
		want := SyntheticName(npi)
		if want.Organization != "" {
			organizations++
			assert.Equal(t, record.NPI2, e.Evidence.Type)
			assert.NotNil(t, e.Official)
		} else {
			assert.Equal(t, record.NPI1, e.Evidence.Type)
			want.Credential = e.Evidence.Name.Credential
		}
		assert.Equal(t, want, e.Evidence.Name)
		assert.Equal(t, record.Active, e.Evidence.Status)
		assert.NotZero(t, e.Evidence.EnumerationDate)
		assert.NotNil(t, e.Location())
		assert.NotNil(t, e.Primary())
		assert.Equal(t, synthetic(npi), synthetic(npi))
	}
	assert.InDelta(t, asked/5, organizations, 15)
}

func TestNewRecordedRefusesWhatItCannotServe(t *testing.T) {
	file := func(name, data string) fstest.MapFS { return fstest.MapFS{name: {Data: []byte(data)}} }
	for name, from := range map[string]fstest.MapFS{
		"not JSON":         file("a.json", `{`),
		"no number":        file("a.json", `{"results":[{}]}`),
		"half a number":    file("a.json", `{"results":[{"number":"12345"}]}`),
		"held already":     file("a.json", `{"results":[{"number":"1770626038","enumeration_type":"NPI-2"}]}`),
		"not an NPI":       file("deactivated.txt", "1003048257x\n"),
		"listed and found": file("deactivated.txt", "1770626038\n"),
	} {
		_, err := NewRecorded(Answers(), from)
		assert.Error(t, err, name)
	}
	r, err := NewRecorded(Answers(), file("b.json", `{"results":[{"number":"1234567893","enumeration_type":"NPI-2"}]}`))
	require.NoError(t, err)
	assert.Len(t, r.Organizations(), 3, "answers of another place are added")
}

func BenchmarkSynthetic(b *testing.B) {
	b.ReportAllocs()
	for npi := record.NPI(1300000000); b.Loop(); npi++ {
		synthetic(npi)
	}
}

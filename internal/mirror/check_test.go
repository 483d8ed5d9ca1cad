package mirror

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

// registryOfThree holds a person, a deactivated NPI's stub and an NPI with
// texts that are not UTF-8, knows one absent NPI, and cannot be asked for
// another.
func registryOfThree(_ context.Context, npi record.NPI) (*record.Entry, error) {
	e := &record.Entry{NPI: npi, Evidence: record.Evidence{Source: record.FromLocal, AsOf: 20261108}}
	f := &e.Evidence.Facts
	switch npi {
	case person:
		f.Status, f.Type = record.Active, record.NPI1
		f.Name = record.Name{First: "JOSEFINA", Last: "DANWING", Credential: "MSW"}
		e.Taxonomies = []record.Taxonomy{{Code: "225400000X", Description: "Rehabilitation Practitioner", Primary: true}}
		e.Addresses = []record.Address{
			{Purpose: "MAILING", Address1: "1 OTHER ST"},
			{Purpose: "LOCATION", Address1: "18302 WESTLAWN ST", City: "HESPERIA", State: "CA", PostalCode: "923456923", CountryCode: "US", Phone: "909-437-0675"},
		}
	case hospital:
		f.Status, f.Type = record.Active, record.NPI2
		f.Name.Organization = "CAF\xc9 \"MED\"\n</script>"
	case 1710983663:
		f.Status, e.Evidence.Source = record.Deactivated, record.FromDeactivations
	case never:
		f.Status = record.Absent
	case 1245319599:
		return nil, nil
	case 1993999998:
		f.Status = record.Unknown
	default:
		return nil, errors.New("secret words of somebody else")
	}
	return e, nil
}

func check(t testing.TB, method, target string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	NewCheck(registryOfThree).ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w
}

func TestCheck(t *testing.T) {
	const at = "/v0/us/npi"
	for _, c := range []struct {
		query  string
		status int
		want   string
	}{
		{"?value=1234567893", 200, `{"valid":true,"npi":"1234567893","checkDigit":"3"}`},
		{"?value=1234567893&lookup=false", 200, `{"valid":true,"npi":"1234567893","checkDigit":"3"}`},
		{"?value=1234567890", 200, `{"valid":false}`},             // check digit
		{"?value=1234567890&lookup=true", 200, `{"valid":false}`}, // nobody is asked
		{"?value=9941339100", 200, `{"valid":false}`},             // first digit
		{"?value=%201234567893", 200, `{"valid":false}`},          // never trimmed
		{"?value=%3Cscript%3E", 200, `{"valid":false}`},
		{"", 400, `{"error":"value is missing: ask with ?value= and the ten digits of an NPI"}`},
		{"?value=", 400, `{"error":"value is missing: ask with ?value= and the ten digits of an NPI"}`},
		{"?value=%zz", 400, `{"error":"the query is not encoded as a URL's query must be"}`},
		{"?value=1234567893&lookup=perhaps", 400, `{"error":"lookup is neither true nor false"}`},
		{"?value=" + strings.Repeat("1", maxQuery), 400, `{"error":"the query has more than 4096 bytes"}`},
		{"?value=1851713903&lookup=true", 200, `{"valid":true,"npi":"1851713903","checkDigit":"3","found":true,"type":"Individual",` +
			`"name":"JOSEFINA DANWING","credential":"MSW","status":"A","taxonomy":{"code":"225400000X","description":"Rehabilitation Practitioner"},` +
			`"address":{"line1":"18302 WESTLAWN ST","city":"HESPERIA","state":"CA","postalCode":"923456923","country":"US"},"phone":"909-437-0675",` +
			`"dataSource":"local","asOf":"2026-11-08"}`},
		{"?value=1770626038&lookup=true", 200, `{"valid":true,"npi":"1770626038","checkDigit":"8","found":true,"type":"Organization",` +
			`"name":"CAF` + "\uFFFD" + ` \"MED\"\n</script>","status":"A","dataSource":"local","asOf":"2026-11-08"}`},
		{"?value=1710983663&lookup=true", 200, `{"valid":true,"npi":"1710983663","checkDigit":"3","found":true,"status":"D","dataSource":"deactivations","asOf":"2026-11-08"}`},
		{"?value=1999999984&lookup=true", 200, `{"valid":true,"npi":"1999999984","checkDigit":"4","found":false,"dataSource":"local","asOf":"2026-11-08"}`},
		{"?value=1245319599&lookup=true", 200, `{"valid":true,"npi":"1245319599","checkDigit":"9","found":false}`},
		{"?value=1993999998&lookup=true", 503, `{"error":"look up 1993999998: the registry could not be asked; ask again later"}`},
		{"?value=1234567893&lookup=true", 503, `{"error":"look up 1234567893: the registry could not be asked; ask again later"}`},
	} {
		w := check(t, http.MethodGet, at+c.query)
		assert.Equal(t, c.status, w.Code, c.query)
		assert.Equal(t, c.want, w.Body.String(), c.query)
		assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
	}
}

func TestCheckIsReadOnly(t *testing.T) {
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		w := check(t, method, "/v0/us/npi?value=1234567893")
		assert.Equal(t, http.StatusMethodNotAllowed, w.Code)
		assert.Equal(t, "GET, HEAD", w.Header().Get("Allow"))
	}
	srv := httptest.NewServer(NewCheck(registryOfThree))
	defer srv.Close()
	defer srv.Client().CloseIdleConnections()
	resp, err := srv.Client().Head(srv.URL + "/v0/us/npi?value=1234567893")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.EqualValues(t, len(`{"valid":true,"npi":"1234567893","checkDigit":"3"}`), resp.ContentLength)
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"value=1234567893", "value=1851713903&lookup=true", "lookup=1", "value=%zz", "value=a&value=b", ""} {
		f.Add(seed)
	}
	h := NewCheck(registryOfThree)
	f.Fuzz(func(t *testing.T, query string) {
		req := httptest.NewRequest(http.MethodGet, "/v0/us/npi", nil)
		req.URL.RawQuery = query
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		assert.Contains(t, []int{200, 400, 503}, w.Code)
		assert.True(t, jsontext.Value(w.Body.Bytes()).IsValid(), "%q", w.Body)
	})
}

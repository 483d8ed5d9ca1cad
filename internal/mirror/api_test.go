package mirror

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/enrich/local"
	"github.com/npiflow/npiflow/internal/record"
)

// source is a registry that does what a test says and remembers what it was
// asked.
type source struct {
	lookup func(record.NPI) (*record.Entry, error)
	search func(context.Context) ([]*record.Entry, error)

	mu          sync.Mutex
	query       local.Query
	skip, limit int
}

func (s *source) Lookup(npi record.NPI) (*record.Entry, error) { return s.lookup(npi) }

func (s *source) Search(ctx context.Context, q local.Query, skip, limit int) ([]*record.Entry, error) {
	s.mu.Lock()
	s.query, s.skip, s.limit = q, skip, limit
	s.mu.Unlock()
	if s.search == nil {
		return nil, nil
	}
	return s.search(ctx)
}

func errorsOf(all ...string) string { return `{"Errors":[` + strings.Join(all, ",") + `]}` }

// said is an entry of an Errors answer, in CMS's words and order.
func said(number, field, description string) string {
	return fmt.Sprintf(`{"description":"%s","field":"%s","number":"%s"}`, description, field, number)
}

func TestRefusals(t *testing.T) {
	const (
		leading    = "Wildcards require at least two leading characters"
		characters = "Field contains special character(s) or wrong number of characters"
	)
	var (
		none    = said("04", "generic", "No valid search criteria provided")
		ten     = said("06", "number", "NPI must be 10 digits")
		state   = said("07", "state", "Field state requires additional search criteria")
		kind    = said("09", "enumeration_type", "Enumeration_type requires additional search criteria")
		version = errorsOf(said("17", "version", "Unsupported Version"))
	)
	api := NewAPI(&source{})
	for query, want := range map[string]string{
		"":                          errorsOf(none),
		"updated=2026-01-01":        errorsOf(none), // no such parameter
		"limit=5&skip=5&pretty=off": errorsOf(none),
		"country_code=US":           errorsOf(none),
		"name_purpose=AO":           errorsOf(none),
		"address_purpose=PRIMARY":   errorsOf(none),
		"first_name=+":              errorsOf(none),
		"number=123":                errorsOf(ten),
		"number=12345678901":        errorsOf(ten),
		"number=123456789X":         errorsOf(ten),
		"number=-123456789":         errorsOf(ten),
		"state=OH":                  errorsOf(state),
		"state=OH&country_code=CA":  errorsOf(state),
		"enumeration_type=NPI-1":    errorsOf(kind),
		"state=OH&enumeration_type=NPI-2&limit=20": errorsOf(state, kind), // recorded 2026-08-30
		"enumeration_type=NPI-1&country_code=US":   errorsOf(kind),
		"enumeration_type=NPI-3":                   errorsOf(said("05", "enumeration_type", characters)),
		"name_purpose=ME&last_name=LEE":            errorsOf(said("05", "name_purpose", characters)),
		"address_purpose=HOME&city=TROY":           errorsOf(said("05", "address_purpose", characters)),
		"first_name=J*":                            errorsOf(said("03", "first_name", leading)),
		"last_name=*":                              errorsOf(said("03", "last_name", leading)),
		"first_name=J*&last_name=s*":               errorsOf(said("03", "first_name", leading), said("03", "last_name", leading)),
		"city=T*&state=OHIO":                       errorsOf(said("03", "city", leading), said("05", "state", characters)),
		"postal_code=4*":                           errorsOf(said("03", "postal_code", leading)),
		"taxonomy_description=R*":                  errorsOf(said("03", "taxonomy_description", leading)),
		"first_name=JO<SE":                         errorsOf(said("05", "first_name", characters)),
		"last_name=A@B":                            errorsOf(said("05", "last_name", characters)),
		"last_name=A%00B":                          errorsOf(said("05", "last_name", characters)),
		"last_name=A%ffB":                          errorsOf(said("05", "last_name", characters)), // no UTF-8
		"organization_name=50%25":                  errorsOf(said("05", "organization_name", characters)),
		"city=TROY&state=O1":                       errorsOf(said("05", "state", characters)),
		"country_code=CAN":                         errorsOf(said("05", "country_code", characters)),
	} {
		if want != "" {
			status, body := ask(t, api, query)
			assert.Equal(t, http.StatusOK, status)
			assert.Equal(t, want, body, query)
		}
	}
	for _, query := range []string{"", "?number=1234567893", "?version=2.0&number=1234567893", "?version=1&last_name=*"} {
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api"+query, nil))
		assert.Equal(t, version, w.Body.String(), query)
	}
}

func TestUnderstands(t *testing.T) {
	s := &source{}
	api := NewAPI(s)
	exact := func(s string) local.Text { return local.Text{Value: s} }
	wild := func(s string) local.Text { return local.Text{Value: s, Prefix: true} }
	for query, want := range map[string]local.Query{
		"last_name=O'Neil-(Smith),%23\"1\";:/%26.":            {LastName: exact(`O'Neil-(Smith),#"1";:/&.`)},
		"last_name=Mu%C3%B1oz*":                               {LastName: wild("Muñoz")},
		"last_name=A*B":                                       {LastName: exact("A*B")}, // not an error: nobody is called so
		"organization_name=ER@HOME*":                          {Organization: wild("ER@HOME")},
		"first_name=BOB&use_first_name_alias=False":           {FirstName: exact("BOB")},
		"first_name=BOB*":                                     {FirstName: wild("BOB")},
		"first_name=Bob":                                      {FirstName: exact("Bob"), Aliases: []string{"ROBERT", "ROB", "BOB", "BOBBY"}},
		"last_name=LEE&name_purpose=AO":                       {LastName: exact("LEE"), Whose: local.TheOfficial},
		"last_name=LEE&name_purpose=provider":                 {LastName: exact("LEE"), Whose: local.TheProvider},
		"city=TROY&state=OH&address_purpose=MAILING":          {City: exact("TROY"), State: "OH", Purpose: "MAILING"},
		"postal_code=45373-2334":                              {PostalCode: exact("453732334")},
		"postal_code=01310-100":                               {PostalCode: exact("01310-100")}, // not American
		"country_code=CA&enumeration_type=npi-2":              {Country: "CA", Type: record.NPI2},
		"taxonomy_description=Re*&country_code=US":            {Taxonomy: wild("Re"), Country: "US"},
		"number=1234567890&enumeration_type=NPI-1":            {NPI: 1234567890, Type: record.NPI1},
		"last_name=+LEE+&last_name=MAY&colour=blue&VERSION=1": {LastName: exact("LEE")},
	} {
		status, body := ask(t, api, query)
		require.Equal(t, http.StatusOK, status)
		assert.Equal(t, empty, body, query)
		assert.Equal(t, want, s.query, query)
	}
	for query, want := range map[string][2]int{
		"": {0, 10}, "limit=0": {0, 10}, "limit=-1": {0, 10}, "limit=x": {0, 10}, "limit=1": {0, 1}, "limit=200": {0, 200}, "limit=201": {0, 200},
		"limit=99999999999999999999": {0, 200}, "skip=1000": {1000, 10}, "skip=1001": {1001, 10}, "skip=100000&limit=200": {100000, 200}, "skip=-5": {0, 10}, "skip=1e3": {0, 10},
	} {
		ask(t, api, "last_name=LEE&"+query)
		assert.Equal(t, want, [2]int{s.skip, s.limit}, query)
	}
}

func TestPretty(t *testing.T) {
	api := NewAPI(&source{})
	for _, word := range []string{"true", "on", "TRUE"} {
		_, body := ask(t, api, "last_name=LEE&pretty="+word)
		assert.Equal(t, "{\n  \"result_count\": 0,\n  \"results\": []\n}", body)
	}
}

func TestNumbersThatAreNotInService(t *testing.T) {
	api := NewAPI(&source{lookup: func(npi record.NPI) (*record.Entry, error) {
		if npi == 1710983663 {
			return &record.Entry{NPI: npi, Evidence: record.Evidence{Facts: record.Facts{Status: record.Deactivated}}}, nil
		}
		return nil, nil
	}})
	for _, number := range []string{"1710983663", "1999999984", "1234567890", "0000000000", "9999999999"} {
		_, body := ask(t, api, "number="+number)
		assert.Equal(t, empty, body, number)
	}
}

func TestFailuresAreNoAnswers(t *testing.T) {
	broken := errors.New("words of the disk")
	s := &source{
		lookup: func(record.NPI) (*record.Entry, error) { return nil, broken },
		search: func(context.Context) ([]*record.Entry, error) { return nil, broken },
	}
	api := NewAPI(s)
	for _, query := range []string{"number=1234567893", "last_name=LEE"} {
		status, body := ask(t, api, query)
		assert.Equal(t, http.StatusServiceUnavailable, status)
		assert.NotContains(t, body, "disk")
		assert.NotContains(t, body, "LEE")
	}
	s.search = func(context.Context) ([]*record.Entry, error) { return nil, local.ErrNoIndex }
	status, _ := ask(t, api, "last_name=LEE")
	assert.Equal(t, http.StatusNotImplemented, status)
	status, _ = ask(t, api, "last_name="+strings.Repeat("A", maxQuery))
	assert.Equal(t, http.StatusRequestURITooLong, status)
	for path, want := range map[string]int{"/": 404, "/api/x": 404, "/API/": 404} {
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		assert.Equal(t, want, w.Code)
	}
	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/api/", nil))
	assert.Equal(t, http.StatusMethodNotAllowed, w.Code)
}

// Searches that take too long are ended, and those waiting for their turn give
// up: nobody is kept longer than a search may last.
func TestSearchesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running atomic.Int32
		api := NewAPI(&source{search: func(ctx context.Context) ([]*record.Entry, error) {
			assert.LessOrEqual(t, running.Add(1), int32(maxSearches))
			defer running.Add(-1)
			<-ctx.Done()
			return nil, ctx.Err()
		}})
		began, answers := time.Now(), make(chan int)
		for range maxSearches + 3 {
			go func() {
				w := httptest.NewRecorder()
				api.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/?version=2.1&last_name=LEE", nil))
				answers <- w.Code
			}()
		}
		for range maxSearches + 3 {
			assert.Equal(t, http.StatusServiceUnavailable, <-answers)
		}
		assert.Equal(t, searchWithin, time.Since(began))
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"version=2.1&number=1234567893", "version=2.1&last_name=SM*&first_name=J&limit=200&skip=1000", "version=2.1&state=OH&enumeration_type=NPI-2",
		"version=2.1&postal_code=45373-2334&city=a*&country_code=US", "version=2.1&use_first_name_alias=False&first_name=Bob&name_purpose=AO",
		"version=2.1&taxonomy_description=*&address_purpose=x&organization_name=%ff", "version=1", "version=2.1&pretty=on&limit=-1&skip=99999999999999999999",
	} {
		f.Add(seed)
	}
	s := &source{lookup: func(record.NPI) (*record.Entry, error) { return nil, nil }}
	api := NewAPI(s)
	f.Fuzz(func(t *testing.T, query string) {
		req := httptest.NewRequest(http.MethodGet, "/api/", nil)
		req.URL.RawQuery = query
		q, refusals := parse(parameters(req.URL))
		w := httptest.NewRecorder()
		api.ServeHTTP(w, req)
		if len(query) > maxQuery {
			assert.Equal(t, http.StatusRequestURITooLong, w.Code)
			return
		}
		assert.Equal(t, http.StatusOK, w.Code)
		assert.True(t, jsontext.Value(w.Body.Bytes()).IsValid())
		assert.Equal(t, len(refusals) > 0, strings.Contains(w.Body.String(), `"Errors"`))
		if len(refusals) > 0 {
			return
		}
		assert.True(t, q.limit >= 1 && q.limit <= maxLimit && q.skip >= 0)
		for _, text := range []local.Text{q.query.FirstName, q.query.LastName, q.query.Organization, q.query.Taxonomy, q.query.City, q.query.PostalCode} {
			assert.False(t, text.Prefix && len(strings.TrimSpace(text.Value)) < 2)
		}
	})
}

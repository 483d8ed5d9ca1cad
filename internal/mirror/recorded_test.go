package mirror

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/enrich/nppes"
)

// ask asks an API with the version set.
func ask(t testing.TB, h http.Handler, query string) (status int, body string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/?version=2.1&"+query, nil))
	return w.Code, w.Body.String()
}

func everyRecorded(t testing.TB) []object {
	return slices.Concat(recorded(t, "individuals_2026.json"), recorded(t, "individual_2023.json"),
		recorded(t, "organization_2024.json"), recorded(t, "organization_2026.json"))
}

// TestAnswersWhatWasRecorded serves what CMS's files would say of every
// provider whose answer was recorded, and compares the answers member by
// member. The differences that are allowed are those that alike names.
func TestAnswersWhatWasRecorded(t *testing.T) {
	all := everyRecorded(t)
	require.Len(t, all, 63)
	api := NewAPI(ship(all...).imported(t))
	for _, want := range all {
		status, body := ask(t, api, "number="+want["number"].(string))
		require.Equal(t, http.StatusOK, status)
		var got struct {
			Count   int      `json:"result_count"`
			Results []object `json:"results"`
		}
		require.NoError(t, json.Unmarshal([]byte(body), &got))
		require.Equal(t, 1, got.Count)
		assert.Equal(t, alike(t, want), alike(t, got.Results[0]))
	}
}

// alike takes out of a result what the files cannot say, or the API says now
// and then in one way or another.
func alike(t *testing.T, r object) object {
	where, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	for _, epoch := range []string{"created_epoch", "last_updated_epoch"} { // the files have no time of day
		ms, err := strconv.ParseInt(r[epoch].(string), 10, 64)
		require.NoError(t, err)
		r[epoch] = time.UnixMilli(ms).In(where).Format(time.DateOnly)
	}
	slices.SortFunc(r["addresses"].([]any), func(a, b any) int { // the API gives them in either order
		return strings.Compare(text(a.(object), "address_purpose"), text(b.(object), "address_purpose"))
	})
	basic := r["basic"].(object)
	empty := func(o object) { // "--" or left out: both are how the API says that there is none
		for key, v := range o {
			if strings.HasSuffix(key, "prefix") || strings.HasSuffix(key, "suffix") {
				if v == "--" {
					delete(o, key)
				}
			}
		}
	}
	empty(basic)
	for _, n := range objects(r, "other_names") {
		empty(n)
	}
	if g, old := basic["gender"]; old { // called sex since 2025
		basic["sex"] = g
		delete(basic, "gender")
	}
	return r
}

// TestKeepsTheOrderOfTheWire compares the bytes with those of the one answer
// whose keys were kept in the order in which they came.
func TestKeepsTheOrderOfTheWire(t *testing.T) {
	data, err := fs.ReadFile(Answers(), "individual_2023.json")
	require.NoError(t, err)
	want := jsontext.Value(data)
	require.NoError(t, want.Compact())
	epochs := regexp.MustCompile(`(_epoch":")\d+`) // the files have no time of day
	text := strings.Replace(string(want), `"gender":`, `"sex":`, 1)
	_, got := ask(t, NewAPI(ship(recorded(t, "individual_2023.json")...).imported(t)), "number=1629395249")
	assert.Equal(t, epochs.ReplaceAllString(text, "$1"), epochs.ReplaceAllString(got, "$1"))
	assert.Contains(t, got, `"created_epoch":"1271822400000"`)      // 2010-04-21 00:00 EDT
	assert.Contains(t, got, `"last_updated_epoch":"1604898000000"`) // 2020-11-09 00:00 EST
}

// TestSearchesTheRecorded searches the providers of the recorded answers.
func TestSearchesTheRecorded(t *testing.T) {
	api := NewAPI(ship(everyRecorded(t)...).imported(t))
	for query, want := range map[string][]string{
		"last_name=DAR":                                   {"1457485542"},
		"last_name=dar&first_name=jos*":                   {"1457485542"},
		"last_name=DAR&enumeration_type=NPI-2":            nil,
		"last_name=BRANUM":                                {"1841008505"}, // a former name
		"last_name=SOLOMON":                               {"1770626038"}, // an authorized official
		"last_name=SOLOMON&name_purpose=AO":               {"1770626038"},
		"last_name=SOLOMON&name_purpose=PROVIDER":         nil,
		"organization_name=inova*":                        {"1770626038"},
		"organization_name=INOVA FAIRFAX":                 nil,
		"city=POTOMAC":                                    {"1770626038"},
		"city=POTOMAC&address_purpose=PRIMARY":            nil,
		"city=FALLS CHURCH&state=VA":                      {"1770626038"},
		"city=FALLS CHURCH&state=MD":                      nil,
		"city=FALLS CHURCH&state=XX":                      nil,
		"city=SPOKANE VALLEY&address_purpose=secondary":   {"1629395249"},
		"postal_code=48034":                               {"1225701881"},
		"postal_code=48034-1753":                          {"1225701881"},
		"postal_code=4803*&enumeration_type=NPI-2":        {"1225701881"},
		"taxonomy_description=Reproductive Endocrinology": {"1225701881"},
		"taxonomy_description=General Acute*&state=VA":    {"1770626038"},
		"number=1770626038&organization_name=INOVA*":      {"1770626038"},
		"number=1770626038&organization_name=OTHER":       nil,
		"number=1770626038&skip=1":                        nil,
		"country_code=DE":                                 nil,
	} {
		parameters, err := url.ParseQuery(query)
		require.NoError(t, err)
		status, body := ask(t, api, parameters.Encode())
		require.Equal(t, http.StatusOK, status, query)
		assert.Equal(t, want, numbers(t, body), query)
	}
}

// TestOurClientReadsBothAlike asks the recorded answers and those made from the
// files with the client of the live registry.
func TestOurClientReadsBothAlike(t *testing.T) {
	stand, live, _ := serve(t, 5*time.Second)
	srv := httptest.NewServer(NewAPI(ship(everyRecorded(t)...).imported(t)))
	client, err := nppes.New(nppes.Config{URL: srv.URL + "/api/", Timeout: 5 * time.Second, Concurrency: 2})
	require.NoError(t, err)
	t.Cleanup(func() { client.Close(); srv.Close() })
	for _, npi := range append(append(stand.Individuals(), stand.Organizations()...), never, stand.Deactivated()[0]) {
		want, err := live.Lookup(t.Context(), npi)
		require.NoError(t, err)
		got, err := client.Lookup(t.Context(), npi)
		require.NoError(t, err)
		assert.Equal(t, want.Evidence.Facts, got.Evidence.Facts)
		assert.Equal(t, want.Taxonomies, got.Taxonomies)
		assert.ElementsMatch(t, want.Addresses, got.Addresses)
		assert.Equal(t, want.Official, got.Official)
	}
}

// numbers are those of an answer's results, whose count must be right.
func numbers(t testing.TB, body string) (list []string) {
	t.Helper()
	var a struct {
		Count   *int `json:"result_count"`
		Results []struct {
			Number string `json:"number"`
		} `json:"results"`
	}
	require.NoError(t, json.Unmarshal([]byte(body), &a), body)
	require.NotNil(t, a.Count, body)
	require.Len(t, a.Results, *a.Count)
	for _, r := range a.Results {
		list = append(list, r.Number)
	}
	return list
}

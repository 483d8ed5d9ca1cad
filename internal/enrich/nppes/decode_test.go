package nppes

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
	"unsafe"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/enrich"
	"github.com/npiflow/npiflow/internal/record"
)

var fetched = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func entryOf(t *testing.T, npi record.NPI, body []byte) *record.Entry {
	t.Helper()
	e, err := decode(body, npi, fetched, newWords())
	require.NoError(t, err)
	return e
}

func TestIndividual(t *testing.T) {
	e := entryOf(t, 1629395249, sample(t, "individual_2023.json"))
	assert.Equal(t, record.Facts{
		Status: record.Active, Type: record.NPI1, EnumerationDate: 20100421, LastUpdated: 20201109, SoleProprietor: "NO",
		Name:           record.Name{First: "VIJAY", Middle: "KUMAR", Last: "NARENDRAN", Credential: "M.D., MBA"},
		OtherPractices: []string{"WA 99216"}, // of two in the same place
	}, e.Evidence.Facts)
	assert.Equal(t, "M", e.Sex, "gender, as it was called until 2025")
	assert.Equal(t, []record.Taxonomy{{Code: "207RH0003X", Description: "Internal Medicine, Hematology & Oncology", State: "NY", License: "272229", Primary: true}}, e.Taxonomies)
	require.Len(t, e.Addresses, 2)
	assert.Equal(t, &record.Address{Purpose: "LOCATION", Address1: "1630 S CONGRESS AVE", City: "PALM SPRINGS", State: "FL", PostalCode: "334612171",
		CountryCode: "US", Phone: "561-253-3980", Fax: "561-253-3985"}, e.Location(), "second in this answer")
	assert.Len(t, e.PracticeLocations, 2)
	assert.Nil(t, e.Identifiers)
	assert.Nil(t, e.Official)
}

func TestOrganization(t *testing.T) {
	e := entryOf(t, 1770626038, sample(t, "organization_2026.json"))
	assert.Equal(t, record.Name{Organization: "INOVA FAIRFAX HOSPITAL"}, e.Evidence.Name)
	assert.Equal(t, record.NPI2, e.Evidence.Type)
	assert.Equal(t, "NO", e.Subpart)
	assert.Equal(t, &record.Official{First: "KELLY", Middle: "ANN", Last: "SOLOMON", Prefix: "Mrs.", Credential: "NP",
		Title: "Thoracic Nurse Practitioner", Phone: "7037764132"}, e.Official, "a suffix of -- is none")
	assert.Equal(t, []record.Identifier{{Code: "01", Identifier: "0017138748", Issuer: "Nurse Practitioner number", State: "VA"}}, e.Identifiers)

	e = entryOf(t, 1225701881, sample(t, "organization_2024.json"))
	assert.Equal(t, []record.Taxonomy{{Code: "207VE0102X", Description: "Obstetrics & Gynecology, Reproductive Endocrinology",
		Group: "193400000X - Multiple Single Specialty Group", Primary: true}}, e.Taxonomies, "null is empty")
}

func TestLegacyShape(t *testing.T) {
	e := entryOf(t, 1568946812, sample(t, "legacy_2019.json"))
	assert.Equal(t, record.Active, e.Evidence.Status)
	assert.Equal(t, "CSP ANESTHESIA LLC", e.Evidence.Name.Organization)
	assert.Equal(t, record.Date(20180922), e.Evidence.EnumerationDate)
	assert.Equal(t, "403 PERMIAN WAY STE D", e.Location().Address1)
	assert.Len(t, e.PracticeLocations, 1)
}

// Each recorded individual, in an answer of its own, as the API gives it.
func TestAllIndividuals(t *testing.T) {
	var all struct {
		Results []jsontext.Value `json:"results"`
	}
	require.NoError(t, json.Unmarshal(sample(t, "individuals_2026.json"), &all))
	require.Len(t, all.Results, 60)
	others := 0
	for _, raw := range all.Results {
		var id struct {
			Number record.NPI `json:"number"`
		}
		require.NoError(t, json.Unmarshal(raw, &id))
		e := entryOf(t, id.Number, fmt.Appendf(nil, `{"result_count":1,"results":[%s]}`, raw))
		assert.Equal(t, record.Active, e.Evidence.Status)
		assert.Equal(t, record.NPI1, e.Evidence.Type)
		assert.NotEmpty(t, e.Evidence.Name.First)
		assert.NotEmpty(t, e.Evidence.Name.Last)
		assert.NotZero(t, e.Evidence.EnumerationDate)
		assert.NotZero(t, e.Evidence.LastUpdated)
		assert.NotEmpty(t, e.Sex)
		assert.NotNil(t, e.Location())
		assert.True(t, e.Primary().Primary)
		for _, n := range append(e.Evidence.OtherNames, e.Evidence.Name) {
			assert.NotEqual(t, "--", n.Prefix)
			assert.NotEqual(t, "--", n.Suffix)
		}
		others += len(e.Evidence.OtherNames)
	}
	assert.Equal(t, 8, others)
}

func TestEmptyAnswer(t *testing.T) {
	e := entryOf(t, 1999999984, sample(t, "empty_2022.json"))
	assert.Equal(t, &record.Entry{NPI: 1999999984, Evidence: record.Evidence{Source: record.FromAPI, AsOf: 20261120,
		FetchedAt: fetched, Facts: record.Facts{Status: record.Absent}}}, e)
}

// Every error body known; of all of them, only number 15 is an answer.
func TestErrorBodies(t *testing.T) {
	type observed []struct {
		Cause string         `json:"cause"`
		Body  jsontext.Value `json:"body"`
	}
	var all struct {
		New observed `json:"observed_2026"`
		Old observed `json:"observed_2019_2022"`
	}
	require.NoError(t, json.Unmarshal(sample(t, "errors.json"), &all))
	for _, o := range append(all.New, all.Old...) {
		e, err := decode(o.Body, 1669463816, fetched, newWords())
		if strings.Contains(o.Cause, "deactivated") {
			require.NoError(t, err)
			assert.Equal(t, record.Deactivated, e.Evidence.Status)
			assert.Equal(t, record.FromAPI, e.Evidence.Source)
			continue
		}
		assertReason(t, enrich.ReasonErrors, err, o.Cause)
	}
}

func assertReason(t *testing.T, want enrich.Reason, err error, what string) {
	t.Helper()
	var u *enrich.UnavailableError
	require.ErrorAs(t, err, &u, what)
	assert.Equal(t, want, u.Reason, what)
}

// one is an answer of one result with the given members of basic and of the
// result itself.
func one(basic, rest string) string {
	return `{"result_count":1,"results":[{"number":"1629395249","enumeration_type":"NPI-1","basic":{` + basic + `}` + rest + `}]}`
}

func TestContradictions(t *testing.T) {
	for body, want := range map[string]enrich.Reason{
		`{"result_count":0}`:                 enrich.ReasonMalformed, // no results
		`{"results":[]}`:                     enrich.ReasonMalformed, // no count
		`{"result_count":0,"results":null}`:  enrich.ReasonMalformed, // null is not empty
		`{"result_count":1,"results":[]}`:    enrich.ReasonMalformed, // announced, not there
		`{"result_count":null,"results":[]}`: enrich.ReasonMalformed,
		`{"result_count":"0","results":[]}`:  enrich.ReasonMalformed, // of another type
		`{"result_count":0.5,"results":[]}`:  enrich.ReasonMalformed,
		`{"result_count":0,"results":[{"number":"1629395249","basic":{"status":"A"}}]}`:                            enrich.ReasonMalformed, // there, not announced
		`{"result_count":2,"results":[{"number":"1629395249"},{"number":"1629395249"}]}`:                           enrich.ReasonMalformed, // twice
		`{"result_count":1,"results":[{}]}`:                                                                        enrich.ReasonMalformed,
		`{"result_count":1,"results":[null]}`:                                                                      enrich.ReasonMalformed,
		`{"result_count":1,"results":[{"number":"1629395249","enumeration_type":"NPI-1"}]}`:                        enrich.ReasonMalformed, // no status
		`{"result_count":1,"results":[{"number":"1629395249","enumeration_type":"NPI-3","basic":{"status":"A"}}]}`: enrich.ReasonMalformed,
		`{"result_count":1,"results":[{"number":"162939524","enumeration_type":"NPI-1","basic":{"status":"A"}}]}`:  enrich.ReasonMalformed, // nine digits
		one(`"status":"A","first_name":["X"]`, ``):                                                                 enrich.ReasonMalformed,
		one(`"status":"A"`, `,"addresses":{}`):                                                                     enrich.ReasonMalformed,
		one(`"status":"A","status":"D"`, ``):                                                                       enrich.ReasonMalformed, // says two things
		one(`"status":"A","first_name":"JOS`+"\xe9"+`"`, ``):                                                       enrich.ReasonMalformed, // not UTF-8
		one(`"status":"A"`, ``) + `{}`:                                                                             enrich.ReasonMalformed, // two documents
		`{}`:                                                                                                       enrich.ReasonMalformed,
		`[]`:                                                                                                       enrich.ReasonMalformed,
		`null`:                                                                                                     enrich.ReasonMalformed,
		`OK`:                                                                                                       enrich.ReasonMalformed,
		``:                                                                                                         enrich.ReasonTruncated,
		`{"result_count":0,"resul`:                                                                                 enrich.ReasonTruncated,
		"\n <html>":                                                                                                enrich.ReasonContentType,
		`{"Errors":[{"number":"15"},{"number":"06"}]}`:                                                             enrich.ReasonErrors, // not only deactivated
		`{"Errors":[{}]}`:                                                                                          enrich.ReasonErrors,
		`{"Errors":[{"number":"15","description":"CMS deactivated NPI 1669463816. The provider"}]}`: enrich.ReasonWrongNPI,
		`{"Errors":[{"number":"17"}],"result_count":0,"results":[]}`:                                enrich.ReasonErrors, // an error outranks an absence
	} {
		e, err := decode([]byte(body), asked, fetched, newWords())
		assert.Nil(t, e, body)
		assertReason(t, want, err, body)
	}
}

func TestMixedMembers(t *testing.T) {
	e := entryOf(t, asked, []byte(one(`"status":"A","deactivation_date":"2015-01-14","reactivation_date":"2019-02-13"`, ``)))
	assert.Equal(t, record.Active, e.Evidence.Status, "reactivated")
	assert.Equal(t, record.Date(20150114), e.Evidence.DeactivationDate)
	assert.Equal(t, record.Date(20190213), e.Evidence.ReactivationDate)

	e = entryOf(t, asked, []byte(one(`"status":"D","deactivation_date":"2015-01-14","deactivation_reason_code":"DT","replacement_npi":null`, ``)))
	assert.Equal(t, record.Deactivated, e.Evidence.Status)
	assert.Equal(t, "DT", e.Evidence.DeactivationReason)

	e = entryOf(t, asked, []byte(one(`"status":"A","enumeration_date":"05/23/2005","last_updated":"2026-02-30","certification_date":7`, ``)))
	assert.Zero(t, e.Evidence.EnumerationDate, "not in the API's form")
	assert.Zero(t, e.Evidence.LastUpdated, "no such day")

	e = entryOf(t, asked, []byte(one(`"status":"A","first_name":" JO\u0000\tE ","last_name":"D’ÉON","name_prefix":"--","credential":null,"sole_proprietor":"X","sex":""`,
		`,"addresses":null,"taxonomies":[null,{"code":"363L00000X","desc":null,"primary":null}],"other_names":[{"code":3,"organization_name":"X LLC"}]`)))
	assert.Equal(t, record.Name{First: "JOE", Last: "D’ÉON"}, e.Evidence.Name)
	assert.Equal(t, "X", e.Evidence.SoleProprietor)
	assert.Nil(t, e.Addresses)
	assert.Nil(t, e.Location())
	assert.Equal(t, []record.Taxonomy{{Code: "363L00000X"}}, e.Taxonomies)
	assert.Equal(t, []record.Name{{Code: "3", Organization: "X LLC"}}, e.Evidence.OtherNames)

	body := strings.ReplaceAll(one(`"status":"A","name":"OLD LLC"`, ``), "NPI-1", "NPI-2")
	assert.Equal(t, "OLD LLC", entryOf(t, asked, []byte(body)).Evidence.Name.Organization)
}

func TestWordsAreKeptOnceAndBounded(t *testing.T) {
	w := newWords()
	a, b := strings.Clone("Registered Nurse"), strings.Clone("Registered Nurse")
	assert.Equal(t, a, w.one(a))
	again := w.one(b)
	assert.Same(t, unsafe.StringData(a), unsafe.StringData(again))
	long := strings.Repeat("x", maxWord+1)
	assert.Equal(t, long, w.one(long))
	for i := range maxWords + 10 {
		w.one(fmt.Sprint(i))
	}
	assert.Len(t, w.seen, maxWords)
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"individual_2023", "organization_2024", "organization_2026", "legacy_2019", "empty_2022"} {
		f.Add(uint64(asked), sample(f, name+".json"))
	}
	for _, n := range []uint64{1770626038, 1225701881, 1568946812} {
		f.Add(n, []byte(`{"Errors":[{"description":"CMS deactivated NPI 1770626038. ","field":"number","number":"15"}]}`))
	}
	f.Add(uint64(asked), []byte(one(`"status":"A","first_name":" \u0000--"`, `,"taxonomies":[null,{"primary":null}]`)))
	f.Fuzz(func(t *testing.T, n uint64, body []byte) {
		npi := record.NPI(n % 1e10)
		e, err := decode(body, npi, fetched, newWords())
		if err != nil {
			assert.Nil(t, e)
			var u *enrich.UnavailableError
			require.ErrorAs(t, err, &u)
			assert.Contains(t, enrich.Reasons, u.Reason)
			return
		}
		assert.Equal(t, npi, e.NPI)
		assert.NotEqual(t, record.Unknown, e.Evidence.Status, "ignorance is an error")
		wire, err := json.Marshal(e)
		require.NoError(t, err)
		var back record.Entry
		require.NoError(t, json.Unmarshal(wire, &back))
		again, err := json.Marshal(&back)
		require.NoError(t, err)
		assert.Equal(t, string(wire), string(again))
		for _, s := range []string{e.Evidence.Name.Display(), e.Sex, e.Subpart, e.Evidence.ParentOrganization} {
			assert.True(t, utf8.ValidString(s))
			assert.False(t, strings.ContainsFunc(s, unicode.IsControl))
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	body, w := sample(b, "individual_2023.json"), newWords()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decode(body, asked, fetched, w); err != nil {
			b.Fatal(err)
		}
	}
}

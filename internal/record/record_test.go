package record

import (
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func sampleResult() *Result {
	e := &Entry{NPI: 1851713903, Evidence: Evidence{Source: FromAPI, AsOf: 20261101, FetchedAt: time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC),
		Facts: Facts{Status: Active, Type: NPI1, EnumerationDate: 20140108, SoleProprietor: "YES", Name: Name{First: "JOSEFINA", Last: "DANWING", Credential: "MSW"},
			OtherNames: []Name{{Code: "1", First: "JO", Last: "O\"NEIL"}}}},
		Taxonomies: []Taxonomy{{Code: "225400000X", Description: "Rehabilitation Practitioner", Primary: true}},
		Addresses:  []Address{{Purpose: "LOCATION", Address1: "18302 WESTLAWN ST", City: "HESPERIA", State: "CA", PostalCode: "923456923", CountryCode: "US", Phone: "909-437-0675"}},
	}
	return &Result{
		ID: "clm \u2028 <1>", Kind: KindClaim, Verdict: Flagged, Rules: "1",
		Source:    Origin{Stream: "NPI_RECORDS", Sequence: 7, Index: 0, ReceivedAt: time.Date(2026, 11, 1, 10, 0, 0, 123456789, time.UTC)},
		CheckedAt: time.Date(2026, 11, 1, 10, 0, 1, 5e6, time.UTC),
		Providers: []Provider{
			{Role: Billing, NPI: "1851713903", Path: "/providers/0/npi", Valid: true, Answer: e.Answer()},
			{Role: Rendering, Line: 2, Path: "/providers/1/npi", Flags: []Flag{{Code: FlagMalformedNPI, Severity: Error, Detail: "nine digits", Expected: "10", Actual: "9",
				Codes: &Codes{ClaimStatus: []string{"A7:562:82"}, RARC: []string{"N290", "MA130"}}}, {Code: FlagMissingNPI, Severity: Info, Detail: "x", Codes: &Codes{CARC: []string{"206"}}}}},
		},
	}
}

// The encoder written by hand must give what the codec gives.
func TestAppendJSON(t *testing.T) {
	dead := &Result{Kind: KindRoster, Verdict: Dead, Rules: "1", Source: Origin{Stream: "S", Sequence: 1}, Dead: &DeadLetter{"npi.dead.roster", "empty"}}
	for _, r := range []*Result{sampleResult(), dead} {
		want, err := json.Marshal(r)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(r.AppendJSON(nil)))
		var back Result
		require.NoError(t, json.Unmarshal(want, &back))
		assert.Equal(t, string(want), string(back.AppendJSON(nil)), "what was read back renders the same bytes")
	}
}

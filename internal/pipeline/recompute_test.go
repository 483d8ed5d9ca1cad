package pipeline

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/judge"
	"github.com/npiflow/npiflow/internal/record"
)

var identifiers = []string{"1770626038", "1851713903", "1003048257", "1588817837", "1234567893"}

// anyMessage is a claim or roster row of any make that can be decoded.
func anyMessage(t *rapid.T) Message {
	pick := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
	text := func(name string) string {
		return pick(name, "", "JOSEFINA", "DANWING", "DE LA ROE", "ST. MARY'S", "Dr. \"X\"\u2028", "INOVA FAIRFAX HOSPITAL")
	}
	date := func(name string) string { return pick(name, "", "2019-05-05", "2024-01-02", "2026-11-01") }
	npi := func() string {
		return pick("npi", append(identifiers, identifiers[0], identifiers[1], "", "1234567890", "9941339100", "12345", "ROE")...)
	}
	code := func(name string) string {
		return pick(name, "", "282N00000X", "282NC0060X", "207Q00000X", "hospital")
	}
	from, to := date("from"), date("to")
	if from != "" && to != "" && to < from {
		from, to = to, from
	}
	doc := map[string]any{"id": pick("id", "r1", "clm <1>", "ü\u2029x")}
	m := Message{Kind: record.KindClaim, Origin: record.Origin{
		Stream: "NPI_RECORDS", Sequence: rapid.Uint64Min(1).Draw(t, "sequence"),
		ReceivedAt: time.Unix(1_700_000_000+rapid.Int64Range(0, 1<<27).Draw(t, "received"), 5).UTC(),
	}}
	if rapid.Bool().Draw(t, "roster") {
		m.Kind = record.KindRoster
		doc["npi"], doc["group_npi"], doc["enumeration_type"] = npi(), npi(), pick("type", "", record.NPI1, record.NPI2)
		doc["first_name"], doc["last_name"], doc["organization_name"] = text("first"), text("last"), text("organization")
		doc["effective_date"], doc["termination_date"] = from, to
		doc["taxonomies"] = []any{map[string]any{"code": code("roster taxonomy")}, map[string]any{"code": code("another")}}
		doc["addresses"] = []any{map[string]any{"address_purpose": pick("purpose", "LOCATION", "MAILING"), "state": pick("state", "VA", "NY"), "postal_code": pick("zip", "22042", "10040")}}
	} else {
		doc["type"], doc["service_from"], doc["service_to"] = pick("claim type", "", "professional", "institutional", "dental"), from, to
		doc["place_of_service"] = pick("place", "", "11", "21")
		var providers []any
		for range rapid.IntRange(1, 5).Draw(t, "providers") {
			providers = append(providers, map[string]any{
				"role": rapid.SampledFrom(record.Roles).Draw(t, "role"), "npi": npi(), "line": rapid.IntRange(0, 2).Draw(t, "line"),
				"entity": pick("entity", "", "person", "organization"), "first_name": text("first"), "last_name": text("last"), "organization_name": text("organization"),
				"taxonomy": code("taxonomy"), "other_id": rapid.Bool().Draw(t, "other id"),
			})
		}
		doc["providers"] = providers
	}
	var err error
	m.Data, err = json.Marshal(doc)
	require.NoError(t, err)
	return m
}

// anyRegistry says anything about each of the identifiers, or nothing.
func anyRegistry(t *rapid.T) *registry {
	r := &registry{live: map[record.NPI]*record.Entry{}}
	date := func(name string) record.Date {
		return rapid.SampledFrom([]record.Date{0, 2019_05_05, 2024_01_02, 2024_01_03, 2027_01_01}).Draw(t, name)
	}
	pick := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
	for _, id := range identifiers {
		npi, _ := record.ParseNPI(id)
		e := entry(npi, record.Facts{
			Status: record.Status(rapid.IntRange(0, 3).Draw(t, "status")), Type: pick("npi type", "", record.NPI1, record.NPI2),
			EnumerationDate: date("enumerated"), DeactivationDate: date("off"), ReactivationDate: date("on"), SoleProprietor: pick("sole", "", "YES", "NO", "X"),
			Name:       record.Name{First: pick("f", "", "JOSEFINA"), Last: pick("l", "", "DANWING", "LA ROE"), Organization: pick("o", "", "INOVA FAIRFAX HOSPITAL")},
			OtherNames: []record.Name{{Code: "1", Last: pick("other", "DOE", "DANWING")}}, ParentOrganization: pick("parent", "", "INOVA"),
		})
		e.Evidence.Source = rapid.SampledFrom([]record.Source{record.FromAPI, record.FromLocal, record.FromDeactivations}).Draw(t, "source")
		e.Taxonomies = []record.Taxonomy{{Code: "282N00000X", Description: "General <Acute>"}, {Code: pick("second taxonomy", "207Q00000X", "207R00000X")}}
		e.Addresses = []record.Address{{Purpose: "LOCATION", City: "FALLS CHURCH", State: pick("practice", "", "VA"), PostalCode: "220420001", Phone: "703-555-0100"}}
		if rapid.Bool().Draw(t, "practices") {
			e.PracticeLocations = []record.Address{{Purpose: "LOCATION", State: "NY", PostalCode: pick("practice zip", "10040", "10041")}}
		}
		e.Summarize()
		r.live[npi] = e
	}
	return r
}

// told is as much of an entry as a result tells.
func told(a *record.Answer) *record.Entry {
	e := &record.Entry{Evidence: *a.Evidence}
	if a.Taxonomy != nil {
		e.Taxonomies = []record.Taxonomy{{Code: a.Taxonomy.Code}}
	}
	if a.Address != nil {
		at := *a.Address
		at.Purpose = "LOCATION"
		e.Addresses = []record.Address{at}
	}
	return e
}

// recompute judges a record again from nothing but itself and what was
// published about it.
func recompute(t require.TestingT, m Message, published []byte) []byte {
	var r record.Result
	require.NoError(t, json.Unmarshal(published, &r))
	rec, err := record.Decode(m.Kind, m.Data)
	require.NoError(t, err)
	e := record.Enriched{Checked: checksum.Check(rec), Entries: make([]*record.Entry, len(rec.Mentions))}
	for i, p := range r.Providers {
		if p.Answer != nil {
			e.Entries[i] = told(p.Answer)
		}
	}
	j := judge.Of(e, record.DateOf(r.Source.ReceivedAt))
	r.Verdict, r.Rules = j.Verdict, judge.Rules
	for i := range r.Providers {
		r.Providers[i].Flags = nil
		if j.Flags != nil {
			r.Providers[i].Flags = j.Flags[i]
		}
	}
	return r.AppendJSON(nil)
}

// Every result carries its evidence: whoever has the record and the result
// comes to the same bytes.
func TestAnyoneCanRecompute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := anyMessage(t)
		got, err := anyRegistry(t).pipeline().Process(t.Context(), m, true)
		require.NoError(t, err)
		published := got[0].Result.AppendJSON(nil)
		require.Equal(t, string(published), string(recompute(t, m, published)))
	})
}

// The same message gives the same bytes, whatever order the answers come in.
func TestProcessIsAFunction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, r := anyMessage(t), anyRegistry(t)
		waited, err := r.pipeline().Process(t.Context(), m, true)
		require.NoError(t, err)
		r.memory = r.live
		at, err := r.pipeline().Process(t.Context(), m, false)
		require.NoError(t, err)
		require.Equal(t, string(waited[0].Result.AppendJSON(nil)), string(at[0].Result.AppendJSON(nil)))
	})
}

// No text of a record but its id and its sound-looking identifiers is
// published, wherever it stood.
func TestNothingElseIsPublished(t *testing.T) {
	const secret = "XYZZY"
	fields := []string{"organization_name", "first_name", "middle_name", "last_name", "suffix", "taxonomy", "tin", "npi", "unknown"}
	for _, f := range fields {
		for _, m := range []Message{
			{Kind: record.KindClaim, Origin: origin, Data: fmt.Appendf(nil, `{"id":"1","%s":"%s","providers":[{"role":"billing","%[1]s":"%[2]s"},{"role":"rendering","%[1]s":"%[2]s"}]}`, f, secret)},
			{Kind: record.KindRoster, Origin: origin, Data: fmt.Appendf(nil, `{"id":"1","credential":"%[2]s","action":"%[2]s","addresses":[{"city":"%[2]s"}],"%[1]s":"%[2]s"}`, f, secret)},
		} {
			got, err := (&registry{memory: known()}).pipeline().Process(t.Context(), m, true)
			require.NoError(t, err)
			require.NotContains(t, strings.ToUpper(string(got[0].Result.AppendJSON(nil))), secret, f)
		}
	}
}

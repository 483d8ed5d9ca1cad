package judge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/record"
)

// anything is any enriched record, sound or not: marks and entries may be too
// few, and every text of the record carries a word no flag may repeat.
func anything(t *rapid.T) record.Enriched {
	const secret = "XYZZY"
	pick := func(name string, of ...string) string { return rapid.SampledFrom(of).Draw(t, name) }
	date := func(name string) record.Date {
		return rapid.SampledFrom([]record.Date{0, 2019_05_05, 2024_01_02, 2024_01_03, today, 2027_01_01}).Draw(t, name)
	}
	text := func(name string) string { return pick(name, "", secret, secret+" MD", secret+"-ROE", "Dr. "+secret) }
	r := record.Record{
		ID: secret, Kind: record.Kind(pick("kind", "claim", "roster")), ClaimType: record.ClaimType(pick("type", "", "professional", "institutional", "dental")),
		ServiceFrom: date("from"), ServiceTo: date("to"), Place: pick("place", "", "11", "21"),
	}
	codes := func(name string) string {
		return pick(name, "", secret, "XYZZY0000X", "207Q00000X", "207QA0505X", "207R00000X")
	}
	if r.Kind == record.KindRoster {
		r.Roster = &record.Roster{
			Taxonomies: []record.Taxonomy{{Code: codes("roster taxonomy")}, {Code: codes("another")}},
			Addresses: []record.Address{{Purpose: pick("purpose", "", "LOCATION", "MAILING"), Address1: secret, City: secret, Phone: secret,
				State: pick("roster state", "", secret, "NY", "ny", "ZQ"), PostalCode: pick("roster zip", "", secret, "10040", "100401234", "98765")}},
		}
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "mentions") {
		r.Mentions = append(r.Mentions, record.Mention{
			Role: rapid.SampledFrom(append(record.Roles, "none")).Draw(t, "role"), Path: fmt.Sprintf("/%d", i),
			NPI:    pick("npi", "", "1234567893", "1245319599", "1234567890", "9941339100", secret, "12345", " "+secret+"1"),
			Entity: record.Entity(pick("entity", "", "person", "organization")), OrganizationName: text("organization"),
			FirstName: text("first"), MiddleName: text("middle"), LastName: text("last"), Suffix: text("suffix"), TIN: secret, Taxonomy: codes("taxonomy"),
			OtherID: rapid.Bool().Draw(t, "other id"), Line: rapid.IntRange(0, 1).Draw(t, "line"),
		})
	}
	e := record.Enriched{Checked: checksum.Check(r)}
	if rapid.IntRange(0, 9).Draw(t, "unmarked") == 0 {
		e.Marks = e.Marks[:len(e.Marks)/2]
	}
	for range rapid.IntRange(0, len(r.Mentions)).Draw(t, "entries") {
		if rapid.IntRange(0, 5).Draw(t, "nil") == 0 {
			e.Entries = append(e.Entries, nil)
			continue
		}
		var x *record.Exclusion
		if rapid.IntRange(0, 3).Draw(t, "excluded") == 0 {
			x = &record.Exclusion{Type: pick("ground", "", "1128a1"), Date: date("excluded from"), WaiverDate: date("waiver"), WaiverState: pick("state", "", "WI")}
		}
		of := entry(record.Facts{
			Excluded: x,
			Status:   record.Status(rapid.IntRange(0, 3).Draw(t, "status")), Type: pick("npi type", "", record.NPI1, record.NPI2),
			DeactivationDate: date("off"), ReactivationDate: date("on"), SoleProprietor: pick("sole", "", "YES", "NO", "X"),
			Name:               record.Name{First: pick("f", "", "JANE"), Last: pick("l", "", "ROE", "DE LA ROE"), Organization: pick("o", "", "VALLEY CLINIC")},
			EnumerationDate:    date("issued"),
			OtherNames:         []record.Name{{Last: "DOE"}},
			ParentOrganization: pick("parent", "", "SUMMIT PARTNERS", "VALLEY CLINIC"),
		})
		of.Taxonomies = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) record.Taxonomy {
			return record.Taxonomy{Code: rapid.SampledFrom([]string{"", "207Q00000X", "207QA0000X", "282N00000X"}).Draw(t, "listed"), Primary: rapid.Bool().Draw(t, "primary")}
		}), 0, 3).Draw(t, "taxonomies")
		at := rapid.Custom(func(t *rapid.T) record.Address {
			return record.Address{Purpose: rapid.SampledFrom([]string{"LOCATION", "MAILING"}).Draw(t, "kept for"),
				State: rapid.SampledFrom([]string{"", "NY", "NJ", "Ontario"}).Draw(t, "at"), PostalCode: rapid.SampledFrom([]string{"", "10040", "100401234", "07001"}).Draw(t, "zip")}
		})
		of.Addresses, of.PracticeLocations = rapid.SliceOfN(at, 0, 2).Draw(t, "addresses"), rapid.SliceOfN(at, 0, 3).Draw(t, "practices")
		of.Summarize()
		of.Evidence.Stale = rapid.Bool().Draw(t, "stale")
		e.Entries = append(e.Entries, of)
	}
	return e
}

// published is what of an entry a result tells: the answer, by way of its wire
// form. Whoever judges again has no more.
func published(t require.TestingT, e *record.Entry) *record.Entry {
	wire, err := json.Marshal(e.Answer())
	require.NoError(t, err)
	var a *record.Answer
	require.NoError(t, json.Unmarshal(wire, &a))
	if a == nil {
		return nil
	}
	back := &record.Entry{Evidence: *a.Evidence}
	if a.Taxonomy != nil {
		back.Taxonomies = []record.Taxonomy{{Code: a.Taxonomy.Code}}
	}
	if a.Address != nil {
		at := *a.Address
		at.Purpose = "LOCATION"
		back.Addresses = []record.Address{at}
	}
	return back
}

func TestJudgementIsAFunctionOfWhatIsPublished(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := anything(t)
		first := Of(e, today)
		bare := e
		bare.Entries = nil
		for _, en := range e.Entries {
			bare.Entries = append(bare.Entries, published(t, en))
		}
		again := Of(bare, today)
		require.Equal(t, first.Flags, again.Flags, "what is published is all that was looked at")
		require.Equal(t, first.Verdict, again.Verdict)
		require.Contains(t, record.Verdicts, first.Verdict)
		if first.Flags != nil {
			require.Len(t, first.Flags, len(e.Mentions))
		}
		for _, flags := range first.Flags {
			for _, f := range flags {
				out, err := json.Marshal(f)
				require.NoError(t, err)
				for _, secret := range []string{"XYZZY", "ZQ", "98765"} {
					require.NotContains(t, string(out), secret, "a flag never quotes the record")
				}
				require.NotContains(t, f.Detail, "{")
				require.Contains(t, record.FlagCodes, f.Code)
				require.NotEqual(t, pass, f.Severity)
				require.True(t, strings.HasPrefix(f.Detail, "The ") && strings.HasSuffix(f.Detail, "."), "a sentence: %s", f.Detail)
				require.NotContains(t, f.Detail, "  ")
			}
		}
	})
}

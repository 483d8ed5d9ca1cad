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
		ServiceFrom: date("from"), ServiceTo: date("to"),
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "mentions") {
		r.Mentions = append(r.Mentions, record.Mention{
			Role: rapid.SampledFrom(append(record.Roles, "none")).Draw(t, "role"), Path: fmt.Sprintf("/%d", i),
			NPI:    pick("npi", "", "1234567893", "1245319599", "1234567890", "9941339100", secret, "12345", " "+secret+"1"),
			Entity: record.Entity(pick("entity", "", "person", "organization")), OrganizationName: text("organization"),
			FirstName: text("first"), MiddleName: text("middle"), LastName: text("last"), Suffix: text("suffix"), TIN: secret, Taxonomy: secret,
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
			OtherNames:         []record.Name{{Last: "DOE"}},
			ParentOrganization: pick("parent", "", "SUMMIT PARTNERS"),
		})
		of.Evidence.Stale = rapid.Bool().Draw(t, "stale")
		e.Entries = append(e.Entries, of)
	}
	return e
}

func TestJudgementIsAFunctionOfTheEvidence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := anything(t)
		first := Of(e, today)
		bare := e
		bare.Entries = nil
		for _, en := range e.Entries {
			if en != nil {
				en = &record.Entry{Evidence: en.Evidence}
			}
			bare.Entries = append(bare.Entries, en)
		}
		again := Of(bare, today)
		require.Equal(t, first.Flags, again.Flags, "the evidence is all that was looked at")
		require.Equal(t, first.Verdict, again.Verdict)
		require.Contains(t, record.Verdicts, first.Verdict)
		if first.Flags != nil {
			require.Len(t, first.Flags, len(e.Mentions))
		}
		for _, flags := range first.Flags {
			for _, f := range flags {
				out, err := json.Marshal(f)
				require.NoError(t, err)
				require.NotContains(t, string(out), "XYZZY", "a flag never quotes the record")
				require.True(t, strings.HasPrefix(f.Detail, "The ") && strings.HasSuffix(f.Detail, "."), "a sentence: %s", f.Detail)
				require.NotContains(t, f.Detail, "  ")
			}
		}
	})
}

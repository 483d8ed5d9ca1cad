package record

import (
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// anyText may hold anything that stands in a decoded record or an answer:
// quotes, control characters, line separators, text beyond the first plane.
func anyText(t *rapid.T, name string) string {
	return rapid.OneOf(rapid.Just(""), rapid.StringN(0, 12, -1), rapid.SampledFrom([]string{`"\`, "\u2028<&>\u2029", "\x00\x1f\x7f", "😀", "O'NEIL"})).Draw(t, name)
}

func anyDate(t *rapid.T, name string) Date {
	return rapid.SampledFrom([]Date{0, 1_01_01, 2026_03_04, 9999_12_31}).Draw(t, name)
}

func anyTime(t *rapid.T, name string, unit time.Duration) time.Time {
	return time.Unix(0, rapid.Int64Range(0, 1<<61).Draw(t, name)).UTC().Truncate(unit)
}

func anyEntry(t *rapid.T) *Entry {
	return &Entry{
		Evidence: Evidence{Source: rapid.SampledFrom([]Source{FromAPI, FromLocal, FromDeactivations}).Draw(t, "source"), AsOf: anyDate(t, "as of"), FetchedAt: anyTime(t, "fetched", time.Second), Stale: rapid.Bool().Draw(t, "stale"),
			Facts: Facts{
				Status: rapid.SampledFrom([]Status{Active, Deactivated, Absent}).Draw(t, "status"), Type: rapid.SampledFrom([]string{"", NPI1, NPI2}).Draw(t, "type"),
				EnumerationDate: anyDate(t, "enumerated"), DeactivationDate: anyDate(t, "off"), DeactivationReason: anyText(t, "reason"),
				Name:           Name{First: anyText(t, "first"), Last: anyText(t, "last"), Credential: anyText(t, "credential"), Organization: anyText(t, "organization")},
				SoleProprietor: anyText(t, "sole"), LastUpdated: anyDate(t, "updated"), ReactivationDate: anyDate(t, "on"),
				Excluded:        rapid.SampledFrom([]*Exclusion{nil, {}, {Type: "1128a1", Date: 2019_01_02}, {Date: 2019_01_02, WaiverDate: 2020_01_01, WaiverState: "NY"}}).Draw(t, "excluded"),
				OtherTaxonomies: rapid.SampledFrom([][]string{nil, {}, {"207Q00000X"}, {"\"", "X"}}).Draw(t, "other taxonomies"),
				OtherPractices:  rapid.SampledFrom([][]string{nil, {}, {"NY 10040", "NJ 07001"}}).Draw(t, "other practices"),
				OtherNames:      rapid.SampledFrom([][]Name{nil, {}, {{Code: "3", Organization: "X"}}}).Draw(t, "others"), ParentOrganization: anyText(t, "parent"),
			}},
		Taxonomies: rapid.SampledFrom([][]Taxonomy{nil, {{Code: "207Q00000X", Description: "Family <Medicine>", Primary: true}}}).Draw(t, "taxonomies"),
		Addresses:  rapid.SampledFrom([][]Address{nil, {{Purpose: "LOCATION", Address1: "1 \"MAIN\"", City: "X", Phone: "1", Fax: "2"}}}).Draw(t, "addresses"),
	}
}

func anyFlag(t *rapid.T) Flag {
	lists := [][]string{nil, {}, {"A7:562:85"}, {"N257", "MA130"}}
	f := Flag{
		Code: rapid.SampledFrom(FlagCodes).Draw(t, "code"), Severity: rapid.SampledFrom([]Severity{Error, Warning, Info}).Draw(t, "severity"),
		Detail: anyText(t, "detail"), Expected: anyText(t, "expected"), Actual: anyText(t, "actual"),
	}
	if rapid.Bool().Draw(t, "coded") {
		f.Codes = &Codes{ClaimStatus: rapid.SampledFrom(lists).Draw(t, "status"), CARC: rapid.SampledFrom(lists).Draw(t, "carc"), RARC: rapid.SampledFrom(lists).Draw(t, "rarc")}
	}
	return f
}

func anyProvider(t *rapid.T) Provider {
	p := Provider{
		Role: rapid.SampledFrom(Roles).Draw(t, "role"), NPI: rapid.SampledFrom([]string{"", "1234567893"}).Draw(t, "npi"),
		Line: rapid.IntRange(0, 3).Draw(t, "line"), Path: rapid.SampledFrom([]string{"/npi", "/providers/3/npi"}).Draw(t, "path"), Valid: rapid.Bool().Draw(t, "valid"),
	}
	if rapid.Bool().Draw(t, "answered") {
		p.Answer = anyEntry(t).Answer()
	}
	if rapid.Bool().Draw(t, "flags") {
		p.Flags = rapid.SliceOfN(rapid.Custom(anyFlag), 0, 3).Draw(t, "flagged")
	}
	return p
}

func anyResult(t *rapid.T) *Result {
	r := &Result{
		ID: anyText(t, "id"), Kind: rapid.SampledFrom([]Kind{KindClaim, KindRoster, KindOther}).Draw(t, "kind"),
		Verdict: rapid.SampledFrom(Verdicts).Draw(t, "verdict"), Rules: anyText(t, "rules"),
		Source: Origin{Stream: anyText(t, "stream"), Sequence: rapid.Uint64().Draw(t, "sequence"),
			Index: rapid.IntRange(0, 9).Draw(t, "index"), ReceivedAt: anyTime(t, "received", 1)},
		CheckedAt: anyTime(t, "checked", time.Millisecond),
	}
	if rapid.Bool().Draw(t, "dead") {
		r.Dead = &DeadLetter{Subject: anyText(t, "subject"), Reason: anyText(t, "why")}
	}
	if rapid.Bool().Draw(t, "providers") {
		r.Providers = rapid.SliceOfN(rapid.Custom(anyProvider), 0, 3).Draw(t, "mentioned")
	}
	return r
}

// The encoder written by hand is held to the codec for results of every make,
// and what is read back from it renders the same bytes.
func TestAppendJSONIsTheCodec(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyResult(t)
		want, err := json.Marshal(r)
		require.NoError(t, err)
		got := r.AppendJSON([]byte("before"))
		require.Equal(t, "before"+string(want), string(got))
		var back Result
		require.NoError(t, json.Unmarshal(want, &back))
		require.Equal(t, string(want), string(back.AppendJSON(nil)))
	})
}

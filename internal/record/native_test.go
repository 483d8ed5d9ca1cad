package record

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// What the encoder writes is what the decoder reads: a record that goes from a
// file to the stream and out again is the same record.
func TestNativeForm(t *testing.T) {
	name := func(t *rapid.T) Mention {
		return Mention{Role: rapid.SampledFrom(Roles).Draw(t, "role"), NPI: anyText(t, "npi"), Line: rapid.IntRange(0, 5).Draw(t, "line"),
			Entity: rapid.SampledFrom([]Entity{"", Person, Organization}).Draw(t, "entity"), OrganizationName: anyText(t, "organization"),
			FirstName: anyText(t, "first"), MiddleName: anyText(t, "middle"), LastName: anyText(t, "last"), Suffix: anyText(t, "suffix"),
			Taxonomy: anyText(t, "taxonomy"), TIN: anyText(t, "tin"), OtherID: rapid.Bool().Draw(t, "other"),
			Address: rapid.SampledFrom([]*Address{nil, {City: "X", Phone: "1"}}).Draw(t, "address")}
	}
	rapid.Check(t, func(t *rapid.T) {
		r := Record{ID: "id-" + rapid.StringMatching(`[A-Za-z0-9é"]{0,9}`).Draw(t, "id"), Kind: rapid.SampledFrom(Kinds).Draw(t, "kind")}
		n := rapid.IntRange(1, 4).Draw(t, "mentions")
		for i := range n {
			m := name(t)
			if r.Kind == KindRoster {
				m = Mention{Role: Group, NPI: "1" + m.NPI, Entity: Organization, OrganizationName: m.OrganizationName}
				if i == 0 && rapid.Bool().Draw(t, "person") {
					m = Mention{Role: Individual, NPI: m.NPI, Entity: Person, FirstName: m.OrganizationName, LastName: anyText(t, "last"), TIN: "12"}
				}
			}
			r.Mentions = append(r.Mentions, m)
		}
		if r.Kind == KindClaim {
			r.ClaimType = rapid.SampledFrom([]ClaimType{"", Professional, Institutional, Dental}).Draw(t, "type")
			r.ServiceFrom = rapid.SampledFrom([]Date{0, 20260102}).Draw(t, "from")
			r.ServiceTo = r.ServiceFrom
			r.Place = rapid.SampledFrom([]string{"", "11"}).Draw(t, "place")
		} else {
			r.Roster = &Roster{Credential: anyText(t, "credential"), EffectiveDate: 20260102,
				Taxonomies: rapid.SampledFrom([][]Taxonomy{nil, {{Code: "207Q00000X", Primary: true, License: "1"}}}).Draw(t, "taxonomies"),
				Addresses:  rapid.SampledFrom([][]Address{nil, {{Purpose: "LOCATION", City: "X"}}}).Draw(t, "addresses")}
			if r.Mentions[0].Role == Group {
				r.Roster.EnumerationType = NPI2
				if n > 1 {
					r.Mentions[1].OrganizationName = "" // the row's one name is its own
				}
			} else {
				r.Roster.TIN = "12"
			}
		}
		b := r.AppendJSON(nil)
		back, err := Decode(r.Kind, b)
		require.NoError(t, err, "%s", b)
		for i := range back.Mentions {
			back.Mentions[i].Path = ""
			if r.Kind == KindRoster && i == 0 && back.Mentions[0].Role == Group {
				back.Mentions[0].TIN = r.Mentions[0].TIN
			}
		}
		require.Equal(t, r, back, "%s", b)
	})
}

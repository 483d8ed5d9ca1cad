package judge

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/record"
)

const (
	one   = "1770626038"
	two   = "1225701881"
	three = "1851713903"
)

// together judges mentions of active providers of unsaid type and name, and
// gives the codes of the flags as "index code".
func together(t *testing.T, kind record.Kind, mentions ...record.Mention) (codes []string) {
	t.Helper()
	e := record.Enriched{Checked: checksum.Check(record.Record{Kind: kind, ClaimType: record.Professional, Mentions: mentions})}
	for range mentions {
		e.Entries = append(e.Entries, entry(record.Facts{Status: record.Active}))
	}
	for i, flags := range Of(e, today).Flags {
		for _, f := range flags {
			codes = append(codes, fmt.Sprint(i, " ", f.Code))
		}
	}
	return codes
}

func TestCrossRoles(t *testing.T) {
	at := func(role record.Role, npi string, line int) record.Mention {
		return record.Mention{Role: role, NPI: npi, Line: line}
	}
	type list = []record.Mention
	for _, c := range []struct {
		of   list
		want []string
		why  string
	}{
		{list{at(record.Billing, one, 0), at(record.Rendering, one, 0)}, nil, "some payers want the biller as renderer"},
		{list{at(record.Rendering, one, 0), at(record.Rendering, two, 0)}, []string{"1 duplicate_role"}, "two for the claim"},
		{list{at(record.Rendering, one, 2), at(record.Rendering, two, 2)}, []string{"1 duplicate_role"}, "two for a line"},
		{list{at(record.Rendering, one, 0), at(record.Rendering, two, 1), at(record.Rendering, three, 2)}, nil, "one for the claim, one for each line"},
		{list{at(record.Rendering, one, 0), at(record.Rendering, one, 0)}, nil, "the same one twice does no harm"},
		{list{at(record.Rendering, "", 0), at(record.Rendering, two, 0)}, []string{"0 missing_npi"}, "one without an NPI is a finding of its own"},
		{list{at(record.Rendering, one, 0), at(record.Rendering, two, 0), at(record.Rendering, three, 0)}, []string{"1 duplicate_role", "2 duplicate_role"}, "three"},
		{list{at(record.Referring, one, 0), at(record.PCP, two, 0)}, nil, "two roles"},
		{list{at(record.Billing, one, 0), at(record.ServiceFacility, one, 0)}, []string{"1 facility_is_billing"}, "the biller's own place"},
		{list{at(record.Billing, one, 0), at(record.ServiceFacility, one, 3)}, []string{"1 facility_is_billing"}, "also on a line"},
		{list{at(record.Billing, one, 0), at(record.ServiceFacility, two, 0)}, nil, "somewhere else"},
		{list{at(record.ServiceFacility, one, 0)}, nil, "nobody bills"},
		{list{at(record.Rendering, one, 0), at(record.Supervising, one, 0)}, []string{"1 supervising_is_rendering"}, "on the claim"},
		{list{at(record.Rendering, one, 1), at(record.Supervising, one, 1)}, []string{"1 supervising_is_rendering"}, "on a line"},
		{list{at(record.Rendering, one, 0), at(record.Supervising, one, 1)}, []string{"1 supervising_is_rendering"}, "the claim's renderer rendered the line"},
		{list{at(record.Rendering, one, 0), at(record.Rendering, two, 1), at(record.Supervising, one, 1)}, nil, "the line's own did"},
		{list{at(record.Rendering, one, 1), at(record.Supervising, one, 0)}, nil, "a line is not the claim"},
		{list{at(record.Supervising, one, 0), at(record.Rendering, one, 0)}, []string{"0 supervising_is_rendering"}, "in any order"},
	} {
		assert.Equal(t, c.want, together(t, record.KindClaim, c.of...), c.why)
		rest := c.of
		for i := range few { // more than a look through the list is good for
			rest = append(rest, at(record.Operating, three, 100+i))
		}
		assert.Equal(t, c.want, together(t, record.KindClaim, rest...), "%s, among many", c.why)
		for _, code := range together(t, record.KindRoster, c.of...) {
			assert.NotContains(t, code, "_is_", "a roster's providers have nothing to do with each other")
			assert.NotContains(t, code, "duplicate")
		}
	}
}

func TestMissingRendering(t *testing.T) {
	lab := entry(fairfax)
	lab.Taxonomies = []record.Taxonomy{{Code: "291U00000X"}}
	surgery := entry(fairfax)
	surgery.Taxonomies = []record.Taxonomy{{Code: "261QA1903X"}}
	bare := entry(fairfax)
	bare.Taxonomies = nil
	for _, c := range []struct {
		claim  record.ClaimType
		place  string
		biller *record.Entry
		others []record.Mention
		want   bool
		why    string
	}{
		{record.Professional, "11", entry(fairfax), nil, true, "an office visit"},
		{record.Professional, "11", bare, nil, true, "of an organization the registry does not say more of"},
		{record.Professional, "21", entry(fairfax), nil, false, "in a hospital"},
		{record.Professional, "", entry(fairfax), nil, false, "nobody says where"},
		{record.Dental, "11", entry(fairfax), nil, false, "a dental claim"},
		{"", "11", entry(fairfax), nil, false, "a claim of unsaid type"},
		{record.Professional, "11", entry(josefina), nil, false, "a person bills"},
		{record.Professional, "11", lab, nil, false, "a laboratory"},
		{record.Professional, "11", surgery, nil, false, "a surgical center"},
		{record.Professional, "11", entry(fairfax), []record.Mention{{Role: record.Rendering, NPI: three, Line: 2}}, false, "said on a line"},
		{record.Professional, "11", entry(fairfax), []record.Mention{{Role: record.Rendering}}, false, "said, without an NPI"},
		{record.Professional, "11", entry(fairfax), []record.Mention{{Role: record.Referring, NPI: three}}, true, "only referred"},
		{record.Professional, "11", entry(record.Facts{}), nil, false, "the biller is not known"},
	} {
		r := record.Record{Kind: record.KindClaim, ClaimType: c.claim, Place: c.place, Mentions: append([]record.Mention{{Role: record.Billing, NPI: one}}, c.others...)}
		e := record.Enriched{Checked: checksum.Check(r), Entries: []*record.Entry{c.biller, entry(josefina)}}
		j := Of(e, today)
		found := false
		if j.Flags != nil {
			for _, f := range j.Flags[0] {
				if f.Code == record.FlagMissingRendering {
					found = true
					assert.Equal(t, []string{"A6:562:82"}, f.Codes.ClaimStatus, "it is the renderer that is missing")
				}
			}
		}
		assert.Equal(t, c.want, found, c.why)
	}
}

// Nothing is said of several providers where one identifier rejects the claim.
func TestRejectedHasNoCrossFlags(t *testing.T) {
	assert.Equal(t, []string{"2 bad_checksum"}, together(t, record.KindClaim, record.Mention{Role: record.Rendering, NPI: one},
		record.Mention{Role: record.Rendering, NPI: two}, record.Mention{Role: record.Referring, NPI: "1234567890"}))
}

// However long a claim is, its parts are found in one look each, and the same
// ones.
func TestCastOfMany(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := record.Record{Kind: record.KindClaim}
		for range rapid.IntRange(0, 2*few).Draw(t, "mentions") {
			r.Mentions = append(r.Mentions, record.Mention{Role: rapid.SampledFrom(record.Roles).Draw(t, "role"),
				NPI: rapid.SampledFrom([]string{"", one, two}).Draw(t, "npi"), Line: rapid.IntRange(0, 2).Draw(t, "line")})
		}
		e := record.Enriched{Checked: checksum.Check(r)}
		c := castOf(&e)
		slow := cast{e: &e}
		for _, role := range record.Roles {
			for line := range 3 {
				i, ok := c.find(role, line)
				k, found := slow.find(role, line)
				require.Equal(t, found, ok)
				require.Equal(t, k, i)
			}
		}
	})
}

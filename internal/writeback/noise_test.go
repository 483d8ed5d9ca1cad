package writeback

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/npiflow/npiflow/internal/record"
)

var entries = []func() *record.Entry{narendran, deal, dawe, vios}

// longForms are ways rosters write out what the registry abbreviates.
var longForms = map[string][]string{
	"AVE": {"Avenue", "Ave.", "AV"}, "DR": {"Drive", "Dr."}, "RD": {"Road", "Rd."}, "BLVD": {"Boulevard", "Blvd."}, "PLZ": {"Plaza"},
	"S": {"South", "S."}, "N": {"North", "N."}, "W": {"West"}, "STE": {"Suite", "Ste.", "#", "Unit"}, "FL": {"Floor"}, "#": {"Apt", "Ste"},
}

// noise rewrites a text the way people and spreadsheets do without meaning
// anything by it.
func noise(t *rapid.T, s string, longer bool) string {
	words := strings.Fields(s)
	for i, w := range words {
		if forms := longForms[w]; longer && forms != nil {
			w = rapid.SampledFrom(append(forms, w)).Draw(t, "form")
		}
		switch rapid.IntRange(0, 4).Draw(t, "case") {
		case 0:
			w = strings.ToLower(w)
		case 1:
			w = w[:1] + strings.ToLower(w[1:])
		case 2:
			w += rapid.SampledFrom([]string{".", ",", " ", "  "}).Draw(t, "mark")
		}
		words[i] = w
	}
	return strings.Repeat(" ", rapid.IntRange(0, 1).Draw(t, "blank")) + strings.Join(words, " ")
}

func noisyPhone(t *rapid.T, s string) string {
	if s == "" {
		return rapid.SampledFrom([]string{"", "N/A", "555"}).Draw(t, "no phone")
	}
	return rapid.SampledFrom([]string{
		s, strings.ReplaceAll(s, "-", ""), "(" + s[:3] + ") " + s[4:], "+1 " + strings.ReplaceAll(s, "-", "."), s + " x7", "",
	}).Draw(t, "phone")
}

func noisyRow(t *rapid.T, e *record.Entry) *record.Judged {
	j := rowOf(e)
	m, r := &j.Mentions[0], j.Roster
	for _, s := range []*string{&m.FirstName, &m.MiddleName, &m.LastName, &m.OrganizationName, &r.Credential} {
		*s = noise(t, *s, false)
	}
	for i := range r.Addresses {
		a := &r.Addresses[i]
		a.Address1, a.City, a.State = noise(t, a.Address1, true), noise(t, a.City, false), noise(t, a.State, false)
		a.PostalCode = rapid.SampledFrom([]string{a.PostalCode, a.PostalCode[:5], a.PostalCode[:5] + "-" + a.PostalCode[5:], ""}).Draw(t, "zip")
		a.Phone, a.Fax = noisyPhone(t, a.Phone), noisyPhone(t, a.Fax)
	}
	for i := range r.Taxonomies {
		x := &r.Taxonomies[i]
		x.Code, x.License = strings.ToLower(x.Code), noise(t, x.License, false)
	}
	r.Taxonomies = rapid.Permutation(r.Taxonomies).Draw(t, "taxonomies")
	r.Addresses = rapid.Permutation(r.Addresses).Draw(t, "addresses")
	return j
}

func TestNoiseIsNoDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		j := noisyRow(t, rapid.SampledFrom(entries).Draw(t, "entry")())
		job, incomplete := Plan(config, j, today)
		if job != nil {
			t.Fatalf("%+v", job.Changes)
		}
		assert.Empty(t, incomplete)
	})
}

// A changed phone amid noise is exactly one change, wherever it stands.
func TestOneChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		j := noisyRow(t, rapid.SampledFrom(entries).Draw(t, "entry")())
		a := &j.Roster.Addresses[rapid.IntRange(0, len(j.Roster.Addresses)-1).Draw(t, "address")]
		a.Phone = rapid.StringMatching(`21255501[0-9]{2}`).Draw(t, "phone")
		job, _ := Plan(config, j, today)
		require.NotNil(t, job)
		require.Len(t, job.Changes, 1)
		assert.Equal(t, "212-555-01"+a.Phone[8:], job.Changes[0].Roster)
		assert.Regexp(t, `^/addresses/\d/us_telephone_number$`, job.Changes[0].Path)
	})
}

// The order in which the registry lists things is not part of the job, and
// planning changes nobody's entry.
func TestSameInputSameBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pick := rapid.SampledFrom(entries).Draw(t, "entry")
		shuffled := pick()
		shuffled.Addresses = rapid.Permutation(shuffled.Addresses).Draw(t, "addresses")
		shuffled.Taxonomies = rapid.Permutation(shuffled.Taxonomies).Draw(t, "taxonomies")
		shuffled.Identifiers = rapid.Permutation(shuffled.Identifiers).Draw(t, "identifiers")
		shuffled.PracticeLocations = rapid.Permutation(shuffled.PracticeLocations).Draw(t, "locations")

		j := rowOf(pick())
		j.Roster.Addresses[0].City = "Elsewhere"
		j.Roster.Credential = "DO"
		before, err := json.Marshal(j.Entries[0])
		require.NoError(t, err)
		first, _ := Plan(config, j, today)
		require.NotNil(t, first)
		after, err := json.Marshal(j.Entries[0])
		require.NoError(t, err)
		assert.Equal(t, string(before), string(after))

		j.Entries[0] = shuffled
		second, _ := Plan(config, j, today)
		assert.Equal(t, first, second)
	})
}

// What a job asks for, once done, is not asked for again.
func TestSettles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := rapid.SampledFrom(entries).Draw(t, "entry")()
		j := rowOf(e)
		j.Roster.Addresses[0].Phone = "212-555-0100"
		j.Roster.Addresses[1].Address1 = "1 Main Street"
		j.Roster.Taxonomies = append(j.Roster.Taxonomies, record.Taxonomy{Code: "208D00000X", State: "NY", License: "7", Primary: true})
		job, _ := Plan(config, j, today)
		require.NotNil(t, job)
		p := profileOf(e)
		p.correctName(&j.Mentions[0], j.Roster, e)
		p.correctAddresses(j.Roster.Addresses)
		p.correctTaxonomies(j.Roster.Taxonomies)
		for i := range p.taxonomies {
			p.taxonomies[i].Primary = p.taxonomies[i].Code == p.primary
		}
		updated := &record.Entry{NPI: e.NPI, Evidence: e.Evidence, Taxonomies: p.taxonomies,
			Addresses: []record.Address{p.location, p.mailing}, PracticeLocations: p.others}
		updated.Evidence.Name = p.name
		j.Entries[0] = updated
		again, incomplete := Plan(config, j, today)
		assert.Nil(t, again)
		assert.Empty(t, incomplete)
	})
}

// Whatever a row holds, a job is valid JSON, keeps its identity on the way
// through the codec, and every change points into the document.
func FuzzPlan(f *testing.F) {
	f.Add("Josefina", "Danwing, Jr.", "1 Main St, Ste 5", "", "Springfield", "Illinois", "62701-1234", "(217) 555-0100 x1", "207R00000X", "A-1", "US")
	f.Add("", "--", "P.O. Box 1", "#", "N/A", "ZZ", "M5H 1A1", "0000000000", "Cardiology", "", "CA")
	f.Add("\u00e9\u0301", "\xff", "１２ Straße", "\u2028", "\"", "\\", "00000", "+44 20 7946 0000", "207r00000x", "-", "GB")
	f.Fuzz(func(t *testing.T, first, last, line1, line2, city, state, zip, phone, code, licence, country string) {
		for _, entry := range entries {
			j := rowOf(entry())
			m, r := &j.Mentions[0], j.Roster
			m.FirstName, m.LastName, m.OrganizationName, m.Suffix, r.Credential, r.TIN = first, last, last, line2, code, zip
			r.Addresses[0] = record.Address{Purpose: "LOCATION", Address1: line1, Address2: line2, City: city, State: state, PostalCode: zip, CountryCode: country, Phone: phone}
			r.Taxonomies = append(r.Taxonomies, record.Taxonomy{Code: code, State: state, License: licence, Primary: true})
			job, incomplete := Plan(config, j, today)
			if job == nil {
				continue
			}
			require.Empty(t, incomplete)
			require.True(t, job.Document.IsValid())
			wire, err := json.Marshal(job, jsontext.AllowInvalidUTF8(true))
			require.NoError(t, err)
			var back record.Job
			require.NoError(t, json.Unmarshal(wire, &back))
			require.Equal(t, job.ID, ID(back.NPI, back.Document))
			require.True(t, slices.IsSortedFunc(job.Changes, func(a, b record.Change) int { return strings.Compare(a.Path, b.Path) }))
			var tree any
			require.NoError(t, json.Unmarshal(job.Document, &tree))
			for _, c := range job.Changes {
				require.Equal(t, strings.ToValidUTF8(c.Roster, "\uFFFD"), text(tree, c.Path), c.Path)
			}
		}
	})
}

// text resolves a JSON pointer to a text or truth value; what is not there is
// empty, as in a change.
func text(tree any, path string) string {
	for _, part := range strings.Split(path, "/")[1:] {
		switch v := tree.(type) {
		case map[string]any:
			tree = v[part]
		case []any:
			tree = v[int(part[0]-'0')]
		}
	}
	switch v := tree.(type) {
	case string:
		return v
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return ""
}

func BenchmarkPlan(b *testing.B) {
	differing := rowOf(narendran())
	differing.Roster.Addresses[0].Phone = "5612539999"
	written := rowOf(narendran())
	written.Mentions[0].LastName, written.Roster.Credential = "Narendran", "MD, MBA"
	for i := range written.Roster.Addresses {
		a := &written.Roster.Addresses[i]
		a.Address1 = strings.ToLower(strings.ReplaceAll(a.Address1, "STE", "Suite"))
		a.City, a.PostalCode, a.Phone = strings.ToLower(a.City), a.PostalCode[:5], strings.ReplaceAll(a.Phone, "-", "")
	}
	for name, j := range map[string]*record.Judged{"equal": rowOf(narendran()), "written otherwise": written, "differing": differing} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Plan(config, j, today)
			}
		})
	}
}

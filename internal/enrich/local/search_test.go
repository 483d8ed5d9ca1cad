package local

import (
	"bytes"
	"context"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

func TestSearch(t *testing.T) {
	s := searchable(t, fewProviders()...)
	exact := func(s string) Text { return Text{Value: s} }
	wild := func(s string) Text { return Text{Value: s, Prefix: true} }
	for name, c := range map[string]struct {
		q    Query
		want []record.NPI // their last two digits
	}{
		"last name, people by first name, then organizations": {Query{LastName: exact("smith")}, []record.NPI{38, 04, 12, 46}},
		"its beginning":                     {Query{LastName: wild("Smi")}, []record.NPI{38, 04, 12, 46}},
		"of people":                         {Query{LastName: exact("SMITH"), Type: record.NPI1}, []record.NPI{38, 04, 12}},
		"of organizations":                  {Query{LastName: wild("SM"), Type: record.NPI2}, []record.NPI{46}},
		"the provider's":                    {Query{LastName: exact("SMITH"), Whose: TheProvider}, []record.NPI{38, 04, 12}},
		"the official's":                    {Query{LastName: exact("SMITH"), Whose: TheOfficial}, []record.NPI{46}},
		"first and last":                    {Query{FirstName: exact("mary"), LastName: exact("smith")}, []record.NPI{04, 46}},
		"an official has one name":          {Query{FirstName: exact("MARY"), LastName: exact("JONES")}, nil},
		"first name alone":                  {Query{FirstName: exact("MARY")}, []record.NPI{04, 46}},
		"first name and what it stands for": {Query{FirstName: exact("ROBERT"), Aliases: []string{"bob", "rob"}, LastName: wild("SM")}, []record.NPI{38}},
		"what it stands for, alone":         {Query{FirstName: exact("MARY"), Aliases: []string{"BOB"}}, []record.NPI{38, 04, 46}},
		"not ASCII":                         {Query{LastName: exact("muñoz"), FirstName: wild("jos")}, []record.NPI{20}},
		"organization, legal and other":     {Query{Organization: wild("a & b")}, []record.NPI{46, 53}},
		"organization, whole":               {Query{Organization: exact("A & B CLINIC")}, []record.NPI{46}},
		"city of any address":               {Query{City: exact("Salem")}, []record.NPI{04, 12, 53, 46}},
		"city of the primary location":      {Query{City: exact("SALEM"), Purpose: "PRIMARY"}, []record.NPI{04, 46}},
		"city of a secondary location":      {Query{City: exact("SALEM"), Purpose: "SECONDARY"}, []record.NPI{12}},
		"city of any location":              {Query{City: exact("SALEM"), Purpose: "LOCATION"}, []record.NPI{04, 12, 46}},
		"city where mail goes":              {Query{City: wild("PORT"), Purpose: "MAILING"}, []record.NPI{04}},
		"city and state are of one place":   {Query{City: exact("PORTLAND"), State: "or"}, []record.NPI{12}},
		"five digits":                       {Query{PostalCode: exact("97301")}, []record.NPI{04, 12, 46}},
		"nine digits":                       {Query{PostalCode: exact("973010000")}, []record.NPI{46}},
		"two digits and more":               {Query{PostalCode: wild("97")}, []record.NPI{12, 04, 46, 53}},
		"seven digits and more":             {Query{PostalCode: wild("9720512")}, []record.NPI{12}},
		"six digits are no code":            {Query{PostalCode: exact("972051")}, nil},
		"a foreign code":                    {Query{PostalCode: exact("m5v 3l9")}, []record.NPI{20}},
		"country":                           {Query{Country: "ca"}, []record.NPI{20}},
		"country, of organizations":         {Query{Country: "CA", Type: record.NPI2}, nil},
		"all of a description":              {Query{Taxonomy: exact("registered nurse, critical care medicine")}, []record.NPI{20}},
		"one part of it":                    {Query{Taxonomy: exact("Internal Medicine")}, []record.NPI{04, 12}},
		"the other":                         {Query{Taxonomy: exact("Cardiovascular Disease")}, []record.NPI{12}},
		"its beginning, one found twice":    {Query{Taxonomy: wild("re")}, []record.NPI{20, 04}},
		"taxonomy and state":                {Query{Taxonomy: wild("in"), State: "ME"}, []record.NPI{04}},
		"no such taxonomy":                  {Query{Taxonomy: exact("Alchemy")}, nil},
		"number":                            {Query{NPI: 1000000046}, []record.NPI{46}},
		"number and a wrong name":           {Query{NPI: 1000000046, LastName: exact("MILLER")}, nil},
		"number, deactivated":               {Query{NPI: 1000000061}, nil},
		"number, absent":                    {Query{NPI: 1999999984}, nil},
	} {
		got, err := s.Search(t.Context(), c.q, 0, 200)
		require.NoError(t, err, name)
		assert.Equal(t, c.want, lastDigits(got), name)
	}
}

func lastDigits(entries []*record.Entry) (npis []record.NPI) {
	for _, e := range entries {
		npis = append(npis, e.NPI%100)
	}
	return npis
}

func TestSearchTakesOneOfTheCriteriaThereAreIndexesFor(t *testing.T) {
	s := searchable(t, fewProviders()...)
	for _, q := range []Query{{}, {Type: record.NPI1, State: "OR"}, {Country: "US", State: "OR"}, {Purpose: "MAILING"}} {
		_, err := s.Search(t.Context(), q, 0, 10)
		require.ErrorIs(t, err, errNoCriterion)
	}
	s.manifest.Search = false
	_, err := s.Search(t.Context(), Query{LastName: Text{Value: "SMITH"}}, 0, 10)
	require.ErrorIs(t, err, ErrNoIndex)
	got, err := s.Search(t.Context(), Query{NPI: 1000000004}, 0, 10)
	require.NoError(t, err)
	assert.Len(t, got, 1, "a number is looked up without indexes")
	s.manifest.Search, s.manifest.Providers = true, Providers{}
	for _, q := range []Query{{NPI: 1000000004}, {LastName: Text{Value: "SMITH"}}} {
		_, err = s.Search(t.Context(), q, 0, 10)
		require.ErrorIs(t, err, errNoProviders, "a registry of lists alone knows nobody")
	}
}

func TestSearchLeavesOutWhatTheDeactivationReportHas(t *testing.T) {
	s := searchable(t, fewProviders()...)
	s.manifest.Deactivations.AsOf = 20261112
	s.deactivated[38] = 20261110
	got, err := s.Search(t.Context(), Query{LastName: Text{Value: "SMITH"}, Type: record.NPI1}, 0, 10)
	require.NoError(t, err)
	assert.Equal(t, []record.NPI{4, 12}, lastDigits(got))
}

func TestSearchEndsWithItsContext(t *testing.T) {
	s := searchable(t, fewProviders()...)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Search(ctx, Query{LastName: Text{Value: "SMITH"}}, 0, 10)
	require.ErrorIs(t, err, context.Canceled)
	var corrupt *CorruptError
	assert.NotErrorAs(t, err, &corrupt, "nothing is wrong with the build")
}

func TestSearchFindsADamagedIndex(t *testing.T) {
	s := searchable(t)
	require.NoError(t, s.db.Close())
	db, err := pebble.Open(t.TempDir(), options(defaultFS))
	require.NoError(t, err)
	s.db = db
	require.NoError(t, db.Set([]byte("ilSMITH\x001abc"), nil, pebble.NoSync)) // cut off
	require.NoError(t, db.Flush())
	_, err = s.Search(t.Context(), Query{LastName: Text{Value: "SMITH"}}, 0, 10)
	var corrupt *CorruptError
	require.ErrorAs(t, err, &corrupt)
}

// Every criterion's words are few, so that they meet often.
var (
	firsts  = []string{"ANN", "ANNA", "BOB", "ROBERT", "ZOË", "J"}
	lasts   = []string{"LEE", "LEEDS", "LEE-MAY", "O'NEIL", "O NEIL", "MUÑOZ", "SMITH"}
	names   = []string{"LEE CLINIC", "LEE", "SALEM HOSPITAL", "SALEM", "A & B"}
	cities  = []string{"SALEM", "SALEM CITY", "TROY", "ST. PAUL"}
	states  = []string{"OR", "OH", "ME"}
	postals = []string{"97301", "973011234", "97302", "K1A 0B1", "9"}
	lands   = []string{"US", "US", "US", "CA", "MX"}
)

func drawn[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func searchPopulation(r *rand.Rand, n int) (all []*record.Entry) {
	codes := slices.Sorted(maps.Keys(described))
	for i := range n {
		e := aPerson(firstNPI+record.NPI(i*1234567), drawn(r, firsts), drawn(r, lasts))
		if r.IntN(3) == 0 {
			e = anOrganization(e.NPI, drawn(r, names), withOfficial(drawn(r, firsts), drawn(r, lasts)))
			if r.IntN(2) == 0 {
				withOtherName(record.Name{Code: "3", Organization: drawn(r, names)})(e)
			}
		} else if r.IntN(3) == 0 {
			withOtherName(record.Name{Code: "1", First: drawn(r, firsts), Last: drawn(r, lasts)})(e)
		}
		for range r.IntN(3) {
			withTaxonomy(drawn(r, codes))(e)
		}
		for _, purpose := range []string{"MAILING", "LOCATION", "SECONDARY"} {
			if r.IntN(4) > 0 {
				withAddress(purpose, drawn(r, cities), drawn(r, states), drawn(r, postals), drawn(r, lands))(e)
			}
		}
		if r.IntN(10) == 0 {
			e.Evidence.Status = record.Deactivated
		}
		all = append(all, e)
	}
	return all
}

func drawnQuery(r *rand.Rand) (q Query) {
	text := func(list []string) Text {
		s := drawn(r, list)
		if r.IntN(3) == 0 {
			return Text{Value: s[:1+r.IntN(min(len(s), 3))], Prefix: true}
		}
		return Text{Value: s}
	}
	texts := []func(){
		func() { q.LastName = text(lasts) }, func() { q.FirstName = text(firsts) }, func() { q.Organization = text(names) },
		func() { q.City = text(cities) }, func() { q.PostalCode = text(postals) },
		func() { q.Taxonomy = text([]string{"Internal Medicine", "Registered Nurse", "Critical Care Medicine"}) },
		func() { q.Country = "CA" },
	}
	for range 1 + r.IntN(2) {
		drawn(r, texts)()
	}
	if r.IntN(3) == 0 {
		q.State = drawn(r, states)
	}
	if r.IntN(4) == 0 {
		q.Purpose = drawn(r, []string{"MAILING", "PRIMARY", "SECONDARY", "LOCATION"})
	}
	if r.IntN(4) == 0 && !q.FirstName.Prefix {
		q.Aliases = []string{"ROBERT", "BOB"}
	}
	q.Type = drawn(r, []string{"", "", record.NPI1, record.NPI2})
	q.Whose = drawn(r, []Whose{Anybody, TheProvider, TheOfficial})
	return q
}

// TestSearchFindsAllAndEachOnce compares pages of a search with a look at
// everybody, for queries of all kinds.
func TestSearchFindsAllAndEachOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	all := searchPopulation(r, 400)
	s := searchable(t, all...)
	for range 150 {
		q := drawnQuery(r)
		folded := q.folded(s.taxonomies)
		var want, got []record.NPI
		for _, e := range all {
			if e.Evidence.Status == record.Active && folded.meets(e) {
				want = append(want, e.NPI)
			}
		}
		for limit := 1 + r.IntN(30); ; {
			page, err := s.Search(t.Context(), q, len(got), limit)
			require.NoError(t, err)
			for _, e := range page {
				got = append(got, e.NPI)
			}
			if len(page) < limit {
				break
			}
		}
		inOrder := slices.Clone(got)
		slices.Sort(got)
		require.Equal(t, want, got, "%+v", q)
		if alone := (Query{LastName: q.LastName, Type: q.Type, Whose: q.Whose}); q.LastName.Value != "" && !q.LastName.Prefix && reflect.DeepEqual(q, alone) {
			assert.True(t, slices.IsSortedFunc(inOrder, func(x, y record.NPI) int { return bytes.Compare(tailFor(t, s, x), tailFor(t, s, y)) }), "%+v", q)
		}
	}
}

func tailFor(t *testing.T, s *Store, npi record.NPI) []byte {
	e, err := s.Lookup(npi)
	require.NoError(t, err)
	return appendTail(nil, e)
}

func BenchmarkSearch(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	s := searchable(b, searchPopulation(r, 800)...)
	for name, q := range map[string]Query{
		"last name": {LastName: Text{Value: "LEE"}},
		"taxonomy":  {Taxonomy: Text{Value: "Re", Prefix: true}, State: "OR"},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = s.Search(b.Context(), q, 0, 10)
			}
		})
	}
}

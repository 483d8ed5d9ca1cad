package local

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

// searchable is a build with entries and its indexes.
func searchable(t testing.TB, entries ...*record.Entry) *Store {
	t.Helper()
	dir, name := t.TempDir(), newBuildName(time.Now())
	build := filepath.Join(dir, name)
	require.NoError(t, os.MkdirAll(build, 0o755))
	db, err := pebble.Open(filepath.Join(build, storeFolder), options(defaultFS))
	require.NoError(t, err)
	b := db.NewBatch()
	shelves := map[int]*shelfWriter{}
	slices.SortFunc(entries, func(x, y *record.Entry) int { return cmp.Compare(x.NPI, y.NPI) })
	for _, e := range entries {
		n, ok := offset(e.NPI)
		require.True(t, ok)
		w := shelves[bucketOf(n)]
		if w == nil {
			w, err = createShelf(defaultFS, build, bucketOf(n))
			require.NoError(t, err)
			shelves[bucketOf(n)] = w
		}
		require.NoError(t, w.add(n%bucketSpan, valueOf(e)))
		indexKeys(e, func(k []byte) { require.NoError(t, b.Set(k, nil, nil)) })
	}
	for bucket, w := range shelves {
		require.NoError(t, w.close())
		require.NoError(t, b.Set(key(nil, 'p', uint32(bucket)), w.places, nil))
	}
	for code, description := range described {
		require.NoError(t, b.Set(append([]byte{'t'}, code...), []byte(description), nil))
	}
	m := Manifest{Format: format, Search: true, Providers: Providers{AsOf: 20261108, Individuals: len(entries)}}
	require.NoError(t, b.Set(manifestKey, manifestValue(&m), nil))
	require.NoError(t, b.Commit(pebble.NoSync))
	require.NoError(t, db.Flush())
	require.NoError(t, db.Close())
	s, err := openBuild(dir, name)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func valueOf(e *record.Entry) []byte {
	v := appendProvider(nil, e)
	for i := range e.Evidence.OtherNames {
		v = appendOtherName(v, &e.Evidence.OtherNames[i])
	}
	for i := range e.PracticeLocations {
		v = appendLocation(v, &e.PracticeLocations[i])
	}
	return v
}

var described = map[string]string{
	"207R00000X": "Internal Medicine", "207RC0000X": "Internal Medicine, Cardiovascular Disease", "163W00000X": "Registered Nurse",
	"163WC0200X": "Registered Nurse, Critical Care Medicine", "282N00000X": "General Acute Care Hospital",
}

func aPerson(npi record.NPI, first, last string, change ...func(*record.Entry)) *record.Entry {
	e := &record.Entry{NPI: npi}
	f := &e.Evidence.Facts
	f.Status, f.Type, f.Name = record.Active, record.NPI1, record.Name{First: first, Last: last}
	for _, c := range change {
		c(e)
	}
	return e
}

func anOrganization(npi record.NPI, name string, change ...func(*record.Entry)) *record.Entry {
	return aPerson(npi, "", "", append([]func(*record.Entry){func(e *record.Entry) {
		e.Evidence.Type, e.Evidence.Name = record.NPI2, record.Name{Organization: name}
	}}, change...)...)
}

func withAddress(purpose, city, state, postal, country string) func(*record.Entry) {
	return func(e *record.Entry) {
		a := record.Address{Purpose: purpose, Address1: "1 MAIN ST", City: city, State: state, PostalCode: postal, CountryCode: country}
		if purpose == "SECONDARY" {
			a.Purpose = "LOCATION"
			e.PracticeLocations = append(e.PracticeLocations, a)
			return
		}
		e.Addresses = append(e.Addresses, a)
	}
}

func withTaxonomy(code string) func(*record.Entry) {
	return func(e *record.Entry) { e.Taxonomies = append(e.Taxonomies, record.Taxonomy{Code: code}) }
}

func withOtherName(n record.Name) func(*record.Entry) {
	return func(e *record.Entry) { e.Evidence.OtherNames = append(e.Evidence.OtherNames, n) }
}

func withOfficial(first, last string) func(*record.Entry) {
	return func(e *record.Entry) { e.Official = &record.Official{First: first, Last: last} }
}

func withStatus(s record.Status) func(*record.Entry) {
	return func(e *record.Entry) { e.Evidence.Status = s }
}

// fewProviders are some of whom the last digits of the NPI are a name for the
// tests.
func fewProviders() []*record.Entry {
	return []*record.Entry{
		aPerson(1000000004, "MARY", "SMITH", withTaxonomy("207R00000X"), withTaxonomy("163W00000X"),
			withAddress("MAILING", "PORTLAND", "ME", "041011234", "US"), withAddress("LOCATION", "SALEM", "OR", "97301", "US")),
		aPerson(1000000012, "Anna", "Smith-Jones", withOtherName(record.Name{Code: "1", First: "ANNA", Last: "SMITH"}), withTaxonomy("207RC0000X"),
			withAddress("LOCATION", "PORTLAND", "OR", "972051234", "US"), withAddress("SECONDARY", "SALEM", "OR", "97301", "US")),
		aPerson(1000000020, "JOSÉ", "Muñoz", withTaxonomy("163WC0200X"), withAddress("LOCATION", "TORONTO", "ON", "M5V 3L9", "CA")),
		aPerson(1000000038, "BOB", "SMITH", withAddress("LOCATION", "ALBANY", "NY", "122070001", "US")),
		anOrganization(1000000046, "SALEM HOSPITAL", withOtherName(record.Name{Code: "3", Organization: "A & B CLINIC"}), withOfficial("MARY", "SMITH"),
			withTaxonomy("282N00000X"), withAddress("LOCATION", "SALEM", "OR", "973010000", "US")),
		anOrganization(1000000053, "A & B CLINIC OF SALEM", withOfficial("PAUL", "JONES"), withTaxonomy("282N00000X"), withAddress("MAILING", "SALEM", "OR", "97302", "US")),
		aPerson(1000000061, "MARY", "SMITH", withStatus(record.Deactivated)),
	}
}

func TestIndexKeys(t *testing.T) {
	var got []string
	e := fewProviders()[1]
	e.Evidence.OtherNames = append(e.Evidence.OtherNames, record.Name{First: "anna", Last: "smith\x00"})
	indexKeys(e, func(k []byte) { got = append(got, string(k)) })
	tail := "\x001SMITH-JONES\x00ANNA\x00\x00\x00\x00\x0c"
	assert.Equal(t, []string{
		"ilSMITH-JONES" + tail, "ifANNA" + tail, "ilSMITH" + tail,
		"icPORTLAND" + tail, "iz97205" + tail, "icSALEM" + tail, "iz97301" + tail, "it207RC0000X" + tail,
	}, got)
	for _, k := range got {
		_, ok := tailOf([]byte(k))
		assert.True(t, ok)
	}
	for _, none := range []*record.Entry{fewProviders()[6], {NPI: 123}, {}} {
		indexKeys(none, func(k []byte) { assert.Fail(t, "it has a key", "%q", k) })
	}
}

package bulk

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

// sample is a file of testdata.
func sample(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return string(b)
}

// member is a file in a zip, or a plain one.
type member struct{ name, text string }

// full is a shipment of the samples, in the shape of CMS's zip.
func full(t testing.TB) []member {
	const days = "_pfile_20050523-20180107"
	return []member{
		{"npidata" + days + ".csv", sample(t, "npidata_2018.csv")},
		{"npidata" + days + "_fileheader.csv", sample(t, "npidata_V2_header.csv")},
		{"endpoint" + days + ".csv", sample(t, "endpoint_header.csv") + endpointRow},
		{"othername" + days + ".csv", sample(t, "othername.csv")},
		{"othername" + days + "_FileHeader.csv", sample(t, "othername_2026_header.csv")},
		{"pl" + days + ".csv", sample(t, "pl.csv")},
		{"NPPES_Data_Dissemination_Readme_v.2.pdf", "%PDF-1.4"},
	}
}

const endpointRow = `"1023011053","DIRECT","Direct Messaging Address","a@direct.example","Y","the desk","EXAMPLE LLC","HIE","Health Information Exchange (HIE)","other use","OTHER","Other","text/csv","1 MAIN ST","NONE","TROY","OH","US","453732334"` + "\n"

// zipped makes a zip in a folder of its own.
func zipped(t testing.TB, name string, members ...member) string {
	t.Helper()
	return plain(t, name, string(zipBytes(t, members...)))
}

func zipBytes(t testing.TB, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range members {
		w, err := z.Create(m.name)
		require.NoError(t, err)
		_, err = w.Write([]byte(m.text))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

// plain makes a file in a folder of its own.
func plain(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// one recognizes what must be one shipment.
func one(t testing.TB, paths ...string) *File {
	t.Helper()
	files, err := Recognize(paths...)
	require.NoError(t, err)
	require.Len(t, files, 1)
	return files[0]
}

// kept is all that a reading hands over, copied.
type kept struct {
	providers   []*record.Entry
	otherNames  []of[record.Name]
	locations   []of[record.Address]
	endpoints   []of[record.Endpoint]
	deactivated []of[record.Date]
	excluded    []of[record.Exclusion]
	taxonomies  [][2]string
	progress    []int64
}

// of is something of a provider.
type of[T any] struct {
	npi  record.NPI
	what T
}

func (k *kept) sink(t testing.TB) Sink {
	return Sink{
		Provider:    func(e *record.Entry) error { k.providers = append(k.providers, copied(t, e)); return nil },
		OtherName:   func(n record.NPI, v *record.Name) error { return keep(t, &k.otherNames, n, v) },
		Location:    func(n record.NPI, v *record.Address) error { return keep(t, &k.locations, n, v) },
		Endpoint:    func(n record.NPI, v *record.Endpoint) error { return keep(t, &k.endpoints, n, v) },
		Deactivated: func(n record.NPI, v record.Date) error { return keep(t, &k.deactivated, n, &v) },
		Excluded:    func(n record.NPI, v *record.Exclusion) error { return keep(t, &k.excluded, n, v) },
		Taxonomy: func(code, description string) error {
			k.taxonomies = append(k.taxonomies, [2]string{strings.Clone(code), strings.Clone(description)})
			return nil
		},
		Progress: func(n int64) { k.progress = append(k.progress, n) },
	}
}

func keep[T any](t testing.TB, list *[]of[T], n record.NPI, v *T) error {
	*list = append(*list, of[T]{n, *copied(t, v)})
	return nil
}

// read reads the whole of a shipment.
func read(t testing.TB, paths ...string) (*kept, *Report) {
	t.Helper()
	var k kept
	f := one(t, paths...)
	r, err := f.Read(t.Context(), k.sink(t))
	require.NoError(t, err)
	require.NotEmpty(t, k.progress)
	require.IsNonDecreasing(t, append([]int64{0}, k.progress...))
	require.Equal(t, f.Bytes, k.progress[len(k.progress)-1])
	return &k, r
}

package format

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/format/mapped"
	"github.com/npiflow/npiflow/internal/record"
)

// What the readers' own samples are is seen by their content alone, and the
// reader they are given to finds records in them.
func TestDetect(t *testing.T) {
	var f Formats
	seen := map[Name]int{}
	for _, c := range []struct {
		files string
		name  Name
	}{
		{"x12/testdata/837?/*", X12}, {"x12/testdata/ack/*.txt", X12},
		{"fhir/testdata/*.json", FHIR},
		{"roster/testdata/*.csv", Roster}, {"roster/testdata/*.psv", Roster},
	} {
		paths, err := filepath.Glob(c.files)
		require.NoError(t, err)
		for _, path := range paths {
			if strings.HasSuffix(path, ".golden") || strings.HasSuffix(path, "NOTICE") {
				continue
			}
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			if got := f.Detect("", data); got != c.name && c.name != Roster { // a roster without a header may be anything
				assert.Equal(t, c.name, got, path)
			} else if got == c.name {
				seen[got]++
				records := 0
				_ = f.Read(got, strings.NewReader(string(data)), func(*record.Record) error { records++; return nil }, func(record.Fault) {})
				seen[got+" records"] += records
			}
		}
	}
	for _, name := range []Name{X12, FHIR, Roster} {
		assert.NotZero(t, seen[name], name)
		assert.NotZero(t, seen[name+" records"], name)
	}
}

func TestContentType(t *testing.T) {
	var f Formats
	for contentType, want := range map[string]Name{
		"application/EDI-X12": X12, "text/csv; charset=utf-8": Roster, "application/fhir+json;fhirVersion=4.0": FHIR,
		"application/json": Native, "text/plain": Native, "nonsense///": Native, "": Native,
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": Roster,
	} {
		assert.Equal(t, want, f.Detect(contentType, []byte(`{"id":"1","providers":[]}`)), contentType)
	}
	m, err := mapped.New([]mapped.Mapping{{Name: "ours", Kind: "claim", When: "/no", ID: "/no", Providers: []mapped.Provider{{Role: "billing", NPI: "/n"}}}})
	require.NoError(t, err)
	f.Mapped = m
	long := `{"x":"` + strings.Repeat("y", 2*headSize) + `","no":"7","n":"1234567893"}`
	assert.Equal(t, Mapped, f.Detect("", []byte(long)), "whatever stands before it")
	assert.Equal(t, Native, f.Detect("", []byte(`{"id":"1"}`)))
}

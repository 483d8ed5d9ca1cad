package bulk

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

// unzipped writes the members as plain files of one folder.
func unzipped(t testing.TB, members ...member) (paths []string) {
	dir := t.TempDir()
	for _, m := range members {
		path := filepath.Join(dir, m.name)
		require.NoError(t, os.WriteFile(path, []byte(m.text), 0o600))
		paths = append(paths, path)
	}
	return paths
}

func TestRecognizeOrder(t *testing.T) {
	main := v2(t, providerRow())
	paths := append(unzipped(t, full(t)...),
		zipped(t, "NPPES_Data_Dissemination_September_2026_V2.zip", member{"x/NPIDATA_PFILE_20050523-20260913.CSV", main}),
		zipped(t, "NPPES_Data_Dissemination_090726_091326_Weekly_V2.zip", member{"npidata_pfile_20260907-20260913.csv", main}),
		zipped(t, "NPPES_Data_Dissemination_083126_090626_Weekly_V2.zip", member{"npidata_pfile_20260831-20260906.csv", main}),
		plain(t, "NPPES Deactivated NPI Report 20260913.xlsx", workbook(t, reportTitle, reportHeader, []any{"1710983663", "08/09/2026"})),
		plain(t, "UPDATED.csv", sample(t, "leie.csv")),
		plain(t, "nucc_taxonomy_261.csv", "Code,Grouping,Classification,Specialization\n193200000X,Group,Multi-Specialty,\n"))
	files, err := Recognize(paths...)
	require.NoError(t, err)
	type what struct {
		kind     Kind
		name     string
		from, to record.Date
		parts    int
	}
	var got []what
	for _, f := range files {
		got = append(got, what{f.Kind, f.Name, f.From, f.To, len(f.parts)})
		assert.Positive(t, f.Bytes)
	}
	assert.Equal(t, []what{
		{Exclusions, "UPDATED.csv", 0, 0, 1},
		{Taxonomies, "nucc_taxonomy_261.csv", 0, 0, 1},
		{Full, "npidata_pfile_20050523-20180107.csv", 2005_05_23, 2018_01_07, 4},
		{Weekly, "NPPES_Data_Dissemination_083126_090626_Weekly_V2.zip", 2026_08_31, 2026_09_06, 1},
		{Full, "NPPES_Data_Dissemination_September_2026_V2.zip", 2005_05_23, 2026_09_13, 1},
		{Weekly, "NPPES_Data_Dissemination_090726_091326_Weekly_V2.zip", 2026_09_07, 2026_09_13, 1},
		{Deactivations, "NPPES Deactivated NPI Report 20260913.xlsx", 0, 2026_09_13, 1},
	}, got)
}

// Unpacked or not, it is the same shipment.
func TestRecognizeUnpacked(t *testing.T) {
	packed, r1 := read(t, zipped(t, "full.zip", full(t)...))
	plain, r2 := read(t, unzipped(t, full(t)...)...)
	assert.Equal(t, r1, r2)
	packed.progress, plain.progress = nil, nil
	assert.Equal(t, packed, plain)
}

func TestRecognizeRefuses(t *testing.T) {
	main, other := v2(t, providerRow()), sample(t, "othername.csv")
	const name = "npidata_pfile_20050523-20260913.csv"
	rename := func(text string, old ...string) string { return strings.NewReplacer(old...).Replace(text) }
	whole := zipBytes(t, member{name, main})
	for _, c := range []struct {
		why   string
		paths []string
		want  []string
	}{
		{"nothing", nil, []string{"there are none"}},
		{"only documents", unzipped(t, member{"a.pdf", "%PDF"}, member{"npidata_pfile_20050523-20260913_FILEHEADER.csv", main}), []string{"there are none"}},
		{"not there", []string{filepath.Join(t.TempDir(), "full.zip")}, []string{"full.zip", "no such file"}},
		{"a folder", []string{t.TempDir()}, []string{"is a folder"}},
		{"empty", []string{plain(t, name, "")}, []string{name, "is empty", "download it again"}},
		{"a page instead of the zip", []string{plain(t, "full.zip", "<html>")}, []string{"full.zip", "a web page", "download it again"}},
		{"a page instead of the csv", []string{plain(t, "UPDATED.csv", "\n<!DOCTYPE html>")}, []string{"a web page"}},
		{"gzip", []string{plain(t, name+".gz", "\x1f\x8b\x08")}, []string{"compressed by gzip"}},
		{"xls", []string{plain(t, "report.xls", "\xd0\xcf\x11\xe0")}, []string{"workbook of the old kind"}},
		{"neither", []string{plain(t, name, "\x7fELF\x00")}, []string{"neither text nor a zip"}},
		{"cut off", []string{plain(t, "full.zip", string(whole[:len(whole)/2]))}, []string{"full.zip", "its directory", "download it again"}},
		{"a zip of something else", []string{zipped(t, "photos.zip", member{"a.jpg", "x"})}, []string{"without npidata"}},
		{"a zip without the main table", []string{zipped(t, "w.zip", member{"othername_pfile_20050523-20260913.csv", other})}, []string{"without npidata", "othername_pfile"}},
		{"mixed in a zip", []string{zipped(t, "w.zip", member{name, main}, member{"othername_pfile_20050523-20260809.csv", other})}, []string{"mixed months", name, "20260809"}},
		{"two main tables in a zip", []string{zipped(t, "w.zip", member{name, main}, member{"npidata_pfile_20050523-20260809.csv", main})}, []string{"mixed months"}},
		{"the same twice in a zip", []string{zipped(t, "w.zip", member{"a/" + name, main}, member{"b/" + name, main})}, []string{"twice"}},
		{"two things in a zip", []string{zipped(t, "w.zip", member{name, main}, member{"UPDATED.csv", sample(t, "leie.csv")})}, []string{"mixed months", "UPDATED.csv"}},
		{"mixed and unpacked", unzipped(t, member{name, main}, member{"othername_pfile_20050523-20260809.csv", other}), []string{"mixed months", "othername_pfile_20050523-20260809.csv"}},
		{"given twice", []string{zipped(t, "a.zip", member{name, main}), zipped(t, "b.zip", member{name, main})}, []string{"a.zip", "b.zip", "give one of them"}},
		{"two lists of the excluded", []string{plain(t, "a.csv", sample(t, "leie.csv")), plain(t, "b.csv", sample(t, "leie.csv"))}, []string{"give one of them"}},
		{"renamed", []string{plain(t, "npi.csv", main)}, []string{"rename it to CMS's own name npidata_pfile_YYYYMMDD-YYYYMMDD.csv"}},
		{"no such days", []string{plain(t, "npidata_pfile_20050523-20260931.csv", main)}, []string{"none of the calendar"}},
		{"days turned around", []string{plain(t, "npidata_pfile_20260913-20050523.csv", main)}, []string{"wrong order"}},
		{"a column is missing", []string{plain(t, name, rename(main, "Provider First Name", "First"))}, []string{`providers`, `lacks ["Provider First Name"]`}},
		{"many are", []string{plain(t, name, rename(main, "Taxonomy Code", "Code"))}, []string{"Healthcare Provider Taxonomy Code_5", "and 10 more"}},
		{"another table of that name", []string{plain(t, name, other)}, []string{"providers", "lacks", "more"}},
		{"a table nobody knows", []string{plain(t, "roster.csv", "npi,name\n1234567893,DOE\n")}, []string{"2 columns", "none of the tables known"}},
		{"only line ends", []string{plain(t, "roster.csv", "\n\n\n")}, []string{"no header"}},
		{"no deactivations", []string{plain(t, "x 20260810.xlsx", workbook(t, []any{"A", "B"}))}, []string{"no sheet has the columns"}},
		{"deactivations of no day", []string{plain(t, "x.xlsx", workbook(t, reportTitle, reportHeader))}, []string{"YYYYMMDD.xlsx"}},
		{"a header too far down", []string{plain(t, "x 20260810.xlsx", workbook(t, append(make([][]any, 10), reportHeader)...))}, []string{"no sheet"}},
		{"no workbook", []string{zipped(t, "NPPES_Deactivated_NPI_Report_081026.zip", member{"x.xlsx", "PK"})}, []string{"x.xlsx", "workbook"}},
	} {
		t.Run(c.why, func(t *testing.T) {
			files, err := Recognize(c.paths...)
			require.Error(t, err)
			assert.Nil(t, files)
			for _, w := range c.want {
				assert.ErrorContains(t, err, w)
			}
		})
	}
}

// All that is wrong is said at once.
func TestRecognizeSaysAll(t *testing.T) {
	_, err := Recognize(plain(t, "a.zip", "<html>"), plain(t, "b.csv", "x,y\n"))
	assert.ErrorContains(t, err, "a.zip")
	assert.ErrorContains(t, err, "b.csv")
}

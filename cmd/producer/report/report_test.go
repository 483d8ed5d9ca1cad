package report

import (
	"bytes"
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/npiflow/npiflow/internal/record"
)

// sample are rows of every sort: a clean provider, a flagged one beside the
// columns of its roster, one of another roster, and a record that was lost.
func sample(r *Report) []*Row {
	one := r.Table([]string{"NPI", " Name ", "", "NPI", "file"})
	two := r.Table([]string{"Name", "Phone"})
	answer := &record.Answer{Found: true, Type: "NPI-1", Name: "JO ROE", Status: "A",
		Taxonomy: &record.TaxonomyName{Code: "207Q00000X", Description: "Family Medicine"},
		Address:  &record.Address{Address1: "1 MAIN ST", City: "X", State: "TX", PostalCode: "78574"},
		Evidence: &record.Evidence{Source: record.FromLocal, AsOf: 20261109, Facts: record.Facts{Status: record.Active, EnumerationDate: 20060102}}}
	return []*Row{
		{File: "a.837", Where: "record 1", Record: "C-1", Kind: record.KindClaim, Verdict: record.Clean,
			Provider: &record.Provider{Role: record.Billing, NPI: "1234567893", Path: "ISA1", Valid: true, Line: 3, Answer: answer}},
		{File: "r.csv", Where: "line 2", Record: "row-2", Kind: record.KindRoster, Verdict: record.Rejected, Table: one,
			Cells: []string{"1234567890", "=HYPERLINK(\"http://x\")", "<script>alert(1)</script>", "-7", "f"},
			Provider: &record.Provider{Role: record.Individual, NPI: "1234567890", Path: "/npi", Flags: []record.Flag{
				{Code: record.FlagBadChecksum, Severity: record.Error, Detail: "The check digit is wrong.", Codes: &record.Codes{ClaimStatus: []string{"A7:562:85"}, CARC: []string{"206", "206"}}},
				{Code: record.FlagNameMismatch, Severity: record.Warning, Detail: "Another name.", Codes: &record.Codes{CARC: []string{"206"}}},
			}}},
		{File: "s.csv", Where: "line 9", Record: "row-9", Kind: record.KindRoster, Verdict: record.Clean, Table: two,
			Cells: []string{"@cmd"}, Provider: &record.Provider{Role: record.Group, NPI: "1770626038", Path: "/npi", Valid: true}},
		{File: "a.837", Where: "record 2", Record: "C-2", Kind: record.KindClaim, Verdict: record.Unverified,
			Provider: &record.Provider{Role: record.Billing, NPI: "1234567893", Path: "ISA1", Valid: true}},
		{File: "b\xff.837", Where: "segment 7 (CLM)", Verdict: record.Dead, Reason: "CLM01 is missing"},
	}
}

func written(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	r, err := Create(path)
	require.NoError(t, err)
	var s Summary
	for _, row := range sample(r) {
		require.NoError(t, r.Add(row))
		if row.Provider != nil {
			s.Count(&record.Result{Verdict: row.Verdict, Providers: []record.Provider{*row.Provider}})
		}
	}
	s.Lost = 1
	require.NoError(t, r.Close(s))
	r.Discard()
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, left, 1, "nothing is left but the report")
	return path
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(b)
}

func TestCSV(t *testing.T) {
	text := read(t, written(t, "out.csv"))
	require.True(t, strings.HasPrefix(text, "\xef\xbb\xbf"))
	rows, err := csv.NewReader(strings.NewReader(text[3:])).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 6)
	assert.Equal(t, []string{"NPI", "Name", "column 3", "NPI (2)", "file", "Phone", "file (2)", "where"}, rows[0][:8])
	at := map[string]int{}
	for i, h := range rows[0] {
		at[h] = i
	}
	assert.Equal(t, "JO ROE", rows[1][at["registry_name"]])
	assert.Equal(t, "1 MAIN ST, X, TX 78574", rows[1][at["registry_address"]])
	assert.Equal(t, []string{"1234567890", "'=HYPERLINK(\"http://x\")", "<script>alert(1)</script>", "'-7", "f", "", "r.csv"}, rows[2][:7])
	assert.Equal(t, "bad_checksum; name_mismatch", rows[2][at["flags"]])
	assert.Equal(t, "The check digit is wrong. Another name.", rows[2][at["what"]])
	assert.Equal(t, "206", rows[2][at["predicted_carc"]], "each answer once")
	assert.Equal(t, []string{"", "'@cmd", "", "", "", "", "s.csv"}, rows[3][:7], "columns of one name are one; a short row is filled")
	assert.Contains(t, rows[4][at["what"]], "could not be asked")
	assert.Equal(t, "CLM01 is missing", rows[5][at["what"]])
	assert.Equal(t, "dead", rows[5][at["verdict"]])
}

func TestGuarded(t *testing.T) {
	for in, want := range map[string]string{"": "", "a": "a", "=1": "'=1", "+1": "'+1", "-1": "'-1", "@x": "'@x", "\t=1": "'\t=1", "\r=1": "'\r=1", "1=1": "1=1", "é": "é"} {
		assert.Equal(t, want, guarded(in))
	}
}

func TestNDJSON(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(read(t, written(t, "out.ndjson"))), "\n")
	require.Len(t, lines, 5)
	var row struct {
		Provider record.Provider   `json:"provider"`
		Original map[string]string `json:"original"`
	}
	require.NoError(t, json.Unmarshal([]byte(lines[1]), &row))
	assert.Equal(t, map[string]string{"NPI": "1234567890", "Name": "=HYPERLINK(\"http://x\")", "column 3": "<script>alert(1)</script>", "NPI (2)": "-7", "file": "f"}, row.Original, "as it was: no spreadsheet reads it")
	assert.Len(t, row.Provider.Flags, 2)
	assert.NotContains(t, lines[0], "original")
	assert.Contains(t, lines[0], `"evidence":{"source":"local","as_of":"2026-11-09"`)
	assert.NotContains(t, lines[4], "provider")
}

func TestWorkbook(t *testing.T) {
	f, err := excelize.OpenFile(written(t, "out.xlsx"))
	require.NoError(t, err)
	defer f.Close()
	assert.Equal(t, []string{"Summary", "Providers 1", "Roster 2", "Roster 3"}, f.GetSheetList())
	rows, err := f.GetRows("Roster 2")
	require.NoError(t, err)
	assert.Equal(t, []string{"NPI", "Name", "column 3", "NPI (2)", "file", "file (2)"}, rows[0][:6])
	assert.Equal(t, []string{"1234567890", "'=HYPERLINK(\"http://x\")", "<script>alert(1)</script>", "'-7"}, rows[1][:4])
	formula, err := f.GetCellFormula("Roster 2", "B2")
	require.NoError(t, err)
	assert.Empty(t, formula)
	rows, err = f.GetRows("Providers 1")
	require.NoError(t, err)
	require.Len(t, rows, 4)
	summary, err := f.GetRows("Summary")
	require.NoError(t, err)
	assert.Equal(t, [][]string{{"records", "4"}, {"rejected", "1"}, {"unverified", "1"}, {"clean", "2"}, {"could not be read", "1"}, {"bad_checksum", "1"}, {"name_mismatch", "1"}}, summary)
}

func TestPage(t *testing.T) {
	text := read(t, written(t, "out.HTML"))
	assert.NotContains(t, text, "<script")
	assert.Contains(t, text, "&lt;script&gt;alert(1)&lt;/script&gt;")
	assert.Contains(t, text, "could not be asked")
	assert.Contains(t, text, "default-src 'none'", "nothing is loaded, whatever stands in it")
}

func TestReportsOfNothing(t *testing.T) {
	for _, name := range []string{"x.csv", "x.ndjson", "x.xlsx", "x.html"} {
		path := filepath.Join(t.TempDir(), name)
		r, err := Create(path)
		require.NoError(t, err)
		require.NoError(t, r.Close(Summary{}), name)
		assert.FileExists(t, path)
	}
}

func TestReportsThatCannotBe(t *testing.T) {
	for _, path := range []string{"x", "x.pdf", "-", ""} {
		_, err := Create(path)
		assert.ErrorContains(t, err, "choose from .csv, .html, .ndjson, .xlsx")
	}
	_, err := Create(filepath.Join(t.TempDir(), "none", "x.csv"))
	assert.Error(t, err)

	path := filepath.Join(t.TempDir(), "x.csv")
	require.NoError(t, os.Mkdir(path, 0o700))
	r, err := Create(path)
	require.NoError(t, err)
	require.Error(t, r.Close(Summary{}), "a folder stands there")
	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, left, 1)
}

func TestBounded(t *testing.T) {
	long := strings.Repeat("é", excelize.TotalCellChars)
	assert.Len(t, []rune(bounded(long)), excelize.TotalCellChars/2)
	assert.Equal(t, "short", bounded("short"))
}

// FuzzReport: whatever stands in the cells, every form of report is written,
// and no cell of a spreadsheet begins as a formula does.
func FuzzReport(f *testing.F) {
	f.Add("a", "=1", "<b>")
	f.Add("", "\xff", "\"\r\n,")
	f.Fuzz(func(t *testing.T, head, cell, name string) {
		rows := []*Row{{File: name, Where: cell, Verdict: record.Dead, Reason: cell, Table: 1, Cells: []string{cell, name}}}
		b := &book{tables: [][]string{distinct([]string{head, name, head})}, rows: func(yield func(*Row, error) bool) {
			for _, r := range rows {
				if !yield(r, nil) {
					return
				}
			}
		}}
		var out bytes.Buffer
		require.NoError(t, writeHTML(&out, b))
		assert.NotContains(t, out.String(), "<script")
		g := newGrid(b.tables)
		for _, c := range g.cells(rows[0], 0) {
			assert.False(t, c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])))
		}
		assert.Len(t, g.heads, len(g.cells(rows[0], 0)))
		require.NoError(t, writeCSV(&out, b))
		_, err := original(b.tables[0], []string{strings.ToValidUTF8(cell, "")})
		require.NoError(t, err)
	})
}

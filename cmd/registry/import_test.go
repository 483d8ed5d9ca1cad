package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/npiflow/npiflow/bench/nppesgen/corpus"
	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/internal/enrich/local"
	"github.com/npiflow/npiflow/internal/enrich/local/bulk"
	"github.com/npiflow/npiflow/internal/record"
)

func TestImportSaysWhatCameOfIt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "registry")
	census, err := corpus.Monthly(io.Discard, of, nil)
	require.NoError(t, err)
	// A folder, a pattern, a file; in any order, and one of them twice.
	month, week := monthly(t, of), weekly(t, monday)
	out := fine(t, "import", "--dir", dir, "--sample", "--json", deactivations(t), week, filepath.Dir(month), filepath.Join(filepath.Dir(week), "*_Weekly_*.zip"), exclusions(t))
	var r report
	require.NoError(t, json.Unmarshal([]byte(out), &r))
	assert.Equal(t, dir, r.Dir)
	require.Len(t, r.Files, 4)
	byKind := map[bulk.Kind]fileReport{}
	for _, f := range r.Files {
		byKind[f.Kind] = f
	}
	full := byKind[bulk.Full]
	assert.Equal(t, corpus.MonthlyName(of), full.Name)
	assert.Equal(t, census.Rows, full.Rows)
	assert.Equal(t, census.Rows, full.Accepted)
	assert.Equal(t, census.OtherNames+census.Locations+census.Endpoints, full.ReferenceRows)
	assert.Equal(t, of.AsOf, full.To)
	assert.Equal(t, 100, byKind[bulk.Weekly].Rows)
	assert.Equal(t, monday, byKind[bulk.Deactivations].To)
	assert.Positive(t, byKind[bulk.Exclusions].Skipped)
	assert.Equal(t, record.Date(20261115), r.Providers.AsOf)
	assert.Equal(t, r.Total, r.New)
	assert.Greater(t, r.Total, census.Rows)
	assert.Zero(t, r.Changed+r.Gone+r.Duplicates+r.Orphans)
	assert.Positive(t, r.PerProvider)
	assert.Positive(t, r.RowsPerSecond)

	text := fine(t, "import", "--dir", dir, "--sample", weekly(t, another))
	for _, want := range []string{"weekly of 2026-11-16 to 2026-11-22, 100 rows, 100 taken", "new, ", "changed, 0 gone", "deactivation report: ", "exclusion list: ", "registry: " + dir, "no search indexes", "rows/s"} {
		assert.Contains(t, text, want)
	}
}

func TestImportTellsRejectedRows(t *testing.T) {
	rows, err := os.ReadFile("testdata/npidata_2018.csv")
	require.NoError(t, err)
	bad := strings.Replace(string(rows), `"1932601184"`, `"1932601185"`, 1)
	bad += `"1669586954","1"` + "\n"
	dir := t.TempDir()
	file := written(t, "npidata_pfile_20050523-20180311.csv", bad)
	out := fine(t, "import", "--dir", dir, "--sample", file)
	assert.Contains(t, out, "100 rows, 98 taken; 2 rejected (1 columns, 1 check digit)")
	assert.Contains(t, out, "  npidata_pfile_20050523-20180311.csv line 2: check digit")
	assert.Contains(t, out, "  npidata_pfile_20050523-20180311.csv line 101: columns")
	var r report
	require.NoError(t, json.Unmarshal([]byte(fine(t, "import", "--json", "--dir", dir, "--sample", file)), &r))
	require.Len(t, r.Files[0].Examples, 2)
	assert.Equal(t, 2, r.Files[0].Examples[0].Line)
	assert.Equal(t, map[bulk.Reason]int{bulk.BadColumns: 1, bulk.BadCheckDigit: 1}, r.Files[0].Rejected)
}

// What cannot be right is refused, and what is there goes on answering.
func TestImportRefuses(t *testing.T) {
	dir := imported(t)
	before, whole := answering(dir), fine(t, "status", "--json", "--dir", dir)
	full, err := os.ReadFile(monthly(t, of))
	require.NoError(t, err)
	old := of
	old.AsOf = 20261011
	_, npi := first(t, record.Active)
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"too small to be whole":         {[]string{monthly(t, of)}, "never less than 9000000"},
		"cut off":                       {[]string{"--sample", written(t, corpus.MonthlyName(of), string(full[:len(full)/2]))}, "download it again"},
		"a web page":                    {[]string{"--sample", written(t, corpus.MonthlyName(of), "<html>Maintenance</html>")}, "a web page"},
		"something else":                {[]string{"--sample", written(t, "list.csv", "a,b\n1,2\n")}, "list.csv"},
		"a workbook without the header": {[]string{"--sample", workbook(t, "name", "npi", npi.String())}, "no sheet has the columns"},
		"nothing in it":                 {[]string{"--sample", written(t, "UPDATED.csv", "")}, "it is empty"},
		"an older month":                {[]string{"--sample", monthly(t, old)}, "import the newest monthly file"},
		"a week left out":               {[]string{"--sample", weekly(t, another)}, "import the weekly files of the days between"},
	} {
		r := command(t, "", append([]string{"import", "--dir", dir}, c.args...)...)
		assert.Equal(t, assembly.ExitFailed, r.code, name)
		assert.Contains(t, r.err, c.says, name)
		assert.Contains(t, r.err, "; nothing was changed\n", name)
		assert.NotContains(t, r.err, npi.String(), name)
		assert.Empty(t, r.out, name)
		assert.Equal(t, before, answering(dir), name)
	}
	assert.Equal(t, whole, fine(t, "status", "--json", "--dir", dir))
	fine(t, "lookup", "--dir", dir, npi.String())
}

func TestWeeklyBeforeMonthly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "registry")
	r := command(t, "", "import", "--dir", dir, "--sample", weekly(t, monday))
	assert.Equal(t, assembly.ExitFailed, r.code)
	assert.Contains(t, r.err, "import a monthly file first")
	assert.Contains(t, fine(t, "import", "--dir", dir, "--sample", weekly(t, monday), monthly(t, of)), "as of 2026-11-15")
}

// workbook is named like CMS's report and holds rows of two cells.
func workbook(t testing.TB, cells ...string) string {
	t.Helper()
	f := excelize.NewFile()
	for i := 0; i < len(cells); i += 2 {
		cell, err := excelize.CoordinatesToCellName(1, 1+i/2)
		require.NoError(t, err)
		row := []any{cells[i], ""}
		if i+1 < len(cells) {
			row[1] = cells[i+1]
		}
		require.NoError(t, f.SetSheetRow("Sheet1", cell, &row))
	}
	path := filepath.Join(t.TempDir(), "NPPES Deactivated NPI Report 20261109.xlsx")
	require.NoError(t, f.SaveAs(path))
	require.NoError(t, f.Close())
	return path
}

// The second import refuses while the first is at work, and the first is not
// disturbed.
func TestTwoImportsAtOnce(t *testing.T) {
	dir := imported(t)
	files, err := bulk.Recognize(weekly(t, monday))
	require.NoError(t, err)
	var second ran
	_, err = local.Import(t.Context(), dir, files, local.Options{Sample: true, Progress: func(local.Progress) {
		if second.err == "" {
			second = command(t, "", "import", "--dir", dir, "--sample", monthly(t, of))
		}
	}})
	require.NoError(t, err)
	assert.Equal(t, assembly.ExitFailed, second.code)
	assert.Contains(t, second.err, "another import is running in this folder")
	assert.Contains(t, fine(t, "status", "--dir", dir), "as of 2026-11-15")
}

// Ctrl-C at any point before the end changes nothing.
func TestImportStopped(t *testing.T) {
	dir := imported(t)
	before := answering(dir)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs strings.Builder
	code := run(ctx, []string{"import", "--dir", dir, "--sample", weekly(t, monday)}, strings.NewReader(""), &out, &errs)
	assert.Equal(t, assembly.ExitFailed, code)
	assert.Equal(t, "npiflow: import: stopped; nothing was changed\n", errs.String())
	assert.Equal(t, before, answering(dir))
	assert.Equal(t, []string{"CURRENT", "IMPORT", strings.TrimSpace(before)}, entries(t, dir))
}

// entries are the names in a folder, in order.
func entries(t testing.TB, dir string) []string {
	t.Helper()
	all, err := os.ReadDir(dir)
	require.NoError(t, err)
	names := make([]string, len(all))
	for i, e := range all {
		names[i] = e.Name()
	}
	return names
}

func TestInFolder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.ZIP", "a.csv", "c.xlsx", ".hidden.csv", "read.me", "d.zip.part"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	require.NoError(t, os.Mkdir(filepath.Join(dir, "deeper.zip"), 0o700))
	found, err := expand([]string{dir, filepath.Join(dir, "*.csv")})
	require.NoError(t, err)
	assert.Equal(t, []string{filepath.Join(dir, "a.csv"), filepath.Join(dir, "b.ZIP"), filepath.Join(dir, "c.xlsx"), filepath.Join(dir, ".hidden.csv")}, found,
		"what is named by a pattern was meant")
}

package main

import (
	"encoding/csv"
	"fmt"
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

// claims are, by the recorded registry, a clean one, a deactivated provider, a
// mistyped one and one that is no record.
var claims = strings.Join([]string{
	`{"id":"good","type":"professional","service_from":"2026-10-05","patient":{"last_name":"SECRETDOE"},"providers":[{"role":"billing","npi":"1770626038"},{"role":"rendering","npi":"1851713903"}]}`,
	`{"id":"gone","type":"professional","service_from":"2026-10-05","providers":[{"role":"billing","npi":"1770626038"},{"role":"rendering","npi":"1003048257"}]}`,
	`{"id":"typo","providers":[{"role":"billing","npi":"1770626039"}]}`,
	`{"id":"SECRETDOE\u0000","providers":[{"role":"billing"}]}`,
}, "\n")

// alone runs check with the recorded registry and a folder for temporary files
// in which nothing may be left.
func alone(t *testing.T, stdin string, args ...string) ran {
	t.Helper()
	w := &world{t: t}
	_, cfg := w.registry()
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	r := command(t.Context(), strings.NewReader(stdin), append([]string{"check", "--config", cfg}, args...)...)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left, "nothing is left behind")
	return r
}

func TestCheckNDJSON(t *testing.T) {
	r := alone(t, claims, "-")
	assert.Equal(t, 1, r.code, "a record was lost")
	lines := strings.Split(strings.TrimSpace(r.out), "\n")
	require.Len(t, lines, 3, r.out)
	assert.True(t, strings.HasPrefix(lines[0], "gone\tflagged\trendering\t-\t1003048257\tnot_found\t"), lines[0])
	assert.True(t, strings.HasPrefix(lines[1], "typo\trejected\tbilling\t-\t1770626039\tbad_checksum\t"), lines[1])
	assert.Equal(t, "3 records: 1 rejected, 1 flagged, 1 clean; flags: 1 bad_checksum, 1 not_found; 1 could not be read", lines[2])
	assert.Contains(t, r.err, "standard input: line 4: /id has control characters")
	assert.NotContains(t, r.out+r.err, "SECRETDOE")
}

func TestCheckFailsOn(t *testing.T) {
	sound, _, _ := strings.Cut(claims, "\n")
	for _, test := range []struct {
		in, on string
		code   int
	}{
		{sound, "flagged", 0}, {sound, "info", 0}, {"", "flagged", 0},
		{claims[:strings.LastIndex(claims, "\n")], "rejected", 1},
		{claims[:strings.LastIndex(claims, "\n")], "not_found", 1},
		{claims[:strings.LastIndex(claims, "\n")], "name_mismatch,dead", 0},
	} {
		r := alone(t, test.in, "-", "--fail-on", test.on)
		assert.Equal(t, test.code, r.code, "%s: %s", test.on, r.err)
		if test.code == 1 {
			assert.Contains(t, r.err, "1 of 3 records are what --fail-on names ("+test.on+")")
		}
	}
}

func TestFails(t *testing.T) {
	with := func(v record.Verdict, flags ...record.Flag) *record.Result {
		return &record.Result{Verdict: v, Providers: []record.Provider{{}, {Flags: flags}}}
	}
	stale := record.Flag{Code: record.FlagStaleEvidence, Severity: record.Info}
	name := record.Flag{Code: record.FlagNameMismatch, Severity: record.Warning}
	for _, test := range []struct {
		on   string
		r    *record.Result
		want bool
	}{
		{"flagged", with(record.Clean), false},
		{"flagged", with(record.Flagged), true},
		{"flagged", with(record.Rejected), true},
		{"rejected", with(record.Flagged), false},
		{"rejected", with(record.Dead), true},
		{"unverified", with(record.Flagged), false},
		{"unverified", with(record.Unverified), true},
		{"info", with(record.Clean), false},
		{"info", with(record.Clean, stale), true},
		{"warning", with(record.Clean, stale), false},
		{"warning", with(record.Flagged, stale, name), true},
		{"error", with(record.Flagged, name), false},
		{"name_mismatch", with(record.Flagged, name), true},
		{"not_found", with(record.Flagged, name), false},
	} {
		assert.Equal(t, test.want, fails([]string{"dead_letter_that_is_none", test.on}, test.r), "%s %v", test.on, test.r)
	}
	assert.False(t, fails(nil, with(record.Dead)))
}

func TestCheckOffline(t *testing.T) {
	r := alone(t, claims[:strings.LastIndex(claims, "\n")], "-", "--offline", "--json")
	require.Zero(t, r.code, r.err)
	var sum tally
	require.NoError(t, json.Unmarshal([]byte(r.out), &sum))
	assert.Equal(t, map[record.Verdict]int{record.Rejected: 1, record.Unverified: 2}, sum.Results.Verdicts)
	assert.Equal(t, 3, sum.Results.Records)
}

// A registry that does not answer keeps nobody waiting.
func TestCheckInAnOutage(t *testing.T) {
	t.Setenv("NPIFLOW_ENRICH_API_URL", "http://127.0.0.1:1/api/")
	t.Setenv("NPIFLOW_ENRICH_LOCAL_DIR", "")
	r := command(t.Context(), strings.NewReader(claims[:strings.LastIndex(claims, "\n")]), "check", "-", "--fail-on", "unverified")
	assert.Equal(t, 1, r.code)
	assert.Contains(t, r.out, "The registry could not be asked about this NPI: check it again later.")
	assert.Contains(t, r.out, "3 records: 1 rejected, 2 unverified")
}

// Real files of every format, reported in every form.
func TestCheckFiles(t *testing.T) {
	files := []string{"stupidedi-ppo-repriced-claim.edi", "hhs-nppes-first10.csv", "bfd-ExplanationOfBenefit-Carrier.json", "dpc-practitioner_bundle.json"}
	for i, suffix := range []string{".csv", ".ndjson", ".xlsx", ".html"} {
		out := filepath.Join(t.TempDir(), "report"+suffix)
		args := []string{"--out", out, "--json"}
		for j := range files { // in another order each time
			args = append(args, "testdata/files/"+files[(i+j)%len(files)])
		}
		r := alone(t, "", args...)
		require.Zero(t, r.code, r.err)
		var sum tally
		require.NoError(t, json.Unmarshal([]byte(r.out), &sum))
		assert.Equal(t, 1+10+1+4, sum.Results.Records)
		text, err := os.ReadFile(out)
		require.NoError(t, err)
		for _, want := range []string{"ABC123-RI", "bad_checksum", "row-2", "1679576722", "1952378861", "1234329724"} {
			if suffix != ".xlsx" {
				assert.Contains(t, string(text), want, out)
			}
		}
	}
}

// A roster is reported beside its own columns, row by row; a claim's providers
// by where they are in the file.
func TestReportsPointIntoTheFile(t *testing.T) {
	out := filepath.Join(t.TempDir(), "report.csv")
	roster := filepath.Join(t.TempDir(), "roster.csv")
	require.NoError(t, os.WriteFile(roster, []byte("NPI,Last Name,Fee,Group NPI\n1851713903,DANWING,=1+1,1770626038\n1770626039,X,-5,\n"), 0o600))
	r := alone(t, "", roster, "testdata/files/stupidedi-ppo-repriced-claim.edi", "--out", out)
	require.Zero(t, r.code, r.err)
	assert.Contains(t, r.out, "roster.csv\trow-3\trejected\tindividual\t-\t1770626039\tbad_checksum", "several files are named")
	text, err := os.ReadFile(out)
	require.NoError(t, err)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(text), "\xef\xbb\xbf"))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1+3+4, string(text))
	assert.Equal(t, []string{"NPI", "Last Name", "Fee", "Group NPI", "file", "where", "record"}, rows[0][:7])
	assert.Equal(t, []string{"1851713903", "DANWING", "'=1+1", "1770626038", roster, "line 2", "row-2"}, rows[1][:7])
	assert.Equal(t, rows[1][:7], rows[2][:7], "the group's provider is beside the same row")
	assert.Contains(t, rows[2], "line 2, column 4")
	assert.Equal(t, []string{"1770626039", "X", "'-5", ""}, rows[3][:4])
	assert.Equal(t, []string{"", "", "", ""}, rows[4][:4])
	assert.Contains(t, strings.Join(rows[4], "|"), "NM109", "a claim's provider is named by its segment")
}

// A workbook, too, leaves nothing behind, and is reported beside its columns.
func TestCheckAWorkbook(t *testing.T) {
	f := excelize.NewFile()
	for i, row := range [][]any{{"Provider NPI", "Last Name", "Note"}, {"1851713903", "DANWING", "@home"}, {1770626039, "X", ""}} {
		require.NoError(t, f.SetSheetRow("Sheet1", fmt.Sprint("A", i+1), &row))
	}
	in, out := filepath.Join(t.TempDir(), "in.xlsx"), filepath.Join(t.TempDir(), "out.xlsx")
	require.NoError(t, f.SaveAs(in))
	require.NoError(t, f.Close())
	r := alone(t, "", in, "--out", out)
	require.Zero(t, r.code, r.err)
	back, err := excelize.OpenFile(out)
	require.NoError(t, err)
	defer back.Close()
	rows, err := back.GetRows("Roster 1")
	require.NoError(t, err)
	require.Len(t, rows, 3)
	assert.Equal(t, []string{"1851713903", "DANWING", "'@home", in, "line 2"}, rows[1][:5])
	assert.Equal(t, "1770626039", rows[2][0])
}

// More records than are waited for at once are reported all the same, each
// once and in their order.
func TestCheckMoreThanAChunk(t *testing.T) {
	var in strings.Builder
	for i := range chunk + 7 {
		fmt.Fprintf(&in, `{"id":"%d","providers":[{"role":"billing","npi":"1"}]}`+"\n", i)
	}
	out := filepath.Join(t.TempDir(), "out.ndjson")
	r := alone(t, in.String(), "-", "--offline", "--json", "--out", out)
	require.Zero(t, r.code, r.err)
	text, err := os.ReadFile(out)
	require.NoError(t, err)
	n := 0
	for line := range strings.Lines(string(text)) {
		require.Contains(t, line, fmt.Sprintf(`"record":"%d"`, n))
		n++
	}
	assert.Equal(t, chunk+7, n)
}

// A folder with files that cannot be read: the sound ones are checked, all
// others are said, and it is a failure.
func TestCheckAFolder(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.ndjson": `{"id":"typo","providers":[{"role":"billing","npi":"1770626039"}]}`, "b.txt": "Dear all,\nthe claims follow tomorrow.\n",
		"c.837": "", "d.bin": "\x00\x01\x02", "e.csv": "member,amount\n1,2\n", ".hidden": "x",
		"f/g.edi": "ISA*00*", "h.json": `{"resourceType":"Patient","id":"SECRETDOE"}`,
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	require.NoError(t, os.Symlink("nowhere", filepath.Join(dir, "i.ndjson")))
	r := alone(t, "", dir)
	assert.Equal(t, 1, r.code)
	assert.Contains(t, r.out, "a.ndjson\ttypo\trejected")
	assert.Contains(t, r.out, "1 records: 1 rejected")
	for _, name := range []string{"b.txt", "d.bin", "e.csv", "g.edi", "h.json", "i.ndjson: it cannot be read: no such file"} {
		assert.Contains(t, r.err, name)
	}
	assert.NotContains(t, r.err, "hidden")
	assert.NotContains(t, r.err, "SECRETDOE")
	assert.NotContains(t, r.err, "tomorrow")
}

// Nothing of a patient is printed or reported, whatever the file.
func TestCheckKeepsPatientsOut(t *testing.T) {
	for _, file := range patients {
		out := filepath.Join(t.TempDir(), "report.ndjson")
		r := alone(t, "", file.path, "--out", out)
		text, err := os.ReadFile(out)
		require.NoError(t, err)
		require.NotEmpty(t, text)
		for _, secret := range file.secrets {
			original, err := os.ReadFile(file.path)
			require.NoError(t, err)
			require.Contains(t, string(original), secret)
			assert.NotContains(t, string(text)+r.out+r.err, secret, file.path)
		}
	}
}

// patients are words of real files that are about patients.
var patients = []struct {
	path    string
	secrets []string
}{
	{"testdata/files/stupidedi-ppo-repriced-claim.edi", []string{"DIAMOND", "RING", "00124A089", "123 EXAMPLE DRIVE", "19401229", "0902352342", "25000"}},
	{"testdata/files/imsweb-x12_complex.txt", []string{"2330A1", "STEVEN", "19890916", "GR00786", "87200"}},
	{"testdata/files/bfd-ExplanationOfBenefit-Carrier.json", []string{"Patient/12345", "DOOPITY", "718-7", "2025-01-18"}},
}

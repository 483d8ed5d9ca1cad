package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/bench/nppesgen/corpus"
	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/internal/record"
)

// parsed are the answers that lookup --json printed.
func parsed(t testing.TB, out string) []answer {
	t.Helper()
	var all []answer
	for line := range strings.Lines(out) {
		var a answer
		require.NoError(t, json.Unmarshal([]byte(line), &a))
		all = append(all, a)
	}
	return all
}

func TestLookup(t *testing.T) {
	dir := imported(t)
	_, active := first(t, record.Active)
	_, stub := first(t, record.Deactivated)
	absent := corpus.NPI(of, corpus.MaxRows)

	one := command(t, "", "lookup", "--dir", dir, "--json", active.String())
	require.Zero(t, one.code, one.err)
	require.Len(t, parsed(t, one.out), 1)
	a := parsed(t, one.out)[0]
	assert.Equal(t, active.String(), a.NPI)
	assert.True(t, a.Valid && a.Found)
	assert.Equal(t, "A", a.Status)
	assert.Equal(t, record.Active, a.Evidence.Status)
	assert.Equal(t, record.FromLocal, a.Evidence.Source)
	assert.Equal(t, of.AsOf, a.Evidence.AsOf)
	assert.NotZero(t, a.Evidence.EnumerationDate)
	assert.NotEmpty(t, a.Name)
	assert.NotNil(t, a.Taxonomy)
	assert.NotNil(t, a.Address)

	several := command(t, "", "lookup", "--dir", dir, "--json", active.String(), stub.String(), absent.String(), "1234567890", "9234567893", "SMITH")
	assert.Equal(t, assembly.ExitFailed, several.code)
	assert.Equal(t, "npiflow: look up: 5 of 6 are not active\n", several.err)
	all := parsed(t, several.out)
	require.Len(t, all, 6)
	assert.Equal(t, "D", all[1].Status)
	assert.NotZero(t, all[1].Evidence.DeactivationDate)
	assert.True(t, all[2].Valid)
	assert.False(t, all[2].Found)
	assert.Equal(t, record.Absent, all[2].Evidence.Status)
	assert.Equal(t, of.AsOf, all[2].Evidence.AsOf, "not found, as of a day")
	assert.Equal(t, answer{NPI: "1234567890", Problem: "wrong check digit: mistyped"}, all[3])
	assert.Equal(t, answer{NPI: "9234567893", Problem: "begins with neither 1 nor 2"}, all[4])
	assert.Equal(t, 6, all[5].Item)
	assert.NotContains(t, several.out+several.err, "SMITH", "what is no NPI may be somebody's name")
}

func TestLookupTable(t *testing.T) {
	dir := imported(t)
	_, active := first(t, record.Active)
	_, stub := first(t, record.Deactivated)
	r := command(t, "", "lookup", "--dir", dir, active.String(), stub.String(), "12345")
	lines := strings.Split(strings.TrimSpace(r.out), "\n")
	require.Len(t, lines, 3)
	for _, line := range lines {
		assert.Len(t, strings.Split(line, "\t"), len(heads), "tab-separated, as many as there are heads")
	}
	assert.True(t, strings.HasPrefix(lines[0], active.String()+"\tactive\tNPI-"), lines[0])
	assert.Contains(t, lines[1], "\tdeactivated\t")
	assert.Contains(t, lines[1], "\tdeactivated 20", "the day in the notes")
	assert.True(t, strings.HasPrefix(lines[2], "(item 3)\tinvalid\t"), lines[2])
	assert.Len(t, widths, len(heads))
}

func TestLookupTableOnATerminal(t *testing.T) {
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	print := printer(w, false, true)
	require.NoError(t, print(&answer{NPI: "1234567893", Valid: true, Problem: "x\x1b[31m\u202ey"}))
	require.NoError(t, print(&answer{Item: 2, Problem: "z"}))
	require.NoError(t, w.Flush())
	lines := strings.Split(b.String(), "\n")
	assert.True(t, strings.HasPrefix(lines[0], "NPI         STATUS       TYPE   NAME"), lines[0])
	assert.True(t, strings.HasSuffix(lines[1], "x[31my"), "nothing that a terminal would obey: %q", lines[1])
	assert.Equal(t, strings.Index(lines[0], "NOTE"), strings.Index(lines[2], "z"), "aligned")
	assert.Equal(t, "MONT…", assembly.Fit("MONTRÉAL", 5))
	assert.Equal(t, "É  ", assembly.Fit("É", 3))
}

func TestLookupFromStandardInput(t *testing.T) {
	dir := imported(t)
	var want []string
	for i := range of.Rows {
		if corpus.Status(of, i) == record.Active {
			want = append(want, corpus.NPI(of, i).String())
		}
	}
	in := "\n  " + want[0] + " , " + want[1] + ",," + want[2] + "\r\n" + strings.Join(want[3:], "\n") // no line end at the end
	for _, args := range [][]string{{}, {"-"}} {
		r := command(t, in, append([]string{"lookup", "--dir", dir, "--json"}, args...)...)
		require.Zero(t, r.code, r.err)
		var got []string
		for _, a := range parsed(t, r.out) {
			got = append(got, a.NPI)
		}
		require.Equal(t, want, got, "in the order given")
	}
	assert.Equal(t, assembly.ExitUsage, command(t, " \n,\n", "lookup", "--dir", dir).code, "nothing was asked")
	long := command(t, strings.Repeat("1", 1<<20)+"\n"+want[0], "lookup", "--dir", dir)
	assert.Equal(t, assembly.ExitFailed, long.code)
	assert.Contains(t, long.err, "1 of 2 are not active")
}

// A list of any length is worked as it comes: each answer can be read before
// the next question is asked.
func TestLookupStreams(t *testing.T) {
	dir := imported(t)
	_, npi := first(t, record.Active)
	questions, ask := io.Pipe()
	answers, tell := io.Pipe()
	done := make(chan int, 1)
	go func() {
		done <- run(t.Context(), []string{"lookup", "--dir", dir}, questions, tell, io.Discard)
		_ = tell.Close()
	}()
	lines := bufio.NewReader(answers)
	for range 100 {
		_, err := fmt.Fprintln(ask, npi)
		require.NoError(t, err)
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(line, npi.String()+"\tactive\t"), line)
	}
	require.NoError(t, ask.Close())
	_, err := lines.ReadByte()
	require.ErrorIs(t, err, io.EOF)
	assert.Zero(t, <-done)
}

func TestLookupWithoutAMonthlyFile(t *testing.T) {
	dir := t.TempDir()
	fine(t, "import", "--dir", dir, "--sample", deactivations(t))
	_, active := first(t, record.Active)
	_, stub := first(t, record.Deactivated)
	r := command(t, "", "lookup", "--dir", dir, "--json", active.String(), stub.String())
	assert.Equal(t, assembly.ExitFailed, r.code)
	all := parsed(t, r.out)
	assert.Equal(t, answer{NPI: active.String(), Valid: true, Problem: "not known: no monthly file was imported"}, all[0],
		"who is in no file at hand is not said to be absent")
	assert.Equal(t, record.Deactivated, all[1].Evidence.Status)
	assert.Equal(t, record.FromDeactivations, all[1].Evidence.Source)
}

func TestLookupTellsExcludedAndStale(t *testing.T) {
	const list = "LASTNAME,FIRSTNAME,MIDNAME,BUSNAME,GENERAL,SPECIALTY,UPIN,NPI,DOB,ADDRESS,CITY,STATE,ZIP,EXCLTYPE,EXCLDATE,REINDATE,WAIVERDATE,WVRSTATE\n" +
		`"","","","SOME PRACTICE","OTHER BUSINESS","","","1669586954","","1 MAIN ST","TROY","OH","45373","1128a1","20200319","00000000","00000000",""` + "\n"
	dir := t.TempDir()
	rows, err := os.ReadFile("testdata/npidata_2018.csv")
	require.NoError(t, err)
	fine(t, "import", "--dir", dir, "--sample", written(t, "npidata_pfile_20050523-20180311.csv", string(rows)), written(t, "UPDATED.csv", list))
	args := []string{"lookup", "--dir", dir, "1669586954", "1932315942"}
	all := parsed(t, fine(t, append(args, "--json")...))
	require.NotNil(t, all[0].Evidence.Excluded)
	assert.Equal(t, record.Date(20200319), all[0].Evidence.Excluded.Date)
	assert.Nil(t, all[1].Evidence.Excluded)
	assert.Equal(t, "DR. M. K. ONIFADE INTERNAL MEDICINE PRACTICE LLC", all[1].Name)
	assert.True(t, all[0].Evidence.Stale && all[1].Evidence.Stale, "rows of 2018")
	assert.Contains(t, fine(t, args...), "excluded 2020-03-19 (1128a1), older than enrich.local.max_age")
	t.Setenv("NPIFLOW_ENRICH_LOCAL_MAX_AGE", "876000h") // a century
	assert.NotContains(t, fine(t, args...), "max_age")
}

func TestLookupWithoutARegistry(t *testing.T) {
	r := command(t, "", "lookup", "--dir", t.TempDir(), "1932315942")
	assert.Equal(t, assembly.ExitFailed, r.code)
	assert.Contains(t, r.err, "run `registry import`")
}

func FuzzNext(f *testing.F) {
	for _, seed := range []string{"", "1234567893", "1,2\n3 4", "\r\n,\t", strings.Repeat("9", 100)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		in := bufio.NewReader(strings.NewReader(text))
		var got []string
		for {
			one, err := next(in)
			if one != "" {
				got = append(got, one)
			}
			if err != nil {
				break
			}
		}
		want := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n,", r) })
		require.Len(t, got, len(want))
		for i := range got {
			require.Equal(t, want[i][:min(len(want[i]), longestText)], got[i])
		}
	})
}

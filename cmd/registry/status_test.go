package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/bench/nppesgen/corpus"
	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/internal/enrich/local"
)

func statusOf(t testing.TB, r ran) status {
	t.Helper()
	var st status
	require.NoError(t, json.Unmarshal([]byte(r.out), &st), r.err)
	return st
}

func TestStatus(t *testing.T) {
	dir := imported(t, "--search", deactivations(t))
	r := command(t, "", "status", "--dir", dir, "--json", "--verify")
	require.Zero(t, r.code, r.err)
	st := statusOf(t, r)
	assert.Equal(t, stateUsable, st.State)
	assert.True(t, st.Verified)
	assert.Positive(t, st.Bytes)
	require.NotNil(t, st.Manifest)
	assert.True(t, st.Manifest.Search)
	assert.Len(t, st.Manifest.Files, 2)
	assert.Equal(t, of.Rows, st.Manifest.Providers.Total())

	text := fine(t, "status", "--dir", dir, "--verify")
	for _, want := range []string{
		"registry: usable, in " + dir, "with search indexes", "providers: 1,000 as of 2026-11-08: ",
		"deactivation report: ", " as of 2026-11-09", "exclusion list: none was imported", "taxonomy list: none was imported",
		"file: " + corpus.MonthlyName(of) + ", full of 2026-11-08, 1,000 rows, imported ", "verified: ",
	} {
		assert.Contains(t, text, want)
	}
}

func TestStatusOfNone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "registry")
	for _, args := range [][]string{{"status", "--dir", dir, "--json"}, {"status", "--dir", dir, "--json", "--verify"}} {
		r := command(t, "", args...)
		assert.Equal(t, assembly.ExitFailed, r.code)
		assert.Equal(t, stateNone, statusOf(t, r).State)
		assert.Contains(t, r.err, "run `registry import`")
	}
	r := command(t, "", "status", "--dir", dir)
	assert.Equal(t, "registry: none, in "+dir+", 0 bytes\n", r.out)
	assert.NoDirExists(t, dir, "asking makes nothing")
}

func TestStatusOfADamagedOne(t *testing.T) {
	dir := imported(t)
	spoil(t, dir)
	r := command(t, "", "status", "--dir", dir, "--json", "--verify")
	assert.Equal(t, assembly.ExitFailed, r.code)
	st := statusOf(t, r)
	assert.Equal(t, stateDamaged, st.State)
	assert.False(t, st.Verified)
	assert.Contains(t, st.Problem, "import the monthly file again")
	assert.Equal(t, "npiflow: "+st.Problem+"\n", r.err)

	fine(t, "import", "--dir", dir, "--sample", monthly(t, of))
	fine(t, "status", "--dir", dir, "--verify")
}

// spoil changes one byte in the middle of the largest file of the build that
// answers: some provider's.
func spoil(t testing.TB, dir string) {
	t.Helper()
	build := filepath.Join(dir, strings.TrimSpace(answering(dir)))
	largest, most := "", int64(0)
	for _, name := range entries(t, build) {
		info, err := os.Stat(filepath.Join(build, name))
		require.NoError(t, err)
		if !info.IsDir() && info.Size() > most {
			largest, most = filepath.Join(build, name), info.Size()
		}
	}
	b, err := os.ReadFile(largest)
	require.NoError(t, err)
	b[len(b)/2] ^= 0x55
	require.NoError(t, os.WriteFile(largest, b, 0o600))
}

func TestOverdue(t *testing.T) {
	m := local.Manifest{Providers: local.Providers{AsOf: 20261108}, Deactivations: local.List{AsOf: 20261109, Rows: 1}}
	at := func(day int) time.Time { return time.Date(2026, 11, 8+day, 12, 0, 0, 0, time.UTC) }
	const month = 30 * 24 * time.Hour
	assert.Empty(t, overdue(m, month, at(14)))
	assert.NotNil(t, overdue(m, month, at(14)), "an empty list in JSON")
	late := overdue(m, month, at(20))
	require.Len(t, late, 1)
	assert.Contains(t, late[0], "weekly files")
	late = overdue(m, month, at(60))
	require.Len(t, late, 3)
	assert.Contains(t, late[1], "Deactivated_NPI_Report")
	assert.Equal(t, "providers: older than enrich.local.max_age (720h0m0s); workers ask the live API first", late[2])
}

package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/enrich/local"
	"github.com/npiflow/npiflow/internal/enrich/local/bulk"
	"github.com/npiflow/npiflow/testdata/demo"
)

const fiveWeeks = 840 * time.Hour

// sampleRegistry imports the demonstration's files as of now, and gives its
// folder.
func sampleRegistry(t *testing.T, now time.Time) string {
	t.Helper()
	dir := t.TempDir()
	paths, err := demo.WriteBulk(dir, now)
	require.NoError(t, err)
	files, err := bulk.Recognize(paths...)
	require.NoError(t, err)
	to := filepath.Join(dir, "registry")
	_, err = local.Import(t.Context(), to, files, local.Options{Sample: true})
	require.NoError(t, err)
	return to
}

// damage empties every file of the build.
func damage(t *testing.T, dir string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "CURRENT" {
			return err
		}
		return os.Truncate(path, 0)
	}))
}

func TestDoctorOnTheLocalRegistry(t *testing.T) {
	now := time.Now()
	at := func(dir string, now time.Time) []line {
		return localRegistry(config.Local{Dir: dir, MaxAge: fiveWeeks}, now)
	}

	assert.Contains(t, at("", now)[0].Detail, "off")
	none := filepath.Join(t.TempDir(), "none")
	l := at(none, now)
	assert.Equal(t, stateOK, l[0].State, "a worker can do without")
	assert.Contains(t, l[0].Detail, "registry import")
	assert.NoDirExists(t, none, "the doctor makes nothing")

	dir := sampleRegistry(t, now)
	l = at(dir, now)
	require.Len(t, l, 3)
	assert.Equal(t, stateOK, l[0].State)
	assert.Contains(t, l[0].Detail, "110 providers as of")
	assert.Equal(t, stateWarn, l[1].State)
	assert.Contains(t, l[1].Detail, "its deactivation report is of")
	assert.Equal(t, stateOK, l[2].State)
	assert.Contains(t, l[2].Detail, "2 NPIs")

	l = at(dir, now.Add(fiveWeeks+8*24*time.Hour))
	require.Len(t, l, 4)
	assert.Contains(t, l[1].Detail, "its providers are of")
	assert.Contains(t, l[1].Do, "monthly file")
	assert.Equal(t, stateWarn, l[3].State)
	assert.Contains(t, l[3].Do, "UPDATED.csv")

	damage(t, dir)
	l = at(dir, now)
	require.Len(t, l, 1)
	assert.Equal(t, stateFail, l[0].State)
	assert.Contains(t, l[0].Do, "registry import")
}

func TestNoExclusionList(t *testing.T) {
	l := imported(local.Manifest{Providers: local.Providers{AsOf: 2026_11_01, Individuals: 1}}, config.Local{MaxAge: fiveWeeks}, time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC))
	require.Len(t, l, 2)
	assert.Contains(t, l[1].Detail, "nobody is flagged")
}

// The local registry is told of in readiness, and is never against it.
func TestReadinessTellsOfTheLocalRegistry(t *testing.T) {
	now := time.Now()
	assert.Contains(t, localLine(nil, fiveWeeks, now).Detail, "off")
	lineOf := func(dir string, now time.Time) string {
		r := local.NewRegistry(dir, zerolog.Nop(), prometheus.NewRegistry(), nil)
		defer func() { require.NoError(t, r.Close()) }()
		l := localLine(r, fiveWeeks, now)
		assert.True(t, l.OK)
		return l.Detail
	}
	dir := sampleRegistry(t, now)
	assert.Contains(t, lineOf(t.TempDir(), now), "none is imported")
	assert.Contains(t, lineOf(dir, now), "110 providers as of")
	assert.NotContains(t, lineOf(dir, now), "max_age")
	assert.Contains(t, lineOf(dir, now.Add(fiveWeeks+8*24*time.Hour)), "the live API is asked first")
	damage(t, dir)
	assert.Contains(t, lineOf(dir, now), "damaged")
}

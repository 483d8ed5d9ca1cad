package local

import (
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/bench/nppesgen/corpus"
	"github.com/npiflow/npiflow/internal/record"
)

func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	require.Eventually(t, holds, 20*time.Second, 5*time.Millisecond, what)
}

// A registry goes over to each new build while it answers, and no lookup
// fails or finds less than there was.
func TestSwitchWhileAnswering(t *testing.T) {
	full, _ := monthly(t, of)
	first, _ := weekly(t, 20261109)
	second, _ := weekly(t, 20261116)
	dir := t.TempDir()
	var switches atomic.Int32
	reg := prometheus.NewRegistry()
	r := NewRegistry(dir, zerolog.Nop(), reg, func() { switches.Add(1) })
	defer func() { assert.NoError(t, r.Close()) }()
	assert.False(t, r.State().Usable)
	assert.Contains(t, r.State().Detail, "none is imported")
	e, err := r.Lookup(corpus.NPI(of, 0))
	require.NoError(t, err)
	assert.Nil(t, e)

	must(t, dir, full)
	until(t, "the first build answers", func() bool { return r.State().Usable })
	stop := make(chan struct{})
	var asking sync.WaitGroup
	var asked atomic.Int64
	for g := range 3 {
		asking.Go(func() {
			for i := g; ; i = (i + 1) % of.Rows {
				select {
				case <-stop:
					return
				default:
				}
				e, err := r.Lookup(corpus.NPI(of, i))
				if !assert.NoError(t, err) || !assert.NotNil(t, e, "row %d", i) {
					return
				}
				asked.Add(1)
			}
		})
	}
	for _, path := range []string{first, second} {
		before := r.State().Manifest.Providers.AsOf
		s := must(t, dir, path)
		until(t, "the next build answers", func() bool { return r.State().Manifest.Providers.AsOf == s.Manifest.Providers.AsOf })
		assert.Greater(t, r.State().Manifest.Providers.AsOf, before)
	}
	close(stop)
	asking.Wait()
	assert.NotZero(t, asked.Load())
	until(t, "each switch was told", func() bool { return switches.Load() == 3 })
	assert.InDelta(t, 1, value(t, reg, "npiflow_registry_usable"), 0)
}

func value(t *testing.T, reg *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := reg.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}

// A build that turns out damaged is not used again, and says what to do; the
// next import is.
func TestRegistryOnADamagedBuild(t *testing.T) {
	full, _ := monthly(t, of)
	t.Run("found while it answers", func(t *testing.T) {
		dir := t.TempDir()
		must(t, dir, full)
		name, err := current(dir)
		require.NoError(t, err)
		shelves, _ := filepath.Glob(filepath.Join(dir, name, "providers-*"))
		for _, path := range shelves {
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			for at := 10; at < len(b); at += 40 {
				b[at] ^= 1
			}
			require.NoError(t, os.WriteFile(path, b, 0o600))
		}
		r := NewRegistry(dir, zerolog.Nop(), nil, nil)
		defer func() { assert.NoError(t, r.Close()) }()
		require.True(t, r.State().Usable, "a changed byte shows only when it is read")
		var failed error
		for i := 0; failed == nil && i < of.Rows; i++ {
			_, failed = r.Lookup(corpus.NPI(of, i))
		}
		var corrupt *CorruptError
		require.ErrorAs(t, failed, &corrupt)
		s := r.State()
		assert.False(t, s.Usable)
		assert.True(t, s.Damaged)
		assert.Contains(t, s.Detail, "import the monthly file again")
		e, err := r.Lookup(corpus.NPI(of, 0))
		assert.NoError(t, err, "asked again it only knows nothing")
		assert.Nil(t, e)

		must(t, dir, full)
		until(t, "the new build answers", func() bool { return r.State().Usable })
	})
	t.Run("found when it is opened", func(t *testing.T) {
		dir := t.TempDir()
		must(t, dir, full)
		name, _ := current(dir)
		shelves, _ := filepath.Glob(filepath.Join(dir, name, "providers-*"))
		require.NoError(t, os.Truncate(shelves[0], 3))
		r := NewRegistry(dir, zerolog.Nop(), nil, nil)
		defer func() { assert.NoError(t, r.Close()) }()
		assert.True(t, r.State().Damaged)
		assert.Contains(t, r.State().Detail, "import the monthly file again")
		must(t, dir, full)
		until(t, "the new build answers", func() bool { return r.State().Usable })
	})
	t.Run("CURRENT makes no sense", func(t *testing.T) {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, currentFile), []byte("../../etc"), 0o600))
		r := NewRegistry(dir, zerolog.Nop(), nil, nil)
		defer func() { assert.NoError(t, r.Close()) }()
		assert.True(t, r.State().Damaged)
	})
}

// A build that somebody reads is not deleted under them.
func TestReadersKeepTheirBuild(t *testing.T) {
	full, _ := monthly(t, of)
	first, _ := weekly(t, 20261109)
	dir := t.TempDir()
	must(t, dir, full)
	old, err := Open(dir)
	require.NoError(t, err)
	must(t, dir, first)
	assert.Len(t, builds(t, dir), 2)
	require.NoError(t, old.Verify(t.Context()))
	require.NoError(t, old.Close())
	second, _ := weekly(t, 20261116)
	must(t, dir, second)
	assert.Len(t, builds(t, dir), 1)
}

func TestOverdue(t *testing.T) {
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	m := Manifest{Providers: Providers{AsOf: 20261108}, Deactivations: List{AsOf: 20261012, At: now}, Exclusions: List{Rows: 1, At: now}}
	assert.Empty(t, m.Overdue(now))
	assert.Empty(t, Manifest{}.Overdue(now))
	m = Manifest{Providers: Providers{AsOf: record.Date(20261001)}, Deactivations: List{AsOf: 20260901}, Exclusions: List{Rows: 1, At: now.AddDate(0, -2, 0)}}
	assert.Len(t, m.Overdue(now), 3)
}

package main

import (
	"bytes"
	"flag"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/bench/nppesgen/corpus"
	"github.com/npiflow/npiflow/internal/enrich/local"
	"github.com/npiflow/npiflow/internal/record"
)

var (
	killSeed = flag.Uint64("killseed", 0, "seed of the kill test; 0 draws one")
	kills    = flag.Int("kills", 20, "how often the kill test kills an import")
)

// TestKill kills an import at a random moment, again and again. Whatever the
// moment, one registry answers whole: the old one, or the new one if the kill
// came after it had taken the place; and the next import leaves one build.
func TestKill(t *testing.T) {
	seed, rounds := *killSeed, *kills
	if seed == 0 {
		seed = rand.Uint64()
	}
	if testing.Short() {
		rounds = 5
	}
	t.Logf("repeat with -killseed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	bigger, big := bigMonthly(t)
	k := killing{binary: built(t), old: imported(t), small: weekly(t, monday), big: big}
	k.before = k.remember(t, k.old, of)
	k.fresh(t)
	start := time.Now()
	require.NoError(t, k.start(t).Wait())
	took := time.Since(start)
	k.after = k.remember(t, k.dir, bigger)
	switched := 0
	for range rounds {
		if k.once(t, time.Duration(random.Int64N(int64(took)*11/10))) {
			switched++
		}
	}
	t.Logf("%d kills within %s; the new registry answered after %d", rounds, took, switched)
}

// bigMonthly gives a file whose import takes long enough to be killed in, made
// once; smaller for -short, because the race detector makes rows slowly.
func bigMonthly(t testing.TB) (corpus.Options, string) {
	t.Helper()
	o := of
	o.Rows, o.Seed = 60_000, 8
	if testing.Short() {
		o.Rows = 20_000
	}
	path := filepath.Join(binaries, corpus.MonthlyName(o))
	if _, err := os.Stat(path); err != nil {
		require.NoError(t, os.Rename(monthly(t, o), path))
	}
	return o, path
}

// killing is one run of the kill test.
type killing struct {
	binary, old, small, big string
	dir                     string // of the registry that is killed at
	before, after           *memory
}

// memory is all that a registry must say.
type memory struct {
	of       corpus.Options
	manifest local.Manifest
	entries  map[record.NPI]*record.Entry
}

// remember keeps what a whole registry says: of every provider, or of
// some thousands of a large one.
func (k *killing) remember(t testing.TB, dir string, o corpus.Options) *memory {
	t.Helper()
	s, err := local.Open(dir)
	require.NoError(t, err)
	defer s.Close()
	m := &memory{o, s.Manifest(), map[record.NPI]*record.Entry{}}
	for i := 0; i < o.Rows; i += 1 + o.Rows/5000 {
		npi := corpus.NPI(o, i)
		m.entries[npi] = lookedUp(t, s, npi)
		require.NotNil(t, m.entries[npi])
		require.Equal(t, corpus.Status(o, i), m.entries[npi].Evidence.Status)
	}
	return m
}

func lookedUp(t testing.TB, s *local.Store, npi record.NPI) *record.Entry {
	e, err := s.Lookup(npi)
	require.NoError(t, err)
	if e != nil {
		e.Evidence.FetchedAt = time.Time{}
	}
	return e
}

// fresh makes a folder with the old registry.
func (k *killing) fresh(t testing.TB) {
	t.Helper()
	k.dir = filepath.Join(t.TempDir(), "registry")
	require.NoError(t, os.CopyFS(k.dir, os.DirFS(k.old)))
}

// start begins the import of the bigger file in a process of its own.
func (k *killing) start(t testing.TB) *exec.Cmd {
	t.Helper()
	c := exec.Command(k.binary, "import", "--sample", "--search", "--dir", k.dir, k.big)
	require.NoError(t, c.Start())
	return c
}

// once kills after a time and reports whether the new registry answers.
func (k *killing) once(t testing.TB, after time.Duration) (switched bool) {
	t.Helper()
	k.fresh(t)
	c := k.start(t)
	kill := time.AfterFunc(after, func() { _ = c.Process.Kill() })
	_ = c.Wait() // killed, or done before
	kill.Stop()

	switched = k.whole(t, after)
	out, err := exec.Command(k.binary, "import", "--sample", "--dir", k.dir, k.small).CombinedOutput()
	require.NoError(t, err, "killed after %s: %s", after, out)
	name := strings.TrimSpace(answering(k.dir))
	assert.Equal(t, []string{"CURRENT", "IMPORT", name}, entries(t, k.dir), "killed after %s", after)
	return switched
}

// whole requires that one registry answers, and all of it.
func (k *killing) whole(t testing.TB, after time.Duration) (switched bool) {
	t.Helper()
	s, err := local.Open(k.dir)
	require.NoError(t, err, "killed after %s", after)
	defer s.Close()
	want := k.before
	if s.Manifest().Providers.Total() != k.before.manifest.Providers.Total() {
		want, switched = k.after, true
	}
	got := s.Manifest()
	if switched { // it was built at another time
		got.Built = want.manifest.Built
		for i := range got.Files {
			got.Files[i].At = want.manifest.Files[i].At
		}
	}
	require.Equal(t, want.manifest, got, "killed after %s", after)
	require.NoError(t, s.Verify(t.Context()), "killed after %s", after)
	for npi, e := range want.entries {
		require.Equal(t, e, lookedUp(t, s, npi), "killed after %s", after)
	}
	out, err := exec.Command(k.binary, "lookup", "--dir", k.dir, active(want).String()).CombinedOutput()
	require.NoError(t, err, "killed after %s: %s", after, out)
	return switched
}

func active(m *memory) record.NPI {
	for npi, e := range m.entries {
		if e.Evidence.Status == record.Active {
			return npi
		}
	}
	return 0
}

// The real command stops at SIGTERM, and that is no failure.
func TestServeStopsAtSIGTERM(t *testing.T) {
	var log journal
	c := exec.CommandContext(t.Context(), built(t), "serve", "--dir", t.TempDir(), "--addr", "127.0.0.1:0")
	c.Stderr = &log
	require.NoError(t, c.Start())
	require.Eventually(t, func() bool { return strings.Contains(log.String(), "stop with Ctrl-C") }, 20*time.Second, 10*time.Millisecond)
	require.NoError(t, c.Process.Signal(syscall.SIGTERM))
	require.NoError(t, c.Wait(), log.String())
}

// An import that is told to stop by a signal changes nothing, and says so.
func TestImportStopsAtSIGINT(t *testing.T) {
	dir := imported(t)
	before := answering(dir)
	_, big := bigMonthly(t)
	var log bytes.Buffer
	c := exec.CommandContext(t.Context(), built(t), "import", "--sample", "--dir", dir, big)
	c.Stderr = &log
	require.NoError(t, c.Start())
	require.Eventually(t, func() bool { return len(entries(t, dir)) > 3 }, 20*time.Second, time.Millisecond)
	require.NoError(t, c.Process.Signal(os.Interrupt))
	require.Error(t, c.Wait())
	assert.Equal(t, 1, c.ProcessState.ExitCode())
	assert.Equal(t, "npiflow: import: stopped; nothing was changed\n", log.String())
	assert.Equal(t, before, answering(dir))
	assert.Equal(t, []string{"CURRENT", "IMPORT", strings.TrimSpace(before)}, entries(t, dir))
}

package local

import (
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/bench/nppesgen/corpus"
	"github.com/npiflow/npiflow/internal/enrich/local/bulk"
	"github.com/npiflow/npiflow/internal/record"
)

// failing is a disk whose n-th change fails.
type failing struct {
	n     int64
	err   error
	count atomic.Int64
	hit   atomic.Bool
}

// due reports whether this is the change that fails.
func (f *failing) due(op errorfs.Op) bool {
	if op.Kind.ReadOrWrite() == errorfs.OpIsRead || f.count.Add(1) != f.n {
		return false
	}
	f.hit.Store(true)
	return true
}

func (f *failing) String() string { return "the n-th change" }

func (f *failing) MaybeError(op errorfs.Op) error {
	if f.due(op) {
		return f.err
	}
	return nil
}

// Every change of the disk fails once. Whatever fails, there is a whole
// registry afterwards: the old one, or, where the failure came after the
// switch, the new one.
func TestEveryChangeFails(t *testing.T) {
	small := corpus.Options{Rows: 300, Seed: 7, AsOf: 20261108}
	old, _ := monthly(t, small)
	next := small
	next.AsOf, next.Rows = 20261213, 400
	path, _ := monthly(t, next)
	files, err := bulk.Recognize(path)
	require.NoError(t, err)
	step := int64(5)
	if testing.Short() {
		step = 23
	}
	there := t.TempDir()
	must(t, there, old)
	failed := 0
	for n := int64(1); ; n += step {
		dir := t.TempDir()
		require.NoError(t, os.CopyFS(dir, os.DirFS(there)))
		disk := &failing{n: n, err: &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}}
		_, err := Import(t.Context(), dir, files, Options{Sample: true, files: errorfs.Wrap(vfs.Default, disk)})
		if !disk.hit.Load() {
			require.NoError(t, err)
			break
		}
		if err != nil {
			failed++
			assert.ErrorContains(t, err, "the disk is full", "change %d", n)
		}
		st, openErr := Open(dir)
		require.NoError(t, openErr, "change %d: %v", n, err)
		require.NoError(t, st.Verify(t.Context()), "change %d: %v", n, err)
		total := st.Manifest().Providers.Total()
		assert.Contains(t, []int{300, 400}, total, "change %d", n)
		if err == nil {
			assert.Equal(t, 400, total, "an import that says it is done is done")
		}
		for i := range 300 {
			e, err := st.Lookup(corpus.NPI(small, i))
			require.NoError(t, err)
			require.NotNil(t, e)
		}
		require.NoError(t, st.Close())
		if n%4 == 1 {
			must(t, dir, path)
			assert.Len(t, builds(t, dir), 1, "the next import sweeps what was left")
		}
	}
	t.Logf("%d changes failed", failed)
	assert.Greater(t, failed, 10)
}

func TestADamagedBuild(t *testing.T) {
	few := corpus.Options{Rows: 300, Seed: 7, AsOf: 20261108}
	full, _ := monthly(t, few)
	made := t.TempDir()
	must(t, made, full)
	var paths []string
	require.NoError(t, filepath.WalkDir(made, func(path string, d os.DirEntry, err error) error {
		if i, _ := d.Info(); err == nil && !d.IsDir() && i.Size() > 0 && d.Name() != importFile {
			rel, _ := filepath.Rel(made, path)
			if shelf, _ := filepath.Match("providers-*[1-9]", d.Name()); !shelf { // every tenth shelf stands for all
				paths = append(paths, rel)
			}
		}
		return err
	}))
	for _, damage := range []struct {
		name string
		do   func(t *testing.T, path string)
	}{
		{"removed", func(t *testing.T, path string) { require.NoError(t, os.Remove(path)) }},
		{"cut off", func(t *testing.T, path string) {
			i, err := os.Stat(path)
			require.NoError(t, err)
			require.NoError(t, os.Truncate(path, i.Size()/2))
		}},
		{"a changed byte", func(t *testing.T, path string) {
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			b[len(b)/3] ^= 0x55
			require.NoError(t, os.WriteFile(path, b, 0o600))
		}},
	} {
		t.Run(damage.name, func(t *testing.T) {
			found := 0
			for _, rel := range paths {
				dir := t.TempDir()
				require.NoError(t, os.CopyFS(dir, os.DirFS(made)))
				damage.do(t, filepath.Join(dir, rel))
				// Nothing false is said, whatever was damaged: the file was of no
				// account, or it is found out.
				st, err := Open(dir)
				if err == nil {
					err = st.Verify(t.Context())
					for i := 0; err == nil && i < few.Rows; i++ {
						var e *record.Entry
						if e, err = st.Lookup(corpus.NPI(few, i)); err == nil {
							assert.NotNil(t, e, rel)
						}
					}
					_ = st.Close()
				}
				if err != nil {
					found++
					var corrupt *CorruptError
					if !errors.Is(err, ErrNone) {
						assert.ErrorAs(t, err, &corrupt, rel)
						assert.ErrorContains(t, err, "import the monthly file again")
					}
				}
				if err != nil && found%3 == 0 {
					_, err = imported(t, dir, Options{}, full)
					require.NoError(t, err, "%s: a full file mends it", rel)
				}
			}
			assert.Greater(t, found, len(paths)/2)
		})
	}
}

func TestAWeeklyFileOnADamagedBuild(t *testing.T) {
	full, _ := monthly(t, of)
	first, _ := weekly(t, 20261109)
	dir := t.TempDir()
	must(t, dir, full)
	name, err := current(dir)
	require.NoError(t, err)
	shelves, err := filepath.Glob(filepath.Join(dir, name, "providers-*"))
	require.NoError(t, err)
	require.NoError(t, os.Truncate(shelves[3], 5))
	_, err = imported(t, dir, Options{}, first)
	require.ErrorContains(t, err, "import the monthly file together with it")
	_, err = imported(t, dir, Options{}, first, full)
	require.NoError(t, err)
	require.NoError(t, opened(t, dir).Verify(t.Context()))
}

// A weekly file on a build whose damage shows only when it is read: the import
// fails, and what can be read still answers.
func TestDamageFoundWhileMerging(t *testing.T) {
	full, _ := monthly(t, of)
	first, _ := weekly(t, 20261109)
	dir := t.TempDir()
	must(t, dir, full)
	name, err := current(dir)
	require.NoError(t, err)
	shelves, _ := filepath.Glob(filepath.Join(dir, name, "providers-*"))
	b, err := os.ReadFile(shelves[0])
	require.NoError(t, err)
	b[10] ^= 1
	require.NoError(t, os.WriteFile(shelves[0], b, 0o600))
	_, err = imported(t, dir, Options{}, first)
	var corrupt *CorruptError
	require.ErrorAs(t, err, &corrupt)
	after, _ := current(dir)
	assert.Equal(t, name, after)
}

package bulk

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

// outcomeOf recognizes and reads; the rows are what was handed over until an
// error.
func outcomeOf(t testing.TB, path string) (rows int, err error) {
	files, err := Recognize(path)
	if err != nil {
		return 0, err
	}
	r, err := files[0].Read(t.Context(), new(kept).sink(t))
	return r.Accepted, err
}

// A zip that was cut off anywhere is refused: nothing of it is taken for the
// whole.
func TestCutZip(t *testing.T) {
	whole := zipBytes(t, full(t)...)
	path := filepath.Join(t.TempDir(), "full.zip")
	for cut := 0; cut < len(whole); cut += 1 + len(whole)/400 {
		require.NoError(t, os.WriteFile(path, whole[:cut], 0o600))
		_, err := outcomeOf(t, path)
		require.Error(t, err, "cut at %d of %d", cut, len(whole))
	}
}

// A byte that changed on the way is found by the checksum of its member,
// whatever was handed over before.
func TestDamagedZip(t *testing.T) {
	const name = "npidata_pfile_20050523-20180107.csv"
	whole := zipBytes(t, member{name, sample(t, "npidata_2018.csv")})
	path := plain(t, "full.zip", string(whole))
	f := one(t, path)
	start := 30 + len(name) // behind the local header
	end := start + int(f.Bytes)
	for at := start; at < end; at += int(f.Bytes) / 50 {
		changed := append([]byte{}, whole...)
		changed[at] ^= 0x55
		require.NoError(t, os.WriteFile(path, changed, 0o600))
		_, err := f.Read(t.Context(), new(kept).sink(t))
		var damaged *DamagedError
		require.ErrorAs(t, err, &damaged, "changed at %d", at)
		require.Equal(t, "full.zip", damaged.File)
		require.Equal(t, name, damaged.Member)
		require.ErrorContains(t, err, "read full.zip: "+name+": damaged at line")
	}
}

// A plain table that was cut off within a row is damaged; between two rows
// nothing tells, and the rows before are sound.
func TestCutTable(t *testing.T) {
	text := sample(t, "npidata_2016.csv")
	path := filepath.Join(t.TempDir(), "npidata_pfile_20050523-20160110.csv")
	for cut := strings.IndexByte(text, '\n') + 2; cut < len(text); cut += 101 {
		require.NoError(t, os.WriteFile(path, []byte(text[:cut]), 0o600))
		rows, err := outcomeOf(t, path)
		whole := strings.Count(text[:cut], "\n") - 1
		if text[cut] == '\n' { // only the line end is missing
			whole++
		}
		if text[cut] == '\n' || text[cut-1] == '\n' {
			require.NoError(t, err)
			require.Equal(t, whole, rows)
			continue
		}
		var damaged *DamagedError
		require.ErrorAs(t, err, &damaged, "cut at %d", cut)
		require.Equal(t, filepath.Base(path), damaged.Member)
		require.Equal(t, whole+2, damaged.Line)
		require.Equal(t, whole, rows)
		require.ErrorContains(t, err, "download it again")
	}
}

func TestCutExclusions(t *testing.T) {
	text := sample(t, "leie.csv")
	head := text[:strings.IndexByte(text, '\n')+1]
	for name, text := range map[string]string{"header only": head, "cut off": text[:len(text)-30], "within quotes": text[:len(text)-4]} {
		t.Run(name, func(t *testing.T) {
			_, err := outcomeOf(t, plain(t, "UPDATED.csv", text))
			require.ErrorAs(t, err, new(*DamagedError))
			assert.ErrorContains(t, err, "read UPDATED.csv: damaged at line")
		})
	}
}

func TestReadStops(t *testing.T) {
	f := one(t, zipped(t, "full.zip", full(t)...))
	boom := errors.New("disk full")
	t.Run("at an error of the sink", func(t *testing.T) {
		rows := 0
		r, err := f.Read(t.Context(), Sink{Provider: func(*record.Entry) error {
			if rows++; rows == 7 {
				return boom
			}
			return nil
		}})
		assert.ErrorIs(t, err, boom)
		assert.Equal(t, 7, rows)
		assert.Equal(t, 6, r.Accepted)
	})
	t.Run("at the end of the context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := f.Read(ctx, new(kept).sink(t))
		assert.Equal(t, context.Canceled, err)
	})
	t.Run("between two tables", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var k kept
		s := k.sink(t)
		s.Location = func(record.NPI, *record.Address) error { cancel(); return nil }
		_, err := f.Read(ctx, s)
		assert.Equal(t, context.Canceled, err)
		assert.Empty(t, k.endpoints)
	})
	t.Run("where the file is gone", func(t *testing.T) {
		path := zipped(t, "full.zip", full(t)...)
		f := one(t, path)
		require.NoError(t, os.Remove(path))
		_, err := f.Read(t.Context(), new(kept).sink(t))
		assert.ErrorIs(t, err, os.ErrNotExist)
	})
}

// What nobody wants is not read, but counts as progress.
func TestReadSkips(t *testing.T) {
	f := one(t, zipped(t, "full.zip", full(t)...))
	var last int64
	r, err := f.Read(t.Context(), Sink{Progress: func(n int64) { last = n }})
	require.NoError(t, err)
	assert.Equal(t, &Report{Rejected: map[Reason]int{}}, r)
	assert.Equal(t, f.Bytes, last)
	names := 0
	r, err = f.Read(t.Context(), Sink{OtherName: func(record.NPI, *record.Name) error { names++; return nil }})
	require.NoError(t, err)
	assert.Equal(t, 9, names)
	assert.Equal(t, 9, r.ReferenceRows)
}

package local

import (
	"encoding/binary"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestShelf(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		issued := map[uint32][]byte{}
		w, err := createShelf(defaultFS, dir, 3)
		require.NoError(t, err)
		n := uint32(0)
		for range rapid.IntRange(1, 300).Draw(rt, "providers") {
			n += rapid.SampledFrom([]uint32{1, 2, 700, 1023, 1024, 1025, 90000}).Draw(rt, "step")
			value := rapid.SliceOfN(rapid.Byte(), 0, 50).Draw(rt, "value")
			require.NoError(t, w.add(n, value))
			issued[n] = value
		}
		require.NoError(t, w.close())
		s, err := openShelf(dir, 3, w.places)
		require.NoError(t, err)
		for n, want := range issued {
			i, ok := s.lookup(n)
			require.True(t, ok)
			got, err := s.value(nil, i)
			require.NoError(t, err)
			require.Equal(t, len(want), len(got))
			require.Equal(t, string(want), string(got))
			_, other := issued[n+1]
			_, ok = s.lookup(n + 1)
			require.Equal(t, other, ok)
		}
		seen := 0
		for c := s.first(); c.valid; c.next() {
			require.Equal(t, string(issued[c.n]), string(c.value))
			seen++
		}
		require.Equal(t, len(issued), seen)
		require.NoError(t, s.close())
	})
}

func TestEdgesOfAShelf(t *testing.T) {
	dir := t.TempDir()
	w, err := createShelf(defaultFS, dir, 0)
	require.NoError(t, err)
	require.NoError(t, w.add(0, []byte("first")))
	require.NoError(t, w.add(bucketSpan-1, []byte("last")))
	require.NoError(t, w.close())
	s, err := openShelf(dir, 0, w.places)
	require.NoError(t, err)
	defer func() { _ = s.close() }()
	for n, want := range map[uint32]string{0: "first", bucketSpan - 1: "last"} {
		i, ok := s.lookup(n)
		require.True(t, ok)
		got, err := s.value(nil, i)
		require.NoError(t, err)
		assert.Equal(t, want, string(got))
	}
	for _, n := range []uint32{1, 1024, bucketSpan / 2, bucketSpan - 2} {
		_, ok := s.lookup(n)
		assert.False(t, ok)
	}
	_, ok := (*shelf)(nil).lookup(0)
	assert.False(t, ok, "an empty bucket has no shelf")
}

// Every byte of a shelf is covered: a changed one is found when it is read, a
// changed directory or size when it is opened.
func TestADamagedShelf(t *testing.T) {
	dir := t.TempDir()
	w, err := createShelf(defaultFS, dir, 0)
	require.NoError(t, err)
	for n := range uint32(20) {
		require.NoError(t, w.add(n*1000, []byte{byte(n), 1, 2, 3}))
	}
	require.NoError(t, w.close())
	whole, err := os.ReadFile(shelfPath(dir, 0))
	require.NoError(t, err)
	for at := range whole {
		changed := append([]byte(nil), whole...)
		changed[at] ^= 0x10
		require.NoError(t, os.WriteFile(shelfPath(dir, 0), changed, 0o600))
		s, err := openShelf(dir, 0, w.places)
		require.NoError(t, err)
		bad := 0
		for i := range s.places {
			if _, err := s.value(nil, i); err != nil {
				bad++
			}
		}
		assert.Equal(t, 1, bad, "byte %d", at)
		require.NoError(t, s.close())
	}
	require.NoError(t, os.WriteFile(shelfPath(dir, 0), whole[:len(whole)-1], 0o600))
	_, err = openShelf(dir, 0, w.places)
	require.Error(t, err, "cut off")
	require.NoError(t, os.WriteFile(shelfPath(dir, 0), whole, 0o600))
	for name, places := range map[string][]byte{
		"cut off":      w.places[:len(w.places)-3],
		"a line less":  w.places[:len(w.places)-8],
		"out of order": append(append([]byte(nil), w.places[8:16]...), w.places[:8]...),
		"beyond":       binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(append([]byte(nil), w.places...), bucketSpan), 1<<20),
	} {
		_, err := openShelf(dir, 0, places)
		assert.Error(t, err, name)
	}
}

package bulk

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

// BenchmarkProviders reads the rows of the 2018 sample over and over: what a
// row takes without what the sink does with it. The plain file takes no
// inflating.
func BenchmarkProviders(b *testing.B) {
	sample, err := os.ReadFile("testdata/npidata_2018.csv")
	require.NoError(b, err)
	header, rows, _ := bytes.Cut(sample, []byte("\n"))
	const times = 400
	text := append(append(header, '\n'), bytes.Repeat(rows, times)...)
	plain := filepath.Join(b.TempDir(), "npidata_pfile_20050523-20180107.csv")
	require.NoError(b, os.WriteFile(plain, text, 0o600))
	zipped := filepath.Join(b.TempDir(), "full.zip")
	out, err := os.Create(zipped)
	require.NoError(b, err)
	z := zip.NewWriter(out)
	w, err := z.Create(filepath.Base(plain))
	require.NoError(b, err)
	_, err = w.Write(text)
	require.NoError(b, err)
	require.NoError(b, z.Close())
	require.NoError(b, out.Close())
	for _, path := range []string{plain, zipped} {
		b.Run(filepath.Ext(path)[1:], func(b *testing.B) { benchmarkRead(b, path, int64(len(text))) })
	}
}

func benchmarkRead(b *testing.B, path string, size int64) {
	files, err := Recognize(path)
	require.NoError(b, err)
	b.SetBytes(size)
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		r, err := files[0].Read(b.Context(), Sink{Provider: func(*record.Entry) error { return nil }})
		require.NoError(b, err)
		rows += r.Accepted
		require.Empty(b, r.Rejected, fmt.Sprint(r.Examples))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
}

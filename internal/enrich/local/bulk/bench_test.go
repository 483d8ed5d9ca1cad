package bulk

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/bench/nppesgen/corpus"
	"github.com/npiflow/npiflow/internal/record"
)

// BenchmarkProviders reads the main table of a generated month: what a row
// takes, without what a sink does with it. Unpacked there is nothing to
// inflate.
func BenchmarkProviders(b *testing.B) {
	o := corpus.Options{Rows: 50_000, Seed: 1}
	path := filepath.Join(b.TempDir(), corpus.MonthlyName(o))
	out, err := os.Create(path)
	require.NoError(b, err)
	census, err := corpus.Monthly(out, o, nil)
	require.NoError(b, err)
	require.NoError(b, out.Close())
	main, size := unpackMain(b, path)
	for name, path := range map[string]string{"csv": main, "zip": path} {
		b.Run(name, func(b *testing.B) {
			f := one(b, path)
			b.SetBytes(size)
			b.ReportAllocs()
			rows := 0
			for b.Loop() {
				r, err := f.Read(b.Context(), Sink{Provider: func(*record.Entry) error { return nil }})
				require.NoError(b, err)
				require.Equal(b, census.Rows, r.Accepted)
				rows += r.Rows
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
		})
	}
}

// unpackMain copies the main table of a zip into a file beside it.
func unpackMain(b *testing.B, path string) (string, int64) {
	z, err := zip.OpenReader(path)
	require.NoError(b, err)
	defer z.Close()
	for _, m := range z.File {
		if match := ofCMS.FindStringSubmatch(m.Name); match == nil || match[1] != "npidata" {
			continue
		}
		src, err := m.Open()
		require.NoError(b, err)
		to := filepath.Join(filepath.Dir(path), m.Name)
		out, err := os.Create(to)
		require.NoError(b, err)
		n, err := io.Copy(out, src)
		require.NoError(b, err)
		require.NoError(b, out.Close())
		return to, n
	}
	b.Fatal("no main table")
	return "", 0
}

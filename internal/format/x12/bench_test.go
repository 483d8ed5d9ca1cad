package x12

import (
	"io"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

// repeated gives the same bytes n times.
type repeated struct {
	data []byte
	at   int
	n    int
}

func (r *repeated) Read(b []byte) (int, error) {
	if r.at == len(r.data) {
		r.at = 0
		r.n--
	}
	if r.n <= 0 {
		return 0, io.EOF
	}
	n := copy(b, r.data[r.at:])
	r.at += n
	return n, nil
}

// A file of many interchanges with hundreds of claims each, 100 MB together.
func BenchmarkRead(b *testing.B) {
	data, err := os.ReadFile("testdata/837p/imsweb-x12_many_claims.txt")
	require.NoError(b, err)
	times := 100_000_000 / len(data)
	benchmark(b, data, times, 820*times)
}

// Claims with providers of their own, of whom each costs memory.
func BenchmarkReadProviders(b *testing.B) {
	data, err := os.ReadFile("testdata/837p/imsweb-x12_complex.txt")
	require.NoError(b, err)
	times := 20_000_000 / len(data)
	benchmark(b, data, times, 6*times)
}

func benchmark(b *testing.B, data []byte, times, claims int) {
	var before, after runtime.MemStats
	b.SetBytes(int64(len(data) * times))
	runtime.ReadMemStats(&before)
	n := 0
	for b.Loop() {
		err := Read(&repeated{data: data, n: times}, func(*record.Record) error { n++; return nil }, func(record.Fault) {})
		require.NoError(b, err)
	}
	runtime.ReadMemStats(&after)
	require.Equal(b, claims*b.N, n)
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(n), "allocs/claim")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(n), "B/claim")
	b.ReportMetric(0, "allocs/op")
}

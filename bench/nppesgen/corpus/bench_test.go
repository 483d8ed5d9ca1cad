package corpus

import (
	"io"
	"testing"
)

func BenchmarkRow(b *testing.B) {
	o := Options{Rows: 1_000_000, Seed: 1}
	m, row, total := newMaker(o), []byte(nil), 0
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		row = appendMain(row[:0], m.provider(i%o.Rows))
		total += len(row)
	}
	b.SetBytes(int64(total / b.N))
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkMonthly(b *testing.B) {
	o := Options{Rows: 20_000, Seed: 1}
	for b.Loop() {
		if _, err := Monthly(io.Discard, o, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*o.Rows)/b.Elapsed().Seconds(), "rows/s")
}

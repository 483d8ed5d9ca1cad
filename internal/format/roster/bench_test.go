package roster

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// rowsOf is a roster of many rows, as a payer would send it.
func rowsOf(rows int) []byte {
	var b bytes.Buffer
	b.WriteString("Last Name,First Name,MI,Degree,NPI,Group NPI,Practice Name,Tax ID,Taxonomy,Address Line 1,City,State,Zip,Phone,Effective Date,Term Date\r\n")
	for i := range rows {
		fmt.Fprintf(&b, "NARENDRAN,VIJAY,K,MD,12345%05d,1770626038,INOVA FAIRFAX HOSPITAL,54-1234567,207RC0000X,3300 GALLOWS RD,FALLS CHURCH,VA,22042-3307,(703) 776-4001,1/15/2024,12/31/9999\r\n", i%100000)
	}
	return b.Bytes()
}

func benchmark(b *testing.B, data []byte) {
	rows := 0
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		rows = 0
		require.NoError(b, Read(bytes.NewReader(data), nil, nil, func(*Row) error { rows++; return nil }, nil))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
}

func BenchmarkRead(b *testing.B) { benchmark(b, rowsOf(50_000)) }

func BenchmarkReadQuoted(b *testing.B) {
	data := strings.ReplaceAll(string(rowsOf(50_000)), ",", `","`)
	benchmark(b, []byte(`"`+strings.TrimSuffix(strings.ReplaceAll(data, "\r\n", "\"\r\n\""), `"`)))
}

func BenchmarkReadNPPES(b *testing.B) {
	data, err := os.ReadFile("testdata/hhs-nppes-first10.csv")
	require.NoError(b, err)
	header, rest, _ := bytes.Cut(data, []byte("\n"))
	benchmark(b, append(append(header, '\n'), bytes.Repeat(rest, 300)...))
}

// BenchmarkEncodingCSV is what cutting alone costs there.
func BenchmarkEncodingCSV(b *testing.B) {
	data := rowsOf(50_000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		r := csv.NewReader(bytes.NewReader(data))
		r.ReuseRecord = true
		for {
			if _, err := r.Read(); err == io.EOF {
				break
			}
		}
	}
}

package fhir

import (
	"bytes"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
)

// ndjson is n copies of a sample, one on each line.
func ndjson(t testing.TB, name string, n int) []byte {
	t.Helper()
	v := jsontext.Value(sample(t, name))
	require.NoError(t, v.Compact())
	return bytes.Repeat(append(v, '\n'), n)
}

func BenchmarkNDJSON(b *testing.B) {
	for _, name := range []string{"bfd-ExplanationOfBenefit-Carrier.json", "npd-fhir_practitioner.json", "inferno-c4bb_eob_inpatient_example.json"} {
		data := ndjson(b, name, 1000)
		b.Run(strings.TrimSuffix(name, ".json"), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				require.NoError(b, new(Batch).Add(bytes.NewReader(data)))
			}
		})
	}
}

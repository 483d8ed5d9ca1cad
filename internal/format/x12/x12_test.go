package x12

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// found is what a reading gave, kept for a test.
type found struct {
	records []*record.Record
	faults  []record.Fault
	err     error
}

func reading(data []byte) (f found) {
	f.err = Read(bytes.NewReader(data), func(r *record.Record) error {
		f.records = append(f.records, r)
		return nil
	}, func(x record.Fault) { f.faults = append(f.faults, x) })
	return f
}

func (f *found) lost() (n int) {
	for _, x := range f.faults {
		if x.Lost {
			n++
		}
	}
	return n
}

// golden is a reading as NDJSON: records, then faults, then the error.
func (f *found) golden(t *testing.T) []byte {
	var b bytes.Buffer
	line := func(v any) {
		data, err := json.Marshal(v, json.Deterministic(true), json.OmitZeroStructFields(true), jsontext.EscapeForHTML(false))
		require.NoError(t, err)
		b.Write(append(data, '\n'))
	}
	for _, r := range f.records {
		line(struct {
			ID, Type, Place string
			From, To        record.Date
		}{r.ID, string(r.ClaimType), r.Place, r.ServiceFrom, r.ServiceTo})
		for _, m := range r.Mentions {
			b.WriteString("  ")
			line(m)
		}
	}
	for _, x := range f.faults {
		line(struct{ Fault record.Fault }{x})
	}
	if f.err != nil {
		line(struct{ Error string }{f.err.Error()})
	}
	return b.Bytes()
}

// samples are the files of testdata, by path.
func samples(t testing.TB) map[string][]byte {
	all := map[string][]byte{}
	paths, err := filepath.Glob("testdata/*/*")
	require.NoError(t, err)
	for _, path := range paths {
		if strings.HasSuffix(path, ".golden") || strings.HasPrefix(path, "testdata/fuzz") {
			continue
		}
		all[path], err = os.ReadFile(path)
		require.NoError(t, err)
	}
	require.Len(t, all, 29)
	return all
}

func TestSamples(t *testing.T) {
	for path, data := range samples(t) {
		t.Run(path, func(t *testing.T) {
			f := reading(data)
			if len(f.records) > 100 {
				assert.Len(t, f.records, 820) // many_claims: the same few claims again and again
				assert.Zero(t, f.lost())
				return
			}
			got := f.golden(t)
			if *update {
				require.NoError(t, os.WriteFile(path+".golden", got, 0o644))
			}
			want, err := os.ReadFile(path + ".golden")
			require.NoError(t, err)
			assert.Equal(t, string(want), string(got))
		})
	}
}

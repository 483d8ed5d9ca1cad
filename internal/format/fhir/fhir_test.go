package fhir

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

var update = flag.Bool("update", false, "write the golden files anew")

// found is what readers give, as text: a line for each record, each mention's
// path below it, a line for each fault.
type found struct {
	text    strings.Builder
	records []record.Record
	faults  []record.Fault
}

func (f *found) record(r *record.Record) error {
	f.records = append(f.records, *r)
	f.text.Write(append(r.AppendJSON([]byte(r.Kind+" ")), '\n'))
	for _, m := range r.Mentions {
		fmt.Fprintf(&f.text, "  %s %s\n", m.Role, m.Path)
	}
	return nil
}

func (f *found) fault(x record.Fault) {
	f.faults = append(f.faults, x)
	lost := ""
	if x.Lost {
		lost = " (lost)"
	}
	fmt.Fprintf(&f.text, "fault%s %s\n", lost, x.Error())
}

// reasons are the faults as text.
func (f *found) reasons() string {
	var s []string
	for _, x := range f.faults {
		s = append(s, x.Error())
	}
	return strings.Join(s, "\n")
}

// read gives what the inputs hold together.
func read(t require.TestingT, kind record.Kind, inputs ...string) *found {
	var b Batch
	f := &found{}
	for _, in := range inputs {
		if err := b.Add(strings.NewReader(in)); err != nil {
			fmt.Fprintf(&f.text, "error %v\n", err)
		}
	}
	require.NoError(t, b.Records(kind, f.record, f.fault))
	return f
}

func sample(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return string(data)
}

func samples(t testing.TB) []string {
	t.Helper()
	all, err := filepath.Glob("testdata/*.*json")
	require.NoError(t, err)
	require.NotEmpty(t, all)
	return all
}

func TestSamples(t *testing.T) {
	for _, path := range samples(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text := sample(t, filepath.Base(path))
			assert.True(t, Detect([]byte(text[:min(len(text), 4096)])))
			got := read(t, "", text).text.String()
			golden(t, path+".golden", got)
		})
	}
}

// golden compares text with a file, or writes the file.
func golden(t *testing.T, path, text string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), text)
}

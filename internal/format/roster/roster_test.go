package roster

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

var update = flag.Bool("update", false, "rewrite the expectations")

// TestFiles holds each file of testdata to what is written down of it.
func TestFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/*.[ctp]sv")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			var m *Map
			if given, err := os.ReadFile(file + ".map"); err == nil {
				m, err = ParseMap(given)
				require.NoError(t, err)
			}
			golden(t, file+".golden", told(string(data), m))
		})
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got)
}

// told is everything Read gives of a file, as text.
func told(data string, m *Map) string {
	var b strings.Builder
	err := Read(strings.NewReader(data), m, func(t *Table) error {
		fmt.Fprintf(&b, "header in line %d\n", t.Line)
		for i, f := range t.Columns {
			if f != None {
				fmt.Fprintf(&b, "  %d %q is %s\n", i+1, t.Header[i], f)
			}
		}
		return nil
	}, func(r *Row) error {
		fmt.Fprintf(&b, "%d %s\n", r.Line, r.Record.AppendJSON(nil))
		for _, m := range r.Record.Mentions {
			fmt.Fprintf(&b, "  %s %s\n", m.Role, m.Path)
		}
		return nil
	}, func(f record.Fault) {
		fmt.Fprintf(&b, "! %s\n", f)
		if f.Lost {
			b.WriteString("  lost\n")
		}
	})
	if err != nil {
		fmt.Fprintf(&b, "refused: %v\n", err)
	}
	return b.String()
}

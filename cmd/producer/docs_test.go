package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What README.md shows of files that come along is as it says.
func TestReadmeCommands(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	out, run := t.TempDir(), 0
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		args, ours := strings.CutPrefix(strings.TrimSpace(line), "bin/producer ")
		if !ours || !strings.Contains(args, "cmd/producer/testdata") {
			continue
		}
		args = strings.ReplaceAll(args, "cmd/producer/testdata", "testdata")
		args = strings.ReplaceAll(args, "checked.", filepath.Join(out, "checked."))
		r := command(t.Context(), nil, strings.Fields(args)...)
		run++
		assert.Zero(t, r.code, "%s\n%s", args, r.err)
		assert.NotEmpty(t, r.out, args)
	}
	assert.Equal(t, 3, run)
	assert.FileExists(t, filepath.Join(out, "checked.html"))
}

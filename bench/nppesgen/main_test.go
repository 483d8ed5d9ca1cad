package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func run(args ...string) (stdout string, err error) {
	c, out := command(), bytes.Buffer{}
	c.SetArgs(args)
	c.SetOut(&out)
	c.SetErr(&bytes.Buffer{})
	err = c.Execute()
	return out.String(), err
}

func TestEveryKindUnderItsOwnName(t *testing.T) {
	t.Chdir(t.TempDir())
	for kind, name := range map[string]string{
		"monthly":       "NPPES_Data_Dissemination_November_2026_V2.zip",
		"weekly":        "NPPES_Data_Dissemination_110926_111526_Weekly_V2.zip",
		"deactivations": "NPPES_Deactivated_NPI_Report_110926_V2.zip",
		"leie":          "UPDATED.csv",
	} {
		out, err := run("--rows", "500", "--kind", kind)
		require.NoError(t, err, kind)
		assert.Regexp(t, `^`+name+`: \d+ rows, \d+ bytes\n$`, out)
		assert.FileExists(t, name)
	}
}

func TestRefusedRunsLeaveNoFile(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{
		{"--rows", "0"}, {"--kind", "daily"}, {"--as-of", "today"}, {"--kind", "weekly", "--rows", "100", "--changes", "99"},
	} {
		_, err := run(append(args, "--out", filepath.Join(dir, "x"))...)
		assert.Error(t, err, args)
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, left)
}

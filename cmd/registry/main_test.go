package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/npiflow/npiflow/bench/nppesgen/corpus"
	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/internal/record"
)

// binaries is where the real command is built, and what else several tests use.
var binaries string

func TestMain(m *testing.M) {
	var err error
	if binaries, err = os.MkdirTemp("", "npiflow-registry-"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(binaries)
		os.Exit(code)
	}))
}

// build makes the real command, once for all tests.
var build = sync.OnceValues(func() (string, error) {
	path := filepath.Join(binaries, "bin", "registry")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return path, err
})

func built(t testing.TB) string {
	t.Helper()
	path, err := build()
	require.NoError(t, err)
	return path
}

// ran is how a command ended.
type ran struct {
	code     int
	out, err string
}

// command runs one in this process.
func command(t testing.TB, stdin string, args ...string) ran {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var out, err bytes.Buffer
	code := run(ctx, args, strings.NewReader(stdin), &out, &err)
	return ran{code, out.String(), err.String()}
}

// fine runs a command that must succeed, and gives what it printed.
func fine(t testing.TB, args ...string) string {
	t.Helper()
	r := command(t, "", args...)
	require.Zero(t, r.code, r.err)
	return r.out
}

// of is the population most tests import.
var of = corpus.Options{Rows: 1000, Seed: 7, AsOf: 20261108}

const (
	monday  record.Date = 20261109 // the day after
	another record.Date = 20261116
)

// shipped writes a file as it is named where it is published, and gives its
// path.
func shipped(t testing.TB, name string, write func(io.Writer) (corpus.Census, error)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	require.NoError(t, err)
	_, err = write(f)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	return path
}

func monthly(t testing.TB, o corpus.Options) string {
	return shipped(t, corpus.MonthlyName(o), func(w io.Writer) (corpus.Census, error) { return corpus.Monthly(w, o, nil) })
}

func weekly(t testing.TB, monday record.Date) string {
	return shipped(t, corpus.WeeklyName(of, monday), func(w io.Writer) (corpus.Census, error) { return corpus.Weekly(w, of, monday, 100) })
}

func deactivations(t testing.TB) string {
	return shipped(t, corpus.DeactivationsName(of, monday), func(w io.Writer) (corpus.Census, error) { return corpus.Deactivations(w, of, monday) })
}

func exclusions(t testing.TB) string {
	return shipped(t, corpus.LEIEName, func(w io.Writer) (corpus.Census, error) { return corpus.LEIE(w, of, 200) })
}

// imported makes a registry of the monthly file alone, and gives its folder.
func imported(t testing.TB, more ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "registry")
	fine(t, append([]string{"import", "--dir", dir, "--sample", monthly(t, of)}, more...)...)
	return dir
}

// written makes a file in a folder of its own.
func written(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// first gives the index of a provider of a status, and its NPI.
func first(t testing.TB, status record.Status) (int, record.NPI) {
	t.Helper()
	for i := range of.Rows {
		if corpus.Status(of, i) == status {
			return i, corpus.NPI(of, i)
		}
	}
	require.Fail(t, "nobody is "+status.String())
	return 0, 0
}

func TestHelp(t *testing.T) {
	var all func(c *cobra.Command)
	all = func(c *cobra.Command) {
		if c.Name() == "help" || c.Name() == "completion" || c.HasParent() && c.Parent().Name() == "completion" {
			return
		}
		assert.NotEmpty(t, c.Short, c.CommandPath())
		assert.Contains(t, c.Example, "registry", c.CommandPath())
		if c.HasParent() {
			assert.Contains(t, c.Long, "Exit codes:", c.CommandPath())
		}
		path := strings.Fields(c.CommandPath())[1:]
		assert.Contains(t, fine(t, append(path, "--help")...), "Examples:", c.CommandPath())
		for _, sub := range c.Commands() {
			all(sub)
		}
	}
	all(rootCommand(&console{}))
}

func TestUsage(t *testing.T) {
	none := filepath.Join(t.TempDir(), "registry")
	for name, args := range map[string][]string{
		"no command":             {},
		"another command":        {"export"},
		"another flag":           {"status", "--all"},
		"import of nothing":      {"import"},
		"import of no such file": {"import", "no-such-file.zip"},
		"a pattern nobody meets": {"import", "no-such-*.zip"},
		"an empty folder":        {"import", t.TempDir()},
		"status of something":    {"status", "x"},
		"serve something":        {"serve", "x"},
		"no such configuration":  {"status", "--config", "no-such-file.yaml"},
		"not an address":         {"serve", "--addr", "here"},
		"reachable by others":    {"serve", "--addr", "0.0.0.0:0"},
	} {
		r := command(t, "", append(args, "--dir", none)...)
		assert.Equal(t, assembly.ExitUsage, r.code, "%s: %s", name, r.err)
		assert.True(t, strings.HasPrefix(r.err, "npiflow: "), "%s: %s", name, r.err)
		assert.Empty(t, r.out, name)
	}
	assert.NoDirExists(t, none)
}

func TestDirOfTheConfiguration(t *testing.T) {
	dir := imported(t)
	file := written(t, "npiflow.yaml", "enrich: {local: {dir: "+dir+"}}\n")
	assert.Contains(t, fine(t, "status", "--config", file), "registry: usable, in "+dir)
	off := command(t, "", "status", "--config", written(t, "off.yaml", "enrich: {local: {dir: \"\"}}\n"))
	assert.Equal(t, assembly.ExitUsage, off.code)
	assert.Contains(t, off.err, "name a folder with --dir")
}

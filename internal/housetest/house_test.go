package housetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
)

const module = "github.com/npiflow/npiflow"

// root is the top of the repository, seen from this package.
var root = func() string {
	dir, err := filepath.Abs("../..")
	if err != nil {
		panic(err)
	}
	return dir
}()

// read gives a file of the repository.
func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, path))
	require.NoError(t, err)
	return string(data)
}

// output runs a command at the top of the repository.
func output(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, args...)
	c.Dir = root
	var errs strings.Builder
	c.Stderr = &errs
	out, err := c.Output()
	require.NoError(t, err, "%s %s\n%s", name, strings.Join(args, " "), errs.String())
	return out
}

// pkg is what the house is judged by: one package as `go list` tells it.
type pkg struct {
	ImportPath string
	Doc        string
	GoFiles    []string
	Imports    []string
}

// room is the package's path within the module.
func (p pkg) room() string { return strings.TrimPrefix(p.ImportPath, module+"/") }

// packages lists every package of the module.
func packages(t *testing.T) []pkg {
	t.Helper()
	dec := jsontext.NewDecoder(strings.NewReader(string(output(t, "go", "list", "-json=ImportPath,Doc,GoFiles,Imports", "./..."))))
	var all []pkg
	for dec.PeekKind() == '{' {
		var p pkg
		require.NoError(t, json.UnmarshalDecode(dec, &p))
		all = append(all, p)
	}
	require.NotEmpty(t, all)
	return all
}

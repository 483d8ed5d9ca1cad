package housetest

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryPackageSaysItsPurpose(t *testing.T) {
	for _, p := range packages(t) {
		if len(p.GoFiles) == 0 { // only tests
			continue
		}
		assert.NotEmpty(t, p.Doc, "%s has no package comment: say in a sentence what it is for", p.room())
	}
}

// vague names tell nothing of what is inside, so everything ends up there.
var vague = []string{"util", "utils", "common", "helper", "helpers", "manager", "managers", "core", "types", "misc", "base", "lib", "pkg"}

func TestNoVagueFolders(t *testing.T) {
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if name := d.Name(); name == ".git" || name == "testdata" || path == filepath.Join(root, "data") {
			return fs.SkipDir
		}
		assert.NotContains(t, vague, d.Name(), "%s: name the folder for what is in it", path)
		return nil
	})
	require.NoError(t, err)
}

// requirements gives the modules go.mod asks for itself, those of its tools
// among them.
func requirements(t *testing.T) []string {
	t.Helper()
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
		Tool []struct{ Path string }
	}
	require.NoError(t, json.Unmarshal(output(t, "go", "mod", "edit", "-json"), &mod))
	var direct []string
	for _, r := range mod.Require {
		tool := false
		for _, tl := range mod.Tool {
			tool = tool || within(tl.Path, r.Path)
		}
		if !r.Indirect || tool {
			direct = append(direct, r.Path)
		}
	}
	return direct
}

var dependencyRow = regexp.MustCompile("(?m)^\\| `([^` ]+)` \\| [^|]+ \\| [^|]+ \\|$")

func TestEveryDependencyIsExplained(t *testing.T) {
	var explained []string
	for _, m := range dependencyRow.FindAllStringSubmatch(read(t, "docs/dependencies.md"), -1) {
		explained = append(explained, m[1])
	}
	direct := requirements(t)
	for _, d := range direct {
		assert.Contains(t, explained, d, "docs/dependencies.md does not say why we need %s and what else was looked at", d)
	}
	for _, e := range explained {
		assert.Contains(t, direct, e, "docs/dependencies.md explains %s, which go.mod does not ask for", e)
	}
	assert.Equal(t, slices.Compact(slices.Sorted(slices.Values(explained))), slices.Sorted(slices.Values(explained)), "explained twice")
}

// The commands a newcomer starts with are the ones that are checked.
func TestReadmeCommandsAreChecked(t *testing.T) {
	readme, ci := read(t, "README.md"), read(t, ".ci/run")
	for _, command := range []string{"go run ./cmd/worker demo", "go test ./..."} {
		assert.Contains(t, readme, command, "README.md begins with the commands that work on a fresh machine")
		assert.Contains(t, ci, command, ".ci/run does not run what README.md promises")
	}
}

var (
	makeTarget = regexp.MustCompile(`(?m)^([a-z]+):.*##`)
	phony      = regexp.MustCompile(`(?m)^\.PHONY: (.+)$`)
)

func TestMakefileExplainsEveryTarget(t *testing.T) {
	makefile := read(t, "Makefile")
	var explained []string
	for _, m := range makeTarget.FindAllStringSubmatch(makefile, -1) {
		explained = append(explained, m[1])
	}
	declared := phony.FindStringSubmatch(makefile)
	require.NotNil(t, declared, "Makefile has no .PHONY line")
	assert.ElementsMatch(t, strings.Fields(declared[1]), explained, "targets without an explanation after ##")
}

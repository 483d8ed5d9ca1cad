package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// write puts text in a file and gives its path.
func write(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "c.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// faultsOf loads text and env and gives the faults, without the folder of the
// temporary file.
func faultsOf(t *testing.T, text string, env ...string) []string {
	t.Helper()
	path := write(t, text)
	_, err := Load(path, env)
	if err == nil {
		return nil
	}
	var e *Error
	require.ErrorAs(t, err, &e)
	out := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		out[i] = strings.ReplaceAll(f, filepath.Dir(path)+"/", "")
	}
	return out
}

func TestDefaultIsValid(t *testing.T) {
	require.NoError(t, Default().Validate())
	c, err := Load("", nil)
	require.NoError(t, err)
	assert.Equal(t, Default(), c)
}

func TestExampleEqualsDefault(t *testing.T) {
	c, err := Load("npiflow.yaml", nil)
	require.NoError(t, err)
	assert.Equal(t, Default(), c)
}

// Every key stands in the example: without its line, a value other than the
// default would be lost.
func TestExampleMentionsEveryKey(t *testing.T) {
	example, err := os.ReadFile("npiflow.yaml")
	require.NoError(t, err)
	var marked Config // every field differs from the default, so that a key the file lacks shows
	for _, l := range leaves(&marked) {
		require.NoError(t, l.set(other(l)))
	}
	require.Empty(t, readYAML("npiflow.yaml", example, &marked))
	assert.Equal(t, Default(), marked)
}

// other is a text that reads as a value the default does not have.
func other(l leaf) string {
	switch l.field.Interface().(type) {
	case time.Duration:
		return "77m"
	case int, float64:
		return "77"
	case []Role:
		return "deliver, validate"
	case []JSONFormat:
		return "[{name: other}]"
	case bool:
		def := Default()
		for _, d := range leaves(&def) {
			if d.key == l.key && d.field.Bool() {
				return "false"
			}
		}
		return "true"
	}
	return "other"
}

func TestEveryKeyHasAVariable(t *testing.T) {
	seen := map[string]string{}
	for _, l := range leaves(new(Config)) {
		assert.NotContains(t, l.key, "..")
		assert.False(t, strings.HasSuffix(l.key, "."), "%s has no yaml tag", l.key)
		assert.Empty(t, seen[l.env()], "%s and %s share a variable", l.key, seen[l.env()])
		seen[l.env()] = l.key
	}
	for variable, key := range map[string]string{
		"NPIFLOW_NATS_URL": "nats.url", "NPIFLOW_ENRICH_API_TIMEOUT": "enrich.api.timeout",
		"NPIFLOW_WORKER_ROLES": "worker.roles", "NPIFLOW_ENRICH_ON_OUTAGE": "enrich.on_outage",
		"NPIFLOW_NATS_TLS_CA_FILE": "nats.tls.ca_file",
	} {
		assert.Equal(t, key, seen[variable])
	}
}

// Each key, set through its variable or through a file, changes its own field
// and no other.
func TestEveryKeyCanBeSet(t *testing.T) {
	probe := Default()
	for i, l := range leaves(&probe) {
		want := Default()
		require.NoError(t, leaves(&want)[i].set(other(l)))

		byEnv := Default()
		require.Empty(t, readEnv([]string{"HOME=/", l.env() + "=" + other(l)}, &byEnv), l.key)
		assert.Equal(t, want, byEnv, l.key)

		byFile := Default()
		text := "{" + strings.ReplaceAll(l.key, ".", ": {") + `: "` + other(l) + `"` + strings.Repeat("}", strings.Count(l.key, ".")+1)
		require.Empty(t, readYAML("c.yaml", []byte(text), &byFile), text)
		assert.Equal(t, want, byFile, l.key)
		assert.False(t, reflect.DeepEqual(Default(), byFile), "%s: the probe's value is the default", l.key)
	}
}

func TestFileThenEnvironment(t *testing.T) {
	path := write(t, "nats: {url: 'nats://a:4222'}\nworker:\n  roles:\n    - validate\n    - deliver\n  lanes: 8\nenrich: {api: {rate: 0.5}}\ndeliver: {url: 'https://w.example/api'}\n")
	c, err := Load(path, []string{"NPIFLOW_NATS_URL=nats://b:4222,nats://c:4222", "NPIFLOW_ENRICH_LOCAL_MAX_AGE=840h", "PATH=/bin", "NPIFLOW"})
	require.NoError(t, err)
	assert.Equal(t, "nats://b:4222,nats://c:4222", c.NATS.URL)
	assert.Equal(t, []Role{RoleValidate, RoleDeliver}, c.Worker.Roles)
	assert.Equal(t, 8, c.Worker.Lanes)
	assert.Equal(t, 0.5, c.Enrich.API.Rate)
	assert.Equal(t, 840*time.Hour, c.Enrich.Local.MaxAge)
	assert.Equal(t, "npi", c.Prefix)
}

func TestEmptyLeavesTheDefault(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "---\n", "nats:\n", "nats: ~\nprefix:\nworker: {roles: }\n", "{}"} {
		c, err := Load(write(t, text), nil)
		require.NoError(t, err, text)
		assert.Equal(t, Default(), c, text)
	}
}

func TestFaultsOfTheFile(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"misspelt", "prefix: npi\nenrich:\n  api:\n    tiemout: 5s\n", `c.yaml:4:5: "enrich.api.tiemout": no such key; did you mean enrich.api.timeout?`},
		{"wrong parent", "cooldown: 5s\n", `c.yaml:1:1: "cooldown": no such key; did you mean enrich.breaker.cooldown?`},
		{"secret as a value", "deliver:\n  password: hunter2\n", `c.yaml:2:3: "deliver.password": no such key; did you mean deliver.password_file?`},
		{"merge key", "x: &a {lanes: 2}\nworker:\n  <<: *a\n", `c.yaml:3:3: "worker.<<": no such key; did you mean`},
		{"alias", "prefix: &a npi\n", "c.yaml:1:9: prefix: not a plain value"},
		{"number", "worker:\n  lanes: many\n", `c.yaml:2:10: worker.lanes: "many": write a whole number`},
		{"fraction", "worker: {lanes: 1.5}\n", `c.yaml:1:17: worker.lanes: "1.5": write a whole number`},
		{"no unit", "worker: {drain: 20}\n", `c.yaml:1:17: worker.drain: "20": write a duration such as 30s, 10m or 24h`},
		{"boolean", "http: {public: yes}\n", `c.yaml:1:16: http.public: "yes": write true or false`},
		{"group as value", "nats: nats://a:4222\n", "c.yaml:1:7: nats holds keys of its own"},
		{"value as group", "prefix: {a: b}\n", "prefix: not a plain value"},
		{"list for one", "worker: {lanes: [1]}\n", "worker.lanes: not a plain value"},
		{"list of lists", "worker: {roles: [[validate]]}\n", "worker.roles: not a plain value"},
		{"not a mapping", "- a\n", "c.yaml:1:1: the file holds keys of its own"},
		{"twice", "prefix: a\nprefix: b\n", `c.yaml:2:1: not YAML: mapping key "prefix" already defined at [1:1]`},
		{"two documents", "prefix: a\n---\nprefix: b\n", "a second document; keep one"},
		{"syntax", "nats: {url: a\n", "c.yaml:1:7: not YAML: "},
		{"pasted key", "nats:\n  url: \"a\\nSECRET\"\n", "c.yaml:2:8: nats.url: has line breaks or control characters"},
		{"infinity", "enrich: {api: {rate: .inf}}\n", "enrich.api.rate: not a plain value"},
		{"too large", "#" + strings.Repeat("x", maxFile), "c.yaml: too large; name a YAML file of at most 32768 bytes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			all := strings.Join(faultsOf(t, tc.text), "\n")
			assert.Contains(t, all, tc.want)
			assert.NotContains(t, all, "hunter2")
			assert.NotContains(t, all, "SECRET")
		})
	}
}

func TestFaultsOfTheEnvironment(t *testing.T) {
	assert.Equal(t, []string{
		"NPIFLOW_NATS_ULR: no such variable; unset it, or did you mean NPIFLOW_NATS_URL?",
		"NPIFLOW_DELIVER_PASSWORD: no such variable; unset it, or did you mean NPIFLOW_DELIVER_PASSWORD_FILE?",
		`NPIFLOW_WORKER_LANES: "": write a whole number`,
		`NPIFLOW_ENRICH_API_TIMEOUT: "5": write a duration such as 30s, 10m or 24h`,
	}, faultsOf(t, "", "NPIFLOW_NATS_ULR=x", "NPIFLOW_DELIVER_PASSWORD=hunter2", "NPIFLOW_WORKER_LANES=", "NPIFLOW_ENRICH_API_TIMEOUT=5"))
}

func TestMissingFile(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "none.yaml"), nil)
	var e *Error
	require.ErrorAs(t, err, &e)
	assert.Contains(t, err.Error(), "none.yaml: no such file or directory; name a YAML file")
	assert.False(t, errors.Is(err, os.ErrNotExist), "one type of error, one exit code")
}

// Load and Validate name everything at once: what the file, the environment
// and the values have wrong.
func TestAllFaultsAtOnce(t *testing.T) {
	got := faultsOf(t, "prefxi: a\nworker: {lanes: 65, drain: soon}\nhttp: {addr: ':80'}\n", "NPIFLOW_LOG_LEVLE=info", "NPIFLOW_LOG_LEVEL=loud")
	assert.Equal(t, []string{
		`c.yaml:1:1: "prefxi": no such key; did you mean prefix?`,
		`c.yaml:2:28: worker.drain: "soon": write a duration such as 30s, 10m or 24h`,
		"NPIFLOW_LOG_LEVLE: no such variable; unset it, or did you mean NPIFLOW_LOG_LEVEL?",
		"worker.lanes: 65: choose 1 to 64",
		`http.addr: ":80": other machines could reach it; use 127.0.0.1, or allow it with http.public: true`,
		`log.level: "loud": choose trace, debug, info, warn or error`,
	}, got)
	assert.Equal(t, "read the configuration: 2 faults\n  a\n  b", (&Error{[]string{"a", "b"}}).Error())
}

// Whatever the file holds, Load gives a sound configuration or an *Error with
// faults, each on one line.
func FuzzLoad(f *testing.F) {
	example, err := os.ReadFile("npiflow.yaml")
	require.NoError(f, err)
	for _, seed := range []string{
		string(example), "", "nats: {url: \"nats://u:p@h\"}", "a: &x [*x]", "? a\n: b", "<<: {}", "- - -", "worker:\n roles: [validate,\n", "%YAML 1.2\n---\n!!map {}",
		"prefix: |\n  a\n", "enrich: {cache: {ttl: 1e9h}}", "\x00", "{{{{[[[[", "a: 'b", "log: {level: \"\\u0000\"}",
	} {
		f.Add([]byte(seed))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(dir, "c.yaml")
		require.NoError(t, os.WriteFile(path, data, 0o600))
		c, err := Load(path, nil)
		if err == nil {
			require.NoError(t, c.Validate())
			return
		}
		var e *Error
		require.ErrorAs(t, err, &e)
		require.NotEmpty(t, e.Faults)
		for _, fault := range e.Faults {
			require.NotContains(t, fault, "\n")
		}
	})
}

package config

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestValidate(t *testing.T) {
	here := t.TempDir()
	file := filepath.Join(here, "secret")
	require.NoError(t, os.WriteFile(file, []byte("hunter2"), 0o600))
	for _, tc := range []struct {
		name   string
		change func(*Config)
		want   string // in the only fault; "" is none
	}{
		{"prefix with a dot", func(c *Config) { c.Prefix = "a.b" }, `prefix: "a.b": use up to 32`},
		{"prefix in capitals", func(c *Config) { c.Prefix = "NPI" }, "prefix"},
		{"servers", func(c *Config) { c.NATS.URL = "nats://a:4222, tls://[::1]:4222" }, ""},
		{"server without scheme", func(c *Config) { c.NATS.URL = "localhost:4222" }, `nats.url: "localhost:4222": write nats://HOST:4222`},
		{"port out of range", func(c *Config) { c.NATS.URL = "nats://h:99999" }, "nats.url"},
		{"user and password", func(c *Config) { c.NATS.URL = "nats://user:hunter2@host:4222" }, `nats.url: "nats://xxxxx@host:4222": leave the credentials out of the address; put them in a file and name it in nats.creds_file`},
		{"password with a comma", func(c *Config) { c.NATS.URL = "nats://user:hunter2,x@host,nats://b" }, "nats://xxxxx@host,nats://b"},
		{"credentials without scheme", func(c *Config) { c.NATS.URL = "user:hunter2@host" }, `"xxxxx@host"`},
		{"creds without server", func(c *Config) { c.NATS.CredsFile = file }, "nats.creds_file"},
		{"creds", func(c *Config) { c.NATS.URL, c.NATS.CredsFile = "nats://a", file }, ""},
		{"creds missing", func(c *Config) { c.NATS.URL, c.NATS.CredsFile = "nats://a", here+"/none" }, "cannot be read (no such file or directory)"},
		{"creds a folder", func(c *Config) { c.NATS.URL, c.NATS.CredsFile = "nats://a", here }, "it is a folder"},
		{"tls without server", func(c *Config) { c.NATS.TLS.CAFile = file }, "nats.tls:"},
		{"cert alone", func(c *Config) { c.NATS.URL, c.NATS.TLS.CertFile = "tls://a", file }, "nats.tls.key_file"},
		{"key alone", func(c *Config) { c.NATS.URL, c.NATS.TLS.KeyFile = "tls://a", file }, "nats.tls.cert_file"},
		{"cert and key", func(c *Config) { c.NATS.URL, c.NATS.TLS.CertFile, c.NATS.TLS.KeyFile = "tls://a", file, file }, ""},
		{"listen wide", func(c *Config) { c.NATS.Listen = "0.0.0.0:4222" }, "nats.public: true"},
		{"listen wide, told so", func(c *Config) { c.NATS.Listen, c.NATS.Public = "0.0.0.0:4222", true }, ""},
		{"no data folder", func(c *Config) { c.NATS.DataDir = "" }, "nats.data_dir"},
		{"data folder a file", func(c *Config) { c.NATS.DataDir = file }, "nats.data_dir"},
		{"sync", func(c *Config) { c.NATS.Sync = "never" }, "nats.sync"},
		{"copies without cluster", func(c *Config) { c.NATS.Replicas = 3 }, "embedded server is a single one"},
		{"copies", func(c *Config) { c.NATS.URL, c.NATS.Replicas = "nats://a", 3 }, ""},
		{"too many copies", func(c *Config) { c.NATS.URL, c.NATS.Replicas = "nats://a", 6 }, "nats.replicas"},
		{"no copy", func(c *Config) { c.NATS.Replicas = 0 }, "nats.replicas"},
		{"short age", func(c *Config) { c.NATS.MaxAge = time.Minute }, "nats.max_age"},
		{"no role", func(c *Config) { c.Worker.Roles = nil }, "worker.roles"},
		{"unknown role", func(c *Config) { c.Worker.Roles = []Role{"check"} }, `worker.roles: "check"`},
		{"role twice", func(c *Config) { c.Worker.Roles = []Role{RoleValidate, RoleValidate} }, "once"},
		{"none in flight", func(c *Config) { c.Worker.MaxInFlight = 0 }, "worker.max_in_flight"},
		{"too many in flight", func(c *Config) { c.Worker.MaxInFlight = 65537 }, "worker.max_in_flight"},
		{"most in flight", func(c *Config) { c.Worker.MaxInFlight, c.Worker.Lanes = 65536, 64 }, ""},
		{"lanes", func(c *Config) { c.Worker.Lanes = 0 }, "worker.lanes"},
		{"drain", func(c *Config) { c.Worker.Drain = -1 }, "worker.drain"},
		{"api over http", func(c *Config) { c.Enrich.API.URL = "http://registry/api/" }, "use https"},
		{"api on this machine", func(c *Config) { c.Enrich.API.URL = "http://127.0.0.1:81/api/" }, ""},
		{"api by name", func(c *Config) { c.Enrich.API.URL = "http://localhost/" }, ""},
		{"api with user", func(c *Config) { c.Enrich.API.URL = "https://u:hunter2@h/" }, `"https://xxxxx@h/": leave the credentials out`},
		{"api with query", func(c *Config) { c.Enrich.API.URL = "https://h/?key=hunter2" }, `"https://h/?xxxxx"`},
		{"api no address", func(c *Config) { c.Enrich.API.URL = "ftp://h/%zz" }, "write https://HOST/PATH"},
		{"api empty", func(c *Config) { c.Enrich.API.URL = "" }, "enrich.api.url"},
		{"no timeout", func(c *Config) { c.Enrich.API.Timeout = 0 }, "enrich.api.timeout"},
		{"timeout over cooldown", func(c *Config) { c.Enrich.API.Timeout = time.Minute }, "enrich.api.timeout: 1m: keep it below enrich.breaker.cooldown, which is 30s"},
		{"rate", func(c *Config) { c.Enrich.API.Rate = -1 }, "enrich.api.rate"},
		{"rate no number", func(c *Config) { c.Enrich.API.Rate = math.NaN() }, "enrich.api.rate"},
		{"rate without end", func(c *Config) { c.Enrich.API.Rate = math.Inf(1) }, "enrich.api.rate"},
		{"rate without limit", func(c *Config) { c.Enrich.API.Rate = 0 }, ""},
		{"concurrency", func(c *Config) { c.Enrich.API.Concurrency = 0 }, "enrich.api.concurrency"},
		{"failures", func(c *Config) { c.Enrich.Breaker.Failures = 0 }, "enrich.breaker.failures"},
		{"cooldown", func(c *Config) { c.Enrich.Breaker.Cooldown = 0 }, "enrich.breaker.cooldown"},
		{"cache size", func(c *Config) { c.Enrich.Cache.Size = 0 }, "enrich.cache.size"},
		{"cache ttl", func(c *Config) { c.Enrich.Cache.TTL = 0 }, "enrich.cache.ttl"},
		{"absent ttl", func(c *Config) { c.Enrich.Cache.AbsentTTL = 0 }, "enrich.cache.absent_ttl"},
		{"absent over ttl", func(c *Config) { c.Enrich.Cache.AbsentTTL = 25 * time.Hour }, "enrich.cache.absent_ttl: 25h: keep it at or below enrich.cache.ttl, which is 24h"},
		{"local not there", func(c *Config) { c.Enrich.Local.Dir = here + "/none" }, ""},
		{"no local", func(c *Config) { c.Enrich.Local.Dir = "" }, ""},
		{"local a file", func(c *Config) { c.Enrich.Local.Dir = file }, "enrich.local.dir"},
		{"local age", func(c *Config) { c.Enrich.Local.MaxAge = 0 }, "enrich.local.max_age"},
		{"outage", func(c *Config) { c.Enrich.OnOutage = "guess" }, "enrich.on_outage"},
		{"deliver without address", func(c *Config) { c.Worker.Roles = []Role{RoleDeliver} }, "deliver.url"},
		{"deliver", func(c *Config) {
			c.Worker.Roles = []Role{RoleDeliver}
			c.Deliver = Deliver{URL: "https://h/", Username: "u", PasswordFile: file}
		}, ""},
		{"password for a file", func(c *Config) {
			c.Worker.Roles = []Role{RoleDeliver}
			c.Deliver = Deliver{URL: "https://h/", Username: "u", PasswordFile: "hunter2"}
		}, "not the password"},
		{"secret not needed here", func(c *Config) { c.Deliver = Deliver{URL: "https://h/", Username: "u", PasswordFile: "none"} }, ""},
		{"deliver over http", func(c *Config) { c.Deliver.URL = "http://h/" }, "deliver.url"},
		{"user alone", func(c *Config) { c.Deliver.Username = "u" }, "deliver.password_file"},
		{"password alone", func(c *Config) { c.Deliver.PasswordFile = file }, "deliver.username"},
		{"user with colon", func(c *Config) { c.Deliver.Username, c.Deliver.PasswordFile = "u:v", file }, "colon"},
		{"http wide", func(c *Config) { c.HTTP.Addr = ":8080" }, "http.public: true"},
		{"http named", func(c *Config) { c.HTTP.Addr = "worker:8080" }, "http.public: true"},
		{"http wide, told so", func(c *Config) { c.HTTP.Addr, c.HTTP.Public = ":8080", true }, ""},
		{"http on six", func(c *Config) { c.HTTP.Addr = "[::1]:0" }, ""},
		{"http no port", func(c *Config) { c.HTTP.Addr = "127.0.0.1" }, "HOST:PORT"},
		{"http port", func(c *Config) { c.HTTP.Addr = "127.0.0.1:http" }, "HOST:PORT"},
		{"level", func(c *Config) { c.Log.Level = "loud" }, "log.level"},
		{"format", func(c *Config) { c.Log.Format = "xml" }, "log.format"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := Default()
			tc.change(&c)
			err := c.Validate()
			if tc.want == "" {
				require.NoError(t, err)
				return
			}
			var e *Error
			require.ErrorAs(t, err, &e)
			require.Len(t, e.Faults, 1)
			assert.Contains(t, e.Faults[0], tc.want)
			assert.NotContains(t, e.Faults[0], "hunter2")
		})
	}
}

// A configuration with nothing in it is named fault by fault.
func TestValidateReportsEverything(t *testing.T) {
	var e *Error
	require.ErrorAs(t, Config{}.Validate(), &e)
	var keys []string
	for _, fault := range e.Faults {
		key, _, _ := strings.Cut(fault, ":")
		keys = append(keys, key)
	}
	assert.Equal(t, []string{
		"prefix", "nats.data_dir", "nats.listen", "nats.sync", "nats.replicas",
		"worker.roles", "worker.max_in_flight", "worker.lanes",
		"enrich.api.url", "enrich.api.timeout", "enrich.api.concurrency", "enrich.breaker.failures", "enrich.breaker.cooldown",
		"enrich.cache.size", "enrich.cache.ttl", "enrich.cache.absent_ttl", "enrich.local.max_age", "enrich.on_outage",
		"http.addr", "log.level", "log.format",
	}, keys)
}

func dump(t require.TestingT, c Config) string {
	var b bytes.Buffer
	require.NoError(t, c.Dump(&b))
	return b.String()
}

func TestDumpHasNoSecret(t *testing.T) {
	c := Default()
	c.NATS.URL = "nats://user:hunter2@a:4222,nats://user:hunter2@b:4222"
	c.Enrich.API.URL = "https://hunter2@h/api/?key=hunter2"
	c.Deliver = Deliver{URL: "https://h/#hunter2", Username: "u", PasswordFile: "/run/secrets/write-api"}
	text := dump(t, c)
	assert.NotContains(t, text, "hunter2")
	assert.Contains(t, text, `url: "nats://xxxxx@b:4222"`)
	assert.Contains(t, text, `url: "https://xxxxx@h/api/?xxxxx"`)
	assert.Contains(t, text, `password_file: "/run/secrets/write-api"`)
	assert.Contains(t, text, "max_age: 840h\n")
	assert.Contains(t, c.NATS.URL, "hunter2", "only the copy is cut")
}

// What is dumped reads back as the same configuration, whatever the texts
// look like to YAML.
func TestDumpReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Default()
		word := rapid.OneOf(rapid.StringMatching(`[ -~]{0,12}`), rapid.SampledFrom([]string{"yes", "null", "~", "1e3", "0x1f", "- a", "a: b", "#", " x ", "'", "*a", "{", "%", "é€", "12:30", "2026-11-01", "!!int 3", "|", "<<"}))
		c.Prefix, c.Deliver.Username, c.Deliver.PasswordFile = word.Draw(t, "prefix"), word.Draw(t, "user"), word.Draw(t, "file")
		c.Enrich.API.Rate = rapid.Float64Range(0, 1e9).Draw(t, "rate")
		c.Enrich.Cache.TTL = time.Duration(rapid.Int64Range(0, math.MaxInt64).Draw(t, "ttl"))
		c.Enrich.Cache.Size = rapid.IntRange(0, math.MaxInt).Draw(t, "size")
		c.Writeback.Enabled = rapid.Bool().Draw(t, "enabled")
		c.Worker.Roles = rapid.SampledFrom([][]Role{{RoleDeliver}, {RoleValidate, RoleDeliver}}).Draw(t, "roles")
		c.Formats.JSON = rapid.SampledFrom([][]JSONFormat{nil, {{Name: word.Draw(t, "name")}, {
			Types: map[string]string{word.Draw(t, "word"): word.Draw(t, "meaning"), "1500": "a"}, Taxonomies: []string{word.Draw(t, "taxonomy")},
			Providers: []JSONProvider{{Role: word.Draw(t, "role"), Entities: map[string]string{"P": "person"}}, {}},
		}}}).Draw(t, "formats")
		text := dump(t, c)
		back := Default()
		require.Empty(t, readYAML("dump", []byte(text), &back), text)
		require.Equal(t, c, back, text)
	})
}

func TestRedact(t *testing.T) {
	for address, want := range map[string]string{
		"":                           "",
		"https://h/api/":             "https://h/api/",
		"nats://u:p@h:4222":          "nats://xxxxx@h:4222",
		"nats://token@a,nats://t@b":  "nats://xxxxx@b",
		"u:p@h":                      "xxxxx@h",
		"u:p://q@h":                  "xxxxx@h",
		"https://u:p?q#r@s@h/x":      "https://xxxxx@h/x",
		"https://h/?token=t#section": "https://h/?xxxxx",
	} {
		assert.Equal(t, want, redact(address))
	}
}

func TestNearest(t *testing.T) {
	keys := []string{"nats.url", "enrich.api.url", "enrich.api.timeout"}
	for unknown, want := range map[string]string{"nats.ulr": "nats.url", "timeout": "enrich.api.timeout", "enrich.apl.url": "enrich.api.url", "": "nats.url"} {
		assert.Equal(t, want, nearest(unknown, keys), unknown)
	}
	assert.Equal(t, 3, distance("kitten", "sitting"))
	assert.Equal(t, 4, distance("", "four"))
}

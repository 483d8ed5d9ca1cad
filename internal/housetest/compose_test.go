package housetest

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/config"
)

// compose loads docker-compose.yml as Compose itself does, every profile
// included. Loading refuses unknown keys and names of networks, volumes and
// services that are not there.
func compose(t *testing.T) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{filepath.Join(root, "docker-compose.yml")},
		cli.WithWorkingDirectory(root), cli.WithProfiles([]string{"*"}), cli.WithResolvedPaths(true))
	require.NoError(t, err)
	project, err := options.LoadProject(t.Context())
	require.NoError(t, err)
	return project
}

// mounted gives the file or folder of the repository that the service sees at
// path, or "".
func mounted(s types.ServiceConfig, path string) string {
	for _, v := range s.Volumes {
		if v.Type != types.VolumeTypeBind {
			continue
		}
		if rest, ok := strings.CutPrefix(path, v.Target); ok && (rest == "" || rest[0] == '/') {
			return v.Source + rest
		}
	}
	return ""
}

func TestComposeServices(t *testing.T) {
	project := compose(t)
	require.Subset(t, project.ServiceNames(), []string{"nats", "worker", "producer", "prometheus", "grafana"})
	for _, s := range project.Services {
		t.Run(s.Name, func(t *testing.T) {
			checkImage(t, s)
			checkClosed(t, s)
			checkMounts(t, s)
			for _, p := range s.Ports {
				assert.Equal(t, "127.0.0.1", p.HostIP, "port %d is published to other machines, and nothing asks for a password", p.Target)
			}
			for name, on := range s.DependsOn {
				assert.Equal(t, types.ServiceConditionHealthy, on.Condition, "%s starts before %s is of use", s.Name, name)
				assert.NotNil(t, project.Services[name].HealthCheck, "%s waits for the health of %s, which tells none", s.Name, name)
			}
		})
	}
}

var pinned = regexp.MustCompile(`:v?\d+\.\d+[^:]*$`)

// checkImage wants an image of a known version, or one built from a stage
// that the Dockerfile has.
func checkImage(t *testing.T, s types.ServiceConfig) {
	if s.Build == nil {
		assert.Regexp(t, pinned, s.Image, "without a version it is another program tomorrow")
		return
	}
	dockerfile := filepath.Join(s.Build.Context, s.Build.Dockerfile)
	text, err := os.ReadFile(dockerfile)
	require.NoError(t, err)
	assert.Contains(t, stages(string(text)), s.Build.Target, "%s has no such stage", dockerfile)
}

func checkClosed(t *testing.T, s types.ServiceConfig) {
	assert.True(t, s.ReadOnly, "the root file system is writable")
	assert.Equal(t, []string{"ALL"}, s.CapDrop)
	assert.Empty(t, s.CapAdd)
	assert.False(t, s.Privileged)
	assert.Contains(t, s.SecurityOpt, "no-new-privileges:true")
	assert.Positive(t, s.MemLimit, "it may take all memory of the machine")
	assert.NotEmpty(t, s.Restart)
}

func checkMounts(t *testing.T, s types.ServiceConfig) {
	for _, v := range s.Volumes {
		if v.Type != types.VolumeTypeBind {
			continue
		}
		_, err := os.Stat(v.Source)
		assert.NoError(t, err, "mounted at %s", v.Target) // Docker would make an empty folder of that name
		assert.True(t, v.ReadOnly, "%s may be written to", v.Source)
	}
}

var from = regexp.MustCompile(`(?mi)^FROM\s+(\S+)(?:\s+AS\s+(\S+))?`)

// stages gives the names of a Dockerfile's stages.
func stages(dockerfile string) []string {
	var names []string
	for _, m := range from.FindAllStringSubmatch(dockerfile, -1) {
		names = append(names, m[2])
	}
	return names
}

var (
	copied = regexp.MustCompile(`(?m)^COPY --from=(\S+)`)
	built  = regexp.MustCompile(`\./cmd/\w+`)
)

func TestDockerfile(t *testing.T) {
	text := read(t, "Dockerfile")
	for _, m := range from.FindAllStringSubmatch(text, -1) {
		if m[1] != "scratch" {
			assert.Regexp(t, pinned, m[1], "without a version it is another program tomorrow")
		}
	}
	for _, m := range copied.FindAllStringSubmatch(text, -1) {
		assert.Contains(t, stages(text), m[1], "COPY from a stage that is not there")
	}
	for _, command := range built.FindAllString(text, -1) {
		assert.FileExists(t, filepath.Join(root, command, "main.go"))
	}
	// The image compiles with the Go that go.mod asks for, or the build ends.
	want := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "go.mod"))
	require.NotNil(t, want)
	assert.Contains(t, text, "FROM golang:"+want[1])
}

// after gives the argument that follows flag.
func after(args []string, flag string) string {
	if i := slices.Index(args, flag); i >= 0 && i+1 < len(args) {
		return args[i+1]
	}
	return ""
}

// environment is the service's, in the form of os.Environ.
func environment(s types.ServiceConfig) []string {
	var env []string
	for k, v := range s.Environment {
		if v != nil {
			env = append(env, k+"="+*v)
		}
	}
	return env
}

// load reads the configuration a service of ours runs with, as it would.
func load(t *testing.T, s types.ServiceConfig) config.Config {
	t.Helper()
	file := ""
	if inside := after(s.Command, "--config"); inside != "" {
		file = mounted(s, inside)
		require.NotEmpty(t, file, "%s is not mounted", inside)
	}
	cfg, err := config.Load(file, environment(s))
	require.NoError(t, err)
	return cfg
}

func TestComposeConfigurations(t *testing.T) {
	project := compose(t)
	for _, name := range []string{"worker", "producer"} {
		s := project.Services[name]
		cfg := load(t, s)
		server, err := url.Parse(cfg.NATS.URL)
		require.NoError(t, err)
		other, ok := project.Services[server.Hostname()]
		require.True(t, ok, "%s connects to %q, which is no service", name, server.Hostname())
		assert.True(t, meet(s, other), "%s and %s share no network", name, other.Name)
		assert.Equal(t, natsOptions(t, project).Port, portOf(t, server.Host), "nats.url of %s", name)
	}

	worker := project.Services["worker"]
	cfg := load(t, worker)
	require.Len(t, worker.Ports, 1)
	assert.EqualValues(t, portOf(t, cfg.HTTP.Addr), worker.Ports[0].Target, "the port that is published is not the one listened on")
	assert.True(t, cfg.HTTP.Public, "within its container it is seen only on 127.0.0.1")
	require.NotNil(t, worker.StopGracePeriod)
	assert.Greater(t, time.Duration(*worker.StopGracePeriod), cfg.Worker.Drain, "it is killed before it has drained")
	assert.Equal(t, after(worker.Command, "--config"), after(worker.HealthCheck.Test, "--config"), "the health check asks with another configuration")
}

// meet reports whether two services share a network.
func meet(a, b types.ServiceConfig) bool {
	for name := range a.Networks {
		if _, ok := b.Networks[name]; ok {
			return true
		}
	}
	return false
}

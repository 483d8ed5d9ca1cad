package housetest

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/config"
)

// TestDeployment starts what docker-compose.yml starts, without containers:
// a NATS server with the mounted configuration and the worker's real binary
// with its own. Then it asks the health check, and holds the alert rules and
// the dashboard against the metrics that are really there.
func TestDeployment(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a drain is asked for with SIGTERM")
	}
	project := compose(t)
	w := startWorker(t, project.Services["worker"], startNATS(t, project))
	s := scrape(t, w.url+"/metrics")
	t.Run("rules", func(t *testing.T) { checkRules(t, project.Services["prometheus"], s) })
	t.Run("dashboard", func(t *testing.T) { checkDashboards(t, project.Services["grafana"], s) })
	w.drain(t)
	assert.Error(t, w.health(t).Run(), "the health check finds a worker that is gone well")
}

// natsOptions reads the mounted configuration as the server does.
func natsOptions(t *testing.T, project *types.Project) *server.Options {
	t.Helper()
	s := project.Services["nats"]
	file := mounted(s, after(s.Command, "--config"))
	require.NotEmpty(t, file, "the server's configuration is not mounted")
	options, err := server.ProcessConfigFile(file)
	require.NoError(t, err)
	stored := slices.ContainsFunc(s.Volumes, func(v types.ServiceVolumeConfig) bool {
		return v.Type == types.VolumeTypeVolume && within(options.StoreDir, v.Target)
	})
	assert.True(t, stored, "%s is not on a volume: the streams are gone with the container", options.StoreDir)
	return options
}

// startNATS gives the address of a server that differs from compose's only in
// where it listens and keeps its files.
func startNATS(t *testing.T, project *types.Project) string {
	t.Helper()
	options := natsOptions(t, project)
	options.Host, options.Port = "127.0.0.1", server.RANDOM_PORT
	options.HTTPHost, options.HTTPPort = "127.0.0.1", server.RANDOM_PORT
	options.StoreDir, options.NoSigs, options.NoLog = t.TempDir(), true, true
	srv, err := server.NewServer(options)
	require.NoError(t, err)
	go srv.Start()
	t.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
	require.True(t, srv.ReadyForConnections(20*time.Second))
	return srv.ClientURL()
}

// worker is the real binary at work.
type worker struct {
	cmd    *exec.Cmd
	env    []string
	check  []string // the health check, as it is outside a container
	url    string
	binary string
}

func startWorker(t *testing.T, s types.ServiceConfig, natsURL string) *worker {
	t.Helper()
	w := &worker{binary: filepath.Join(t.TempDir(), "worker")}
	output(t, "go", "build", "-o", w.binary, "./cmd/worker")
	addr := freeAddr(t)
	w.url = "http://" + addr
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "NPIFLOW_") {
			w.env = append(w.env, v)
		}
	}
	w.env = append(append(w.env, environment(s)...), "NPIFLOW_NATS_URL="+natsURL, "NPIFLOW_HTTP_ADDR="+addr)

	outside := func(args []string) []string {
		args = slices.Clone(args)
		if i := slices.Index(args, "--config"); i >= 0 {
			args[i+1] = mounted(s, args[i+1])
		}
		return args
	}
	require.Equal(t, []string{"CMD", "/worker"}, []string(s.HealthCheck.Test[:2]), "the image has no shell, only the worker")
	w.check = outside(s.HealthCheck.Test[2:])

	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	w.cmd = exec.CommandContext(t.Context(), w.binary, outside(s.Command)...)
	w.cmd.Dir, w.cmd.Env, w.cmd.Stderr = t.TempDir(), w.env, log // a folder of its own: nothing may be needed beside the mounts
	require.NoError(t, w.cmd.Start())
	t.Cleanup(func() {
		_ = w.cmd.Process.Kill() // ours, and gone already unless the test failed
		_ = w.cmd.Wait()
		if text, err := os.ReadFile(log.Name()); err == nil && t.Failed() {
			t.Logf("the worker's log:\n%s", text)
		}
		_ = log.Close()
	})
	require.Eventually(t, func() bool { return w.health(t).Run() == nil }, 30*time.Second, 100*time.Millisecond, "the health check never passes")
	return w
}

// health is one run of the health check.
func (w *worker) health(t *testing.T) *exec.Cmd {
	c := exec.CommandContext(t.Context(), w.binary, w.check...)
	c.Env = w.env
	return c
}

// drain stops the worker as Docker does.
func (w *worker) drain(t *testing.T) {
	t.Helper()
	require.NoError(t, w.cmd.Process.Signal(syscall.SIGTERM))
	ended := time.AfterFunc(config.Default().Worker.Drain, func() { _ = w.cmd.Process.Kill() })
	defer ended.Stop()
	assert.NoError(t, w.cmd.Wait(), "SIGTERM is a drain, and a drain is no failure")
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

func portOf(t *testing.T, addr string) int {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	require.NoError(t, err)
	n, err := strconv.Atoi(port)
	require.NoError(t, err)
	return n
}

// series is what there is to ask for: metric, label, values.
type series map[string]map[string][]string

var (
	sample = regexp.MustCompile(`^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$`)
	label  = regexp.MustCompile(`(\w+)="([^"]*)"`)
)

// scrape reads the metrics of a worker as Prometheus does.
func scrape(t *testing.T, url string) series {
	t.Helper()
	res, err := http.Get(url)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusOK, res.StatusCode)
	return parseSeries(t, res.Body)
}

func parseSeries(t *testing.T, r io.Reader) series {
	t.Helper()
	found := series{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		m := sample.FindStringSubmatch(lines.Text())
		if m == nil {
			continue // HELP and TYPE
		}
		if found[m[1]] == nil {
			found[m[1]] = map[string][]string{}
		}
		for _, l := range label.FindAllStringSubmatch(m[2], -1) {
			found[m[1]][l[1]] = append(found[m[1]][l[1]], l[2])
		}
	}
	require.NoError(t, lines.Err())
	require.Contains(t, found, "npiflow_lane_active")
	return found
}

package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/broker"
	"github.com/npiflow/npiflow/internal/ledger"
	"github.com/npiflow/npiflow/internal/mirror"
)

// place is a machine to run the operator's commands on: an environment, a
// registry, perhaps a server.
type place struct {
	t        *testing.T
	env      []string
	registry *mirror.Recorded
	srv      *broker.Embedded
	js       jetstream.JetStream
}

var topology = broker.Topology{Prefix: "npi", Lanes: 1, Replicas: 1, CacheTTL: 24 * time.Hour}

// newPlace has a registry that answers and free ports; no server yet.
func newPlace(t *testing.T) *place {
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
	r, err := mirror.NewRecorded(mirror.Answers())
	require.NoError(t, err)
	r.Synthesize = true
	web := httptest.NewServer(r)
	t.Cleanup(web.Close)
	p := &place{t: t, registry: r}
	p.set("ENRICH_API_URL", web.URL+"/api/")
	p.set("HTTP_ADDR", freePort(t))
	p.set("NATS_LISTEN", freePort(t))
	p.set("NATS_DATA_DIR", filepath.Join(t.TempDir(), "nats"))
	return p
}

func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

func (p *place) set(key, value string) { p.env = append(p.env, "NPIFLOW_"+key+"="+value) }

// serve starts a server at nats.url.
func (p *place) serve() {
	var err error
	p.srv, err = broker.Embed(p.t.TempDir(), "127.0.0.1:0", false)
	require.NoError(p.t, err)
	p.t.Cleanup(p.srv.Close)
	nc, err := broker.Connect(broker.Access{URL: p.srv.URL(), Name: p.t.Name()})
	require.NoError(p.t, err)
	p.t.Cleanup(nc.Close)
	p.js, err = jetstream.New(nc)
	require.NoError(p.t, err)
	p.set("NATS_URL", p.srv.URL())
}

// serveReady has everything on it that there must be.
func (p *place) serveReady() {
	p.serve()
	_, _, err := broker.Setup(p.t.Context(), p.js, topology, false)
	require.NoError(p.t, err)
}

// call runs a command as the program would.
func (p *place) call(args ...string) (lines []line, said string, code int) {
	var file string
	root := &cobra.Command{Use: "worker", SilenceUsage: true, SilenceErrors: true}
	root.PersistentFlags().StringVar(&file, "config", "", "")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &assembly.UsageError{Err: err} })
	load := func() (config.Config, error) { return config.Load(file, p.env) }
	root.AddCommand(doctorCommand(load), setupCommand(load), healthCommand(load))
	var stdout, stderr bytes.Buffer
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	root.SetArgs(args)
	code = assembly.Exit(&stderr, root.ExecuteContext(p.t.Context()))
	for text := range strings.Lines(stdout.String()) {
		var l line
		if json.Unmarshal([]byte(text), &l) != nil {
			l = line{Detail: strings.TrimSuffix(text, "\n")} // not asked for JSON
		}
		lines = append(lines, l)
	}
	return lines, stderr.String(), code
}

// find is the line of a name.
func (p *place) find(lines []line, name string) line {
	p.t.Helper()
	for _, l := range lines {
		if l.Name == name {
			return l
		}
	}
	require.Fail(p.t, "no line", "%s in %+v", name, lines)
	return line{}
}

func names(lines []line) (all []string) {
	for _, l := range lines {
		all = append(all, l.Name)
	}
	return all
}

func TestDoctorOnAFreshMachine(t *testing.T) {
	p := newPlace(t)
	lines, said, code := p.call("doctor", "--json")
	assert.Zero(t, code, "%s %+v", said, lines)
	assert.Equal(t, []string{"configuration", "server", "sync", "timeouts", "registry", "local registry", "http", "deliver"}, names(lines))
	assert.Contains(t, p.find(lines, "server").Detail, "embedded: not running")
	assert.Equal(t, map[string]int{"1234567893": 1}, p.asked(), "one polite question")
	_, err := os.Stat(p.value("NATS_DATA_DIR"))
	assert.ErrorIs(t, err, os.ErrNotExist, "doctor starts nothing")
}

func (p *place) asked() map[string]int {
	all := map[string]int{}
	for npi, n := range p.registry.Asked() {
		all[npi.String()] = n
	}
	return all
}

func (p *place) value(key string) string {
	for _, pair := range p.env {
		if v, ok := strings.CutPrefix(pair, "NPIFLOW_"+key+"="); ok {
			return v
		}
	}
	return ""
}

func TestDoctorOnAReadyServer(t *testing.T) {
	p := newPlace(t)
	p.serveReady()
	lines, said, code := p.call("doctor", "--json")
	assert.Zero(t, code, said)
	assert.Equal(t, []string{"configuration", "server", "jetstream", "streams", "storage", "sync", "timeouts",
		"dead letters", "lane claim", "lane roster", "registry", "local registry", "http", "deliver"}, names(lines))
	for _, l := range lines {
		assert.Equal(t, stateOK, l.State, "%+v", l)
		assert.Empty(t, l.Do, "%+v", l)
	}
	assert.Contains(t, p.find(lines, "server").Detail, "version "+server.VERSION)
	assert.Contains(t, p.find(lines, "lane claim").Detail, "no records yet")
}

func TestDoctorBeforeSetup(t *testing.T) {
	p := newPlace(t)
	p.serve()
	lines, said, code := p.call("doctor", "--json")
	assert.Zero(t, code, said)
	l := p.find(lines, "streams")
	assert.Equal(t, stateWarn, l.State)
	for _, thing := range topology.Things() {
		assert.Contains(t, l.Detail, thing)
	}
	assert.Equal(t, line{State: stateOK, Name: "lane claim", Detail: "not set up yet"}, p.find(lines, "lane claim"))
}

func TestDoctorOnAWrongConfiguration(t *testing.T) {
	p := newPlace(t)
	p.set("NATS_REPLICAS", "9")
	p.set("LOG_LEVEL", "loud")
	lines, said, code := p.call("doctor", "--json")
	assert.Equal(t, assembly.ExitUsage, code)
	assert.GreaterOrEqual(t, len(lines), 2, "all faults at once")
	for _, l := range lines {
		assert.Equal(t, stateFail, l.State)
		assert.Equal(t, "configuration", l.Name)
	}
	assert.Contains(t, said, "the configuration has")
}

func TestDoctorWithoutAServer(t *testing.T) {
	p := newPlace(t)
	p.set("NATS_URL", "nats://"+freePort(t))
	lines, _, code := p.call("doctor", "--json")
	assert.Equal(t, assembly.ExitUnreachable, code)
	assert.Equal(t, stateFail, p.find(lines, "server").State)
	assert.Equal(t, stateOK, p.find(lines, "registry").State, "the other lines are still told")
}

func TestDoctorFindsAStrangerWhereTheServerShouldBe(t *testing.T) {
	p := newPlace(t)
	p.set("NATS_LISTEN", stranger(t))
	lines, _, code := p.call("doctor", "--json")
	assert.Equal(t, assembly.ExitUnreachable, code)
	assert.Contains(t, p.find(lines, "server").Do, "nats.listen")
}

// stranger is the address of a server that speaks a language of its own.
func stranger(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	t.Cleanup(func() { _ = l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("220 at your service\r\n"))
			_ = c.Close()
		}
	}()
	return l.Addr().String()
}

func TestDoctorWithoutJetStream(t *testing.T) {
	p := newPlace(t)
	srv, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true})
	require.NoError(t, err)
	srv.Start()
	t.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
	require.True(t, srv.ReadyForConnections(10*time.Second))
	p.set("NATS_URL", srv.ClientURL())
	lines, _, code := p.call("doctor", "--json")
	assert.Equal(t, assembly.ExitFailed, code)
	assert.Equal(t, stateFail, p.find(lines, "jetstream").State)
	assert.Contains(t, p.find(lines, "jetstream").Do, "-js")
	assert.Equal(t, stateOK, p.find(lines, "registry").State)
}

func TestDoctorAsksTheRegistry(t *testing.T) {
	p := newPlace(t)
	p.set("ENRICH_API_TIMEOUT", "300ms")
	for _, c := range []struct {
		mood  mirror.Mood
		state string
		has   string
		code  int
	}{
		{mirror.Mood{}, stateOK, "answers in", 0},
		{mirror.Mood{Fault: mirror.SaysDeactivated}, stateOK, "answers in", 0}, // any answer will do
		{mirror.Mood{Latency: 200 * time.Millisecond}, stateWarn, "only after", 0},
		{mirror.Mood{Fault: mirror.Throttle, RetryAfter: time.Second}, stateWarn, "slow down", 0},
		{mirror.Mood{Fault: mirror.HTML200}, stateFail, "maintenance page", 1},
		{mirror.Mood{Fault: mirror.Fail500}, stateFail, "status 500", 1},
		{mirror.Mood{Fault: mirror.Hang}, stateFail, "timeout", 1},
		{mirror.Mood{Fault: mirror.Refuse}, stateFail, "refused", 1},
		{mirror.Mood{Fault: mirror.Truncated}, stateFail, "truncated", 1},
		{mirror.Mood{Fault: mirror.WrongNPI}, stateFail, "wrong_npi", 1},
	} {
		p.registry.SetMood(c.mood)
		lines, _, code := p.call("doctor", "--json")
		l := p.find(lines, "registry")
		assert.Equal(t, c.code, code, "%+v", l)
		assert.Equal(t, c.state, l.State, "%+v", l)
		assert.Contains(t, l.Detail+l.Do, c.has)
		assert.NotContains(t, l.Detail, "<", "a page is not repeated")
		assert.Equal(t, c.state == stateOK, l.Do == "", "%+v", l)
	}
}

func TestDoctorCountsDeadLetters(t *testing.T) {
	p := newPlace(t)
	p.serveReady()
	for i := range 3 {
		_, err := p.js.Publish(t.Context(), "npi.dead.claim", []byte("SECRET"), jetstream.WithMsgID(fmt.Sprint(i)))
		require.NoError(t, err)
	}
	lines, _, code := p.call("doctor", "--json")
	assert.Zero(t, code)
	l := p.find(lines, "dead letters")
	assert.Equal(t, stateWarn, l.State)
	assert.Equal(t, "3 messages (claim 3)", l.Detail)
	assert.NotContains(t, fmt.Sprint(lines), "SECRET")
}

// publishRecords puts n claims in, and results for the first done of them.
func (p *place) publishRecords(n, done int) {
	for i := range n {
		_, err := p.js.Publish(p.t.Context(), "npi.records.claim", []byte(fmt.Sprintf(`{"id":"%d"}`, i)))
		require.NoError(p.t, err)
	}
	for i := range done {
		p.publishResult(uint64(i + 1))
	}
	// The consumer hears of new messages a moment after they are stored.
	require.Eventually(p.t, func() bool {
		c, err := p.js.Consumer(p.t.Context(), "NPI_RECORDS", "claim")
		return err == nil && c.CachedInfo().NumPending >= uint64(n)
	}, 10*time.Second, 5*time.Millisecond)
}

func (p *place) publishResult(source uint64) {
	m := &nats.Msg{Subject: "npi.results.claim.clean", Data: []byte("{}"),
		Header: nats.Header{ledger.HeaderMark: {ledger.Mark{Sequence: source, Part: 1, Parts: 1}.String()}}}
	_, err := p.js.PublishMsg(p.t.Context(), m)
	require.NoError(p.t, err)
}

func TestDoctorLooksAtLanes(t *testing.T) {
	p := newPlace(t)
	p.serveReady()
	p.publishRecords(5, 2)
	lines, _, code := p.call("doctor", "--json")
	assert.Zero(t, code)
	l := p.find(lines, "lane claim")
	assert.Equal(t, stateWarn, l.State)
	assert.Equal(t, "start a worker", l.Do)
	assert.Equal(t, "worked by nobody now; up to 3 waiting; the ledger is at input 2, which ends at 5", l.Detail)

	kv, err := p.js.KeyValue(t.Context(), "NPI_LEASES")
	require.NoError(t, err)
	_, err = kv.PutString(t.Context(), "claim", `{"holder":"here-1-ABC","renewed":"2026-01-01T00:00:00Z","mark":3}`)
	require.NoError(t, err)
	lines, _, _ = p.call("doctor", "--json")
	l = p.find(lines, "lane claim")
	assert.Equal(t, stateOK, l.State)
	assert.Contains(t, l.Detail, "worked by here-1-ABC, heard of")

	p.publishResult(99)
	lines, _, code = p.call("doctor", "--json")
	assert.Equal(t, assembly.ExitFailed, code)
	l = p.find(lines, "lane claim")
	assert.Equal(t, stateFail, l.State)
	assert.Contains(t, l.Detail, "ends at input 99, but NPI_RECORDS ends at 5")
}

func TestDoctorForPeopleAndPipes(t *testing.T) {
	l := line{stateWarn, "dead letters", "3 messages\x1b[2J", "read them"}
	var b bytes.Buffer
	printer{out: &b}.print(l)
	assert.Equal(t, "warn dead letters: 3 messages?[2J (do: read them)\n", b.String())
	b.Reset()
	t.Setenv("NO_COLOR", "")
	printer{out: &b, person: true}.print(l)
	assert.Equal(t, "\x1b[33mwarn   \x1b[0m  dead letters              3 messages?[2J\n                                   → read them\n", b.String())
	b.Reset()
	t.Setenv("NO_COLOR", "1")
	printer{out: &b, person: true}.print(line{State: stateExists, Name: "stream A"})
	assert.Equal(t, "exists   stream A                  \n", b.String())
	b.Reset()
	printer{out: &b, json: true}.print(line{State: stateOK, Name: "a", Detail: "\xff"})
	assert.Equal(t, "{\"state\":\"ok\",\"name\":\"a\",\"detail\":\"\ufffd\"}\n", b.String())
}

func TestDoctorShowsTheConfigurationInForce(t *testing.T) {
	p := newPlace(t)
	file := filepath.Join(t.TempDir(), "npiflow.yaml")
	require.NoError(t, os.WriteFile(file, []byte("worker: {drain: 42s}\n"), 0o600))
	lines, _, code := p.call("doctor", "--json", "--verbose", "--config", file)
	assert.Zero(t, code)
	assert.Contains(t, p.find(lines, "configuration").Detail, file)
	assert.Contains(t, p.find(lines, "configuration in force").Detail, "drain: 42s")
	text, _, code := p.call("doctor", "-v", "--config", file)
	assert.Zero(t, code)
	assert.Contains(t, text, line{Detail: "        drain: 42s"})
}

func TestWrongUsage(t *testing.T) {
	p := newPlace(t)
	for _, args := range [][]string{{"doctor", "now"}, {"setup", "all"}, {"health", "x"}, {"doctor", "--loud"}} {
		_, said, code := p.call(args...)
		assert.Equal(t, assembly.ExitUsage, code, "%v", args)
		assert.NotEmpty(t, said)
	}
}

func TestDoctorGivesUpWhenToldTo(t *testing.T) {
	p := newPlace(t)
	p.registry.SetMood(mirror.Mood{Fault: mirror.Hang})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, stateFail, registryAnswers(ctx, config.API{URL: p.value("ENRICH_API_URL"), Timeout: time.Minute, Concurrency: 1}).State)
}

package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/broker"
	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/ledger"
	"github.com/npiflow/npiflow/internal/mirror"
	"github.com/npiflow/npiflow/internal/record"
)

var (
	long     = flag.Bool("long", false, "repeat the kill test for an hour")
	killSeed = flag.Uint64("killseed", 0, "seed of the kill test; 0 draws one")
)

// serveEnv makes this test binary a nats-server of its own: "ADDR DIR".
const serveEnv = "NPIFLOW_TEST_SERVE_NATS"

func TestMain(m *testing.M) {
	if at := os.Getenv(serveEnv); at != "" {
		addr, dir, _ := strings.Cut(at, " ")
		if _, err := broker.Embed(dir, addr, false); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		select {} // until killed
	}
	os.Exit(m.Run())
}

// TestKill runs two real workers against a real server, kills both again and
// again, and then proves that every record has its one result, in order.
func TestKill(t *testing.T) {
	seed := *killSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	rounds := 1
	var until time.Time
	if *long {
		rounds, until = 1<<30, time.Now().Add(time.Hour)
	}
	binary := buildWorker(t)
	for i := range rounds {
		if *long && time.Now().After(until) {
			break
		}
		t.Logf("seed %d (repeat with -killseed %d)", seed+uint64(i), seed+uint64(i))
		t.Run("", func(t *testing.T) { killRound(t, binary, rand.New(rand.NewPCG(seed+uint64(i), 1))) })
	}
}

func buildWorker(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "worker")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	return path
}

// process is one of ours, started and killed by its id.
type process struct {
	t     *testing.T
	start func() *exec.Cmd
	cmd   *exec.Cmd
}

func (p *process) run() {
	p.cmd = p.start()
	require.NoError(p.t, p.cmd.Start())
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

const (
	killClaims  = 50_000
	killRosters = 5_000
)

func killRound(t *testing.T, binary string, rnd *rand.Rand) {
	claims, rosters := killClaims, killRosters
	if testing.Short() {
		claims, rosters = claims/10, rosters/10
	}
	dir, addr := t.TempDir(), freeLoopback(t)
	server := &process{t: t, start: func() *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), serveEnv+"="+addr+" "+filepath.Join(dir, "nats"))
		cmd.Stderr = os.Stderr
		return cmd
	}}
	server.run()
	defer func() { server.kill() }()

	registry, err := mirror.NewRecorded(mirror.Answers())
	require.NoError(t, err)
	registry.Synthesize = true
	registry.SetMood(mirror.Mood{Latency: 2 * time.Millisecond})
	web := httptest.NewServer(registry)
	defer web.Close()

	cfg := config.Default()
	cfg.NATS.URL = "nats://" + addr
	nc := connect(t, cfg.NATS.URL)
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		_, _, err := broker.Setup(ctx, js, assembly.Topology(cfg), false)
		return err == nil
	}, 20*time.Second, 50*time.Millisecond, "the server should come up")

	workers := make([]*process, 2)
	for i := range workers {
		log, err := os.Create(filepath.Join(dir, fmt.Sprintf("worker-%d.log", i)))
		require.NoError(t, err)
		defer log.Close()
		workers[i] = &process{t: t, start: func() *exec.Cmd {
			cmd := exec.Command(binary, "run")
			cmd.Env = append(os.Environ(), "NPIFLOW_NATS_URL="+cfg.NATS.URL, "NPIFLOW_ENRICH_API_URL="+web.URL+"/api/", "NPIFLOW_ENRICH_API_RATE=0",
				"NPIFLOW_ENRICH_API_CONCURRENCY=16", "NPIFLOW_HTTP_ADDR=127.0.0.1:0", "NPIFLOW_ENRICH_BREAKER_COOLDOWN=12s")
			cmd.Stderr = log
			return cmd
		}}
		workers[i].run()
		defer func() { workers[i].kill() }()
	}

	// Ten worker kills and three server kills, each when a random number of
	// results is stored: in mid-stream, because the input is ahead of the
	// workers from the beginning and the registry slows them.
	total := claims + rosters
	kill := func(p *process) func() { return func() { p.kill(); p.run() } }
	strikes := []func(){kill(server), kill(server), kill(server)}
	for range 10 {
		strikes = append(strikes, kill(workers[rnd.IntN(len(workers))]))
	}
	rnd.Shuffle(len(strikes), func(i, j int) { strikes[i], strikes[j] = strikes[j], strikes[i] })
	moments := make([]int, len(strikes))
	for i := range moments {
		moments[i] = rnd.IntN(total)
	}
	slices.Sort(moments)

	jobs := map[string]bool{}
	published := make(chan struct{})
	go func() {
		defer close(published)
		for from := 0; from < total; from += 500 {
			publishChunk(t, js, from, min(from+500, total), claims, jobs)
		}
	}()
	for i, strike := range strikes {
		require.Eventually(t, func() bool { return countResults(t.Context(), js) >= moments[i] }, time.Minute, time.Millisecond, "the workers should go on after strike %d", i)
		strike()
	}
	<-published
	proveLedgers(t, js, assembly.Topology(cfg), total, jobs)
}

func freeLoopback(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

func connect(t *testing.T, url string) *nats.Conn {
	var nc *nats.Conn
	require.Eventually(t, func() (ok bool) {
		var err error
		nc, err = nats.Connect(url, nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
		return err == nil
	}, 20*time.Second, 50*time.Millisecond)
	t.Cleanup(nc.Close)
	return nc
}

func countResults(ctx context.Context, js jetstream.JetStream) (n int) {
	for _, stream := range []string{"NPI_RESULTS_CLAIM", "NPI_RESULTS_ROSTER"} {
		once, cancel := context.WithTimeout(ctx, 2*time.Second)
		if s, err := js.Stream(once, stream); err == nil {
			n += int(s.CachedInfo().State.Msgs)
		}
		cancel()
	}
	return n
}

// publishChunk publishes records from..to, again and again until each is
// stored: their message ids make a repeat harmless.
// It runs beside the test's own goroutine, so it asserts and does not require.
func publishChunk(t *testing.T, js jetstream.JetStream, from, to, claims int, jobs map[string]bool) {
	messages := make([]*nats.Msg, 0, to-from)
	for i := from; i < to; i++ {
		messages = append(messages, killRecord(i, claims, jobs))
	}
	assert.Eventually(t, func() bool {
		futures := make([]jetstream.PubAckFuture, 0, len(messages))
		for _, m := range messages {
			f, err := js.PublishMsgAsync(m)
			if err != nil {
				return false
			}
			futures = append(futures, f)
		}
		timeout := time.After(5 * time.Second)
		for _, f := range futures {
			select {
			case <-f.Ok():
			case <-f.Err():
				return false
			case <-timeout:
				return false
			}
		}
		return true
	}, 60*time.Second, 20*time.Millisecond, "the records should come to be stored")
}

// killRecord is record i: every eleventh a roster row, spread over the claims,
// and every tenth of those differs from the registry.
func killRecord(i, claims int, jobs map[string]bool) *nats.Msg {
	header := nats.Header{nats.MsgIdHdr: {fmt.Sprintf("k%d", i)}}
	npi := func(n int) record.NPI { return soundNPI(100000000 + n%15_000) }
	if i%11 == 10 {
		id, phone := fmt.Sprintf("r%d", i), "956-519-9000"
		if i/11%10 == 0 {
			phone = fmt.Sprintf("956-555-%04d", i%10000)
			jobs[id] = true
		}
		return &nats.Msg{Subject: "npi.records.roster.k", Header: header, Data: fmt.Appendf(nil,
			`{"id":"%s","npi":"1336225416","enumeration_type":"NPI-1","first_name":"JOSEPHINE","last_name":"DE LOS SANTOS","effective_date":"2026-11-01","addresses":[{"address_purpose":"LOCATION","address_1":"2504 N CONWAY AVE","city":"MISSION","state":"TX","postal_code":"785742349","telephone_number":"%s"}]}`, id, phone)}
	}
	return &nats.Msg{Subject: "npi.records.claim.k", Header: header, Data: fmt.Appendf(nil,
		`{"id":"c%d","type":"professional","service_from":"2026-10-05","providers":[{"role":"billing","npi":"%s"},{"role":"rendering","npi":"%s"}]}`, i, npi(i), npi(i*7))}
}

// soundNPI is nine digits and the check digit that fits.
func soundNPI(nine int) record.NPI {
	for d := range 10 {
		if n := record.NPI(nine*10 + d); checksum.Valid(n) {
			return n
		}
	}
	panic("one of ten digits always fits")
}

// proveLedgers is the oracle: each lane's source sequences are exactly its
// input's, in order, one result each; every job is there; no dead letters.
func proveLedgers(t *testing.T, js jetstream.JetStream, top broker.Topology, total int, jobs map[string]bool) {
	require.Eventually(t, func() bool { return countResults(t.Context(), js) >= total }, 2*time.Minute, 50*time.Millisecond, "the backlog should be worked off")
	input := map[string][]uint64{}
	each(t, js, top.Records(), func(m jetstream.Msg) {
		meta, err := m.Metadata()
		require.NoError(t, err)
		kind := strings.Split(m.Subject(), ".")[2]
		input[kind] = append(input[kind], meta.Sequence.Stream)
	})
	require.Equal(t, total, len(input["claim"])+len(input["roster"]))
	for _, lane := range top.LaneList() {
		if len(input[lane.Name]) == 0 {
			continue
		}
		at := 0
		each(t, js, lane.Stream, func(m jetstream.Msg) {
			mark, err := ledger.ParseMark(m.Headers().Get(ledger.HeaderMark))
			require.NoError(t, err)
			require.Less(t, at, len(input[lane.Name]), "lane %s has a result too many: %s", lane.Name, mark)
			require.Equal(t, ledger.Mark{Sequence: input[lane.Name][at], Part: 1, Parts: 1}, mark, "lane %s, result %d", lane.Name, at+1)
			require.NotContains(t, m.Subject(), "dead")
			at++
		})
		require.Equal(t, len(input[lane.Name]), at, "lane %s: one result for each record", lane.Name)
	}
	each(t, js, top.Name("WRITEBACK"), func(m jetstream.Msg) {
		var j record.Job
		require.NoError(t, json.Unmarshal(m.Data(), &j))
		delete(jobs, j.RecordID)
	})
	require.Empty(t, jobs, "every job is stored")
	dead, err := js.Stream(t.Context(), top.Name("DEAD"))
	require.NoError(t, err)
	require.Zero(t, dead.CachedInfo().State.Msgs, "no dead letters")
}

func each(t *testing.T, js jetstream.JetStream, stream string, do func(jetstream.Msg)) {
	s, err := js.Stream(t.Context(), stream)
	require.NoError(t, err)
	left := int(s.CachedInfo().State.Msgs)
	c, err := js.OrderedConsumer(t.Context(), stream, jetstream.OrderedConsumerConfig{})
	require.NoError(t, err)
	for left > 0 {
		batch, err := c.Fetch(min(left, 5000), jetstream.FetchMaxWait(10*time.Second))
		require.NoError(t, err)
		got := 0
		for m := range batch.Messages() {
			do(m)
			got++
		}
		require.NotZero(t, got, "stream %s ended early", stream)
		left -= got
	}
}

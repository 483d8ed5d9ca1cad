package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/enrich"
	"github.com/npiflow/npiflow/internal/enrich/local"
	"github.com/npiflow/npiflow/internal/enrich/local/bulk"
	"github.com/npiflow/npiflow/internal/enrich/nppes"
	"github.com/npiflow/npiflow/internal/mirror"
	"github.com/npiflow/npiflow/internal/record"
	"github.com/npiflow/npiflow/testdata/demo"
)

// demoWithin bounds the demonstration: a record without its result by then is
// missing.
const demoWithin = 2 * time.Minute

func demoCommand() *cobra.Command {
	var once bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "do the main job in one process, on sample files and recorded registry answers",
		Long: "Starts a NATS server on file storage in a temporary folder, imports a local registry from rows of CMS's\n" +
			"files, starts a stand-in registry over HTTP that serves recorded NPPES answers (and fails now and then),\n" +
			"publishes sample claims and roster rows, works them with the real worker, and shows every result as it\n" +
			"is stored. Nothing leaves this machine.",
		Example: "  go run ./cmd/worker demo\n  go run ./cmd/worker demo --once   # exits 0 when every record has its one result",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, drain, stop := assembly.Signals()
			defer stop()
			return runDemo(ctx, drain, cmd.OutOrStdout(), once)
		},
	}
	c.Flags().BoolVar(&once, "once", false, "exit when every record has its result: 0 if each has exactly one, 1 if something is missing")
	return c
}

func runDemo(ctx context.Context, drain <-chan struct{}, out io.Writer, once bool) error {
	registry, err := standIn()
	if err != nil {
		return err
	}
	defer registry.close()
	dir, err := os.MkdirTemp("", "npiflow-demo-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	cfg := demoConfig(dir, registry.url, once)
	if err := cfg.Validate(); err != nil {
		return err
	}
	b, err := assembly.Connect(cfg, "npiflow demo", true)
	if err != nil {
		return err
	}
	defer b.Close()
	quiet := zerolog.New(os.Stderr).Level(zerolog.ErrorLevel)
	if err := prepare(ctx, cfg, b, quiet); err != nil {
		return err
	}
	files, err := importSamples(ctx, cfg, dir)
	if err != nil {
		return err
	}
	if err := askBefore(ctx, cfg, b); err != nil {
		return err
	}
	reg := prometheus.NewRegistry()
	worked, stopWorking := make(chan error, 1), make(chan struct{})
	go func() { worked <- work(ctx, stopWorking, cfg, b, reg, quiet) }()
	defer func() { close(stopWorking); <-worked }()

	_, _ = fmt.Fprintf(out, "NATS with JetStream at %s, files in %s\nlocal registry: %s\nstand-in for the live registry at %s\nmetrics, health and single questions (/v0/us/npi?value=NPI&lookup=true) at http://%s\n\n",
		b.URL(), dir, files, registry.url, cfg.HTTP.Addr)
	show := newShow(out, out == io.Writer(os.Stdout) && assembly.IsTerminal(os.Stdout))
	results, err := follow(ctx, cfg, b)
	if err != nil {
		return err
	}
	defer results.stop()
	published, err := publishSamples(ctx, cfg, b, registry, show)
	if err != nil {
		return err
	}
	missing := show.until(ctx, drain, results.messages, published)
	if err := show.summary(ctx, cfg, b, registry.Recorded, reg, missing); err != nil {
		return err
	}
	if missing > 0 {
		return fmt.Errorf("demo: %d of %d records have no result, or more than one", missing, published)
	}
	if once {
		return nil
	}
	_, _ = fmt.Fprintf(out, "\nStill working. Look at http://%s/metrics, publish more with\n  go run ./cmd/producer publish --server %s FILE\nand stop with Ctrl-C.\n", cfg.HTTP.Addr, b.URL())
	for {
		select {
		case m := <-results.messages:
			show.row(m)
		case <-drain:
			return nil
		case err := <-worked:
			worked <- err
			return err
		}
	}
}

// demoConfig is the defaults, but for addresses, folders, and a breaker quick
// enough to watch.
func demoConfig(dir, registry string, once bool) config.Config {
	cfg := config.Default()
	cfg.NATS.DataDir, cfg.NATS.Listen = filepath.Join(dir, "nats"), "127.0.0.1:0"
	cfg.Enrich.Local.Dir = filepath.Join(dir, "registry")
	cfg.Enrich.API.URL, cfg.Enrich.API.Rate = registry, 0
	cfg.Enrich.API.Timeout, cfg.Enrich.Breaker.Cooldown = 500*time.Millisecond, time.Second
	cfg.HTTP.Addr = freeAddr(cfg.HTTP.Addr, once)
	return cfg
}

// importSamples makes the local registry, as `registry import` does.
func importSamples(ctx context.Context, cfg config.Config, dir string) (local.Manifest, error) {
	paths, err := demo.WriteBulk(dir, time.Now())
	if err != nil {
		return local.Manifest{}, err
	}
	files, err := bulk.Recognize(paths...)
	if err != nil {
		return local.Manifest{}, fmt.Errorf("import the sample files: %w", err)
	}
	s, err := local.Import(ctx, cfg.Enrich.Local.Dir, files, local.Options{Sample: true})
	if err != nil {
		return local.Manifest{}, fmt.Errorf("import the sample files: %w", err)
	}
	return s.Manifest, nil
}

// askBefore plays another worker that asked for one of the providers a moment
// ago, and shared the answer.
func askBefore(ctx context.Context, cfg config.Config, b *assembly.Broker) error {
	const asked record.NPI = 1518589548
	client, err := nppes.New(nppes.Config{URL: cfg.Enrich.API.URL, Timeout: cfg.Enrich.API.Timeout, Concurrency: 1, UserAgent: "npiflow demo"})
	if err != nil {
		return fmt.Errorf("make the registry client: %w", err)
	}
	defer client.Close()
	entry, err := client.Lookup(ctx, asked)
	if err != nil {
		return err
	}
	kv, err := b.JS.KeyValue(ctx, assembly.Topology(cfg).Name("PROVIDERS"))
	if err != nil {
		return fmt.Errorf("open the bucket of shared answers: %w", err)
	}
	return enrich.NewKVStore(kv).Put(ctx, entry)
}

// freeAddr is addr, or a free port where addr is taken.
func freeAddr(addr string, anyPort bool) string {
	for _, a := range []string{addr, "127.0.0.1:0"} {
		if anyPort {
			a = "127.0.0.1:0"
		}
		if l, err := net.Listen("tcp", a); err == nil {
			defer func() { _ = l.Close() }()
			return l.Addr().String()
		}
	}
	return addr
}

// registry is the stand-in registry on loopback.
type registry struct {
	*mirror.Recorded
	url   string
	close func()
}

// standIn serves the recorded answers, with a few numbers in a mood of their
// own: deactivated ones, one that is empty the first time it is asked, and one
// that always gets somebody else's record.
func standIn() (*registry, error) {
	made, err := fs.Sub(demo.Files, "registry")
	if err != nil {
		return nil, err
	}
	r, err := mirror.NewRecorded(mirror.Answers(), made)
	if err != nil {
		return nil, fmt.Errorf("load the recorded answers: %w", err)
	}
	for _, npi := range []record.NPI{1003048257, 1013017557} {
		r.SetMoodOf(npi, mirror.Mood{Fault: mirror.SaysDeactivated})
	}
	r.SetMoodOf(1629454814, mirror.Mood{Fault: mirror.EmptyOnce})
	r.SetMoodOf(1999000031, mirror.Mood{Fault: mirror.WrongNPI})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the stand-in registry: %w", err)
	}
	srv := &http.Server{Handler: r, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = srv.Serve(l) }()
	return &registry{r, "http://" + l.Addr().String() + "/api/", func() { _ = srv.Close() }}, nil
}

// publishSamples publishes the roster rows and the first claims, lets the
// registry fail for a moment, and publishes the rest meanwhile.
func publishSamples(ctx context.Context, cfg config.Config, b *assembly.Broker, r *registry, show *show) (int, error) {
	n := 0
	send := func(kind record.Kind, lines [][]byte) error {
		for _, line := range lines {
			n++
			m := &nats.Msg{Subject: assembly.Topology(cfg).Subject("records", string(kind), "demo"), Data: line,
				Header: nats.Header{nats.MsgIdHdr: {"demo-" + strconv.Itoa(n)}}}
			if _, err := b.JS.PublishMsg(ctx, m); err != nil {
				return fmt.Errorf("publish a sample: %w", err)
			}
		}
		return nil
	}
	claims, rosters := lines("claims.ndjson"), lines("rosters.ndjson")
	if err := send(record.KindRoster, rosters); err != nil {
		return n, err
	}
	if err := send(record.KindClaim, claims[:12]); err != nil {
		return n, err
	}
	show.later(500*time.Millisecond, "the registry fails for two seconds: the lanes hold, nothing false is published", func() { r.SetMood(mirror.Mood{Fault: mirror.Fail500}) })
	if err := send(record.KindClaim, claims[12:]); err != nil {
		return n, err
	}
	show.later(2500*time.Millisecond, "the registry is back", func() { r.SetMood(mirror.Mood{}) })
	show.later(4*time.Second, "for one number the registry always sends somebody else's record: after five tries, while others succeed, its claim is published as unverified", func() {})
	return n, nil
}

func lines(name string) [][]byte {
	body, err := demo.Files.ReadFile(name)
	if err != nil {
		panic(err) // embedded
	}
	return bytes.Split(bytes.TrimRight(body, "\n"), []byte("\n"))
}

// feed is the results of all lanes as they are stored.
type feed struct {
	messages chan jetstream.Msg
	stops    []func()
}

func (f *feed) stop() {
	for _, stop := range f.stops {
		stop()
	}
}

func follow(ctx context.Context, cfg config.Config, b *assembly.Broker) (*feed, error) {
	f := &feed{messages: make(chan jetstream.Msg, 1024)}
	for _, l := range assembly.Topology(cfg).LaneList() {
		c, err := b.JS.OrderedConsumer(ctx, l.Stream, jetstream.OrderedConsumerConfig{})
		if err != nil {
			return nil, fmt.Errorf("follow the results: %w", err)
		}
		consuming, err := c.Consume(func(m jetstream.Msg) {
			select {
			case f.messages <- m:
			case <-ctx.Done():
			}
		})
		if err != nil {
			return nil, fmt.Errorf("follow the results: %w", err)
		}
		f.stops = append(f.stops, consuming.Stop)
	}
	return f, nil
}

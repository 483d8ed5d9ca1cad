// Command bench measures npiflow against the engine under it: the real worker
// doing the whole job, beside the usual relay that does no work at all.
//
//	go run ./bench                       everything, a few minutes
//	go run ./bench -only relay -rounds 3 the comparison alone
//	go run ./bench -json                 one JSON object instead of tables
//
// Broker, registry, relay and worker are processes of their own on the
// loopback interface, so that each has its own share of the processors and its
// own peak memory. Everything lies in a temporary folder that is removed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// bench is what one run is told, and where it keeps its things.
type bench struct {
	n        int // claims
	rounds   int
	seed     uint64
	distinct int
	latency  time.Duration
	rows     int    // of the monthly file
	profiles string // folder for CPU profiles, or ""

	dir      string // temporary
	exe      string // this program
	worker   string // the worker under test
	registry string // the registry command
	zip      string // a monthly file
	local    string // a local registry, "" for none
	started  int    // processes so far, to name their logs
}

// parts are the sub-benchmarks, in the order they run.
var parts = []string{"relay", "always", "distinct", "registry", "local", "batches", "forms"}

func main() {
	if len(os.Args) > 1 && roles[os.Args[1]] != nil {
		exit(play(os.Args[1], os.Args[2:]))
	}
	b := &bench{}
	flag.IntVar(&b.n, "n", 200_000, "claims, of two NPIs each")
	flag.IntVar(&b.rounds, "rounds", 5, "rounds, in each of which every contender has its turn")
	flag.Uint64Var(&b.seed, "seed", 1, "the same seed gives the same claims")
	flag.IntVar(&b.distinct, "distinct", 100_000, "distinct NPIs for the part of that name")
	flag.DurationVar(&b.latency, "latency", 50*time.Millisecond, "the registry's latency in the part distinct")
	flag.IntVar(&b.rows, "rows", 2_000_000, "rows of the monthly file for the parts registry and local")
	flag.StringVar(&b.profiles, "cpuprofile", "", "write CPU profiles of every process into this `folder`")
	only := flag.String("only", strings.Join(parts, ","), "parts to run, separated by commas")
	asJSON := flag.Bool("json", false, "print one JSON object")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	r, err := b.run(ctx, strings.Split(*only, ","))
	if err == nil {
		err = r.print(os.Stdout, *asJSON)
	}
	exit(err)
}

func exit(err error) {
	if err == nil {
		os.Exit(0)
	}
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}

func (b *bench) run(ctx context.Context, only []string) (r report, err error) {
	for _, name := range only {
		if !slices.Contains(parts, name) {
			return r, fmt.Errorf("read -only: %q is none of %s", name, strings.Join(parts, ", "))
		}
	}
	if b.n < 1000 || b.rounds < 1 || b.distinct < 1000 || b.rows < 1000 {
		return r, errors.New("read flags: -n, -distinct and -rows are 1000 at least, -rounds 1")
	}
	if b.profiles != "" {
		if b.profiles, err = filepath.Abs(b.profiles); err != nil {
			return r, err
		}
		if err = os.MkdirAll(b.profiles, 0o755); err != nil {
			return r, fmt.Errorf("make the folder for profiles: %w", err)
		}
	}
	if b.dir, err = os.MkdirTemp("", "npiflow-bench-"); err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	if b.exe, err = os.Executable(); err != nil {
		return r, err
	}
	r.Machine = describe(ctx)
	for _, name := range parts {
		if !slices.Contains(only, name) {
			continue
		}
		if err = b.part(ctx, name, &r); err != nil {
			return r, fmt.Errorf("%s: %w", name, err)
		}
	}
	return r, nil
}

func (b *bench) part(ctx context.Context, name string, r *report) (err error) {
	if name != "forms" && name != "registry" && b.worker == "" {
		b.worker = filepath.Join(b.dir, "worker")
		build := exec.CommandContext(ctx, "go", "build", "-o", b.worker, "github.com/npiflow/npiflow/cmd/worker")
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("build the worker: %w\n%s", err, out)
		}
	}
	switch name {
	case "relay":
		r.Relay, err = b.relays(ctx, false)
	case "always":
		r.Always, err = b.relays(ctx, true)
	case "distinct":
		r.Distinct, err = b.newcomers(ctx)
	case "registry":
		r.Registry, err = b.imports(ctx)
	case "local":
		r.Local, err = b.locals(ctx)
	case "batches":
		r.Batches, err = b.batches(ctx)
	case "forms":
		r.Forms, err = b.forms(ctx)
	}
	return err
}

// say tells a waiting person what is going on.
func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/pprof"
	"syscall"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats-server/v2/server"

	"github.com/npiflow/npiflow/internal/mirror"
	"github.com/npiflow/npiflow/internal/record"
)

// role is something this program does in a process of its own: it prints a
// line when it is ready, and goes on until ctx ends.
type role func(ctx context.Context, args []string) error

var roles = map[string]role{"serve": serve, "registry": registry, "relay": relay, "publish": publish, "lookups": lookupsRole}

// flags are those every role takes.
func flags(role string) (f *flag.FlagSet, profile *string) {
	f = flag.NewFlagSet(role, flag.ExitOnError)
	return f, f.String("cpuprofile", "", "")
}

// play does a role until a signal comes or whoever started us is gone.
func play(name string, args []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	return roles[name](ctx, args)
}

// profiled starts a CPU profile; the caller ends it.
func profiled(file string) (end func(), err error) {
	if file == "" {
		return func() {}, nil
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); _ = f.Close() }, nil
}

// serve is the broker.
func serve(ctx context.Context, args []string) error {
	f, profile := flags("serve")
	dir := f.String("dir", "", "")
	always := f.Bool("always", false, "")
	_ = f.Parse(args)
	end, err := profiled(*profile)
	if err != nil {
		return err
	}
	defer end()
	s, err := server.NewServer(&server.Options{
		ServerName: "bench", Host: "127.0.0.1", Port: server.RANDOM_PORT,
		JetStream: true, StoreDir: *dir, SyncAlways: *always, NoSigs: true, NoLog: true,
	})
	if err != nil {
		return fmt.Errorf("make the server: %w", err)
	}
	go s.Start()
	defer func() { s.Shutdown(); s.WaitForShutdown() }()
	if !s.ReadyForConnections(30 * time.Second) {
		return fmt.Errorf("the server in %s is not ready", *dir)
	}
	fmt.Println(s.ClientURL())
	<-ctx.Done()
	return nil
}

// tally is what a registry was asked.
type tally struct {
	Numbers  int `json:"numbers"`  // distinct
	Requests int `json:"requests"` // all of them
	Most     int `json:"most"`     // for one number
}

func (t *tally) add(requests int) {
	t.Numbers++
	t.Requests += requests
	t.Most = max(t.Most, requests)
}

// asked is what the registry role says at /asked.
type asked struct {
	Present tally `json:"present"`
	Absent  tally `json:"absent"`
}

// registry is the stand-in for the registry. It knows every sound number but
// those in deactivated*.txt in its folder.
func registry(ctx context.Context, args []string) error {
	f, profile := flags("registry")
	dir := f.String("dir", "", "")
	latency := f.Duration("latency", 0, "")
	_ = f.Parse(args)
	end, err := profiled(*profile)
	if err != nil {
		return err
	}
	defer end()
	r, err := mirror.NewRecorded(os.DirFS(*dir))
	if err != nil {
		return err
	}
	r.Synthesize = true
	r.SetMood(mirror.Mood{Latency: *latency})
	mux := http.NewServeMux()
	mux.Handle("/api/", r)
	mux.HandleFunc("/asked", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.MarshalWrite(w, count(r))
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", l.Addr())
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { <-ctx.Done(); _ = s.Close() }()
	if err := s.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}

func count(r *mirror.Recorded) (a asked) {
	absent := map[record.NPI]bool{}
	for _, npi := range r.Deactivated() {
		absent[npi] = true
	}
	for npi, requests := range r.Asked() {
		if absent[npi] {
			a.Absent.add(requests)
		} else {
			a.Present.add(requests)
		}
	}
	return a
}

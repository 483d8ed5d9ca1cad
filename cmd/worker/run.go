package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/broker"
	"github.com/npiflow/npiflow/internal/consumer"
	"github.com/npiflow/npiflow/internal/mirror"
	"github.com/npiflow/npiflow/internal/ops"
	"github.com/npiflow/npiflow/internal/record"
)

func runCommand(load func() (config.Config, error)) *cobra.Command {
	var profile string
	c := &cobra.Command{
		Use:   "run",
		Short: "work the lanes until told to stop",
		Long: "Pulls records, vets their NPIs and publishes results and jobs until SIGINT or SIGTERM.\n" +
			"Any number of workers may run on one server: each lane has one active worker, the others stand by.",
		Example: "  worker run --config config/npiflow.yaml\n  NPIFLOW_NATS_URL=nats://nats:4222 worker run",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			cfg, err := load()
			if err != nil {
				return err
			}
			if slices.Contains(cfg.Worker.Roles, config.RoleDeliver) {
				return &assembly.UsageError{Err: errors.New("worker.roles: this version does not deliver write-back jobs yet; it stores them in " +
					assembly.Topology(cfg).Name("WRITEBACK") + ". Leave only validate")}
			}
			if profile != "" {
				stop, err := startProfile(profile)
				if err != nil {
					return err
				}
				defer stop()
			}
			ctx, drain, stop := assembly.Signals()
			defer stop()
			return run(ctx, drain, cfg, assembly.Logger(os.Stderr, cfg.Log))
		},
	}
	c.Flags().StringVar(&profile, "cpuprofile", "", "write a CPU profile to this file")
	_ = c.Flags().MarkHidden("cpuprofile")
	return c
}

func startProfile(path string) (stop func(), err error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("write a CPU profile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, fmt.Errorf("write a CPU profile: %w", err)
	}
	return func() { pprof.StopCPUProfile(); _ = f.Close() }, nil
}

// run is the worker's whole life: connect, build the rooms outward from the
// core, work until drained.
func run(ctx context.Context, drain <-chan struct{}, cfg config.Config, log zerolog.Logger) error {
	if os.Getenv("GOGC") == "" {
		stop := tuneGC()
		defer stop()
	}
	b, err := assembly.Connect(cfg, "npiflow worker", true)
	if err != nil {
		return err
	}
	defer b.Close()
	b.NC.SetErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
		log.Warn().Err(err).Msg("the connection to NATS reports an error")
	})
	log.Info().Str("url", b.URL()).Str("version", b.NC.ConnectedServerVersion()).Bool("embedded", cfg.NATS.URL == "").Msg("connected to NATS")
	if err := prepare(ctx, cfg, b, log); err != nil {
		return err
	}
	return work(ctx, drain, cfg, b, prometheus.NewRegistry(), log)
}

// work builds the rooms outward from the core and works until drained.
func work(ctx context.Context, drain <-chan struct{}, cfg config.Config, b *assembly.Broker, reg *prometheus.Registry, log zerolog.Logger) error {
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	e, closeEnricher, err := assembly.Enricher(ctx, cfg, b.JS, reg, log)
	if err != nil {
		return err
	}
	defer closeEnricher()
	lanes, watch := assembly.Lanes(cfg, b, assembly.Pipeline(e, cfg.Writeback.Enabled), e, reg, log)

	draining := func() bool {
		select {
		case <-drain:
			return true
		default:
			return false
		}
	}
	web, err := ops.Serve(ctx, cfg.HTTP.Addr, ops.New(ops.Config{
		Gatherer: reg,
		Live:     func() ops.Report { return ops.LiveReport(laneStates(lanes), time.Now()) },
		Ready: func() ops.Report {
			return append(ops.ReadyReport(b.NC.IsConnected(), draining(), laneStates(lanes)), localLine(e.Local, cfg.Enrich.Local.MaxAge, time.Now()))
		},
		Check: mirror.NewCheck(func(ctx context.Context, npi record.NPI) (*record.Entry, error) {
			ctx, cancel := context.WithTimeout(ctx, checkWithin)
			defer cancel()
			return e.Ask(ctx, npi)
		}),
	}))
	if err != nil {
		return err
	}
	defer web.Close()
	g, ctx := errgroup.WithContext(ctx)
	for _, l := range lanes {
		g.Go(func() error { return l.Run(ctx, drain) })
	}
	g.Go(func() error { watch(ctx, drain); return nil })
	log.Info().Int("lanes", len(lanes)).Str("http", web.Addr()).Msg("working; stop with Ctrl-C")
	err = g.Wait()
	log.Info().Msg("drained; every lane was given back")
	return err
}

// checkWithin bounds one question to the check API: whoever asks by hand or
// from a form is gone by then.
const checkWithin = 4 * time.Second

func laneStates(lanes []*consumer.Lane) []ops.LaneState {
	states := make([]ops.LaneState, len(lanes))
	for i, l := range lanes {
		state, progress := l.State()
		states[i] = ops.LaneState{Name: l.Name(), State: state, Progress: progress}
	}
	return states
}

// prepare makes what the server lacks. What exists is left as it is: only
// `setup --apply` changes it.
func prepare(ctx context.Context, cfg config.Config, b *assembly.Broker, log zerolog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	created, drift, err := broker.Setup(ctx, b.JS, assembly.Topology(cfg), false)
	for _, c := range created {
		log.Info().Str("made", c).Msg("created what the server lacked")
	}
	for _, d := range drift {
		log.Warn().Str("thing", d.Thing).Str("differs", d.What).Msg("not as configured; see `worker setup --apply`")
	}
	if err != nil {
		return fmt.Errorf("prepare the server (is JetStream enabled, and may this user create streams? if not, run `worker setup` as one who may): %w", err)
	}
	return nil
}

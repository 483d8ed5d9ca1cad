package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/spf13/cobra"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/internal/enrich/local"
	"github.com/npiflow/npiflow/internal/mirror"
	"github.com/npiflow/npiflow/internal/ops"
	"github.com/npiflow/npiflow/internal/record"
)

func serveCommand(c *console) *cobra.Command {
	var addr string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "answer over HTTP as the NPPES API does",
		Long: "Answers what the NPPES read API v2.1 answers, at /api/, from the imported files: a client of it needs\n" +
			"only another base URL. Searching needs a registry imported with --search. Beside it:\n\n" +
			"  /v0/us/npi?value=NPI[&lookup=true]   one NPI: valid, found, status, name\n" +
			"  /livez /readyz /metrics              ready while there is a registry that can be used\n\n" +
			"An import of the same folder is noticed within a second, and answers go on meanwhile. It listens on this\n" +
			"machine only unless --addr and http.public say otherwise: it asks nobody for a password. The first SIGINT or\n" +
			"SIGTERM lets answers under way be finished, the second ends it at once.\n\n" +
			"Exit codes: 0 stopped by a signal; 1 failed; 2 wrong usage or configuration.",
		Example: "  registry serve\n  curl 'http://127.0.0.1:8081/api/?version=2.1&number=1770626038'\n" +
			"  NPIFLOW_HTTP_PUBLIC=true registry serve --addr 0.0.0.0:8081",
		Args: assembly.CheckedArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.serve(cmd.Context(), addr)
		},
	}
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:8081", "`HOST:PORT` to listen on; port 0 takes any free one")
	return cmd
}

func (c *console) serve(ctx context.Context, addr string) error {
	ctx, stop := untilSignal(ctx)
	defer stop()
	cfg, err := c.config("NPIFLOW_HTTP_ADDR=" + addr)
	if err != nil {
		return err
	}
	log := c.log(cfg.Log)
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	r := serving{Registry: local.NewRegistry(cfg.Enrich.Local.Dir, log, reg, nil), metrics: newMetrics(reg), draining: new(atomic.Bool)}
	defer func() { _ = r.Close() }()
	// The server ends by Close, not with ctx: that would cut answers off.
	web, err := ops.Serve(context.WithoutCancel(ctx), addr, r.handler(reg))
	if err != nil {
		return listenError(addr, err)
	}
	log.Info().Str("http", web.Addr()).Str("dir", cfg.Enrich.Local.Dir).Msg("serving; stop with Ctrl-C")
	<-ctx.Done()
	r.draining.Store(true)
	web.Close()
	log.Info().Msg("stopped")
	return nil
}

func listenError(addr string, err error) error {
	var at *net.OpError
	if errors.As(err, &at) {
		err = at.Err
	}
	return fmt.Errorf("serve on %s: %w (name a free address with --addr)", addr, err)
}

// serving is a registry as the handlers need it.
type serving struct {
	*local.Registry
	metrics  *metrics
	draining *atomic.Bool
}

// Manifest is that of the build that answers.
func (s serving) Manifest() local.Manifest { return s.State().Manifest }

func (s serving) handler(reg prometheus.Gatherer) http.Handler {
	pages := ops.New(ops.Config{
		Gatherer: reg,
		Live:     func() ops.Report { return nil },
		Ready:    s.ready,
		Check:    s.metrics.timed(apiCheck, mirror.NewCheck(s.entry)),
	})
	api := s.metrics.timed(apiNPPES, mirror.NewAPI(s))
	mux := http.NewServeMux()
	mux.Handle("/api", api)
	mux.Handle("/api/", api)
	mux.Handle("/", pages)
	return mux
}

// ready reports whether questions sent now would be answered from files.
func (s serving) ready() ops.Report {
	at := s.State()
	l := ops.Line{OK: at.Usable, Name: "local registry", Detail: at.Detail}
	switch {
	case at.Damaged:
		l.Detail = "damaged: run `registry import` with the monthly file"
	case !at.Usable:
		l.Detail = "none that can be used: run `registry import`"
	}
	intake := ops.Line{OK: !s.draining.Load(), Name: "intake", Detail: "open"}
	if !intake.OK {
		intake.Detail = "stopping"
	}
	return ops.Report{l, intake}
}

var errUnusable = errors.New("look up: there is no registry that can be used, or none made from a monthly file")

// Lookup tells "nobody has this NPI" from "nobody can say", which is an error:
// nil is an answer only while one build with a monthly file answers.
func (s serving) Lookup(npi record.NPI) (*record.Entry, error) {
	before := s.State()
	e, err := s.Registry.Lookup(npi)
	if err != nil || e != nil {
		return e, err
	}
	after := s.State()
	if !before.Usable || !after.Usable || before.Manifest.Built != after.Manifest.Built || after.Manifest.Providers.AsOf == 0 {
		return nil, errUnusable
	}
	return nil, nil
}

// entry answers one question of the check API.
func (s serving) entry(_ context.Context, npi record.NPI) (*record.Entry, error) { return look(s, npi) }

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/broker"
	"github.com/npiflow/npiflow/internal/enrich"
	"github.com/npiflow/npiflow/internal/enrich/local"
	"github.com/npiflow/npiflow/internal/record"
)

// checkTimeout is how long no result may come. The worker is at hand and holds
// nothing back, so this is a matter of the registry's own time-outs.
const checkTimeout = 5 * time.Minute

func checkCommand(c *console) *cobra.Command {
	p := &publishing{reading: reading{console: c}, wait: true, inside: true, timeout: checkTimeout}
	offline := false
	cmd := &cobra.Command{
		Use:   "check FILE...",
		Short: "vet the NPIs in files, without a server",
		Long: "Does the whole job on files in this one process: reads them, asks the local registry and the live one,\n" +
			"judges, and shows what is wrong and a summary. Files are JSON or NDJSON, X12 837, FHIR R4, or rosters (CSV,\n" +
			"TSV, XLSX), decided by what is in them; folders and patterns stand for their files, - for standard input.\n" +
			"What the registry cannot be asked about is shown as unverified. Nothing of a patient is written anywhere,\n" +
			"and nothing is left behind but the report.",
		Example: "  producer check claims.837\n" +
			"  producer check roster.xlsx --out checked.xlsx\n" +
			"  producer check claims/ --offline --fail-on error",
		Args: assembly.CheckedArgs(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if c.server != "" {
				return assembly.Usage("check needs no server; publish does the same with one")
			}
			if err := p.check(args); err != nil {
				return err
			}
			cfg, err := c.load()
			if err != nil {
				return err
			}
			return p.alone(cmd.Context(), cfg, offline)
		},
	}
	p.flags(cmd.Flags())
	cmd.Flags().BoolVar(&offline, "offline", false, "ask the local registry only, not the live one")
	return cmd
}

// alone does the whole job with a server and a worker of its own, in a folder
// that is gone afterwards.
func (p *publishing) alone(ctx context.Context, cfg config.Config, offline bool) (err error) {
	dir, err := os.MkdirTemp("", "npiflow-check-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	cfg = aloneConfig(cfg, dir)
	b, err := assembly.Connect(cfg, "npiflow check", true)
	if err != nil {
		return err
	}
	defer b.Close()
	if _, _, err := broker.Setup(ctx, b.JS, assembly.Topology(cfg), false); err != nil {
		return fmt.Errorf("prepare the server: %w", err)
	}
	reg, log := prometheus.NewRegistry(), zerolog.Nop()
	tiers, closeTiers, err := tiersFor(ctx, cfg, b, offline, reg, log)
	if err != nil {
		return err
	}
	defer closeTiers()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lanes, _ := assembly.Lanes(cfg, b, assembly.Pipeline(tiers, false), tiers, reg, log)
	working, laneCtx := errgroup.WithContext(ctx)
	drain := make(chan struct{})
	for _, l := range lanes {
		working.Go(func() error { return l.Run(laneCtx, drain) })
	}
	err = p.run(laneCtx, cfg, b)
	close(drain)
	if worked := working.Wait(); worked != nil && ctx.Err() == nil {
		err = errors.Join(err, worked)
	}
	return err
}

// aloneConfig is a configuration's part that says what is asked and how, with
// a server of our own. Nobody waits for the end of an outage: what cannot be
// asked is unverified.
func aloneConfig(cfg config.Config, dir string) config.Config {
	own := config.Default()
	own.NATS.DataDir, own.NATS.Listen = dir, "127.0.0.1:0"
	own.Enrich = cfg.Enrich
	own.Enrich.OnOutage = config.Unverified
	own.Enrich.Cache.Shared = false
	own.Writeback.Enabled = false
	return own
}

// tiersFor gives the registry's side: all of it, or the local part alone.
func tiersFor(ctx context.Context, cfg config.Config, b *assembly.Broker, offline bool, reg prometheus.Registerer, log zerolog.Logger) (*assembly.Tiers, func(), error) {
	if !offline {
		return assembly.Enricher(ctx, cfg, b.JS, reg, log)
	}
	t := &assembly.Tiers{}
	var files enrich.Local // stays nil where there is none
	if cfg.Enrich.Local.Dir != "" {
		t.Local = local.NewRegistry(cfg.Enrich.Local.Dir, log, reg, func() {})
		files = t.Local
	}
	t.Enricher = enrich.New(enrich.Config{
		CacheSize: cfg.Enrich.Cache.Size, TTL: cfg.Enrich.Cache.TTL, AbsentTTL: cfg.Enrich.Cache.AbsentTTL,
		Failures: 1, Cooldown: 24 * time.Hour, LocalMaxAge: cfg.Enrich.Local.MaxAge,
	}, nobody{}, files, nil, reg, log)
	return t, func() {
		t.Enricher.Close()
		if t.Local != nil {
			_ = t.Local.Close()
		}
	}, nil
}

// nobody is the live registry of those who are not to ask it.
type nobody struct{}

func (nobody) Lookup(context.Context, record.NPI) (*record.Entry, error) {
	return nil, &enrich.UnavailableError{Reason: enrich.ReasonRefused}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/broker"
)

func setupCommand(load func() (config.Config, error)) *cobra.Command {
	var apply, asJSON bool
	c := &cobra.Command{
		Use:   "setup",
		Short: "create the streams, consumers and buckets the server lacks",
		Long: "Creates what is missing and says of everything whether it was created, was there, or differs from\n" +
			"the configuration. What exists is changed only with --apply, and then only where it differs. Where no\n" +
			"nats.url is set and no worker runs, the embedded server is started for as long as this takes.\n\n" +
			"Exit codes: 0 all as configured; 1 something differs; 2 configuration; 3 server not reachable.",
		Example: "  worker setup --config config/npiflow.yaml\n  worker setup --apply\n  worker setup --json | grep differs",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := load()
			if err != nil {
				return err
			}
			return setUp(cmd.Context(), cfg, apply, newPrinter(cmd.OutOrStdout(), asJSON))
		},
	}
	c.Flags().BoolVar(&apply, "apply", false, "change what differs")
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line: state, name, detail, do")
	return c
}

// noArgs refuses arguments as wrong usage.
func noArgs(cmd *cobra.Command, args []string) error {
	if err := cobra.NoArgs(cmd, args); err != nil {
		return &assembly.UsageError{Err: err}
	}
	return nil
}

func setUp(ctx context.Context, cfg config.Config, apply bool, p printer) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	b, err := reach(cfg, "npiflow setup")
	if err != nil {
		return err
	}
	defer b.Close()
	t := assembly.Topology(cfg)
	created, drift, err := broker.Setup(ctx, b.JS, t, apply)
	if err != nil {
		for _, name := range created {
			p.print(line{State: stateCreated, Name: name})
		}
		return fmt.Errorf("%w (is JetStream enabled, and may this user create streams? `worker doctor` tells more)", err)
	}
	left := 0
	for _, name := range t.Things() {
		l := setupLine(name, created, drift)
		p.print(l)
		if l.State == stateDiffers {
			left++
		}
	}
	if left > 0 {
		return &verdict{text: fmt.Sprintf("set up the server: %d of %d differ from the configuration", left, len(t.Things()))}
	}
	return nil
}

// The states of a thing after setup.
const (
	stateCreated = "created"
	stateExists  = "exists"
	stateDiffers = "differs"
	stateAltered = "altered" // it differed, and no longer does
)

func setupLine(name string, created []string, drift []broker.Drift) line {
	if slices.Contains(created, name) {
		return line{State: stateCreated, Name: name}
	}
	i := slices.IndexFunc(drift, func(d broker.Drift) bool { return d.Thing == name })
	if i < 0 {
		return line{State: stateExists, Name: name}
	}
	switch d := drift[i]; {
	case d.Mended:
		return line{State: stateAltered, Name: name, Detail: "was otherwise: " + d.What}
	case d.Refused != "":
		return line{stateDiffers, name, d.What + "; the server will not change it: " + d.Refused,
			"copy what is in it to a new stream of the right kind, or change the configuration"}
	default:
		return line{stateDiffers, name, d.What, "run `worker setup --apply`, or change the configuration"}
	}
}

// reach connects to nats.url, or to the embedded server of a worker that runs,
// or else starts the embedded server.
func reach(cfg config.Config, name string) (*assembly.Broker, error) {
	b, err := assembly.Connect(cfg, name, false)
	var away *broker.UnreachableError
	if cfg.NATS.URL == "" && errors.As(err, &away) {
		return assembly.Connect(cfg, name, true)
	}
	return b, err
}

// Command worker runs the pipeline: it pulls claims and roster rows from
// JetStream, vets every NPI in them, and publishes one result per record and
// the write-back jobs that follow.
//
//	worker run --config FILE   works until told to stop
//	worker demo                does the main job in one process, on recorded answers
//	worker setup               creates what the server lacks, reports what differs
//	worker doctor              says what would keep it from working
//	worker health              asks a running worker whether it is alive
//
// The first SIGINT or SIGTERM drains: no more is taken, what is held is
// finished within worker.drain, and each lane is handed to a standby at once.
// The second exits immediately; nothing is lost by it, the next start goes on
// where the ledger ends.
//
// Exit codes: 0 fine; 1 failed while running; 2 wrong usage or configuration;
// 3 something outside is not reachable.
package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/config"
)

func main() {
	os.Exit(assembly.Exit(os.Stderr, rootCommand().Execute()))
}

func rootCommand() *cobra.Command {
	var file string
	root := &cobra.Command{
		Use:           "worker",
		Short:         "vets every NPI in a stream of claims and provider rosters",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          noArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().StringVar(&file, "config", "", "configuration file (YAML); every key can also be set by environment, NPIFLOW_NATS_URL for nats.url")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &assembly.UsageError{Err: err} })
	load := func() (config.Config, error) { return config.Load(file, os.Environ()) }
	root.AddCommand(runCommand(load), demoCommand(), setupCommand(load), doctorCommand(load), healthCommand(load))
	return root
}

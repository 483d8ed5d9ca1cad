// Command registry keeps the local registry: it is built from the files that
// CMS and the OIG publish, and then answers for an NPI without asking anyone.
//
//	registry import FILE...   takes in bulk files as they are shipped
//	registry lookup NPI...    says what the files hold of an NPI
//	registry status           says what was imported, and what is overdue
//	registry serve            answers over HTTP as the NPPES API does
//	registry validate-pjson   says whether the write API would take a document
//
// It lies in enrich.local.dir (data/registry), or where --dir says. An import
// builds beside what is there and takes its place at the very end: whatever
// fails, is stopped or killed before that changes nothing, and workers and
// servers go over to the new build by themselves.
//
// Exit codes: 0 fine; 1 failed: a file refused, nothing imported, an NPI that is
// not active, or a document with errors; 2 wrong usage or configuration.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/enrich/local"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the whole program: it ends when the command is done.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := rootCommand(&console{in: stdin, out: stdout, err: stderr})
	root.SetArgs(args)
	return assembly.Exit(stderr, root.ExecuteContext(ctx))
}

// console is what a command reads and writes, and where the registry lies.
type console struct {
	in       io.Reader
	out, err io.Writer

	file string // of the configuration
	dir  string
}

func rootCommand(c *console) *cobra.Command {
	root := &cobra.Command{
		Use:           "registry",
		Short:         "keeps the local registry, built from the files CMS and the OIG publish",
		Example:       "  registry import NPPES_Data_Dissemination_November_2026_V2.zip\n  registry lookup 1770626038\n  registry status",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return assembly.Usage("there is no command %q; see registry --help", args[0])
			}
			return assembly.Usage("name a command: import, lookup, status, serve or validate-pjson; see registry --help")
		},
		RunE: func(*cobra.Command, []string) error { return nil },
	}
	root.SetOut(c.out)
	root.SetErr(c.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return assembly.Usage("%w; see %s --help", err, cmd.CommandPath())
	})
	root.PersistentFlags().StringVar(&c.file, "config", "", "configuration `FILE` (YAML); every key can also be set by environment, NPIFLOW_ENRICH_LOCAL_DIR for enrich.local.dir")
	root.PersistentFlags().StringVar(&c.dir, "dir", "", "`FOLDER` of the registry, instead of enrich.local.dir")
	root.AddCommand(importCommand(c), lookupCommand(c), statusCommand(c), serveCommand(c), validateCommand(c))
	return root
}

// config loads the configuration. Each of set is a key of it by environment,
// such as NPIFLOW_HTTP_ADDR=…, and counts before all else.
func (c *console) config(set ...string) (config.Config, error) {
	env := append(os.Environ(), set...)
	if c.dir != "" {
		env = append(env, "NPIFLOW_ENRICH_LOCAL_DIR="+c.dir)
	}
	cfg, err := config.Load(c.file, env)
	if err == nil && cfg.Enrich.Local.Dir == "" {
		err = assembly.Usage("enrich.local.dir is empty, so there is no local registry; name a folder with --dir")
	}
	return cfg, err
}

// open opens the build that answers, for reading.
func (c *console) open() (*local.Store, config.Local, error) {
	cfg, err := c.config()
	if err != nil {
		return nil, cfg.Enrich.Local, err
	}
	s, err := local.Open(cfg.Enrich.Local.Dir)
	if errors.Is(err, local.ErrNone) {
		err = fmt.Errorf("%w (it is looked for in %s; --dir names another folder)", err, cfg.Enrich.Local.Dir)
	}
	return s, cfg.Enrich.Local, err
}

// untilSignal ends at the first SIGINT or SIGTERM. From then on a signal ends
// the process.
func untilSignal(ctx context.Context) (context.Context, func()) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// terminal gives w as a file if a person reads it, else nil.
func terminal(w any) *os.File {
	if f, ok := w.(*os.File); ok && assembly.IsTerminal(f) {
		return f
	}
	return nil
}

// log writes to standard error as every command does.
func (c *console) log(l config.Log) zerolog.Logger {
	if f, ok := c.err.(*os.File); ok {
		return assembly.Logger(f, l)
	}
	return zerolog.New(c.err).With().Timestamp().Logger()
}

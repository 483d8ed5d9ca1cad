// Command producer puts records in and reads results out.
//
//	producer check FILE...     vets the NPIs in files, without a server
//	producer decode FILE...    prints the records found in files
//	producer publish FILE...   publishes the records found in files
//	producer watch             follows the results of all lanes
//	producer replay            judges stored records again, into the audit stream
//
// It talks to the server at nats.url, or, where there is none, to the one a
// worker has embedded on this machine. The first SIGINT or SIGTERM stops
// cleanly, the second at once; whatever was interrupted can be run again.
//
// Exit codes: 0 fine; 1 failed while running; 2 wrong usage or configuration;
// 3 something outside is not reachable.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"syscall"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/cobra"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/broker"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // from then on a signal ends the process
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the whole program: it ends when the command is done or ctx is.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := rootCommand(&console{in: stdin, out: stdout, err: stderr})
	root.SetArgs(args)
	return assembly.Exit(stderr, root.ExecuteContext(ctx))
}

// console is what a command reads and writes, and which server it talks to.
type console struct {
	in       io.Reader
	out, err io.Writer

	file   string // of the configuration
	server string
}

func rootCommand(c *console) *cobra.Command {
	root := &cobra.Command{
		Use:           "producer",
		Short:         "puts records in and reads results out",
		Example:       "  producer check claims.837\n  producer publish claims.ndjson\n  producer watch --verdict rejected,flagged",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return assembly.Usage("there is no command %q; see producer --help", args[0])
			}
			return assembly.Usage("name a command: check, decode, publish, watch or replay; see producer --help")
		},
		RunE: func(*cobra.Command, []string) error { return nil },
	}
	root.SetOut(c.out)
	root.SetErr(c.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return assembly.Usage("%w; see %s --help", err, cmd.CommandPath())
	})
	root.PersistentFlags().StringVar(&c.file, "config", "", "configuration `FILE` (YAML); every key can also be set by environment, NPIFLOW_NATS_URL for nats.url")
	root.PersistentFlags().StringVar(&c.server, "server", "", "`URL` of the server, instead of nats.url (default: the one a worker has embedded here)")
	root.AddCommand(checkCommand(c), decodeCommand(c), publishCommand(c), watchCommand(c), replayCommand(c))
	return root
}

// load reads the configuration.
func (c *console) load() (config.Config, error) {
	env := os.Environ()
	if c.server != "" {
		env = append(env, "NPIFLOW_NATS_URL="+c.server) // the last one counts
	}
	return config.Load(c.file, env)
}

// connect loads the configuration and reaches the server.
func (c *console) connect() (config.Config, *assembly.Broker, error) {
	cfg, err := c.load()
	if err != nil {
		return cfg, nil, err
	}
	b, err := assembly.Connect(cfg, "npiflow producer", false)
	if err != nil && cfg.NATS.URL == "" {
		err = fmt.Errorf("%w; `worker run` starts one, --server names another", err)
	}
	if err == nil {
		// The client would print its troubles itself; those that matter come
		// back as errors of what was tried.
		b.NC.SetErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})
	}
	return cfg, b, err
}

// stream finds a stream that must be there.
func stream(ctx context.Context, js jetstream.JetStream, name string) (jetstream.Stream, error) {
	s, err := js.Stream(ctx, name)
	switch {
	case err == nil:
		return s, nil
	case broker.Gone(err):
		return nil, fmt.Errorf("find stream %s: it does not exist; start a worker, or run `worker setup`", name)
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount):
		return nil, fmt.Errorf("find stream %s: %w: the server must run with JetStream (nats-server -js)", name, err)
	}
	return nil, fmt.Errorf("find stream %s: %w", name, err)
}

// tokenForm is what may stand between two dots of a subject of ours.
var tokenForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func checkToken(flag, value string) error {
	if !tokenForm.MatchString(value) {
		return assembly.Usage("--%s %q: use up to 64 letters, digits, - and _: it becomes part of a subject", flag, value)
	}
	return nil
}

// isTerminal reports whether a person reads w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && assembly.IsTerminal(f)
}

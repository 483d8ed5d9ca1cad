package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/broker"
	"github.com/npiflow/npiflow/internal/ops"
)

// healthWithin bounds the question and its answer: whoever asks for health
// kills what does not answer, so an answer later than this is none.
const healthWithin = 2 * time.Second

func healthCommand(load func() (config.Config, error)) *cobra.Command {
	return &cobra.Command{
		Use:   "health",
		Short: "ask the worker on this machine whether it makes progress",
		Long: "Asks the worker at http.addr for /livez and prints what it says. Made for container health checks.\n\n" +
			"Exit codes: 0 every lane makes progress; 1 one does not; 2 configuration; 3 no worker answers.",
		Example: "  worker health --config config/npiflow.yaml\n  HEALTHCHECK CMD [\"/worker\", \"health\"]",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := load()
			if err != nil {
				return err
			}
			return health(cmd.Context(), cfg.HTTP.Addr, cmd.OutOrStdout())
		},
	}
}

func health(ctx context.Context, addr string, out io.Writer) error {
	addr, err := dialable(addr)
	if err != nil {
		return &assembly.UsageError{Err: err}
	}
	a, err := askAlive(ctx, addr)
	if err != nil {
		return &verdict{"ask the worker at " + addr + " for its health: " + err.Error() + " (is it running, and is http.addr the same here and there?)",
			&broker.UnreachableError{URL: addr, Err: err}}
	}
	for _, l := range a.lines {
		_, _ = fmt.Fprintln(out, l)
	}
	if !a.alive {
		return &verdict{text: "the worker at " + addr + " is not alive"}
	}
	return nil
}

// dialable is the address at which a server that listens on addr can be
// reached from this machine.
func dialable(addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", fmt.Errorf("http.addr %q is not HOST:PORT", addr)
	}
	if port == "0" {
		return "", errors.New("http.addr has port 0, so the worker takes any: set a port to be able to ask it")
	}
	switch ip := net.ParseIP(host); {
	case host == "" || ip != nil && ip.IsUnspecified() && ip.To4() != nil:
		host = "127.0.0.1"
	case ip != nil && ip.IsUnspecified():
		host = "::1"
	}
	return net.JoinHostPort(host, port), nil
}

// aliveness is what a worker says of itself.
type aliveness struct {
	alive bool
	lines []string
}

var errStranger = errors.New("what answers there is not npiflow")

// askAlive asks for /livez. The error is errStranger where something else has
// the port; nothing it says is repeated.
func askAlive(ctx context.Context, addr string) (aliveness, error) {
	ctx, cancel := context.WithTimeout(ctx, healthWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/livez", nil)
	if err != nil {
		return aliveness{}, err
	}
	// No proxy: the worker is on this machine. A redirect would lead away from it.
	tr := &http.Transport{DisableKeepAlives: true}
	resp, err := tr.RoundTrip(req)
	if err != nil {
		return aliveness{}, err
	}
	defer resp.Body.Close()
	if resp.Header.Get("Server") != ops.ServerName {
		return aliveness{}, errStranger
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return aliveness{}, err
	}
	return aliveness{resp.StatusCode == http.StatusOK, readLines(body)}, nil
}

// readLines is a report's lines, without anything a terminal would obey.
func readLines(body []byte) []string {
	var all []string
	for s := bufio.NewScanner(bytes.NewReader(body)); s.Scan(); {
		all = append(all, cut(strings.TrimSpace(s.Text()), 300))
	}
	return all
}

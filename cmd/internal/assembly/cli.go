package assembly

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/rs/zerolog"
	"golang.org/x/term"

	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/broker"
)

// The exit codes of every command.
const (
	ExitFine        = 0
	ExitFailed      = 1 // failed while running
	ExitUsage       = 2 // wrong usage or configuration
	ExitUnreachable = 3 // something outside is not reachable
)

// UsageError says the command was called wrongly.
type UsageError struct{ Err error }

// Error gives the cause.
func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *UsageError) Unwrap() error { return e.Err }

// ExitCode is the exit code an error stands for.
func ExitCode(err error) int {
	var (
		usage       *UsageError
		faults      *config.Error
		unreachable *broker.UnreachableError
	)
	switch {
	case err == nil:
		return ExitFine
	case errors.As(err, &usage), errors.As(err, &faults):
		return ExitUsage
	case errors.As(err, &unreachable), errors.Is(err, nats.ErrNoServers), errors.Is(err, nats.ErrConnectionClosed):
		return ExitUnreachable
	}
	return ExitFailed
}

// Exit prints the error for a person and gives the exit code.
func Exit(w io.Writer, err error) int {
	if err != nil {
		_, _ = fmt.Fprintln(w, "npiflow:", err)
	}
	return ExitCode(err)
}

// Logger writes to w: readable where w is a terminal, JSON elsewhere.
func Logger(w *os.File, c config.Log) zerolog.Logger {
	level, err := zerolog.ParseLevel(c.Level)
	if err != nil {
		level = zerolog.InfoLevel
	}
	var out io.Writer = w
	if c.Format == config.FormatConsole || c.Format == config.FormatAuto && IsTerminal(w) {
		out = zerolog.ConsoleWriter{Out: w, TimeFormat: time.TimeOnly}
	}
	return zerolog.New(out).Level(level).With().Timestamp().Logger()
}

// IsTerminal reports whether f is read by a person.
func IsTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// Signals gives a channel closed at the first SIGINT or SIGTERM (drain) and a
// context ended at the second (stop now).
func Signals() (ctx context.Context, drain <-chan struct{}, stop func()) {
	got := make(chan os.Signal, 2)
	signal.Notify(got, os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithCancel(context.Background())
	first := make(chan struct{})
	go func() {
		select {
		case <-got:
		case <-ctx.Done():
			return
		}
		close(first)
		select {
		case <-got:
			os.Exit(ExitFailed) // asked twice: at once
		case <-ctx.Done():
		}
	}()
	return ctx, first, func() { signal.Stop(got); cancel() }
}

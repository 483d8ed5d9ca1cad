package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/cobra"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/internal/broker"
	"github.com/npiflow/npiflow/internal/record"
)

// watching is one run of watch.
type watching struct {
	*console
	filter
	since  string
	asJSON bool
	count  int
	length time.Duration

	start  time.Time // of what is wanted; zero with all or new
	broker *assembly.Broker
}

// errEnough says that all that was asked for has been printed.
var errEnough = errors.New("enough")

func watchCommand(c *console) *cobra.Command {
	w := &watching{console: c}
	cmd := &cobra.Command{
		Use:   "watch",
		Short: "follow the results of all lanes",
		Long: "Prints results as they are stored, one row for each provider, until stopped. With --count it ends after so\n" +
			"many results; with --for after a time, and then it is a failure (1) if --count was not reached.",
		Example: "  producer watch --verdict rejected,flagged\n" +
			"  producer watch --since 1h --flag deactivated --json | jq .id\n" +
			"  producer watch --since all --npi 1234567893 --for 5s",
		Args: assembly.CheckedArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := w.check(); err != nil {
				return err
			}
			return w.run(cmd.Context())
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&w.verdicts, "verdict", nil, "only these `VERDICTS`: clean, flagged, rejected, unverified, dead")
	f.StringSliceVar(&w.kinds, "kind", nil, "only these `KINDS`: claim, roster, other")
	f.StringSliceVar(&w.flags, "flag", nil, "only records with one of these `FLAGS`, as in bad_checksum,not_found")
	f.StringVar(&w.npi, "npi", "", "only records that mention this `NPI`")
	f.StringVar(&w.id, "id", "", "only the record with this `ID`")
	f.StringVar(&w.since, "since", "", "begin at a `TIME`: 10m (ago), 2026-10-26T08:00:00Z, or all (default: only new results)")
	f.BoolVar(&w.asJSON, "json", false, "print each result as it is stored, one on a line")
	f.IntVar(&w.count, "count", 0, "end after this many results")
	f.DurationVar(&w.length, "for", 0, "end after this time")
	return cmd
}

func (w *watching) check() (err error) {
	if w.count < 0 || w.length < 0 {
		return assembly.Usage("--count and --for: use more than 0")
	}
	if w.since != "all" {
		if w.start, err = parseSince("since", w.since, time.Now()); err != nil {
			return err
		}
	}
	return w.filter.check()
}

func (w *watching) run(ctx context.Context) error {
	cfg, b, err := w.connect()
	if err != nil {
		return err
	}
	defer b.Close()
	w.broker = b
	var feeds []*feed
	for _, l := range w.lanes(assembly.Topology(cfg)) {
		f, err := w.feed(ctx, l)
		if err != nil {
			return err
		}
		feeds = append(feeds, f)
	}
	if w.length > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, w.length)
		defer cancel()
	}
	printed, err := w.merge(ctx, feeds)
	switch {
	case errors.Is(err, errEnough), err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil && w.count > 0:
		return fmt.Errorf("watch: only %d of %d results came in %v", printed, w.count, w.length)
	case ctx.Err() != nil:
		return nil // stopped
	}
	return err
}

// feed is where a lane's results are read from. What is new begins behind what
// is there now, by sequence, so that nothing is missed while it is set up.
func (w *watching) feed(ctx context.Context, l broker.Lane) (*feed, error) {
	s, err := stream(ctx, w.broker.JS, l.Stream)
	if err != nil {
		return nil, err
	}
	f := &feed{stream: l.Stream, filters: w.subjects(l), since: w.start}
	if w.since == "" {
		f.from = s.CachedInfo().State.LastSeq + 1
	}
	return f, nil
}

// merge prints what the feeds bring, in the order it arrives.
func (w *watching) merge(ctx context.Context, feeds []*feed) (printed int, err error) {
	print, err := w.printer()
	if err != nil {
		return 0, err
	}
	in := follow(ctx, w.broker, feeds)
	for a := range in.arrived {
		if a.trouble != nil {
			_, _ = fmt.Fprintf(w.err, "npiflow: %v; trying again until it works\n", a.trouble)
			continue
		}
		wanted, err := w.show(a.msg, print)
		if wanted {
			printed++
		}
		if err == nil && w.count > 0 && printed >= w.count {
			err = errEnough
		}
		if err != nil {
			_ = in.end()
			return printed, err
		}
	}
	return printed, in.end()
}

// printer gives the way results are printed: as they are stored, or as rows.
func (w *watching) printer() (func(data []byte, r *record.Result) error, error) {
	if w.asJSON {
		return func(data []byte, _ *record.Result) error {
			_, err := fmt.Fprintf(w.out, "%s\n", data)
			return err
		}, nil
	}
	terminal := isTerminal(w.out)
	t := &table{w: w.out, terminal: terminal, colours: terminal && os.Getenv("NO_COLOR") == "", columns: resultColumns}
	return func(_ []byte, r *record.Result) error { return t.result(r) }, t.header()
}

// show prints a result if it is wanted.
func (w *watching) show(m jetstream.Msg, print func([]byte, *record.Result) error) (bool, error) {
	if !w.mayMatch(m.Data()) {
		return false, nil
	}
	var r record.Result
	if err := json.Unmarshal(m.Data(), &r); err != nil {
		_, _ = fmt.Fprintf(w.err, "npiflow: a message on %s is not a result and is left out\n", assembly.Printable(m.Subject()))
		return false, nil
	}
	if !w.match(&r) {
		return false, nil
	}
	return true, print(m.Data(), &r)
}

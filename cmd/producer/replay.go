package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/broker"
	"github.com/npiflow/npiflow/internal/record"
)

// replayFlags is what replay is told.
type replayFlags struct {
	*console
	name         string
	from, to     uint64
	since, until string
	kind         string
	asJSON       bool
	timeout      time.Duration
}

func replayCommand(c *console) *cobra.Command {
	r := &replayFlags{console: c}
	cmd := &cobra.Command{
		Use:   "replay",
		Short: "judge stored records again, into the audit stream",
		Long: "Judges records of the input stream again, by today's registry and rules, and publishes the results to\n" +
			"audit.RUN.LANE.VERDICT in input order. It plans no jobs, writes no dead letters, and leaves the live\n" +
			"results as they are. An interrupted run goes on where it ended when it is given the same --run.",
		Example: "  producer replay --since 24h --kind claim\n" +
			"  producer replay --from 1 --to 5000 --run audit-2026-10",
		Args: assembly.CheckedArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return r.run(cmd.Context()) },
	}
	f := cmd.Flags()
	f.StringVar(&r.name, "run", "", "`NAME` of the run; becomes part of the subjects (default: the time)")
	f.Uint64Var(&r.from, "from", 0, "first stream `SEQUENCE` (default: the first there is)")
	f.Uint64Var(&r.to, "to", 0, "last stream `SEQUENCE` (default: the last there is now)")
	f.StringVar(&r.since, "since", "", "begin at a `TIME`: 24h (ago) or 2026-10-26T08:00:00Z")
	f.StringVar(&r.until, "until", "", "end before a `TIME`, likewise")
	f.StringVar(&r.kind, "kind", "", "only this `KIND`: claim, roster or other")
	f.BoolVar(&r.asJSON, "json", false, "print the summary as JSON")
	f.DurationVar(&r.timeout, "timeout", time.Minute, "how long to go on trying while the server does not answer")
	return cmd
}

// span reads the flags into the run they ask for.
func (r *replayFlags) span(now time.Time) (*replay, error) {
	run := &replay{name: r.name, from: r.from, to: r.to, timeout: r.timeout, verdicts: map[record.Verdict]int{}}
	if run.name == "" {
		run.name = now.UTC().Format("20060102-150405")
	}
	err := checkToken("run", run.name)
	if err == nil {
		run.since, err = parseSince("since", r.since, now)
	}
	if err == nil {
		run.until, err = parseSince("until", r.until, now)
	}
	switch {
	case err != nil:
		return nil, err
	case r.from != 0 && r.since != "", r.to != 0 && r.until != "":
		return nil, assembly.Usage("give a bound as a sequence or as a time, not both")
	case r.to != 0 && r.from > r.to:
		return nil, assembly.Usage("--from %d is after --to %d", r.from, r.to)
	case !run.until.IsZero() && run.since.After(run.until):
		return nil, assembly.Usage("--since is after --until")
	case r.timeout <= 0:
		return nil, assembly.Usage("--timeout %v: use more than 0", r.timeout)
	}
	return run, (&filter{kinds: r.kinds()}).check()
}

func (r *replayFlags) kinds() []string {
	if r.kind == "" {
		return nil
	}
	return []string{r.kind}
}

// run does the replay and says what came of it, however it ended.
func (r *replayFlags) run(ctx context.Context) error {
	run, err := r.span(time.Now())
	if err != nil {
		return err
	}
	cfg, b, err := r.connect()
	if err != nil {
		return err
	}
	defer b.Close()
	run.nc, run.js, run.topology = b.NC, b.JS, assembly.Topology(cfg)
	run.lanes = (&filter{kinds: r.kinds()}).lanes(run.topology)
	if err := run.bound(ctx); err != nil {
		return err
	}
	e, closeEnricher, err := assembly.Enricher(ctx, cfg, b.JS, prometheus.NewRegistry(), r.logger(cfg.Log))
	if err != nil {
		return fmt.Errorf("prepare the lookups (`worker setup` makes what the server lacks): %w", err)
	}
	defer closeEnricher()
	run.pipeline = assembly.Pipeline(e, false)
	run.bar = newBar(r.err, "replaying", max(0, int64(run.to-run.from)+1), false)

	began := time.Now()
	err = run.work(ctx)
	run.bar.finish()
	if printed := r.summary(run, time.Since(began)); printed != nil && err == nil {
		err = printed
	}
	if err != nil && ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	if err != nil {
		err = fmt.Errorf("replay: %w; to go on, give the same again with --run %s", err, run.name)
	}
	return err
}

// logger shows what hinders the lookups.
func (r *replayFlags) logger(c config.Log) zerolog.Logger {
	if f, ok := r.err.(*os.File); ok {
		return assembly.Logger(f, c).Level(zerolog.WarnLevel)
	}
	return zerolog.Nop()
}

// summary says how many records were judged and how.
func (r *replayFlags) summary(run *replay, took time.Duration) error {
	total := 0
	var words []string
	for _, v := range record.Verdicts {
		if n := run.verdicts[v]; n > 0 {
			total += n
			words = append(words, fmt.Sprintf("%d %s", n, v))
		}
	}
	if r.asJSON {
		line, err := json.Marshal(struct {
			Run      string                 `json:"run"`
			Subject  string                 `json:"subject"`
			Records  int                    `json:"records"`
			Verdicts map[record.Verdict]int `json:"verdicts"`
			Resumed  uint64                 `json:"resumed_after,omitzero"`
			Seconds  float64                `json:"seconds"`
		}{run.name, run.subjects(), total, run.verdicts, run.resumed, took.Seconds()}, json.Deterministic(true))
		if err != nil {
			return fmt.Errorf("print the summary: %w", err)
		}
		_, err = fmt.Fprintf(r.out, "%s\n", line)
		return err
	}
	if run.resumed > 0 {
		words = append(words, fmt.Sprintf("going on after message %d, up to which the run was done", run.resumed))
	}
	if len(words) == 0 {
		words = []string{"there were none in this range"}
	}
	_, err := fmt.Fprintf(r.out, "run %s: %d records judged again in %.1f s (%s); results on %s\n",
		run.name, total, took.Seconds(), strings.Join(words, ", "), run.subjects())
	return err
}

// bound fixes the range by what is in the input stream now: what comes in
// during the run is not part of it.
func (r *replay) bound(ctx context.Context) error {
	if _, err := stream(ctx, r.js, r.topology.Name("AUDIT")); err != nil {
		return err
	}
	s, err := stream(ctx, r.js, r.topology.Records())
	if err != nil {
		return err
	}
	state := s.CachedInfo().State
	r.from = max(r.from, state.FirstSeq)
	if r.to == 0 || r.to > state.LastSeq {
		r.to = state.LastSeq
	}
	return nil
}

// subjects are all subjects of the run.
func (r *replay) subjects() string { return r.topology.Subject("audit", r.name, ">") }

// filters are the input subjects of the run's lanes. The lane of unknown kinds
// looks at every subject, and the server takes no other filter beside that.
func (r *replay) filters() (all []string) {
	for _, l := range r.lanes {
		if l.Kind == record.KindOther {
			return l.Filters
		}
		all = append(all, l.Filters...)
	}
	return all
}

// laneOf is the lane that works a subject, if it is one of the run's.
func (r *replay) laneOf(subject string) (broker.Lane, bool) {
	kind, _, _ := strings.Cut(strings.TrimPrefix(subject, r.topology.Subject("records")+"."), ".")
	known := slices.Contains(record.Kinds, record.Kind(kind))
	for _, l := range r.lanes {
		if known == (l.Kind != record.KindOther) && slices.ContainsFunc(l.Filters, func(f string) bool {
			root, all := strings.CutSuffix(f, ">")
			return subject == f || all && strings.HasPrefix(subject, root)
		}) {
			return l, true
		}
	}
	return broker.Lane{}, false
}

package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/mirror"
	"github.com/npiflow/npiflow/internal/record"
)

// show is the live table of the demonstration and its summary.
type show struct {
	mu       sync.Mutex
	out      io.Writer
	color    bool
	results  map[string]int // by lane and source
	verdicts map[record.Verdict]int
	flags    map[record.FlagCode]int
	sound    int // mentions that were answered
	started  time.Time
}

func newShow(out io.Writer, color bool) *show {
	s := &show{out: out, color: color, results: map[string]int{}, verdicts: map[record.Verdict]int{}, flags: map[record.FlagCode]int{}, started: time.Now()}
	s.line("RECORD", "ROLE", "NPI", "PROVIDER", "VERDICT", "FLAGS")
	return s
}

func (s *show) line(rec, role, npi, name, verdict, flags string) {
	_, _ = fmt.Fprintf(s.out, "%-37s %-16s %-10s %-30s %s %s\n", cut(rec, 37), cut(role, 16), cut(npi, 10), cut(name, 30), s.paint(verdict), flags)
}

// cut makes a text fit, without anything a terminal would obey.
func cut(text string, width int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '?'
		}
		return r
	}, text)
	if r := []rune(text); len(r) > width {
		return string(r[:width-1]) + "…"
	}
	return text
}

var colors = map[string]string{"clean": "32", "flagged": "33", "unverified": "35", "rejected": "31", "dead": "31;1"}

func (s *show) paint(verdict string) string {
	text := fmt.Sprintf("%-10s", verdict)
	if c, ok := colors[verdict]; ok && s.color {
		return "\x1b[" + c + "m" + text + "\x1b[0m"
	}
	return text
}

// later does something after a while and says so between the rows.
func (s *show) later(after time.Duration, what string, do func()) {
	time.AfterFunc(after, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		do()
		_, _ = fmt.Fprintf(s.out, "-- %s --\n", what)
	})
}

// row shows one result, a line a provider.
func (s *show) row(m jetstream.Msg) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var r record.Result
	if err := json.Unmarshal(m.Data(), &r); err != nil {
		s.line("(not a result)", "", "", "", "", "")
		return
	}
	s.results[fmt.Sprintf("%d/%d", r.Source.Sequence, r.Source.Index)]++
	s.verdicts[r.Verdict]++
	if r.Dead != nil {
		s.line(fmt.Sprintf("(input %d)", r.Source.Sequence), "", "", "", string(r.Verdict), r.Dead.Reason)
		return
	}
	for i, p := range r.Providers {
		var flags []string
		for _, f := range p.Flags {
			s.flags[f.Code]++
			flags = append(flags, string(f.Code))
		}
		if p.Answer != nil {
			s.sound++
		}
		id, verdict, name := "", "", ""
		if i == 0 {
			id, verdict = r.ID, string(r.Verdict)
		}
		if p.Answer != nil {
			name = p.Name
		}
		s.line(id, string(p.Role), p.NPI, name, verdict, strings.Join(flags, " "))
	}
}

// until shows results until each of n records has one, and gives the number
// of records that have none or more than one.
func (s *show) until(ctx context.Context, drain <-chan struct{}, results <-chan jetstream.Msg, n int) int {
	timeout := time.After(demoWithin)
	for s.complete() < n {
		select {
		case m := <-results:
			s.row(m)
		case <-timeout:
			return n - s.complete()
		case <-drain:
			return n - s.complete()
		case <-ctx.Done():
			return n - s.complete()
		}
	}
	return n - s.complete()
}

// complete is how many records have exactly one result.
func (s *show) complete() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, results := range s.results {
		if results == 1 {
			n++
		}
	}
	return n
}

func (s *show) summary(ctx context.Context, cfg config.Config, b *assembly.Broker, r *mirror.Recorded, reg prometheus.Gatherer, missing int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := assembly.Topology(cfg)
	jobs, err := stored(ctx, b, t.Name("WRITEBACK"))
	if err != nil {
		return err
	}
	dead, err := stored(ctx, b, t.Name("DEAD"))
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintf(w, "\nSUMMARY after %.1f s\n", time.Since(s.started).Seconds())
	for _, v := range slices.Backward(record.Verdicts) {
		_, _ = fmt.Fprintf(w, "verdict\t%s\t%d\n", v, s.verdicts[v])
	}
	for _, f := range record.FlagCodes {
		_, _ = fmt.Fprintf(w, "flag\t%s\t%d\n", f, s.flags[f])
	}
	_, _ = fmt.Fprintf(w, "jobs\twrite-back jobs stored\t%d\n", jobs)
	_, _ = fmt.Fprintf(w, "dead letters\toriginals kept\t%d\n", dead)
	answered, err := answeredBy(reg)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(w, "lookups\tproviders answered for\t%d\n", s.sound)
	for _, tier := range tiers {
		_, _ = fmt.Fprintf(w, "lookups\tanswered by %s\t%.0f\n", tier, answered[tier])
	}
	_, _ = fmt.Fprintf(w, "lookups\tanswered with another's question\t%.0f\n", answered["coalesced"])
	_, _ = fmt.Fprintf(w, "lookups\tnumbers the live registry was asked for\t%d\n", len(r.Asked()))
	_, _ = fmt.Fprintf(w, "lookups\trequests the live registry saw\t%d\n", r.Requests())
	_, _ = fmt.Fprintf(w, "records\twithout exactly one result\t%d\n", missing)
	return w.Flush()
}

// tiers are what can answer, in the order in which they are asked.
var tiers = []string{"memory", "local", "shared", "api"}

// answeredBy counts what each tier answered, and, as coalesced, the lookups
// that joined one under way.
func answeredBy(reg prometheus.Gatherer) (map[string]float64, error) {
	families, err := reg.Gather()
	if err != nil {
		return nil, fmt.Errorf("read the worker's metrics: %w", err)
	}
	answered := map[string]float64{}
	for _, f := range families {
		if f.GetName() != "npiflow_lookups_total" && f.GetName() != "npiflow_lookups_coalesced_total" {
			continue
		}
		for _, series := range f.GetMetric() {
			if len(series.GetLabel()) == 0 {
				answered["coalesced"] = series.GetCounter().GetValue()
			}
			labels := map[string]string{}
			for _, l := range series.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			// That nobody has a number is an answer, too, if the last tier says so.
			if labels["outcome"] == "hit" || labels["tier"] == "api" && labels["outcome"] == "miss" {
				answered[labels["tier"]] += series.GetCounter().GetValue()
			}
		}
	}
	return answered, nil
}

func stored(ctx context.Context, b *assembly.Broker, stream string) (uint64, error) {
	s, err := b.JS.Stream(ctx, stream)
	if err != nil {
		return 0, fmt.Errorf("count stream %s: %w", stream, err)
	}
	return s.CachedInfo().State.Msgs, nil
}

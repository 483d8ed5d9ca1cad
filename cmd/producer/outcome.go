package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/cmd/producer/intake"
	"github.com/npiflow/npiflow/cmd/producer/report"
	"github.com/npiflow/npiflow/internal/record"
)

// outcome is what is made of the results of a run: a table of what is wrong, a
// report, a summary, and whether it is a failure.
type outcome struct {
	path   string // of the report
	failOn []string

	table   *table // nil: none is printed
	several bool   // files: the table names them
	report  *report.Report
	tables  map[*intake.Table]int // in the report
	summary report.Summary
	failing int // records that --fail-on names
}

func (o *outcome) flags(f *pflag.FlagSet) {
	f.StringVar(&o.path, "out", "", "write a report to `FILE`: every provider with verdict, flags and evidence, as .csv, .ndjson, .xlsx or .html says")
	f.StringSliceVar(&o.failOn, "fail-on", nil, "fail (1) if a record has this `VERDICT` or a worse one (clean, flagged, unverified, rejected, dead),\n"+
		"this flag, or a flag of this severity or a worse one (info, warning, error)")
}

func (o *outcome) check() error {
	if o.path != "" {
		if err := report.CheckPath(o.path); err != nil {
			return assembly.Usage("--out %w", err)
		}
	}
	for _, f := range o.failOn {
		if f == string(record.Clean) {
			return assembly.Usage("--fail-on clean: there is nothing better; name a worse verdict")
		}
		if !slices.Contains(record.Verdicts, record.Verdict(f)) && !slices.Contains(severities, record.Severity(f)) && !slices.Contains(record.FlagCodes, record.FlagCode(f)) {
			return assembly.Usage("--fail-on %q: choose a verdict (%s), a severity (%s) or a flag (%s)", f, list(record.Verdicts), list(severities), list(record.FlagCodes))
		}
	}
	return nil
}

// severities, the worst first.
var severities = []record.Severity{record.Error, record.Warning, record.Info}

// fails reports whether a result is what one of the names stands for.
func fails(names []string, r *record.Result) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		if v := slices.Index(record.Verdicts, record.Verdict(name)); v >= 0 {
			return slices.Index(record.Verdicts, r.Verdict) <= v
		}
		least := slices.Index(severities, record.Severity(name))
		return slices.ContainsFunc(r.Providers, func(p record.Provider) bool {
			return slices.ContainsFunc(p.Flags, func(f record.Flag) bool {
				return string(f.Code) == name || slices.Index(severities, f.Severity) <= least
			})
		})
	})
}

// begin opens the report and the table. The table is for results only.
func (o *outcome) begin(c *console, files []string, shown bool) (err error) {
	if o.path != "" {
		if o.report, err = report.Create(o.path); err != nil {
			return err
		}
		o.tables = map[*intake.Table]int{}
	}
	if shown {
		o.several = len(files) > 1
		terminal := isTerminal(c.out)
		o.table = &table{w: c.out, terminal: terminal, colours: terminal && os.Getenv("NO_COLOR") == "", columns: findingColumns}
		if o.several {
			o.table.columns = append([]column{{"FILE", 20}}, findingColumns...)
		}
	}
	return nil
}

// end writes the report of what came, and says whether that is a failure.
func (o *outcome) end() error {
	if o.report != nil {
		if err := o.report.Close(o.summary); err != nil {
			return err
		}
	}
	if o.failing > 0 {
		return fmt.Errorf("%d of %d records are what --fail-on names (%s)", o.failing, o.summary.Records, strings.Join(o.failOn, ", "))
	}
	return nil
}

// discard leaves the report unwritten; after end it does nothing.
func (o *outcome) discard() {
	if o.report != nil {
		o.report.Discard()
	}
}

// result takes a record's result. Mentions are named by where they are in the
// file, not in the message that was made of it.
func (o *outcome) result(p *intake.Piece, r *record.Result) error {
	if len(p.Paths) == len(r.Providers) {
		for i := range r.Providers {
			r.Providers[i].Path = p.Paths[i]
		}
	}
	o.summary.Count(r)
	if fails(o.failOn, r) {
		o.failing++
	}
	if err := o.print(p.File, findings(r)); err != nil || o.report == nil {
		return err
	}
	row := report.Row{File: p.File, Where: p.Where, Record: r.ID, Kind: r.Kind, Verdict: r.Verdict, Table: o.tableOf(p.Table), Cells: p.Cells}
	if r.Dead != nil {
		row.Reason = r.Dead.Reason
		return o.report.Add(&row)
	}
	for i := range r.Providers {
		row.Provider = &r.Providers[i]
		if err := o.report.Add(&row); err != nil {
			return err
		}
	}
	return nil
}

// lost takes what is there in place of a record that could not be read.
func (o *outcome) lost(f intake.Fault) error {
	o.summary.Lost++
	if o.report == nil {
		return nil
	}
	return o.report.Add(&report.Row{File: f.File, Where: f.Where, Verdict: record.Dead, Reason: f.Reason})
}

func (o *outcome) tableOf(t *intake.Table) int {
	if t == nil {
		return 0
	}
	n, known := o.tables[t]
	if !known {
		n = o.report.Table(t.Header)
		o.tables[t] = n
	}
	return n
}

func (o *outcome) print(file string, rows [][]string) error {
	if o.table == nil {
		return nil
	}
	if o.table.rows == 0 && len(rows) > 0 {
		if err := o.table.header(); err != nil {
			return err
		}
	}
	for _, row := range rows {
		if o.several {
			row = append([]string{filepath.Base(file)}, row...)
		}
		if err := o.table.row(row); err != nil {
			return err
		}
	}
	return nil
}

// sentence is the summary on one line.
func (o *outcome) sentence() string {
	s := &o.summary
	var words, flags []string
	for _, v := range record.Verdicts {
		if n := s.Verdicts[v]; n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, v))
		}
	}
	for _, l := range s.FlagLines() {
		flags = append(flags, fmt.Sprintf("%d %s", l.Count, l.Label))
	}
	text := fmt.Sprintf("%d records", s.Records)
	if len(words) > 0 {
		text += ": " + strings.Join(words, ", ")
	}
	if len(flags) > 0 {
		text += "; flags: " + strings.Join(flags, ", ")
	}
	if s.Lost > 0 {
		text += fmt.Sprintf("; %d could not be read", s.Lost)
	}
	return text
}

var findingColumns = []column{
	{"RECORD", 20}, {verdictHead, 10}, {"ROLE", 17}, {"LINE", 4}, {"NPI", 10}, {"FLAG", 22}, {"WHAT", 0},
}

// findings are the rows that tell what is wrong with a record: none if it is
// clean.
func findings(r *record.Result) (rows [][]string) {
	row := func(p *record.Provider, flag, what string) {
		line := ""
		if p.Line > 0 {
			line = fmt.Sprint(p.Line)
		}
		rows = append(rows, []string{orDash(r.ID), string(r.Verdict), orDash(string(p.Role)), orDash(line), orDash(p.NPI), flag, what})
	}
	if r.Dead != nil {
		row(&record.Provider{}, "-", r.Dead.Reason)
	}
	for i := range r.Providers {
		p := &r.Providers[i]
		for _, f := range p.Flags {
			if f.Severity != record.Info {
				row(p, string(f.Code), f.Detail)
			}
		}
		if s := report.Unasked(r.Verdict, p); s != "" {
			row(p, "-", s)
		}
	}
	return rows
}

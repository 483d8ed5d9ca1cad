package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/internal/record"
)

// column is one column of a table.
type column struct {
	head  string
	width int // on a terminal, in characters; 0 is as wide as it comes
}

var resultColumns = []column{
	{"TIME", 20}, {"RECORD", 20}, {"ROLE", 17}, {"NPI", 10}, {"PROVIDER", 30}, {verdictHead, 10}, {"FLAGS", 0},
}

const verdictHead = "VERDICT"

// table prints rows: aligned and coloured on a terminal, tab-separated and
// whole elsewhere.
type table struct {
	w        io.Writer
	terminal bool
	colours  bool
	columns  []column
	rows     int // printed so far, the header among them
}

func (t *table) header() error {
	if !t.terminal {
		return nil
	}
	heads := make([]string, len(t.columns))
	for i, c := range t.columns {
		heads[i] = c.head
	}
	return t.row(heads)
}

// result prints one row for each provider.
func (t *table) result(r *record.Result) error {
	for _, row := range rows(r) {
		if err := t.row(row); err != nil {
			return err
		}
	}
	return nil
}

func (t *table) row(cells []string) error {
	t.rows++
	var b strings.Builder
	for i, cell := range cells {
		cell = assembly.Printable(cell)
		if !t.terminal {
			if i > 0 {
				b.WriteByte('\t')
			}
			b.WriteString(cell)
			continue
		}
		if i > 0 {
			b.WriteString("  ")
		}
		c := colour(record.Verdict(cell))
		cell = assembly.Fit(cell, t.columns[i].width)
		if t.columns[i].head == verdictHead && t.colours && c != "" {
			cell = c + cell + "\x1b[0m"
		}
		b.WriteString(cell)
	}
	_, err := fmt.Fprintln(t.w, strings.TrimRight(b.String(), " "))
	return err
}

// rows are a result's lines: one for each provider, or one alone for a message
// that never became a record.
func rows(r *record.Result) [][]string {
	at, id := r.CheckedAt.UTC().Format(time.RFC3339), r.ID
	if id == "" {
		id = "#" + strconv.FormatUint(r.Source.Sequence, 10) // its place in the input stream
	}
	if r.Dead != nil {
		return [][]string{{at, id, "-", "-", "-", string(r.Verdict), r.Dead.Reason}}
	}
	all := make([][]string, 0, len(r.Providers))
	for i := range r.Providers {
		p := &r.Providers[i]
		name := ""
		if p.Answer != nil {
			name = p.Name
		}
		all = append(all, []string{at, id, string(p.Role), orDash(p.NPI), orDash(name), string(r.Verdict), orDash(flagWords(p.Flags))})
	}
	return all
}

func flagWords(flags []record.Flag) string {
	words := make([]string, len(flags))
	for i := range flags {
		words[i] = string(flags[i].Code)
	}
	return strings.Join(words, ",")
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func colour(v record.Verdict) string {
	switch v {
	case record.Clean:
		return "\x1b[32m" // green
	case record.Flagged:
		return "\x1b[33m" // yellow
	case record.Unverified:
		return "\x1b[35m" // magenta
	case record.Rejected, record.Dead:
		return "\x1b[31m" // red
	}
	return ""
}

package main

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/internal/record"
)

// answer is what lookup says of one NPI: the registry's part of it is the one
// that results have.
type answer struct {
	NPI            string `json:"npi,omitzero"`  // only if it is ten ASCII digits: anything else may be somebody's data
	Item           int    `json:"item,omitzero"` // its place among what was asked, from 1, where that is not an NPI
	Valid          bool   `json:"valid"`         // the check-digit arithmetic holds
	Problem        string `json:"problem,omitzero"`
	*record.Answer `json:",inline"`
}

// printer gives the way answers are printed.
func printer(w *bufio.Writer, asJSON, terminal bool) func(*answer) error {
	if asJSON {
		return func(a *answer) error { return printJSON(w, a) }
	}
	first := true
	return func(a *answer) error {
		if first && terminal {
			printRow(w, terminal, heads)
		}
		first = false
		return printRow(w, terminal, a.row())
	}
}

// The columns of the table, and how wide they are on a terminal: 0 is as wide
// as it comes.
var (
	heads  = []string{"NPI", "STATUS", "TYPE", "NAME", "TAXONOMY", "PLACE", "PHONE", "SINCE", "SOURCE", "AS OF", "NOTE"}
	widths = []int{10, 11, 5, 30, 24, 22, 12, 10, 13, 10, 0}
)

// row is the answer in the columns of heads.
func (a *answer) row() []string {
	npi := a.NPI
	if npi == "" {
		npi = fmt.Sprintf("(item %d)", a.Item)
	}
	if a.Answer == nil {
		status := "unknown"
		if !a.Valid {
			status = "invalid"
		}
		return []string{npi, status, "-", "-", "-", "-", "-", "-", "-", "-", a.Problem}
	}
	v := a.Evidence
	taxonomy, place := "", ""
	if t := a.Taxonomy; t != nil {
		taxonomy = strings.TrimSpace(t.Code + " " + t.Description)
	}
	if p := a.Address; p != nil {
		place = strings.TrimSpace(p.City + " " + p.State)
	}
	name := strings.TrimSuffix(a.Name+", "+a.Credential, ", ")
	row := []string{npi, v.Status.String(), a.Type, name, taxonomy, place, a.Phone, v.EnumerationDate.String(), string(v.Source), v.AsOf.String(), notes(v)}
	for i, cell := range row {
		if cell == "" {
			row[i] = "-"
		}
	}
	return row
}

// notes are what somebody who decides by the status must not miss.
func notes(v *record.Evidence) string {
	var all []string
	if v.DeactivationDate != 0 {
		all = append(all, "deactivated "+v.DeactivationDate.String())
	}
	if v.ReactivationDate != 0 {
		all = append(all, "reactivated "+v.ReactivationDate.String())
	}
	if x := v.Excluded; x != nil {
		all = append(all, fmt.Sprintf("excluded %s (%s)", x.Date, x.Type))
	}
	if v.Stale {
		all = append(all, "older than enrich.local.max_age")
	}
	return strings.Join(all, ", ")
}

// printRow prints one row: aligned on a terminal, tab-separated and whole
// elsewhere. A bufio.Writer keeps its first error.
func printRow(w *bufio.Writer, terminal bool, cells []string) error {
	var b strings.Builder
	for i, cell := range cells {
		cell = assembly.Printable(cell)
		switch {
		case terminal:
			b.WriteString(assembly.Fit(cell, widths[i]) + "  ")
		case i > 0:
			b.WriteString("\t" + cell)
		default:
			b.WriteString(cell)
		}
	}
	_, err := w.WriteString(strings.TrimRight(b.String(), " ") + "\n")
	return err
}

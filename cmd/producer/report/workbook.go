package report

import (
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
)

// writeXLSX writes a workbook: a sheet with the summary, one for all records
// that are no roster's rows, and one for each roster.
func writeXLSX(w io.Writer, b *book) error {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	x := &workbook{file: f, bold: bold, sheets: map[int]*sheet{}}
	if err := x.summary(b); err != nil {
		return err
	}
	for r, err := range b.rows {
		if err != nil {
			return err
		}
		if err := x.add(b, r); err != nil {
			return err
		}
	}
	for _, s := range x.sheets {
		if err := s.out.Flush(); err != nil {
			return err
		}
	}
	return f.Write(w)
}

type workbook struct {
	file   *excelize.File
	bold   int
	sheets map[int]*sheet // by table; those that are full are flushed and gone
	made   int
}

// sheet is one table of a workbook.
type sheet struct {
	out  *excelize.StreamWriter
	grid *grid
	rows int
}

// most is how many rows a sheet takes.
const most = excelize.TotalRows

// add puts a row into the sheet of its roster.
func (x *workbook) add(b *book, r *Row) error {
	s := x.sheets[r.Table]
	if s != nil && s.rows == most {
		if err := s.out.Flush(); err != nil {
			return err
		}
		s = nil
	}
	if s == nil {
		var err error
		if s, err = x.sheet(b, r.Table); err != nil {
			return err
		}
		x.sheets[r.Table] = s
	}
	table := -1
	if r.Table > 0 {
		table = 0 // the only one of its sheet
	}
	return s.put(s.grid.cells(r, table), 0)
}

// sheet begins one.
func (x *workbook) sheet(b *book, table int) (*sheet, error) {
	x.made++
	name, g := fmt.Sprintf("Providers %d", x.made), newGrid(nil)
	if table > 0 {
		name, g = fmt.Sprintf("Roster %d", x.made), newGrid(b.tables[table-1:table])
	}
	s := &sheet{grid: g}
	if _, err := x.file.NewSheet(name); err != nil {
		return nil, err
	}
	var err error
	if s.out, err = x.file.NewStreamWriter(name); err != nil {
		return nil, err
	}
	if err := s.out.SetColWidth(1, len(g.heads), 18); err != nil {
		return nil, err
	}
	if err := s.out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	return s, s.put(guardedAll(g.heads), x.bold)
}

func guardedAll(texts []string) []string {
	all := make([]string, len(texts))
	for i, t := range texts {
		all[i] = guarded(t)
	}
	return all
}

// put writes one row of texts: an NPI is no number, and a date nothing to be
// computed with.
func (s *sheet) put(texts []string, style int) error {
	s.rows++
	cells := make([]any, len(texts))
	for i, t := range texts {
		if t != "" {
			cells[i] = excelize.Cell{StyleID: style, Value: bounded(t)}
		}
	}
	return s.out.SetRow(fmt.Sprintf("A%d", s.rows), cells)
}

// bounded cuts a text to what a cell holds.
func bounded(s string) string {
	if len(s) <= excelize.TotalCellChars { // bytes are never fewer than the units it counts
		return s
	}
	n := excelize.TotalCellChars / 2 // a character is two units at most
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// summary fills the first sheet.
func (x *workbook) summary(b *book) error {
	const name = "Summary"
	if err := x.file.SetSheetName("Sheet1", name); err != nil {
		return err
	}
	if err := x.file.SetColWidth(name, "A", "A", 28); err != nil {
		return err
	}
	for i, line := range b.lines() {
		if err := x.file.SetSheetRow(name, fmt.Sprintf("A%d", i+1), &[]any{line.Label, line.Count}); err != nil {
			return err
		}
	}
	return nil
}

// Package roster turns provider rosters, as payers and practices keep them in
// spreadsheets, into records: delimited text and XLSX workbooks whose headers
// are recognized by what rosters call their columns, or by a map.
//
// A row is one record: the row's own provider first, then the groups and other
// persons it names, each with its own NPI. What is wrong with a row is said,
// and read as far as it is sound; nothing that a spreadsheet did to an NPI is
// guessed back.
package roster

import (
	"bufio"
	"bytes"
	"io"

	"github.com/npiflow/npiflow/internal/record"
)

// Row is one row of a roster.
type Row struct {
	Record *record.Record
	Line   int      // in the file, from 1; of a workbook the row of its sheet
	Cells  []string // all columns as they stand, for a report beside them: never to be published, they may hold anything
}

// Table is what was recognized of a roster.
type Table struct {
	Line    int      // of the header; 0 where there is none
	Sheet   string   // of a workbook
	Header  []string // without the blanks around
	Columns []Field  // parallel to Header; None is not read
}

// source is a file that is read up to its header: text or a workbook.
type source interface {
	layout() *layout
	// next gives a row that is not blank, its line, and how many cells it has
	// in the file; io.EOF is the end. The cells are the caller's own, and at
	// least as many as the header's.
	next() (cells []string, line, found int, err error)
	close()
}

// Detect reports whether a file begins like a roster that Read can tell
// something about: text with headers that rosters have, or a workbook.
func Detect(head []byte) bool {
	if isZIP(head) {
		return bytes.Contains(head, []byte("xl/"))
	}
	head = head[:min(len(head), sniffed)]
	_, head, err := decoded(bufio.NewReaderSize(bytes.NewReader(head), sniffed), head, &report{})
	if start := bytes.TrimLeft(head, " \t\r\n"); err != nil || len(start) == 0 || bytes.IndexByte([]byte("{[<"), start[0]) >= 0 {
		return false
	}
	found, seen := sniff(head, nil)
	return found != nil || seen != nil && seen.points >= headed
}

// Read reads a roster. The header is called once, before the first row, with
// what was recognized; each gets the rows in their order, and the record and
// cells are its own; fault is told what is wrong, in places and words of ours.
// The map may be nil, and so may header and fault.
//
// The error is a record.Fault where this is no roster that can be read, and
// else that of r, of header or of each.
func Read(r io.Reader, m *Map, header func(*Table) error, each func(*Row) error, fault func(record.Fault)) error {
	said := &report{to: fault}
	defer said.end()
	src, err := openSource(r, m, said)
	if err != nil {
		return err
	}
	defer src.close()
	l := src.layout()
	if err := m.missing(l); err != nil {
		return err
	}
	choose(l.cells, l.columns, l.line, said)
	if header != nil {
		if err := header(l.table()); err != nil {
			return err
		}
	}
	p := newPlan(l, m, said)
	for {
		cells, line, found, err := src.next()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case p.note(cells):
			continue
		}
		if row := p.row(cells, line, found); row != nil {
			if err := each(row); err != nil {
				return err
			}
		}
	}
}

func openSource(r io.Reader, m *Map, said *report) (source, error) {
	in := bufio.NewReaderSize(r, sniffed)
	head, err := peek(in)
	switch {
	case err != nil:
		return nil, err
	case isZIP(head):
		return openWorkbook(in, m, said)
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return nil, refused(0, "a workbook in the old .xls form, or locked with a password: save it as .xlsx without one, or as CSV")
	}
	return openText(in, head, m, said)
}

func isZIP(head []byte) bool { return bytes.HasPrefix(head, []byte("PK\x03\x04")) }

func (l *layout) table() *Table {
	t := &Table{Line: l.line, Sheet: l.sheet, Header: l.cells, Columns: make([]Field, len(l.columns))}
	for i := range l.columns {
		t.Columns[i] = l.columns[i].field
	}
	return t
}

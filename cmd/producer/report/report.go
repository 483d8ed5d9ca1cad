// Package report writes what became of providers as a file for people or for
// programs: CSV, NDJSON, a workbook, or a web page.
package report

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/npiflow/npiflow/internal/record"
)

// Row is one provider of one record, or what stands in the place of a record
// that could not be read.
type Row struct {
	File     string           `json:"file"`
	Where    string           `json:"where,omitzero"` // in the file: "line 7", "record 3"
	Record   string           `json:"record,omitzero"`
	Kind     record.Kind      `json:"kind,omitzero"`
	Verdict  record.Verdict   `json:"verdict"`
	Reason   string           `json:"reason,omitzero"` // of verdict dead; there is no provider then
	Provider *record.Provider `json:"provider,omitzero"`

	// Table is what Report.Table gave for the roster the record is a row of,
	// and Cells that row's own columns; 0 and none for other records.
	Table int      `json:"-"`
	Cells []string `json:"-"`
}

// Summary counts what a report tells of.
type Summary struct {
	Records  int                     `json:"records"`
	Verdicts map[record.Verdict]int  `json:"verdicts"` // records by verdict
	Flags    map[record.FlagCode]int `json:"flags"`    // providers by flag
	Lost     int                     `json:"lost"`     // records, or whole files, that could not be read
}

// Count adds a result.
func (s *Summary) Count(r *record.Result) {
	if s.Verdicts == nil {
		s.Verdicts, s.Flags = map[record.Verdict]int{}, map[record.FlagCode]int{}
	}
	s.Records++
	s.Verdicts[r.Verdict]++
	for i := range r.Providers {
		for _, f := range r.Providers[i].Flags {
			s.Flags[f.Code]++
		}
	}
}

// writers are the forms of a report by the suffix of its file.
var writers = map[string]func(io.Writer, *book) error{
	".csv": writeCSV, ".ndjson": writeNDJSON, ".xlsx": writeXLSX, ".html": writeHTML,
}

// CheckPath says what is wrong with the name of a report, if anything.
func CheckPath(path string) error {
	if writers[suffix(path)] == nil {
		return fmt.Errorf("%s: the suffix says the form of a report: choose from %s", path, strings.Join(slices.Sorted(maps.Keys(writers)), ", "))
	}
	return nil
}

func suffix(path string) string { return strings.ToLower(filepath.Ext(path)) }

// Report collects rows and is written when it is closed: only then are all
// columns and all counts known. Until then the rows are in a file of their
// own, beside the report's, so that a report of any size needs no memory.
type Report struct {
	path   string
	spool  *os.File
	rows   *bufio.Writer
	out    *jsontext.Encoder
	tables [][]string
}

// book is a whole report to be written.
type book struct {
	Summary
	tables [][]string
	rows   iter.Seq2[*Row, error]
}

// spooled is a row as it is kept.
type spooled struct {
	Row   `json:",inline"`
	Table int      `json:"table,omitzero"`
	Cells []string `json:"cells,omitzero"`
}

// Create begins a report. What stood at path is there until Close.
func Create(path string) (*Report, error) {
	if err := CheckPath(path); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".npiflow-rows-*")
	if err != nil {
		return nil, fmt.Errorf("write a report: %w", err)
	}
	r := &Report{path: path, spool: f, rows: bufio.NewWriterSize(f, 64<<10)}
	r.out = jsontext.NewEncoder(r.rows, jsontext.AllowInvalidUTF8(true)) // names of files may be anything
	return r, nil
}

// Table notes the columns of a roster and gives its number, from 1.
func (r *Report) Table(header []string) int {
	r.tables = append(r.tables, distinct(header))
	return len(r.tables)
}

// distinct names columns so that no two have the same name and none has none.
func distinct(header []string) []string {
	seen := map[string]bool{}
	names := make([]string, len(header))
	for i, h := range header {
		name := strings.TrimSpace(strings.ToValidUTF8(h, "\uFFFD"))
		if name == "" {
			name = fmt.Sprintf("column %d", i+1)
		}
		for n, base := 2, name; seen[name]; n++ {
			name = fmt.Sprintf("%s (%d)", base, n)
		}
		seen[name] = true
		names[i] = name
	}
	return names
}

// Add adds a row.
func (r *Report) Add(row *Row) error {
	if err := json.MarshalEncode(r.out, spooled{*row, row.Table, row.Cells}, json.Deterministic(true)); err != nil {
		return fmt.Errorf("write a report: %w", err)
	}
	return nil
}

// Discard ends a report without writing it. After Close it does nothing.
func (r *Report) Discard() {
	_ = r.spool.Close()
	_ = os.Remove(r.spool.Name())
}

// Close writes the report, whole or not at all.
func (r *Report) Close(s Summary) error {
	defer r.Discard()
	err := r.rows.Flush()
	if err == nil {
		_, err = r.spool.Seek(0, io.SeekStart)
	}
	if err == nil {
		err = replace(r.path, func(w io.Writer) error {
			return writers[suffix(r.path)](w, &book{Summary: s, tables: r.tables, rows: r.all})
		})
	}
	if err != nil {
		return fmt.Errorf("write the report %s: %w", r.path, err)
	}
	return nil
}

// all gives the rows that were added.
func (r *Report) all(yield func(*Row, error) bool) {
	in := jsontext.NewDecoder(bufio.NewReaderSize(r.spool, 64<<10))
	for {
		var s spooled
		err := json.UnmarshalDecode(in, &s)
		if errors.Is(err, io.EOF) {
			return
		}
		s.Row.Table, s.Row.Cells = s.Table, s.Cells
		if !yield(&s.Row, err) || err != nil {
			return
		}
	}
}

// replace puts a new file in the place of one, when it is complete.
func replace(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".npiflow-report-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already, if all went well
	w := bufio.NewWriterSize(f, 64<<10)
	err = write(w)
	if err == nil {
		err = w.Flush()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return err
}

// Package intake reads files of every format into what can be published: one
// message for each record, in the native form, which holds nothing of a
// patient; or, where that is asked for, messages as the files have them.
package intake

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/npiflow/npiflow/internal/format"
	"github.com/npiflow/npiflow/internal/format/roster"
	"github.com/npiflow/npiflow/internal/record"
)

// Reader reads files, one after the other.
type Reader struct {
	Formats format.Formats
	// Kind leaves out records of another kind; JSON documents of our own form
	// it makes records of this kind, whatever members they have. "" is any.
	Kind record.Kind
	// Limit is how many bytes a message may have.
	Limit int
	// Raw gives messages as the file has them: JSON documents of our own form
	// one by one, a file of another format whole.
	Raw bool
	// Force gives documents that are no records as they stand; it needs Kind.
	Force bool

	bulk *bulk // read, and not yet given on
}

// maxDocument bounds a JSON document that is turned into a record, in bytes.
const maxDocument = 16 << 20

// Piece is one message, and where it is from.
type Piece struct {
	File        string
	Where       string // in the file; "" for all of it
	Kind        record.Kind
	ContentType string
	Data        []byte
	Paths       []string // where the record's mentions are in the file; nil for as in Data
	Table       *Table   // of the roster it is a row of; nil for other records
	Cells       []string // that row's
}

// At is the file and the place in it.
func (p *Piece) At() string { return join(p.File, p.Where) }

func join(place, within string) string {
	if within == "" {
		return place
	}
	return place + ": " + within
}

// Table is a roster's header.
type Table struct{ Header []string }

// Fault is something wrong with a file.
type Fault struct {
	File string
	record.Fault
}

// Error is the fault as a sentence: file, place, reason.
func (f Fault) Error() string { return join(f.File, f.Fault.Error()) }

// Sink takes what is found.
type Sink struct {
	Piece func(*Piece) error
	Fault func(Fault)
}

// file is a file being read.
type file struct {
	*Reader
	name    string
	in      *bufio.Reader
	sink    Sink
	found   int // pieces
	lost    int // of the faults
	faults  int
	waiting bool  // for other files: its records come later
	stopped error // the sink's
}

// Read reads files in their order. open opens one of them and tells what it is
// called. What is wrong with a file goes to the sink, and what is sound of it,
// too; the error is the sink's own.
func (r *Reader) Read(files []string, open func(name string) (io.ReadCloser, string, error), sink Sink) error {
	for _, name := range files {
		if err := r.one(name, open, sink); err != nil {
			return err
		}
	}
	return r.end(sink)
}

func (r *Reader) one(name string, open func(string) (io.ReadCloser, string, error), sink Sink) error {
	in, name, err := open(name)
	f := &file{Reader: r, name: name, sink: sink}
	if err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err // the name is said already
		}
		return f.done(fmt.Errorf("it cannot be read: %w", err))
	}
	defer in.Close()
	f.in = bufio.NewReaderSize(in, sniffed)
	return f.done(f.read())
}

// done takes why the reading of a file ended.
func (f *file) done(err error) error {
	switch {
	case f.stopped != nil:
	case err != nil:
		f.fault(explain(err))
	case f.found == 0 && f.faults > 0 && f.lost == 0 && !f.waiting:
		f.fault(record.Fault{Reason: "there is no record in it", Lost: true})
	}
	return f.stopped
}

// explain is why a file cannot be read on.
func explain(err error) record.Fault {
	var fault record.Fault
	var malformed *record.MalformedError
	switch {
	case errors.As(err, &fault):
	case errors.As(err, &malformed):
		fault.Reason = malformed.Reason
	default:
		fault.Reason = err.Error()
	}
	fault.Lost = true
	return fault
}

func (f *file) fault(x record.Fault) {
	if f.stopped != nil {
		return
	}
	f.faults++
	if x.Lost {
		f.lost++
	}
	f.sink.Fault(Fault{f.name, x})
}

func (f *file) piece(p *Piece) error {
	f.found++
	p.File = f.name
	f.stopped = f.sink.Piece(p)
	return f.stopped
}

// read finds out the format and reads accordingly.
func (f *file) read() error {
	start := head(f.in)
	name := f.Formats.Detect("", start)
	switch {
	case name == format.Roster && documentsIn(start): // with a line of something else before them
		name = format.Native
	case name == format.Native && !f.Force:
		if name = f.unlike(start); name == "" {
			return record.Fault{Reason: "none of the formats that are known: JSON, X12 837, FHIR, or a roster with a header that is recognized"}
		}
	}
	ofBulk := name == format.FHIR && !f.Raw && isBulk(f.name)
	if !ofBulk || !f.Reader.bulk.takes(f.name) {
		if f.stopped = f.end(f.sink); f.stopped != nil {
			return f.stopped
		}
	}
	switch {
	case ofBulk:
		return f.bulk()
	case name == format.Native, name == format.Mapped:
		return f.documents()
	case f.Raw:
		return f.whole(name)
	case name == format.Roster:
		return f.roster()
	}
	n := 0
	return f.Formats.Read(name, f.in, func(r *record.Record) error {
		n++
		return f.record(r, &Piece{Where: fmt.Sprintf("record %d", n)})
	}, f.fault)
}

// headSize is how much of a file tells its format, in bytes.
const headSize = 4 << 10

// head gives the beginning of a file, enough to tell its format. Of documents
// on lines that is the first one: on a pipe the next may be long in coming.
func head(in *bufio.Reader) []byte {
	start := firstLine(in)
	if like(start, "{") && oneOnEachLine(start) {
		return start
	}
	start, _ = in.Peek(headSize)
	return start
}

// like reports whether a text begins with one of some characters, but for
// blanks and a byte order mark.
func like(text []byte, first string) bool {
	text = bytes.TrimLeft(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), blanks)
	return len(text) > 0 && strings.IndexByte(first, text[0]) >= 0
}

// suffixes are what names of files say of those that do not tell it
// themselves, so that their reader can say what is wrong with them.
var suffixes = map[string]format.Name{
	".csv": format.Roster, ".tsv": format.Roster, ".psv": format.Roster, ".xlsx": format.Roster,
	".837": format.X12, ".837p": format.X12, ".837i": format.X12, ".837d": format.X12, ".x12": format.X12, ".edi": format.X12,
}

// documentsIn reports whether a document begins on one of the lines.
func documentsIn(start []byte) bool {
	if bytes.IndexByte(start, 0) >= 0 {
		return false // no text in UTF-8, as JSON is
	}
	for line := range bytes.Lines(start) {
		if like(line, "{[") {
			return true
		}
	}
	return false
}

// unlike decides on a file that no format knows: documents on lines, if there
// is one in sight, else what its name or the map for rosters says; "" for
// nothing that is known.
func (f *file) unlike(start []byte) format.Name {
	switch {
	case documentsIn(start), len(bytes.TrimSpace(start)) == 0:
		return format.Native
	case f.Formats.Map != nil:
		return format.Roster
	}
	return suffixes[strings.ToLower(filepath.Ext(f.name))]
}

// record gives a record on, in the native form.
func (f *file) record(r *record.Record, p *Piece) error {
	if f.Kind != "" && r.Kind != f.Kind {
		return nil
	}
	p.Kind, p.ContentType, p.Data = r.Kind, "application/json", r.AppendJSON(nil)
	if len(p.Data) > f.Limit {
		f.fault(record.Fault{Where: p.Where, Reason: fmt.Sprintf("in the native form it has %d bytes, more than the %d a message may have", len(p.Data), f.Limit), Lost: true})
		return nil
	}
	p.Paths = make([]string, len(r.Mentions))
	for i := range r.Mentions {
		p.Paths[i] = r.Mentions[i].Path
	}
	return f.piece(p)
}

// roster reads a table, and keeps each row's own columns beside its record.
func (f *file) roster() error {
	table := &Table{}
	return roster.Read(f.in, f.Formats.Map, func(t *roster.Table) error {
		table.Header = t.Header
		return nil
	}, func(row *roster.Row) error {
		return f.record(row.Record, &Piece{Where: fmt.Sprintf("line %d", row.Line), Table: table, Cells: row.Cells})
	}, f.fault)
}

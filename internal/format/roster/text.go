package roster

import (
	"bufio"
	"bytes"
	"io"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// sniffed is how much of a file is looked at before it is read. The header of
// NPPES's own files has 12 KB.
const sniffed = 64 << 10

// titles is in how many rows a header is looked for: payers put their name
// and instructions above it.
const titles = 20

// maxRecognized bounds the columns whose headers are looked at; NPPES's own
// files have 330.
const maxRecognized = 2000

// text is delimited text, read up to its header.
type text struct {
	scanner *scanner
	table   *layout
}

// layout is where a header stands and what was recognized of it.
type layout struct {
	at       int // the line of the row
	line     int // the same, or 0 where it is no header; then columns are numbered
	cells    []string
	data     []string // of a row that is no header
	columns  []column
	points   int
	npi      bool
	delim    byte
	sheet    string // of a workbook
	numeric  bool   // likewise: its numbers and dates are numbers
	date1904 bool   // and its days are counted from 1904
}

func openText(in *bufio.Reader, head []byte, m *Map, r *report) (*text, error) {
	in, head, err := decoded(in, head, r)
	if err != nil {
		return nil, err
	}
	found, seen := sniff(head, m)
	if found == nil {
		return nil, unrecognized(seen, m)
	}
	t := &text{newScanner(in, found.delim, lineEnd(head), r), found}
	for t.scanner.line < found.line {
		if _, err := t.scanner.row(); err != nil {
			return nil, ioError(err)
		}
	}
	t.scanner.width = len(found.cells)
	return t, nil
}

func (t *text) layout() *layout { return t.table }

func (t *text) next() (cells []string, line, found int, err error) {
	cells, err = t.scanner.row()
	return cells, t.scanner.line, t.scanner.found, err
}

func (t *text) close() {}

// decoded turns what is not UTF-8 into UTF-8, as far as the whole file tells:
// by its byte order mark, or by the NUL bytes that every other byte is in
// UTF-16 without one.
func decoded(in *bufio.Reader, head []byte, r *report) (*bufio.Reader, []byte, error) {
	order, marked := unicode.LittleEndian, true
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, _ = in.Discard(3) // it was peeked at
		return in, head[3:], nil
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		order = unicode.BigEndian
	default:
		if order, marked = halfNUL(head); !marked {
			return in, head, nil
		}
	}
	utf8 := transform.NewReader(in, unicode.UTF16(order, unicode.UseBOM).NewDecoder())
	in = bufio.NewReaderSize(utf8, sniffed)
	head, err := peek(in)
	if bytes.Contains(head, []byte("\uFFFD")) {
		r.say(badEncoding, 1, 0)
	}
	return in, head, err
}

// halfNUL reports whether text is UTF-16 by its NUL bytes, and in which order.
func halfNUL(head []byte) (unicode.Endianness, bool) {
	head = head[:min(len(head), 256)]
	var nul [2]int
	for i, c := range head {
		if c == 0 {
			nul[i%2]++
		}
	}
	most := len(head) / 2 * 4 / 5
	switch {
	case len(head) < 8:
	case nul[1] > most && nul[0] == 0:
		return unicode.LittleEndian, true
	case nul[0] > most && nul[1] == 0:
		return unicode.BigEndian, true
	}
	return unicode.LittleEndian, false
}

// peek looks at the beginning of a file.
func peek(in *bufio.Reader) ([]byte, error) {
	head, err := in.Peek(sniffed)
	if err != nil && err != io.EOF {
		return nil, ioError(err)
	}
	return head, nil
}

// lineEnd is what ends lines: a carriage return alone only where there is
// nothing else, as old Macs wrote and Excel still can.
func lineEnd(head []byte) byte {
	if bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0 {
		return '\r'
	}
	return '\n'
}

// sniff finds the header and the delimiter. Where there is no header with an
// NPI, found is nil and seen is the row that looks most like one.
func sniff(head []byte, m *Map) (found, seen *layout) {
	delims := []byte{',', '\t', '|', ';', 0}
	if m != nil && m.Delimiter != 0 {
		delims = []byte{m.Delimiter}
	}
	for _, delim := range delims {
		rows := over(head, delim, lineEnd(head))
		for range titles {
			cells, err := rows.row()
			if err != nil {
				break
			}
			if m.before(rows.line) {
				continue
			}
			l := read(cells, rows.line, m)
			l.delim = delim
			if seen == nil || l.better(seen) {
				seen = l
			}
			if m.decided() {
				break
			}
		}
	}
	if seen == nil || !seen.npi {
		return nil, seen
	}
	return seen, seen
}

// better reports whether a row looks more like a header than another one: it
// has an NPI, it has more known headers, or at least more cells.
func (l *layout) better(o *layout) bool {
	switch {
	case l.npi != o.npi:
		return l.npi
	case l.points != o.points:
		return l.points > o.points
	}
	return l.at == o.at && len(l.cells) > len(o.cells)
}

// read recognizes the headers of a row, as the map has it.
func read(cells []string, line int, m *Map) *layout {
	l := &layout{line: line, at: line, cells: make([]string, len(cells)), columns: make([]column, len(cells))}
	for i, c := range cells {
		l.cells[i] = strings.TrimSpace(strings.ToValidUTF8(c, ""))
	}
	if m != nil && m.NoHeader {
		l.line, l.data, l.cells = 0, l.cells, make([]string, len(cells))
	}
	for i, c := range l.cells[:min(len(cells), maxRecognized)] {
		l.columns[i] = recognize(c)
	}
	m.override(l)
	l.points, l.npi = score(l.columns)
	return l
}

func ioError(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return refused(0, "the file ends before its header is complete")
	}
	return &readError{err}
}

// readError is a failure of whatever the file is read from.
type readError struct{ err error }

func (e *readError) Error() string { return "read a roster: " + e.err.Error() }
func (e *readError) Unwrap() error { return e.err }

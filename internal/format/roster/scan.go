package roster

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

const (
	maxRow   = 1 << 20 // bytes of a row; what is longer is none
	maxLines = 100     // lines of a row whose cells hold line ends; more is a quotation mark nobody closed
)

// scanner cuts delimited text into rows (RFC 4180, and what is done instead).
// It exists beside encoding/csv because that one reads a quotation mark nobody
// closed to the end of the file: every row behind it would be lost, and all of
// it held in memory.
type scanner struct {
	src     io.Reader
	report  *report
	delim   byte // 0: a line is one cell
	eol     byte
	buf     []byte
	at, end int // the part of buf that is not read yet
	failed  error
	line    int    // of the row that was read last; from 1
	next    int    // of the row that comes
	text    []byte // of the cells, with one byte between any two
	own     []byte // memory for text, where it is not a part of buf
	ends    []int  // of the cells in text
	width   int    // least number of cells given
	found   int    // cells there were, before width was filled up
}

func newScanner(src io.Reader, delim, eol byte, r *report) *scanner {
	return &scanner{src: src, report: r, delim: delim, eol: eol, buf: make([]byte, 128<<10), next: 1}
}

// over is a scanner of what is in memory already.
func over(data []byte, delim, eol byte) *scanner {
	return &scanner{buf: data, end: len(data), failed: io.EOF, report: &report{}, delim: delim, eol: eol, next: 1}
}

// row reads the next row that is not blank; io.EOF is the end. The cells are
// the caller's own.
func (s *scanner) row() ([]string, error) {
	for {
		raw, quoted, err := s.record()
		if err != nil {
			return nil, err
		}
		if !quoted {
			raw = bytes.TrimSuffix(raw, []byte{'\r'})
			s.text, s.ends = raw, cut(s.ends[:0], raw, s.delim)
		}
		if len(s.text) > 0 {
			return s.cells(), nil
		}
	}
}

// record finds the end of the next row. The bytes of one without quotation
// marks are given without the line end, and hold until the next call; the
// cells of one with them stand in text and ends.
func (s *scanner) record() (raw []byte, quoted bool, err error) {
	for {
		window := s.buf[s.at:s.end]
		n := bytes.IndexByte(window, s.eol)
		switch {
		case n < 0 && len(window) > maxRow:
			if err := s.skipLine(); err != nil {
				return nil, false, err
			}
			continue
		case n < 0 && s.failed == nil:
			s.fill()
			continue
		case n < 0 && len(window) == 0:
			return nil, false, s.failed
		}
		if n < 0 { // the last line has no end
			n = len(window)
		}
		s.line = s.next
		if bytes.IndexByte(window[:n], '"') < 0 {
			return s.take(window, n, 1), false, nil
		}
		used, lines, state := s.unquote(window, s.failed != nil)
		switch {
		case state == cutOff && s.failed == nil && len(window) <= maxRow:
			s.fill()
		case state == whole:
			s.take(window, used, lines)
			return nil, true, nil
		default:
			s.report.say(loneQuote, s.line, 0)
			return s.take(window, n, 1), false, nil
		}
	}
}

// take gives the first n bytes of the window and goes on behind them and their
// line end.
func (s *scanner) take(window []byte, n, lines int) []byte {
	s.at = min(s.at+n+1, s.end)
	s.next += lines
	return window[:n]
}

// fill reads more. An error is kept until all that came before it is read.
func (s *scanner) fill() {
	if s.at > 0 {
		s.end = copy(s.buf, s.buf[s.at:s.end])
		s.at = 0
	}
	if s.end == len(s.buf) {
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for range 100 {
		n, err := s.src.Read(s.buf[s.end:])
		s.end += n
		if err != nil || n > 0 {
			s.failed = err
			return
		}
	}
	s.failed = io.ErrNoProgress
}

// skipLine leaves out a line that is too long to be a row.
func (s *scanner) skipLine() error {
	s.line = s.next
	s.report.say(longLine, s.line, 0)
	for {
		if n := bytes.IndexByte(s.buf[s.at:s.end], s.eol); n >= 0 {
			s.at += n + 1
			s.next++
			return nil
		}
		if s.at = s.end; s.failed != nil {
			return s.failed
		}
		s.fill()
	}
}

// cut finds the ends of the cells of a row without quotation marks.
func cut(ends []int, row []byte, delim byte) []int {
	if delim != 0 {
		for at := 0; ; {
			n := bytes.IndexByte(row[at:], delim)
			if n < 0 {
				break
			}
			at += n + 1
			ends = append(ends, at-1)
		}
	}
	return append(ends, len(row))
}

// The ways in which a row with quotation marks may end.
type quotes uint8

const (
	whole  quotes = iota
	cutOff        // more bytes are needed to say
	broken        // its quotation marks make no sense
)

// unquote puts the cells of the row that data begins with into text and ends.
// It gives the number of bytes and of lines the row takes; last says that
// nothing follows data.
func (s *scanner) unquote(data []byte, last bool) (used, lines int, state quotes) {
	s.text, s.ends = s.own[:0], s.ends[:0]
	defer func() { s.own = s.text }()
	for i := 0; ; {
		n, inside, state := s.cell(data[i:], last)
		if lines += inside; state != whole || lines >= maxLines {
			return 0, 0, max(state, cutOff)
		}
		s.ends = append(s.ends, len(s.text))
		if i += n; i == len(data) || data[i] == s.eol {
			return i, lines + 1, whole
		}
		s.text = append(s.text, s.delim)
		i++
	}
}

// cell appends the cell that data begins with to text and gives its length up
// to the delimiter or line end behind it, and the line ends in it.
func (s *scanner) cell(data []byte, last bool) (n, lines int, state quotes) {
	for n < len(data) && data[n] == ' ' {
		n++
	}
	if n == len(data) || data[n] != '"' {
		n, state = s.plain(data, last)
		return n, 0, state
	}
	for n++; ; n++ {
		q := bytes.IndexByte(data[n:], '"')
		if q < 0 && !last && bytes.Count(data[n:], []byte{s.eol}) < maxLines {
			return 0, 0, cutOff
		}
		if q < 0 {
			return 0, 0, broken
		}
		lines += bytes.Count(data[n:n+q], []byte{s.eol})
		s.text = append(s.text, data[n:n+q]...)
		if n += q + 1; n == len(data) || data[n] != '"' {
			n, state = s.closed(data, n, last)
			return n, lines, state
		}
		s.text = append(s.text, '"')
	}
}

// closed gives the end of a cell whose quotation mark is closed before i.
func (s *scanner) closed(data []byte, i int, last bool) (int, quotes) {
	for i < len(data) && (data[i] == ' ' || data[i] == '\r' && s.eol == '\n') {
		i++
	}
	switch {
	case i == len(data) && !last:
		return 0, cutOff
	case i == len(data), data[i] == s.eol, s.delim != 0 && data[i] == s.delim:
		return i, whole
	}
	return 0, broken
}

// plain appends a cell without quotation marks around it.
func (s *scanner) plain(data []byte, last bool) (n int, state quotes) {
	for n < len(data) && data[n] != s.eol && (s.delim == 0 || data[n] != s.delim) {
		n++
	}
	if n == len(data) && !last {
		return 0, cutOff
	}
	cell := data[:n]
	if s.eol == '\n' && (n == len(data) || data[n] == '\n') {
		cell = bytes.TrimSuffix(cell, []byte{'\r'})
	}
	s.text = append(s.text, cell...)
	return n, whole
}

// cells makes the cells of the row in text and ends, with one allocation for
// all their text. Damage of the encoding is mended.
func (s *scanner) cells() []string {
	text, from := string(s.text), 0
	s.found = len(s.ends)
	cells := make([]string, max(s.found, s.width))
	for i, to := range s.ends {
		cells[i] = text[from:to]
		from = to + 1
	}
	if strings.IndexByte(text, 0) >= 0 || !utf8.ValidString(text) {
		s.mend(cells)
	}
	return cells
}

// mend takes NUL bytes out of a row and reads cells that are not UTF-8 as
// Windows-1252, of which Latin-1 is the part in use.
func (s *scanner) mend(cells []string) {
	for i, c := range cells {
		if strings.IndexByte(c, 0) >= 0 {
			s.report.say(nulBytes, s.line, i+1)
			c = strings.ReplaceAll(c, "\x00", "")
		}
		if !utf8.ValidString(c) {
			s.report.say(otherEncoding, s.line, i+1)
			c, _ = charmap.Windows1252.NewDecoder().String(c) // every byte has a meaning, if only U+FFFD
		}
		cells[i] = c
	}
}

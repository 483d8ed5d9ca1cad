package bulk

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// scanner gives the rows of a stream, one after the other.
type scanner struct {
	stream   *stream
	fetched  func() // called after each block; may be nil
	data     []byte // what was not yet scanned
	end      error  // what ended the stream
	ended    bool   // a line end was put behind the last line, which had none
	skipping bool   // the rest of a line is to be dropped
	line     int    // the one data begins with
	began    int    // the one the last row began with; 0 before the first
	row      row
}

// byteOrderMark is what some programs put before UTF-8.
var byteOrderMark = []byte("\xef\xbb\xbf")

// next gives the bytes that row's fields lie in, valid until the next call. A
// row that cannot be read is a fault, and the scanner goes on with the line
// after the one it began on. io.EOF is the end; any other error says that this
// is not the whole file.
func (s *scanner) next() ([]byte, fault, error) {
	for {
		if s.skipping {
			s.dropLine()
		}
		if s.began == 0 {
			s.data = bytes.TrimPrefix(s.data, byteOrderMark)
		}
		s.dropBlank()
		if len(s.data) > 0 {
			n, o := s.row.scan(s.data[:min(len(s.data), maxRow)])
			s.began = s.line
			switch {
			case o == whole:
				b := s.data[:n]
				s.data = s.data[n:]
				s.line += s.row.lines(b)
				return b, fault{}, nil
			case o == badQuote:
				s.dropLine()
				return nil, fault{BadQuote, "text where a comma should be, or a quote within text"}, nil
			case len(s.data) >= maxRow:
				return nil, s.dropLong(), nil
			}
		}
		if err := s.fetch(); err != nil {
			return nil, fault{}, err
		}
	}
}

// fetch gets more bytes. Behind a last line without an end it puts one, so
// that no file ends differently from others.
func (s *scanner) fetch() error {
	switch {
	case s.end == nil:
		s.data, s.end = s.stream.next(s.data)
		if s.fetched != nil {
			s.fetched()
		}
		return nil
	case s.end != io.EOF:
		return s.end
	case len(s.data) == 0:
		return io.EOF
	case s.ended:
		return io.ErrUnexpectedEOF // within quotes
	}
	s.data, s.ended = append(s.data, '\n'), true
	return nil
}

// cutOff says whether the row of these bytes is that of a file cut off: the
// last one, without a line end and without the quote that ends every row of a
// table whose fields are all in quotes, or with fewer fields than others.
func (s *scanner) cutOff(b []byte, t *table, columns int) bool {
	if !s.ended || len(s.data) > 0 {
		return false
	}
	return s.row.columns < columns || !t.bare && b[len(b)-2] != '"'
}

// dropLong gives up a row that maxRow bytes do not hold.
func (s *scanner) dropLong() fault {
	s.dropLine()
	if s.row.quoted {
		return fault{BadQuote, fmt.Sprintf("one that does not close within %d bytes", maxRow)}
	}
	return fault{TooLong, fmt.Sprintf("more than %d bytes", maxRow)}
}

// dropLine goes to the line that follows the one data begins with; if its end
// is not there yet, when it is.
func (s *scanner) dropLine() {
	i := bytes.IndexByte(s.data, '\n')
	if s.skipping = i < 0; s.skipping {
		s.data = s.data[len(s.data):]
		return
	}
	s.data = s.data[i+1:]
	s.line++
}

// dropBlank goes to the next line that is not empty.
func (s *scanner) dropBlank() {
	for len(s.data) > 0 && s.data[0] == '\n' || len(s.data) > 1 && s.data[0] == '\r' && s.data[1] == '\n' {
		s.data = s.data[bytes.IndexByte(s.data, '\n')+1:]
		s.line++
	}
}

// header reads up to the row that names the table's columns. It was there
// when the table was recognized, so its lack is damage.
func (s *scanner) header(t *table) (plan, error) {
	var missing []string
	for range t.titles + 1 {
		names, err := s.names()
		if err == io.EOF {
			break
		}
		if err != nil {
			return plan{}, err
		}
		var p plan
		if p, missing = t.plan(names); len(missing) == 0 {
			return p, nil
		}
	}
	return plan{}, errors.New(lacks(missing))
}

// names reads a row as it is, empty fields included.
func (s *scanner) names() ([]string, error) {
	b, wrong, err := s.next()
	if err != nil {
		return nil, err
	}
	if wrong.reason != "" {
		return nil, nil
	}
	names := make([]string, s.row.columns)
	for _, f := range s.row.fields {
		names[f.column] = string(appendClean(nil, b[f.start:f.end], f.doubled))
	}
	return names, nil
}

func countOf(have, want int) string { return fmt.Sprintf("%d of %d columns", have, want) }

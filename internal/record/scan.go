package record

import (
	"bytes"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// scanner walks through one JSON document (RFC 8259) without copying it. It is
// as strict as the codec, which a fuzz test holds it to, and takes a third of
// the codec's time: a claim is decoded for every result
// (docs/decisions/0002-json-codec.md). It does not look for names that stand
// twice in objects nobody reads.
type scanner struct {
	data    []byte
	at      int
	scratch []byte
}

// maxDepth is the codec's own limit of nesting.
const maxDepth = 10000

func (s *scanner) fail() error {
	if s.at >= len(s.data) {
		return malformed("not valid JSON: it ends too early (%d bytes)", len(s.data))
	}
	return malformed("not valid JSON near byte %d of %d", s.at, len(s.data))
}

// peek skips blanks and gives the byte the next token begins with; 0 at the
// end.
func (s *scanner) peek() byte {
	for ; s.at < len(s.data); s.at++ {
		switch c := s.data[s.at]; c {
		case ' ', '\n', '\t', '\r':
		default:
			return c
		}
	}
	return 0
}

// kind is what the next value is.
func (s *scanner) kind() jsontext.Kind {
	switch c := s.peek(); c {
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return '0'
	case '"', '{', '[', 't', 'f', 'n':
		return jsontext.Kind(c)
	}
	return 0
}

// take reads one structural byte.
func (s *scanner) take(c byte) error {
	if s.peek() != c {
		return s.fail()
	}
	s.at++
	return nil
}

// text reads a string and gives its text, valid until the next read.
func (s *scanner) text() ([]byte, error) {
	if err := s.take('"'); err != nil {
		return nil, err
	}
	start, escaped := s.at, false
	for s.at < len(s.data) {
		c := s.data[s.at]
		switch {
		case c == '"':
			s.at++
			if !escaped {
				return s.data[start : s.at-1], nil
			}
			var err error
			s.scratch, err = jsontext.AppendUnquote(s.scratch[:0], s.data[start-1:s.at])
			if err != nil { // an escape that is none, or half a surrogate pair
				return nil, s.fail()
			}
			return s.scratch, nil
		case c == '\\':
			escaped = true
			s.at += 2 // the escaped byte may be a quote; the codec checks the rest
		case c < 0x20:
			return nil, s.fail()
		case c < utf8.RuneSelf:
			s.at++
		default:
			r, n := utf8.DecodeRune(s.data[s.at:])
			if r == utf8.RuneError && n == 1 {
				return nil, s.fail()
			}
			s.at += n
		}
	}
	s.at = len(s.data)
	return nil, s.fail()
}

// number reads a number and gives its literal.
func (s *scanner) number() ([]byte, error) {
	s.peek()
	start := s.at
	if s.is('-') {
		s.at++
	}
	switch {
	case s.is('0'):
		s.at++
	case !s.digits():
		return nil, s.fail()
	}
	if s.is('.') {
		s.at++
		if !s.digits() {
			return nil, s.fail()
		}
	}
	if s.is('e') || s.is('E') {
		s.at++
		if s.is('+') || s.is('-') {
			s.at++
		}
		if !s.digits() {
			return nil, s.fail()
		}
	}
	return s.data[start:s.at], nil
}

func (s *scanner) is(c byte) bool { return s.at < len(s.data) && s.data[s.at] == c }

// digits skips digits and reports whether there were any.
func (s *scanner) digits() bool {
	start := s.at
	for s.at < len(s.data) && s.data[s.at]-'0' <= 9 {
		s.at++
	}
	return s.at > start
}

func (s *scanner) word(w string) error {
	s.peek()
	if !bytes.HasPrefix(s.data[s.at:], []byte(w)) {
		return s.fail()
	}
	s.at += len(w)
	return nil
}

// skip reads any value.
func (s *scanner) skip(depth int) (err error) {
	if depth > maxDepth {
		return s.fail()
	}
	switch s.kind() {
	case '"':
		_, err = s.text()
	case '0':
		_, err = s.number()
	case 't':
		err = s.word("true")
	case 'f':
		err = s.word("false")
	case 'n':
		err = s.word("null")
	case '{':
		err = s.each('{', '}', func() error {
			if _, err := s.text(); err != nil {
				return err
			}
			if err := s.take(':'); err != nil {
				return err
			}
			return s.skip(depth + 1)
		})
	case '[':
		err = s.each('[', ']', func() error { return s.skip(depth + 1) })
	default:
		err = s.fail()
	}
	return err
}

// each reads what stands between open and end, separated by commas.
func (s *scanner) each(open, end byte, read func() error) error {
	if err := s.take(open); err != nil {
		return err
	}
	if s.peek() == end {
		s.at++
		return nil
	}
	for {
		if err := read(); err != nil {
			return err
		}
		switch s.peek() {
		case ',':
			s.at++
		case end:
			s.at++
			return nil
		default:
			return s.fail()
		}
	}
}

// end refuses anything after the document.
func (s *scanner) end() error {
	if s.peek() != 0 || s.at < len(s.data) {
		return malformed("something follows the document, at byte %d", s.at)
	}
	return nil
}

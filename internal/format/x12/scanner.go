package x12

import (
	"bytes"
	"io"
)

const (
	maxSegment = 1 << 20  // a segment beyond this is passed over; sound ones stay below a few hundred bytes
	maxHeader  = 1 << 10  // an ISA is 106 bytes where it is padded as the standard has it
	minBuffer  = 64 << 10 // what is read at once
)

// delimiters are what an ISA sets for its interchange.
type delimiters struct{ element, component, terminator byte }

// header is what an ISA says that is needed further on.
type header struct {
	delimiters
	version [5]byte // ISA12
	control []byte  // ISA13, without the blanks around it; valid until the next read
	size    int     // bytes with the terminator
}

// ending says how a segment ended.
type ending int

const (
	terminated  ending = iota
	ended              // there is no further segment
	cutOff             // the input ends before the terminator
	interrupted        // another interchange begins before the terminator
	another            // another interchange begins here; nothing is given
	tooLong            // more than maxSegment; only its beginning is given
)

// scanner cuts an input into segments. They are parts of one buffer that is
// used again and again.
type scanner struct {
	r        io.Reader
	buf      []byte
	from, to int   // buf[from:to] is read and not yet given away
	base     int64 // position of buf[0] in the input
	err      error // why there is no more to read

	header
	count int   // segments given
	start int64 // position of the last one in the input, from 0
}

// fill reads more; false at the end, or when the window holds maxSegment.
func (s *scanner) fill() bool {
	if s.err != nil || s.to-s.from >= maxSegment {
		return false
	}
	if s.from > 0 {
		s.to = copy(s.buf, s.buf[s.from:s.to])
		s.base += int64(s.from)
		s.from = 0
	}
	if s.to == len(s.buf) {
		grown := make([]byte, min(max(minBuffer, 2*len(s.buf)), maxSegment))
		copy(grown, s.buf)
		s.buf = grown
	}
	for range 100 {
		n, err := s.r.Read(s.buf[s.to:])
		s.to += n
		s.err = err
		if n > 0 || err != nil {
			return n > 0
		}
	}
	s.err = io.ErrNoProgress
	return false
}

// window has at least n bytes, or all there are.
func (s *scanner) window(n int) []byte {
	for s.to-s.from < n && s.fill() {
	}
	return s.buf[s.from:s.to]
}

// next gives the next segment, without its terminator and without what
// surrounds it. It is valid until the next call.
func (s *scanner) next() ([]byte, ending) {
	for s.skipBlanks() {
		n, end := s.length()
		if n == 0 {
			s.from++ // an empty segment
			continue
		}
		if s.headerAt(0) {
			return nil, another
		}
		s.start = s.base + int64(s.from)
		s.count++
		seg, whole := s.buf[s.from:s.from+n], n
		if end == terminated {
			whole++
		}
		if bytes.IndexByte(seg, '\n') >= 0 {
			if k := s.headerWithin(n); k > 0 {
				n, whole, end = k, k, interrupted
			}
			seg = unwrap(s.buf[s.from : s.from+n])
		}
		s.from += whole
		if end == tooLong {
			seg = bytes.Clone(seg[:min(4, len(seg))])
			s.discard()
		}
		return s.trim(seg), end
	}
	return nil, ended
}

// length is how far it is to the terminator.
func (s *scanner) length() (int, ending) {
	for seen := 0; ; {
		if i := bytes.IndexByte(s.buf[s.from+seen:s.to], s.terminator); i >= 0 {
			return seen + i, terminated
		}
		seen = s.to - s.from
		if s.fill() {
			continue
		}
		if s.err == nil {
			return seen, tooLong
		}
		return seen, cutOff
	}
}

// discard goes behind the next terminator.
func (s *scanner) discard() {
	for {
		if i := bytes.IndexByte(s.buf[s.from:s.to], s.terminator); i >= 0 {
			s.from += i + 1
			return
		}
		s.from = s.to
		if !s.fill() {
			return
		}
	}
}

// trim takes away blanks and separators without a component at the end. The
// latter stand there where a sender left ISA16 out and ends lines.
func (s *scanner) trim(seg []byte) []byte {
	for n := len(seg); n > 0 && (seg[n-1] == s.component || blank(seg[n-1])) && seg[n-1] != s.element; n-- {
		seg = seg[:n-1]
	}
	return seg
}

// unwrap takes line ends out of a segment: some senders fold at a column.
func unwrap(seg []byte) []byte {
	kept := seg[:0]
	for _, c := range seg {
		if c != '\n' && c != '\r' {
			kept = append(kept, c)
		}
	}
	return kept
}

func (s *scanner) skipBlanks() bool {
	for {
		for ; s.from < s.to; s.from++ {
			if !blank(s.buf[s.from]) {
				return true
			}
		}
		if !s.fill() {
			return false
		}
	}
}

// blank is what may stand around segments: white space, and the padding and
// end mark of older systems.
func blank(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == 0 || c == 0x1a
}

var (
	isa           = []byte("ISA")
	byteOrderMark = []byte("\xef\xbb\xbf")
)

// seek goes to the next ISA, reads the delimiters from it, and goes behind
// it. text is where in the input anything but blanks was passed over, or -1.
func (s *scanner) seek() (text int64, found bool) {
	text = -1
	if s.base == 0 && s.from == 0 && bytes.HasPrefix(s.window(len(byteOrderMark)), byteOrderMark) {
		s.from += len(byteOrderMark)
	}
	for {
		w := s.window(maxHeader)
		i := bytes.Index(w, isa)
		if i == 0 {
			if h, ok := parse(w); ok {
				s.header = h
				s.start = s.base + int64(s.from)
				s.count++
				s.from += h.size
				return text, true
			}
		}
		pass := i
		switch {
		case i == 0:
			pass = len(isa) // an ISA that is none
		case i < 0 && s.err != nil:
			pass = len(w)
		case i < 0:
			pass = len(w) - len(isa) + 1 // it may end with half of one
		}
		for j, c := range w[:pass] {
			if text < 0 && !blank(c) && c != s.terminator {
				text = s.base + int64(s.from+j)
			}
		}
		s.from += pass
		if s.from == s.to && s.err != nil {
			return text, false
		}
	}
}

// headerAt reports whether an ISA begins at bytes behind what was given last.
func (s *scanner) headerAt(at int) bool {
	if !bytes.HasPrefix(s.buf[s.from+at:s.to], isa) {
		return false
	}
	_, ok := parse(s.window(at + maxHeader)[at:])
	return ok
}

// headerWithin is where in the next n bytes an ISA begins a line, or 0.
func (s *scanner) headerWithin(n int) int {
	for at := 0; ; {
		i := bytes.Index(s.buf[s.from+at:s.from+n], []byte("\nISA"))
		if i < 0 {
			return 0
		}
		if at += i + 1; s.headerAt(at) {
			return at
		}
	}
}

// parse reads an ISA at the beginning of w. It does not rely on the padding.
// ISA11 is left alone: nothing that is read here is ever repeated.
func parse(w []byte) (header, bool) {
	w = w[:min(len(w), maxHeader)]
	if len(w) < 4 || !bytes.HasPrefix(w, isa) || alphanumeric(w[3]) || blank(w[3]) && w[3] != '\t' {
		return header{}, false
	}
	h := header{delimiters: delimiters{element: w[3]}}
	at := 3 // the separator before element i
	for i := 1; i < 16; i++ {
		n := bytes.IndexByte(w[at+1:], h.element)
		if n < 0 {
			return header{}, false
		}
		v := bytes.TrimSpace(w[at+1 : at+1+n])
		switch {
		case i == 12 && (len(v) != len(h.version) || !digits(v)):
			return header{}, false
		case i == 12:
			copy(h.version[:], v)
		case i == 13:
			h.control = v
		}
		at += n + 1
	}
	end := at + 2
	for end < len(w) && w[end] == ' ' {
		end++
	}
	if end >= len(w) {
		return header{}, false
	}
	h.component, h.terminator, h.size = w[at+1], w[end], end+1
	if alphanumeric(h.terminator) && !alphanumeric(h.component) && h.component != h.element {
		h.component, h.terminator, h.size = 0, h.component, at+2 // ISA16 was left out
	}
	return h, true
}

func digits(b []byte) bool {
	for _, c := range b {
		if c-'0' > 9 {
			return false
		}
	}
	return true
}

package x12

import (
	"bytes"
	"hash/maphash"
	"strings"
	"unicode/utf8"
)

// maxText bounds every text taken from a claim, in bytes, as the native form
// does. The standard's own limit for a name is 60.
const maxText = 512

// tag is a segment's identifier: its two or three bytes as a number, the
// first one highest. 0 is none that could be one.
type tag uint32

const (
	tagBHT = tag('B'<<16 | 'H'<<8 | 'T')
	tagCLM = tag('C'<<16 | 'L'<<8 | 'M')
	tagDTP = tag('D'<<16 | 'T'<<8 | 'P')
	tagGE  = tag('G'<<16 | 'E'<<8)
	tagGS  = tag('G'<<16 | 'S'<<8)
	tagHL  = tag('H'<<16 | 'L'<<8)
	tagIEA = tag('I'<<16 | 'E'<<8 | 'A')
	tagISA = tag('I'<<16 | 'S'<<8 | 'A')
	tagLX  = tag('L'<<16 | 'X'<<8)
	tagN3  = tag('N'<<16 | '3'<<8)
	tagN4  = tag('N'<<16 | '4'<<8)
	tagNM1 = tag('N'<<16 | 'M'<<8 | '1')
	tagOI  = tag('O'<<16 | 'I'<<8)
	tagPRV = tag('P'<<16 | 'R'<<8 | 'V')
	tagREF = tag('R'<<16 | 'E'<<8 | 'F')
	tagSB  = tag('S'<<16 | 'B'<<8) // SBR misspelt, as real files have it
	tagSBR = tag('S'<<16 | 'B'<<8 | 'R')
	tagSE  = tag('S'<<16 | 'E'<<8)
	tagST  = tag('S'<<16 | 'T'<<8)
	tagSV1 = tag('S'<<16 | 'V'<<8 | '1')
	tagSV2 = tag('S'<<16 | 'V'<<8 | '2')
	tagSV3 = tag('S'<<16 | 'V'<<8 | '3')
)

// tagOf is the tag a segment begins with.
func tagOf(seg []byte, sep byte) tag {
	switch {
	case len(seg) == 2, len(seg) > 2 && seg[2] == sep:
		return tag(seg[0])<<16 | tag(seg[1])<<8
	case len(seg) == 3, len(seg) > 3 && seg[3] == sep:
		return tag(seg[0])<<16 | tag(seg[1])<<8 | tag(seg[2])
	}
	return 0
}

// name is the tag as text, for those this package knows: any other may be a
// piece of somebody's data.
func (t tag) name() string {
	switch t {
	case tagBHT, tagCLM, tagDTP, tagGE, tagGS, tagHL, tagIEA, tagISA, tagLX, tagN3, tagN4, tagNM1,
		tagOI, tagPRV, tagREF, tagSB, tagSBR, tagSE, tagST, tagSV1, tagSV2, tagSV3:
		return strings.TrimRight(string([]byte{byte(t >> 16), byte(t >> 8), byte(t)}), "\x00")
	}
	return ""
}

// trailer reports whether such a segment closes an envelope.
func (t tag) trailer() bool { return t == tagSE || t == tagGE || t == tagIEA }

// elements is a segment taken apart, as far as it was asked for: element 0 is
// the tag, and none beyond the ninth is read.
type elements struct {
	seg  []byte
	sep  byte
	n    int // elements found
	next int // where the one after them begins; beyond the segment, there is none
	from [10]int
	to   [10]int
}

func (e *elements) set(seg []byte, sep byte) { e.seg, e.sep, e.n, e.next = seg, sep, 0, 0 }

// find takes the segment apart up to element i and reports whether there is one.
func (e *elements) find(i int) bool {
	for e.n <= i {
		if e.next > len(e.seg) {
			return false
		}
		end := bytes.IndexByte(e.seg[e.next:], e.sep)
		if end < 0 {
			end = len(e.seg) - e.next
		}
		e.from[e.n], e.to[e.n] = e.next, e.next+end
		e.next += end + 1
		e.n++
	}
	return true
}

// raw is element i as it stands; empty where there is none.
func (e *elements) raw(i int) []byte {
	if !e.find(i) {
		return nil
	}
	return e.seg[e.from[i]:e.to[i]]
}

// at is element i without the blanks around it, valid until the next segment.
func (e *elements) at(i int) []byte {
	v := e.raw(i)
	for len(v) > 0 && v[0] == ' ' {
		v = v[1:]
	}
	for len(v) > 0 && v[len(v)-1] == ' ' {
		v = v[:len(v)-1]
	}
	return v
}

// is reports whether element i is v.
func (e *elements) is(i int, v string) bool { return string(e.at(i)) == v }

// tooLong reports whether one of the first ten elements is longer than any
// text may be.
func (e *elements) tooLong() bool {
	if len(e.seg) <= maxText {
		return false
	}
	e.find(len(e.from) - 1)
	for i := range e.n {
		if e.to[i]-e.from[i] > maxText {
			return true
		}
	}
	return false
}

// copied is a segment whose texts are kept: one copy of its first ten
// elements, of which the texts are parts.
type copied struct {
	*elements
	all string
}

func (e *elements) copy(k *kept) copied {
	e.find(len(e.from) - 1)
	return copied{e, k.text(e.seg[:e.to[e.n-1]])}
}

// text is element i without the blanks around it.
func (c copied) text(i int) string {
	if i >= c.n {
		return ""
	}
	return clean(strings.Trim(c.all[c.from[i]:c.to[i]], " "))
}

// kept shares the copies of segments: the providers of a file are few and
// stand in many claims. Each place holds what was copied last among the
// segments that fall on it.
type kept struct {
	seed maphash.Seed
	last [256]string
}

func (k *kept) text(b []byte) string {
	s := &k.last[maphash.Bytes(k.seed, b)%uint64(len(k.last))]
	if *s != string(b) {
		*s = string(b)
	}
	return *s
}

// clean gives texts in UTF-8: what is not is taken for ISO 8859-1, the
// extended character set most senders mean.
func clean(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	wide := make([]rune, len(s))
	for i := range len(s) {
		wide[i] = rune(s[i])
	}
	return string(wide)
}

func alphanumeric(c byte) bool {
	return c-'0' <= 9 || c|0x20-'a' < 26
}

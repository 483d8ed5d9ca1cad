package bulk

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// The scanner is our own because of what the main file is: 11.6 GB in 330
// columns, five of six of them empty. encoding/csv looks at every byte several
// times and gives a string for each of the 330: 4.7 µs for a row of 1,200
// bytes, where inflating them takes 1.3. Here empty fields pass eight at a time
// and only the others are noted: 0.5 µs, and 1.1 with the entry that is made of
// them. A fuzz test holds it to what encoding/csv reads.

// maxRow bounds a row, in bytes. The lengths CMS gives for the 330 columns sum
// up to less than 15,000.
const maxRow = 64 << 10

// row is where the fields of one row lie.
type row struct {
	columns int     // fields there are, empty ones included
	fields  []field // those that are not empty
	odd     bool    // some field has marks
	quoted  bool    // of a row that is cut: it ends within quotes
}

// field is the text b[start:end] of the scanned bytes, without its quotes.
type field struct {
	column     int32
	start, end int32
	odd        bool // bytes that are not printable ASCII
	doubled    bool // doubled quotes, each of which stands for one
}

// outcome is what a scan came to.
type outcome uint8

const (
	whole    outcome = iota
	cut              // the bytes end before the row does
	badQuote         // text where only a comma or the end may follow, or a quote within bare text
)

// Eight empty fields, `"",` each, as three little-endian words.
const (
	empty0 = 0x2222_2c22_222c_2222
	empty1 = 0x222c_2222_2c22_222c
	empty2 = 0x2c22_222c_2222_2c22
)

// scan reads the row that b begins with and gives the bytes it takes, the line
// end included. Unless the outcome is whole, the number and the row mean
// nothing.
func (r *row) scan(b []byte) (int, outcome) {
	r.columns, r.fields, r.odd, r.quoted = 0, r.fields[:0], false, false
	i, column := 0, int32(0)
	for {
		i, column = skipEmpty(b, i, column)
		if i >= len(b) {
			return 0, cut
		}
		f := field{column: column}
		var next int
		var o outcome
		if b[i] == '"' {
			next, o = r.inQuotes(b, i+1, &f)
		} else {
			next, o = bare(b, i, &f)
		}
		if o != whole {
			return 0, o
		}
		column++
		if f.end > f.start {
			r.fields = append(r.fields, f)
			r.odd = r.odd || f.odd
		}
		if b[next] == ',' {
			i = next + 1
			continue
		}
		r.columns = int(column)
		if b[next] == '\r' {
			next++
		}
		return next + 1, whole
	}
}

// skipEmpty passes over all fields `"",` from i on.
func skipEmpty(b []byte, i int, column int32) (int, int32) {
	for len(b)-i >= 24 {
		w := b[i : i+24]
		x0 := binary.LittleEndian.Uint64(w) ^ empty0
		x1 := binary.LittleEndian.Uint64(w[8:]) ^ empty1
		x2 := binary.LittleEndian.Uint64(w[16:]) ^ empty2
		same := 0 // bits
		switch {
		case x0 != 0:
			same = bits.TrailingZeros64(x0)
		case x1 != 0:
			same = 64 + bits.TrailingZeros64(x1)
		case x2 != 0:
			same = 128 + bits.TrailingZeros64(x2)
		default:
			i, column = i+24, column+8
			continue
		}
		n := same / 24
		return i + 3*n, column + int32(n)
	}
	return i, column
}

// inQuotes reads a field whose text begins at i and gives where the byte is
// that follows its closing quote: a comma, or a line end.
func (r *row) inQuotes(b []byte, i int, f *field) (int, outcome) {
	f.start = int32(i)
	for {
		q, odd := closing(b, i)
		f.odd = f.odd || odd
		if q < 0 {
			r.quoted = true
			return 0, cut
		}
		f.end = int32(q)
		if q+1 == len(b) {
			return 0, cut
		}
		switch b[q+1] {
		case ',', '\n':
			return q + 1, whole
		case '\r':
			return q + 1, lineEnd(b, q+1)
		case '"':
			f.doubled = true
			i = q + 2
		default:
			return 0, badQuote
		}
	}
}

// lineEnd says whether the carriage return at i is one of a line end.
func lineEnd(b []byte, i int) outcome {
	switch {
	case i+1 == len(b):
		return cut
	case b[i+1] == '\n':
		return whole
	}
	return badQuote
}

const (
	ones    = 0x0101_0101_0101_0101
	highs   = 0x8080_8080_8080_8080
	quotes  = '"' * ones
	printed = ' ' * ones // what is below is a control character
)

// closing finds the next quote from i on, -1 if there is none, and says
// whether bytes before it are not printable ASCII. It looks at eight bytes at
// a time; carries between them come only from bytes that are themselves found.
func closing(b []byte, i int) (int, bool) {
	var odd uint64
	for ; len(b)-i >= 8; i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		y := x ^ quotes
		hit := (y - ones) &^ y & highs
		found := (x | (x + ones) | (x-printed)&^x) & highs // + binds no tighter than |
		if hit != 0 {
			before := hit&-hit - 1
			return i + bits.TrailingZeros64(hit)/8, odd|found&before != 0
		}
		odd |= found
	}
	some := odd != 0
	for ; i < len(b); i++ {
		if b[i] == '"' {
			return i, some
		}
		some = some || !printable(b[i])
	}
	return -1, some
}

func printable(c byte) bool { return c >= ' ' && c < 0x7f }

// bare reads a field without quotes and gives where the byte is that ends it.
func bare(b []byte, i int, f *field) (int, outcome) {
	f.start = int32(i)
	for ; i < len(b); i++ {
		switch c := b[i]; c {
		case ',', '\n':
			f.end = int32(i)
			return i, whole
		case '\r':
			switch lineEnd(b, i) {
			case whole:
				f.end = int32(i)
				return i, whole
			case cut:
				return 0, cut
			}
			f.odd = true
		case '"':
			return 0, badQuote
		default:
			f.odd = f.odd || !printable(c)
		}
	}
	return 0, cut
}

// lines counts the line ends in the n bytes of a row: more than one only where
// a field has some of its own.
func (r *row) lines(b []byte) int {
	if !r.odd {
		return 1
	}
	return bytes.Count(b, []byte{'\n'})
}

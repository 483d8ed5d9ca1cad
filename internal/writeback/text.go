package writeback

import (
	"bytes"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// same reports whether two texts are two ways to write one thing: case,
// punctuation, blanks, accents and the vocabulary's abbreviations aside.
func same(a, b string, v vocabulary) bool {
	if a == b {
		return true
	}
	var x, y [96]byte // on the stack: rows that agree must cost next to nothing
	return bytes.Equal(fold(x[:0], a, v), fold(y[:0], b, v))
}

// agrees reports whether the roster's text says nothing else than the
// registry's.
func agrees(registry, roster string, v vocabulary) bool {
	return roster == "" || same(registry, roster, v) || !said(roster)
}

// partOf reports whether the roster's text says nothing, or only the
// beginning or the end of the registry's: an initial, half of a double name.
// That is no news.
func partOf(registry, roster string, v vocabulary) bool {
	if registry == roster || !said(roster) {
		return true
	}
	var x, y [96]byte
	part, whole := fold(x[:0], roster, v), fold(y[:0], registry, v)
	return bytes.HasPrefix(whole, part) || bytes.HasSuffix(whole, part)
}

// said reports whether a text says anything. Rosters fill what they do not
// know with words for not knowing.
func said(s string) bool {
	s = strings.TrimSpace(s)
	if len(s) > 16 {
		return true
	}
	var b [24]byte
	return !placeholders[string(fold(b[:0], s, nil))]
}

var placeholders = map[string]bool{
	"": true, "NA": true, "NONE": true, "NULL": true, "NIL": true, "TBD": true,
	"PENDING": true, "UNKNOWN": true, "UNAVAIL": true, "UNAVAILABLE": true, "NOTAVAILABLE": true,
}

// fold appends the letters and digits of s in upper case, without accents and
// blanks, each word in its shortest form.
func fold(dst []byte, s string, v vocabulary) []byte {
	s = plain(s)
	for s != "" {
		n := wordLen(s)
		if n == 0 {
			s = s[1:]
			continue
		}
		dst = appendWord(dst, s[:n], v)
		s = s[n:]
	}
	return dst
}

// appendWord keeps two numbers apart where a vocabulary makes words matter, or
// 1 23RD ST would be 12 3RD ST.
func appendWord(dst []byte, w string, v vocabulary) []byte {
	start := len(dst)
	for i := range len(w) {
		dst = append(dst, upper(w[i]))
	}
	if v == nil {
		return dst
	}
	if len(w) > 1 && !isDigit(w[0]) { // numbers and initials have no shorter form
		if short, ok := v[string(dst[start:])]; ok {
			dst = append(dst[:start], short...)
		}
	}
	if start > 0 && start < len(dst) && isDigit(dst[start-1]) && isDigit(dst[start]) {
		dst = slices.Insert(dst, start, '|')
	}
	return dst
}

// wordLen is the length of the run of letters and digits s starts with. All
// that is not ASCII counts as a letter.
func wordLen(s string) int {
	for i := range len(s) {
		c := upper(s[i])
		if !isDigit(c) && (c < 'A' || c > 'Z') && c < 0x80 {
			return i
		}
	}
	return len(s)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// plain takes accents off and mends look-alike forms such as full-width
// digits; the registry writes plain ASCII.
func plain(s string) string {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return strings.ToUpper(strings.Map(unmarked, norm.NFKD.String(s)))
		}
	}
	return s
}

func unmarked(r rune) rune {
	switch {
	case unicode.Is(unicode.Mn, r):
		return -1
	case r >= 0x80 && !unicode.IsLetter(r) && !unicode.IsDigit(r):
		return ' '
	}
	return r
}

// tidy is a roster's text in the registry's style: upper case, single blanks.
func tidy(s string) string { return strings.ToUpper(strings.Join(strings.Fields(s), " ")) }

// digitsOf keeps at most len(into) digits of s and says how many there were.
func digitsOf(into []byte, s string) int {
	n := 0
	for i := range len(s) {
		if !isDigit(s[i]) {
			continue
		}
		if n < len(into) {
			into[n] = s[i]
		}
		n++
	}
	return n
}

// phone is a North American number's ten digits. Country code, punctuation
// and extension fall away; an area code starts with 2 to 9, so the zeroes
// some rosters fill in are no number.
func phone(s string) (number [10]byte, ok bool) {
	var d [11]byte
	n := digitsOf(d[:], beforeExtension(s))
	if n == 11 && d[0] == '1' {
		copy(d[:], d[1:])
		n = 10
	}
	copy(number[:], d[:10])
	return number, n == 10 && number[0] >= '2'
}

// beforeExtension cuts a phone number at the first letter behind ten digits.
func beforeExtension(s string) string {
	digits := 0
	for i := range len(s) {
		c := upper(s[i])
		if isDigit(c) {
			digits++
		} else if digits >= 10 && c >= 'A' && c <= 'Z' {
			return s[:i]
		}
	}
	return s
}

func dashed(n [10]byte) string { return string(n[:3]) + "-" + string(n[3:6]) + "-" + string(n[6:]) }

// zip is a US ZIP code's five or nine digits. Spreadsheets lose the leading
// zero of New England's codes; it is put back.
func zip(s string) (digits [9]byte, n int) {
	n = digitsOf(digits[:], s)
	if n == 4 || n == 8 {
		copy(digits[1:], digits[:])
		digits[0] = '0'
		n++
	}
	if n != 5 && n != 9 {
		return digits, 0
	}
	return digits, n
}

package bulk

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/npiflow/npiflow/internal/record"
)

// appendClean appends the text of a field to dst: doubled quotes made one,
// line breaks and tabs a blank, other control characters left out, blanks at
// its ends too. CMS does not say which encoding its files have, and readers of
// them disagree: a field that is not UTF-8 is Windows-1252.
func appendClean(dst, text []byte, doubled bool) []byte {
	start := len(dst)
	utf, gap := utf8.Valid(text), false
	for i := 0; i < len(text); {
		c, n := rune(text[i]), 1
		if c >= utf8.RuneSelf {
			if utf {
				c, n = utf8.DecodeRune(text[i:])
			} else {
				c = charmap.Windows1252.DecodeByte(text[i])
			}
		}
		i += n
		switch {
		case c == '\n', c == '\r', c == '\t':
			gap = true
			continue
		case unicode.IsControl(c), c == utf8.RuneError && !utf: // or a byte that Windows-1252 does not have
			continue
		case c == '"' && doubled:
			i++ // its twin
		}
		if gap {
			dst, gap = append(dst, ' '), false
		}
		dst = utf8.AppendRune(dst, c)
	}
	clean := bytes.TrimSpace(dst[start:])
	return append(dst[:start], clean...)
}

// phone writes ten digits as the API does, "NNN-NNN-NNNN"; anything else
// stays as it stands.
func (c *cells) phone(s string) string {
	if len(s) != 10 || !digits(s) {
		return s
	}
	at := len(c.scratch)
	c.scratch = append(c.scratch, s[:3]...)
	c.scratch = append(c.scratch, '-')
	c.scratch = append(c.scratch, s[3:6]...)
	c.scratch = append(c.scratch, '-')
	c.scratch = append(c.scratch, s[6:]...)
	return view(c.scratch[at:])
}

// postal takes the hyphen out of a ZIP+4; the codes of other countries stay as
// they are.
func (c *cells) postal(s string) string {
	if len(s) != 10 || s[5] != '-' || !digits(s[:5]) || !digits(s[6:]) {
		return s
	}
	at := len(c.scratch)
	c.scratch = append(c.scratch, s[:5]...)
	c.scratch = append(c.scratch, s[6:]...)
	return view(c.scratch[at:])
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return true
}

// day reads MM/DD/YYYY, YYYY-MM-DD or YYYYMMDD; 0 where that is no day of the
// calendar.
func day(s string) record.Date {
	var b [10]byte
	switch {
	case len(s) == 10 && s[2] == '/' && s[5] == '/':
		copy(b[:], s[6:])
		copy(b[5:], s[:2])
		copy(b[8:], s[3:5])
	case len(s) == 8:
		copy(b[:], s[:4])
		copy(b[5:], s[4:6])
		copy(b[8:], s[6:])
	default:
		d, _ := record.ParseDate(s)
		return d
	}
	b[4], b[7] = '-', '-'
	d, _ := record.ParseDate(string(b[:]))
	return d
}

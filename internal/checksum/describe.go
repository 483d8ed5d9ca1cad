package checksum

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/npiflow/npiflow/internal/record"
)

// Describe says what is wrong with the shape of a malformed identifier, as a
// phrase without a full stop. It counts and classifies and never quotes: the
// text may be anything, also somebody's name or social security number.
func Describe(raw string) string {
	c := classify(raw)
	switch inner := strings.TrimSpace(raw); {
	case raw == "":
		return "nothing where 10 digits belong"
	case inner == "":
		return "only blanks where 10 digits belong"
	case inner != raw && isTen(inner):
		return "blanks around the digits"
	case c.foreign > 0 && c.digits+c.foreign == c.all:
		return "digits that are not ASCII"
	case c.digits != c.all:
		return c.String()
	case c.digits == 15 && strings.HasPrefix(raw, "80840"):
		return "15 digits beginning 80840: leave out the card issuer prefix"
	}
	return plural(c.digits, "digit") + " where 10 belong"
}

func isTen(s string) bool {
	_, ok := record.ParseNPI(s)
	return ok
}

// census counts the characters of a text by class.
type census struct{ all, digits, foreign, letters, blanks, others int }

func classify(s string) (c census) {
	c.all = utf8.RuneCountInString(s)
	for _, r := range s {
		switch {
		case '0' <= r && r <= '9':
			c.digits++
		case unicode.IsDigit(r):
			c.foreign++
		case unicode.IsLetter(r):
			c.letters++
		case unicode.IsSpace(r):
			c.blanks++
		default:
			c.others++
		}
	}
	return c
}

// String is "11 characters, 1 of them a letter, 2 of them blanks".
func (c census) String() string {
	var parts []string
	for _, class := range []struct {
		n         int
		one, many string
	}{
		{c.foreign, "a digit that is not ASCII", "digits that are not ASCII"},
		{c.letters, "a letter", "letters"},
		{c.blanks, "a blank", "blanks"},
		{c.others, "a sign", "signs"},
	} {
		switch {
		case class.n == 1:
			parts = append(parts, "1 of them "+class.one)
		case class.n > 1:
			parts = append(parts, fmt.Sprintf("%d of them %s", class.n, class.many))
		}
	}
	return plural(c.all, "character") + ", " + strings.Join(parts, ", ")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

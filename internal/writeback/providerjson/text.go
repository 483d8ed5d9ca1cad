package providerjson

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// ascii counts the characters of s that are ASCII: the length that limits are
// about.
func ascii(s string) (n int) {
	for i := range len(s) {
		if s[i] < utf8.RuneSelf {
			n++
		}
	}
	return n
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// phone reports whether s is NNN-NNN-NNNN. A line end after it is not seen,
// as the reference does not.
func phone(s string) bool {
	s = strings.TrimSuffix(s, "\n")
	return len(s) == 12 && s[3] == '-' && s[7] == '-' && digits(s[:3]) && digits(s[4:7]) && digits(s[8:])
}

// date reads YYYY-MM-DD as strptime does: month and day may have one digit,
// and the day a blank in place of the first.
func date(s string) (time.Time, bool) {
	if len(s) < 8 || len(s) > 10 || s[4] != '-' || !digits(s[:4]) {
		return time.Time{}, false
	}
	month, day, _ := strings.Cut(s[5:], "-")
	if len(day) == 2 && day[0] == ' ' && day[1] != '0' {
		day = day[1:]
	}
	if !digits(month) || !digits(day) || len(month) > 2 || len(day) > 2 || s[:4] == "0000" {
		return time.Time{}, false
	}
	y, m, d := number(s[:4]), number(month), number(day)
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return t, t.Month() == time.Month(m) && t.Day() == d
}

// number is the value of a few digits.
func number(s string) (n int) {
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// luhn reports whether the check digit of s is right, behind the card issuer
// prefix 80840. Unlike package checksum it takes any number of digits: a
// number of nine may fit too, and the reference lets it pass.
func luhn(s string) bool {
	if strings.Trim(s, "0123456789") != "" {
		return false
	}
	sum := 0
	for i, full := 0, "80840"+s; i < len(full); i++ {
		d := int(full[len(full)-1-i] - '0')
		if i%2 == 1 {
			d = d/5 + d*2%10 // twice the digit, its own digits added
		}
		sum += d
	}
	return sum%10 == 0
}

// email reports whether s is an address of RFC 2822: addr-spec without the
// obsolete forms, as the reference has it. Nearly all are plain, and seeing
// that takes a hundredth of the time of the expression.
func email(s string) bool {
	local, domain, _ := strings.Cut(s, "@")
	return dotAtom(local) && dotAtom(domain) || mailbox.MatchString(s)
}

// dotAtom reports whether s is atoms with a dot between each two.
func dotAtom(s string) bool {
	for atom := range strings.SplitSeq(s, ".") {
		if atom == "" {
			return false
		}
		for i := range len(atom) {
			if !atomic[atom[i]] {
				return false
			}
		}
	}
	return true
}

var atomic = func() (in [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_!#$%&'*+/=?^`{|}~-") {
		in[c] = true
	}
	return in
}()

var mailbox = func() *regexp.Regexp {
	const (
		control   = `\x01-\x08\x0b\x0c\x0e-\x1f\x7f` // and neither blank nor line end
		pair      = `\\.`
		blanks    = `(?:(?:[ \t]*\r\n)?[ \t]+)`
		comment   = `\((?:` + blanks + `?(?:[` + control + `\x21-\x27\x2a-\x5b\x5d-\x7e]|` + pair + `))*` + blanks + `?\)`
		between   = `(?:(?:` + blanks + `?` + comment + `)*(?:` + blanks + `?` + comment + `|` + blanks + `))?`
		atom      = "[A-Za-z0-9_!#$%&'*+/=?^`{|}~-]+"
		dotted    = between + atom + `(?:\.` + atom + `)*` + between
		quoted    = between + `"(?:` + blanks + `?(?:[` + control + `\x21\x23-\x5b\x5d-\x7e]|` + pair + `))*` + blanks + `?"` + between
		bracketed = between + `\[(?:` + blanks + `?(?:[` + control + `\x21-\x5a\x5e-\x7e]|` + pair + `))*` + blanks + `?\]` + between
	)
	return regexp.MustCompile(`^(?:` + dotted + `|` + quoted + `)@(?:` + dotted + `|` + bracketed + `)\n?$`)
}()

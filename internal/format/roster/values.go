package roster

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/npiflow/npiflow/internal/record"
)

// maxText bounds every text taken from a cell, in bytes, as record.Decode
// does.
const maxText = 512

// said is a cell without blanks around it and without control characters, and
// empty where it holds only a sign for "nothing".
func said(cell string) string {
	if cell == "" {
		return ""
	}
	cell = strings.TrimSpace(cell)
	if controlled(cell) {
		cell = strings.Join(strings.Fields(strings.Map(uncontrolled, cell)), " ")
	}
	if len(cell) <= 7 && cell != "" && !alnum(cell[0]) && signs[cell] {
		return ""
	}
	if len(cell) == 3 && strings.EqualFold(cell, "n/a") {
		return ""
	}
	return cell
}

// controlled reports whether there may be control characters.
func controlled(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f || s[i] == 0xc2 { // those beyond ASCII begin so
			return true
		}
	}
	return false
}

func uncontrolled(r rune) rune {
	if unicode.IsControl(r) {
		return ' '
	}
	return r
}

// signs are cells that say nothing whatever their column: none of them can be
// a name.
var signs = map[string]bool{
	"-": true, "--": true, ".": true, "?": true, "#N/A": true, "#VALUE!": true, "#REF!": true,
	"#NAME?": true, "#NULL!": true, "#DIV/0!": true, "#NUM!": true,
}

// nothing reports whether a cell that should hold a number or code says that
// there is none. As names, some of these are people's.
func nothing(s string) bool {
	if s == "" || len(s) > 14 {
		return s == ""
	}
	for i := range len(s) {
		if isDigit(s[i]) {
			return false
		}
	}
	return nothings[letters(s)]
}

var nothings = words("na none null nil tbd pending unknown unavail unavailable notavailable applied")

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func digits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

// unmarked takes off what spreadsheets mark a number as text with: '123 and
// ="123".
func unmarked(s string) (string, bool) {
	if len(s) > 3 && strings.HasPrefix(s, `="`) && s[len(s)-1] == '"' {
		return s[2 : len(s)-1], true
	}
	if len(s) > 1 && (s[0] == '\'' || s[0] == '`') && isDigit(s[1]) {
		return strings.TrimRight(s[1:], "'"), true
	}
	return s, false
}

// pointless takes .0 off a whole number.
func pointless(s string) (string, bool) {
	head, zeros, ok := strings.Cut(s, ".")
	if ok && digits(head) && zeros != "" && strings.Trim(zeros, "0") == "" {
		return head, true
	}
	return s, false
}

// scientific reads a number such as 1.234567893E9. It is whole if all its
// digits are there, and damaged if a spreadsheet left some out.
func scientific(s string) (whole string, damaged, ok bool) {
	e := max(strings.IndexByte(s, 'E'), strings.IndexByte(s, 'e'))
	if e < 1 || !isDigit(s[0]) {
		return s, false, false
	}
	mantissa := s[:e]
	exponent, err := strconv.Atoi(s[e+1:])
	head, fraction, _ := strings.Cut(mantissa, ".")
	if err != nil || len(head) != 1 || fraction != "" && !digits(fraction) || exponent < 0 || exponent > 99 {
		return s, false, false
	}
	if fraction = strings.TrimRight(fraction, "0"); len(fraction) > exponent {
		return s, false, false
	}
	if exponent-len(fraction) > 1 || len(fraction) <= 5 { // a writer of all digits drops at most the zeros at the end
		return s, true, true
	}
	return head + fraction + strings.Repeat("0", exponent-len(fraction)), false, true
}

// phone is a telephone number in NPPES's form, NNN-NNN-NNNN, where it is one
// of ten digits.
func phone(s string) string {
	number := s
	if i := strings.IndexAny(s, "xX#"); i > 0 { // an extension
		number = s[:i]
	}
	if len(s) == 12 && s[3] == '-' && s[7] == '-' {
		return s
	}
	var d [11]byte
	n := digitsOf(d[:], number)
	switch {
	case n == 11 && d[0] == '1':
		copy(d[:], d[1:])
	case n != 10:
		return s
	}
	return string([]byte{d[0], d[1], d[2], '-', d[3], d[4], d[5], '-', d[6], d[7], d[8], d[9]})
}

// postal is a postal code as five or nine digits, where it has as many. Of a
// state whose codes begin with a zero, a spreadsheet may have dropped that.
func postal(s, extension, state string) (code string, restored bool) {
	if !isDigit(s[0]) || len(s) == 5 && extension == "" && digits(s) {
		return s, false
	}
	var d [10]byte
	n := digitsOf(d[:], s)
	if (n == 4 || n == 8) && zeroStates[state] && digitsAnd(s, "- ") {
		copy(d[1:], d[:n])
		d[0] = '0'
		n, restored = n+1, true
	}
	if n == 5 && len(extension) == 4 && digits(extension) {
		return string(d[:5]) + extension, restored
	}
	if (n != 5 && n != 9) || !restored && !digitsAnd(s, "- ") {
		return s, false
	}
	if n == 9 && string(d[5:9]) == "0000" {
		n = 5
	}
	return string(d[:n]), restored
}

// zeroStates are the states whose postal codes begin with a zero.
var zeroStates = map[string]bool{"CT": true, "MA": true, "ME": true, "NH": true, "NJ": true, "RI": true, "VT": true, "PR": true, "VI": true, "AE": true}

func digitsAnd(s, others string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) && strings.IndexByte(others, s[i]) < 0 {
			return false
		}
	}
	return true
}

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

// taxonomyCode takes the code out of a cell that may describe it too:
// "207Q00000X - Family Medicine".
func taxonomyCode(s string) (string, bool) {
	if len(s) < 10 || len(s) > 10 && alnum(s[10]) {
		return "", false
	}
	code := strings.ToUpper(s[:10])
	for i := range 9 {
		if !isDigit(code[i]) && !isUpper(code[i]) {
			return "", false
		}
	}
	return code, code[9] == 'X' && isDigit(code[0])
}

// The actions a roster asks for.
const (
	add    = "ADD"
	change = "CHANGE"
	term   = "TERM"
)

// actionOf reads the first word of an action: rosters write their reasons
// behind it.
func actionOf(s string) string {
	word := strings.ToUpper(strings.TrimLeft(s, " <([*"))
	if i := strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }); i >= 0 {
		word = word[:i]
	}
	switch word {
	case "A", "ADD", "ADDED", "ADDITION", "NEW", "N", "ACTIVE", "INSERT", "ENROLL":
		return add
	case "U", "C", "UPDATE", "UPDATED", "CHANGE", "CHANGED", "MODIFY", "EDIT", "M", "REVISE":
		return change
	case "D", "T", "DELETE", "DELETED", "TERM", "TERMED", "TERMINATE", "TERMINATED", "TERMINATION", "REMOVE", "REMOVED", "END", "INACTIVE", "DROP":
		return term
	}
	return ""
}

// typeOf reads what a roster writes for a type of NPI.
func typeOf(s string) string {
	switch letters(s) {
	case "1", "npi1", "type1", "i", "ind", "individual", "person", "practitioner":
		return record.NPI1
	case "2", "npi2", "type2", "o", "org", "organization", "organisation", "g", "group", "facility":
		return record.NPI2
	}
	return ""
}

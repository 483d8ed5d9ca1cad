package roster

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/record"
)

// shown is how many columns a refusal tells of.
const shown = 12

// headed is how many points a row has that surely is a header: two headers
// known letter for letter. No row of data comes to that.
const headed = 4

// unrecognized is why a file cannot be read that has no header with an NPI.
// What stands in the row that comes nearest is quoted only if it surely is a
// header; data is described.
func unrecognized(seen *layout, m *Map) error {
	switch {
	case m != nil && m.HeaderRow > 0 && (seen == nil || seen.at != m.HeaderRow):
		return refused(m.HeaderRow, "no header stands here, though the map says so; a row counts as the line it begins in")
	case seen == nil:
		return refused(0, "the file is empty: there is no header")
	case seen.points >= headed:
		return refused(seen.line, "no column of NPIs among the headers: there are "+quoted(seen.cells)+"; name the column in a map, such as columns: {\"Provider No\": npi}")
	case m != nil && m.NoHeader:
		return refused(seen.at, "the map names no column of NPIs; the columns are "+described(seen.data))
	}
	return refused(seen.line, fmt.Sprintf("no header was found in the first %d rows. Here stand %d columns: %s. Write headers above them, or give a map, such as header_row: none with columns: {2: npi}",
		titles, len(seen.cells), described(seen.cells)))
}

func quoted(cells []string) string { return list(cells, quote) }

func described(cells []string) string { return list(cells, shape) }

func list(cells []string, each func(string) string) string {
	var b strings.Builder
	for i, c := range cells {
		if i == shown {
			fmt.Fprintf(&b, " and %d more", len(cells)-shown)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(each(c))
	}
	return b.String()
}

// quote gives a header's text if it is made of letters like one.
func quote(cell string) string {
	plain := len(cell) <= 40 && strings.IndexFunc(cell, func(r rune) bool {
		return !unicode.IsLetter(r) && !strings.ContainsRune(" _-/#().&*", r)
	}) < 0
	if !plain || cell == "" {
		return shape(cell)
	}
	return strconv.Quote(cell)
}

// shape describes a cell and tells nothing of what it says.
func shape(cell string) string {
	n := len(cell)
	switch {
	case n == 0:
		return "an empty one"
	case digits(cell):
		if _, mark := checksum.Mark(cell); mark == record.Sound {
			return "an NPI by its check digit"
		}
		return fmt.Sprintf("%d digits", n)
	}
	if _, _, _, ok := parseDate(cell, false); ok {
		return "a date"
	}
	if strings.IndexFunc(cell, unicode.IsDigit) >= 0 {
		return "text with digits"
	}
	return "text"
}

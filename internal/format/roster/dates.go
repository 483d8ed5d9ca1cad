package roster

import (
	"strconv"
	"strings"
	"time"

	"github.com/npiflow/npiflow/internal/record"
)

// open is the first year that stands for no end at all.
const open = 2999

// parseDate reads a day in the forms rosters have. Open ends are no date; wrong
// is the kind of fault, where there is one, and serial that the day stands as
// a spreadsheet's count of days.
func parseDate(s string, from1904 bool) (d record.Date, serial bool, wrong kind, ok bool) {
	s, _, _ = strings.Cut(s, " ") // a time of day
	if len(s) > 10 && s[10] == 'T' {
		s = s[:10]
	}
	if d, ok = record.ParseDate(s); ok {
		return ended(d), false, 0, true
	}
	day, rest, cut := strings.Cut(s, ".")
	switch {
	case cut && len(day) >= 5 && digits(day) && digits(rest): // a count with a time of day, or .0
	case digits(s):
		day = s
	default:
		d, wrong, ok = american(s)
		return ended(d), false, wrong, ok
	}
	if len(day) != 8 {
		d, ok = serialDay(day, from1904)
		return d, true, badDate, ok
	}
	var iso [10]byte
	d, ok = record.ParseDate(string(appendISO(iso[:0], upTo9999(day[:4]), upTo9999(day[4:6]), upTo9999(day[6:]))))
	return ended(d), false, badDate, ok
}

func ended(d record.Date) record.Date {
	if d/10000 >= open {
		return 0
	}
	return d
}

// american reads 1/31/2026, 01-31-2026, 31-JAN-2026 and 2026/1/31.
func american(s string) (d record.Date, wrong kind, ok bool) {
	first, second, third, ok := three(s)
	if !ok {
		return 0, badDate, false
	}
	month, day, year := first, second, third
	if len(first) == 4 {
		year, month, day = first, second, third
	}
	m, named := upTo9999(month), monthOf(second)
	if named != 0 {
		m, day = named, first
	}
	dd, y := upTo9999(day), upTo9999(year)
	if len(year) == 2 && m > 0 && dd > 0 {
		return 0, shortYear, false
	}
	if len(year) != 4 || len(day) > 2 || m > 12 || m < 1 || dd < 1 {
		return 0, badDate, false
	}
	var iso [10]byte
	d, ok = record.ParseDate(string(appendISO(iso[:0], y, m, dd)))
	return d, badDate, ok
}

// appendISO appends YYYY-MM-DD; the numbers have at most four and two digits.
func appendISO(b []byte, y, m, d int) []byte {
	return append(b, byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10), '-',
		byte('0'+m/10), byte('0'+m%10), '-', byte('0'+d/10%10), byte('0'+d%10))
}

// three gives the parts of a date.
func three(s string) (a, b, c string, ok bool) {
	i := strings.IndexAny(s, "/-.")
	if i < 0 {
		return "", "", "", false
	}
	j := strings.IndexByte(s[i+1:], s[i])
	if j < 0 {
		return "", "", "", false
	}
	return s[:i], s[i+1 : i+1+j], s[i+j+2:], true
}

// upTo9999 is a number of at most four digits; -1 is none.
func upTo9999(s string) int {
	if len(s) > 4 || !digits(s) {
		return -1
	}
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// monthOf is the month of a name or its first three letters; 0 is none.
func monthOf(s string) int {
	if len(s) < 3 || len(s) > 9 || isDigit(s[0]) {
		return 0
	}
	for m := time.January; m <= time.December; m++ {
		if name := m.String(); strings.EqualFold(s, name) || strings.EqualFold(s, name[:3]) {
			return int(m)
		}
	}
	return 0
}

// serialDay is the day of a spreadsheet's count: from 1904, as old Macs
// counted, or from 1900, which for Excel was a leap year.
func serialDay(s string, from1904 bool) (record.Date, bool) {
	n, err := strconv.Atoi(s)
	if err != nil || len(s) != 5 && len(s) != 7 || n < 10000 {
		return 0, false
	}
	zero := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if from1904 {
		zero = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	d := record.DateOf(zero.AddDate(0, 0, n))
	return ended(d), d/10000 >= 1900 && d/10000 <= 9999 || d == 0
}

package record

import (
	"fmt"
	"time"
)

// Date is a calendar day as the number YYYYMMDD, so that two dates compare as
// integers. The zero value is no date. On the wire it is "YYYY-MM-DD".
type Date int32

// ParseDate reads "YYYY-MM-DD" and refuses days that do not exist.
func ParseDate(s string) (Date, bool) {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	var n int32
	for i := range len(s) {
		if i == 4 || i == 7 {
			continue
		}
		d := s[i] - '0'
		if d > 9 {
			return 0, false
		}
		n = n*10 + int32(d)
	}
	y, m, day := int(n/10000), int(n/100%100), int(n%100)
	if y < 1 || m < 1 || m > 12 || day < 1 || day > daysIn(y, m) {
		return 0, false
	}
	return Date(n), true
}

func daysIn(y, m int) int {
	switch m {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// DateOf is the calendar day of t in t's own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date(y*10000 + int(m)*100 + d)
}

// String gives "YYYY-MM-DD", or "" for no date.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	return string(d.append(make([]byte, 0, 10)))
}

func (d Date) append(b []byte) []byte {
	n := int32(d)
	return append(b,
		byte('0'+n/10000000), byte('0'+n/1000000%10), byte('0'+n/100000%10), byte('0'+n/10000%10), '-',
		byte('0'+n/1000%10), byte('0'+n/100%10), '-',
		byte('0'+n/10%10), byte('0'+n%10))
}

// MarshalText gives "YYYY-MM-DD".
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads "YYYY-MM-DD" or the empty string.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = 0
		return nil
	}
	v, ok := ParseDate(string(text))
	if !ok {
		return fmt.Errorf("read a date: not a calendar day in the form YYYY-MM-DD")
	}
	*d = v
	return nil
}

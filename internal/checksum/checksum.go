// Package checksum says whether an NPI's check digit is right, without asking
// anyone.
//
// The tenth digit of an NPI is the Luhn digit over the card issuer prefix
// 80840 and the other nine (45 CFR 162.406 and CMS's check digit page); the
// prefix always adds 24, so it is never spelled out.
package checksum

import "github.com/npiflow/npiflow/internal/record"

// issuer is what the prefix 80840 adds to every Luhn sum.
const issuer = 24

// sums holds the Luhn sum of every group of four digits whose first and third
// are the doubled ones: three looks at 10 KB instead of ten steps.
var sums = luhnSums()

func luhnSums() (s [10000]uint8) {
	for group := range s {
		for place, rest := 0, group; place < 4; place, rest = place+1, rest/10 {
			digit := rest % 10
			if place%2 == 1 {
				digit = digit/5 + digit*2%10 // twice the digit, its own digits added
			}
			s[group] += uint8(digit)
		}
	}
	return s
}

// Valid reports whether n's last digit is what the other nine demand: the
// arithmetic alone, whatever the first digit. A number of more than ten digits
// is not valid.
func Valid(n record.NPI) bool {
	if n > 9_999_999_999 {
		return false
	}
	two, six := n/1_0000_0000, n/1_0000 // the first two digits, and the first six
	sum := issuer + uint32(sums[two]) + uint32(sums[six-two*1_0000]) + uint32(sums[n-six*1_0000])
	return sum%10 == 0
}

// Mark says what the arithmetic finds in an identifier as received, which is
// never mended. The NPI is 0 unless the mark is Sound.
func Mark(raw string) (record.NPI, record.Mark) {
	if raw == "" {
		return 0, record.Missing
	}
	n, ok := record.ParseNPI(raw)
	switch {
	case !ok:
		return 0, record.Malformed
	case raw[0] != '1' && raw[0] != '2': // the first digits there are, 69 FR 3434
		return 0, record.BadPrefix
	case !Valid(n):
		return 0, record.BadChecksum
	}
	return n, record.Sound
}

// Check marks every mention of a record. It decides nothing else and cannot
// fail.
func Check(r record.Record) record.Checked {
	c := record.Checked{
		Record: r,
		Marks:  make([]record.Mark, len(r.Mentions)),
		NPIs:   make([]record.NPI, len(r.Mentions)),
	}
	for i := range r.Mentions {
		c.NPIs[i], c.Marks[i] = Mark(r.Mentions[i].NPI)
	}
	return c
}

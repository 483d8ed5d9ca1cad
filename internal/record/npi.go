package record

import "fmt"

// NPI is a ten-digit National Provider Identifier. The zero value is none.
// Having one says only that there were ten digits, not that they are true.
type NPI uint64

// ParseNPI reads exactly ten ASCII digits; it checks the shape, not the
// check digit.
func ParseNPI(s string) (NPI, bool) {
	if len(s) != 10 {
		return 0, false
	}
	var n NPI
	for i := range len(s) {
		d := s[i] - '0'
		if d > 9 {
			return 0, false
		}
		n = n*10 + NPI(d)
	}
	return n, true
}

// String gives the ten digits.
func (n NPI) String() string { return fmt.Sprintf("%010d", uint64(n)) }

// MarshalText gives the ten digits.
func (n NPI) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads ten digits.
func (n *NPI) UnmarshalText(text []byte) error {
	v, ok := ParseNPI(string(text))
	if !ok {
		return fmt.Errorf("read an NPI: %d bytes that are not ten digits", len(text))
	}
	*n = v
	return nil
}

package corpus

import "github.com/npiflow/npiflow/internal/record"

// half is the modulus of each half of an NPI's eight free digits.
const half = 10_000

// NPI is the NPI of provider i, for i from 0 below 100,000,000: sound, and
// different for every i, spread over 1000000000 to 1999999999. Indices from
// MaxRows to 98,999,999 are in no file: NPIs nobody was given. From 99,000,000
// on are those that stand in the deactivated NPI report alone.
func NPI(o Options, i int) record.NPI {
	left, right := uint64(i)/half%half, uint64(i)%half
	for round := range uint64(4) { // a Feistel network whose halves add instead of xor, so it is a bijection of 10^8
		left, right = right, (left+mix(o.Seed+round, right))%half
	}
	return withCheckDigit(1_0000_0000 + left*half + right)
}

// withCheckDigit appends the Luhn digit over 80840 and the nine digits.
func withCheckDigit(nine uint64) record.NPI {
	sum := uint64(24) // what the prefix 80840 adds
	for rest, twice := nine, true; rest > 0; rest, twice = rest/10, !twice {
		digit := rest % 10
		if twice {
			digit = digit/5 + digit*2%10
		}
		sum += digit
	}
	return record.NPI(nine*10 + (10-sum%10)%10)
}

// Status is what the monthly file says of provider i: Active, or Deactivated
// for a stub, or Absent from Rows on.
func Status(o Options, i int) record.Status {
	switch {
	case i < 0 || i >= o.Rows:
		return record.Absent
	case isStub(o.Seed, i):
		return record.Deactivated
	}
	return record.Active
}

// isStub is true for 3.6 % of all providers.
func isStub(seed uint64, i int) bool { return mix(seed^0x5744, uint64(i))%1000 < 36 }

// mix is the finalizer of SplitMix64 over a combination of both.
func mix(a, b uint64) uint64 {
	x := a*0x9e3779b97f4a7c15 + b + 0x632be59bd9b4e019
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

package corpus

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
)

// LEIEName is the OIG's name of the list.
const LEIEName = "UPDATED.csv"

// LEIE writes the OIG's list of n excluded individuals and entities as it is
// downloaded: CRLF, the header alone unquoted. About 85 % of the rows have the
// NPI 0000000000; the others (Census.Known) have the NPI and the name of some
// provider of the monthly file, active or not.
func LEIE(w io.Writer, o Options, n int) (Census, error) {
	if err := o.check(); err != nil {
		return Census{}, err
	}
	census := Census{}
	out := bufio.NewWriterSize(w, chunk)
	out.Write(header("leie")) //nolint:errcheck // Flush says it
	m, d, row := newMaker(o), dice{newRand(o.Seed, 4)}, []byte(nil)
	for range n {
		i := d.IntN(o.Rows)
		known := d.chance(150)
		row = d.exclusion(row[:0], m.full(i, m.enumeration(i)), known, m.asOf)
		if _, err := out.Write(row); err != nil {
			return census, fmt.Errorf("write the exclusions: %w", err)
		}
		census.Rows++
		if known {
			census.Known++
		}
	}
	if err := out.Flush(); err != nil {
		return census, fmt.Errorf("write the exclusions: %w", err)
	}
	return census, nil
}

var (
	generals   = []string{"IND- LIC HC SERV PRO", "NURSING PROFESSION", "MEDICAL PRACTICE, MD", "OTHER BUSINESS", "PHARMACY", "DENTAL PRACTICE", "SKILLED NURSING FAC", "DME COMPANY", "PERSONAL CARE PROVID"}
	callings   = []string{"NURSE/NURSES AIDE", "PHARMACIST", "GENERAL PRACTICE/FP", "HOME HEALTH AGENCY", "DME - GENERAL", "CHIROPRACTOR", "SOBER HOME", "CLINIC", ""}
	exclusions = []string{"1128a1", "1128a1", "1128a2", "1128a3", "1128a4", "1128b4", "1128b4", "1128b4", "1128b5", "1128b7", "1128b8"}
)

// exclusion writes one row.
func (d dice) exclusion(b []byte, p *provider, known bool, asOf day) []byte {
	if p.organization {
		b = p.business.field(skip(b, 3))
	} else {
		b = field(field(p.name.last.field(b), p.name.first), p.name.middle)
		b = skip(b, 1)
	}
	b = skip(field(field(b, pick(d, generals)), pick(d, callings)), 1)
	if known {
		b = npiField(b, p)
	} else {
		b = field(b, "0000000000")
	}
	if p.organization {
		b = skip(b, 1)
	} else {
		b = d.between(dayOf(1935_01_01), dayOf(1990_12_31)).compact(b)
	}
	b = p.practice.excluded(b)
	b = d.between(dayOf(1980_01_01), asOf).compact(field(b, pick(d, exclusions)))
	b = field(b, "00000000") // reinstated parties are not on the list
	if p.practice.city != nil && d.chance(1) {
		b = field(d.between(dayOf(2010_01_01), asOf).compact(b), p.practice.city.state)
	} else {
		b = skip(field(b, "00000000"), 1)
	}
	return append(b[:len(b)-1], '\r', '\n')
}

// compact writes YYYYMMDD.
func (d day) compact(b []byte) []byte {
	return append(strconv.AppendInt(append(b, '"'), int64(d.date()), 10), '"', ',')
}

// excluded writes the address: one line, city, state, five digits.
func (a *address) excluded(b []byte) []byte {
	if a.abroad != nil {
		return field(field(field(field(b, a.abroad[0]), a.abroad[1]), ""), "")
	}
	one := *a
	one.unit, one.plus4 = "", 0
	b = one.lines(b)
	b = b[:len(b)-len(`"",`)]
	b = field(field(b, a.city.name), a.city.state)
	return append(one.postal(append(b, '"')), '"', ',')
}

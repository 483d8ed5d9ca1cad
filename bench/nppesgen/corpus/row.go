package corpus

import (
	"strconv"
	"strings"
)

// blanks is a run of empty values; a row is mostly these.
var blanks = strings.Repeat(`"",`, 300)

func skip(b []byte, n int) []byte { return append(b, blanks[:3*n]...) }

func field(b []byte, s string) []byte {
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"', ',')
}

// line ends a row in place of its last comma.
func line(b []byte) []byte {
	b[len(b)-1] = '\n'
	return b
}

func (w *words) append(b []byte) []byte {
	for _, s := range w {
		b = append(b, s...)
	}
	return b
}

func (w *words) field(b []byte) []byte { return append(w.append(append(b, '"')), '"', ',') }

func (p phone) field(b []byte) []byte {
	if p == 0 {
		return skip(b, 1)
	}
	return append(strconv.AppendUint(append(b, '"'), uint64(p), 10), '"', ',')
}

func (n numbered) field(b []byte) []byte {
	if n.number == 0 {
		return skip(b, 1)
	}
	b = append(append(b, '"'), n.prefix...)
	return append(strconv.AppendUint(b, n.number, 10), '"', ',')
}

// field writes a day as CMS does, MM/DD/YYYY.
func (d day) field(b []byte) []byte {
	if d == 0 {
		return skip(b, 1)
	}
	n := int(d.date())
	y, m, dd := n/10000, n/100%100, n%100
	return append(b, '"', byte('0'+m/10), byte('0'+m%10), '/', byte('0'+dd/10), byte('0'+dd%10), '/',
		byte('0'+y/1000), byte('0'+y/100%10), byte('0'+y/10%10), byte('0'+y%10), '"', ',')
}

// place writes the six values from the first line to the country.
func (a *address) place(b []byte) []byte {
	if a.abroad != nil {
		b = skip(field(b, a.abroad[0]), 1)
		for _, s := range a.abroad[1:] {
			b = field(b, s)
		}
		return b
	}
	b = a.lines(b)
	b = field(b, a.city.name)
	b = field(b, a.city.state)
	b = a.postal(append(b, '"'))
	return append(b, `","US",`...)
}

// lines writes the two lines.
func (a *address) lines(b []byte) []byte {
	b = append(b, '"')
	if a.number < 0 { // a post office box, whose number comes last
		return append(strconv.AppendInt(a.street.append(b), int64(-a.number), 10), `","",`...)
	}
	b = append(strconv.AppendInt(b, int64(a.number), 10), ' ')
	b = a.street.append(b)
	if a.unit == "" {
		return append(b, `","",`...)
	}
	if a.twoLines {
		b = append(append(b, `","`...), a.unit[1:]...)
		return append(strconv.AppendInt(b, int64(a.unitNo), 10), '"', ',')
	}
	return append(strconv.AppendInt(append(b, a.unit...), int64(a.unitNo), 10), `","",`...)
}

// postal writes five digits or nine.
func (a *address) postal(b []byte) []byte {
	b = append(b, byte('0'+a.zip/10000), byte('0'+a.zip/1000%10), byte('0'+a.zip/100%10), byte('0'+a.zip/10%10), byte('0'+a.zip%10))
	if a.plus4 != 0 {
		b = strconv.AppendInt(b, int64(a.plus4), 10)
	}
	return b
}

func (a *address) fields(b []byte) []byte { return a.fax.field(a.phone.field(a.place(b))) }

// fields writes a name's six values.
func (n *person) fields(b []byte) []byte {
	b = n.last.field(b)
	for _, s := range [...]string{n.first, n.middle, n.prefix, n.suffix, n.credential} {
		b = field(b, s)
	}
	return b
}

// appendMain writes the 330 values of npidata_pfile. The numbers are those of
// the columns, from 0.
func appendMain(b []byte, p *provider) []byte {
	b = npiField(b, p)
	if p.stub {
		b = p.deactivated.field(skip(b, 38)) // 39
		return line(skip(b, 290))
	}
	if p.organization {
		b = append(b, `"2","","<UNAVAIL>",`...) // 1 to 3
		b = skip(p.business.field(b), 15)       // 4 to 19
	} else {
		b = append(b, `"1","","","",`...)
		b = skip(p.name.fields(b), 2)             // 5 to 12
		b = field(p.other.fields(b), p.otherType) // 13 to 19
	}
	b = p.practice.fields(p.mailing.fields(b)) // 20 to 35
	b = p.updated.field(p.enumerated.field(b)) // 36, 37
	b = skip(b, 1)
	b = p.reactivated.field(p.deactivated.field(b)) // 39, 40
	b = field(b, p.sex)                             // 41
	b = p.officialFields(b)                         // 42 to 46
	b = p.taxonomyFields(b)                         // 47 to 106
	b = p.identifierFields(b)                       // 107 to 306
	return p.tail(b)
}

func (p *provider) officialFields(b []byte) []byte {
	b = p.official.last.field(b)
	b = field(b, p.official.first)
	b = field(b, p.official.middle)
	return p.officialPhone.field(field(b, p.title))
}

func (p *provider) taxonomyFields(b []byte) []byte {
	for _, t := range p.taxonomies {
		b = t.license.field(field(b, t.code))
		b = field(field(b, t.state), t.primary)
	}
	return skip(b, 4*(15-len(p.taxonomies)))
}

func (p *provider) identifierFields(b []byte) []byte {
	for _, i := range p.identifiers {
		b = field(i.value.field(b), i.code)
		b = field(field(b, i.state), i.issuer)
	}
	return skip(b, 4*(50-len(p.identifiers)))
}

// tail writes columns 307 to 329.
func (p *provider) tail(b []byte) []byte {
	b = field(field(b, p.sole), p.subpart)
	b = p.parent.field(b)
	if p.subpart == "Y" {
		b = field(b, "<UNAVAIL>")
	} else {
		b = skip(b, 1)
	}
	for _, s := range [...]string{p.official.prefix, p.official.suffix, p.official.credential} {
		b = field(b, s)
	}
	for _, t := range p.taxonomies {
		b = field(b, t.group)
	}
	return line(p.certified.field(skip(b, 15-len(p.taxonomies))))
}

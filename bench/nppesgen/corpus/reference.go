package corpus

import "strconv"

func npiField(b []byte, p *provider) []byte {
	return append(strconv.AppendUint(append(b, '"'), uint64(p.npi), 10), '"', ',')
}

// appendOtherNames writes the rows of othername_pfile, with the day since V2
// has it.
func appendOtherNames(dated bool) func([]byte, *provider) []byte {
	return func(b []byte, p *provider) []byte {
		for _, n := range p.otherNames {
			b = field(n.name.field(npiField(b, p)), n.code)
			if dated {
				b = n.created.field(b)
			}
			b = line(b)
		}
		return b
	}
}

// appendLocations writes the rows of pl_pfile.
func appendLocations(b []byte, p *provider) []byte {
	for _, a := range p.locations {
		b = a.phone.field(a.place(npiField(b, p)))
		b = line(a.fax.field(skip(b, 1))) // between them the extension
	}
	return b
}

// appendEndpoints writes the rows of endpoint_pfile.
func appendEndpoints(b []byte, p *provider) []byte {
	for _, e := range p.endpoints {
		b = field(field(npiField(b, p), e.kind.code), e.kind.description)
		b = append(append(b, '"'), e.kind.before...)
		b = append(append(e.host.append(b), e.kind.after...), '"', ',')
		if e.affiliation[0] != "" {
			b = e.affiliation.field(skip(field(b, "Y"), 1))
		} else {
			b = skip(field(b, "N"), 2)
		}
		b = skip(field(field(b, e.use[0]), e.use[1]), 1) // then another use
		b = skip(b, 3)                                   // content
		b = line(e.at.inverse(b))
	}
	return b
}

// inverse writes lines, city, state, country and, last, the postal code, as
// the endpoints' file has it.
func (a *address) inverse(b []byte) []byte {
	if a.abroad != nil {
		b = skip(field(b, a.abroad[0]), 1)
		for _, k := range [...]int{1, 2, 4, 3} {
			b = field(b, a.abroad[k])
		}
		return b
	}
	b = field(field(a.lines(b), a.city.name), a.city.state)
	return append(a.postal(append(field(b, "US"), '"')), '"', ',')
}

package bulk

import (
	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/record"
)

// provider makes entries of the main table's rows, in memory that it uses
// again for each.
type provider struct {
	entry       record.Entry
	other       [1]record.Name
	official    record.Official
	addresses   [2]record.Address
	taxonomies  [maxTaxonomies]record.Taxonomy
	identifiers [maxIdentifiers]record.Identifier
}

// fault is why a row is rejected; the zero value is a sound one.
type fault struct {
	reason Reason
	detail string
}

// npi reads the identifier of a row.
func npi(s string) (record.NPI, fault) {
	n, mark := checksum.Mark(s)
	switch mark {
	case record.Sound:
		return n, fault{}
	case record.Missing:
		return 0, fault{BadNPI, "there is none"}
	case record.Malformed:
		return 0, fault{BadNPI, "not ten digits"}
	case record.BadPrefix:
		return 0, fault{BadNPI, s + " begins with neither 1 nor 2"}
	}
	return 0, fault{BadCheckDigit, "of " + s}
}

// read makes an entry of a row. It is valid until the next call.
func (p *provider) read(c *cells) (*record.Entry, fault) {
	n, wrong := npi(c.text[npiAt])
	if wrong.reason != "" {
		return nil, wrong
	}
	e := &p.entry
	*e = record.Entry{NPI: n}
	if wrong := standing(&e.Evidence.Facts, c.text); wrong.reason != "" {
		return nil, wrong
	}
	p.facts(c)
	p.lists(c)
	e.Official = p.officialOf(c)
	e.Sex = c.text[sexAt]
	e.Subpart = yesNo(c.text[subpartAt])
	e.EIN, e.ParentEIN = c.text[einAt], c.text[parentEINAt]
	e.Replacement, _ = record.ParseNPI(c.text[replacementAt])
	e.Certified = day(c.text[certifiedAt])
	return e, fault{}
}

// standing says what kind of provider a row is and whether it is active. A
// deactivated one has a date and mostly nothing else, not even a type; one
// that was reactivated has both dates. These dates decide, so they are not
// left out when they make no sense, as others are.
func standing(f *record.Facts, text []string) fault {
	f.DeactivationDate, f.ReactivationDate = day(text[deactivatedAt]), day(text[reactivatedAt])
	if f.DeactivationDate == 0 && text[deactivatedAt] != "" {
		return fault{BadDate, "of deactivation: no day of the calendar"}
	}
	if f.ReactivationDate == 0 && text[reactivatedAt] != "" {
		return fault{BadDate, "of reactivation: no day of the calendar"}
	}
	f.Status = record.Active
	if f.DeactivationDate != 0 && f.ReactivationDate < f.DeactivationDate {
		f.Status = record.Deactivated
	}
	switch t := text[entityTypeAt]; {
	case t == "1":
		f.Type = record.NPI1
	case t == "2":
		f.Type = record.NPI2
	case t != "":
		return fault{BadEntityType, "neither 1 nor 2"}
	case f.Status == record.Active:
		return fault{BadEntityType, "blank on a row that is no deactivation"}
	}
	return fault{}
}

func (p *provider) facts(c *cells) {
	f := &p.entry.Evidence.Facts
	f.EnumerationDate, f.LastUpdated = day(c.text[enumeratedAt]), day(c.text[lastUpdatedAt])
	f.DeactivationReason = c.text[reasonAt]
	f.SoleProprietor = yesNo(c.text[soleProprietorAt])
	if c.text[soleProprietorAt] == "X" {
		f.SoleProprietor = "X" // not answered
	}
	f.ParentOrganization = c.text[parentAt]
	f.Name = name(c, nameAt)
	f.Name.Organization = c.text[organizationAt]
	if p.other[0] = otherName(c, f.Type); p.other[0] != (record.Name{}) {
		f.OtherNames = p.other[:]
	}
}

func yesNo(s string) string {
	switch s {
	case "Y":
		return "YES"
	case "N":
		return "NO"
	}
	return ""
}

// name reads the six columns of a person's name.
func name(c *cells, at int) record.Name {
	t := c.text[at : at+6]
	return record.Name{Last: t[0], First: t[1], Middle: t[2], Prefix: t[3], Suffix: t[4], Credential: t[5]}
}

// otherName is the one that has columns of its own in the main table; the zero
// name where there is none.
func otherName(c *cells, kind string) record.Name {
	if kind == record.NPI2 {
		if o := c.text[otherOrganizationAt]; o != "" {
			return record.Name{Organization: o, Code: c.text[otherOrganizationCodeAt]}
		}
		return record.Name{}
	}
	n := name(c, otherNameAt)
	if n != (record.Name{}) {
		n.Code = c.text[otherNameCodeAt]
	}
	return n
}

func (p *provider) officialOf(c *cells) *record.Official {
	n := name(c, officialAt)
	p.official = record.Official{
		First: n.First, Middle: n.Middle, Last: n.Last, Prefix: n.Prefix, Suffix: n.Suffix, Credential: n.Credential,
		Title: c.text[titleAt], Phone: c.text[officialPhoneAt],
	}
	if p.official == (record.Official{}) {
		return nil
	}
	return &p.official
}

// lists reads what there may be several of. An empty list is nil, so that
// equal rows are equal entries.
func (p *provider) lists(c *cells) {
	e := &p.entry
	if a, ok := address(c, mailingAt); ok {
		a.Purpose = "MAILING"
		e.Addresses = append(p.addresses[:0], a)
	}
	if a, ok := address(c, locationAt); ok {
		a.Purpose = "LOCATION"
		e.Addresses = append(p.addresses[:len(e.Addresses)], a)
	}
	n := 0
	for at := taxonomiesAt; at < identifiersAt && at <= c.highest; at += 5 {
		if t := c.text[at : at+5]; t[0] != "" {
			p.taxonomies[n] = record.Taxonomy{
				Code: t[0], License: t[1], State: t[2], Primary: t[3] == "Y", Group: group(t[4], e.Evidence.Type),
			}
			n++
		}
	}
	e.Taxonomies = orNil(p.taxonomies[:n])
	n = 0
	for at := identifiersAt; at <= c.highest; at += 4 {
		if t := c.text[at : at+4]; t[0] != "" {
			p.identifiers[n] = record.Identifier{Identifier: t[0], Code: t[1], State: t[2], Issuer: t[3]}
			n++
		}
	}
	e.Identifiers = orNil(p.identifiers[:n])
}

func orNil[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

// address reads the eight columns of an address. The country may be left out
// for one within the United States, where the API names it.
func address(c *cells, at int) (record.Address, bool) {
	t := c.text[at : at+8]
	a := record.Address{
		Address1: t[0], Address2: t[1], City: t[2], State: t[3], PostalCode: c.postal(t[4]),
		CountryCode: t[5], Phone: c.phone(t[6]), Fax: c.phone(t[7]),
	}
	if a == (record.Address{}) {
		return a, false
	}
	if a.CountryCode == "" {
		a.CountryCode = "US"
	}
	return a, true
}

// group writes the two taxonomy groups there are as the API does: "193200000X
// MULTI-SPECIALTY GROUP" and "193400000X SINGLE SPECIALTY  GROUP" in the file.
func group(s, kind string) string {
	if len(s) < 10 {
		return s
	}
	switch s[:10] {
	case "193200000X":
		return "193200000X - Multi-Specialty Group"
	case "193400000X":
		if kind == record.NPI2 {
			return "193400000X - Multiple Single Specialty Group"
		}
		return "193400000X - Single Specialty Group"
	}
	return s
}

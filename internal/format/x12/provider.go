package x12

import (
	"strconv"
	"strings"

	"github.com/npiflow/npiflow/internal/record"
)

// provider is a mention that is not yet placed.
type provider struct {
	record.Mention
	code  *code
	lines int // which LX segment of the claim it follows; 0 is none
	path  int // where its path ends among those of the claim; 0 is left out
}

// code is an entity code (NM101) that stands for a provider in a claim, with
// the loops it stands in: of the claim and of a line, for the professional,
// institutional and dental guide. "" is a loop the guide does not have.
type code struct {
	role  record.Role
	claim [3]string
	line  [3]string
}

// codes are those of 005010 (X222A1, X223A2, X224A2).
var codes = map[string]*code{
	"DN": {record.Referring, [3]string{"2310A", "2310F", "2310A"}, [3]string{"2420F", "2420D", ""}},
	"P3": {record.PCP, [3]string{"2310A", "", "2310A"}, [3]string{"2420F", "", ""}},
	"82": {record.Rendering, [3]string{"2310B", "2310D", "2310B"}, [3]string{"2420A", "2420C", "2420A"}},
	"77": {record.ServiceFacility, [3]string{"2310C", "2310E", "2310C"}, [3]string{"2420C", "", "2420D"}},
	"DQ": {record.Supervising, [3]string{"2310D", "", "2310E"}, [3]string{"2420D", "", "2420C"}},
	"QB": {record.PurchasedService, [3]string{}, [3]string{"2420B", "", ""}},
	"DK": {record.Ordering, [3]string{}, [3]string{"2420E", "", ""}},
	"71": {record.Attending, [3]string{"", "2310A", ""}, [3]string{}},
	"72": {record.Operating, [3]string{"", "2310B", ""}, [3]string{"", "2420A", ""}},
	"ZZ": {record.OtherOperating, [3]string{"", "2310C", ""}, [3]string{"", "2420B", ""}},
	"DD": {record.AssistantSurgeon, [3]string{"", "", "2310D"}, [3]string{"", "", "2420B"}},
}

// oldCodes are those of 004010 (X098, X096, X097). Facilities have several
// codes there, and 73 is any other provider of an institutional claim.
var oldCodes = map[string]*code{
	"DN": {record.Referring, [3]string{"2310A", "", "2310A"}, [3]string{"2420F", "", ""}},
	"P3": {record.PCP, [3]string{"2310A", "", "2310A"}, [3]string{"2420F", "", ""}},
	"82": {record.Rendering, [3]string{"2310B", "", "2310B"}, [3]string{"2420A", "", "2420A"}},
	"QB": {record.PurchasedService, [3]string{"2310C", "", ""}, [3]string{"2420B", "", ""}},
	"77": facility, "FA": facility, "LI": facility, "TL": facility,
	"DQ": {record.Supervising, [3]string{"2310E", "", ""}, [3]string{"2420D", "", ""}},
	"DK": {record.Ordering, [3]string{}, [3]string{"2420E", "", ""}},
	"71": {record.Attending, [3]string{"", "2310A", ""}, [3]string{"", "2420A", ""}},
	"72": {record.Operating, [3]string{"", "2310B", ""}, [3]string{"", "2420B", ""}},
	"73": {record.OtherOperating, [3]string{"", "2310C", ""}, [3]string{"", "2420C", ""}},
	"DD": {record.AssistantSurgeon, [3]string{"", "", "2310D"}, [3]string{"", "", "2420C"}},
}

var facility = &code{record.ServiceFacility, [3]string{"2310D", "2310E", "2310C"}, [3]string{"2420C", "", ""}}

// loop is the one a provider stands in; where the guide has none, it is the
// loop's number without its letter.
func (c *code) loop(t record.ClaimType, inLine bool) string {
	loops, none := &c.claim, "2310"
	if inLine {
		loops, none = &c.line, "2420"
	}
	var in string
	switch t {
	case record.Professional:
		in = loops[0]
	case record.Institutional:
		in = loops[1]
	case record.Dental:
		in = loops[2]
	}
	if in == "" {
		return none
	}
	return in
}

// known reports whether the guide has a loop for the provider.
func (c *code) known(t record.ClaimType, inLine bool) bool {
	return t == "" || len(c.loop(t, inLine)) == len("2310A")
}

// nm1 reads who is named. Whoever is no provider, patients before all, is
// passed over, and so is what the next segments tell of them.
func (p *parser) nm1() {
	p.subject, p.atPayer = nil, false
	entity := p.el.at(1)
	switch p.level {
	case top, billing:
		switch {
		case string(entity) == "85":
			p.bill()
		case string(entity) == "87" && p.old: // in 005010 it is an address and nobody's
			p.payTo = p.billingProvider(record.PayTo, "2010AB")
			p.subject = p.payTo
		}
	case subscriber:
		p.atPayer = string(entity) == "PR"
	case inClaim, inLine:
		if string(entity) == "85" {
			p.strayBiller()
			return
		}
		p.claimProvider(entity)
	case otherPayer:
		if p.codeOf(entity) != nil && p.el.is(8, "XX") && len(p.el.at(9)) > 0 {
			p.report("a provider with an NPI stands among those of another payer, where there are none: not read")
		}
	}
}

func (p *parser) codeOf(entity []byte) *code {
	if p.old {
		return oldCodes[string(entity)]
	}
	return codes[string(entity)]
}

// bill reads NM1*85.
func (p *parser) bill() {
	p.biller = p.billingProvider(record.Billing, "2010AA")
	p.subject = p.biller
	if p.biller != nil {
		p.biller.Taxonomy = p.taxonomy
	}
}

func (p *parser) billingProvider(role record.Role, loop string) *provider {
	if p.el.tooLong() {
		p.report("a text has more than 512 bytes: the claims of this provider cannot be used")
		p.garbled = true
		return nil
	}
	b := &provider{Mention: record.Mention{Role: role}}
	if !p.read(&b.Mention) {
		return nil
	}
	p.paths = append(p.paths[:0], p.prefix...)
	if p.hls > 0 {
		p.paths = strconv.AppendInt(append(p.paths, "/HL"...), int64(p.hls), 10)
	}
	p.paths = append(append(append(p.paths, '/'), loop...), "/NM109"...)
	b.Path = string(p.paths)
	return b
}

// strayBiller reads NM1*85 within a claim. No claim has one there but for
// another payer, so the HL that begins a new biller's claims is missing:
// whatever follows is not the former biller's.
func (p *parser) strayBiller() {
	if len(p.el.at(8)) == 0 && len(p.el.at(3)) == 0 {
		return
	}
	p.endClaim()
	p.report("a billing provider stands within a claim: read as if an HL stood before it that begins a new billing provider")
	p.hierarchy = hierarchy{level: billing, hls: p.hls, clms: p.clms}
	p.bill()
}

// claimProvider reads a provider of the claim or of one of its lines.
func (p *parser) claimProvider(entity []byte) {
	code := p.codeOf(entity)
	if code == nil || !p.open || p.unusable {
		return
	}
	if !code.known(p.guide, p.level == inLine) && (!p.el.is(8, "XX") || len(p.el.at(9)) == 0) {
		return // out of its place, and without an NPI to vet
	}
	switch {
	case p.el.tooLong():
		p.loseClaim("a provider of the claim has a text of more than 512 bytes")
		return
	case len(p.providers) == maxProviders:
		p.loseClaim("the claim names more than 5000 providers")
		return
	}
	n := provider{Mention: record.Mention{Role: code.role}, code: code}
	if p.level == inLine {
		n.Line, n.lines = p.line, p.lines
	}
	if p.read(&n.Mention) {
		p.providers = append(p.providers, n)
		p.subject = &p.providers[len(p.providers)-1] // until the next NM1, which is before the next append
	}
}

// read takes a provider's identity out of NM1: entity, names and the NPI as
// it stands, blanks around it apart. It is false for somebody who is no
// provider.
func (p *parser) read(m *record.Mention) bool {
	qualifier, id := string(p.el.at(8)), p.el.at(9)
	switch {
	case members[qualifier]:
		p.report("NM108 says that NM109 is the number of an insured person: left out, for it is no provider's")
		return false
	case qualifier == "XX", qualifier == "" && len(id) == 0:
		p.named(m, qualifier == "XX")
	case p.old && (qualifier == "24" || qualifier == "34"): // EIN, SSN
		p.named(m, false)
		m.OtherID = true
		if m.Role == record.Billing {
			m.TIN = p.el.copy(&p.kept).text(9)
		}
	default:
		m.Entity = entityOf(p.el.at(2))
		p.report("NM108 is not XX: NM109 is not taken for an NPI, nor NM103 to NM107 for the names of a provider")
	}
	return true
}

// members are the qualifiers (NM108) of people's numbers as insured.
var members = map[string]bool{"MI": true, "MR": true, "II": true, "ZZ": true, "HN": true, "C1": true, "N": true}

func (p *parser) named(m *record.Mention, npi bool) {
	c := p.el.copy(&p.kept)
	m.Entity = entityOf(p.el.at(2))
	if npi {
		m.NPI = c.text(9)
	}
	if m.Entity == record.Organization || m.Entity == "" && len(p.el.at(4)) == 0 {
		m.OrganizationName = c.text(3)
		return
	}
	m.LastName, m.FirstName, m.MiddleName, m.Suffix = c.text(3), c.text(4), c.text(5), c.text(7)
}

func entityOf(v []byte) record.Entity {
	switch string(v) {
	case "1":
		return record.Person
	case "2":
		return record.Organization
	}
	return ""
}

// prv reads a taxonomy. That of the billing loop (BI, and PT in 004010)
// stands before the provider it tells of.
func (p *parser) prv() {
	if !p.el.is(2, "PXC") && !p.el.is(2, "ZZ") || p.el.tooLong() {
		return
	}
	switch {
	case p.el.is(1, "BI"):
		if p.level != top && p.level != billing {
			return
		}
		p.taxonomy = p.el.copy(&p.kept).text(3)
		if p.biller != nil {
			p.biller.Taxonomy = p.taxonomy
		}
	case p.subject != nil && p.subject.Role != record.Billing:
		p.subject.Taxonomy = p.el.copy(&p.kept).text(3)
	}
}

// ref reads what REF says besides: the biller's tax number, and that a payer
// has a number of its own for a provider.
func (p *parser) ref() {
	if p.subject == nil && !p.atPayer {
		return
	}
	qualifier := string(p.el.at(1))
	switch {
	case qualifier == "G2" || qualifier == "LU":
		if p.atPayer {
			p.payersID = true // 2010BB: the biller's
		}
		if p.subject != nil {
			p.subject.OtherID = true
		}
	case p.subject == nil || p.subject.code != nil || qualifier != "EI" && qualifier != "SY" || p.el.tooLong():
	default:
		p.subject.TIN = p.el.copy(&p.kept).text(2)
	}
}

// address reads N3 and N4 of billers and facilities, in the value forms of
// the registry.
func (p *parser) address() {
	s := p.subject
	if s == nil || s.Role != record.Billing && s.Role != record.ServiceFacility || p.el.tooLong() {
		return
	}
	if s.Address == nil {
		s.Address = new(record.Address)
	}
	a, c := s.Address, p.el.copy(&p.kept)
	if p.tag == tagN3 {
		a.Address1, a.Address2 = c.text(1), c.text(2)
		return
	}
	a.City, a.State, a.CountryCode = c.text(1), c.text(2), c.text(4)
	a.PostalCode = strings.Replace(c.text(3), "-", "", 1)
}

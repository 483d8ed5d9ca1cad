package mapped

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/npiflow/npiflow/internal/record"
)

// making is one record being put together.
type making struct {
	*reading
	plan *plan
	at   string // pointer to the record
	doc  *value
	rec  *record.Record
	gone bool // there will be no record
}

func (m *making) say(at, reason string) {
	m.fault(record.Fault{Where: m.where(m.at + at), Reason: reason})
}

func (m *making) lose(at, reason string) {
	m.gone = true
	m.fault(m.lost(m.at+at, reason))
}

// record makes the record; nil if there can be none.
func (m *making) record() *record.Record {
	if m.doc == nil || m.doc.kind != '{' {
		m.lose("", "it is no object, so it makes no record")
		return nil
	}
	p := m.plan
	m.rec = &record.Record{Kind: p.kind, ID: m.text(m.doc, "", p.id)}
	if why := badID(m.rec.ID); why != "" {
		m.lose(p.id.String(), why)
		return nil
	}
	if p.kind == record.KindClaim {
		m.claim()
	} else {
		m.roster()
	}
	for i := range p.providers {
		m.providers(&p.providers[i], i)
	}
	if n := len(m.rec.Mentions); n == 0 && !m.gone {
		m.lose("", "it names no provider, so it makes no record")
	}
	if m.gone {
		return nil
	}
	return m.rec
}

// badID tells why an id cannot name a record; "" if it can. It becomes a
// message header.
func badID(id string) string {
	switch {
	case id == "":
		return "there is no text to name the record by, so it makes none"
	case len(id) > 256:
		return "more than 256 bytes cannot name a record, so it makes none"
	case strings.TrimSpace(id) != id || strings.ContainsFunc(id, unicode.IsControl):
		return "control characters, or blanks around it, cannot name a record, so it makes none"
	}
	return ""
}

// text is what stands at p, below at; "" where nothing does.
func (m *making) text(v *value, at string, p pointer) string {
	if p == nil {
		return ""
	}
	found := v.at(p)
	switch {
	case found == nil:
		return ""
	case found.kind == '{' || found.kind == '[':
		m.say(at+p.String(), "it is no text, and was passed over")
		return ""
	case len(found.text) > maxText:
		m.say(at+p.String(), fmt.Sprintf("a text of more than %d bytes, of which no more was read", maxText))
		return strings.ToValidUTF8(found.text[:maxText], "")
	}
	return found.text
}

func (m *making) claim() {
	p, rec := m.plan, m.rec
	rec.ClaimType = record.ClaimType(m.either(m.doc, "", p.Type, p.typ, p.Types, claimTypes, "it is no type of claim that the mapping knows, and was passed over"))
	rec.ServiceFrom, rec.ServiceTo = m.date(p.from), m.date(p.to)
	if rec.ServiceFrom == 0 {
		rec.ServiceFrom = rec.ServiceTo
	}
	if rec.ServiceTo != 0 && rec.ServiceTo < rec.ServiceFrom {
		m.say(p.to.String(), "before the first day of service, and was passed over")
		rec.ServiceTo = 0
	}
	if rec.ServiceTo == 0 {
		rec.ServiceTo = rec.ServiceFrom
	}
	if rec.Place = m.text(m.doc, "", p.place); rec.Place != "" && !isPlace(rec.Place) {
		m.say(p.place.String(), "a place of service has two digits; it was passed over")
		rec.Place = ""
	}
}

func isPlace(s string) bool { return len(s) == 2 && s[0]-'0' <= 9 && s[1]-'0' <= 9 }

// either is a constant, or what a table makes of what stands at p.
func (m *making) either(v *value, at, constant string, p pointer, table map[string]string, set []string, reason string) string {
	if p == nil {
		return constant
	}
	said := m.text(v, at, p)
	if to, ok := table[said]; ok {
		return to
	}
	if said != "" && !slices.Contains(set, said) {
		m.say(at+p.String(), reason)
		return ""
	}
	return said
}

// date reads a day; 0 where none is said.
func (m *making) date(p pointer) record.Date {
	s := m.text(m.doc, "", p)
	if s == "" {
		return 0
	}
	if m.plan.layout == Layouts[0] {
		s, _, _ = strings.Cut(s, "T") // with a time of the day
	}
	if t, err := time.Parse(m.plan.layout, s); err == nil && t.Year() > 0 {
		return record.DateOf(t)
	}
	m.say(p.String(), "not a calendar day in the form "+m.plan.layout+" (of the second of January 2006), and was passed over")
	return 0
}

func (m *making) roster() {
	p := m.plan
	r := &record.Roster{
		Credential: m.text(m.doc, "", p.credential), Action: m.text(m.doc, "", p.action),
		EffectiveDate: m.date(p.effective), TerminationDate: m.date(p.term),
	}
	if r.TerminationDate != 0 && r.TerminationDate < r.EffectiveDate {
		m.say(p.term.String(), "before the effective date, which was passed over")
		r.EffectiveDate = 0
	}
	for _, t := range p.taxonomies {
		if code := m.text(m.doc, "", t); code != "" {
			r.Taxonomies = append(r.Taxonomies, record.Taxonomy{Code: code})
		}
	}
	for i := range p.addresses {
		m.address(r, &p.addresses[i])
	}
	m.rec.Roster = r
}

func (m *making) address(r *record.Roster, p *addressPlan) {
	text := func(at pointer) string { return m.text(m.doc, "", at) }
	a := record.Address{
		Address1: text(p.line1), Address2: text(p.line2), City: text(p.city), State: text(p.state),
		PostalCode: text(p.zip), CountryCode: text(p.country), Phone: text(p.phone), Fax: text(p.fax),
	}
	if a == (record.Address{}) {
		return
	}
	a.Purpose = m.either(m.doc, "", p.Purpose, p.purpose, nil, purposes, "neither LOCATION nor MAILING, and was passed over")
	if a.Purpose == "" {
		a.Purpose = purposes[0]
	}
	r.Addresses = append(r.Addresses, a)
}

// providers adds a provider, or an array of them. One that stands alone and of
// whom nothing is said is not there; the row's own always is.
func (m *making) providers(p *providerPlan, i int) {
	own := i == 0 && m.plan.kind == record.KindRoster
	if p.each == nil {
		if own || p.there(m.doc) {
			m.provider(p, m.doc, "", own)
		}
		return
	}
	list := m.doc.at(p.each)
	switch {
	case list == nil:
		return
	case list.kind != '[':
		m.say(p.each.String(), "it is no array of providers, and was passed over")
		return
	case list.more:
		m.lose(p.each.String(), fmt.Sprintf("more than %d providers, so it makes no record", maxMentions))
		return
	}
	for j, v := range list.elements {
		m.provider(p, v, p.each.String()+"/"+strconv.Itoa(j), false)
	}
}

// there reports whether anything is said of a provider.
func (p *providerPlan) there(v *value) bool {
	return slices.ContainsFunc([]pointer{p.npi, p.organization, p.first, p.last, p.otherID}, func(at pointer) bool {
		found := v.at(at)
		return at != nil && found != nil && found.text != ""
	})
}

func (m *making) provider(p *providerPlan, v *value, at string, own bool) {
	if v == nil || v.kind != '{' && at != "" {
		m.say(at, "it is no object, so no provider; it was left out")
		return
	}
	if len(m.rec.Mentions) >= maxMentions {
		m.lose(at, fmt.Sprintf("more than %d providers, so it makes no record", maxMentions))
		return
	}
	const unknown = "it is no role that the mapping knows; the provider was left out"
	said := m.either(v, at, p.Role, p.role, p.Roles, roles, unknown)
	switch role := record.Role(said); {
	case own && role != record.Individual && role != record.Group:
		m.lose(at+p.role.String(), "the row's own provider is neither individual nor group, so it makes no record")
		return
	case role == "":
		if p.role != nil && v.at(p.role) == nil {
			m.say(at+p.role.String(), "there is no role; the provider was left out")
		}
		return
	default:
		m.rec.Mentions = append(m.rec.Mentions, m.mention(p, v, at, role))
	}
	if own {
		m.own(&m.rec.Mentions[0])
	}
}

func (m *making) mention(p *providerPlan, v *value, at string, role record.Role) record.Mention {
	text := func(p pointer) string { return m.text(v, at, p) }
	entity := m.either(v, at, p.Entity, p.entity, p.Entities, entities, "neither person nor organization, and was passed over")
	return record.Mention{
		Role: role, NPI: text(p.npi), Path: m.at + at + p.npi.String(), Line: m.line(v, at, p.line), Entity: of(role, record.Entity(entity)),
		OrganizationName: text(p.organization), FirstName: text(p.first), MiddleName: text(p.middle), LastName: text(p.last), Suffix: text(p.suffix),
		Taxonomy: text(p.taxonomy), TIN: text(p.tin), OtherID: text(p.otherID) != "",
	}
}

// of is the entity that is said, or that a roster's role says.
func of(role record.Role, said record.Entity) record.Entity {
	switch {
	case said != "":
		return said
	case role == record.Individual:
		return record.Person
	case role == record.Group:
		return record.Organization
	}
	return ""
}

func (m *making) line(v *value, at string, p pointer) int {
	s := m.text(v, at, p)
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		m.say(at+p.String(), "not a whole number from 0, and was passed over")
		return 0
	}
	return n
}

// own takes what the row's own provider says into the roster's facts.
func (m *making) own(own *record.Mention) {
	r := m.rec.Roster
	if r.TIN = own.TIN; own.Role == record.Group {
		r.EnumerationType = record.NPI2
	}
	if own.Taxonomy != "" && !slices.ContainsFunc(r.Taxonomies, func(t record.Taxonomy) bool { return t.Code == own.Taxonomy }) {
		r.Taxonomies = slices.Insert(r.Taxonomies, 0, record.Taxonomy{Code: own.Taxonomy})
	}
}

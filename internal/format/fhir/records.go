package fhir

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/npiflow/npiflow/internal/record"
)

// making is one record being put together.
type making struct {
	batch *Batch
	from  *resource
	rec   *record.Record
	fault func(record.Fault)
}

// say reports something that is wrong with the record, at a pointer in its
// document.
func (m *making) say(pointer, reason string, lost bool) {
	m.fault(record.Fault{Where: m.from.at.in(pointer).String(), Reason: reason, Lost: lost})
}

// claim makes the record of a claim; nil if there can be none.
func (b *Batch) claim(r *resource, fault func(record.Fault)) *record.Record {
	c := r.claim
	m := &making{b, r, &record.Record{Kind: record.KindClaim, ID: r.claimID, ClaimType: c.typ}, fault}
	if m.rec.ID == "" {
		m.rec.ID = ownID(r)
	}
	if !m.sound() {
		return nil
	}
	m.rec.ServiceFrom, m.rec.ServiceTo = c.served()
	if c.typ != record.Institutional {
		m.rec.Place = c.place()
	}
	m.add(record.Billing, &c.provider, nil)
	m.team(c)
	m.add(record.ServiceFacility, &c.facility, nil)
	for i := range c.facilities {
		m.add(record.ServiceFacility, &c.facilities[i], nil)
	}
	m.payee(c)
	for i := range c.referrals {
		m.add(record.Referring, &c.referrals[i], nil)
	}
	for i := range c.items {
		m.add(record.ServiceFacility, &c.items[i].location, []int{c.items[i].sequence})
	}
	return m.done()
}

// add puts a reference's provider on the record, for each of the lines, or for
// the whole record. A place without an NPI is none: it may be the patient's
// home, and a payer may not ask for more (X12 RFI 1845).
func (m *making) add(role record.Role, ref *reference, lines []int) {
	if ref == nil || ref.path == "" {
		return
	}
	found, why := m.batch.mention(ref, m.from, role)
	if why != "" {
		m.say(ref.path, why, false)
		return
	}
	if at := m.batch.find(ref, m.from); at != nil && at.kind == isPlace && found.NPI == "" {
		return
	}
	found.Role = role
	m.put(found, lines)
}

func (m *making) put(found record.Mention, lines []int) {
	if len(lines) == 0 {
		lines = []int{0}
	}
	for _, found.Line = range lines {
		if len(m.rec.Mentions) > maxEntries {
			return
		}
		m.rec.Mentions = append(m.rec.Mentions, found)
	}
}

// team adds the care team. A single member without a role renders the service.
func (m *making) team(c *claim) {
	lines := c.lines()
	for i := range c.team {
		t := &c.team[i]
		role := t.role.role
		if !t.role.said {
			role = record.Rendering
		}
		if role == "" {
			m.say(t.provider.path, "the role of this member of the care team is none of those that are known; it was left out", false)
			continue
		}
		before := len(m.rec.Mentions)
		m.add(role, &t.provider, lines[t.sequence])
		for j := before; t.taxonomy != "" && j < len(m.rec.Mentions); j++ {
			m.rec.Mentions[j].Taxonomy = t.taxonomy
		}
	}
}

// lines gives the lines each member of the care team is limited to, by its
// sequence: none for one that no line names, or every line.
func (c *claim) lines() map[int][]int {
	lines := map[int][]int{}
	for _, i := range c.items {
		for _, n := range i.team {
			if !slices.Contains(lines[n], i.sequence) {
				lines[n] = append(lines[n], i.sequence)
			}
		}
	}
	for n, list := range lines {
		if len(list) == len(c.items) {
			delete(lines, n)
		}
	}
	return lines
}

// payee adds who is paid where that is not who bills.
func (m *making) payee(c *claim) {
	before := len(m.rec.Mentions)
	m.add(record.PayTo, &c.payee, nil)
	if len(m.rec.Mentions) > before && slices.ContainsFunc(m.rec.Mentions[:before], func(o record.Mention) bool {
		return o.Role == record.Billing && o.NPI == m.rec.Mentions[before].NPI
	}) {
		m.rec.Mentions = m.rec.Mentions[:before]
	}
}

// served gives the days of service: those of the lines, else of the bill, else
// the day the claim was made.
func (c *claim) served() (from, to record.Date) {
	for _, i := range c.items {
		first, last := span(i.from, i.to)
		if first != 0 && (from == 0 || first < from) {
			from = first
		}
		to = max(to, last)
	}
	if from == 0 {
		from, to = span(c.billFrom, c.billTo)
	}
	if from == 0 {
		from, to = c.created, c.created
	}
	return from, to
}

// span fills in the end that is not said: a period may be open.
func span(from, to record.Date) (record.Date, record.Date) {
	if from == 0 {
		return to, to
	}
	return from, max(from, to)
}

// place is where the service took place, if all lines that say it agree.
func (c *claim) place() string {
	place := ""
	for _, i := range c.items {
		if i.place != "" && place != "" && i.place != place {
			return ""
		}
		place = max(place, i.place)
	}
	return place
}

// roster makes the record of a provider; nil if there can be none.
func (b *Batch) roster(r *resource, fault func(record.Fault)) *record.Record {
	m := &making{b, r, &record.Record{Kind: record.KindRoster, ID: providerID(r), Roster: &record.Roster{}}, fault}
	if !m.sound() {
		return nil
	}
	v := r.provider
	m.facts(r)
	m.rec.Roster.EffectiveDate, m.rec.Roster.TerminationDate = v.from, v.to
	if v.inactive {
		m.rec.Roster.Action = "TERMINATED"
	}
	if r.kind == isRole {
		m.member(r)
	} else {
		m.itself(r)
	}
	return m.done()
}

// facts takes what a resource says of its provider, after what is there.
func (m *making) facts(r *resource) {
	v, to := r.provider, m.rec.Roster
	to.Taxonomies = append(to.Taxonomies, v.taxonomies...)
	if to.Credential = v.credential; to.Credential == "" {
		to.Credential = r.called.Credential
	}
	for i, a := range v.addresses {
		if i == 0 {
			a.Phone, a.Fax = v.phone, v.fax
		}
		to.Addresses = append(to.Addresses, a)
	}
}

// itself adds a provider that stands for itself, once for each NPI it has.
func (m *making) itself(r *resource) {
	own := r.mention()
	own.Role, m.rec.Roster.EnumerationType = record.Group, record.NPI2
	if r.kind == isPractitioner {
		own.Role, m.rec.Roster.EnumerationType = record.Individual, record.NPI1
	}
	if own.Path == "" {
		own.Path = r.at.pointer
	}
	m.rec.Roster.TIN = own.TIN
	m.put(own, nil)
	for _, n := range r.npis[min(1, len(r.npis)):] {
		if n.text != own.NPI {
			own.NPI, own.Path = n.text, n.path
			m.put(own, nil)
		}
	}
}

// member adds the practitioner of a PractitionerRole, and the organization it
// belongs to. A role of nobody is no record: what it says is not the
// organization's. What the role does not say of places and taxonomies, the
// practitioner's own resource does.
func (m *making) member(r *resource) {
	v := r.provider
	m.add(record.Individual, v.practitioner, nil)
	if v.practitioner == nil && r.npi().text != "" {
		m.put(record.Mention{Role: record.Individual, NPI: r.npi().text, Path: r.npi().path}, nil)
	}
	if len(m.rec.Mentions) == 0 {
		return
	}
	m.rec.Roster.EnumerationType = record.NPI1
	m.add(record.Group, v.organization, nil)
	for i := range v.locations {
		if at := m.batch.find(&v.locations[i], r); at != nil && at.provider != nil {
			places := at.provider.addresses
			for _, a := range places {
				a.Phone, a.Fax = at.provider.phone, at.provider.fax
				m.rec.Roster.Addresses = append(m.rec.Roster.Addresses, a)
			}
		}
	}
	if p := m.batch.find(v.practitioner, r); p != nil && p.kind == isPractitioner {
		m.complete(p)
	}
}

// complete adds the facts of a practitioner that its role leaves open.
func (m *making) complete(p *resource) {
	to := m.rec.Roster
	own := *to
	m.facts(p)
	to.Taxonomies = own.Taxonomies
	for _, t := range p.provider.taxonomies {
		if !slices.ContainsFunc(to.Taxonomies, func(o record.Taxonomy) bool { return o.Code == t.Code }) {
			to.Taxonomies = append(to.Taxonomies, t)
		}
	}
	if len(own.Addresses) > 0 {
		to.Addresses = own.Addresses
	}
	if own.Credential != "" {
		to.Credential = own.Credential
	}
}

// sound reports whether a record can be made at all.
func (m *making) sound() bool {
	if where := m.from.excess; where != "" {
		m.fault(record.Fault{Where: where, Reason: fmt.Sprintf("a list of more than %d entries; the record was left out", maxEntries), Lost: true})
		return false
	}
	if why := badID(m.rec.ID); why != "" {
		m.say(m.from.at.pointer, why, true)
		return false
	}
	return true
}

// done gives the record, unless it has no provider or too many.
func (m *making) done() *record.Record {
	switch n := len(m.rec.Mentions); {
	case n == 0:
		m.say(m.from.at.pointer, "no provider of this "+m.from.typ+" could be found, so it makes no record", true)
		return nil
	case n > maxEntries:
		m.say(m.from.at.pointer, fmt.Sprintf("more than %d mentions of providers; the record was left out", maxEntries), true)
		return nil
	}
	return m.rec
}

// ownID names a resource by its id, or by the URL its Bundle gives it.
func ownID(r *resource) string {
	if r.id != "" {
		return r.id
	}
	return r.url
}

// providerID names a provider's resource as a reference would. One without a
// name of its own is named by its NPI, if that is one: any other text there
// may be somebody's.
func providerID(r *resource) string {
	switch npi := r.npi().text; {
	case r.id != "":
		return r.name()
	case r.url != "":
		return r.url
	default:
		if _, ok := record.ParseNPI(npi); !ok {
			return ""
		}
		return r.typ + "/" + npi
	}
}

// badID tells why an id cannot name a record; "" if it can. It becomes a
// message header.
func badID(id string) string {
	switch {
	case id == "":
		return "it has no identifier and no id to name its record by, so it makes none"
	case len(id) > 256:
		return "its identifier has more than 256 bytes, so it makes no record"
	case strings.TrimSpace(id) != id || strings.ContainsFunc(id, unicode.IsControl):
		return "its identifier has control characters, or blanks around it, so it makes no record"
	}
	return ""
}

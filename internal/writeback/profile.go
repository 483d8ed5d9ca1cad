package writeback

import (
	"cmp"
	"slices"

	"github.com/npiflow/npiflow/internal/record"
)

// profile is the part of an entry that a roster row can correct, in an order
// of its own: registries list the same things in changing order, and a job's
// digest must not depend on that.
type profile struct {
	name       record.Name
	taxonomies []record.Taxonomy // by code, state and licence
	primary    string            // the primary taxonomy's code
	location   record.Address    // no Purpose: there is none
	mailing    record.Address
	others     []record.Address // secondary practice locations
	differs    bool             // a correction was made
}

// profileOf shares nothing with the entry that a correction could change:
// entries belong to all records at once.
func profileOf(e *record.Entry) profile {
	p := profile{name: e.Evidence.Name, taxonomies: slices.Clone(e.Taxonomies)}
	if t := e.Primary(); t != nil {
		p.primary = t.Code
	}
	slices.SortFunc(p.taxonomies, func(a, b record.Taxonomy) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.State, b.State), cmp.Compare(a.License, b.License))
	})
	for i := range e.Addresses {
		switch a := &e.Addresses[i]; {
		case a.Purpose == mailing && p.mailing.Purpose == "":
			p.mailing = *a
		case a.Purpose == location && p.location.Purpose == "":
			p.location = *a
		}
	}
	if len(e.PracticeLocations) > 0 {
		p.others = slices.Clone(e.PracticeLocations)
		slices.SortFunc(p.others, func(a, b record.Address) int {
			return cmp.Or(cmp.Compare(a.PostalCode, b.PostalCode), cmp.Compare(a.Address1, b.Address1),
				cmp.Compare(a.Address2, b.Address2), cmp.Compare(a.Phone, b.Phone), cmp.Compare(a.Fax, b.Fax))
		})
	}
	return p
}

func (p *profile) set(field *string, to string) {
	*field = to
	p.differs = true
}

// correctName takes over what the row says of the provider's name. The rules
// let more names pass for the same provider than a registry may be rewritten
// to, so only what can hardly be a variant counts. A row that uses another
// name the registry lists, a former, professional or trade name, does not
// correct the own name, and neither does a part of it.
func (p *profile) correctName(m *record.Mention, r *record.Roster, e *record.Entry) {
	if e.Evidence.Type == record.NPI2 {
		p.correctOrganization(m.OrganizationName, e)
		return
	}
	if !agrees(p.name.Credential, r.Credential, nil) {
		p.set(&p.name.Credential, tidy(r.Credential))
	}
	if s := suffix(m.Suffix); s != "" && s != suffix(p.name.Suffix) {
		p.set(&p.name.Suffix, s)
	}
	if !otherPerson(m, e.Evidence.OtherNames) {
		p.correctPerson(m)
	}
}

// correctPerson: one of first and last name is corrected only where the other
// is the same, and the middle name only where both agree. Else the row's
// columns are swapped, or it means somebody else.
func (p *profile) correctPerson(m *record.Mention) {
	first, last := partOf(p.name.First, m.FirstName, nameWords), partOf(p.name.Last, m.LastName, nameWords)
	switch {
	case first && last:
		if !partOf(p.name.Middle, m.MiddleName, nameWords) {
			p.set(&p.name.Middle, tidy(m.MiddleName))
		}
	case first:
		if same(p.name.First, m.FirstName, nameWords) {
			p.set(&p.name.Last, tidy(m.LastName))
		}
	case last:
		if same(p.name.Last, m.LastName, nameWords) && fuller(&p.name, m.FirstName) {
			p.set(&p.name.First, tidy(m.FirstName))
		}
	}
}

// fuller reports whether a first name can stand in for the registry's. A
// shorter one, or one of another letter, is what the provider goes by: JIM,
// BOB, the middle name.
func fuller(n *record.Name, roster string) bool {
	var x, y [96]byte
	g, r := fold(x[:0], n.First, nameWords), fold(y[:0], roster, nameWords)
	return len(r) >= len(g) && (len(g) == 0 || r[0] == g[0]) && !same(n.Middle, roster, nameWords)
}

func otherPerson(m *record.Mention, names []record.Name) bool {
	return said(m.FirstName) && said(m.LastName) && slices.ContainsFunc(names, func(n record.Name) bool {
		return same(n.First, m.FirstName, nameWords) && same(n.Last, m.LastName, nameWords)
	})
}

// correctOrganization leaves the legal name alone where the row names the
// parent of a subpart, as it does for trade and former names.
func (p *profile) correctOrganization(roster string, e *record.Entry) {
	if partOf(p.name.Organization, roster, organizationWords) ||
		partOf(e.Evidence.ParentOrganization, roster, organizationWords) {
		return
	}
	for _, n := range e.Evidence.OtherNames {
		if same(n.Organization, roster, organizationWords) {
			return
		}
	}
	p.set(&p.name.Organization, tidy(roster))
}

package fhir

import (
	"net/url"
	"slices"
	"strings"

	"github.com/npiflow/npiflow/internal/record"
)

// The reasons a reference gives no provider.
const (
	unresolved = "this reference names no provider in the input and gives no NPI: send the resource along, or the NPI as its identifier; the provider was left out"
	circular   = "this reference leads back to itself, or through too many others; the provider was left out"
	noProvider = "this reference leads to a resource that is no provider; it was left out"
)

// personal reports whether a reference names a patient or someone of theirs.
func (r *reference) personal() bool {
	for _, t := range []string{"Patient", "RelatedPerson"} {
		if r.kind == t || strings.HasPrefix(r.literal, t+"/") || strings.Contains(r.literal, "/"+t+"/") || strings.HasPrefix(r.literal, t+"?") {
			return true
		}
	}
	return false
}

// find gives the resource a reference means; nil if it is not in the batch.
// from is the resource the reference stands in.
func (b *Batch) find(ref *reference, from *resource) *resource {
	if ref == nil {
		return nil
	}
	literal, _, _ := strings.Cut(ref.literal, "/_history/")
	if id, ok := strings.CutPrefix(literal, "#"); ok {
		return contained(id, from)
	}
	for _, name := range []string{literal, tail(literal)} {
		for _, document := range []int32{from.document, 0} {
			if r := b.known[key{document, name}]; r != nil && name != "" {
				return r
			}
		}
	}
	return nil
}

func contained(id string, from *resource) *resource {
	if from.holder != nil {
		from = from.holder
	}
	for _, r := range from.contained {
		if r.id == id && id != "" {
			return r
		}
	}
	return nil
}

// tail is the Type/id an absolute URL of a REST server ends with.
func tail(u string) string {
	if !strings.Contains(u, "://") {
		return ""
	}
	parts := strings.Split(u, "/")
	if _, known := kinds[parts[len(parts)-2]]; !known {
		return ""
	}
	return strings.Join(parts[len(parts)-2:], "/")
}

// mention gives what a reference says of a provider: the resource it leads to
// first, then the identifier in it or in its search. Where a PractitionerRole
// stands for a provider, role tells which of its two is meant. The text is a
// reason why there is no mention, "" if there is one.
func (b *Batch) mention(ref *reference, from *resource, role record.Role) (record.Mention, string) {
	return b.follow(ref, from, organizational(role), maxHops)
}

// organizational roles are those of an organization where there is a choice.
func organizational(role record.Role) bool {
	return slices.Contains([]record.Role{record.Billing, record.ServiceFacility, record.PayTo, record.Group}, role)
}

func (b *Batch) follow(ref *reference, from *resource, organization bool, hops int) (record.Mention, string) {
	if hops == 0 {
		return record.Mention{}, circular
	}
	r := b.find(ref, from)
	switch {
	case ref == nil:
		return record.Mention{}, unresolved
	case r == nil:
		return ref.mention()
	}
	var m record.Mention
	why := ""
	switch r.kind {
	case isRole:
		m, why = b.followRole(r, organization, hops-1)
	case isRequest:
		m, why = b.follow(r.provider.requester, r, organization, hops-1)
	case isClaim:
		return m, noProvider
	default:
		m = r.mention()
	}
	if m.Path == "" || r.document != from.document { // a pointer holds in its own document
		m.Path = ref.path
	}
	return m, why
}

// followRole goes on to the practitioner or the organization of a role; the
// role's own NPI stands in where neither can be found.
func (b *Batch) followRole(r *resource, organization bool, hops int) (record.Mention, string) {
	order := []*reference{r.provider.practitioner, r.provider.organization}
	if organization {
		slices.Reverse(order)
	}
	why := unresolved
	for _, ref := range order {
		if ref == nil {
			continue
		}
		m, reason := b.follow(ref, r, organization, hops)
		if reason == "" {
			if m.Entity == record.Person {
				m.Taxonomy = only(r.provider.taxonomies)
			}
			return m, ""
		}
		why = reason
		break // the other one is somebody else
	}
	if r.npi().text == "" {
		return record.Mention{}, why
	}
	return record.Mention{NPI: r.npi().text, Path: r.npi().path}, ""
}

func only(list []record.Taxonomy) string {
	if len(list) != 1 {
		return ""
	}
	return list[0].Code
}

// mention is what a resource says of itself as a provider.
func (r *resource) mention() record.Mention {
	n := r.npi()
	m := record.Mention{
		NPI: n.text, Path: n.path, OtherID: r.otherID,
		OrganizationName: r.called.Organization,
		FirstName:        r.called.First, MiddleName: r.called.Middle, LastName: r.called.Last, Suffix: r.called.Suffix,
	}
	if m.Entity = record.Organization; r.kind == isPractitioner {
		m.Entity = record.Person
	} else {
		m.TIN = r.tin
	}
	return m
}

// entities are the types a logical reference may say its resource has.
var entities = map[string]record.Entity{
	"Practitioner": record.Person, "PractitionerRole": record.Person,
	"Organization": record.Organization, "Location": record.Organization, "HealthcareService": record.Organization,
}

// mention is what the reference alone says: the identifier in it, or in its
// search.
func (r *reference) mention() (record.Mention, string) {
	m := record.Mention{NPI: r.npi, Path: r.path + "/identifier/value", OtherID: r.otherID, Entity: entities[r.kind]}
	if !r.identified && !r.otherID {
		m = search(r.literal)
		m.Path = r.path
	}
	switch {
	case r.personal():
		return m, noProvider
	case !r.identified && m.NPI == "" && !m.OtherID:
		return m, unresolved
	}
	name(&m, r.display)
	return m, ""
}

// search reads the NPI in "Type?identifier=system|NPI".
func search(literal string) (m record.Mention) {
	kind, query, _ := strings.Cut(literal, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return m
	}
	system, value, _ := strings.Cut(values.Get("identifier"), "|")
	if i := (identifier{system: system, value: value}); i.npi() {
		m.NPI, m.Entity = i.number(), entities[kind[strings.LastIndexByte(kind, '/')+1:]]
	}
	return m
}

// name takes a name from the text a reference displays: of an organization as
// it is, of a person if it is clearly "LAST, FIRST MIDDLE".
func name(m *record.Mention, display string) {
	last, first, two := strings.Cut(display, ",")
	last, first = strings.TrimSpace(last), strings.TrimSpace(first)
	switch {
	case m.Entity == record.Organization:
		m.OrganizationName = display
	case m.Entity != record.Person || !two || last == "" || first == "" || strings.Contains(first, ","):
	case strings.HasPrefix(bare(last), "DR") && strings.Contains(last, " "), isCredential(first):
	default:
		m.LastName = last
		m.FirstName, m.MiddleName, _ = strings.Cut(first, " ")
	}
}

// isCredential reports whether a text after a comma is no first name: what is
// earned is written with dots or is one of the usual few.
func isCredential(s string) bool {
	return strings.Contains(strings.TrimSuffix(s, "."), ".") || slices.Contains(generations, bare(s)) ||
		slices.Contains([]string{"MD", "DO", "DDS", "DMD", "DPM", "DC", "OD", "RN", "NP", "PA", "PA-C", "PHD", "PSYD", "PT", "LCSW", "CRNA", "APRN", "FNP"}, bare(s))
}

// Package mapped turns JSON documents of somebody's own make into records. A
// mapping says by JSON pointers (RFC 6901) where such a document has what a
// record needs; nothing else of it is read.
package mapped

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/npiflow/npiflow/internal/record"
)

// Mapping is one form of document. All pointers below Records are from the
// record, those of a Provider with Each from the element. What is not mapped,
// or not there, is unsaid.
//
// The configuration has a struct of the same fields, so that one converts into
// the other; that is why the parts are aliases of structs without a name.
type Mapping struct {
	Name    string // of the mapping, for people
	Kind    string // claim or roster
	When    string // pointer to what only such documents have
	Value   string // what must stand there; "" is anything
	Records string // pointer to an array of records; "" where the document is one
	Dates   string // the form of all dates, of Layouts; "" is the first

	ID             string
	Type           string            // of a claim
	Types          map[string]string // what stands there to professional, institutional or dental
	ServiceFrom    string
	ServiceTo      string
	PlaceOfService string

	Credential      string // of a roster
	EffectiveDate   string
	TerminationDate string
	Action          string
	Taxonomies      []string // beside those of the providers
	Addresses       []Address

	Providers []Provider // the first one of a roster is the row's own
}

// Provider is one provider of a record, or an array of them.
type Provider = struct {
	Each             string            // pointer to an array of providers; "" is one
	Role             string            // one of the roles, or a pointer to it
	Roles            map[string]string // what stands there to a role
	NPI              string
	Line             string
	Entity           string // person, organization, or a pointer to it
	Entities         map[string]string
	OrganizationName string
	FirstName        string
	MiddleName       string
	LastName         string
	Suffix           string
	Taxonomy         string
	TIN              string
	OtherID          string // pointer to the payer's own number for it
}

// Address is one address of a roster's provider.
type Address = struct {
	Purpose     string // LOCATION or MAILING, or a pointer to it; "" is LOCATION
	Address1    string
	Address2    string
	City        string
	State       string
	PostalCode  string
	CountryCode string
	Phone       string
	Fax         string
}

// Layouts are the forms of dates, as package time writes them.
var Layouts = []string{"2006-01-02", "20060102", "01/02/2006"}

// Mapped reads the documents its mappings describe.
type Mapped struct{ plans []*plan }

// New makes a reader of mappings; the first one that fits a document reads it.
// No mapping fits nothing. The error has a line for each fault of any of them.
func New(mappings []Mapping) (*Mapped, error) {
	m := &Mapped{}
	var faults []error
	for i := range mappings {
		c := compiler{of: &mappings[i], plan: &plan{want: &want{}}}
		c.compile()
		if slices.ContainsFunc(m.plans, func(p *plan) bool { return p.Name == c.of.Name }) {
			c.fault("name", "another mapping has it")
		}
		faults = append(faults, c.faults...)
		m.plans = append(m.plans, c.plan)
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	return m, nil
}

// plan is a mapping made ready.
type plan struct {
	Mapping
	kind            record.Kind
	layout          string
	when, records   pointer
	id, typ, place  pointer
	from, to        pointer
	credential      pointer
	effective, term pointer
	action          pointer
	taxonomies      []pointer
	addresses       []addressPlan
	providers       []providerPlan
	want            *want // what is read of a record
}

type providerPlan struct {
	Provider
	each                              pointer
	role, entity                      pointer // nil where it is a constant
	npi, line, taxonomy, tin, otherID pointer
	organization, first, middle, last pointer
	suffix                            pointer
}

type addressPlan struct {
	Address
	purpose                        pointer // nil where it is a constant
	line1, line2, city, state, zip pointer
	country, phone, fax            pointer
}

// compiler makes a plan of a mapping and collects what is wrong with it.
type compiler struct {
	of     *Mapping
	plan   *plan
	faults []error
}

func (c *compiler) fault(key, reason string) {
	c.faults = append(c.faults, fmt.Errorf("mapping %q: %s: %s", c.of.Name, key, reason))
}

// pointer reads a pointer that may be "".
func (c *compiler) pointer(key, text string) pointer {
	if text == "" {
		return nil
	}
	p, ok := parse(text)
	if !ok {
		c.fault(key, "not a JSON pointer: write / before each name, ~1 for a / in a name and ~0 for a ~")
	}
	return p
}

// value reads a pointer to something that is to be read.
func (c *compiler) value(in *want, key, text string) pointer {
	p := c.pointer(key, text)
	if p != nil {
		in.add(p)
	}
	return p
}

// either reads a constant out of a closed set, or a pointer to what a table
// turns into one of the set.
func (c *compiler) either(in *want, key, text string, table map[string]string, set []string) pointer {
	for _, to := range table {
		if !slices.Contains(set, to) {
			c.fault(key, "its table gives something that is none of "+strings.Join(set, ", "))
			break
		}
	}
	if strings.HasPrefix(text, "/") {
		return c.value(in, key, text)
	}
	if text != "" && !slices.Contains(set, text) {
		c.fault(key, "neither a pointer nor one of "+strings.Join(set, ", "))
	}
	return nil
}

var (
	claimTypes = []string{string(record.Professional), string(record.Institutional), string(record.Dental)}
	entities   = []string{string(record.Person), string(record.Organization)}
	purposes   = []string{"LOCATION", "MAILING"}
	roles      = func() (all []string) {
		for _, r := range record.Roles {
			all = append(all, string(r))
		}
		return all
	}()
)

func (c *compiler) compile() {
	m, p := c.of, c.plan
	p.Mapping, p.kind, p.layout = *m, record.Kind(m.Kind), m.Dates
	c.need(m.Name != "", "name", "is missing")
	c.need(slices.Contains(record.Kinds, p.kind), "kind", "neither claim nor roster")
	c.need(m.When != "", "when", "is missing: point to something that only these documents have")
	if p.layout == "" {
		p.layout = Layouts[0]
	}
	c.need(slices.Contains(Layouts, p.layout), "dates", "none of "+strings.Join(Layouts, ", "))
	p.when, p.records = c.pointer("when", m.When), c.pointer("records", m.Records)
	c.need(m.ID != "", "id", "is missing: point to what names the record")
	p.id = c.value(p.want, "id", m.ID)
	c.claim()
	c.roster()
	c.need(len(m.Providers) > 0, "providers", "is missing: a record names at least one provider")
	for i := range m.Providers {
		c.provider(i, &m.Providers[i])
	}
}

func (c *compiler) need(ok bool, key, reason string) {
	if !ok {
		c.fault(key, reason)
	}
}

func (c *compiler) claim() {
	m, p := c.of, c.plan
	said := m.Type + m.ServiceFrom + m.ServiceTo + m.PlaceOfService
	c.need(p.kind == record.KindClaim || said == "" && len(m.Types) == 0, "kind", "a roster has no type, no service dates and no place of service")
	p.typ = c.either(p.want, "type", m.Type, m.Types, claimTypes)
	p.from, p.to = c.value(p.want, "service_from", m.ServiceFrom), c.value(p.want, "service_to", m.ServiceTo)
	p.place = c.value(p.want, "place_of_service", m.PlaceOfService)
}

func (c *compiler) roster() {
	m, p := c.of, c.plan
	said := m.Credential + m.EffectiveDate + m.TerminationDate + m.Action
	c.need(p.kind == record.KindRoster || said == "" && len(m.Taxonomies)+len(m.Addresses) == 0, "kind",
		"a claim has no credential, no effective or termination date, no action, no taxonomies and no addresses of its own")
	p.credential, p.action = c.value(p.want, "credential", m.Credential), c.value(p.want, "action", m.Action)
	p.effective, p.term = c.value(p.want, "effective_date", m.EffectiveDate), c.value(p.want, "termination_date", m.TerminationDate)
	for _, t := range m.Taxonomies {
		c.need(t != "", "taxonomies", "one of them is empty")
		p.taxonomies = append(p.taxonomies, c.value(p.want, "taxonomies", t))
	}
	for i, a := range m.Addresses {
		at := func(text, name string) pointer {
			return c.value(p.want, fmt.Sprintf("addresses[%d].%s", i, name), text)
		}
		p.addresses = append(p.addresses, addressPlan{
			Address: a, purpose: c.either(p.want, fmt.Sprintf("addresses[%d].purpose", i), a.Purpose, nil, purposes),
			line1: at(a.Address1, "address_1"), line2: at(a.Address2, "address_2"), city: at(a.City, "city"), state: at(a.State, "state"),
			zip: at(a.PostalCode, "postal_code"), country: at(a.CountryCode, "country_code"), phone: at(a.Phone, "telephone_number"), fax: at(a.Fax, "fax_number"),
		})
	}
}

func (c *compiler) provider(i int, of *Provider) {
	key := func(name string) string { return fmt.Sprintf("providers[%d].%s", i, name) }
	own := c.plan.kind == record.KindRoster && i == 0
	p := providerPlan{Provider: *of, each: c.pointer(key("each"), of.Each)}
	in := c.plan.want
	if p.each != nil {
		in = in.array(p.each)
	}
	at := func(text, name string) pointer { return c.value(in, key(name), text) }
	c.need(of.Role != "", key("role"), "is missing: write a role, or point to it")
	c.need(!own || of.Each == "", key("each"), "the first provider of a roster is the row's own, and one")
	set := roles
	if own {
		set = []string{string(record.Individual), string(record.Group)}
	}
	p.role = c.either(in, key("role"), of.Role, of.Roles, set)
	p.entity = c.either(in, key("entity"), of.Entity, of.Entities, entities)
	c.need(of.NPI != "", key("npi"), "is missing: point to it")
	p.npi, p.line, p.otherID = at(of.NPI, "npi"), at(of.Line, "line"), at(of.OtherID, "other_id")
	p.organization, p.first, p.middle = at(of.OrganizationName, "organization_name"), at(of.FirstName, "first_name"), at(of.MiddleName, "middle_name")
	p.last, p.suffix = at(of.LastName, "last_name"), at(of.Suffix, "suffix")
	p.taxonomy, p.tin = at(of.Taxonomy, "taxonomy"), at(of.TIN, "tin")
	c.plan.providers = append(c.plan.providers, p)
}

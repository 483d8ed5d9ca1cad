package fhir

import (
	"fmt"

	"github.com/npiflow/npiflow/internal/record"
)

// kind is what a resource is to us.
type kind uint8

const (
	unread kind = iota // not a type we keep, or not yet known
	isClaim
	isPractitioner
	isOrganization
	isPlace // a Location or a HealthcareService
	isRole
	isRequest
	isHolder // a Bundle, or Parameters
)

// kinds of the types that are read. Members of all others are skipped as soon
// as the type is known.
var kinds = map[string]kind{
	"Claim": isClaim, "ExplanationOfBenefit": isClaim,
	"Practitioner": isPractitioner, "PractitionerRole": isRole, "Organization": isOrganization,
	"Location": isPlace, "HealthcareService": isPlace,
	"ServiceRequest": isRequest,
	"Bundle":         isHolder, "Parameters": isHolder,
}

// resource is what is kept of one: what records and references need.
type resource struct {
	kind      kind
	typ       string
	id, url   string
	at        place
	document  int32
	told      bool // it has no record of its own
	npis      []number
	former    []number // those it says are no longer valid
	claimID   string
	claimRank int
	tin       string
	otherID   bool
	called    record.Name
	claim     *claim    // of a Claim or an ExplanationOfBenefit
	provider  *provider // of all others
	holder    *resource // it is contained in
	contained []*resource
	faults    []record.Fault
	excess    string // where a list grew too long; "" where none did
}

// number is an NPI as it stands, and the JSON pointer to it.
type number struct{ text, path string }

// npi is the number that counts: the first that is valid, else the first.
func (r *resource) npi() number {
	switch {
	case len(r.npis) > 0:
		return r.npis[0]
	case len(r.former) > 0:
		return r.former[0]
	}
	return number{}
}

// provider is what a roster or a reference needs of a resource that is not a
// claim.
type provider struct {
	taxonomies []record.Taxonomy
	credential string
	addresses  []record.Address
	phone, fax string
	inactive   bool
	furnishes  bool // an Organization that says it is a healthcare provider
	from, to   record.Date

	practitioner, organization, requester *reference // nil where there is none
	locations                             []reference
}

// name is what a relative reference calls the resource: Type/id.
func (r *resource) name() string {
	if r.id == "" {
		return ""
	}
	return r.typ + "/" + r.id
}

// listed reports whether a roster would list the resource. A directory is full
// of organizations and places that have no NPI and need none: networks,
// payers, departments, rooms.
func (r *resource) listed() bool {
	switch r.kind {
	case isPractitioner, isRole:
		return true
	case isOrganization:
		return len(r.npis) > 0 || r.provider.furnishes
	case isPlace:
		return len(r.npis) > 0
	}
	return false
}

// document reads one JSON document, io.EOF if there is no more.
func (p *parser) document() error {
	switch p.dec.PeekKind() {
	case '{':
		_, err := p.resource("", nil, 0)
		return err
	case 0:
		_, err := p.dec.ReadToken() // the end, or what is wrong
		return err
	}
	if err := p.dec.SkipValue(); err != nil {
		return err
	}
	p.refuse("it is not a FHIR resource: not a JSON object")
	return nil
}

func (p *parser) refuse(reason string) {
	p.batch.fault(record.Fault{Where: p.here().String(), Reason: reason, Lost: true})
}

// resource reads one resource, and keeps it in the batch, or in its holder.
func (p *parser) resource(url string, holder *resource, depth int) (*resource, error) {
	if depth > maxNesting {
		p.refuse(fmt.Sprintf("resources in resources, more than %d deep", maxNesting))
		return nil, p.dec.SkipValue()
	}
	if p.dec.PeekKind() != '{' {
		return nil, p.misplaced()
	}
	r := &resource{url: url, document: p.documents, holder: holder}
	outer := p.own
	p.own = r
	foreign := false
	err := p.object(func(name string) error {
		if foreign {
			return p.dec.SkipValue()
		}
		if name != "resourceType" {
			return p.member(r, name, depth)
		}
		err := p.word(&r.typ)
		r.kind = kinds[r.typ]
		foreign = r.kind == unread
		return err
	})
	p.own = outer
	r.at = p.here()
	if err != nil {
		return nil, err
	}
	return r, p.finish(r)
}

// finish lets go of what does not belong to the resource's type, and gives the
// resource to where it is kept.
func (p *parser) finish(r *resource) error {
	if r.typ == "" {
		p.refuse("it is not a FHIR resource: it has no resourceType")
		return nil
	}
	if r.holder == nil {
		p.sound++
	}
	switch {
	case r.kind == unread:
		return nil
	case r.kind == isHolder:
		for _, f := range r.faults {
			p.batch.fault(f)
		}
		return nil
	case r.kind == isClaim:
		r.provider = nil
	default:
		r.claim = nil
	}
	r.grow()
	if p.batch.kept++; p.batch.kept > maxResources {
		return errFull
	}
	if r.holder == nil {
		p.batch.keep(r)
	} else if p.room(len(r.holder.contained)) {
		r.holder.contained = append(r.holder.contained, r)
		r.holder.faults = append(r.holder.faults, r.faults[:min(len(r.faults), maxOwnFaults-len(r.holder.faults))]...)
	}
	return nil
}

// member reads one member of a resource. The type may not be known yet, so
// what is read is what the member would mean to any type that is kept.
func (p *parser) member(r *resource, name string, depth int) error {
	r.grow()
	switch name {
	case "id":
		return p.text(&r.id)
	case "entry", "parameter":
		return p.list(func() error { return p.entry(depth) })
	case "contained":
		return p.list(func() error { _, err := p.resource("", r, depth+1); return err })
	case "identifier":
		return p.list(func() error { return p.identifiers(r) })
	case "name":
		if p.dec.PeekKind() == '"' {
			return p.text(&r.called.Organization)
		}
		return p.person(&r.called)
	case "type":
		if p.dec.PeekKind() == '"' { // of a Bundle
			return p.dec.SkipValue()
		}
		return p.list(func() error { return p.typed(r) })
	}
	if r.claim != nil {
		if read := p.claimMember(r.claim, name); read != nil {
			return read()
		}
	}
	if r.provider != nil {
		return p.providerMember(r.provider, name)
	}
	return p.dec.SkipValue()
}

// grow makes room for what the resource may hold, as far as its type is known.
func (r *resource) grow() {
	if r.claim == nil && (r.kind == isClaim || r.kind == unread) {
		r.claim = &claim{}
	}
	if r.provider == nil && r.kind != isClaim && r.kind != isHolder {
		r.provider = &provider{}
	}
}

func (p *parser) providerMember(v *provider, name string) error {
	switch name {
	case "active":
		active := true
		err := p.boolean(&active)
		v.inactive = !active
		return err
	case "address":
		return p.list(func() error { return p.address(&v.addresses) })
	case "telecom":
		return p.telecom(&v.phone, &v.fax)
	case "period":
		return p.period(&v.from, &v.to)
	case "qualification":
		return p.list(func() error { return p.qualification(v) })
	case "specialty":
		return p.list(func() error { return p.concept(func(c coding) { p.taxonomy(v, c, "") }) })
	case "practitioner":
		return p.link(&v.practitioner)
	case "organization":
		return p.link(&v.organization)
	case "requester":
		return p.link(&v.requester)
	case "location":
		return p.references(&v.locations)
	}
	return p.dec.SkipValue()
}

// entry reads an entry of a Bundle or a parameter of Parameters.
func (p *parser) entry(depth int) error {
	var inside *resource
	var url string
	own := p.own
	err := p.object(func(name string) (err error) {
		switch name {
		case "fullUrl":
			return p.text(&url)
		case "resource":
			inside, err = p.resource(url, nil, depth+1)
			p.own = own
			return err
		case "part":
			return p.list(func() error { return p.entry(depth + 1) })
		}
		return p.dec.SkipValue()
	})
	if err == nil && inside != nil && inside.url != url { // it stood after the resource
		inside.url = url
		p.batch.name(inside, url)
	}
	return err
}

// identifiers sorts an identifier of a resource.
func (p *parser) identifiers(r *resource) error {
	var i identifier
	if err := p.identifier(&i); err != nil {
		return err
	}
	switch {
	case i.npi() && p.room(len(r.npis)+len(r.former)):
		n := number{i.number(), string(p.dec.StackPointer()) + "/value"}
		if i.use == "old" {
			r.former = append(r.former, n)
		} else {
			r.npis = append(r.npis, n)
		}
	case i.ein():
		r.tin = i.value
	case i.otherID():
		r.otherID = true
	}
	if rank := i.ofClaim(); rank > r.claimRank && i.value != "" {
		r.claimID, r.claimRank = i.value, rank
	}
	return nil
}

package fhir

import "github.com/npiflow/npiflow/internal/record"

// claim is what is kept of a Claim or an ExplanationOfBenefit.
type claim struct {
	typ        record.ClaimType
	provider   reference
	team       []teammate
	facility   reference
	facilities []reference // of supportingInfo
	payee      reference
	referrals  []reference
	insurer    reference
	items      []item
	pairs      int // of items and teammates
	// the days: of the bill, and of its making
	billFrom, billTo, created record.Date
}

// teammate is an entry of careTeam.
type teammate struct {
	sequence int
	provider reference
	role     role
	taxonomy string
}

// item is a service line.
type item struct {
	sequence int
	team     []int
	from, to record.Date
	place    string
	location reference
}

// references gives every reference to somebody who is not the patient.
func (c *claim) references(yield func(*reference) bool) {
	lists := [][]reference{c.referrals, c.facilities}
	single := []*reference{&c.provider, &c.facility, &c.payee, &c.insurer}
	for i := range c.team {
		single = append(single, &c.team[i].provider)
	}
	for i := range c.items {
		single = append(single, &c.items[i].location)
	}
	for _, list := range lists {
		for i := range list {
			single = append(single, &list[i])
		}
	}
	for _, r := range single {
		if !yield(r) {
			return
		}
	}
}

// claimTypes are the codes of the claim-type system that have a guide of their
// own among the 837s.
var claimTypes = map[string]record.ClaimType{
	"professional": record.Professional, "institutional": record.Institutional, "oral": record.Dental,
}

// typed reads a code of a resource's type: the kind of a claim, what an
// organization does.
func (p *parser) typed(r *resource) error {
	return p.concept(func(c coding) {
		if t, ok := claimTypes[c.code]; ok && r.claim != nil {
			r.claim.typ = t
		}
		if r.provider != nil {
			r.provider.furnishes = r.provider.furnishes || c.code == "prov"
			p.taxonomy(r.provider, c, "")
		}
	})
}

// claimMember gives what reads a member of a claim; nil if it is not one that
// matters.
func (p *parser) claimMember(c *claim, name string) func() error {
	switch name {
	case "provider":
		return func() error { return p.reference(&c.provider) }
	case "careTeam":
		return func() error { return p.list(func() error { return p.teammate(c) }) }
	case "facility":
		return func() error { return p.reference(&c.facility) }
	case "payee":
		return func() error { return p.payee(c) }
	case "referral":
		return func() error { return p.references(&c.referrals) }
	case "insurer":
		return func() error { return p.reference(&c.insurer) }
	case "item":
		return func() error { return p.list(func() error { return p.item(c) }) }
	case "supportingInfo":
		return func() error { return p.list(func() error { return p.supporting(c) }) }
	case "billablePeriod":
		return func() error { return p.period(&c.billFrom, &c.billTo) }
	case "created":
		return func() error { return p.date(&c.created) }
	}
	return nil
}

func (p *parser) teammate(c *claim) error {
	var t teammate
	err := p.object(func(name string) (err error) {
		switch name {
		case "sequence":
			t.sequence, err = p.number()
			return err
		case "provider":
			return p.reference(&t.provider)
		case "role":
			t.role.said = true
			return p.concept(t.role.take)
		case "qualification":
			return p.concept(func(c coding) {
				if c.system == nucc && t.taxonomy == "" {
					t.taxonomy = c.code
				}
			})
		}
		return p.dec.SkipValue()
	})
	if err == nil && p.room(len(c.team)) {
		c.team = append(c.team, t)
	}
	return err
}

// payee reads who is paid; not where it is the patient or another subscriber.
func (p *parser) payee(c *claim) error {
	var party reference
	person := false
	err := p.object(func(name string) error {
		switch name {
		case "type":
			return p.concept(func(c coding) { person = person || c.code == "subscriber" || c.code == "beneficiary" })
		case "party":
			return p.reference(&party)
		}
		return p.dec.SkipValue()
	})
	if !person && !party.personal() {
		c.payee = party
	}
	return err
}

func (p *parser) item(c *claim) error {
	var i item
	err := p.object(func(name string) (err error) {
		switch name {
		case "sequence":
			i.sequence, err = p.number()
			return err
		case "careTeamSequence":
			return p.list(func() error {
				n, err := p.number()
				if n > 0 && p.room(c.pairs) {
					i.team = append(i.team, n)
					c.pairs++
				}
				return err
			})
		case "servicedDate":
			err = p.date(&i.from)
			i.to = i.from
			return err
		case "servicedPeriod":
			return p.period(&i.from, &i.to)
		case "locationCodeableConcept":
			return p.concept(func(c coding) {
				if len(c.code) == 2 && digits(c.code) == c.code {
					i.place = c.code
				}
			})
		case "locationReference":
			return p.reference(&i.location)
		}
		return p.dec.SkipValue()
	})
	if err == nil && p.room(len(c.items)) {
		if i.sequence == 0 {
			i.sequence = len(c.items) + 1
		}
		c.items = append(c.items, i)
	}
	return err
}

// supporting reads an entry of supportingInfo. Only C4BB's service facility is
// a provider; other references there may be the patient's own papers.
func (p *parser) supporting(c *claim) error {
	var value reference
	facility := false
	err := p.object(func(name string) error {
		switch name {
		case "category":
			return p.concept(func(c coding) { facility = facility || c.code == "servicefacility" })
		case "valueReference":
			return p.reference(&value)
		}
		return p.dec.SkipValue()
	})
	if facility && value.path != "" && p.room(len(c.facilities)) {
		c.facilities = append(c.facilities, value)
	}
	return err
}

// role is what careTeam.role says: the role of the best code system so far.
type role struct {
	role record.Role
	rank int
	said bool
}

// The code systems of careTeam.role, the most exact last. Medicare puts codes
// of C4BB under the first too.
var roleSystems = []string{
	"http://terminology.hl7.org/CodeSystem/claimcareteamrole",
	"http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBClaimCareTeamRole",
	"https://codesystem.x12.org/005010/98",
}

// roles are the codes of all three systems. "other" is nobody's role.
var roles = map[string]record.Role{
	"primary": record.PCP, "assist": record.AssistantSurgeon, "supervisor": record.Supervising,

	"attending": record.Attending, "operating": record.Operating, "otheroperating": record.OtherOperating,
	"rendering": record.Rendering, "performing": record.Rendering, "referring": record.Referring, "pcp": record.PCP,
	"supervising": record.Supervising, "purchasedservice": record.PurchasedService, "prescribing": record.Prescribing,
	"site": record.ServiceFacility, "ordering": record.Ordering,

	"82": record.Rendering, "DN": record.Referring, "P3": record.PCP, "DK": record.Ordering, "DQ": record.Supervising,
	"71": record.Attending, "72": record.Operating, "ZZ": record.OtherOperating, "DD": record.AssistantSurgeon,
	"QB": record.PurchasedService, "77": record.ServiceFacility, "85": record.Billing,
}

func (r *role) take(c coding) {
	known, ok := roles[c.code]
	rank := 1
	for i, s := range roleSystems {
		if c.system == s {
			rank = i + 2
		}
	}
	if ok && rank > r.rank && (rank > 1 || c.system == "") {
		r.role, r.rank = known, rank
	}
}

package corpus

import (
	"math/rand/v2"

	"github.com/npiflow/npiflow/internal/record"
)

// provider is one row and what hangs on it. It holds choices, not texts: the
// texts are put together where they are written, so that making a provider
// allocates nothing.
type provider struct {
	npi          record.NPI
	organization bool
	stub         bool // deactivated: the row says no more than that

	name, other      person // of an individual
	otherType        string // "" without another name
	sex, sole        string
	business, parent words // of an organization
	subpart          string
	official         person
	title            string
	officialPhone    phone

	mailing, practice                                        address
	enumerated, updated, deactivated, reactivated, certified day

	taxonomies  []taxonomy
	identifiers []identifier
	otherNames  []otherName
	locations   []address
	endpoints   []endpoint
}

// words stand one after the other, blanks and all.
type words [5]string

type person struct {
	last                                      words
	first, middle, prefix, suffix, credential string
}

// phone is ten digits; 0 is none.
type phone uint64

type address struct {
	number   int // of the house; 0 is none
	street   words
	unit     string // " STE " …; "" is none
	unitNo   int
	twoLines bool // the unit has a line of its own
	city     *city
	abroad   *[5]string // instead of all above
	zip      int
	plus4    int // 0: only the five digits are known
	phone    phone
	fax      phone
}

// numbered is a prefix and a number: a licence, an identifier.
type numbered struct {
	prefix string
	number uint64
}

type taxonomy struct {
	code    string
	license numbered
	state   string // of the licence
	primary string
	group   string
}

type identifier struct {
	value       numbered
	code, state string
	issuer      string
}

type otherName struct {
	name    words
	code    string
	created day
}

// maker makes providers, each in the same place.
type maker struct {
	o    Options
	asOf day
	pcg  *rand.PCG
	dice
	p provider
}

func newMaker(o Options) *maker {
	pcg := rand.NewPCG(0, 0) // seeded anew for each provider
	return &maker{o: o, asOf: o.asOf(), pcg: pcg, dice: dice{rand.New(pcg)}}
}

// provider makes provider i as the monthly file has it. The pointer is valid
// until the next call.
func (m *maker) provider(i int) *provider {
	p := m.full(i, m.enumeration(i))
	if isStub(m.o.Seed, i) {
		p.shut(p.deactivated)
	} else if p.reactivated == 0 {
		p.deactivated = 0
	}
	return p
}

// shut makes p a stub, which has nothing in the reference files either.
func (p *provider) shut(on day) {
	p.stub, p.deactivated, p.reactivated = true, on, 0
	p.otherNames, p.locations, p.endpoints = p.otherNames[:0], p.locations[:0], p.endpoints[:0]
}

// full makes provider i as it is, or was before it became a stub. Its dates
// lie between enumerated and the population's last day; the deactivation is
// drawn for everyone.
func (m *maker) full(i int, enumerated day) *provider {
	m.pcg.Seed(mix(m.o.Seed, uint64(i)), uint64(i))
	p := &m.p
	*p = provider{
		npi: NPI(m.o, i), enumerated: enumerated,
		taxonomies: p.taxonomies[:0], identifiers: p.identifiers[:0],
		otherNames: p.otherNames[:0], locations: p.locations[:0], endpoints: p.endpoints[:0],
	}
	p.organization = m.chance(220)
	m.addresses(p, i)
	m.dates(p)
	if p.organization {
		m.organization(p)
	} else {
		m.individual(p)
	}
	m.otherIdentifiers(p)
	m.reached(p)
	return p
}

func (m *maker) individual(p *provider) {
	special := m.specialties(p, 'I')
	p.name, p.sex = m.person(special)
	p.sole = "N"
	if m.chance(230) {
		p.sole = "Y"
	} else if m.chance(25) {
		p.sole = "X"
	}
	if m.chance(60) {
		p.other, p.otherType = p.name, pick(m.dice, []string{"1", "1", "1", "2", "5"})
		p.other.last = m.surname()
	}
}

func (m *maker) organization(p *provider) {
	kind := byte('O')
	if m.chance(420) {
		kind = 'G'
	}
	special := m.specialties(p, kind)
	p.business = m.business(p.practice.city)
	p.official, _ = m.person(special)
	if m.chance(700) {
		p.official.credential = ""
	}
	p.title, p.officialPhone = pick(m.dice, titles), p.practice.phone
	if p.officialPhone == 0 || m.chance(200) {
		p.officialPhone = m.phone(p.mailing.city)
	}
	p.subpart = "N"
	if m.chance(90) {
		p.subpart, p.parent = "Y", m.business(p.mailing.city)
	}
	for n := m.several(120, 300, 6); n > 0; n-- {
		p.otherNames = append(p.otherNames, otherName{
			m.business(p.practice.city), pick(m.dice, []string{"3", "3", "3", "3", "4", "5"}),
			m.between(p.enumerated, p.updated),
		})
	}
}

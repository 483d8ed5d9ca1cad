package corpus

// addresses draws the mailing and the practice address: the same for about
// half of all, the phone too.
func (m *maker) addresses(p *provider, i int) {
	p.practice = m.address()
	if m.chance(420) {
		p.practice = m.site(i)
	}
	switch {
	case m.chance(580):
		p.mailing = p.practice
		if m.chance(120) {
			p.mailing.phone = m.phone(p.mailing.city)
		}
	case m.chance(600) && p.practice.city != nil:
		p.mailing = m.addressIn(p.practice.city)
		if m.chance(650) {
			p.mailing.phone, p.mailing.fax = p.practice.phone, p.practice.fax
		}
	default:
		p.mailing = m.address()
	}
	if m.chance(100) {
		p.mailing.phone = 0
	}
}

// neighbours is how many providers in a row may share a site: hospitals and
// schools ask for the NPIs of their staff in batches.
const neighbours = 16

// site is the address that provider i and its neighbours share.
func (m *maker) site(i int) address {
	block := uint64(i / neighbours)
	m.pcg.Seed(mix(m.o.Seed^0x51, block), block)
	a := m.addressIn(pick(m.dice, cities))
	m.pcg.Seed(mix(m.o.Seed^0x17e, uint64(i)), uint64(i)) // the rest is i's own again
	return a
}

func (m *maker) address() address {
	if m.chance(2) {
		return address{abroad: &abroad[m.IntN(len(abroad))], phone: m.phone(nil)}
	}
	return m.addressIn(pick(m.dice, cities))
}

func (m *maker) addressIn(c *city) address {
	a := address{city: c, zip: c.zip + m.IntN(c.zips), phone: m.phone(c)}
	if m.chance(970) {
		a.plus4 = 1000 + m.IntN(9000)
	}
	if m.chance(600) {
		a.fax = m.phone(c)
	}
	if m.chance(60) {
		a.street, a.number = words{"PO BOX "}, -(1 + m.IntN(9999))
		return a
	}
	a.number = m.houseNumber()
	a.street = m.street()
	if m.chance(350) {
		a.unit, a.unitNo, a.twoLines = pick(m.dice, units), 100*(1+m.IntN(9))+m.IntN(13), m.chance(250)
	}
	return a
}

// houseNumber has one to five digits, four being the most frequent.
func (m *maker) houseNumber() int {
	most := [...]int{99, 999, 999, 9999, 9999, 9999, 29999}
	return 1 + m.IntN(most[m.IntN(len(most))])
}

func (m *maker) street() words {
	var w words
	if m.chance(300) {
		w[0] = pick(m.dice, compass)
	}
	if m.chance(150) {
		w[1], w[2] = pick(m.dice, surnameHeads), pick(m.dice, surnameTails)
	} else {
		w[1] = pick(m.dice, streets)
	}
	w[3] = pick(m.dice, streetKinds)
	return w
}

// phone draws a number of one of the hundred exchanges of the city's area.
func (m *maker) phone(c *city) phone {
	area := 800
	if c != nil && !m.chance(80) {
		area = c.area
	}
	return phone(area*10_000_000 + (200+8*m.IntN(100))*10_000 + m.IntN(10_000))
}

// reached draws what stands in the reference files: about 0.125 secondary
// locations and 0.06 endpoints per provider.
func (m *maker) reached(p *provider) {
	for n := m.several(55, 560, 40); n > 0; n-- {
		if p.practice.city != nil && m.chance(700) {
			p.locations = append(p.locations, m.addressIn(p.practice.city))
		} else {
			p.locations = append(p.locations, m.address())
		}
	}
	for n := m.several(45, 250, 8); n > 0; n-- {
		p.endpoints = append(p.endpoints, m.endpoint(p))
	}
}

package corpus

// specialties draws 1 to 15 taxonomies of a kind (I, O or G) and returns the
// primary one's specialty. Now and then none is marked primary.
func (m *maker) specialties(p *provider, kind byte) *specialty {
	n := 1
	if m.chance(260) {
		n += m.several(1000, 330, 14)
	}
	group := ""
	if kind == 'G' && m.chance(550) {
		group = pick(m.dice, groups)
	}
	primary := m.IntN(n)
	if m.chance(2) {
		primary = -1
	}
	var first *specialty
	for k := range n {
		s := m.specialty(kind)
		if k == 0 || k == primary {
			first = s
		}
		t := taxonomy{code: s.code, primary: "N", group: group}
		if k == primary {
			t.primary = "Y"
		}
		m.license(&t, s, p.practice.city)
		p.taxonomies = append(p.taxonomies, t)
	}
	return first
}

func (m *maker) specialty(kind byte) *specialty {
	from := common[kind]
	if kind != 'G' && m.chance(100) {
		from = rare[kind]
	}
	return &from[m.IntN(len(from))]
}

func (m *maker) license(t *taxonomy, s *specialty, at *city) {
	rate := 250
	if s.licensed {
		rate = 820
	}
	if !m.chance(rate) {
		return
	}
	if at == nil || m.chance(60) {
		at = pick(m.dice, cities)
	}
	t.state = at.state
	if m.chance(900) {
		t.license = numbered{pick(m.dice, licenses), m.digits()}
	}
}

// digits draws a number of four to eight digits.
func (m *maker) digits() uint64 {
	low := [...]uint64{1000, 1000, 10_000, 10_000, 10_000, 100_000, 10_000_000}[m.IntN(7)]
	return low + m.Uint64N(9*low)
}

// otherIdentifiers draws up to 50: most providers have none, some many.
func (m *maker) otherIdentifiers(p *provider) {
	for n := m.several(145, 710, 50); n > 0; n-- {
		at := p.practice.city
		if at == nil || m.chance(100) {
			at = pick(m.dice, cities)
		}
		id := identifier{value: numbered{pick(m.dice, identifierHeads), m.digits()}, code: "01", state: at.state}
		if m.chance(420) {
			id.code = "05"
		} else {
			id.issuer = pick(m.dice, issuers)
		}
		p.identifiers = append(p.identifiers, id)
	}
}

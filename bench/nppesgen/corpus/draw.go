package corpus

import "math/rand/v2"

// dice draws everything that is drawn.
type dice struct{ *rand.Rand }

func newRand(a, b uint64) *rand.Rand { return rand.New(rand.NewPCG(mix(a, b), b)) }

func (d dice) chance(perMille int) bool { return d.IntN(1000) < perMille }

func pick[T any](d dice, from []T) T { return from[d.IntN(len(from))] }

// several is mostly 0: with a chance of first per mille it is 1, and each
// further one comes with a chance of more, up to most.
func (d dice) several(first, more, most int) int {
	if !d.chance(first) {
		return 0
	}
	n := 1
	for n < most && d.chance(more) {
		n++
	}
	return n
}

// between is a day from a to b.
func (d dice) between(a, b day) day { return a + day(d.IntN(int(b-a)+1)) }

// recent is a day from a to b, rather a late one.
func (d dice) recent(a, b day) day {
	u := d.Float64()
	return b - day(float64(b-a)*u*u)
}

// milestones are shares of all NPIs by the day they were given out: the rush
// before the HIPAA deadlines of 2007 and 2008, then ever a little faster.
var milestones = []struct {
	share float64
	day   day
}{{0, epoch}, {0.05, dayOf(2006_05_23)}, {0.20, dayOf(2007_05_23)}, {0.26, dayOf(2008_05_23)}, {0.40, dayOf(2013_06_01)}, {0.62, dayOf(2019_06_01)}}

// enumeration is the day provider i got its NPI: never earlier than the one
// before it, and the last one on the population's last day.
func (m *maker) enumeration(i int) day {
	share := 1.0
	if m.o.Rows > 1 {
		share = float64(i) / float64(m.o.Rows-1)
	}
	from, to := milestones[len(milestones)-1], milestones[0]
	to.share, to.day = 1, max(m.asOf, from.day)
	for k := 1; k < len(milestones) && to.share == 1; k++ {
		if share < milestones[k].share {
			from, to = milestones[k-1], milestones[k]
		}
	}
	at := from.day + day((share-from.share)/(to.share-from.share)*float64(to.day-from.day))
	return min(at, m.asOf)
}

// dates draws all days but the enumeration.
func (m *maker) dates(p *provider) {
	p.updated = p.enumerated
	if m.chance(680) {
		p.updated = m.recent(p.enumerated, m.asOf)
	}
	p.deactivated = m.recent(p.enumerated, m.asOf)
	if m.chance(5) {
		p.reactivated = m.between(p.deactivated, m.asOf)
		p.updated = max(p.updated, p.reactivated)
	}
	if p.updated >= certification && m.chance(950) { // about half of all
		p.certified = p.updated
	}
}

// certification is when CMS began to ask for it.
var certification = dayOf(2020_05_01)

// surname is a common name, or one put together so that there are many.
func (m *maker) surname() words {
	switch {
	case m.chance(3):
		return words{pick(m.dice, accented)}
	case m.chance(1):
		return words{pick(m.dice, latin1)}
	case m.chance(300):
		return words{pick(m.dice, surnameHeads), pick(m.dice, surnameTails)}
	case m.chance(25):
		return words{pick(m.dice, lastNames), pick(m.dice, []string{"-", "-", " "}), pick(m.dice, lastNames)}
	}
	return words{pick(m.dice, lastNames)}
}

// person draws a name, and the sex it suits.
func (m *maker) person(s *specialty) (p person, sex string) {
	firsts, sex := firstWomen, "F"
	if m.chance(430) {
		firsts, sex = firstMen, "M"
	}
	p.last, p.first = m.surname(), pick(m.dice, firsts)
	switch {
	case m.chance(280):
		p.middle = letters[m.IntN(len(letters))]
	case m.chance(280):
		p.middle = pick(m.dice, firsts)
	}
	if m.chance(220) {
		p.prefix = pick(m.dice, prefixes)
	}
	if m.chance(20) {
		p.suffix = pick(m.dice, suffixes)
	}
	if len(s.credentials) > 0 && m.chance(820) {
		p.credential = pick(m.dice, s.credentials)
	}
	return p, sex
}

var letters = func() (all []string) {
	for c := 'A'; c <= 'Z'; c++ {
		all = append(all, string(c))
	}
	return all
}()

// business draws an organization's name; at is the city it may be named after.
func (m *maker) business(at *city) words {
	form := pick(m.dice, forms)
	switch {
	case m.chance(450):
		return words{pick(m.dice, leads), " ", pick(m.dice, cores), form}
	case m.chance(400):
		return words{pick(m.dice, lastNames), " ", pick(m.dice, cores), form}
	case at != nil && m.chance(400):
		return words{at.name, " ", pick(m.dice, cores), form}
	case m.chance(350):
		return words{pick(m.dice, surnameHeads), pick(m.dice, surnameTails), " ", pick(m.dice, cores), form}
	case m.chance(500):
		return words{pick(m.dice, firstMen), " ", pick(m.dice, lastNames), " ", "MD PC"}
	}
	return words{pick(m.dice, leads), " ", pick(m.dice, leads), " ", pick(m.dice, cores)}
}

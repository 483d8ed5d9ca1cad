package writeback

import (
	"bytes"
	"strings"

	"github.com/npiflow/npiflow/internal/record"
)

// The purposes of an address. Secondary practice locations are LOCATION in
// the registry and ADDITIONAL-LOCATION in ProviderJSON.
const (
	location   = "LOCATION"
	mailing    = "MAILING"
	additional = "ADDITIONAL-LOCATION"
)

// correctAddresses takes over what the row says of the provider's addresses.
// The first mailing address counts. A practice location the registry knows,
// primary or not, is only compared; the first it does not know is where the
// provider moved, unless the row lists the old one too: then it is one more.
func (p *profile) correctAddresses(list []record.Address) {
	mailed, kept, unknown := false, false, false
	for i := range list {
		r := &list[i]
		switch {
		case strings.EqualFold(r.Purpose, mailing) && !mailed:
			mailed = true
			if !samePlace(&p.mailing, r) {
				p.move(&p.mailing, r, mailing)
			}
			p.correctPhones(&p.mailing, r)
		case strings.EqualFold(r.Purpose, location):
			at := p.placeOf(r)
			if at == nil {
				unknown = true
				continue
			}
			kept = kept || at == &p.location
			p.correctPhones(at, r)
		}
	}
	if unknown {
		p.addPlaces(list, kept)
	}
}

// addPlaces moves the provider to the row's first practice location that the
// registry does not know, if it has not kept the old one, and adds the others.
func (p *profile) addPlaces(list []record.Address, kept bool) {
	for i := range list {
		r := &list[i]
		if !strings.EqualFold(r.Purpose, location) || p.placeOf(r) != nil {
			continue
		}
		at := &p.location
		if kept {
			p.others = append(p.others, record.Address{})
			at = &p.others[len(p.others)-1]
		}
		kept = true
		p.move(at, r, location)
		p.correctPhones(at, r)
	}
}

// placeOf finds the practice location a row's address is; nil if the registry
// has none there.
func (p *profile) placeOf(r *record.Address) *record.Address {
	if p.location.Purpose != "" && samePlace(&p.location, r) {
		return &p.location
	}
	if !said(r.Address1) {
		return nil
	}
	for i := range p.others {
		if samePlace(&p.others[i], r) {
			return &p.others[i]
		}
	}
	return nil
}

func (p *profile) move(a, r *record.Address, purpose string) {
	*a = movedTo(a, r)
	p.set(&a.Purpose, purpose)
}

func (p *profile) correctPhones(a, r *record.Address) {
	p.correctPhone(a, &a.Phone, r.Phone)
	p.correctPhone(a, &a.Fax, r.Fax)
}

func (p *profile) correctPhone(a *record.Address, registry *string, roster string) {
	if *registry == roster || roster == "" {
		return
	}
	if foreign(a) {
		if !agrees(*registry, roster, nil) {
			p.set(registry, tidy(roster))
		}
		return
	}
	held, _ := phone(*registry)
	if number, ok := phone(roster); ok && number != held {
		p.set(registry, dashed(number))
	}
}

// samePlace reports whether the row says nothing of the place that the
// registry does not say too. The cheapest question that tells most places
// apart comes first.
func samePlace(registry, roster *record.Address) bool {
	return sameZIP(registry, roster.PostalCode) &&
		sameState(registry, roster.State) &&
		agrees(registry.City, roster.City, cityWords) &&
		sameStreet(registry, roster) &&
		sameCountry(registry.CountryCode, roster.CountryCode)
}

// sameStreet compares both lines as one text, because the unit stands in
// either; a row that leaves the unit out says nothing of it.
func sameStreet(registry, roster *record.Address) bool {
	if registry.Address1 == roster.Address1 && registry.Address2 == roster.Address2 || !said(roster.Address1) {
		return true
	}
	var x, y [128]byte
	g := fold(fold(x[:0], registry.Address1, streetWords), registry.Address2, streetWords)
	r := fold(fold(y[:0], roster.Address1, streetWords), roster.Address2, streetWords)
	if bytes.Equal(g, r) {
		return true
	}
	return !said(roster.Address2) && bare(roster.Address1) == roster.Address1 &&
		same(bare(registry.Address1), roster.Address1, streetWords)
}

// bare is a street line without what says where in the building.
func bare(line string) string {
	for i := 0; i < len(line); {
		n := wordLen(line[i:])
		if i > 0 && (line[i] == '#' || n > 0 && isUnit(line[i:i+n])) {
			return strings.TrimRight(line[:i], " ,")
		}
		i += max(n, 1)
	}
	return line
}

func isUnit(word string) bool {
	var b [16]byte
	return len(word) <= len(b) && unitWords[string(fold(b[:0], word, nil))]
}

// sameState: outside the US, states have no codes to compare by.
func sameState(a *record.Address, roster string) bool {
	if a.State == roster || roster == "" {
		return true
	}
	if foreign(a) {
		return agrees(a.State, roster, nil)
	}
	s := state(roster)
	return s == "" || s == state(a.State)
}

// sameZIP compares the first five digits: the four behind them name a side of
// a street, and the registry adds them by itself.
func sameZIP(a *record.Address, roster string) bool {
	if a.PostalCode == roster || roster == "" {
		return true
	}
	if foreign(a) {
		return agrees(a.PostalCode, roster, nil)
	}
	r, n := zip(roster)
	if n == 0 {
		return true
	}
	g, _ := zip(a.PostalCode)
	return [5]byte(g[:5]) == [5]byte(r[:5])
}

func sameCountry(registry, roster string) bool {
	c := country(roster)
	return c == "" || c == country(registry) || registry == "" && c == "US"
}

func foreign(a *record.Address) bool {
	c := country(a.CountryCode)
	return c != "" && c != "US"
}

// movedTo is the registry's address with the row's place. At the same street
// each part the row says is taken over; another street is another place,
// taken whole, and what the row leaves out of it is not filled from the old
// one: that would make up an address.
func movedTo(old, r *record.Address) record.Address {
	a := *old
	if !said(r.Address1) || !sameStreet(old, r) {
		a = record.Address{Phone: old.Phone, Fax: old.Fax}
		a.Address1 = spelled(old.Address1, r.Address1, streetWords)
		a.Address2 = spelled(old.Address2, r.Address2, streetWords)
	}
	if said(r.City) {
		a.City = spelled(old.City, r.City, cityWords)
	}
	moveRegion(&a, r)
	return a
}

// moveRegion sets country, state and postal code to what the row says.
func moveRegion(a, r *record.Address) {
	if c := country(r.CountryCode); c != "" {
		a.CountryCode = c
	} else if state(r.State) != "" {
		a.CountryCode = "US"
	}
	if foreign(a) {
		a.State, a.PostalCode = tidySaid(r.State, a.State), tidySaid(r.PostalCode, a.PostalCode)
		return
	}
	if s := state(r.State); s != "" {
		a.State = s
	}
	if d, n := zip(r.PostalCode); n > 0 && !sameZIP(a, r.PostalCode) {
		a.PostalCode = string(d[:n])
	}
}

// spelled keeps the registry's spelling where the row only writes it another
// way.
func spelled(old, roster string, v vocabulary) string {
	if !said(roster) {
		return ""
	}
	if same(old, roster, v) {
		return old
	}
	return tidy(roster)
}

func tidySaid(roster, otherwise string) string {
	if said(roster) {
		return tidy(roster)
	}
	return otherwise
}

package x12

import (
	"slices"
	"strconv"

	"github.com/npiflow/npiflow/internal/record"
)

// mentions are the providers of the claim that ends, in the order of the
// file: those it is billed by, its own, and those of its lines. A provider of
// a line who is the claim's own in the same role is left out, for a line
// without one has the claim's.
func (p *parser) mentions(t record.ClaimType) []record.Mention {
	n := p.place(t)
	paths := string(p.paths)
	if p.biller != nil {
		n++
	}
	if p.payTo != nil {
		n++
	}
	list := make([]record.Mention, 0, n)
	if p.biller != nil {
		list = append(list, p.billedBy(p.biller))
	}
	if p.payTo != nil {
		list = append(list, p.billedBy(p.payTo))
	}
	from := 0
	for i := range p.providers {
		if n := &p.providers[i]; n.path > 0 {
			list = append(list, n.Mention)
			list[len(list)-1].Path = paths[from:n.path]
			from = n.path
		}
	}
	return list
}

// place writes the paths of the claim's own providers one behind the other,
// and says how many are not left out.
func (p *parser) place(t record.ClaimType) (kept int) {
	own := p.providers
	if i := slices.IndexFunc(own, func(n provider) bool { return n.lines > 0 }); i >= 0 {
		own = own[:i]
	}
	p.paths = p.paths[:0]
	var seen occurrences
	for i := range p.providers {
		n := &p.providers[i]
		loop := n.code.loop(t, n.lines > 0)
		nth := seen.next(n, loop)
		if n.lines > 0 && repeats(own, n) {
			continue
		}
		p.appendPath(n.lines, loop, nth)
		n.path = len(p.paths)
		kept++
	}
	return kept
}

// billedBy is the biller as a mention of one claim: the record is its
// receiver's own, so only texts are shared.
func (p *parser) billedBy(b *provider) record.Mention {
	m := b.Mention
	if m.Address != nil {
		own := *m.Address
		m.Address = &own
	}
	m.OtherID = m.OtherID || m.Role == record.Billing && p.payersID
	return m
}

func repeats(own []provider, n *provider) bool {
	for i := range own {
		o := &own[i]
		if o.Role == n.Role && o.NPI == n.NPI && o.OrganizationName == n.OrganizationName && o.LastName == n.LastName &&
			o.FirstName == n.FirstName && o.MiddleName == n.MiddleName && o.Suffix == n.Suffix {
			return true
		}
	}
	return false
}

// occurrences counts the providers in each loop of a claim or of a line, by
// the loop's letter.
type occurrences struct {
	lines int
	of    ['F' - 'A' + 2]int
}

func (o *occurrences) next(n *provider, loop string) int {
	if o.lines != n.lines {
		*o = occurrences{lines: n.lines}
	}
	letter := 0
	if len(loop) == 5 {
		letter = int(loop[4]-'A') + 1
	}
	o.of[letter]++
	return o.of[letter]
}

// appendPath appends the place of an identifier: "…/CLM3/LX1/2420F-2/NM109"
// is in the second 2420F of the first line of the third claim.
func (p *parser) appendPath(line int, loop string, nth int) {
	b := append(p.paths, p.prefix...)
	b = strconv.AppendInt(append(b, "/CLM"...), int64(p.clms), 10)
	if line > 0 {
		b = strconv.AppendInt(append(b, "/LX"...), int64(line), 10)
	}
	b = append(append(b, '/'), loop...)
	if nth > 1 {
		b = strconv.AppendInt(append(b, '-'), int64(nth), 10)
	}
	p.paths = append(b, "/NM109"...)
}

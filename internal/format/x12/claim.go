package x12

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"

	"github.com/npiflow/npiflow/internal/record"
)

const (
	maxProviders = 5000 // of one claim, as in the native form
	maxID        = 256  // bytes
)

// level is which part of a transaction set the reading is in.
type level int

const (
	top        level = iota // before the first HL
	billing                 // HL 20
	subscriber              // HL 22
	patient                 // HL 23, or one that is not known: nothing is read there
	inClaim                 // after CLM
	otherPayer              // after SBR in a claim: who the providers were to another payer
	inLine                  // after LX
)

// hierarchy is what is in force within a transaction set.
type hierarchy struct {
	level    level
	hls      int       // HL segments so far
	clms     int       // CLM segments so far
	subject  *provider // whom REF, PRV, N3 and N4 tell of; nil for anybody who is no provider
	biller   *provider // of the HL 20 in force
	payTo    *provider // 004010 only
	taxonomy string    // of the biller: PRV stands before NM1
	garbled  bool      // the biller or the pay-to provider cannot be read, and that is reported
	unbilled bool      // a claim without a biller is reported
	atPayer  bool      // the last NM1 was that of the payer (2010BB)
	payersID bool      // which holds the payer's own number for the biller
}

// claim is what is kept of one claim until it ends.
type claim struct {
	open      bool
	unusable  bool // and reported
	at        position
	id        string
	site      string           // place of service
	kind      record.ClaimType // what the service lines say
	statement span             // 434
	service   span             // 472, of the claim and of its lines
	lines     int              // LX segments so far
	line      int              // the number of the one in force
	providers []provider
}

func (c *claim) reset() {
	clear(c.providers)
	*c = claim{providers: c.providers[:0]}
}

func (p *parser) hl() {
	p.endClaim()
	p.hls++
	p.subject, p.atPayer = nil, false
	switch string(p.el.at(3)) {
	case "20":
		p.hierarchy = hierarchy{level: billing, hls: p.hls, clms: p.clms}
	case "22":
		p.level, p.payersID = subscriber, false
	default:
		p.level = patient
	}
}

func (p *parser) clm() {
	p.endClaim()
	p.clms++
	p.level, p.subject, p.atPayer = inClaim, nil, false
	c := &p.claim
	c.reset()
	c.open, c.at = true, p.here()
	p.checkBiller()
	id := bytes.TrimRight(p.el.raw(1), " ") // padding says nothing, leading blanks do
	if len(id) > maxID {
		p.loseClaim("CLM01, the claim's number, has more than 256 bytes")
		return
	}
	c.id = clean(string(id))
	switch {
	case c.id == "":
		p.loseClaim("CLM01, the claim's number, is missing: without it no result could name the claim")
	case strings.TrimSpace(c.id) != c.id || strings.IndexFunc(c.id, unicode.IsControl) >= 0:
		p.loseClaim("CLM01, the claim's number, has control characters or blanks around it")
	case p.garbled:
		p.loseClaim("the claim's billing or pay-to provider cannot be read")
	}
	c.site = placeOf(p.el.at(5), p.in.component)
}

// checkBiller reports, once for all claims it holds for, that it is not said
// whose claims they are.
func (p *parser) checkBiller() {
	switch {
	case p.unbilled:
		return
	case p.hls == 0:
		p.report("a claim stands before any HL: it has a billing provider only if NM1*85 stands before it")
	case p.biller == nil && !p.garbled:
		p.report("no billing provider (NM1*85) stands before the claim: it is read without one")
	default:
		return
	}
	p.unbilled = true
}

// placeOf is the first component of CLM05 if it is two digits.
func placeOf(composite []byte, component byte) string {
	if i := bytes.IndexByte(composite, component); i >= 0 {
		composite = composite[:i]
	}
	if len(composite) != 2 || !digits(composite) {
		return ""
	}
	return twoDigits[composite[0]-'0'][composite[1]-'0']
}

// twoDigits are the texts "00" to "99", made once.
var twoDigits = func() (t [10][10]string) {
	for i := range 100 {
		t[i/10][i%10] = string([]byte{byte('0' + i/10), byte('0' + i%10)})
	}
	return t
}()

func (p *parser) lx() {
	if !p.open {
		return
	}
	p.level, p.subject = inLine, nil
	p.lines++
	v := p.el.at(1)
	p.line, _ = strconv.Atoi(string(v[:min(len(v), 9)]))
	if p.line < 1 || len(v) > 9 {
		p.line = p.lines
		p.report("LX01, the line's number, is no number from 1: the line's place in the claim is taken")
	}
}

// serviceLine: the lines tell the type of a claim where nothing else does.
func (p *parser) serviceLine(t record.ClaimType) {
	if p.kind == "" {
		p.kind = t
	}
}

func (p *parser) dtp() {
	if !p.open || p.level == otherPayer {
		return
	}
	var s *span
	switch string(p.el.at(1)) {
	case "434":
		s = &p.statement
	case "472":
		s = &p.service
	default:
		return
	}
	from, to, ok := days(p.el.at(3))
	if !ok {
		p.report("DTP03 is not a day of the calendar or a span of days (CCYYMMDD, CCYYMMDD-CCYYMMDD): the date of service is not read")
		return
	}
	s.widen(from, to)
}

// span is from the earliest to the latest of some days.
type span struct{ from, to record.Date }

func (s *span) widen(from, to record.Date) {
	if s.from == 0 || from < s.from {
		s.from = from
	}
	s.to = max(s.to, to)
}

// days reads DTP03 by its shape; DTP02, which should tell the shape, is
// wrong often enough. D8 is CCYYMMDD, RD8 two of them, DT has HHMM behind.
func days(v []byte) (from, to record.Date, ok bool) {
	switch {
	case len(v) == 17 && v[8] == '-':
		first, ok := day(v[:8])
		last, also := day(v[9:])
		return first, last, ok && also && first <= last
	case len(v) == 12 && digits(v):
		v = v[:8]
	}
	from, ok = day(v)
	return from, from, ok
}

func day(v []byte) (record.Date, bool) {
	if len(v) != 8 {
		return 0, false
	}
	return record.ParseDate(string([]byte{v[0], v[1], v[2], v[3], '-', v[4], v[5], '-', v[6], v[7]}))
}

// loseClaim reports that the claim cannot be used, and keeps nothing of it.
func (p *parser) loseClaim(reason string) {
	if p.unusable {
		return
	}
	p.unusable = true
	p.fault(record.Fault{Where: p.at.String(), Reason: reason, Lost: true})
}

// broken reports a segment that cannot be read, and what is lost with it: the
// claim it is in, or whatever it would have said of the billing provider.
func (p *parser) broken(reason string) {
	if !p.claims {
		p.report(reason)
		return
	}
	switch p.tag {
	case tagCLM:
		p.endClaim()
		p.clms++
	case tagHL:
		p.endClaim()
		p.hls++
	}
	switch {
	case p.tag == tagCLM:
		p.lost(reason + "; it is a claim's first: the claim is lost")
	case p.open && !p.unusable:
		p.claim.reset()
		p.lost(reason + "; the claim it is in is lost")
	default:
		p.report(reason)
	}
	switch {
	case p.tag == tagHL: // whose claims follow is not known
		p.hierarchy = hierarchy{level: billing, hls: p.hls, clms: p.clms}
	case p.tag == tagNM1 && p.level <= billing:
		p.garbled = true
	}
}

// endClaim yields the claim that ends here.
func (p *parser) endClaim() {
	c := &p.claim
	if !c.open {
		return
	}
	c.open, p.subject = false, nil
	if c.unusable {
		return
	}
	r := &record.Record{ID: c.id, Kind: record.KindClaim, ClaimType: p.guide}
	if r.ClaimType == "" {
		r.ClaimType = c.kind
	}
	if r.ClaimType != record.Institutional {
		r.Place = c.site
	}
	dates := c.service
	if c.statement.from != 0 && (r.ClaimType == record.Institutional || dates.from == 0) {
		dates = c.statement
	}
	r.ServiceFrom, r.ServiceTo = dates.from, dates.to
	r.Mentions = p.mentions(r.ClaimType)
	if len(r.Mentions) == 0 {
		p.loseClaim("the claim names no provider at all: there is nothing to vet")
		return
	}
	p.stop = p.each(r)
}

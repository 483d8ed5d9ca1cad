package x12

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/npiflow/npiflow/internal/record"
)

// envelope is where in ISA, GS and ST the reading is. The ordinals count from
// 1 within what is around them, so they are also what the trailers count.
type envelope struct {
	isa, gs, st   int
	inISA, inGS   bool
	inST          bool
	claims        bool   // the transaction set is an 837
	segments      int    // in the transaction set, so far
	interchangeID []byte // ISA13, GS06 and ST02: the trailers repeat them
	groupID       []byte
	setID         []byte
	version       string // GS08
	old           bool   // 004010
	guide         record.ClaimType
	skipped       bool   // a transaction set that is no 837 was reported
	prefix        string // of paths: "ISA1/GS1/ST1"
}

func (p *parser) openISA() {
	p.tag = tagISA
	p.isa++
	p.gs, p.st = 0, 0
	p.inISA, p.inGS, p.inST, p.claims = true, false, false, false
	p.interchangeID = append(p.interchangeID[:0], p.in.control...)
}

func (p *parser) openGS() {
	if p.inGS || p.inST {
		p.missing(tagGS)
	}
	p.gs++
	p.st, p.inGS = 0, true
	p.groupID = append(p.groupID[:0], bounded(p.el.at(6))...)
	p.version = string(bounded(p.el.at(8)))
}

func (p *parser) openST() {
	if p.inST {
		p.missing(tagST)
	}
	if !p.inGS {
		p.report("ST stands outside of a functional group (GS to GE)")
	}
	p.st++
	p.segments, p.inST = 1, true
	p.setID = append(p.setID[:0], bounded(p.el.at(2))...)
	p.hierarchy = hierarchy{}
	p.claim.reset()
	p.prefix = "ISA" + strconv.Itoa(p.isa) + "/GS" + strconv.Itoa(p.gs) + "/ST" + strconv.Itoa(p.st)
	p.claims = p.el.is(1, "837")
	if p.claims {
		p.follow()
	} else if !p.skipped {
		p.skipped = true
		p.report(kindOfSet(p.el.at(1)) + ", not a claim (837): passed over, and so are all others that are no claims")
	}
}

// kindOfSet says what a transaction set is, for those that are mistaken for
// claims.
func kindOfSet(code []byte) string {
	switch string(code) {
	case "997", "999":
		return "the transaction set is an acknowledgment (997, 999)"
	case "276", "277":
		return "the transaction set is about the status of claims (276, 277)"
	case "835":
		return "the transaction set is a remittance (835)"
	case "270", "271":
		return "the transaction set is about eligibility (270, 271)"
	}
	return "the transaction set is of another kind"
}

// follow finds out which guide the transaction set follows: ST03, or GS08
// where that is empty. Where both are, as in old and in de-identified files,
// the service lines will tell the claim's type.
func (p *parser) follow() {
	version := string(bounded(p.el.at(3)))
	if version == "" {
		version = p.version
	}
	p.guide = guides[version[min(6, len(version)):min(10, len(version))]]
	p.old = strings.HasPrefix(version, "004010") || version == "" && string(p.in.version[:]) == "00401"
	if version != "" && (p.guide == "" || !p.old && !strings.HasPrefix(version, "005010")) {
		p.report("ST03 or GS08 names no guide of claims that is known (005010X222, X223, X224; 004010X098, X096, X097): read like the one that is nearest")
	}
}

// guides are the implementation guides of the 837, by what follows the
// version. An addendum (A1, A2, A3) does not move a provider.
var guides = map[string]record.ClaimType{
	"X222": record.Professional, "X223": record.Institutional, "X224": record.Dental, // 005010
	"X098": record.Professional, "X096": record.Institutional, "X097": record.Dental, // 004010
}

func (p *parser) closeST() {
	if !p.inST {
		p.report("SE stands without its ST")
		return
	}
	p.endClaim()
	p.inST, p.claims = false, false
	p.compare("SE01", "segments from ST to SE", p.segments, "SE02", "ST02", p.setID)
}

func (p *parser) closeGS() {
	if !p.inGS {
		p.report("GE stands without its GS")
		return
	}
	if p.inST {
		p.endClaim()
		p.missing(tagST)
	}
	p.inGS = false
	p.compare("GE01", "transaction sets", p.st, "GE02", "GS06", p.groupID)
}

func (p *parser) closeISA() {
	if p.inGS || p.inST {
		p.endClaim()
		p.missing(tagGS)
	}
	p.inISA = false
	p.compare("IEA01", "functional groups", p.gs, "IEA02", "ISA13", p.interchangeID)
}

// compare holds a trailer against what was found: how many there are of what,
// and the control number of the header.
func (p *parser) compare(countAt, what string, count int, idAt, headerAt string, id []byte) {
	if n, err := strconv.Atoi(string(bounded(p.el.at(1)))); err != nil || n != count {
		p.report(countAt + " is not the number of " + what + ", which is " + strconv.Itoa(count) + ": something may be missing")
	}
	if !bytes.Equal(bounded(p.el.at(2)), id) {
		p.report(idAt + " is not the control number of " + headerAt)
	}
}

// missing closes what is open from the given header inwards and says which
// trailers do not come. A claim that is open then may have been cut off.
func (p *parser) missing(from tag) {
	if p.open {
		p.loseClaim("the transaction set breaks off within this claim: it cannot be told whether it is whole")
	}
	var trailers []string
	if p.inST {
		trailers = append(trailers, "SE")
	}
	if p.inGS && from != tagST {
		trailers = append(trailers, "GE")
		p.inGS = false
	}
	if p.inISA && from == tagISA {
		trailers = append(trailers, "IEA")
		p.inISA = false
	}
	p.inST, p.claims = false, false
	if len(trailers) > 0 {
		p.report(strings.Join(trailers, ", ") + " missing: what they would close may not be whole")
	}
}

// bounded keeps no more of an element than a control number or a version has.
func bounded(v []byte) []byte { return v[:min(len(v), 64)] }

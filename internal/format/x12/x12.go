// Package x12 reads the providers of claims out of X12 837 interchanges
// (professional, institutional and dental; 005010 and 004010).
//
// It walks through the segments once and keeps what belongs to one claim:
// memory does not grow with the input. Only segments that tell of providers,
// dates of service and the claim's own number are looked into; what tells of
// the patient is passed over unread.
package x12

import (
	"fmt"
	"hash/maphash"
	"io"

	"github.com/npiflow/npiflow/internal/record"
)

// Read yields one record per CLM segment, in the order of the input, and
// reports what is wrong on the way. A fault that is not Lost concerns the
// envelope or a detail; the claims around it are read all the same.
//
// The error is the sink's own, the reader's, or a record.Fault if there is no
// X12 interchange in the input at all.
func Read(r io.Reader, each func(*record.Record) error, fault func(record.Fault)) error {
	p := parser{in: scanner{r: r}, each: each, fault: fault, kept: kept{seed: maphash.MakeSeed()}}
	for p.interchange() {
		for p.stop == nil && p.next() {
		}
	}
	switch {
	case p.stop != nil:
		return p.stop
	case p.in.err != nil && p.in.err != io.EOF:
		return fmt.Errorf("read X12: %w", p.in.err)
	case p.isa == 0:
		return record.Fault{Reason: "there is no ISA segment with its sixteen elements: this is no X12 interchange, or its header is damaged or missing", Lost: true}
	}
	return nil
}

// Detect reports whether head, the beginning of an input, looks like X12: it
// holds a whole ISA segment, after a byte order mark, blanks or other text. A
// head of 1 KiB is enough where nothing stands before the ISA.
func Detect(head []byte) bool {
	s := scanner{buf: head, to: len(head), err: io.EOF}
	_, found := s.seek()
	return found
}

// parser is the state of one reading.
type parser struct {
	in    scanner
	el    elements
	each  func(*record.Record) error
	fault func(record.Fault)
	stop  error // why not to go on
	tag   tag   // of the segment at hand

	envelope
	hierarchy
	claim
	kept
	paths []byte // of the mentions of a claim, written in one go
}

// interchange goes to the next ISA that can be read, and opens it.
func (p *parser) interchange() bool {
	for p.stop == nil {
		text, found := p.in.seek()
		if text >= 0 && (found || p.isa > 0) {
			p.fault(record.Fault{Where: fmt.Sprintf("byte %d", text), Reason: "text stands between the interchanges: passed over"})
		}
		if !found {
			return false
		}
		p.openISA()
		switch d := p.in.delimiters; {
		case d.terminator == d.element || alphanumeric(d.terminator):
			p.lost("the delimiters collide: the segment terminator after ISA16 cannot be told from text or from the element separator; the interchange is passed over")
			continue
		case d.component == d.element || d.component == d.terminator || alphanumeric(d.component):
			p.in.component = 0
			p.report("the delimiters collide: ISA16, the component separator, is not a character of its own; composites are not taken apart")
		}
		return true
	}
	return false
}

// next reads one segment; false where the interchange ends.
func (p *parser) next() bool {
	seg, end := p.in.next()
	p.tag = tagOf(seg, p.in.element)
	switch end {
	case ended, another:
		p.missing(tagISA)
		return false
	case interrupted:
		p.broken("the next interchange begins in the middle of this segment")
		p.missing(tagISA)
		return false
	case cutOff:
		if !p.tag.trailer() { // a trailer may go without its terminator
			p.broken("the input breaks off in the middle of this segment")
			p.missing(tagISA)
			return false
		}
	case tooLong:
		p.segments++
		p.broken("the segment has more than 1 MiB: passed over up to the next terminator")
		return true
	}
	p.el.set(seg, p.in.element)
	return p.segment()
}

// segment gives the segment to whatever concerns itself with it; false after
// the one that ends the interchange.
func (p *parser) segment() bool {
	p.segments++
	switch p.tag {
	case tagGS:
		p.openGS()
	case tagST:
		p.openST()
	case tagSE:
		p.closeST()
	case tagGE:
		p.closeGS()
	case tagIEA:
		p.closeISA()
		return false
	}
	switch {
	case p.claims:
		p.content()
	case p.tag == tagCLM && !p.inST:
		p.lost("a claim stands outside of a transaction set (ST to SE): it cannot be read")
	}
	return true
}

// content reads a segment of an 837.
func (p *parser) content() {
	switch p.tag {
	case tagHL:
		p.hl()
	case tagNM1:
		p.nm1()
	case tagPRV:
		p.prv()
	case tagREF:
		p.ref()
	case tagN3, tagN4:
		p.address()
	case tagCLM:
		p.clm()
	case tagDTP:
		p.dtp()
	case tagLX:
		p.lx()
	case tagSBR, tagSB, tagOI:
		if p.level >= inClaim { // another payer's part of the claim, until the first line
			p.level, p.subject = otherPayer, nil
		}
	case tagSV1:
		p.serviceLine(record.Professional)
	case tagSV2:
		p.serviceLine(record.Institutional)
	case tagSV3:
		p.serviceLine(record.Dental)
	}
}

// position is where a segment is: its number and first byte in the input,
// the former from 1 and the latter from 0.
type position struct {
	tag     tag
	segment int
	start   int64
}

func (p *parser) here() position { return position{p.tag, p.in.count, p.in.start} }

func (p position) String() string {
	name := p.tag.name()
	if name != "" {
		name = " (" + name + ")"
	}
	return fmt.Sprintf("segment %d%s, byte %d", p.segment, name, p.start)
}

func (p *parser) report(reason string) {
	p.fault(record.Fault{Where: p.here().String(), Reason: reason})
}

func (p *parser) lost(reason string) {
	p.fault(record.Fault{Where: p.here().String(), Reason: reason, Lost: true})
}

package fhir

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/npiflow/npiflow/internal/record"
)

// parser reads the values of one document where they stand. What it is not
// asked for it skips, so a patient's data is never more than bytes passed over.
type parser struct {
	batch     *Batch
	dec       jsontext.Decoder
	at        place
	documents int32
	sound     int
	scratch   []byte
	own       *resource // the one being read, which faults belong to
}

// start begins a document.
func (p *parser) start(data []byte, at place, number int32) {
	p.at, p.documents, p.own = at, number, nil
	p.dec.Reset(bytes.NewBuffer(data))
}

// here is the place of the value read last.
func (p *parser) here() place { return p.at.in(string(p.dec.StackPointer())) }

func (p *parser) fault(reason string) {
	if r := p.own; r != nil && len(r.faults) < maxOwnFaults {
		r.faults = append(r.faults, record.Fault{Where: p.here().String(), Reason: reason})
	}
}

// misplaced skips a value of a kind that does not belong where it stands.
// null is no value.
func (p *parser) misplaced() error {
	k := p.dec.PeekKind()
	if err := p.dec.SkipValue(); err != nil {
		return err
	}
	if k != 'n' {
		p.fault("it is " + kindName(k) + ", which does not belong there, and was passed over")
	}
	return nil
}

func kindName(k jsontext.Kind) string {
	switch k {
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '{':
		return "an object"
	case '[':
		return "an array"
	}
	return "a boolean"
}

// object calls read with the name of each member, whose value it must read.
func (p *parser) object(read func(name string) error) error {
	if p.dec.PeekKind() != '{' {
		return p.misplaced()
	}
	_, err := p.dec.ReadToken()
	for err == nil && p.dec.PeekKind() != '}' {
		var name string
		if name, err = p.name(); err == nil {
			err = read(name)
		}
	}
	if err == nil {
		_, err = p.dec.ReadToken()
	}
	return err
}

// name reads the name of a member: one of names, or "".
func (p *parser) name() (string, error) {
	v, err := p.dec.ReadValue()
	if err != nil {
		return "", err
	}
	if bytes.IndexByte(v, '\\') >= 0 {
		plain, _ := jsontext.AppendUnquote(nil, v)
		return names[string(plain)], nil
	}
	return names[string(v[1:len(v)-1])], nil
}

// list calls read for each element of an array. A single value counts as an
// array of one: careless writers leave the brackets out.
func (p *parser) list(read func() error) error {
	if p.dec.PeekKind() != '[' {
		return read()
	}
	_, err := p.dec.ReadToken()
	for err == nil && p.dec.PeekKind() != ']' {
		err = read()
	}
	if err == nil {
		_, err = p.dec.ReadToken()
	}
	return err
}

// text reads a string, or a number as it is written; "" for null.
func (p *parser) text(into *string) error {
	switch p.dec.PeekKind() {
	case '"', '0':
	default:
		return p.misplaced()
	}
	v, err := p.dec.ReadToken()
	if err != nil {
		return err
	}
	p.bounded(into, v.String())
	return nil
}

// word reads a text that is most often one of a few, which are then not copied.
func (p *parser) word(into *string) error {
	if p.dec.PeekKind() != '"' {
		return p.text(into)
	}
	v, err := p.dec.ReadValue()
	if err != nil {
		return err
	}
	if known, ok := words[string(v[1:len(v)-1])]; ok {
		*into = known
		return nil
	}
	p.scratch, err = jsontext.AppendUnquote(p.scratch[:0], v)
	p.bounded(into, string(p.scratch))
	return err
}

// bounded takes a text up to the length of one.
func (p *parser) bounded(into *string, s string) {
	*into = within(s)
	if len(s) > maxText {
		p.fault(fmt.Sprintf("a text of more than %d bytes, of which no more was read", maxText))
	}
}

// texts reads an array of strings; null stands for one that is not there.
func (p *parser) texts(into *[]string) error {
	return p.list(func() error {
		var s string
		err := p.text(&s)
		if err == nil && s != "" && p.room(len(*into)) {
			*into = append(*into, s)
		}
		return err
	})
}

// number reads a positive whole number; 0 for anything else.
func (p *parser) number() (int, error) {
	var s string
	if err := p.text(&s); err != nil || s == "" {
		return 0, err
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		p.fault("not a whole number from 1, and was passed over")
		return 0, nil
	}
	return n, nil
}

// boolean reads true or false.
func (p *parser) boolean(into *bool) error {
	if k := p.dec.PeekKind(); k != 't' && k != 'f' {
		return p.misplaced()
	}
	v, err := p.dec.ReadToken()
	if err == nil {
		*into = v.Bool()
	}
	return err
}

// date reads the day of a date or dateTime; 0 where it does not say one.
func (p *parser) date(into *record.Date) error {
	var s string
	if err := p.text(&s); err != nil || s == "" {
		return err
	}
	day, rest := s[:min(10, len(s))], s[min(10, len(s)):]
	d, ok := record.ParseDate(day)
	if !ok || rest != "" && rest[0] != 'T' {
		p.fault("not a full calendar day (YYYY-MM-DD), and was passed over")
		return nil
	}
	*into = d
	return nil
}

// period reads start and end. An end before the start is no period.
func (p *parser) period(start, end *record.Date) error {
	var from, to record.Date
	err := p.object(func(name string) error {
		switch name {
		case "start":
			return p.date(&from)
		case "end":
			return p.date(&to)
		}
		return p.dec.SkipValue()
	})
	if err == nil && to != 0 && to < from {
		p.fault("it ends before it starts, and was passed over")
		return nil
	}
	*start, *end = from, to
	return err
}

// room reports whether a list of n entries may take another.
func (p *parser) room(n int) bool {
	if n < maxEntries {
		return true
	}
	if p.own != nil && p.own.excess == "" {
		p.own.excess = p.here().String()
	}
	return false
}

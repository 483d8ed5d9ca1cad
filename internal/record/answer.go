package record

import (
	"strconv"
	"sync/atomic"
	"time"
)

// Answer is the registry's part of a provider: the same wherever the NPI is
// mentioned, so it is rendered once per entry.
type Answer struct {
	Found      bool          `json:"found"`
	Type       string        `json:"type,omitzero"`
	Name       string        `json:"name,omitzero"`
	Credential string        `json:"credential,omitzero"`
	Status     string        `json:"status,omitzero"` // "A" or "D"
	Taxonomy   *TaxonomyName `json:"taxonomy,omitzero"`
	Address    *Address      `json:"address,omitzero"`
	Phone      string        `json:"phone,omitzero"`
	Evidence   *Evidence     `json:"evidence"`

	rendered []byte // the members above as JSON, without the braces; nil where it is not worth keeping
}

// TaxonomyName is a taxonomy as a result shows it.
type TaxonomyName struct {
	Code        string `json:"code"`
	Description string `json:"description,omitzero"`
}

// Answer is the part of a result this entry gives; nil while the entry's
// status is Unknown.
func (e *Entry) Answer() *Answer {
	if e == nil || e.Evidence.Status == Unknown {
		return nil
	}
	if a := e.answer.Load(); a != nil {
		return a
	}
	one := new(struct { // of one piece: an answer is made for every result
		Answer
		taxonomy TaxonomyName
		address  Address
	})
	a := &one.Answer
	*a = Answer{
		Found:      e.Evidence.Status != Absent,
		Type:       e.Evidence.Type,
		Name:       e.Evidence.Name.Display(),
		Credential: e.Evidence.Name.Credential,
		Evidence:   &e.Evidence,
	}
	switch e.Evidence.Status {
	case Active:
		a.Status = "A"
	case Deactivated:
		a.Status = "D"
	}
	if t := e.Primary(); t != nil {
		one.taxonomy = TaxonomyName{t.Code, t.Description}
		a.Taxonomy = &one.taxonomy
	}
	if l := e.Location(); l != nil {
		at := &one.address
		*at = *l
		at.Purpose, at.Phone, at.Fax = "", "", ""
		a.Address, a.Phone = at, l.Phone
	}
	if e.asked.Swap(true) {
		a.render()
		e.answer.Store(a)
	}
	return a
}

func (a *Answer) render() { a.rendered = a.append(make([]byte, 0, 768)) }

// append appends the members of the wire form, without braces. It is written
// out by hand because a stream of providers seen once renders each of them; a
// test holds it to what the codec would write.
func (a *Answer) append(b []byte) []byte {
	b = strconv.AppendBool(append(b, `"found":`...), a.Found)
	b = appendMembers(b, `,"type":`, a.Type, `,"name":`, a.Name, `,"credential":`, a.Credential, `,"status":`, a.Status)
	if t := a.Taxonomy; t != nil {
		b = appendString(append(b, `,"taxonomy":{"code":`...), t.Code)
		b = append(appendMembers(b, `,"description":`, t.Description), '}')
	}
	if l := a.Address; l != nil {
		b = l.append(append(b, `,"address":`...))
	}
	b = appendMembers(b, `,"phone":`, a.Phone)
	b = append(b, `,"evidence":`...)
	if a.Evidence == nil {
		return append(b, "null"...)
	}
	return a.Evidence.append(b)
}

func (e *Evidence) append(b []byte) []byte {
	b = appendString(append(b, `{"source":`...), string(e.Source))
	b = append(b, `,"as_of":"`...)
	if e.AsOf != 0 {
		b = e.AsOf.append(b)
	}
	b = appendTime(append(b, `","fetched_at":"`...), e.FetchedAt)
	b = append(b, '"')
	if e.Stale {
		b = append(b, `,"stale":true`...)
	}
	b = appendString(append(b, `,"status":`...), e.Status.String())
	b = appendMembers(b, `,"type":`, e.Type)
	b = appendDate(b, "enumeration_date", e.EnumerationDate)
	b = appendDate(b, "last_updated", e.LastUpdated)
	b = appendDate(b, "deactivation_date", e.DeactivationDate)
	b = appendDate(b, "reactivation_date", e.ReactivationDate)
	b = appendMembers(b, `,"deactivation_reason_code":`, e.DeactivationReason, `,"sole_proprietor":`, e.SoleProprietor)
	if e.Name != (Name{}) {
		b = e.Name.append(append(b, `,"name":`...))
	}
	if e.OtherNames != nil {
		b = append(b, `,"other_names":[`...)
		for i := range e.OtherNames {
			if i > 0 {
				b = append(b, ',')
			}
			b = e.OtherNames[i].append(b)
		}
		b = append(b, ']')
	}
	b = appendMembers(b, `,"parent_organization":`, e.ParentOrganization)
	b = appendTexts(b, `,"other_taxonomies":[`, e.OtherTaxonomies)
	b = appendTexts(b, `,"other_practices":[`, e.OtherPractices)
	if x := e.Excluded; x != nil {
		b = appendString(append(b, `,"excluded":{"type":`...), x.Type)
		b = append(b, `,"date":"`...)
		if x.Date != 0 {
			b = x.Date.append(b)
		}
		b = appendDate(append(b, '"'), "waiver_date", x.WaiverDate)
		b = append(appendMembers(b, `,"waiver_state":`, x.WaiverState), '}')
	}
	return append(b, '}')
}

// stamped is the time spelled last: all answers of a local registry bear one.
var stamped atomic.Pointer[stamp]

type stamp struct {
	time time.Time
	text string
}

func appendTime(b []byte, t time.Time) []byte {
	if s := stamped.Load(); s != nil && s.time == t {
		return append(b, s.text...)
	}
	text := t.Format(time.RFC3339Nano)
	stamped.Store(&stamp{t, text})
	return append(b, text...)
}

func (n *Name) append(b []byte) []byte {
	return appendObject(b, `,"code":`, n.Code, `,"first_name":`, n.First, `,"middle_name":`, n.Middle, `,"last_name":`, n.Last,
		`,"prefix":`, n.Prefix, `,"suffix":`, n.Suffix, `,"credential":`, n.Credential, `,"organization_name":`, n.Organization)
}

// appendMembers appends a member for each text that is not empty; names, as
// they are written with a comma before and a colon behind, and texts alternate.
func appendMembers(b []byte, pairs ...string) []byte {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			b = appendString(append(b, pairs[i]...), pairs[i+1])
		}
	}
	return b
}

// appendObject is an object of the members that are not empty.
func appendObject(b []byte, pairs ...string) []byte {
	at := len(b)
	b = appendMembers(b, pairs...)
	if len(b) == at {
		return append(b, "{}"...)
	}
	b[at] = '{' // in place of the first comma
	return append(b, '}')
}

// appendTexts appends the list after what opens it; nothing where there is none.
func appendTexts(b []byte, open string, list []string) []byte {
	if list == nil {
		return b
	}
	b = append(b, open...)
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, s)
	}
	return append(b, ']')
}

func appendDate(b []byte, name string, d Date) []byte {
	if d == 0 {
		return b
	}
	b = append(append(append(b, `,"`...), name...), `":"`...)
	return append(d.append(b), '"')
}

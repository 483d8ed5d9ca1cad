package record

import (
	"bytes"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The members of a claim and of its providers that are read; all others are
// skipped.
var (
	claimMembers    = []string{mID: "id", mType: "type", mFrom: "service_from", mTo: "service_to", mProviders: "providers"}
	providerMembers = []string{
		mRole: "role", mNPI: "npi", mLine: "line", mEntity: "entity", mOrganization: "organization_name",
		mFirst: "first_name", mMiddle: "middle_name", mLast: "last_name", mSuffix: "suffix",
		mTaxonomy: "taxonomy", mTIN: "tin", mAddress: "address",
	}
)

const (
	mID = iota
	mType
	mFrom
	mTo
	mProviders
)

const (
	mRole = iota
	mNPI
	mLine
	mEntity
	mOrganization
	mFirst
	mMiddle
	mLast
	mSuffix
	mTaxonomy
	mTIN
	mAddress
)

// decodeClaim reads a claim token by token: it is the hottest decoder of the
// program, and a third quicker this way than through a struct and reflection.
func decodeClaim(data []byte) (Record, error) {
	r := readers.Get().(*reader)
	defer readers.Put(r)
	r.reset(data)
	rec := Record{Kind: KindClaim}
	var from, to jsontext.Value
	err := r.object("the document", claimMembers, func(member int) (err error) {
		switch member {
		case mID:
			rec.ID, err = r.text("/id")
		case mType:
			var v jsontext.Value
			if v, err = r.quoted("/type"); err == nil {
				rec.ClaimType, err = claimType(v)
			}
		case mFrom:
			from, err = r.kept("/service_from", from)
		case mTo:
			to, err = r.kept("/service_to", to)
		case mProviders:
			rec.Mentions, err = r.mentions()
		}
		return err
	})
	if err == nil {
		err = r.end()
	}
	if err != nil {
		return Record{}, explain(err, len(data))
	}
	if err := checkID(rec.ID); err != nil {
		return Record{}, err
	}
	if rec.ServiceFrom, rec.ServiceTo, err = span("/service_from", string(from), "/service_to", string(to)); err != nil {
		return Record{}, err
	}
	if len(rec.Mentions) == 0 {
		return Record{}, malformed("/providers is missing or empty: a claim names at least one provider")
	}
	return rec, nil
}

func claimType(v jsontext.Value) (ClaimType, error) {
	switch string(v) {
	case "":
		return "", nil
	case string(Professional):
		return Professional, nil
	case string(Institutional):
		return Institutional, nil
	case string(Dental):
		return Dental, nil
	}
	return "", malformed("/type is not professional, institutional or dental")
}

// mentions reads the providers of a claim.
func (r *reader) mentions() ([]Mention, error) {
	if err := r.expect('[', "/providers"); err != nil {
		return nil, err
	}
	list := make([]Mention, 0, 2) // most claims have a biller and a renderer
	for r.dec.PeekKind() != ']' {
		if len(list) == maxProviders {
			return nil, malformed("/providers has more than %d entries", maxProviders)
		}
		list = append(list, Mention{Path: pointers.npi(len(list))})
		if err := r.mention(&list[len(list)-1], len(list)-1); err != nil {
			return nil, err
		}
	}
	_, err := r.dec.ReadToken()
	return list, err
}

func (r *reader) mention(m *Mention, i int) error {
	err := r.object(pointers.at(i), providerMembers, func(member int) (err error) {
		switch member {
		case mRole:
			m.Role, err = r.role(i)
		case mNPI:
			m.NPI, err = r.identifier(i)
		case mLine:
			m.Line, err = r.line(i)
		case mEntity:
			m.Entity, err = r.entity(i)
		case mOrganization:
			m.OrganizationName, err = r.textOf(i)
		case mFirst:
			m.FirstName, err = r.textOf(i)
		case mMiddle:
			m.MiddleName, err = r.textOf(i)
		case mLast:
			m.LastName, err = r.textOf(i)
		case mSuffix:
			m.Suffix, err = r.textOf(i)
		case mTaxonomy:
			m.Taxonomy, err = r.textOf(i)
		case mTIN:
			m.TIN, err = r.textOf(i)
		case mAddress:
			err = json.UnmarshalDecode(r.dec, &m.Address)
		}
		return err
	})
	if err == nil && m.Role == "" {
		return malformed("%s/role is missing or not one of the roles", pointers.at(i))
	}
	return err
}

func (r *reader) role(i int) (Role, error) {
	v, err := r.quoted(pointers.at(i))
	if err != nil {
		return "", err
	}
	for _, known := range Roles {
		if string(v) == string(known) {
			return known, nil
		}
	}
	return "", nil // said where the provider ends
}

func (r *reader) entity(i int) (Entity, error) {
	v, err := r.quoted(pointers.at(i))
	switch {
	case err != nil:
		return "", err
	case len(v) == 0:
		return "", nil
	case string(v) == string(Person):
		return Person, nil
	case string(v) == string(Organization):
		return Organization, nil
	}
	return "", malformed("%s/entity is not person or organization", pointers.at(i))
}

// identifier takes an NPI as it stands: a string's text, or a number's
// literal, because spreadsheets and careless serializers drop the quotes.
func (r *reader) identifier(i int) (string, error) {
	if r.dec.PeekKind() == '0' {
		v, err := r.dec.ReadValue()
		if err != nil || len(v) > maxText {
			return "", tooMuch(err, i)
		}
		return string(v), nil
	}
	return r.textOf(i)
}

func (r *reader) line(i int) (int, error) {
	v, err := r.dec.ReadValue()
	if err != nil || v.Kind() == 'n' {
		return 0, err
	}
	n, err := strconv.Atoi(string(v))
	if err != nil || n < 0 {
		return 0, malformed("%s/line is not a whole number from 0", pointers.at(i))
	}
	return n, nil
}

func (r *reader) textOf(i int) (string, error) {
	s, err := r.text(pointers.at(i))
	if err != nil || len(s) > maxText {
		return "", tooMuch(err, i)
	}
	return s, nil
}

func tooMuch(err error, i int) error {
	if err != nil {
		return err
	}
	return malformed("%s has a text of more than %d bytes", pointers.at(i), maxText)
}

// reader walks through one document.
type reader struct {
	dec     *jsontext.Decoder
	source  bytes.Buffer
	scratch []byte
}

var readers = sync.Pool{New: func() any {
	r := &reader{}
	r.dec = jsontext.NewDecoder(&r.source)
	return r
}}

func (r *reader) reset(data []byte) {
	r.source = *bytes.NewBuffer(data) // the decoder reads it in place
	r.dec.Reset(&r.source, jsontext.AllowDuplicateNames(true))
}

// object reads an object. For each member that is in known it calls read,
// which reads the value; others are skipped. A known member that stands twice
// is refused: whoever reads the other one would read another record. (The
// decoder would check all names, at a fifth of the whole cost.)
func (r *reader) object(at string, known []string, read func(member int) error) error {
	if err := r.expect('{', at); err != nil {
		return err
	}
	seen := uint32(0)
	for r.dec.PeekKind() != '}' {
		v, err := r.dec.ReadValue()
		if err != nil {
			return err
		}
		name, err := r.unquote(v)
		if err != nil {
			return err
		}
		member := find(known, name)
		switch {
		case member < 0:
			err = r.dec.SkipValue()
		case seen&(1<<member) != 0:
			err = malformed("a member stands twice in the same object, near byte %d", r.dec.InputOffset())
		default:
			seen |= 1 << member
			err = read(member)
		}
		if err != nil {
			return err
		}
	}
	_, err := r.dec.ReadToken()
	return err
}

func find(known []string, name []byte) int {
	for i, k := range known {
		if string(name) == k {
			return i
		}
	}
	return -1
}

func (r *reader) expect(kind jsontext.Kind, at string) error {
	switch k := r.dec.PeekKind(); k {
	case kind, 0, '}', ']': // of what is no value at all, reading says what is wrong
	default:
		return misplaced(at, k)
	}
	_, err := r.dec.ReadToken()
	return err
}

// end refuses anything after the document.
func (r *reader) end() error {
	if k := r.dec.PeekKind(); k != 0 {
		return malformed("something follows the document, at byte %d", r.dec.InputOffset())
	}
	if _, err := r.dec.ReadToken(); err != nil && !isEnd(err) {
		return err
	}
	return nil
}

// quoted reads a string's text; empty for null. It is valid until the next
// read.
func (r *reader) quoted(at string) (jsontext.Value, error) {
	v, err := r.dec.ReadValue()
	if err != nil {
		return nil, err
	}
	switch v.Kind() {
	case 'n':
		return nil, nil
	case '"':
		return r.unquote(v)
	}
	return nil, misplaced(at, v.Kind())
}

func (r *reader) text(at string) (string, error) {
	v, err := r.quoted(at)
	return string(v), err
}

// kept is quoted, but valid for longer.
func (r *reader) kept(at string, into jsontext.Value) (jsontext.Value, error) {
	v, err := r.quoted(at)
	return append(into[:0], v...), err
}

func (r *reader) unquote(v jsontext.Value) (jsontext.Value, error) {
	if bytes.IndexByte(v, '\\') < 0 {
		return v[1 : len(v)-1], nil
	}
	var err error
	r.scratch, err = jsontext.AppendUnquote(r.scratch[:0], v)
	return r.scratch, err
}

func misplaced(at string, k jsontext.Kind) error {
	return malformed("%s is %s, which does not belong there", at, kindName(k))
}

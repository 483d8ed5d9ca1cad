package record

import (
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The members of a claim and of its providers that are read; all others are
// skipped.
var (
	claimMembers    = []string{mID: "id", mType: "type", mFrom: "service_from", mTo: "service_to", mPlace: "place_of_service", mProviders: "providers"}
	providerMembers = []string{
		mRole: "role", mNPI: "npi", mLine: "line", mEntity: "entity", mOrganization: "organization_name",
		mFirst: "first_name", mMiddle: "middle_name", mLast: "last_name", mSuffix: "suffix",
		mTaxonomy: "taxonomy", mTIN: "tin", mAddress: "address", mOtherID: "other_id",
	}
)

const (
	mID = iota
	mType
	mFrom
	mTo
	mPlace
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
	mOtherID
)

// decodeClaim reads a claim.
func decodeClaim(data []byte) (Record, error) {
	r := reader{scanner{data: data}}
	rec := Record{Kind: KindClaim}
	var from, to string
	err := r.object("the document", claimMembers, func(member int) (err error) {
		switch member {
		case mID:
			rec.ID, err = r.string("/id")
		case mType:
			var v []byte
			if v, err = r.quoted("/type"); err == nil {
				rec.ClaimType, err = claimType(v)
			}
		case mFrom:
			from, err = r.string("/service_from")
		case mTo:
			to, err = r.string("/service_to")
		case mPlace:
			var v []byte
			if v, err = r.quoted("/place_of_service"); err == nil && !isPlace(v) {
				err = malformed("/place_of_service is not two digits")
			}
			rec.Place = string(v)
		case mProviders:
			rec.Mentions, err = r.mentions()
		}
		return err
	})
	if err == nil {
		err = r.end()
	}
	if err != nil {
		return Record{}, err
	}
	if err := checkID(rec.ID); err != nil {
		return Record{}, err
	}
	if rec.ServiceFrom, rec.ServiceTo, err = span("/service_from", from, "/service_to", to); err != nil {
		return Record{}, err
	}
	if len(rec.Mentions) == 0 {
		return Record{}, malformed("/providers is missing or empty: a claim names at least one provider")
	}
	return rec, nil
}

func claimType(v []byte) (ClaimType, error) {
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

func isPlace(v []byte) bool {
	return len(v) == 0 || len(v) == 2 && v[0]-'0' <= 9 && v[1]-'0' <= 9
}

// mentions reads the providers of a claim.
func (r *reader) mentions() ([]Mention, error) {
	if k := r.kind(); k != '[' {
		return nil, r.misplaced("/providers", k)
	}
	list := make([]Mention, 0, 2) // most claims have a biller and a renderer
	err := r.each('[', ']', func() error {
		if len(list) == maxProviders {
			return malformed("/providers has more than %d entries", maxProviders)
		}
		list = append(list, Mention{Path: pointers.npi(len(list))})
		return r.mention(&list[len(list)-1], len(list)-1)
	})
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
			err = r.address(m, i)
		case mOtherID:
			m.OtherID, err = r.boolean(i)
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
	if r.kind() != '0' {
		return r.textOf(i)
	}
	v, err := r.number()
	if err != nil || len(v) > maxText {
		return "", tooMuch(err, i)
	}
	return string(v), nil
}

func (r *reader) line(i int) (int, error) {
	switch r.kind() {
	case 'n':
		return 0, r.word("null")
	case '0':
		v, err := r.number()
		if err != nil {
			return 0, err
		}
		if n, err := strconv.Atoi(string(v)); err == nil && n >= 0 {
			return n, nil
		}
	}
	return 0, malformed("%s/line is not a whole number from 0", pointers.at(i))
}

func (r *reader) boolean(i int) (bool, error) {
	for _, word := range []string{"true", "false", "null"} {
		if r.kind() == jsontext.Kind(word[0]) {
			return word[0] == 't', r.word(word)
		}
	}
	return false, malformed("%s/other_id is not true or false", pointers.at(i))
}

// address is rare enough to be left to the codec.
func (r *reader) address(m *Mention, i int) error {
	r.peek()
	start := r.at
	if err := r.skip(1); err != nil {
		return err
	}
	if err := json.Unmarshal(r.data[start:r.at], &m.Address); err != nil {
		return malformed("%s does not have the shape it must have", pointers.at(i)+"/address")
	}
	return nil
}

func (r *reader) textOf(i int) (string, error) {
	v, err := r.quoted(pointers.at(i))
	if err != nil || len(v) > maxText {
		return "", tooMuch(err, i)
	}
	return string(v), nil
}

func tooMuch(err error, i int) error {
	if err != nil {
		return err
	}
	return malformed("%s has a text of more than %d bytes", pointers.at(i), maxText)
}

// reader reads the values of a claim where they must stand.
type reader struct{ scanner }

// object reads an object. For each member that is in known it calls read,
// which reads the value; others are skipped. A known member that stands twice
// is refused: whoever reads the other one would read another record.
func (r *reader) object(at string, known []string, read func(member int) error) error {
	if k := r.kind(); k != '{' {
		return r.misplaced(at, k)
	}
	seen := uint32(0)
	return r.each('{', '}', func() error {
		name, err := r.text()
		if err != nil {
			return err
		}
		member := find(known, name)
		if err := r.take(':'); err != nil {
			return err
		}
		if member < 0 {
			return r.skip(1)
		}
		if seen&(1<<member) != 0 {
			return malformed("a member stands twice in the same object, near byte %d", r.at)
		}
		seen |= 1 << member
		return read(member)
	})
}

func find(known []string, name []byte) int {
	for i, k := range known {
		if string(name) == k {
			return i
		}
	}
	return -1
}

// quoted reads a string's text; empty for null. It is valid until the next
// read.
func (r *reader) quoted(at string) ([]byte, error) {
	switch k := r.kind(); k {
	case '"':
		return r.text()
	case 'n':
		return nil, r.word("null")
	default:
		return nil, r.misplaced(at, k)
	}
}

func (r *reader) string(at string) (string, error) {
	v, err := r.quoted(at)
	return string(v), err
}

// misplaced says that the value at a place is of a kind that does not belong
// there, or no JSON at all.
func (r *reader) misplaced(at string, k jsontext.Kind) error {
	if k == 0 || r.skip(1) != nil {
		return r.fail()
	}
	return misplaced(at, k)
}

func misplaced(at string, k jsontext.Kind) error {
	return malformed("%s is %s, which does not belong there", at, kindName(k))
}

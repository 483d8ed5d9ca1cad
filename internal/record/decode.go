package record

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// MalformedError says a message can never become a record. Reason is a
// sentence for a person; it names places, never values, because it leaves the
// input stream.
type MalformedError struct{ Reason string }

// Error gives the reason.
func (e *MalformedError) Error() string { return "decode a record: " + e.Reason }

func malformed(format string, args ...any) error {
	return &MalformedError{fmt.Sprintf(format, args...)}
}

// maxText bounds every text taken from a record, in bytes. NPPES's longest
// name is 100 characters; nothing sound comes near this.
const maxText = 512

// maxProviders bounds the mentions of one record: an institutional claim of
// 999 lines with four providers each stays below it.
const maxProviders = 5000

// Decode reads a record in the native JSON form of its kind. Members it does
// not know are ignored. The error is always a *MalformedError.
func Decode(kind Kind, data []byte) (Record, error) {
	if len(data) == 0 {
		return Record{}, malformed("the message is empty")
	}
	switch kind {
	case KindClaim:
		return decodeClaim(data)
	case KindRoster:
		return decodeRoster(data)
	}
	return Record{}, malformed("the subject names a kind of record that is not known: publish to records.claim or records.roster")
}

type wireRoster struct {
	ID               string     `json:"id"`
	NPI              wireNPI    `json:"npi"`
	GroupNPI         wireNPI    `json:"group_npi"`
	EnumerationType  string     `json:"enumeration_type"`
	OrganizationName string     `json:"organization_name"`
	FirstName        string     `json:"first_name"`
	MiddleName       string     `json:"middle_name"`
	LastName         string     `json:"last_name"`
	Suffix           string     `json:"suffix"`
	Credential       string     `json:"credential"`
	TIN              string     `json:"tin"`
	Taxonomies       []Taxonomy `json:"taxonomies"`
	Addresses        []Address  `json:"addresses"`
	EffectiveDate    string     `json:"effective_date"`
	TerminationDate  string     `json:"termination_date"`
	Action           string     `json:"action"`
	Providers        []struct { // further ones the row names
		Role             Role    `json:"role"`
		NPI              wireNPI `json:"npi"`
		OrganizationName string  `json:"organization_name"`
	} `json:"providers"`
}

// wireNPI takes an identifier as it stands: a string's text, or a number's
// literal, because spreadsheets and careless serializers drop the quotes.
// null is no identifier.
type wireNPI string

func (n *wireNPI) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	v, err := dec.ReadToken()
	if err != nil {
		return err
	}
	switch v.Kind() {
	case '"', '0':
		*n = wireNPI(v.String())
		return nil
	case 'n':
		*n = ""
		return nil
	}
	return errors.New("neither text nor a number")
}

func decodeRoster(data []byte) (Record, error) {
	var w wireRoster
	if err := unmarshal(data, &w); err != nil {
		return Record{}, err
	}
	if err := checkID(w.ID); err != nil {
		return Record{}, err
	}
	if w.EnumerationType != "" && w.EnumerationType != NPI1 && w.EnumerationType != NPI2 {
		return Record{}, malformed("/enumeration_type is not NPI-1 or NPI-2")
	}
	if tooLong(string(w.NPI), string(w.GroupNPI), w.OrganizationName, w.FirstName, w.MiddleName, w.LastName, w.Suffix, w.Credential, w.TIN, w.Action) {
		return Record{}, malformed("a text has more than %d bytes", maxText)
	}
	for i, a := range w.Addresses {
		if tooLong(a.Purpose, a.Address1, a.Address2, a.City, a.State, a.PostalCode, a.CountryCode, a.Phone, a.Fax) {
			return Record{}, malformed("/addresses/%d has a text of more than %d bytes", i, maxText)
		}
	}
	if len(w.Addresses) > maxProviders || len(w.Taxonomies) > maxProviders {
		return Record{}, malformed("/addresses or /taxonomies has more than %d entries", maxProviders)
	}
	r := Record{ID: w.ID, Kind: KindRoster}
	from, to, err := span("/effective_date", w.EffectiveDate, "/termination_date", w.TerminationDate)
	if err != nil {
		return Record{}, err
	}
	if w.EffectiveDate == "" {
		from = 0 // a day it ends is no day it began
	}
	r.Roster = &Roster{
		EnumerationType: w.EnumerationType, Credential: w.Credential, TIN: w.TIN,
		Taxonomies: w.Taxonomies, Addresses: w.Addresses,
		EffectiveDate: from, Action: w.Action,
	}
	if w.TerminationDate != "" {
		r.Roster.TerminationDate = to
	}
	own := Mention{
		Role: Individual, NPI: string(w.NPI), Path: "/npi", Entity: Person,
		FirstName: w.FirstName, MiddleName: w.MiddleName, LastName: w.LastName, Suffix: w.Suffix, TIN: w.TIN,
	}
	if w.EnumerationType == NPI2 {
		own.Role, own.Entity, own.OrganizationName = Group, Organization, w.OrganizationName
	}
	r.Mentions = append(r.Mentions, own)
	if w.GroupNPI != "" {
		group := Mention{Role: Group, NPI: string(w.GroupNPI), Path: "/group_npi", Entity: Organization}
		if w.EnumerationType != NPI2 {
			group.OrganizationName = w.OrganizationName // a person's row names the group it belongs to
		}
		r.Mentions = append(r.Mentions, group)
	}
	for i, p := range w.Providers {
		if !slices.Contains(Roles, p.Role) {
			return Record{}, malformed("%s/role is missing or not one of the roles", pointers.at(i))
		}
		if i == maxProviders || tooLong(string(p.NPI), p.OrganizationName) {
			return Record{}, malformed("/providers has more than %d entries, or a text of more than %d bytes", maxProviders, maxText)
		}
		m := Mention{Role: p.Role, NPI: string(p.NPI), Path: pointers.npi(i), OrganizationName: p.OrganizationName}
		if p.Role == Group {
			m.Entity = Organization
		}
		r.Mentions = append(r.Mentions, m)
	}
	return r, nil
}

func unmarshal(data []byte, into any) error {
	if err := json.Unmarshal(data, into); err != nil {
		return explain(err, len(data))
	}
	return nil
}

// explain turns a decoder's error into a MalformedError that says where, in
// offsets and names of ours, and never quotes the input.
func explain(err error, size int) error {
	var already *MalformedError
	if errors.As(err, &already) {
		return already
	}
	var semantic *json.SemanticError
	if errors.As(err, &semantic) {
		at := "the document"
		if p := string(semantic.JSONPointer); p != "" {
			at = p
		}
		if semantic.JSONKind != 0 {
			return misplaced(at, semantic.JSONKind)
		}
		return malformed("%s does not have the shape it must have", at)
	}
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return malformed("a member stands twice in the same object, near byte %d", syntactic.ByteOffset)
		}
		return malformed("not valid JSON near byte %d of %d", syntactic.ByteOffset, size)
	}
	return malformed("not valid JSON: it ends too early (%d bytes)", size)
}

func kindName(k jsontext.Kind) string {
	switch k {
	case 'n':
		return "null"
	case 'f', 't':
		return "a boolean"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '{':
		return "an object"
	case '[':
		return "an array"
	}
	return "something"
}

// checkID refuses what cannot stand in a message header.
func checkID(id string) error {
	if id == "" {
		return malformed("/id is missing: without it no result could name the record")
	}
	if len(id) > 256 {
		return malformed("/id has %d bytes, more than 256", len(id))
	}
	if strings.TrimSpace(id) != id || strings.ContainsFunc(id, unicode.IsControl) {
		return malformed("/id has control characters or blanks around it")
	}
	return nil
}

func span(fromName, from, toName, to string) (f, t Date, err error) {
	var ok bool
	if from != "" {
		if f, ok = ParseDate(from); !ok {
			return 0, 0, malformed("%s is not a calendar day in the form YYYY-MM-DD", fromName)
		}
	}
	t = f
	if to != "" {
		if t, ok = ParseDate(to); !ok {
			return 0, 0, malformed("%s is not a calendar day in the form YYYY-MM-DD", toName)
		}
		if f == 0 {
			f = t
		}
	}
	if t < f {
		return 0, 0, malformed("%s is before %s", toName, fromName)
	}
	return f, t, nil
}

func tooLong(texts ...string) bool {
	for _, s := range texts {
		if len(s) > maxText {
			return true
		}
	}
	return false
}

// pointers are the JSON pointers of the first providers, made once.
var pointers = makePointers(16)

type pointerTable struct{ provider, identifier []string }

func makePointers(n int) (t pointerTable) {
	for i := range n {
		t.provider = append(t.provider, "/providers/"+strconv.Itoa(i))
		t.identifier = append(t.identifier, "/providers/"+strconv.Itoa(i)+"/npi")
	}
	return t
}

func (t pointerTable) at(i int) string {
	if i < len(t.provider) {
		return t.provider[i]
	}
	return "/providers/" + strconv.Itoa(i)
}

func (t pointerTable) npi(i int) string {
	if i < len(t.identifier) {
		return t.identifier[i]
	}
	return "/providers/" + strconv.Itoa(i) + "/npi"
}

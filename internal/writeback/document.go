package writeback

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/npiflow/npiflow/internal/record"
)

// document is a ProviderJSON document: HHSIDEAlab/pjson, version 0.3.2, as the
// reference validator reads it. An update replaces the whole record, so a
// document holds all the registry holds. Lists are present even when empty,
// because the write API reads them without asking. Members stand in this
// order, always: the digest is over the bytes.
type document struct {
	EnumerationType  string            `json:"enumeration_type"`
	Number           string            `json:"number"`
	Basic            basic             `json:"basic"`
	OtherNames       []otherName       `json:"other_names"`
	Addresses        []address         `json:"addresses"`
	Licenses         []license         `json:"licenses"`
	Taxonomies       []taxonomy        `json:"taxonomies"`
	TaxonomyLicenses []taxonomyLicense `json:"taxonomy_licenses"`
	Identifiers      []identifier      `json:"identifiers"`
	DirectAddresses  []string          `json:"direct_addresses"`
}

// basic leaves out what the registry generates by itself: status and dates
// would be ignored with a warning.
type basic struct {
	Prefix         string `json:"name_prefix,omitzero"`
	First          string `json:"first_name,omitzero"`
	Middle         string `json:"middle_name,omitzero"`
	Last           string `json:"last_name,omitzero"`
	Suffix         string `json:"name_suffix,omitzero"`
	Credential     string `json:"credential,omitzero"`
	SoleProprietor string `json:"sole_proprietor,omitzero"`
	Gender         string `json:"gender,omitzero"`

	Organization   string `json:"organization_name,omitzero"`
	EIN            string `json:"ein,omitzero"`
	Subpart        *bool  `json:"organizational_subpart,omitzero"`
	ParentName     string `json:"parent_organization_legal_business_name,omitzero"`
	OfficialPrefix string `json:"authorized_official_prefix,omitzero"`
	OfficialFirst  string `json:"authorized_official_first_name,omitzero"`
	OfficialMiddle string `json:"authorized_official_middle_name,omitzero"`
	OfficialLast   string `json:"authorized_official_last_name,omitzero"`
	OfficialSuffix string `json:"authorized_official_suffix,omitzero"`
	OfficialCred   string `json:"authorized_official_credential,omitzero"`
	OfficialTitle  string `json:"authorized_official_title_or_position,omitzero"`
	OfficialPhone  string `json:"authorized_official_telephone_number,omitzero"`

	ContactFirst string `json:"contact_person_first_name,omitzero"`
	ContactLast  string `json:"contact_person_last_name,omitzero"`
	ContactEmail string `json:"contact_person_email,omitzero"`
	ContactPhone string `json:"contact_person_telephone_number,omitzero"`
}

type otherName struct {
	Code         string `json:"code"`
	Prefix       string `json:"prefix,omitzero"`
	First        string `json:"first_name,omitzero"`
	Middle       string `json:"middle_name,omitzero"`
	Last         string `json:"last_name,omitzero"`
	Suffix       string `json:"suffix,omitzero"`
	Credential   string `json:"credential,omitzero"`
	Organization string `json:"organization_name,omitzero"`
}

type address struct {
	Type         string `json:"address_type"` // DOM or FGN
	Purpose      string `json:"address_purpose"`
	Address1     string `json:"address_1"`
	Address2     string `json:"address_2,omitzero"`
	City         string `json:"city"`
	State        string `json:"state"` // ZZ abroad
	ForeignState string `json:"foreign_state,omitzero"`
	ZIP          string `json:"zip"` // NNNNN or NNNNN-NNNN
	Country      string `json:"country_code"`
	Phone        string `json:"us_telephone_number,omitzero"` // NNN-NNN-NNNN
	Fax          string `json:"us_fax_number,omitzero"`
	ForeignPhone string `json:"foreign_telephone_number,omitzero"`
	ForeignFax   string `json:"foreign_fax_number,omitzero"`
}

type license struct {
	Code   string `json:"code"` // ST-TYPE-NUMBER
	Status string `json:"status"`
}

type taxonomy struct {
	Code    string `json:"code"`
	Primary bool   `json:"primary"`
}

type taxonomyLicense struct {
	Taxonomy string `json:"taxonomy_code"`
	License  string `json:"license_code"`
}

// identifier has all four members always: the reference validator crashes
// where one is missing.
type identifier struct {
	Identifier string `json:"identifier"`
	Code       string `json:"code"`
	State      string `json:"state"`
	Issuer     string `json:"issuer"`
}

// bytes is the document as jobs carry it.
func (d *document) bytes() jsontext.Value {
	b, err := json.Marshal(d, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		panic(fmt.Sprintf("render a document: %v", err)) // only strings and booleans inside: cannot fail
	}
	return b
}

// document is what the registry should hold after the update: the entry, with
// the profile in place of what it holds of it now.
func (c *Config) document(e *record.Entry, r *record.Roster, p *profile) document {
	d := document{
		EnumerationType: e.Evidence.Type, Number: e.NPI.String(),
		Basic:      c.basic(e, r, &p.name),
		OtherNames: otherNames(e.Evidence.OtherNames), Identifiers: identifiers(e.Identifiers),
	}
	d.addAddresses(p)
	d.addTaxonomies(p)
	return d
}

func (c *Config) basic(e *record.Entry, r *record.Roster, n *record.Name) basic {
	b := basic{
		ContactFirst: c.Contact.First, ContactLast: c.Contact.Last,
		ContactEmail: c.Contact.Email, ContactPhone: usPhone(c.Contact.Phone),
	}
	if e.Evidence.Type == record.NPI2 {
		b.Organization, b.ParentName = n.Organization, e.Evidence.ParentOrganization
		b.EIN = firstEIN(r.TIN, c.EIN)
		b.Subpart = answers[e.Subpart]
		b.setOfficial(e.Official)
		return b
	}
	b.Prefix, b.First, b.Middle, b.Last, b.Suffix = n.Prefix, n.First, n.Middle, n.Last, n.Suffix
	b.Credential, b.SoleProprietor = n.Credential, e.Evidence.SoleProprietor
	if e.Sex == "F" || e.Sex == "M" { // the only ones the format knows
		b.Gender = e.Sex
	}
	return b
}

func (b *basic) setOfficial(o *record.Official) {
	if o == nil {
		return
	}
	b.OfficialPrefix, b.OfficialFirst, b.OfficialMiddle, b.OfficialLast = o.Prefix, o.First, o.Middle, o.Last
	b.OfficialSuffix, b.OfficialCred, b.OfficialTitle, b.OfficialPhone = o.Suffix, o.Credential, o.Title, usPhone(o.Phone)
}

// answers are the registry's words as booleans; an unknown one is left out.
var answers = func() map[string]*bool {
	yes, no := true, false
	return map[string]*bool{"YES": &yes, "NO": &no}
}()

// firstEIN is the first of the numbers that has nine digits.
func firstEIN(numbers ...string) string {
	for _, s := range numbers {
		var d [9]byte
		if digitsOf(d[:], s) == len(d) {
			return string(d[:])
		}
	}
	return ""
}

// usPhone writes a phone number as the format wants it; what is none stays as
// it is, for validation to judge.
func usPhone(s string) string {
	if n, ok := phone(s); ok {
		return dashed(n)
	}
	return s
}

func otherNames(names []record.Name) []otherName {
	list := make([]otherName, 0, len(names))
	for _, n := range names {
		list = append(list, otherName{
			Code: n.Code, Prefix: n.Prefix, First: n.First, Middle: n.Middle, Last: n.Last,
			Suffix: n.Suffix, Credential: n.Credential, Organization: n.Organization,
		})
	}
	slices.SortStableFunc(list, func(a, b otherName) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Last, b.Last), cmp.Compare(a.First, b.First),
			cmp.Compare(a.Middle, b.Middle), cmp.Compare(a.Organization, b.Organization))
	})
	return list
}

func identifiers(held []record.Identifier) []identifier {
	list := make([]identifier, 0, len(held))
	for _, i := range held {
		list = append(list, identifier{Identifier: i.Identifier, Code: i.Code, State: i.State, Issuer: i.Issuer})
	}
	slices.SortStableFunc(list, func(a, b identifier) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.Identifier, b.Identifier),
			cmp.Compare(a.State, b.State), cmp.Compare(a.Issuer, b.Issuer))
	})
	return list
}

func (d *document) addAddresses(p *profile) {
	d.Addresses = make([]address, 0, 2+len(p.others))
	if p.location.Purpose != "" {
		d.Addresses = append(d.Addresses, addressOf(&p.location, location))
	}
	if p.mailing.Purpose != "" {
		d.Addresses = append(d.Addresses, addressOf(&p.mailing, mailing))
	}
	for i := range p.others {
		d.Addresses = append(d.Addresses, addressOf(&p.others[i], additional))
	}
}

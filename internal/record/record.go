// Package record holds the nouns every room speaks in, their wire form, and
// nothing that decides.
//
// The stages of the work are types: a message is decoded into a Record, the
// check-digit arithmetic makes it Checked, the registry's answers make it
// Enriched, the rules make it Judged, and a Result is what is published. A
// stage accepts only what the stage before it returns.
package record

// Kind says what sort of record a message holds; it is the token after
// "records" in an input subject.
type Kind string

// The kinds that have a lane. Other is any subject we do not know; its
// messages become dead letters.
const (
	KindClaim  Kind = "claim"
	KindRoster Kind = "roster"
	KindOther  Kind = "other"
)

// Kinds are all kinds a lane exists for, in the order lanes are listed.
var Kinds = []Kind{KindClaim, KindRoster}

// ClaimType is the 837 guide a claim follows.
type ClaimType string

// The claim types; the empty string is an unsaid type.
const (
	Professional  ClaimType = "professional"
	Institutional ClaimType = "institutional"
	Dental        ClaimType = "dental"
)

// Role is what a provider does on a record. The set is closed: it becomes a
// metric label and part of a result, so nothing else of a payload may pass
// through it.
type Role string

// The roles; the comment gives the 837 entity code (NM101) where there is one.
const (
	Billing          Role = "billing"           // 85
	Rendering        Role = "rendering"         // 82
	Referring        Role = "referring"         // DN
	PCP              Role = "pcp"               // P3
	Ordering         Role = "ordering"          // DK
	Supervising      Role = "supervising"       // DQ
	Attending        Role = "attending"         // 71
	Operating        Role = "operating"         // 72
	OtherOperating   Role = "other_operating"   // ZZ
	ServiceFacility  Role = "service_facility"  // 77
	PurchasedService Role = "purchased_service" // QB
	AssistantSurgeon Role = "assistant_surgeon" // DD
	PayTo            Role = "pay_to"            // 87, 4010 only
	Prescribing      Role = "prescribing"       // pharmacy
	Individual       Role = "individual"        // a roster row's person
	Group            Role = "group"             // a roster row's organization
)

// Roles lists every role.
var Roles = []Role{
	Billing, Rendering, Referring, PCP, Ordering, Supervising, Attending,
	Operating, OtherOperating, ServiceFacility, PurchasedService,
	AssistantSurgeon, PayTo, Prescribing, Individual, Group,
}

// Entity is what the record says a provider is (837 NM102).
type Entity string

// The entities; the empty string is unsaid.
const (
	Person       Entity = "person"
	Organization Entity = "organization"
)

// Record is one claim or one roster row: the providers it mentions and the
// few facts the rules need. It never holds anything about a patient.
type Record struct {
	ID          string
	Kind        Kind
	ClaimType   ClaimType
	ServiceFrom Date
	ServiceTo   Date   // equals ServiceFrom where the record gives one date
	Place       string // place of service, two digits as in CLM05-1 of a professional or dental claim; "" is unsaid
	Mentions    []Mention
	Roster      *Roster // what a roster row says beyond its mentions; nil for a claim
}

// Mention is one appearance of a provider on a record. NPI is the text as
// received, never mended; "" where there is none.
type Mention struct {
	Role             Role
	NPI              string
	Line             int    // service line it is limited to; 0 is the whole record
	Path             string // JSON pointer to the identifier in the input
	Entity           Entity
	OrganizationName string
	FirstName        string
	MiddleName       string
	LastName         string
	Suffix           string
	Taxonomy         string
	TIN              string
	OtherID          bool // the record gives the payer's own number for the provider, as for one that can have no NPI
	Address          *Address
}

// Fault is something that is wrong with an input. It leaves the input stream,
// so it names places and never values.
type Fault struct {
	Where  string // the position: "segment 12 (CLM), byte 345", "line 7, column 3", "/entry/3/resource"
	Reason string // what is wrong and what to do, in words of our own
	Lost   bool   // a record that should be there is not
}

// Error is the fault as a sentence.
func (f Fault) Error() string {
	if f.Where == "" {
		return f.Reason
	}
	return f.Where + ": " + f.Reason
}

// Named reports whether the record says any name for the provider.
func (m *Mention) Named() bool {
	return m.OrganizationName != "" || m.LastName != "" || m.FirstName != ""
}

// Roster is what a roster row claims about a provider, to be compared with
// the registry.
type Roster struct {
	EnumerationType string // "NPI-1", "NPI-2" or unsaid
	Credential      string
	TIN             string
	Taxonomies      []Taxonomy
	Addresses       []Address
	EffectiveDate   Date
	TerminationDate Date
	Action          string
}

// Address carries the NPPES field names and value forms: phone and fax
// "NNN-NNN-NNNN", postal code 5 or 9 digits without a hyphen.
type Address struct {
	Purpose     string `json:"address_purpose,omitzero"` // LOCATION or MAILING
	Address1    string `json:"address_1,omitzero"`
	Address2    string `json:"address_2,omitzero"`
	City        string `json:"city,omitzero"`
	State       string `json:"state,omitzero"`
	PostalCode  string `json:"postal_code,omitzero"`
	CountryCode string `json:"country_code,omitzero"`
	Phone       string `json:"telephone_number,omitzero"`
	Fax         string `json:"fax_number,omitzero"`
}

// Taxonomy is one NUCC code a provider is listed under.
type Taxonomy struct {
	Code        string `json:"code"`
	Description string `json:"description,omitzero"`
	Group       string `json:"group,omitzero"`
	State       string `json:"state,omitzero"`
	License     string `json:"license,omitzero"`
	Primary     bool   `json:"primary,omitzero"`
}

// Mark is what the check-digit arithmetic found on one mention.
type Mark uint8

// The marks. The zero value is a mention nobody has looked at.
const (
	Unchecked   Mark = iota
	Sound            // ten digits, first digit 1 or 2, check digit right
	Missing          // no identifier given
	Malformed        // not exactly ten ASCII digits
	BadPrefix        // first digit is not 1 or 2
	BadChecksum      // tenth digit is not what the other nine demand
)

// Bad reports whether the mark rejects the record without a lookup.
func (m Mark) Bad() bool { return m >= Malformed }

// Checked is a record whose identifiers went through the arithmetic. Marks
// and NPIs run parallel to Mentions; an NPI is 0 unless its mark is Sound.
type Checked struct {
	Record
	Marks []Mark
	NPIs  []NPI
}

// Rejected reports whether any identifier is bad.
func (c *Checked) Rejected() bool {
	for _, m := range c.Marks {
		if m.Bad() {
			return true
		}
	}
	return false
}

// Enriched is a checked record with what the registry says. Entries runs
// parallel to Mentions; nil where nothing was asked, and an Entry of status
// Unknown where the answer could not be had and configuration says to go on.
type Enriched struct {
	Checked
	Entries []*Entry
}

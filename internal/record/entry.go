package record

import (
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Status is what a registry says of an NPI. The zero value is Unknown:
// absence is an answer, only ignorance is an error.
type Status uint8

// The statuses.
const (
	Unknown Status = iota
	Active
	Deactivated
	Absent
)

var statusNames = [...]string{Unknown: "unknown", Active: "active", Deactivated: "deactivated", Absent: "absent"}

// String gives the glossary's word.
func (s Status) String() string { return statusNames[s] }

// MarshalText gives the glossary's word.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the glossary's word; anything else is Unknown.
func (s *Status) UnmarshalText(text []byte) error {
	*s = Unknown
	for i, n := range statusNames {
		if n == string(text) {
			*s = Status(i)
		}
	}
	return nil
}

// Source is where an answer came from. The set is closed.
type Source string

// The sources of evidence.
const (
	FromAPI           Source = "api"           // the live NPPES API, or what stands in for it
	FromLocal         Source = "local"         // the local registry built from CMS's bulk files
	FromDeactivations Source = "deactivations" // CMS's deactivated NPI report
)

// The two enumeration types, as NPPES spells them.
const (
	NPI1 = "NPI-1" // an individual
	NPI2 = "NPI-2" // an organization
)

// Name is a name the registry holds for a provider: its own, or a former,
// professional or doing-business-as one.
type Name struct {
	Code         string `json:"code,omitzero"` // 1 former, 2 professional, 3 DBA, 4 former LBN, 5 other; "" for the own name
	First        string `json:"first_name,omitzero"`
	Middle       string `json:"middle_name,omitzero"`
	Last         string `json:"last_name,omitzero"`
	Prefix       string `json:"prefix,omitzero"`
	Suffix       string `json:"suffix,omitzero"`
	Credential   string `json:"credential,omitzero"`
	Organization string `json:"organization_name,omitzero"`
}

// Display is the name as one line.
func (n Name) Display() string {
	if n.Organization != "" {
		return n.Organization
	}
	parts := make([]string, 0, 5)
	for _, p := range []string{n.Prefix, n.First, n.Middle, n.Last, n.Suffix} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, " ")
}

// Facts is everything of a registry's answer that a rule may look at. It is
// published whole in each result's evidence, so that anyone can recompute the
// verdict from the record and the evidence alone.
type Facts struct {
	Status             Status `json:"status"`
	Type               string `json:"type,omitzero"` // NPI-1, NPI-2, or "" where the source does not say
	EnumerationDate    Date   `json:"enumeration_date,omitzero"`
	LastUpdated        Date   `json:"last_updated,omitzero"`
	DeactivationDate   Date   `json:"deactivation_date,omitzero"`
	ReactivationDate   Date   `json:"reactivation_date,omitzero"`
	DeactivationReason string `json:"deactivation_reason_code,omitzero"`
	SoleProprietor     string `json:"sole_proprietor,omitzero"` // YES, NO, X or ""
	Name               Name   `json:"name,omitzero"`
	OtherNames         []Name `json:"other_names,omitzero"`
	ParentOrganization string `json:"parent_organization,omitzero"`

	// What Summarize takes from an entry's lists. A result publishes the
	// primary taxonomy and the primary practice beside the evidence.
	OtherTaxonomies []string `json:"other_taxonomies,omitzero"` // codes besides the primary one
	OtherPractices  []string `json:"other_practices,omitzero"`  // Address.Place of the practices besides the primary one

	Excluded *Exclusion `json:"excluded,omitzero"` // nil: not on the exclusion list, or there is no list at hand
}

// Exclusion is a provider's line on the OIG's list of excluded individuals and
// entities (LEIE, https://oig.hhs.gov/exclusions): no federal health care
// program pays for what it furnishes, orders or prescribes.
type Exclusion struct {
	Type        string `json:"type"` // the section of the Social Security Act, as "1128a1"
	Date        Date   `json:"date"` // excluded from this day on
	WaiverDate  Date   `json:"waiver_date,omitzero"`
	WaiverState string `json:"waiver_state,omitzero"` // the state the exclusion is waived for
}

// Evidence is where an answer came from and what it said.
type Evidence struct {
	Source    Source    `json:"source"`
	AsOf      Date      `json:"as_of"`      // the day the source's data stands for
	FetchedAt time.Time `json:"fetched_at"` // when we got it; whole seconds, UTC
	// Stale says that AsOf was older than the configuration allows when the
	// answer was used, and nothing newer was to be had.
	Stale bool `json:"stale,omitzero"`
	Facts `json:",inline"`
}

// Identifier is another number a provider is known by.
type Identifier struct {
	Code       string `json:"code"`
	Identifier string `json:"identifier"`
	Issuer     string `json:"issuer,omitzero"`
	State      string `json:"state,omitzero"`
}

// Official is an organization's authorized official.
type Official struct {
	First, Middle, Last, Prefix, Suffix, Credential, Title, Phone string
}

// Endpoint is where a provider receives health information electronically.
type Endpoint struct {
	Type                   string  `json:"endpointType,omitzero"` // DIRECT, CONNECT, FHIR, SOAP, OTHERS …
	TypeDescription        string  `json:"endpointTypeDescription,omitzero"`
	Endpoint               string  `json:"endpoint,omitzero"`    // an address, mostly of mail or web
	Affiliation            string  `json:"affiliation,omitzero"` // Y or N
	Description            string  `json:"endpointDescription,omitzero"`
	AffiliationName        string  `json:"affiliationName,omitzero"`
	Use                    string  `json:"use,omitzero"` // DIRECT, HIE, OTHER
	UseDescription         string  `json:"useDescription,omitzero"`
	OtherUse               string  `json:"useOtherDescription,omitzero"`
	ContentType            string  `json:"contentType,omitzero"`
	ContentTypeDescription string  `json:"contentTypeDescription,omitzero"`
	OtherContentType       string  `json:"contentOtherDescription,omitzero"`
	Address                Address `json:"address,omitzero"` // of the affiliation; only lines, city, state, postal code and country
}

// Entry is a registry's whole answer about one NPI. Entries are shared
// between records: nobody changes one after it was made.
type Entry struct {
	NPI               NPI          `json:"npi"`
	Evidence          Evidence     `json:"evidence"`
	Taxonomies        []Taxonomy   `json:"taxonomies,omitzero"`
	Addresses         []Address    `json:"addresses,omitzero"`          // exactly one LOCATION and one MAILING in sound answers
	PracticeLocations []Address    `json:"practice_locations,omitzero"` // secondary ones
	Identifiers       []Identifier `json:"identifiers,omitzero"`
	Official          *Official    `json:"official,omitzero"`
	Sex               string       `json:"sex,omitzero"`
	Subpart           string       `json:"organizational_subpart,omitzero"` // YES, NO or ""
	EIN               string       `json:"ein,omitzero"`                    // suppressed by CMS so far
	ParentEIN         string       `json:"parent_ein,omitzero"`             // likewise
	Replacement       NPI          `json:"replacement_npi,omitzero"`        // the NPI that took this one's place; 0 if none
	Certified         Date         `json:"certification_date,omitzero"`     // when the provider last confirmed its data
	Endpoints         []Endpoint   `json:"endpoints,omitzero"`

	// answer is kept from the second time on: in a stream of providers seen
	// once, keeping it would double the memory for nothing.
	answer atomic.Pointer[Answer]
	asked  atomic.Bool
}

// Primary is the taxonomy marked primary, else the first (some answers mark
// none), else nil.
func (e *Entry) Primary() *Taxonomy {
	for i := range e.Taxonomies {
		if e.Taxonomies[i].Primary {
			return &e.Taxonomies[i]
		}
	}
	if len(e.Taxonomies) > 0 {
		return &e.Taxonomies[0]
	}
	return nil
}

// Location is the primary practice address, nil where there is none.
func (e *Entry) Location() *Address {
	for i := range e.Addresses {
		if e.Addresses[i].Purpose == "LOCATION" {
			return &e.Addresses[i]
		}
	}
	return nil
}

// Summarize puts into the evidence what rules read of the lists and a result
// does not publish beside it: the codes of the other taxonomies and the places
// of the other practices, each once. Whoever makes an entry calls it last. It
// makes nothing where there is nothing.
func (e *Entry) Summarize() {
	f := &e.Evidence.Facts
	f.OtherTaxonomies, f.OtherPractices = nil, nil
	if t := e.Primary(); t != nil {
		for i := range e.Taxonomies {
			f.OtherTaxonomies = addOther(f.OtherTaxonomies, e.Taxonomies[i].Code, t.Code)
		}
	}
	if len(e.PracticeLocations) == 0 {
		return
	}
	var own string
	if l := e.Location(); l != nil {
		own = l.Place()
	}
	for i := range e.PracticeLocations {
		f.OtherPractices = addOther(f.OtherPractices, e.PracticeLocations[i].Place(), own)
	}
}

// MaxOthers bounds each list that Summarize makes, because every result about
// the provider carries it. A list of that length may have been cut off.
const MaxOthers = 64

func addOther(list []string, s, own string) []string {
	if s == "" || s == own || len(list) == MaxOthers || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// Place is the state and the first five digits of the ZIP code, as "NY 10040";
// "" where either is missing, as abroad.
func (a *Address) Place() string {
	if len(a.State) != 2 || len(a.PostalCode) < 5 {
		return ""
	}
	for i := range 5 {
		if a.PostalCode[i]-'0' > 9 {
			return ""
		}
	}
	return a.State + " " + a.PostalCode[:5]
}

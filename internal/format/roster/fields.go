package roster

import (
	"slices"

	"github.com/npiflow/npiflow/internal/record"
)

// Field is what a column of a roster holds. The names, as a map spells them,
// are those of the native roster document where it has the field.
type Field uint8

// The fields. A column of None is not read.
const (
	None           Field = iota
	RowID                // names the row, once in the file
	NPI                  // the row's own provider: a person unless the row says otherwise
	IndividualNPI        // the row's own provider, expressly a person
	GroupNPI             // an organization the provider belongs to; there may be several columns
	SupervisingNPI       // a person who supervises the provider
	PCPNPI               // and so on: persons beside the row's own provider
	ReferringNPI
	OrderingNPI
	AttendingNPI
	OperatingNPI
	PrescribingNPI
	EnumerationType // 1 or 2, NPI-1 or NPI-2, individual or organization
	FullName        // of a person, or of an organization
	FirstName
	MiddleName
	LastName
	Suffix
	Credential
	Title // a credential only if it looks like one
	OrganizationName
	TIN
	Taxonomy // there may be several columns
	TaxonomyState
	TaxonomyLicense
	TaxonomyPrimary // Y where the taxonomy of the same number is the primary one
	Address1        // of the primary practice location, as all that follow
	Address2
	City
	State
	PostalCode
	PostalExtension // the last four digits of a postal code
	CountryCode
	Phone
	Fax
	EffectiveDate
	TerminationDate
	Action // add, change or term
	fieldCount
)

var fieldNames = [fieldCount]string{
	None: "ignore", RowID: "id", NPI: "npi", IndividualNPI: "individual_npi", GroupNPI: "group_npi",
	SupervisingNPI: "supervising_npi", PCPNPI: "pcp_npi", ReferringNPI: "referring_npi", OrderingNPI: "ordering_npi",
	AttendingNPI: "attending_npi", OperatingNPI: "operating_npi", PrescribingNPI: "prescribing_npi",
	EnumerationType: "enumeration_type", FullName: "full_name", FirstName: "first_name", MiddleName: "middle_name",
	LastName: "last_name", Suffix: "suffix", Credential: "credential", Title: "title",
	OrganizationName: "organization_name", TIN: "tin",
	Taxonomy: "taxonomy", TaxonomyState: "taxonomy_state", TaxonomyLicense: "taxonomy_license", TaxonomyPrimary: "taxonomy_primary",
	Address1: "address_1", Address2: "address_2", City: "city", State: "state", PostalCode: "postal_code",
	PostalExtension: "postal_extension", CountryCode: "country_code", Phone: "telephone_number", Fax: "fax_number",
	EffectiveDate: "effective_date", TerminationDate: "termination_date", Action: "action",
}

// String is the field's name in a map.
func (f Field) String() string { return fieldNames[f] }

// fieldOf finds a field by its name in a map.
func fieldOf(name string) (Field, bool) {
	i := slices.Index(fieldNames[:], name)
	return Field(max(i, 0)), i >= 0
}

// roles are the fields that hold an NPI beside the row's own provider.
var roles = [fieldCount]record.Role{
	GroupNPI: record.Group, SupervisingNPI: record.Supervising, PCPNPI: record.PCP, ReferringNPI: record.Referring,
	OrderingNPI: record.Ordering, AttendingNPI: record.Attending, OperatingNPI: record.Operating, PrescribingNPI: record.Prescribing,
}

// own reports whether the field is the NPI of the row's own provider.
func (f Field) own() bool { return f == NPI || f == IndividualNPI }

func (f Field) npi() bool { return f.own() || roles[f] != "" }

// address reports whether the field is a part of the practice address.
func (f Field) address() bool { return f >= Address1 && f <= Fax }

// numbered reports whether a roster may have the field several times, told
// apart by a number.
func (f Field) numbered() bool { return f >= Taxonomy && f <= TaxonomyPrimary }

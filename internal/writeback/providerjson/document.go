// Package providerjson is the ProviderJSON document, as the NPPES write API
// takes it, and its validation: every rule of the reference validator, each
// with an id, a JSON pointer and a sentence.
//
// The format is HHSIDEAlab/pjson, version 0.3.2; the rules are those of the
// validator that the API ran (provider-data-tools 0.8.4), both in the public
// domain. Where that validator crashes, a document is refused here.
package providerjson

// The types of provider a document can be about, its enumeration_type.
const (
	Individual         = "NPI-1"
	Organization       = "NPI-2"
	AtypicalIndividual = "OEID"
	HealthPlan         = "HPID"
)

// Document is a whole document. Members that are not named here are allowed
// and mean nothing. Lists are written even when empty, because the write API
// reads them without asking. Whatever Validate takes for a document can be
// read: a value that is not of the member's type is as none.
//
// A tag max is the most characters that the validator lets a member have, not
// counting those beyond ASCII. Such a member must be text, if it is given.
type Document struct {
	EnumerationType  string            `json:"enumeration_type"`
	Number           string            `json:"number,omitzero"`             // the NPI; an integer is read too
	LastUpdatedEpoch int64             `json:"last_updated_epoch,omitzero"` // Unix seconds; not validated
	CreatedEpoch     int64             `json:"created_epoch,omitzero"`      // Unix seconds; not validated
	Basic            Basic             `json:"basic"`
	OtherNames       []OtherName       `json:"other_names"`
	Addresses        []Address         `json:"addresses"`
	Licenses         []License         `json:"licenses"`
	Taxonomies       []Taxonomy        `json:"taxonomies"`
	TaxonomyLicenses []TaxonomyLicense `json:"taxonomy_licenses"`
	Identifiers      []Identifier      `json:"identifiers"`
	Affiliations     []Affiliation     `json:"affiliations"`
	DirectAddresses  []struct{}        `json:"direct_addresses"` // superseded by affiliations: always empty
}

// Basic is the provider itself. Dates are YYYY-MM-DD, telephone numbers
// NNN-NNN-NNNN, and SSN, ITIN and EIN nine characters without hyphens.
type Basic struct {
	NamePrefix     string `json:"name_prefix,omitzero" max:"5"`
	FirstName      string `json:"first_name,omitzero" max:"150"`
	MiddleName     string `json:"middle_name,omitzero" max:"150"`
	LastName       string `json:"last_name,omitzero" max:"150"`
	NameSuffix     string `json:"name_suffix,omitzero"` // the reference's limit is under a misspelt name
	Credential     string `json:"credential,omitzero" max:"50"`
	SoleProprietor string `json:"sole_proprietor,omitzero"` // YES or NO; its limit is misspelt too
	Gender         string `json:"gender,omitzero" max:"1"`
	DateOfBirth    string `json:"date_of_birth,omitzero"`
	StateOfBirth   string `json:"state_of_birth,omitzero" max:"2"` // ZZ abroad
	CountryOfBirth string `json:"country_of_birth,omitzero" max:"2"`
	SSN            string `json:"ssn,omitzero" max:"9"`
	ITIN           string `json:"itin,omitzero" max:"9"`

	OrganizationName          string `json:"organization_name,omitzero" max:"300"`
	OrganizationOtherName     string `json:"organization_other_name,omitzero" max:"300"`
	OrganizationOtherNameCode string `json:"organization_other_name_code,omitzero" max:"1"`
	DoingBusinessAs           string `json:"doing_business_as,omitzero" max:"300"`
	EIN                       string `json:"ein,omitzero" max:"9"`
	OrganizationalSubpart     *bool  `json:"organizational_subpart,omitzero"`
	ParentNPI                 string `json:"parent_organization_npi,omitzero" max:"9"` // so no NPI of ten digits fits
	ParentEIN                 string `json:"parent_organization_ein,omitzero" max:"9"`
	ParentName                string `json:"parent_organization_legal_business_name,omitzero" max:"300"`
	HPIDType                  string `json:"hpid_type,omitzero"`

	OfficialPrefix     string `json:"authorized_official_prefix,omitzero" max:"4"` // so Prof. does not fit
	OfficialFirstName  string `json:"authorized_official_first_name,omitzero" max:"300"`
	OfficialMiddleName string `json:"authorized_official_middle_name,omitzero" max:"300"`
	OfficialLastName   string `json:"authorized_official_last_name,omitzero" max:"300"`
	OfficialSuffix     string `json:"authorized_official_suffix,omitzero" max:"5"`
	OfficialCredential string `json:"authorized_official_credential,omitzero" max:"50"`
	OfficialTitle      string `json:"authorized_official_title_or_position,omitzero" max:"300"`
	OfficialEmail      string `json:"authorized_official_email,omitzero" max:"75"`
	OfficialPhone      string `json:"authorized_official_telephone_number,omitzero" max:"12"`
	OfficialExtension  string `json:"authorized_official_telephone_extension,omitzero" max:"12"`

	ContactMethod     string `json:"contact_method,omitzero" max:"1"` // M by mail, E by e-mail
	ContactPrefix     string `json:"contact_person_prefix,omitzero" max:"5"`
	ContactFirstName  string `json:"contact_person_first_name,omitzero" max:"150"`
	ContactMiddleName string `json:"contact_person_middle_name,omitzero" max:"150"`
	ContactLastName   string `json:"contact_person_last_name,omitzero" max:"150"`
	ContactSuffix     string `json:"contact_person_suffix,omitzero" max:"4"`
	ContactCredential string `json:"contact_person_credential,omitzero" max:"20"`
	ContactTitle      string `json:"contact_person_title_or_position,omitzero" max:"150"`
	ContactEmail      string `json:"contact_person_email,omitzero" max:"75"`
	ContactPhone      string `json:"contact_person_telephone_number,omitzero" max:"12"`
	ContactExtension  string `json:"contact_person_telephone_extension,omitzero" max:"10"`

	Mode                   string `json:"mode,omitzero" max:"1"`   // how it was submitted: A by the API
	Status                 string `json:"status,omitzero" max:"1"` // the registry's own, as all dates but that of birth are
	Classification         string `json:"classification,omitzero" max:"1"`
	EnumerationDate        string `json:"enumeration_date,omitzero"`
	LastUpdated            string `json:"last_updated,omitzero"`
	InitialEnumerationDate string `json:"initial_enumeration_date,omitzero"`
	DateOfDeath            string `json:"date_of_death,omitzero"` // from the Social Security Administration
	ReactivationDate       string `json:"reactivation_date,omitzero"`
	ReactivationNote       string `json:"reactivation_note,omitzero" max:"1024"`
	DeactivationDate       string `json:"deactivation_date,omitzero"`
	DeactivationReasonCode string `json:"deactivation_reason_code,omitzero" max:"2"`
	DeactivatedDetails     string `json:"deactivated_details,omitzero" max:"1024"`
	DeactivationNote       string `json:"deactivation_note,omitzero"`
	DeceasedNotes          string `json:"deceased_notes,omitzero" max:"1024"`
	Comments               string `json:"comments,omitzero" max:"1024"`

	Website           string `json:"website,omitzero" max:"1024"`
	PublicEmail       string `json:"public_email,omitzero" max:"75"`
	GravatarEmail     string `json:"gravatar_email,omitzero" max:"200"`
	FacebookHandle    string `json:"facebook_handle,omitzero" max:"100"`
	TwitterHandle     string `json:"twitter_handle,omitzero" max:"100"`
	DrivingDirections string `json:"driving_directions,omitzero" max:"1024"`
	BioHeadline       string `json:"bio_headline,omitzero" max:"256"`
}

// OtherName is another name. Codes: 1 former, 2 professional, 3 doing business
// as, 4 former legal business name, 5 other.
type OtherName struct {
	Type         string `json:"type,omitzero" max:"100"`
	Code         string `json:"code" max:"1"`
	Prefix       string `json:"prefix,omitzero" max:"5"`
	Organization string `json:"organization_name,omitzero" max:"150"`
	FirstName    string `json:"first_name,omitzero" max:"150"`
	MiddleName   string `json:"middle_name,omitzero" max:"150"`
	LastName     string `json:"last_name,omitzero" max:"150"`
	Suffix       string `json:"suffix,omitzero" max:"4"`
	Credential   string `json:"credential,omitzero" max:"50"`
	OtherType    string `json:"othertype,omitzero"`
}

// Address is one address. Its purposes are in addressPurposes.
type Address struct {
	Type             string `json:"address_type" max:"12"` // DOM, MIL or FGN
	Purpose          string `json:"address_purpose" max:"20"`
	Address1         string `json:"address_1" max:"200"`
	Address2         string `json:"address_2,omitzero" max:"200"`
	City             string `json:"city" max:"200"`
	State            string `json:"state" max:"2"` // ZZ abroad
	ZIP              string `json:"zip" max:"10"`
	CountryCode      string `json:"country_code" max:"2"`
	ForeignState     string `json:"foreign_state,omitzero"`
	ForeignPostal    string `json:"foreign_postal,omitzero"`
	Phone            string `json:"us_telephone_number,omitzero" max:"12"`
	PhoneExtension   string `json:"telephone_number_extension,omitzero" max:"10"`
	Fax              string `json:"us_fax_number,omitzero" max:"12"`
	ForeignPhone     string `json:"foreign_telephone_number,omitzero" max:"20"`
	ForeignFax       string `json:"foreign_fax_number,omitzero" max:"20"`
	MPO              string `json:"mpo,omitzero" max:"3"` // military: APO, FPS or DPO
	Latitude         string `json:"lat,omitzero" max:"20"`
	Longitude        string `json:"long,omitzero" max:"20"`
	HoursOfOperation string `json:"hours_of_operation,omitzero"`
	Override         bool   `json:"override_address_standardization,omitzero"` // it is right as it stands
	Accept           bool   `json:"accept_address_standardization,omitzero"`   // the registry may standardize it
}

// License is one license. Its code is STATE-TYPE-NUMBER, as in MD-MDR-D0012345.
type License struct {
	Code   string `json:"code" max:"50"`
	Status string `json:"status" max:"10"`
}

// Taxonomy is one specialty, by its NUCC code. Exactly one is primary.
type Taxonomy struct {
	Code    string `json:"code"`
	Primary bool   `json:"primary"`
}

// TaxonomyLicense says which license a taxonomy is practised under.
type TaxonomyLicense struct {
	TaxonomyCode string `json:"taxonomy_code"`
	LicenseCode  string `json:"license_code"`
}

// Identifier is another number of the provider's. All four members must be
// there. Codes: 01 other, 02 Medicare UPIN, 04 Medicare unspecified, 05
// Medicaid, 06 Medicare OSCAR, 07 Medicare NSC, 08 Medicare PIN.
type Identifier struct {
	Identifier string `json:"identifier" max:"20"`
	Code       string `json:"code" max:"2"`
	State      string `json:"state" max:"2"`
	Issuer     string `json:"issuer" max:"150"`
}

// Affiliation is a network, plan, exchange or parent the provider belongs to,
// or an endpoint it can be reached at.
type Affiliation struct {
	Purpose           string `json:"purpose" max:"25"`
	DataType          string `json:"affiliation_data_type" max:"10"`
	Identifier        string `json:"affiliation_identifier,omitzero" max:"1024"`
	EndpointDataType  string `json:"endpoint_data_type,omitzero" max:"50"`
	Endpoint          string `json:"endpoint,omitzero" max:"1024"`
	Description       string `json:"description,omitzero" max:"1024"`
	State             string `json:"state,omitzero" max:"2"`
	NewPatients       *bool  `json:"accepting_new_patients,omitzero"`
	AdditionalRequest *bool  `json:"for_additional_documentation_request,omitzero"`
}

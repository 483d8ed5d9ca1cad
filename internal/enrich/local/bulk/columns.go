package bulk

import "fmt"

// The places of the main table's columns. A name, an address and the official
// take several; the groups follow the single ones, the most numerous last, so
// that the highest place in use tells how many groups there are to look at.
const (
	npiAt = iota
	entityTypeAt
	replacementAt
	einAt
	organizationAt
	otherOrganizationAt
	otherOrganizationCodeAt
	otherNameCodeAt
	enumeratedAt
	lastUpdatedAt
	reasonAt
	deactivatedAt
	reactivatedAt
	sexAt
	titleAt
	officialPhoneAt
	soleProprietorAt
	subpartAt
	parentAt
	parentEINAt
	certifiedAt

	nameAt        = certifiedAt + 1 // names: last, first, middle, prefix, suffix, credential
	otherNameAt   = nameAt + 6
	officialAt    = otherNameAt + 6
	mailingAt     = officialAt + 6 // addresses: two lines, city, state, postal code, country, phone, fax
	locationAt    = mailingAt + 8
	taxonomiesAt  = locationAt + 8 // each: code, license, its state, primary, group
	identifiersAt = taxonomiesAt + 5*maxTaxonomies
	// each: identifier, code, state, issuer
)

// How many of a kind the main table has columns for.
const (
	maxTaxonomies  = 15
	maxIdentifiers = 50
)

// providers is the main table, as of the layout of 2026 (V2) and all before
// it: V1 differs in lengths and in one name.
var providers = &table{what: "providers", stem: "npidata", columns: providerColumns()}

func providerColumns() []column {
	list := []column{
		npiAt:                   {name: "NPI"},
		entityTypeAt:            {name: "Entity Type Code"},
		replacementAt:           {name: "Replacement NPI"},
		einAt:                   {name: "Employer Identification Number (EIN)"},
		organizationAt:          {name: "Provider Organization Name (Legal Business Name)"},
		otherOrganizationAt:     {name: "Provider Other Organization Name"},
		otherOrganizationCodeAt: {name: "Provider Other Organization Name Type Code"},
		otherNameCodeAt:         {name: "Provider Other Last Name Type Code"},
		enumeratedAt:            {name: "Provider Enumeration Date"},
		lastUpdatedAt:           {name: "Last Update Date"},
		reasonAt:                {name: "NPI Deactivation Reason Code"},
		deactivatedAt:           {name: "NPI Deactivation Date"},
		reactivatedAt:           {name: "NPI Reactivation Date"},
		sexAt:                   {name: "Provider Sex Code", formerly: "Provider Gender Code"},
		titleAt:                 {name: "Authorized Official Title or Position"},
		officialPhoneAt:         {name: "Authorized Official Telephone Number"},
		soleProprietorAt:        {name: "Is Sole Proprietor"},
		subpartAt:               {name: "Is Organization Subpart"},
		parentAt:                {name: "Parent Organization LBN"},
		parentEINAt:             {name: "Parent Organization TIN"},
		certifiedAt:             {name: "Certification Date", optional: true}, // since about 2020
	}
	list = append(list, nameColumns("Provider Last Name (Legal Name)", "Provider ")...)
	list = append(list, nameColumns("Provider Other Last Name", "Provider Other ")...)
	list = append(list, nameColumns("Authorized Official Last Name", "Authorized Official ")...)
	list = append(list, addressColumns("Business Mailing")...)
	list = append(list, addressColumns("Business Practice Location")...)
	for i := 1; i <= maxTaxonomies; i++ {
		list = append(list,
			numbered("Healthcare Provider Taxonomy Code_%d", i),
			column{name: fmt.Sprintf("Provider License Number_%d", i), placeholders: true},
			numbered("Provider License Number State Code_%d", i),
			numbered("Healthcare Provider Primary Taxonomy Switch_%d", i),
			column{name: fmt.Sprintf("Healthcare Provider Taxonomy Group_%d", i), optional: true})
	}
	for i := 1; i <= maxIdentifiers; i++ {
		list = append(list,
			numbered("Other Provider Identifier_%d", i),
			numbered("Other Provider Identifier Type Code_%d", i),
			numbered("Other Provider Identifier State_%d", i),
			numbered("Other Provider Identifier Issuer_%d", i))
	}
	return list
}

func numbered(format string, i int) column { return column{name: fmt.Sprintf(format, i)} }

func nameColumns(last, part string) []column {
	return []column{
		{name: last},
		{name: part + "First Name"},
		{name: part + "Middle Name", placeholders: true},
		{name: part + "Name Prefix Text", placeholders: true},
		{name: part + "Name Suffix Text", placeholders: true},
		{name: part + "Credential Text", placeholders: true},
	}
}

func addressColumns(which string) []column {
	name := "Provider " + which + " Address "
	return []column{
		{name: "Provider First Line " + which + " Address"},
		{name: "Provider Second Line " + which + " Address", placeholders: true},
		{name: name + "City Name"},
		{name: name + "State Name"},
		{name: name + "Postal Code"},
		{name: name + "Country Code (If outside U.S.)"},
		{name: name + "Telephone Number"},
		{name: name + "Fax Number"},
	}
}

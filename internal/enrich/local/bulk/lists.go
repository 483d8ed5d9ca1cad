package bulk

import "github.com/npiflow/npiflow/internal/record"

// The reference tables of a shipment. Each has a row per NPI and thing.

// otherNames has the other names of organizations. The day a name was created
// is there since May 2026 and not read.
var otherNames = &table{what: "other names", stem: "othername", columns: []column{
	{name: "NPI"},
	{name: "Provider Other Organization Name"},
	{name: "Provider Other Organization Name Type Code"},
}}

// locations has the practice locations besides the primary one.
var locations = &table{what: "practice locations", stem: "pl", columns: []column{
	{name: "NPI"},
	{name: "Provider Secondary Practice Location Address- Address Line 1"},
	{name: "Provider Secondary Practice Location Address- Address Line 2", placeholders: true},
	{name: "Provider Secondary Practice Location Address - City Name"},
	{name: "Provider Secondary Practice Location Address - State Name"},
	{name: "Provider Secondary Practice Location Address - Postal Code"},
	{name: "Provider Secondary Practice Location Address - Country Code (If outside U.S.)"},
	{name: "Provider Secondary Practice Location Address - Telephone Number"},
	{name: "Provider Practice Location Address - Fax Number"}, // so called
}}

// endpoints has where providers receive health information.
var endpoints = &table{what: "endpoints", stem: "endpoint", columns: []column{
	{name: "NPI"},
	{name: "Endpoint Type"},
	{name: "Endpoint Type Description"},
	{name: "Endpoint"},
	{name: "Affiliation"},
	{name: "Endpoint Description"},
	{name: "Affiliation Legal Business Name"},
	{name: "Use Code"},
	{name: "Use Description"},
	{name: "Other Use Description"},
	{name: "Content Type"},
	{name: "Content Description"},
	{name: "Other Content Description"},
	{name: "Affiliation Address Line One"},
	{name: "Affiliation Address Line Two", placeholders: true},
	{name: "Affiliation Address City"},
	{name: "Affiliation Address State"},
	{name: "Affiliation Address Country"},
	{name: "Affiliation Address Postal Code"},
}}

// deactivations is the Deactivated NPI Report, which has a title above its
// header.
var deactivations = &table{what: "deactivated NPIs", bare: true, titles: 9, columns: []column{
	{name: "NPI"},
	{name: "NPPES Deactivation Date"},
}}

// exclusions is the OIG's LEIE.
var exclusions = &table{what: "excluded providers", columns: []column{
	{name: "NPI"},
	{name: "EXCLTYPE"},
	{name: "EXCLDATE"},
	{name: "REINDATE"},
	{name: "WAIVERDATE"},
	{name: "WVRSTATE"},
}}

// taxonomies is the NUCC's code set.
var taxonomies = &table{what: "taxonomies", bare: true, columns: []column{
	{name: "Code"},
	{name: "Classification"},
	{name: "Specialization"},
	{name: "Grouping"},
}}

func endpoint(t []string) record.Endpoint {
	return record.Endpoint{
		Type: t[1], TypeDescription: t[2], Endpoint: t[3], Affiliation: t[4], Description: t[5], AffiliationName: t[6],
		Use: t[7], UseDescription: t[8], OtherUse: t[9],
		ContentType: t[10], ContentTypeDescription: t[11], OtherContentType: t[12],
		Address: record.Address{
			Address1: t[13], Address2: t[14], City: t[15], State: t[16], CountryCode: t[17], PostalCode: t[18],
		},
	}
}

package writeback

import (
	"slices"
	"time"

	"github.com/npiflow/npiflow/internal/record"
)

// The entries below are what the NPPES API answered for these providers, as
// the other rooms hand it on.

// narendran has a unit in the street line, secondary locations and a degree
// of two parts.
func narendran() *record.Entry {
	return &record.Entry{
		NPI: 1629395249,
		Evidence: record.Evidence{Source: record.FromAPI, AsOf: 20230701, FetchedAt: time.Date(2023, 7, 1, 0, 0, 0, 0, time.UTC),
			Facts: record.Facts{Status: record.Active, Type: record.NPI1, EnumerationDate: 20100421, LastUpdated: 20201109, SoleProprietor: "NO",
				Name: record.Name{First: "VIJAY", Middle: "KUMAR", Last: "NARENDRAN", Credential: "M.D., MBA"}}},
		Taxonomies: []record.Taxonomy{{Code: "207RH0003X", State: "NY", License: "272229", Primary: true}},
		Addresses: []record.Address{
			{Purpose: "MAILING", Address1: "1630 S CONGRESS AVE STE 200", City: "PALM SPRINGS", State: "FL", PostalCode: "334612171", CountryCode: "US", Phone: "561-253-3980", Fax: "561-253-3985"},
			{Purpose: "LOCATION", Address1: "1630 S CONGRESS AVE", City: "PALM SPRINGS", State: "FL", PostalCode: "334612171", CountryCode: "US", Phone: "561-253-3980", Fax: "561-253-3985"},
		},
		PracticeLocations: []record.Address{
			{Purpose: "LOCATION", Address1: "1204 N VERCLER RD STE 201", City: "SPOKANE VALLEY", State: "WA", PostalCode: "992161020", CountryCode: "US", Phone: "509-228-1000", Fax: "509-252-9300"},
			{Purpose: "LOCATION", Address1: "1204 N VERCLER RD STE 101", City: "SPOKANE VALLEY", State: "WA", PostalCode: "992161020", CountryCode: "US", Phone: "509-228-1000", Fax: "509-252-9300"},
		},
		Sex: "M",
	}
}

// deal has a former name, identifiers, and an address whose unit is "# A".
func deal() *record.Entry {
	return &record.Entry{
		NPI: 1003826272,
		Evidence: record.Evidence{Source: record.FromAPI, AsOf: 20260201,
			Facts: record.Facts{Status: record.Active, Type: record.NPI1, EnumerationDate: 20060809, LastUpdated: 20240507, SoleProprietor: "NO",
				Name:       record.Name{First: "JO", Middle: "P", Last: "DEAL", Credential: "MD"},
				OtherNames: []record.Name{{Code: "1", First: "JO", Middle: "P", Last: "WILSON"}}}},
		Taxonomies: []record.Taxonomy{{Code: "207RI0200X", State: "MS", License: "10460", Primary: true}},
		Addresses: []record.Address{
			{Purpose: "LOCATION", Address1: "766 LAKELAND DR # A", City: "JACKSON", State: "MS", PostalCode: "392164610", CountryCode: "US", Phone: "601-368-3440", Fax: "601-368-3441"},
			{Purpose: "MAILING", Address1: "6255 W SUNSET BLVD FL 21", City: "LOS ANGELES", State: "CA", PostalCode: "900287422", CountryCode: "US", Phone: "323-860-5200", Fax: "323-467-7119"},
		},
		Identifiers: []record.Identifier{{Code: "05", Identifier: "00018389", State: "MS"}, {Code: "01", Identifier: "P01065367", Issuer: "Railroad Medicare", State: "MS"}},
		Sex:         "F",
	}
}

// dawe is licensed under three codes, one of them primary.
func dawe() *record.Entry {
	at := record.Address{Address1: "1 TRANSAM PLAZA DR STE 220", City: "OAKBROOK TERRACE", State: "IL", PostalCode: "601814285", CountryCode: "US", Phone: "630-839-9199", Fax: "630-839-9299"}
	loc, mail := at, at
	loc.Purpose, mail.Purpose = "LOCATION", "MAILING"
	return &record.Entry{
		NPI: 1255713236,
		Evidence: record.Evidence{Source: record.FromAPI, AsOf: 20260201,
			Facts: record.Facts{Status: record.Active, Type: record.NPI1, LastUpdated: 20221004, SoleProprietor: "NO",
				Name: record.Name{First: "JOSIE", Middle: "ANNE", Last: "DAWE", Credential: "PMHNP, CPNP"}}},
		Taxonomies: []record.Taxonomy{
			{Code: "363LP0808X", State: "IL", License: "27700177", Primary: true},
			{Code: "163W00000X", State: "IL", License: "0413363418"},
			{Code: "363LP0222X", State: "IL", License: "377001720"},
		},
		Addresses: []record.Address{loc, mail},
	}
}

func vios() *record.Entry {
	at := record.Address{Address1: "26400 W 12 MILE RD STE 140", City: "SOUTHFIELD", State: "MI", PostalCode: "480341753", CountryCode: "US", Phone: "866-658-8214"}
	loc, mail := at, at
	loc.Purpose, mail.Purpose = "LOCATION", "MAILING"
	return &record.Entry{
		NPI: 1225701881,
		Evidence: record.Evidence{Source: record.FromAPI, AsOf: 20260201,
			Facts: record.Facts{Status: record.Active, Type: record.NPI2, LastUpdated: 20240212,
				Name: record.Name{Organization: "VIOS FERTILITY INSTITUTE MICHIGAN PLLC"}}},
		Taxonomies: []record.Taxonomy{{Code: "207VE0102X", Primary: true}},
		Addresses:  []record.Address{loc, mail},
		Official:   &record.Official{First: "KATRINA", Last: "MARSHALL", Title: "Dir Ins Cred & Payor Contracts", Phone: "7734359036"},
		Subpart:    "NO",
	}
}

// rowOf is a roster row that says exactly what the registry says.
func rowOf(e *record.Entry) *record.Judged {
	n := e.Evidence.Name
	m := record.Mention{Role: record.Individual, NPI: e.NPI.String(), Path: "/npi", Entity: record.Person,
		FirstName: n.First, MiddleName: n.Middle, LastName: n.Last, Suffix: n.Suffix}
	if e.Evidence.Type == record.NPI2 {
		m = record.Mention{Role: record.Group, NPI: e.NPI.String(), Path: "/npi", Entity: record.Organization, OrganizationName: n.Organization}
	}
	j := &record.Judged{Verdict: record.Clean}
	j.Record = record.Record{ID: "row-1", Kind: record.KindRoster, Mentions: []record.Mention{m}, Roster: &record.Roster{
		EnumerationType: e.Evidence.Type, Credential: n.Credential,
		Taxonomies: slices.Clone(e.Taxonomies),
		Addresses:  append(slices.Clone(e.Addresses), e.PracticeLocations...),
	}}
	j.Marks, j.NPIs, j.Entries = []record.Mark{record.Sound}, []record.NPI{e.NPI}, []*record.Entry{e}
	return j
}

var (
	today  = record.Date(20261101)
	config = &Config{Rules: "7", Contact: ContactPerson{First: "ADA", Last: "KING", Email: "ada@example.org", Phone: "(212) 555-0100"}, EIN: "12-3456789"}
)

func change(path, registry, roster string) record.Change {
	return record.Change{Path: path, Registry: registry, Roster: roster}
}

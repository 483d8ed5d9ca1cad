package writeback

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

func TestPlanAgreeing(t *testing.T) {
	for _, e := range []*record.Entry{narendran(), deal(), dawe(), vios()} {
		job, incomplete := Plan(config, rowOf(e), today)
		assert.Nil(t, job, e.NPI)
		assert.Empty(t, incomplete, e.NPI)
	}
}

// A row whose phone differs would be a job; each line says why it is none.
func TestPlanSilent(t *testing.T) {
	for reason, spoil := range map[string]func(*record.Judged){
		"a claim corrects nothing":            func(j *record.Judged) { j.Kind = record.KindClaim },
		"no row":                              func(j *record.Judged) { j.Roster = nil },
		"no mention":                          func(j *record.Judged) { j.Mentions = nil },
		"nothing was asked":                   func(j *record.Judged) { j.Entries = nil },
		"no entry":                            func(j *record.Judged) { j.Entries[0] = nil },
		"unknown":                             func(j *record.Judged) { j.Entries[0].Evidence.Status = record.Unknown },
		"absent":                              func(j *record.Judged) { j.Entries[0].Evidence.Status = record.Absent },
		"deactivated":                         func(j *record.Judged) { j.Entries[0].Evidence.Status = record.Deactivated },
		"the rules say another name":          func(j *record.Judged) { j.Flags = [][]record.Flag{{{Code: record.FlagNameMismatch}}} },
		"the rules say another type":          func(j *record.Judged) { j.Flags = [][]record.Flag{{{Code: record.FlagWrongType}}} },
		"the rules say not active then":       func(j *record.Judged) { j.Flags = [][]record.Flag{{{Code: record.FlagDeactivated}}} },
		"the row says another type":           func(j *record.Judged) { j.Roster.EnumerationType = record.NPI2 },
		"the row says an organization":        func(j *record.Judged) { j.Roster.EnumerationType = ""; j.Mentions[0].Entity = record.Organization },
		"the registry does not say its type":  func(j *record.Judged) { j.Roster.EnumerationType = ""; j.Entries[0].Evidence.Type = "" },
		"older than the registry":             func(j *record.Judged) { j.Roster.EffectiveDate = 20201108 },
		"terminated yesterday":                func(j *record.Judged) { j.Roster.TerminationDate = 20261031 },
		"action D":                            func(j *record.Judged) { j.Roster.Action = " d " },
		"action term, with a reason behind":   func(j *record.Judged) { j.Roster.Action = "Term - left the group" },
		"action delete":                       func(j *record.Judged) { j.Roster.Action = "DELETE" },
		"action remove":                       func(j *record.Judged) { j.Roster.Action = "Removed" },
		"the number is no number":             func(j *record.Judged) { j.Roster.Addresses[1].Phone = "000-000-0000" },
		"the number is a word for none":       func(j *record.Judged) { j.Roster.Addresses[1].Phone = "pending" },
		"the address is for something else":   func(j *record.Judged) { j.Roster.Addresses[1].Purpose = "BILLING" },
		"a second mailing address is ignored": func(j *record.Judged) { j.Roster.Addresses[1].Purpose = "MAILING" },
	} {
		t.Run(reason, func(t *testing.T) {
			j := rowOf(narendran())
			j.Roster.Addresses[1].Phone = "561-253-9999"
			spoil(j)
			job, incomplete := Plan(config, j, today)
			assert.Nil(t, job)
			assert.Empty(t, incomplete)
		})
	}
}

func TestPlanSpeaks(t *testing.T) {
	for reason, allow := range map[string]func(*record.Judged){
		"nothing against it":                  func(*record.Judged) {},
		"as old as the registry":              func(j *record.Judged) { j.Roster.EffectiveDate = 20201109 },
		"newer than the registry":             func(j *record.Judged) { j.Roster.EffectiveDate = 20261001 },
		"terminates today":                    func(j *record.Judged) { j.Roster.TerminationDate = today },
		"open end":                            func(j *record.Judged) { j.Roster.TerminationDate = 99991231 },
		"another action":                      func(j *record.Judged) { j.Roster.Action = "ADD" },
		"type unsaid":                         func(j *record.Judged) { j.Roster.EnumerationType = "" },
		"flags of another provider":           func(j *record.Judged) { j.Flags = [][]record.Flag{nil, {{Code: record.FlagNameMismatch}}} },
		"a flag that casts no doubt":          func(j *record.Judged) { j.Flags = [][]record.Flag{{{Code: record.FlagStraddles}}} },
		"number in another form, with an ext": func(j *record.Judged) { j.Roster.Addresses[1].Phone = "Tel. +1 (561) 253.9999 ext. 12" },
		"purpose in small letters":            func(j *record.Judged) { j.Roster.Addresses[1].Purpose = "location" },
	} {
		t.Run(reason, func(t *testing.T) {
			j := rowOf(narendran())
			j.Roster.Addresses[1].Phone = "5612539999"
			allow(j)
			job, incomplete := Plan(config, j, today)
			require.NotNil(t, job)
			assert.Empty(t, incomplete)
			assert.Equal(t, []record.Change{change("/addresses/0/us_telephone_number", "561-253-3980", "561-253-9999")}, job.Changes)
		})
	}
}

func TestPlanChanges(t *testing.T) {
	location := func(j *record.Judged) *record.Address { return &j.Roster.Addresses[1] } // narendran lists MAILING first
	for name, tc := range map[string]struct {
		entry *record.Entry
		row   func(*record.Judged)
		want  []record.Change // none: no difference
	}{
		"moved": {narendran(), func(j *record.Judged) {
			*location(j) = record.Address{Purpose: "LOCATION", Address1: "18302  Westlawn St.", City: "Hesperia", State: "ca", PostalCode: "92345-6923"}
		}, []record.Change{
			change("/addresses/0/address_1", "1630 S CONGRESS AVE", "18302 WESTLAWN ST."),
			change("/addresses/0/city", "PALM SPRINGS", "HESPERIA"),
			change("/addresses/0/state", "FL", "CA"),
			change("/addresses/0/zip", "33461-2171", "92345-6923"),
		}},
		"one more unit at the mailing address": {narendran(), func(j *record.Judged) {
			j.Roster.Addresses[0].Address1, j.Roster.Addresses[0].Address2 = "1630 South Congress Avenue", "Suite 300"
		}, []record.Change{
			change("/addresses/1/address_1", "1630 S CONGRESS AVE STE 200", "1630 SOUTH CONGRESS AVENUE"),
			change("/addresses/1/address_2", "", "SUITE 300"),
		}},
		"only the ZIP code differs": {narendran(), func(j *record.Judged) { location(j).PostalCode = "33462" },
			[]record.Change{change("/addresses/0/zip", "33461-2171", "33462")}},
		"phone of a secondary location": {narendran(), func(j *record.Judged) { j.Roster.Addresses[3].Phone = "5092281001" },
			[]record.Change{change("/addresses/2/us_telephone_number", "509-228-1000", "509-228-1001")}},
		"works at a secondary location": {narendran(), func(j *record.Judged) { j.Roster.Addresses = j.Roster.Addresses[3:] }, nil},
		"a further location beside the old one": {vios(), func(j *record.Judged) {
			j.Roster.Addresses = append(j.Roster.Addresses, record.Address{Purpose: "LOCATION", Address1: "1 Main St", City: "Troy", State: "Michigan", PostalCode: "48083", Fax: "248 555 0100"})
		}, []record.Change{
			change("/addresses/2/address_1", "", "1 MAIN ST"), change("/addresses/2/address_purpose", "", "ADDITIONAL-LOCATION"),
			change("/addresses/2/address_type", "", "DOM"), change("/addresses/2/city", "", "TROY"),
			change("/addresses/2/country_code", "", "US"), change("/addresses/2/state", "", "MI"),
			change("/addresses/2/us_fax_number", "", "248-555-0100"), change("/addresses/2/zip", "", "48083"),
		}},
		"unit left out":  {deal(), func(j *record.Judged) { j.Roster.Addresses[0].Address1 = "766 Lakeland Drive" }, nil},
		"floor left out": {deal(), func(j *record.Judged) { j.Roster.Addresses[1].Address1 = "6255 West Sunset Blvd." }, nil},
		"unit in line two": {deal(), func(j *record.Judged) {
			a := &j.Roster.Addresses[0]
			a.Address1, a.Address2 = "766 LAKELAND DR", "STE A"
		}, nil},
		"first name shortened": {narendran(), func(j *record.Judged) { j.Mentions[0].FirstName, j.Mentions[0].MiddleName = "V.", "K" }, nil},
		"middle name fuller": {deal(), func(j *record.Judged) { j.Mentions[0].MiddleName = "Pauline" },
			[]record.Change{change("/basic/middle_name", "P", "PAULINE")}},
		"accents":                  {deal(), func(j *record.Judged) { j.Mentions[0].FirstName = "Jó" }, nil},
		"degree behind the name":   {deal(), func(j *record.Judged) { j.Mentions[0].LastName = "Deal MD FACP" }, nil},
		"suffix behind the name":   {deal(), func(j *record.Judged) { j.Mentions[0].LastName = "Deal, Jr." }, nil},
		"suffix":                   {deal(), func(j *record.Judged) { j.Mentions[0].Suffix = "JR" }, []record.Change{change("/basic/name_suffix", "", "Jr.")}},
		"degree in the suffix":     {deal(), func(j *record.Judged) { j.Mentions[0].Suffix = "MD" }, nil},
		"former name":              {deal(), func(j *record.Judged) { j.Mentions[0].LastName = "Wilson" }, nil},
		"credential":               {deal(), func(j *record.Judged) { j.Roster.Credential = "M.D., Ph.D." }, []record.Change{change("/basic/credential", "MD", "M.D., PH.D.")}},
		"credential written apart": {narendran(), func(j *record.Judged) { j.Roster.Credential = "md mba" }, nil},
		"organization": {vios(), func(j *record.Judged) { j.Mentions[0].OrganizationName = "Vios Fertility Institute Mid-Michigan, PLLC" },
			[]record.Change{change("/basic/organization_name", "VIOS FERTILITY INSTITUTE MICHIGAN PLLC", "VIOS FERTILITY INSTITUTE MID-MICHIGAN, PLLC")}},
		"organization in short":       {vios(), func(j *record.Judged) { j.Mentions[0].OrganizationName = "The Vios Fertility Institute, Inc." }, nil},
		"organization in other words": {vios(), func(j *record.Judged) { j.Mentions[0].OrganizationName = "VIOS FERTILITY INSTITUTE MICHIGAN" }, nil},
		"married": {dawe(), func(j *record.Judged) { j.Mentions[0].LastName = "Dawe-Judd" },
			[]record.Change{change("/basic/last_name", "DAWE", "DAWE-JUDD")}},
		"first name in full": {dawe(), func(j *record.Judged) { j.Mentions[0].FirstName = "Josephine" },
			[]record.Change{change("/basic/first_name", "JOSIE", "JOSEPHINE")}},
		"goes by a short name":    {dawe(), func(j *record.Judged) { j.Mentions[0].FirstName = "Jo" }, nil},
		"goes by a nickname":      {dawe(), func(j *record.Judged) { j.Mentions[0].FirstName = "Fifi" }, nil},
		"goes by the middle name": {dawe(), func(j *record.Judged) { j.Mentions[0].FirstName, j.Mentions[0].MiddleName = "Anne", "" }, nil},
		"half of the last name":   {dawe(), func(j *record.Judged) { j.Entries[0].Evidence.Name.Last = "JUDD DAWE" }, nil},
		"columns swapped": {dawe(), func(j *record.Judged) {
			m := &j.Mentions[0]
			m.FirstName, m.LastName, m.MiddleName = "Dawe", "Josie", "X"
		}, nil},
		"first and last name differ":   {dawe(), func(j *record.Judged) { m := &j.Mentions[0]; m.FirstName, m.LastName = "Josefina", "Dawes" }, nil},
		"nothing vouches for the name": {dawe(), func(j *record.Judged) { m := &j.Mentions[0]; m.FirstName, m.LastName = "N/A", "Dawes" }, nil},
		"trade name": {vios(), func(j *record.Judged) {
			j.Entries[0].Evidence.OtherNames = []record.Name{{Code: "3", Organization: "KINDBODY MICHIGAN"}}
			j.Mentions[0].OrganizationName = "Kindbody Michigan"
		}, nil},
		"parent's name": {vios(), func(j *record.Judged) {
			j.Entries[0].Evidence.ParentOrganization = "KINDBODY INC"
			j.Mentions[0].OrganizationName = "Kindbody, Incorporated"
		}, nil},
		"new code": {deal(), func(j *record.Judged) {
			j.Roster.Taxonomies = []record.Taxonomy{{Code: "207r00000x", State: "MS", License: "10460"}}
		}, []record.Change{
			change("/taxonomies/1/code", "", "207R00000X"),
			change("/taxonomy_licenses/1/license_code", "", "MS-UNK-10460"), change("/taxonomy_licenses/1/taxonomy_code", "", "207R00000X"),
		}},
		"other primary": {dawe(), func(j *record.Judged) { j.Roster.Taxonomies = []record.Taxonomy{{Code: "163W00000X", Primary: true}} },
			[]record.Change{change("/taxonomies/0/primary", "false", "true"), change("/taxonomies/2/primary", "true", "false")}},
		"new licence number": {deal(), func(j *record.Judged) { j.Roster.Taxonomies[0].License = "E-10461" }, []record.Change{
			change("/licenses/0/code", "MS-UNK-10460", "MS-UNK-E10461"), change("/taxonomy_licenses/0/license_code", "MS-UNK-10460", "MS-UNK-E10461"),
		}},
		"licensed in one more state": {deal(), func(j *record.Judged) {
			j.Roster.Taxonomies = []record.Taxonomy{{Code: "207RI0200X", State: "AL", License: "31"}}
		}, []record.Change{
			change("/licenses/1/code", "", "AL-UNK-31"), change("/licenses/1/status", "", "UNKNOWN"),
			change("/taxonomy_licenses/1/license_code", "", "AL-UNK-31"), change("/taxonomy_licenses/1/taxonomy_code", "", "207RI0200X"),
		}},
		"second licence of the same state": {deal(), func(j *record.Judged) {
			j.Roster.Taxonomies = append(j.Roster.Taxonomies, record.Taxonomy{Code: "207RI0200X", State: "MS", License: "31"})
		}, []record.Change{
			change("/licenses/1/code", "", "MS-UNK-31"), change("/licenses/1/status", "", "UNKNOWN"),
			change("/taxonomy_licenses/1/license_code", "", "MS-UNK-31"), change("/taxonomy_licenses/1/taxonomy_code", "", "207RI0200X"),
		}},
		"leading zero lost":  {dawe(), func(j *record.Judged) { j.Roster.Taxonomies[1].License = "413363418" }, nil},
		"code left out":      {dawe(), func(j *record.Judged) { j.Roster.Taxonomies = j.Roster.Taxonomies[:1] }, nil},
		"specialty, no code": {dawe(), func(j *record.Judged) { j.Roster.Taxonomies[0].Code = "Nurse Practitioner" }, nil},
		"nothing said at all": {dawe(), func(j *record.Judged) {
			j.Mentions[0] = record.Mention{Entity: record.Person}
			*j.Roster = record.Roster{}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			j := rowOf(tc.entry)
			tc.row(j)
			job, incomplete := Plan(config, j, today)
			assert.Empty(t, incomplete)
			if tc.want == nil {
				assert.Nil(t, job)
				return
			}
			require.NotNil(t, job)
			assert.Equal(t, tc.want, job.Changes)
		})
	}
}

func TestPlanIncomplete(t *testing.T) {
	for name, tc := range map[string]struct {
		spoil func(*record.Judged)
		want  []string
	}{
		"no mailing address": {func(j *record.Judged) {
			j.Entries[0].Addresses = j.Entries[0].Addresses[1:]
			j.Roster.Addresses = j.Roster.Addresses[1:]
		}, []string{"addresses.MAILING"}},
		"nobody answered":     {func(j *record.Judged) { j.Entries[0].Evidence.SoleProprietor = "X" }, []string{"basic.sole_proprietor"}},
		"no taxonomy":         {func(j *record.Judged) { j.Entries[0].Taxonomies, j.Roster.Taxonomies = nil, nil }, []string{"taxonomies"}},
		"licence of no state": {func(j *record.Judged) { j.Entries[0].Taxonomies[0].State, j.Roster.Taxonomies[0].State = "", "" }, []string{"licenses.state"}},
		"moved to half an address": {func(j *record.Judged) {
			j.Roster.Addresses[1] = record.Address{Purpose: "LOCATION", Address1: "1 MAIN ST", State: "FL"}
		}, []string{"addresses.LOCATION.city", "addresses.LOCATION.zip"}},
		"moved to another city": {func(j *record.Judged) {
			j.Roster.Addresses[1] = record.Address{Purpose: "LOCATION", City: "MIAMI", State: "FL", PostalCode: "33101"}
		}, []string{"addresses.LOCATION.address_1"}},
		"more addresses than anybody has":  {func(j *record.Judged) { j.Roster.Addresses = make([]record.Address, 5000) }, []string{"addresses"}},
		"more taxonomies than anybody has": {func(j *record.Judged) { j.Roster.Taxonomies = make([]record.Taxonomy, 5000) }, []string{"taxonomies"}},
	} {
		t.Run(name, func(t *testing.T) {
			j := rowOf(narendran())
			j.Roster.Credential = "MD"
			tc.spoil(j)
			job, incomplete := Plan(config, j, today)
			assert.Nil(t, job)
			assert.Equal(t, tc.want, incomplete)
		})
	}
}

func TestJob(t *testing.T) {
	j := rowOf(deal())
	j.Roster.Addresses[0].Phone = "601-368-3442"
	job, _ := Plan(config, j, today)
	require.NotNil(t, job)
	assert.Equal(t, Update, job.Action)
	assert.Equal(t, record.NPI(1003826272), job.NPI)
	assert.Equal(t, "row-1", job.RecordID)
	assert.Equal(t, "7", job.Rules)
	sum := sha256.Sum256([]byte("1003826272\n" + string(job.Document)))
	assert.Equal(t, hex.EncodeToString(sum[:])[:32], job.ID)
	assert.Equal(t, strings.Join(strings.Fields(`{"enumeration_type":"NPI-1","number":"1003826272",
		"basic":{"first_name":"JO","middle_name":"P","last_name":"DEAL","credential":"MD","sole_proprietor":"NO","gender":"F",
		"contact_person_first_name":"ADA","contact_person_last_name":"KING","contact_person_email":"ada@example.org","contact_person_telephone_number":"212-555-0100"},
		"other_names":[{"code":"1","first_name":"JO","middle_name":"P","last_name":"WILSON"}],
		"addresses":[
		{"address_type":"DOM","address_purpose":"LOCATION","address_1":"766_LAKELAND_DR_#_A","city":"JACKSON","state":"MS","zip":"39216-4610","country_code":"US","us_telephone_number":"601-368-3442","us_fax_number":"601-368-3441"},
		{"address_type":"DOM","address_purpose":"MAILING","address_1":"6255_W_SUNSET_BLVD_FL_21","city":"LOS_ANGELES","state":"CA","zip":"90028-7422","country_code":"US","us_telephone_number":"323-860-5200","us_fax_number":"323-467-7119"}],
		"licenses":[{"code":"MS-UNK-10460","status":"UNKNOWN"}],"taxonomies":[{"code":"207RI0200X","primary":true}],
		"taxonomy_licenses":[{"taxonomy_code":"207RI0200X","license_code":"MS-UNK-10460"}],
		"identifiers":[{"identifier":"P01065367","code":"01","state":"MS","issuer":"Railroad_Medicare"},{"identifier":"00018389","code":"05","state":"MS","issuer":""}],
		"direct_addresses":[]}`), ""), underscored(string(job.Document)))
}

// underscored writes blanks inside values so that the expectation above can be
// broken into lines.
func underscored(s string) string { return strings.ReplaceAll(s, " ", "_") }

func TestOrganizationDocument(t *testing.T) {
	j := rowOf(vios())
	j.Roster.Addresses[1].Fax = "(866) 658-8215"
	j.Roster.TIN = "98-7654321"
	job, _ := Plan(config, j, today)
	require.NotNil(t, job)
	var d struct {
		Basic map[string]any `json:"basic"`
	}
	require.NoError(t, json.Unmarshal(job.Document, &d))
	assert.Equal(t, map[string]any{
		"organization_name": "VIOS FERTILITY INSTITUTE MICHIGAN PLLC", "ein": "987654321", "organizational_subpart": false,
		"authorized_official_first_name": "KATRINA", "authorized_official_last_name": "MARSHALL",
		"authorized_official_title_or_position": "Dir Ins Cred & Payor Contracts", "authorized_official_telephone_number": "773-435-9036",
		"contact_person_first_name": "ADA", "contact_person_last_name": "KING",
		"contact_person_email": "ada@example.org", "contact_person_telephone_number": "212-555-0100",
	}, d.Basic)

	j.Roster.TIN = ""
	job, incomplete := Plan(&Config{}, j, today)
	assert.NotNil(t, job, "what only configuration can say is for the delivery to demand")
	assert.Empty(t, incomplete)
}

// Lists the write API reads without asking whether they are there.
func TestListsAlwaysPresent(t *testing.T) {
	d := document{}
	for _, list := range []string{"licenses", "identifiers", "taxonomies", "addresses", "taxonomy_licenses", "direct_addresses"} {
		assert.Contains(t, string(d.bytes()), `"`+list+`":[]`)
	}
}

func TestForeign(t *testing.T) {
	e := deal()
	e.Addresses[1] = record.Address{Purpose: "MAILING", Address1: "12 KING ST W", City: "TORONTO", State: "ONTARIO", PostalCode: "M5H 1A1", CountryCode: "CA", Phone: "011 44 20 7946 0000"}
	j := rowOf(e)
	j.Roster.Addresses[1].PostalCode, j.Roster.Addresses[1].State = "m5h1a1", "Ontario"
	j.Roster.Addresses[1].Phone = "4165550100"
	job, _ := Plan(config, j, today)
	require.NotNil(t, job)
	assert.Equal(t, []record.Change{change("/addresses/1/foreign_telephone_number", "011 44 20 7946 0000", "4165550100")}, job.Changes)
	assert.Contains(t, string(job.Document), `"address_type":"FGN","address_purpose":"MAILING","address_1":"12 KING ST W","city":"TORONTO","state":"ZZ","foreign_state":"ONTARIO","zip":"M5H 1A1","country_code":"CA","foreign_telephone_number":"4165550100"`)
}

func TestSubject(t *testing.T) {
	assert.Equal(t, "npi.writeback.update", Subject("npi", Update))
	assert.Equal(t, "acme.npi.writeback.create", Subject("acme.npi", Create))
}

package fhir

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

const us = `"system":"http://hl7.org/fhir/sid/us-npi"`

// claimOf is a claim with more members.
func claimOf(members string) string {
	return `{"resourceType":"Claim","id":"c1",` + members + `}`
}

// logical is a reference that is only an NPI.
func logical(kind, npi string) string {
	return fmt.Sprintf(`{"type":%q,"identifier":{%s,"value":%q}}`, kind, us, npi)
}

// billing is the provider of a claim whose biller does not matter.
var billing = `"provider":` + logical("Organization", "1770626038")

// mentions gives the mentions of the only record, each as "role npi line".
func (f *found) mentions(t *testing.T) []string {
	t.Helper()
	require.Len(t, f.records, 1, f.text.String())
	var out []string
	for _, m := range f.records[0].Mentions {
		out = append(out, fmt.Sprintf("%s %s %d", m.Role, m.NPI, m.Line))
	}
	return out
}

// A provider is found through every kind of reference, and its NPI under every
// name it goes by.
func TestReferences(t *testing.T) {
	const who = `"resourceType":"Practitioner","identifier":[{` + us + `,"value":"1851713903"}],"name":[{"family":"Danwing"}]`
	for _, tc := range []struct{ name, provider, around, want string }{
		{"contained", `{"reference":"#p"}`, `"contained":[{"id":"p",` + who + `}]`, "1851713903"},
		{"contained role", `{"reference":"#r"}`, `"contained":[{"resourceType":"PractitionerRole","id":"r","practitioner":{"reference":"#p"}},{"id":"p",` + who + `}]`, "1851713903"},
		{"logical", logical("Practitioner", "1851713903"), "", "1851713903"},
		{"logical after a dead link", `{"reference":"Practitioner/none","identifier":{` + us + `,"value":"1851713903"}}`, "", "1851713903"},
		{"by OID", `{"identifier":{"system":"urn:oid:2.16.840.1.113883.4.6","value":"1851713903"}}`, "", "1851713903"},
		{"by type", `{"identifier":{"type":{"coding":[{"code":"NPI"}]},"value":"1851713903"}}`, "", "1851713903"},
		{"number", `{"identifier":{` + us + `,"value":1851713903}}`, "", "1851713903"},
		{"search", `{"reference":"Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|1851713903"}`, "", "1851713903"},
		{"search, escaped", `{"reference":"https://s/fhir/Practitioner?identifier=http%3A%2F%2Fhl7.org%2Ffhir%2Fsid%2Fus-npi%7C1851713903"}`, "", "1851713903"},
		{"a UUID", `{"identifier":{` + us + `,"value":"065fbe84-3551"}}`, "", "065fbe84-3551"},
		{"no value", `{"identifier":{` + us + `}}`, "", ""},
		{"said to be none", `{"identifier":{` + us + `,"value":"NPI has not been assigned"}}`, "", ""},
		{"payer's own number", `{"identifier":{"type":{"coding":[{"code":"MCD"}]},"value":"77"}}`, "", ""},
		{"former", `{"reference":"#p"}`, `"contained":[{"resourceType":"Practitioner","id":"p","identifier":[{"use":"old",` + us + `,"value":"1111111112"},{` + us + `,"value":"1851713903"}]}]`, "1851713903"},
		{"only former", `{"reference":"#p"}`, `"contained":[{"resourceType":"Practitioner","id":"p","identifier":[{"use":"old",` + us + `,"value":"1111111112"}]}]`, "1111111112"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			members := `"careTeam":[{"sequence":1,"provider":` + tc.provider + `}]`
			if tc.around != "" {
				members += "," + tc.around
			}
			got := read(t, "", claimOf(members))
			assert.Equal(t, []string{"rendering " + tc.want + " 0"}, got.mentions(t))
			assert.Empty(t, got.faults)
		})
	}
}

// In a Bundle a reference is the URL of an entry, or Type/id of it; the nearest
// document has the first word.
func TestReferencesInABundle(t *testing.T) {
	entry := func(url, resource string) string { return fmt.Sprintf(`{"resource":%s,"fullUrl":%q}`, resource, url) }
	bundle := func(entries ...string) string {
		return `{"resourceType":"Bundle","entry":[` + strings.Join(entries, ",") + `]}`
	}
	practitioner := func(id, npi string) string {
		return fmt.Sprintf(`{"resourceType":"Practitioner","id":%q,"identifier":[{%s,"value":%q}]}`, id, us, npi)
	}
	for ref, want := range map[string]string{
		"urn:uuid:1":                               "1000000001",
		"Practitioner/p2":                          "1000000002",
		"https://s/fhir/Practitioner/p2":           "1000000002",
		"https://s/fhir/Practitioner/p2/_history/": "1000000002",
		"https://s/3":                              "1000000003",
	} {
		claim := entry("urn:uuid:0", claimOf(`"careTeam":[{"provider":{"reference":"`+ref+`"}}]`))
		own := bundle(claim, entry("urn:uuid:1", practitioner("", "1000000001")), entry("urn:uuid:2", practitioner("p2", "1000000002")), entry("https://s/3", practitioner("p3", "1000000003")))
		other := bundle(entry("urn:uuid:1", practitioner("p2", "1999999999")))
		got := read(t, record.KindClaim, other, own)
		assert.Equal(t, []string{"rendering " + want + " 0"}, got.mentions(t), ref)
		assert.Empty(t, got.faults, ref)
	}
}

// What cannot be resolved is said, and the provider left out; the rest of the
// claim goes on.
func TestUnresolvable(t *testing.T) {
	for _, tc := range []struct{ name, provider, around, want string }{
		{"not there", `{"reference":"Practitioner/none"}`, "", "names no provider in the input"},
		{"not contained", `{"reference":"#none"}`, "", "names no provider in the input"},
		{"only shown", `{"display":"Doe, Jane"}`, "", "names no provider in the input"},
		{"another number", `{"identifier":{"system":"https://ehr.example/ids","value":"77"}}`, "", "names no provider in the input"},
		{"search for another number", `{"reference":"Practitioner?identifier=https://ehr.example/ids|77"}`, "", "names no provider in the input"},
		{"a patient", `{"reference":"Patient/1","identifier":{` + us + `,"value":"1851713903"}}`, "", "no provider"},
		{"a patient in the claim", `{"reference":"#p"}`, `,"contained":[{"resourceType":"Patient","id":"p","identifier":[{` + us + `,"value":"1851713903"}]}]`, "names no provider"},
		{"a claim", `{"reference":"Claim/c1"}`, "", "no provider"},
		{"itself", `{"reference":"#r"}`, `,"contained":[{"resourceType":"PractitionerRole","id":"r","practitioner":{"reference":"#r"}}]`, "leads back to itself"},
		{"in a circle", `{"reference":"#r"}`, `,"contained":[{"resourceType":"PractitionerRole","id":"r","practitioner":{"reference":"#s"}},{"resourceType":"PractitionerRole","id":"s","practitioner":{"reference":"#r"}}]`, "leads back to itself"},
		{"a role of nobody", `{"reference":"#r"}`, `,"contained":[{"resourceType":"PractitionerRole","id":"r"}]`, "names no provider"},
		{"a text", `"Practitioner/1"`, "", "it is a string"},
		{"a role we do not know", logical("Practitioner", "1851713903") + `,"role":{"coding":[{"code":"other"}]}`, "", "none of those that are known"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := read(t, "", claimOf(billing+`,"careTeam":[{"sequence":1,"provider":`+tc.provider+`}]`+tc.around))
			assert.Equal(t, []string{"billing 1770626038 0"}, got.mentions(t))
			require.Len(t, got.faults, 1)
			assert.Equal(t, "/careTeam/0/provider", got.faults[0].Where)
			assert.Contains(t, got.faults[0].Reason, tc.want)
			assert.False(t, got.faults[0].Lost)
		})
	}
}

// Every role code of the three systems, the most exact system first.
func TestRoles(t *testing.T) {
	coding := func(system int, code string) string {
		return fmt.Sprintf(`{"system":%q,"code":%q}`, roleSystems[system], code)
	}
	for _, tc := range []struct {
		codings string
		want    record.Role
	}{
		{coding(0, "primary"), record.PCP},
		{coding(0, "assist"), record.AssistantSurgeon},
		{coding(0, "supervisor"), record.Supervising},
		{coding(0, "attending"), record.Attending}, // as Medicare has it
		{coding(1, "referring"), record.Referring},
		{coding(1, "operating"), record.Operating},
		{coding(1, "otheroperating"), record.OtherOperating},
		{coding(1, "performing"), record.Rendering},
		{coding(1, "prescribing"), record.Prescribing},
		{coding(1, "purchasedservice"), record.PurchasedService},
		{coding(1, "site"), record.ServiceFacility},
		{coding(2, "DK"), record.Ordering},
		{coding(2, "72"), record.Operating},
		{coding(0, "primary") + "," + coding(1, "rendering"), record.Rendering},
		{coding(1, "rendering") + "," + coding(0, "primary"), record.Rendering},
		{coding(1, "rendering") + "," + coding(2, "DD"), record.AssistantSurgeon},
		{`{"code":"attending"}`, record.Attending},
		{`{"system":"https://other.example","code":"attending"},` + coding(0, "supervisor"), record.Supervising},
	} {
		got := read(t, "", claimOf(`"careTeam":[{"provider":`+logical("Practitioner", "1")+`,"role":{"coding":[`+tc.codings+`]}}]`))
		assert.Equal(t, []string{string(tc.want) + " 1 0"}, got.mentions(t), tc.codings)
	}
}

// All of a claim's providers, in the order of its elements.
func TestClaim(t *testing.T) {
	org := func(id, npi string) string {
		return fmt.Sprintf(`{"resourceType":"Organization","id":%q,"name":"ORG %s","identifier":[{%s,"value":%q},{"system":"urn:oid:2.16.840.1.113883.4.4","value":"541234567"}]}`, id, id, us, npi)
	}
	got := read(t, "", `{"resourceType":"Claim","id":"row-9",
	  "identifier":[{"type":{"coding":[{"code":"MB"}]},"value":"W1"},{"system":"http://hl7.org/fhir/sid/us-ssn","value":"S1"},{"system":"https://a.example","value":"A1"},{"type":{"coding":[{"code":"uc"}]},"value":"U1"}],
	  "type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"oral"}]},
	  "patient":{"reference":"Patient/1","display":"Nobody"},
	  "provider":{"reference":"#b"},
	  "facility":{"reference":"#home"},
	  "payee":{"type":{"coding":[{"code":"provider"}]},"party":{"reference":"#b"}},
	  "referral":{"reference":"#q"},
	  "supportingInfo":[{"valueReference":{"reference":"#f"},"category":{"coding":[{"code":"servicefacility"}]}},{"valueReference":{"reference":"#none"}}],
	  "careTeam":[
	    {"sequence":1,"provider":{"reference":"#r"},"role":{"coding":[{"code":"rendering"}]},"qualification":{"coding":[{"system":"http://nucc.org/provider-taxonomy","code":"1223G0001X"}]}},
	    {"sequence":2,"provider":`+logical("Practitioner", "1000000002")+`,"role":{"coding":[{"code":"assist"}]}},
	    {"sequence":3,"provider":`+logical("Practitioner", "1000000003")+`,"role":{"coding":[{"code":"supervisor"}]}}],
	  "billablePeriod":{"start":"2026-01-01","end":"2026-12-31"},"created":"2026-12-31",
	  "item":[
	    {"sequence":1,"careTeamSequence":[1,3],"servicedDate":"2026-03-05","locationCodeableConcept":{"coding":[{"code":"11"}]}},
	    {"sequence":7,"careTeamSequence":[1,2,2],"servicedPeriod":{"start":"2026-03-01T08:00:00Z","end":"2026-03-09"},"locationReference":{"reference":"#f"}}],
	  "contained":[`+org("b", "1770626038")+`,`+org("f", "1000000009")+`,
	    {"resourceType":"Location","id":"home","name":"Home of Nobody"},
	    {"resourceType":"ServiceRequest","id":"q","subject":{"reference":"Patient/1"},"requester":{"reference":"#r"}},
	    {"resourceType":"PractitionerRole","id":"r","practitioner":{"reference":"#p"},"organization":{"reference":"#b"},"specialty":[{"coding":[{"system":"http://nucc.org/provider-taxonomy","code":"122300000X"}]}]},
	    {"resourceType":"Practitioner","id":"p","identifier":[{`+us+`,"value":"1000000001"}],"name":[{"use":"old","family":"Old"},{"use":"official","family":"Smith","given":["Ann","B","C"],"suffix":["Jr.","DDS"]}]}]}`)
	assert.Empty(t, got.faults)
	assert.Equal(t, []string{
		"billing 1770626038 0", "rendering 1000000001 0", "assistant_surgeon 1000000002 7", "supervising 1000000003 1",
		"service_facility 1000000009 0", "referring 1000000001 0", "service_facility 1000000009 7",
	}, got.mentions(t))
	rec := got.records[0]
	assert.Equal(t, "U1", rec.ID)
	assert.Equal(t, record.Dental, rec.ClaimType)
	assert.Equal(t, "11", rec.Place)
	assert.Equal(t, [2]record.Date{20260301, 20260309}, [2]record.Date{rec.ServiceFrom, rec.ServiceTo})
	assert.Equal(t, record.Mention{
		Role: record.Rendering, NPI: "1000000001", Path: "/contained/5/identifier/0/value", Entity: record.Person,
		FirstName: "Ann", MiddleName: "B C", LastName: "Smith", Suffix: "Jr.", Taxonomy: "1223G0001X",
	}, rec.Mentions[1])
	assert.Equal(t, "541234567", rec.Mentions[0].TIN)
	assert.Equal(t, "122300000X", rec.Mentions[5].Taxonomy)
}

func TestServiceDates(t *testing.T) {
	for _, tc := range []struct {
		members, want string
		faults        int
	}{
		{`"item":[{"servicedDate":"2026-03-02"}],"created":"2026-04-01"`, "2026-03-02 2026-03-02", 0},
		{`"item":[{"sequence":1}],"billablePeriod":{"start":"2026-03-02"}`, "2026-03-02 2026-03-02", 0},
		{`"billablePeriod":{"end":"2026-03-02"}`, "2026-03-02 2026-03-02", 0},
		{`"created":"2026-04-01T10:00:00-04:00"`, "2026-04-01 2026-04-01", 0},
		{`"created":"2026-04"`, " ", 1},
		{`"created":"2026-04-01 10:00"`, " ", 1},
		{`"item":[{"servicedDate":"2026-02-30"}],"created":"2026-04-01"`, "2026-04-01 2026-04-01", 1},
		{`"item":[{"servicedPeriod":{"start":"2026-03-02","end":"2026-03-01"}}],"created":"2026-04-01"`, "2026-04-01 2026-04-01", 1},
		{`"status":"draft"`, " ", 0},
	} {
		got := read(t, "", claimOf(billing+","+tc.members))
		require.Len(t, got.records, 1)
		assert.Equal(t, tc.want, got.records[0].ServiceFrom.String()+" "+got.records[0].ServiceTo.String(), tc.members)
		assert.Len(t, got.faults, tc.faults, tc.members)
	}
}

// Names are taken from what a reference displays only where they are plain.
func TestDisplayedNames(t *testing.T) {
	for display, want := range map[string]string{
		"Stark, Tony": "Stark|Tony|", "STARK, TONY B": "Stark|TONY|B", "Tony Stark": "||", "Tony Stark, MD": "||", "Stark, M.D.": "||",
		"Dr. Tony Stark, PhD": "||", "DR STARK, TONY": "||", "Stark, Tony, MD": "||", "Stark,": "||", "": "||", "Stark, Jr.": "||",
	} {
		m := record.Mention{Entity: record.Person}
		name(&m, display)
		assert.Equal(t, strings.ToLower(want), strings.ToLower(m.LastName+"|"+m.FirstName+"|"+m.MiddleName), display)
	}
	m := record.Mention{}
	name(&m, "Stark, Tony")
	assert.False(t, m.Named(), "a person or an organization, nobody knows")
}

// Each line of NDJSON may come before what it refers to, and in another file.
func TestDirectoryAcrossFiles(t *testing.T) {
	roles := `{"resourceType":"PractitionerRole","id":"r1","active":false,"practitioner":{"reference":"Practitioner/p1"},"organization":{"reference":"Organization/o1"},"location":[{"reference":"Location/l1"}],"period":{"start":"2026-01-01","end":"2026-06-30"},"specialty":[{"coding":[{"system":"http://nucc.org/provider-taxonomy","code":"208D00000X"}]}]}
{"resourceType":"PractitionerRole","id":"r2","practitioner":{"reference":"Practitioner/none"},"organization":{"reference":"Organization/o1"}}
{"resourceType":"PractitionerRole","id":"r3","practitioner":{"reference":"Practitioner/none"}}

{"resourceType":"PractitionerRole","id":"r4","organization":{"reference":"Organization/o1"}}
`
	people := `{"resourceType":"Practitioner","id":"p1","identifier":[{` + us + `,"value":"1851713903"}],"name":[{"family":"Danwing","given":["Josefina"],"suffix":["MD"]}],"address":[{"use":"home","line":["1 Private Way"]},{"type":"postal","line":["PO Box 1","Suite 2"],"postalCode":"01234-5678","country":"USA"}],"qualification":[{"identifier":[{"value":"L1"}],"code":{"coding":[{"system":"http://nucc.org/provider-taxonomy","code":"225400000X","display":"Rehab"}]}},{"code":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0360|2.7","code":"MD"}]}}]}
{"resourceType":"Practitioner","id":"p2","name":[{"family":"Nemo"}]}
{"resourceType":"Patient","id":"p1","name":[{"family":"Secret"}]}
{"resourceType":"Organization","id":"o1","name":"CLINIC","identifier":[{` + us + `,"value":"1770626038"},{` + us + `,"value":"1225701881"}]}
{"resourceType":"Organization","id":"net","name":"A network"}
{"resourceType":"Organization","id":"prov","name":"A provider","type":[{"coding":[{"code":"prov"}]}]}
{"resourceType":"Location","id":"l1","name":"Main","address":{"line":["2 Main St"],"city":"Rome","state":"GA","postalCode":"30161"},"telecom":[{"system":"phone","value":"+1 (706) 555-0100"},{"system":"fax","value":"7065550101"}]}
{"resourceType":"Location","id":"l2","name":"Hospital","identifier":[{` + us + `,"value":"1000000004"}]}
`
	got := read(t, record.KindRoster, roles, people)
	golden(t, "testdata/directory.golden", got.text.String())
	assert.NotContains(t, got.text.String(), "Private")
}

// With both kinds asked for, who is there for a claim's sake is on no roster.
func TestBothKinds(t *testing.T) {
	who := func(id, npi string) string {
		return fmt.Sprintf(`{"resourceType":"Organization","id":%q,"identifier":[{%s,"value":%q}]}`, id, us, npi)
	}
	in := claimOf(`"provider":{"reference":"Organization/a"},"insurer":{"reference":"Organization/i"}`) + "\n" + who("a", "1") + "\n" + who("i", "2") + "\n" + who("z", "3") + "\n"
	ids := func(kind record.Kind) (out []string) {
		for _, r := range read(t, kind, in).records {
			out = append(out, r.ID)
		}
		return out
	}
	assert.Equal(t, []string{"c1", "Organization/z"}, ids(""))
	assert.Equal(t, []string{"c1"}, ids(record.KindClaim))
	assert.Equal(t, []string{"Organization/a", "Organization/i", "Organization/z"}, ids(record.KindRoster))
}

func TestRecordIDs(t *testing.T) {
	for _, tc := range []struct{ in, id, fault string }{
		{`{"resourceType":"Practitioner","identifier":[{` + us + `,"value":"1851713903"}]}`, "Practitioner/1851713903", ""},
		{`{"resourceType":"Practitioner","identifier":[{` + us + `,"value":"Jane Doe"}]}`, "", "no identifier and no id"},
		{`{"resourceType":"Claim",` + billing + `}`, "", "no identifier and no id"},
		{`{"resourceType":"Claim","id":"a\nb",` + billing + `}`, "", "control characters"},
		{`{"resourceType":"Claim","identifier":[{"value":" a"}],` + billing + `}`, "", "control characters, or blanks"},
		{`{"resourceType":"Claim","id":"` + strings.Repeat("x", 257) + `",` + billing + `}`, "", "more than 256 bytes"},
		{`{"resourceType":"Bundle","entry":[{"fullUrl":"urn:uuid:7","resource":{"resourceType":"Claim",` + billing + `}}]}`, "urn:uuid:7", ""},
	} {
		got := read(t, "", tc.in)
		if tc.fault == "" {
			require.Len(t, got.records, 1, tc.in)
			assert.Equal(t, tc.id, got.records[0].ID)
			continue
		}
		assert.Empty(t, got.records, tc.in)
		require.Len(t, got.faults, 1, tc.in)
		assert.Contains(t, got.faults[0].Reason, tc.fault)
		assert.True(t, got.faults[0].Lost)
		assert.NotContains(t, got.text.String(), "Jane")
	}
}

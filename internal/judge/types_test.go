package judge

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/npiflow/npiflow/internal/record"
)

func TestTypes(t *testing.T) {
	const P, I, D = record.Professional, record.Institutional, record.Dental
	human, sole, group := record.Facts{Status: record.Active, Type: record.NPI1, SoleProprietor: "NO"},
		record.Facts{Status: record.Active, Type: record.NPI1, SoleProprietor: "YES"}, record.Facts{Status: record.Active, Type: record.NPI2}
	unasked, untyped := record.Facts{Status: record.Active, Type: record.NPI1, SoleProprietor: "X"}, record.Facts{Status: record.Active}
	for _, c := range []struct {
		claim record.ClaimType
		role  record.Role
		said  record.Entity
		facts record.Facts
		want  record.Severity
		why   string
	}{
		{P, record.Billing, record.Organization, group, pass, "as said"},
		{P, record.Billing, record.Person, human, pass, "as said"},
		{P, record.Billing, record.Person, group, fail, "contradicts NM102"},
		{P, record.Billing, record.Organization, human, warn, "a person behind a business name"},
		{P, record.Billing, record.Organization, unasked, warn, "who is not registered as a sole proprietor"},
		{P, record.Billing, record.Organization, sole, pass, "who may bill under a business name"},
		{P, record.Billing, "", group, pass, "either, where nothing is said"},
		{P, record.Billing, "", human, pass, "either"},
		{D, record.Billing, record.Person, group, fail, "dental is as professional"},
		{"", record.Billing, record.Person, group, fail, "no type is professional"},
		{I, record.Billing, record.Organization, group, pass, "as it should be"},
		{I, record.Billing, record.Person, human, fail, "institutions bill, whatever is said"},
		{I, record.Billing, record.Organization, sole, warn, "softened for a sole proprietor"},
		{P, record.Rendering, record.Person, human, pass, "as said"},
		{P, record.Rendering, record.Person, group, fail, "a person renders"},
		{P, record.Rendering, record.Organization, group, pass, "a group may"},
		{P, record.Rendering, record.Organization, sole, fail, "but then with its own NPI"},
		{I, record.Rendering, "", group, pass, "nothing said, nothing contradicted"},
		{I, record.Attending, record.Person, human, pass, "a person attends"},
		{I, record.Attending, record.Person, group, fail, "a group does not"},
		{I, record.Attending, record.Organization, group, fail, "also where the record says so"},
		{I, record.Attending, record.Organization, human, warn, "NM102 must be a person's"},
		{I, record.Billing, record.Person, group, warn, "NM102 must be an organization's"},
		{P, record.ServiceFacility, record.Person, group, warn, "likewise"},
		{D, record.AssistantSurgeon, record.Organization, human, pass, "but some guides allow both"},
		{I, record.Operating, "", group, fail, "a person operates"},
		{I, record.OtherOperating, "", group, fail, "likewise"},
		{P, record.Referring, "", group, fail, "a person refers"},
		{P, record.PCP, "", group, fail, "a person is a primary care provider"},
		{P, record.Ordering, "", group, fail, "a person orders"},
		{P, record.Supervising, "", group, fail, "a person supervises"},
		{"", record.Prescribing, "", group, fail, "a person prescribes"},
		{D, record.AssistantSurgeon, record.Person, group, fail, "a person assists"},
		{D, record.AssistantSurgeon, record.Organization, group, warn, "though some guides allow both"},
		{D, record.AssistantSurgeon, "", human, pass, "as it should be"},
		{P, record.PurchasedService, "", group, pass, "either"},
		{P, record.PurchasedService, record.Person, group, fail, "not against what is said"},
		{P, record.PurchasedService, record.Organization, human, fail, "nor the other way round"},
		{P, record.ServiceFacility, record.Organization, group, pass, "a place"},
		{P, record.ServiceFacility, record.Organization, human, warn, "a person is no place"},
		{P, record.ServiceFacility, record.Organization, sole, pass, "but may own one"},
		{P, record.PayTo, record.Person, group, warn, "4010 only, never an error"},
		{P, record.PayTo, record.Organization, sole, warn, "likewise"},
		{I, record.PayTo, record.Person, human, warn, "an institution is paid"},
		{"", record.Individual, record.Person, human, pass, "a roster's person"},
		{"", record.Individual, record.Person, group, fail, "is no group"},
		{"", record.Group, record.Organization, group, pass, "a roster's group"},
		{"", record.Group, record.Organization, human, fail, "is no person"},
		{"", record.Group, record.Organization, sole, fail, "not even a sole proprietor"},
		{P, record.Attending, record.Person, untyped, pass, "a source that does not tell the type"},
		{P, "astrologer", record.Person, group, pass, "a role the table does not know demands nothing"},
	} {
		j := judge(c.claim, record.Mention{Role: c.role, Entity: c.said}, c.facts)
		if c.want == pass {
			assert.Nil(t, j.Flags, "%s %s %s: %s", c.claim, c.role, c.said, c.why)
			continue
		}
		f := only(t, j)
		assert.Equal(t, record.FlagWrongType, f.Code, c.why)
		assert.Equal(t, c.want, f.Severity, "%s %s %s: %s", c.claim, c.role, c.said, c.why)
		if f.Actual == "" {
			assert.Contains(t, f.Detail, "correct what the record says", "the NPI is right")
			continue
		}
		assert.Equal(t, c.facts.Type, f.Actual)
		assert.NotEqual(t, f.Actual, f.Expected)
	}
}

func TestEntityOf(t *testing.T) {
	for _, c := range []struct {
		m    record.Mention
		want record.Entity
	}{
		{record.Mention{Entity: record.Person, OrganizationName: "X"}, record.Person},            // what is said wins
		{record.Mention{FirstName: "JANE", LastName: "ROE"}, record.Person},                      // only people have first names
		{record.Mention{OrganizationName: "ROE CLINIC"}, record.Organization},                    // and only organizations these
		{record.Mention{LastName: "ROE"}, ""},                                                    // NM103 holds both
		{record.Mention{OrganizationName: "ROE CLINIC", FirstName: "JANE", LastName: "ROE"}, ""}, // both
		{record.Mention{}, ""}, // nothing
	} {
		assert.Equal(t, c.want, entityOf(&c.m))
	}
}

// A wrong type says it all: the name differs anyway and is not flagged again.
func TestWrongTypeSilencesName(t *testing.T) {
	j := judge(record.Institutional, record.Mention{Role: record.Attending, FirstName: "JANE", LastName: "ROE"}, fairfax)
	assert.Equal(t, record.FlagWrongType, only(t, j).Code)
}

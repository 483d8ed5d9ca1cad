package judge

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/record"
)

// sentence matches what a finding says, however it is filled in.
func sentence(f *finding) *regexp.Regexp {
	text := regexp.QuoteMeta(f.says)
	return regexp.MustCompile("^" + regexp.MustCompile(`\\\{\w+\\\}`).ReplaceAllString(text, ".*") + "$")
}

// Every problem has a record that raises its flag: services of the first to the
// third of July.
func TestEveryProblem(t *testing.T) {
	const attending, billing = record.Attending, record.Billing
	off := func(day record.Date) record.Facts {
		return record.Facts{Status: record.Deactivated, DeactivationDate: day}
	}
	since := func(day record.Date) record.Facts {
		f := josefina
		f.EnumerationDate = day
		return f
	}
	barred := func(day record.Date) record.Facts {
		f := josefina
		f.Excluded = &record.Exclusion{Type: "1128a1", Date: day}
		return f
	}
	part := fairfax
	part.Name.Organization, part.ParentOrganization = "FAIRFAX IMAGING", "Inova Fairfax Hospital"
	one := func(m record.Mention) record.Record { return record.Record{Mentions: []record.Mention{m}} }
	two := func(a, b record.Role) record.Record {
		return record.Record{Mentions: []record.Mention{{Role: a, NPI: "1770626038"}, {Role: b, NPI: "1770626038"}}}
	}
	row := func(state, zip string) record.Record {
		return record.Record{Kind: record.KindRoster, Mentions: []record.Mention{{Role: record.Individual, NPI: "1234567893"}},
			Roster: &record.Roster{Addresses: []record.Address{{Purpose: "LOCATION", State: state, PostalCode: zip}}}}
	}
	distinct := two(record.Rendering, record.Rendering)
	distinct.Mentions[1].NPI = "1234567893"
	apart := two(billing, record.ServiceFacility)
	apart.Mentions[1].NPI = "1225701881"
	sound := record.Mention{Role: attending, NPI: "1234567893"}
	named := func(first, last, organization string) record.Record {
		m := sound
		m.FirstName, m.LastName, m.OrganizationName = first, last, organization
		return one(m)
	}
	skilled := func(code string) record.Record {
		m := sound
		m.Taxonomy = code
		return one(m)
	}
	said := func(role record.Role, e record.Entity) record.Record {
		return one(record.Mention{Role: role, NPI: "1234567893", Entity: e})
	}
	office := one(record.Mention{Role: billing, NPI: "1770626038"})
	office.ClaimType, office.Place = record.Professional, "11"

	cases := map[problem]struct {
		rec   record.Record
		facts []record.Facts
	}{
		noNPI:            {one(record.Mention{Role: attending}), nil},
		noBillingNPI:     {one(record.Mention{Role: billing}), nil},
		payersNumber:     {one(record.Mention{Role: billing, OtherID: true}), nil},
		noRendering:      {office, []record.Facts{fairfax}},
		wrongDigits:      {one(record.Mention{Role: attending, NPI: "12345"}), nil},
		wrongCharacters:  {one(record.Mention{Role: attending, NPI: "123456789X"}), nil},
		wrongPrefix:      {one(record.Mention{Role: attending, NPI: "9941339100"}), nil},
		wrongCheckDigit:  {one(record.Mention{Role: attending, NPI: "1234567890"}), nil},
		notInRegistry:    {one(sound), []record.Facts{{Status: record.Absent}}},
		notActive:        {one(sound), []record.Facts{off(2026_07_01)}},
		notActiveUndated: {one(sound), []record.Facts{off(0)}},
		partlyActive:     {one(sound), []record.Facts{off(2026_07_02)}},
		activeThen:       {one(sound), []record.Facts{off(2026_07_04)}},
		issuedLater:      {one(sound), []record.Facts{since(2026_07_04)}},
		issuedMeanwhile:  {one(sound), []record.Facts{since(2026_07_02)}},

		groupForPerson:  {one(sound), []record.Facts{fairfax}},
		personForGroup:  {said(record.ServiceFacility, ""), []record.Facts{josefina}},
		groupNotAsSaid:  {said(record.Rendering, record.Person), []record.Facts{fairfax}},
		personNotAsSaid: {said(record.Rendering, record.Organization), []record.Facts{josefina}},
		saidGroup:       {said(attending, record.Organization), []record.Facts{josefina}},
		saidPerson:      {said(record.ServiceFacility, record.Person), []record.Facts{fairfax}},

		otherLastName:     {named("JOSEFINA", "ROE", ""), []record.Facts{josefina}},
		otherFirstName:    {named("MARK", "DANWING", ""), []record.Facts{josefina}},
		otherOrganization: {one(record.Mention{Role: billing, NPI: "1770626038", OrganizationName: "VALLEY CLINIC"}), []record.Facts{fairfax}},
		swappedNames:      {named("DANWING", "JOSEFINA", ""), []record.Facts{josefina}},
		otherTaxonomy:     {skilled("207Q00000X"), []record.Facts{josefina}},
		otherSpecialty:    {skilled("2254A0000X"), []record.Facts{josefina}},
		noTaxonomy:        {skilled("207Q"), []record.Facts{josefina}},
		otherState:        {row("NJ", "07001"), []record.Facts{josefina}},
		otherZIP:          {row("NY", "10041"), []record.Facts{josefina}},

		twoProviders:   {distinct, []record.Facts{fairfax, fairfax}},
		facilityBills:  {two(billing, record.ServiceFacility), []record.Facts{fairfax, fairfax}},
		facilityPart:   {apart, []record.Facts{fairfax, part}},
		supervisesSelf: {two(record.Rendering, record.Supervising), []record.Facts{josefina, josefina}},

		excludedThen:  {one(sound), []record.Facts{barred(2026_07_03)}},
		excludedLater: {one(sound), []record.Facts{barred(2026_07_04)}},
		oldEvidence:   {one(sound), []record.Facts{josefina}},
	}
	raised := map[record.FlagCode]bool{record.FlagIncomplete: true} // said where documents are made
	for p := range problems {
		c, ok := cases[p]
		require.True(t, ok, "problem %d has a case", p)
		if c.rec.Kind == "" {
			c.rec.Kind = record.KindClaim
		}
		c.rec.ServiceFrom, c.rec.ServiceTo = 2026_07_01, 2026_07_03
		e := record.Enriched{Checked: checksum.Check(c.rec)}
		for _, f := range c.facts {
			e.Entries = append(e.Entries, entry(f))
			e.Entries[0].Evidence.Stale = p == oldEvidence
		}
		j := Of(e, today)
		var flags []record.Flag
		for _, of := range j.Flags {
			flags = append(flags, of...)
		}
		require.Len(t, flags, 1, "%s", findings[p].says)
		assert.Regexp(t, sentence(&findings[p]), flags[0].Detail)
		assert.Equal(t, findings[p].code, flags[0].Code)
		if s := findings[p].severity; s != pass {
			assert.Equal(t, s, flags[0].Severity)
		}
		raised[flags[0].Code] = true
	}
	for _, code := range record.FlagCodes {
		assert.True(t, raised[code], "%s is raised", code)
	}
}

func TestFindings(t *testing.T) {
	severities := []record.Severity{fail, warn, note}
	for i := range findings {
		f := &findings[i]
		require.Contains(t, record.FlagCodes, f.code)
		assert.NotEmpty(t, f.when)
		assert.Equal(t, f.claimStatus == "", f.carc == "", f.says)
		byRole := f.code == record.FlagMissingNPI || f.code == record.FlagWrongType || f.code == record.FlagTaxonomyMismatch
		assert.True(t, f.severity == pass && byRole || f.severity != pass && assert.Contains(t, severities, f.severity), f.says)
	}
}

func TestFill(t *testing.T) {
	assert.Equal(t, "The b's a.", fill("The {x}'s {y}.", "y", "a", "none", "z", "x", "b"))
}

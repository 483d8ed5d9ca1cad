package judge

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/record"
)

const today record.Date = 2026_08_03

var (
	josefina = record.Facts{Status: record.Active, Type: record.NPI1, SoleProprietor: "NO", Name: record.Name{First: "JOSEFINA", Last: "DANWING", Credential: "MSW"}}
	owner    = record.Facts{Status: record.Active, Type: record.NPI1, SoleProprietor: "YES", Name: record.Name{First: "JOSEFINA", Last: "DANWING"}}
	fairfax  = record.Facts{Status: record.Active, Type: record.NPI2, Name: record.Name{Organization: "INOVA FAIRFAX HOSPITAL"}}
)

// entry is what the registry says, with plenty around the evidence that no
// rule may look at: a rule sees no more than a result publishes.
func entry(f record.Facts) *record.Entry {
	return &record.Entry{
		NPI: 1234567893, Evidence: record.Evidence{Source: record.FromLocal, AsOf: 2026_08_01, Facts: f},
		Taxonomies: []record.Taxonomy{{Code: "225400000X"}}, Addresses: []record.Address{{Purpose: "LOCATION", State: "NY", PostalCode: "100401234"}}, Official: &record.Official{Last: "SOLOMON"}, Subpart: "YES", Sex: "F",
	}
}

// judge runs one mention through the arithmetic and the rules.
func judge(t record.ClaimType, m record.Mention, f record.Facts) record.Judged {
	if m.NPI == "" {
		m.NPI = "1234567893"
	}
	r := record.Record{Kind: record.KindClaim, ClaimType: t, Mentions: []record.Mention{m}}
	return Of(record.Enriched{Checked: checksum.Check(r), Entries: []*record.Entry{entry(f)}}, today)
}

func only(t *testing.T, j record.Judged) record.Flag {
	t.Helper()
	require.Len(t, j.Flags, 1)
	require.Len(t, j.Flags[0], 1)
	return j.Flags[0][0]
}

func TestIdentifierFlags(t *testing.T) {
	for _, c := range []struct {
		role    record.Role
		npi     string
		code    record.FlagCode
		sev     record.Severity
		says    string
		status  string // predicted claim status, first
		verdict record.Verdict
	}{
		{record.Billing, "123456789", record.FlagMalformedNPI, fail, "9 digits where 10 belong", "A7:562:85", record.Rejected},
		{record.Rendering, "808401234567893", record.FlagMalformedNPI, fail, "leave out the card issuer prefix", "A7:562:82", record.Rejected},
		{record.Attending, "ROE  JANE", record.FlagMalformedNPI, fail, "7 of them letters", "A7:562:71", record.Rejected},
		{record.Referring, "9941339100", record.FlagBadPrefix, fail, "does not begin with 1 or 2", "A7:562:DN", record.Rejected},
		{record.Operating, "1234567890", record.FlagBadChecksum, fail, "check digit", "A7:562:72", record.Rejected},
		{record.Individual, "1234567890", record.FlagBadChecksum, fail, "check digit", "", record.Rejected}, // no payer sees a roster
		{record.Billing, "", record.FlagMissingNPI, warn, "the payer's own number", "A6:562:85", record.Flagged},
		{record.OtherOperating, "", record.FlagMissingNPI, warn, "has no NPI", "A6:562:73", record.Flagged},
		{record.Prescribing, "", record.FlagMissingNPI, warn, "has no NPI", "A6:562:DK", record.Flagged},
		{record.ServiceFacility, "", record.FlagMissingNPI, note, "has no NPI", "A6:562:77", record.Clean},
		{record.PayTo, "", record.FlagMissingNPI, note, "has no NPI", "A6:562:87", record.Clean},
		{record.Individual, "", record.FlagMissingNPI, fail, "has no NPI", "", record.Flagged},
		{record.Group, "", record.FlagMissingNPI, note, "has no NPI", "", record.Clean},
		{"astrologer", "", record.FlagMissingNPI, note, "The provider has no NPI", "", record.Clean}, // decoding lets none in
	} {
		r := record.Record{Mentions: []record.Mention{{Role: c.role, NPI: c.npi}}}
		j := Of(record.Enriched{Checked: checksum.Check(r)}, today)
		f := only(t, j)
		assert.Equal(t, c.code, f.Code, "%s %s", c.role, c.npi)
		assert.Equal(t, c.sev, f.Severity, "%s %s", c.role, c.npi)
		assert.Contains(t, f.Detail, c.says)
		assert.Equal(t, c.verdict, j.Verdict, "%s %s", c.role, c.npi)
		if c.status == "" {
			assert.Nil(t, f.Codes)
		} else {
			assert.Equal(t, c.status, f.Codes.ClaimStatus[0])
		}
	}
}

// Some providers cannot have an NPI; payers give them a number of their own.
func TestAtypical(t *testing.T) {
	for _, role := range []record.Role{record.Billing, record.Rendering, record.Individual} {
		r := record.Record{Mentions: []record.Mention{{Role: role, OtherID: true}}}
		j := Of(record.Enriched{Checked: checksum.Check(r)}, today)
		f := only(t, j)
		assert.Equal(t, record.FlagMissingNPI, f.Code)
		assert.Equal(t, note, f.Severity)
		assert.Contains(t, f.Detail, "nothing to mend if it can have none")
		assert.Nil(t, f.Codes, "payers accept it")
		assert.Equal(t, record.Clean, j.Verdict)
	}
	r := record.Record{Mentions: []record.Mention{{Role: record.Billing, NPI: "1234567893", OtherID: true}}}
	assert.Nil(t, Of(record.Enriched{Checked: checksum.Check(r), Entries: []*record.Entry{entry(fairfax)}}, today).Flags, "with an NPI the other number is a secondary one")
}

func TestVerdicts(t *testing.T) {
	sound, bad, nobody := record.Mention{Role: record.Rendering, NPI: "1234567893"}, record.Mention{Role: record.Billing, NPI: "1234567890"}, record.Mention{Role: record.ServiceFacility}
	ok, gone, unknown := entry(josefina), entry(record.Facts{Status: record.Absent}), entry(record.Facts{})
	for _, c := range []struct {
		mentions []record.Mention
		entries  []*record.Entry
		want     record.Verdict
		flags    []int // how many flags each mention gets; nil is none at all
		why      string
	}{
		{[]record.Mention{sound}, []*record.Entry{ok}, record.Clean, nil, "nothing wrong"},
		{[]record.Mention{sound, nobody}, []*record.Entry{ok, nil}, record.Clean, []int{0, 1}, "an info leaves it clean"},
		{[]record.Mention{sound}, []*record.Entry{gone}, record.Flagged, []int{1}, "absence is an answer"},
		{[]record.Mention{sound}, []*record.Entry{unknown}, record.Unverified, nil, "ignorance is none"},
		{[]record.Mention{sound}, []*record.Entry{nil}, record.Unverified, nil, "nobody was asked"},
		{[]record.Mention{sound}, nil, record.Unverified, nil, "nor here"},
		{[]record.Mention{sound, sound}, []*record.Entry{gone}, record.Unverified, []int{1, 0}, "what is known is flagged beside what is not"},
		{[]record.Mention{bad, sound}, []*record.Entry{nil, gone}, record.Rejected, []int{1, 0}, "rejected at once: no registry flags"},
		{[]record.Mention{bad, nobody}, nil, record.Rejected, []int{1, 1}, "a missing NPI is said all the same"},
		{nil, nil, record.Clean, nil, "nobody to judge"},
	} {
		e := record.Enriched{Checked: checksum.Check(record.Record{Mentions: c.mentions}), Entries: c.entries}
		j := Of(e, today)
		assert.Equal(t, c.want, j.Verdict, c.why)
		assert.Equal(t, e, j.Enriched, c.why)
		if c.flags == nil {
			assert.Nil(t, j.Flags, c.why)
			continue
		}
		var n []int
		for _, f := range j.Flags {
			n = append(n, len(f))
		}
		assert.Equal(t, c.flags, n, c.why)
	}
	unmarked := record.Enriched{Checked: record.Checked{Record: record.Record{Mentions: []record.Mention{sound}}}, Entries: []*record.Entry{ok}}
	assert.Equal(t, record.Unverified, Of(unmarked, today).Verdict, "an identifier nobody looked at is not known to be sound")
}

func TestNotFound(t *testing.T) {
	f := only(t, judge("", record.Mention{Role: record.Billing, Entity: record.Person, LastName: "ROE"}, record.Facts{Status: record.Absent}))
	assert.Equal(t, record.FlagNotFound, f.Code)
	assert.Equal(t, record.Error, f.Severity)
	assert.Contains(t, f.Detail, "(NPPES data file of 2026-08-01)")
	assert.Equal(t, &record.Codes{ClaimStatus: []string{"A7:562:85"}, CARC: []string{"16", "208"}, RARC: []string{"N257", "MA130"}}, f.Codes)
}

func TestCite(t *testing.T) {
	for _, c := range []struct {
		e    record.Evidence
		want string
	}{
		{record.Evidence{Source: record.FromAPI, AsOf: today}, "NPPES of 2026-08-03"},
		{record.Evidence{Source: record.FromDeactivations, AsOf: today}, "CMS deactivation list of 2026-08-03"},
		{record.Evidence{Source: record.FromLocal}, "NPPES data file"},
		{record.Evidence{Source: "elsewhere"}, "source not named"},
	} {
		assert.Equal(t, c.want, cite(&c.e))
	}
}

// All that is wrong with a provider is said at once.
func TestSeveralFlags(t *testing.T) {
	f := josefina
	f.DeactivationDate = 2020_01_01
	j := judge("", record.Mention{Role: record.Attending, Entity: record.Person, FirstName: "JANE", LastName: "ROE"}, f)
	require.Len(t, j.Flags[0], 2)
	assert.Equal(t, record.FlagDeactivated, j.Flags[0][0].Code)
	assert.Equal(t, record.FlagNameMismatch, j.Flags[0][1].Code)
}

func TestTable(t *testing.T) {
	labels := map[string]bool{}
	for _, role := range record.Roles {
		r := ruleOf(role)
		require.NotSame(t, stranger, r, "%s has a line in the table", role)
		assert.Equal(t, role, r.role)
		assert.NotEqual(t, pass, r.missing)
		assert.False(t, labels[r.label], "%s: labels tell roles apart", role)
		labels[r.label] = true
		if role == record.Individual || role == record.Group {
			for p := range problems {
				assert.Nil(t, r.flags[p].Codes, "no payer answers a roster")
			}
			continue
		}
		for p := range problems {
			f := r.flags[p]
			assert.Equal(t, findings[p].claimStatus == "", f.Codes == nil)
			if f.Codes == nil {
				continue
			}
			require.NotEmpty(t, f.Codes.ClaimStatus)
			all := strings.Join(slices.Concat(f.Codes.ClaimStatus, f.Codes.CARC, f.Codes.RARC), " ")
			for _, placeholder := range []string{"EC", "R", "RN", "RT", "EL", ""} {
				assert.NotContains(t, strings.Fields(all), placeholder)
			}
			assert.NotContains(t, all, ":EC")
		}
	}
	codes := func(role record.Role, p problem) *record.Codes { return ruleOf(role).flags[p].Codes }
	assert.Equal(t, &record.Codes{ClaimStatus: []string{"A7:741:DN", "A7:562:DN"}, CARC: []string{"16", "183"}, RARC: []string{"N286", "N55"}}, codes(record.Referring, groupForPerson))
	assert.Equal(t, []string{"N264", "N575", "N521"}, codes(record.Ordering, otherLastName).RARC)
	assert.Equal(t, []string{"N283", "N55"}, codes(record.PurchasedService, personForGroup).RARC)
	assert.Equal(t, []string{"16", "208", "B7"}, codes(record.Billing, notActive).CARC)
	assert.Equal(t, &record.Codes{ClaimStatus: []string{"A7:145:71"}, CARC: []string{"8"}, RARC: []string{"N251"}}, codes(record.Attending, otherTaxonomy))
	assert.Empty(t, codes(record.Operating, otherTaxonomy).RARC)
}

// cleanClaim is the usual claim: two providers, nothing wrong.
func cleanClaim() record.Enriched {
	r := record.Record{
		ID: "clm-1", Kind: record.KindClaim, ClaimType: record.Professional, ServiceFrom: 2026_07_01, ServiceTo: 2026_07_01,
		Mentions: []record.Mention{
			{Role: record.Billing, NPI: "1770626038", Entity: record.Organization, OrganizationName: "Inova Fairfax Hospital", Taxonomy: "225400000X"},
			{Role: record.Rendering, NPI: "1851713903", Entity: record.Person, FirstName: "Josefina", LastName: "Danwing", Taxonomy: "225400000X"},
		},
	}
	return record.Enriched{Checked: checksum.Check(r), Entries: []*record.Entry{entry(fairfax), entry(josefina)}}
}

func TestCleanClaimMakesNothing(t *testing.T) {
	e := cleanClaim()
	require.Equal(t, record.Clean, Of(e, today).Verdict)
	assert.Zero(t, testing.AllocsPerRun(100, func() { kept = Of(e, today) }))
}

// Flags go out as they are, so they must render.
func TestFlagsRender(t *testing.T) {
	out, err := json.Marshal(only(t, judge(record.Institutional, record.Mention{Role: record.Billing}, josefina)))
	require.NoError(t, err)
	assert.JSONEq(t, `{"code":"wrong_type","severity":"error","expected":"NPI-2","actual":"NPI-1",
		"detail":"The billing provider must be an organization, but the registry holds this NPI for a person: give the organization's own NPI.",
		"codes":{"claim_status":["A7:775:85","A8:562:85"],"carc":["16","208"],"rarc":["N257","N55"]}}`, string(out))
}

var kept record.Judged

func BenchmarkOf(b *testing.B) {
	e := cleanClaim()
	b.ReportAllocs()
	for b.Loop() {
		kept = Of(e, today)
	}
}

func BenchmarkOfNameVariant(b *testing.B) {
	e := cleanClaim()
	e.Mentions[1].LastName = "Danwing-Nunez, MSW"
	b.ReportAllocs()
	for b.Loop() {
		kept = Of(e, today)
	}
}

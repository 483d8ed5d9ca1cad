package judge

import (
	"strings"

	"github.com/npiflow/npiflow/internal/record"
)

// rule is what a role demands of its provider, and what a payer answers where
// the provider does not live up to it.
type rule struct {
	row
	codes [problems]*record.Codes
}

// row is a role's line in the table.
type row struct {
	role    record.Role
	label   string          // what a sentence calls it
	missing record.Severity // of a mention without an NPI

	// Which type of NPI suits the role, by the 837 guide the claim follows.
	professional, institutional, dental expectation

	// How payers name the role: 277CA entity code (005010X214 has no ZZ, P3 or
	// DD, so these go by their nearest neighbour), remark codes (RARC) for the
	// identifier and for the name, reason code (CARC) for not being eligible.
	entity, identifier, name, eligible string
}

const (
	fail = record.Error
	warn = record.Warning
	note = record.Info
	pass = record.Severity("")
)

// expectation says which type of NPI suits a role and what another one costs.
// X12 holds that NM102 and the registry's type are similar but not the same
// (RFI 2217), hence the lenient places.
type expectation struct {
	want      string          // NPI1, NPI2, or "" for what the record itself says
	person    record.Severity // a person's NPI where an organization belongs
	sole      record.Severity // the same, where the person is a sole proprietor
	group     record.Severity // an organization's NPI where a person belongs
	groupSaid record.Severity // the same, where the record says organization too
}

var (
	biller       = expectation{"", warn, pass, fail, fail}          // either; a sole proprietor may bill under a business name
	institution  = expectation{record.NPI2, fail, warn, pass, pass} // an institution bills; a sole proprietor hardly is one
	practitioner = expectation{record.NPI1, pass, pass, fail, fail} // someone with two hands
	assistant    = expectation{record.NPI1, pass, pass, fail, warn} // a person, though some guides allow both
	asSaid       = expectation{"", fail, fail, fail, fail}          // either, as long as the record agrees with itself
	place        = expectation{record.NPI2, warn, pass, pass, pass} // not a person, but its owner may be a sole proprietor
	payee        = expectation{"", warn, warn, warn, warn}          // 4010 only
	paidHospital = expectation{record.NPI2, warn, warn, pass, pass} // likewise, on an institutional claim
	company      = expectation{record.NPI2, fail, fail, pass, pass} // a roster's group column
)

// rules is the whole table. Types follow NM102 as the 837 guides allow it and
// the registry's own distinction (45 CFR 162.408); remark and reason codes are
// from X12's lists, claim status and entity codes from the 277CA. What a payer
// answers is a prediction; payers differ.
var rules = index([]row{
	// role, what a sentence calls it, without an NPI, type of NPI by claim type (P, I, D), entity, RARC id, RARC name, CARC
	{record.Billing, "billing provider", warn, biller, institution, biller, "85", "N257", "N256", ""},
	{record.Rendering, "rendering provider", warn, asSaid, asSaid, asSaid, "82", "N290", "N289", "185"},
	{record.Referring, "referring provider", warn, practitioner, practitioner, practitioner, "DN", "N286", "N285 N575", "183"},
	{record.PCP, "primary care provider", warn, practitioner, practitioner, practitioner, "DN", "N286", "N285 N575", "183"},
	{record.Ordering, "ordering provider", warn, practitioner, practitioner, practitioner, "DK", "N265", "N264 N575", "184"},
	{record.Supervising, "supervising provider", warn, practitioner, practitioner, practitioner, "DQ", "N297", "N296", ""},
	{record.Attending, "attending provider", warn, practitioner, practitioner, practitioner, "71", "N253", "N252", "283"},
	{record.Operating, "operating physician", warn, practitioner, practitioner, practitioner, "72", "N262", "N261", ""},
	{record.OtherOperating, "other operating physician", warn, practitioner, practitioner, practitioner, "73", "N270", "N269", ""},
	{record.ServiceFacility, "service facility", note, place, place, place, "77", "N293", "N292", ""},
	{record.PurchasedService, "purchased service provider", note, asSaid, asSaid, asSaid, "QB", "N283", "", ""},
	{record.AssistantSurgeon, "assistant surgeon", warn, assistant, assistant, assistant, "1P", "N249", "N248", ""},
	{record.PayTo, "pay-to provider", note, payee, paidHospital, payee, "87", "N280", "N279", ""},
	{record.Prescribing, "prescribing provider", warn, practitioner, practitioner, practitioner, "DK", "N31", "", "184"},
	{record.Individual, "listed provider", fail, practitioner, practitioner, practitioner, "", "", "", ""},
	{record.Group, "group", note, company, company, company, "", "", "", ""},
})

// stranger is the rule for a role the table does not know; decoding lets none
// through.
var stranger = rule{row: row{label: "provider", missing: note}}

func index(table []row) map[record.Role]*rule {
	by := make(map[record.Role]*rule, len(table))
	for _, row := range table {
		by[row.role] = &rule{row: row, codes: row.predict()}
	}
	return by
}

func ruleOf(role record.Role) *rule {
	if r := rules[role]; r != nil {
		return r
	}
	return &stranger
}

// expects is the expectation for the claim's type; a claim that does not say
// its type is read as a professional one, the commonest and most lenient.
func (r *rule) expects(t record.ClaimType) expectation {
	switch t {
	case record.Institutional:
		return r.institutional
	case record.Dental:
		return r.dental
	}
	return r.professional
}

// problem is what can be wrong with a mention, as payers distinguish it.
type problem uint8

const (
	noNPI problem = iota
	wrongLength
	wrongCharacters
	wrongPrefix
	wrongCheckDigit
	notInRegistry
	notActive
	partlyActive
	groupForPerson
	personForGroup
	otherLastName
	otherFirstName
	otherOrganization
	problems
)

// answers are the payer's codes by problem. EC stands for the role's entity
// code, R and RN for its remark codes for identifier and name, EL for its
// eligibility reason; what a role does not have is left out.
var answers = [problems]struct{ claimStatus, carc, rarc string }{
	noNPI:             {"A6:562:EC", "16 206", "R MA130"},
	wrongLength:       {"A7:562:EC A7:512:EC", "16 207", "R MA130"},
	wrongCharacters:   {"A7:562:EC A7:511:EC", "16 207", "R MA130"},
	wrongPrefix:       {"A7:562:EC", "207 208", ""},
	wrongCheckDigit:   {"A7:562:EC", "16 207", "R"},
	notInRegistry:     {"A7:562:EC", "16 208", "R MA130"},
	notActive:         {"A7:562:EC A7:91:EC", "16 208 B7", "R"},
	partlyActive:      {"A7:562:EC A7:91:EC", "B7", ""},
	groupForPerson:    {"A7:741:EC A7:562:EC", "16 EL", "R N55"},
	personForGroup:    {"A7:775:EC A8:562:EC", "16 208", "R N55"},
	otherLastName:     {"A8:504:EC A8:562:EC", "16", "RN N521"},
	otherFirstName:    {"A8:505:EC A8:562:EC", "16", "RN N521"},
	otherOrganization: {"A8:125:EC A8:562:EC", "16", "RN N521"},
}

// predict fills the role's codes once, so that flags share them. A roster's
// roles are no payer's business and have none.
func (r row) predict() (codes [problems]*record.Codes) {
	if r.entity == "" {
		return codes
	}
	for p, a := range answers {
		codes[p] = &record.Codes{
			ClaimStatus: r.fill(a.claimStatus),
			CARC:        r.fill(a.carc),
			RARC:        r.fill(a.rarc),
		}
	}
	return codes
}

func (r row) fill(template string) (codes []string) {
	for _, code := range strings.Fields(template) {
		switch code {
		case "R":
			code = r.identifier
		case "RN":
			code = r.name
		case "EL":
			code = r.eligible
		}
		codes = append(codes, strings.Fields(strings.Replace(code, ":EC", ":"+r.entity, 1))...)
	}
	return codes
}

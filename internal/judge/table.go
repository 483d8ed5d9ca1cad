package judge

import "github.com/npiflow/npiflow/internal/record"

// rule is what a role demands of its provider, and a flag for each thing that
// can be wrong with it.
type rule struct {
	row
	flags [problems]record.Flag
}

// row is a role's line in the table.
type row struct {
	role     record.Role
	label    string          // what a sentence calls it
	missing  record.Severity // of a mention without an NPI
	unlisted record.Severity // of a taxonomy the registry does not list

	// Which type of NPI suits the role, by the 837 guide the claim follows.
	professional, institutional, dental expectation

	// How payers name the role: 277CA entity code (005010X214 has no ZZ, P3 or
	// DD, so these go by their nearest neighbour), remark codes (RARC) for the
	// identifier, for the name and for the taxonomy, reason code (CARC) for not
	// being eligible.
	entity, identifier, name, taxonomy, eligible string
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
	misnamed  record.Severity // the right NPI, but the record calls its holder an organization, or a person
}

var (
	biller       = expectation{"", warn, pass, fail, fail, pass}          // either; a sole proprietor may bill under a business name
	institution  = expectation{record.NPI2, fail, warn, pass, pass, warn} // an institution bills; a sole proprietor hardly is one
	practitioner = expectation{record.NPI1, pass, pass, fail, fail, warn} // someone with two hands
	assistant    = expectation{record.NPI1, pass, pass, fail, warn, pass} // a person, though some guides allow both
	asSaid       = expectation{"", fail, fail, fail, fail, pass}          // either, as long as the record agrees with itself
	place        = expectation{record.NPI2, warn, pass, pass, pass, warn} // not a person, but its owner may be a sole proprietor
	payee        = expectation{"", warn, warn, warn, warn, pass}          // 4010 only
	paidHospital = expectation{record.NPI2, warn, warn, pass, pass, warn} // likewise, on an institutional claim
	company      = expectation{record.NPI2, fail, fail, pass, pass, pass} // a roster's group column
)

// rules is what each role demands. Types follow NM102 as the 837 guides allow
// it and the registry's own distinction (45 CFR 162.408). The registry's
// taxonomies are of the provider's own choosing and nobody checks them, so a
// mismatch is never an error; it warns where payers have a remark code for it.
// Remark and reason codes are from X12's lists, claim status and entity codes
// from the 277CA. What a payer answers is a prediction; payers differ.
var rules = index([]row{
	// role, what a sentence calls it, without an NPI, taxonomy, type of NPI by claim type (P, I, D), entity, RARC id, name, taxonomy, CARC
	{record.Billing, "billing provider", warn, warn, biller, institution, biller, "85", "N257", "N256", "N255", ""},
	{record.Rendering, "rendering provider", warn, warn, asSaid, asSaid, asSaid, "82", "N290", "N289", "N288", "185"},
	{record.Referring, "referring provider", warn, warn, practitioner, practitioner, practitioner, "DN", "N286", "N285 N575", "N284", "183"},
	{record.PCP, "primary care provider", warn, warn, practitioner, practitioner, practitioner, "DN", "N286", "N285 N575", "N284", "183"},
	{record.Ordering, "ordering provider", warn, note, practitioner, practitioner, practitioner, "DK", "N265", "N264 N575", "", "184"},
	{record.Supervising, "supervising provider", warn, note, practitioner, practitioner, practitioner, "DQ", "N297", "N296", "", ""},
	{record.Attending, "attending provider", warn, warn, practitioner, practitioner, practitioner, "71", "N253", "N252", "N251", "283"},
	{record.Operating, "operating physician", warn, note, practitioner, practitioner, practitioner, "72", "N262", "N261", "", ""},
	{record.OtherOperating, "other operating physician", warn, note, practitioner, practitioner, practitioner, "73", "N270", "N269", "", ""},
	{record.ServiceFacility, "service facility", note, note, place, place, place, "77", "N293", "N292", "", ""},
	{record.PurchasedService, "purchased service provider", note, note, asSaid, asSaid, asSaid, "QB", "N283", "", "", ""},
	{record.AssistantSurgeon, "assistant surgeon", warn, warn, assistant, assistant, assistant, "1P", "N249", "N248", "N247", ""},
	{record.PayTo, "pay-to provider", note, note, payee, paidHospital, payee, "87", "N280", "N279", "", ""},
	{record.Prescribing, "prescribing provider", warn, note, practitioner, practitioner, practitioner, "DK", "N31", "", "", "184"},
	{record.Individual, "listed provider", fail, warn, practitioner, practitioner, practitioner, "", "", "", "", ""},
	{record.Group, "group", note, warn, company, company, company, "", "", "", "", ""},
})

// stranger is the rule for a role the table does not know; decoding lets none
// through.
var stranger = newRule(row{label: "provider", missing: note, unlisted: note})

func index(table []row) map[record.Role]*rule {
	by := make(map[record.Role]*rule, len(table))
	for _, row := range table {
		by[row.role] = newRule(row)
	}
	return by
}

func ruleOf(role record.Role) *rule {
	if r := rules[role]; r != nil {
		return r
	}
	return stranger
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

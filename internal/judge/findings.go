package judge

import (
	"strings"

	"github.com/npiflow/npiflow/internal/record"
)

// problem is what can be wrong with a mention, as the one who must mend it and
// the payer distinguish it. Several may share a flag.
type problem uint8

const (
	noNPI problem = iota
	noBillingNPI
	payersNumber
	noRendering
	wrongDigits
	wrongCharacters
	wrongPrefix
	wrongCheckDigit
	notInRegistry
	notActive
	notActiveUndated
	partlyActive
	activeThen
	issuedLater
	issuedMeanwhile
	groupForPerson
	personForGroup
	groupNotAsSaid
	personNotAsSaid
	saidGroup
	saidPerson
	otherLastName
	otherFirstName
	otherOrganization
	swappedNames
	otherTaxonomy
	otherSpecialty
	noTaxonomy
	otherState
	otherZIP
	twoProviders
	facilityBills
	facilityPart
	supervisesSelf
	excludedThen
	excludedLater
	oldEvidence
	problems // how many there are
)

// finding is a problem's line in the table: the flag it raises, and when, the
// sentence for the one who must mend it, and the payer's predicted answer.
//
// In a sentence, {role} is what the role is called, and the other braces are
// filled in by the rule. In the codes, EC stands for the role's entity code, R,
// RN and RT for its remark codes for identifier, name and taxonomy, EL for its
// eligibility reason; what a role does not have is left out.
type finding struct {
	code                    record.FlagCode
	severity                record.Severity // pass where the role says it
	when                    string
	says                    string
	claimStatus, carc, rarc string
}

var findings = [problems]finding{
	noNPI: {record.FlagMissingNPI, pass, "the role has no NPI",
		"The {role} has no NPI: look it up in the registry and add it.",
		"A6:562:EC", "16 206", "R MA130"},
	noBillingNPI: {record.FlagMissingNPI, pass, "the billing provider has no NPI and no number of the payer's",
		"The {role} has no NPI: add it, or the payer's own number where the provider cannot have one.",
		"A6:562:EC", "16 206", "R MA130"},
	payersNumber: {record.FlagMissingNPI, note, "no NPI, but the payer's own number, as for providers that can have no NPI (X12 RFI 1301)",
		"The {role} has the payer's own number in place of an NPI: nothing to mend if it can have none, as in transport or home modification; else add the NPI.",
		"", "", ""},
	noRendering: {record.FlagMissingRendering, warn, "professional claim, place of service 11, billed by an organization (laboratories, suppliers, transport and surgical centers aside), without a rendering provider on claim or line",
		"The billing provider is an organization and the service was in an office, but the claim names no rendering provider: add the practitioner who rendered it, with the NPI.",
		"A6:562:EC", "16 206", "R MA130"},

	wrongDigits: {record.FlagMalformedNPI, fail, "digits alone, but not ten of them",
		"The NPI of the {role} is not a number of ten digits ({found}): correct it at the source.",
		"A7:562:EC A7:512:EC", "16 207", "R MA130"},
	wrongCharacters: {record.FlagMalformedNPI, fail, "something other than digits in it",
		"The NPI of the {role} is not a number of ten digits ({found}): correct it at the source.",
		"A7:562:EC A7:511:EC", "16 207", "R MA130"},
	wrongPrefix: {record.FlagBadPrefix, fail, "the first digit is not 1 or 2",
		"The NPI of the {role} does not begin with 1 or 2, and no other NPI was ever issued: another number, or a test value, stands in its place.",
		"A7:562:EC", "207 208", ""},
	wrongCheckDigit: {record.FlagBadChecksum, fail, "the tenth digit is not what the other nine demand",
		"The check digit of the {role}'s NPI does not fit: a digit is mistyped or two are swapped. Compare it with the registry.",
		"A7:562:EC", "16 207", "R"},

	notInRegistry: {record.FlagNotFound, fail, "neither the registry nor the deactivation list has the NPI",
		"The registry has no provider under this NPI of the {role} ({source}): correct the NPI, or wait until a new one is listed.",
		"A7:562:EC", "16 208", "R MA130"},
	notActive: {record.FlagDeactivated, fail, "deactivated on or before the first day of service, and not active again on or before the last",
		"The {role}'s NPI was deactivated on {off}, {again}, and so was not active on {days} ({source}): name a provider whose NPI was active, or have this one put right with NPPES.",
		"A7:562:EC A7:91:EC", "16 208 B7", "R"},
	notActiveUndated: {record.FlagDeactivated, fail, "deactivated, and no source says since when",
		"The {role}'s NPI is deactivated; since when is not known ({source}): name a provider whose NPI was active, or have this one put right with NPPES.",
		"A7:562:EC A7:91:EC", "16 208 B7", "R"},
	partlyActive: {record.FlagStraddles, warn, "active on some days of service and not on others",
		"The {role}'s NPI was deactivated on {off}, {again}, so it was active on a part only of {days} ({source}): split the claim and bill that part alone under it.",
		"A7:562:EC A7:91:EC", "B7", ""},
	activeThen: {record.FlagDeactivatedAfter, note, "deactivated after the last day of service",
		"The {role}'s NPI was active on {days} and deactivated later, on {off} ({source}): nothing to mend, but it cannot be used for later services.",
		"", "", ""},
	issuedLater: {record.FlagBeforeEnumerated, warn, "enumerated after the last day of service",
		"The {role}'s NPI was issued on {issued}, after {days} ({source}): check the date; payers may ask for the NPI that was in use then.",
		"A7:562:EC A7:91:EC", "B7", ""},
	issuedMeanwhile: {record.FlagBeforeEnumerated, warn, "enumerated after the first day of service, not after the last",
		"The {role}'s NPI was issued on {issued}, after the first of {days} ({source}): check the dates, or split the claim at that day.",
		"A7:562:EC A7:91:EC", "B7", ""},

	groupForPerson: {record.FlagWrongType, pass, "NPI-2 in a role that needs a person",
		"The {role} must be a person, but the registry holds this NPI for an organization: give the practitioner's own NPI.",
		"A7:741:EC A7:562:EC", "16 EL", "R N55"},
	personForGroup: {record.FlagWrongType, pass, "NPI-1 in a role that needs an organization",
		"The {role} must be an organization, but the registry holds this NPI for {holder}: give the organization's own NPI.",
		"A7:775:EC A8:562:EC", "16 208", "R N55"},
	groupNotAsSaid: {record.FlagWrongType, pass, "NPI-2 in a role of either type, and the record says person",
		"The record says that the {role} is a person, but the registry holds this NPI for an organization: give the practitioner's own NPI, or correct what the record says.",
		"A7:741:EC A7:562:EC", "16 EL", "R N55"},
	personNotAsSaid: {record.FlagWrongType, pass, "NPI-1 in a role of either type, and the record says organization",
		"The record says that the {role} is an organization, but the registry holds this NPI for {holder}: give the organization's own NPI, or correct what the record says.",
		"A7:775:EC A8:562:EC", "16 208", "R N55"},
	saidGroup: {record.FlagWrongType, pass, "NPI-1 in a role that needs a person, but the record says organization (NM102)",
		"The record says that the {role} is an organization, but it must be a person, and the registry holds this NPI for one: correct what the record says.",
		"A7:775:EC", "16", "R"},
	saidPerson: {record.FlagWrongType, pass, "NPI-2 in a role that needs an organization, but the record says person (NM102)",
		"The record says that the {role} is a person, but it must be an organization, and the registry holds this NPI for one: correct what the record says.",
		"A7:775:EC", "16", "R"},

	otherLastName: {record.FlagNameMismatch, warn, "the last name is none the registry has for the person, nor near one",
		"The registry knows this NPI under another last name than the record gives for the {role}: correct the name, or the NPI if it is somebody else's.",
		"A8:504:EC A8:562:EC", "16", "RN N521"},
	otherFirstName: {record.FlagNameMismatch, warn, "the last name fits, the first name does not",
		"The registry knows this NPI under another first name than the record gives for the {role}: correct the name, or the NPI if it is somebody else's.",
		"A8:505:EC A8:562:EC", "16", "RN N521"},
	otherOrganization: {record.FlagNameMismatch, warn, "none of the names the registry has for the organization or its parent fits; or the NPI is a person's and the business is not named after it",
		"The registry knows this NPI under another organization name than the record gives for the {role}: correct the name, or the NPI if it is somebody else's.",
		"A8:125:EC A8:562:EC", "16", "RN N521"},
	swappedNames: {record.FlagNameMismatch, warn, "first and last name in each other's place",
		"The first and the last name of the {role} stand in each other's place, as the registry has them: swap them.",
		"A8:504:EC A8:505:EC", "16", "RN N521"},
	otherTaxonomy: {record.FlagTaxonomyMismatch, pass, "the registry lists taxonomies for the provider, but none of this classification",
		"The registry does not list the taxonomy of the {role} for this provider, nor one of the same classification ({source}): give one it lists, or have the provider add it in NPPES.",
		"A7:145:EC", "8", "RT"},
	otherSpecialty: {record.FlagTaxonomyMismatch, note, "the registry lists the classification (the first four characters), but another specialization of it",
		"The registry lists another specialization of the same classification than the taxonomy of the {role} ({source}): give the one it lists, if the payer compares them.",
		"A7:145:EC", "8", "RT"},
	noTaxonomy: {record.FlagTaxonomyMismatch, pass, "not nine letters and digits before an X",
		"The taxonomy of the {role} is no code as NUCC makes them, nine letters or digits and an X: correct it at the source.",
		"A7:145:EC", "8", "RT"},
	otherState: {record.FlagAddressMismatch, warn, "roster: a practice in a state where the registry knows none of the provider's",
		"The roster lists a practice of the {role} in a state where the registry knows none ({source}): correct the roster, or have the provider add the practice in NPPES.",
		"", "", ""},
	otherZIP: {record.FlagAddressMismatch, note, "roster: a practice in a state where the registry knows one of the provider's, but under another ZIP code",
		"The roster lists a practice of the {role} under a ZIP code where the registry knows none, though it does in the same state ({source}): compare the addresses.",
		"", "", ""},

	twoProviders: {record.FlagDuplicateRole, warn, "claim: another NPI in the same role before it, for the claim or the same line",
		"The claim names another {role} before this one, and takes one for the claim and one for each line: leave one out, or give each the line it belongs to.",
		"", "", ""},
	facilityBills: {record.FlagFacilityBills, note, "claim: the NPI of the service facility is the billing provider's (X12 RFI 1845)",
		"The {role} has the NPI of the billing provider: name it only if it is another organization, and leave it out, or its NPI, if it is the biller's own place.",
		"A8:562:EC", "16", "R"},
	facilityPart: {record.FlagFacilityBills, note, "claim: the registry holds the service facility for a part of the organization that bills",
		"The {role} is registered as a part of the organization that bills: bill under the part's own NPI, and leave out the facility.",
		"A8:562:EC", "16", "R"},
	supervisesSelf: {record.FlagSupervisesSelf, warn, "claim: the NPI of the supervising provider is the rendering provider's, on the claim or the same line",
		"The {role} is the rendering provider too: name the one who supervised, or leave the supervising provider out.",
		"A8:562:EC", "16", "R"},

	excludedThen: {record.FlagExcluded, fail, "on the OIG exclusion list on or before the last day of service; a waiver is told and changes nothing",
		"The {role} is on the OIG exclusion list{line}: no federal health care program pays for what it furnishes, orders or prescribes, so name another provider, or bill no federal program for it.{waiver}",
		"", "", ""},
	excludedLater: {record.FlagExcluded, note, "excluded after the last day of service",
		"The {role} is on the OIG exclusion list{line}, after {days}: nothing to mend, but no federal health care program pays for its later services.{waiver}",
		"", "", ""},
	oldEvidence: {record.FlagStaleEvidence, note, "the evidence is older than the configuration allows, and nothing newer was to be had",
		"The evidence on the {role} ({source}) is older than allowed, and nothing newer was to be had: vet the record again once the local registry is up to date or NPPES answers.",
		"", "", ""},
}

// newRule makes the role's flags once, so that all who raise one share its
// codes. A roster's roles are no payer's business and have none.
func newRule(r row) *rule {
	made := &rule{row: r}
	for p := range findings {
		made.flags[p] = r.draft(&findings[p])
	}
	return made
}

// draft is a flag whose sentence lacks only what the record and the evidence
// put into it.
func (r row) draft(f *finding) record.Flag {
	flag := record.Flag{Code: f.code, Severity: f.severity, Detail: fill(f.says, "role", r.label)}
	if f.severity == pass {
		switch f.code {
		case record.FlagMissingNPI:
			flag.Severity = r.missing
		case record.FlagTaxonomyMismatch:
			flag.Severity = r.unlisted
		}
	}
	if r.entity != "" && f.claimStatus != "" {
		flag.Codes = &record.Codes{ClaimStatus: r.predict(f.claimStatus), CARC: r.predict(f.carc), RARC: r.predict(f.rarc)}
	}
	return flag
}

// predict puts the role's codes into a finding's.
func (r row) predict(template string) (codes []string) {
	for _, code := range strings.Fields(template) {
		switch code {
		case "R":
			code = r.identifier
		case "RN":
			code = r.name
		case "RT":
			code = r.taxonomy
		case "EL":
			code = r.eligible
		}
		codes = append(codes, strings.Fields(strings.Replace(code, ":EC", ":"+r.entity, 1))...)
	}
	return codes
}

// flag is the role's flag for a problem, its sentence filled in. Names and
// texts alternate.
func (r *rule) flag(p problem, pairs ...string) record.Flag {
	f := r.flags[p]
	f.Detail = fill(f.Detail, pairs...)
	return f
}

// fill replaces each name in braces by its text.
func fill(sentence string, pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		if before, rest, found := strings.Cut(sentence, "{"+pairs[i]+"}"); found {
			sentence = before + pairs[i+1] + rest
		}
	}
	return sentence
}

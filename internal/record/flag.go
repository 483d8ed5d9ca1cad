package record

// Severity ranks a flag.
type Severity string

// The severities. Warning and error make a record flagged; info does not.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
)

// FlagCode is a flag's published name. The set is closed.
type FlagCode string

// The flags.
const (
	FlagMalformedNPI     FlagCode = "malformed_npi"              // not ten digits: mend it at the source
	FlagBadPrefix        FlagCode = "bad_prefix"                 // first digit is not 1 or 2: no such NPI was ever issued
	FlagBadChecksum      FlagCode = "bad_checksum"               // the tenth digit does not fit: mistyped
	FlagMissingNPI       FlagCode = "missing_npi"                // a role that needs an NPI has none
	FlagMissingRendering FlagCode = "missing_rendering"          // an organization bills an office visit, and nobody is said to have rendered it
	FlagNotFound         FlagCode = "not_found"                  // the registry has no such NPI
	FlagDeactivated      FlagCode = "deactivated"                // not active on the service date
	FlagDeactivatedAfter FlagCode = "deactivated_after_service"  // active then, deactivated since: legal
	FlagStraddles        FlagCode = "straddles_deactivation"     // deactivated between the two service dates: split the claim
	FlagBeforeEnumerated FlagCode = "service_before_enumeration" // the NPI was issued after the service
	FlagWrongType        FlagCode = "wrong_type"                 // a person's NPI where an organization's belongs, or the reverse
	FlagNameMismatch     FlagCode = "name_mismatch"              // the registry knows this NPI under another name
	FlagTaxonomyMismatch FlagCode = "taxonomy_mismatch"          // the registry does not list the taxonomy for the provider
	FlagAddressMismatch  FlagCode = "address_mismatch"           // the registry knows no practice of the provider there
	FlagDuplicateRole    FlagCode = "duplicate_role"             // two providers in a role that takes one
	FlagFacilityBills    FlagCode = "facility_is_billing"        // the service facility is the biller, or a part of it
	FlagSupervisesSelf   FlagCode = "supervising_is_rendering"   // the supervising provider is the rendering one
	FlagIncomplete       FlagCode = "writeback_incomplete"       // the registry disagrees, but no valid update can be made
	FlagStaleEvidence    FlagCode = "stale_evidence"             // the evidence is older than allowed: bring the local registry up to date
	FlagExcluded         FlagCode = "excluded"                   // on the OIG exclusion list
)

// FlagCodes lists every flag there is so far.
var FlagCodes = []FlagCode{
	FlagMalformedNPI, FlagBadPrefix, FlagBadChecksum, FlagMissingNPI, FlagMissingRendering,
	FlagNotFound, FlagDeactivated, FlagDeactivatedAfter, FlagStraddles, FlagBeforeEnumerated,
	FlagWrongType, FlagNameMismatch, FlagTaxonomyMismatch, FlagAddressMismatch,
	FlagDuplicateRole, FlagFacilityBills, FlagSupervisesSelf,
	FlagIncomplete, FlagStaleEvidence, FlagExcluded,
}

// Codes are predicted payer answers: what a payer would likely say of the
// problem. Payers differ.
type Codes struct {
	ClaimStatus []string `json:"claim_status,omitzero"` // 277CA category:status:entity
	CARC        []string `json:"carc,omitzero"`
	RARC        []string `json:"rarc,omitzero"`
}

// Flag is a published finding about one provider of a record. Detail is a
// sentence of our own: it never quotes the payload.
type Flag struct {
	Code     FlagCode `json:"code"`
	Severity Severity `json:"severity"`
	Detail   string   `json:"detail"`
	Expected string   `json:"expected,omitzero"`
	Actual   string   `json:"actual,omitzero"`
	Codes    *Codes   `json:"codes,omitzero"`
}

// Verdict is what all flags of a record come to.
type Verdict string

// The verdicts, worst first.
const (
	Dead       Verdict = "dead"       // the message could not be decoded; a dead letter holds it
	Rejected   Verdict = "rejected"   // an identifier fails the check-digit arithmetic
	Unverified Verdict = "unverified" // something could not be found out, and configuration says publish anyway
	Flagged    Verdict = "flagged"    // a flag of warning or above
	Clean      Verdict = "clean"
)

// Verdicts lists every verdict, worst first.
var Verdicts = []Verdict{Dead, Rejected, Unverified, Flagged, Clean}

// Judged is an enriched record with its flags. Flags runs parallel to
// Mentions and is nil where no mention has any.
type Judged struct {
	Enriched
	Verdict Verdict
	Flags   [][]Flag
}

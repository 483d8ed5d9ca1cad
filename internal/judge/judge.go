// Package judge turns a record and all that is known about it into flags: the
// rules, all of them, in one readable table.
//
// Judgement is a pure function of the record, the evidence and the day the
// record was received: no clock, no lookup, no state. Of an entry it reads
// the evidence alone, because the evidence is what a result publishes, and
// anyone who has record and result must come to the same flags.
package judge

import (
	"strings"

	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/record"
)

// Rules is the version of the rules; it changes whenever any flag could.
const Rules = "2"

// Of judges a record. today is the day the record was received; it stands for
// the service date where the record has none. Of is total: where marks or
// entries are missing the verdict is unverified.
func Of(e record.Enriched, today record.Date) record.Judged {
	j := record.Judged{Enriched: e}
	rejected := e.Rejected()
	unknown := false
	days := daysOf(&e.Record, today)
	for i := range e.Mentions {
		m := &e.Mentions[i]
		var flags []record.Flag
		switch mark := markAt(e.Marks, i); {
		case mark == record.Missing || mark.Bad():
			flags = []record.Flag{identifierFlag(ruleOf(m.Role), m, mark)}
		case rejected: // nobody was asked
		case mark == record.Sound && known(e.Entries, i):
			flags = registryFlags(m, e.ClaimType, days, &e.Entries[i].Evidence)
		default:
			unknown = true
		}
		if flags != nil {
			if j.Flags == nil {
				j.Flags = make([][]record.Flag, len(e.Mentions))
			}
			j.Flags[i] = flags
		}
	}
	j.Verdict = verdict(rejected, unknown, j.Flags)
	return j
}

func markAt(marks []record.Mark, i int) record.Mark {
	if i < len(marks) {
		return marks[i]
	}
	return record.Unchecked
}

func known(entries []*record.Entry, i int) bool {
	return i < len(entries) && entries[i] != nil && entries[i].Evidence.Status != record.Unknown
}

func verdict(rejected, unknown bool, flags [][]record.Flag) record.Verdict {
	switch {
	case rejected:
		return record.Rejected
	case unknown:
		return record.Unverified
	}
	for _, of := range flags {
		for i := range of {
			if of[i].Severity != record.Info {
				return record.Flagged
			}
		}
	}
	return record.Clean
}

// identifierFlag is about the identifier as it stands, before anyone is asked.
func identifierFlag(r *rule, m *record.Mention, mark record.Mark) record.Flag {
	f := record.Flag{Severity: record.Error}
	var p problem
	switch mark {
	case record.Missing:
		p, f.Code, f.Severity = noNPI, record.FlagMissingNPI, r.missing
		f.Detail = "The " + r.label + " has no NPI: look it up in the registry and add it."
		if m.Role == record.Billing {
			f.Detail = "The " + r.label + " has no NPI: add it, or the payer's own number where the provider cannot have one."
		}
	case record.Malformed:
		p, f.Code = wrongLength, record.FlagMalformedNPI
		if strings.Trim(m.NPI, "0123456789") != "" {
			p = wrongCharacters
		}
		f.Detail = "The NPI of the " + r.label + " is not a number of ten digits (" + checksum.Describe(m.NPI) + "): correct it at the source."
	case record.BadPrefix:
		p, f.Code = wrongPrefix, record.FlagBadPrefix
		f.Detail = "The NPI of the " + r.label + " does not begin with 1 or 2, and no other NPI was ever issued: another number, or a test value, stands in its place."
	default:
		p, f.Code = wrongCheckDigit, record.FlagBadChecksum
		f.Detail = "The check digit of the " + r.label + "'s NPI does not fit: a digit is mistyped or two are swapped. Compare it with the registry."
	}
	f.Codes = r.codes[p]
	return f
}

// registryFlags is about what the registry and the lists hold under a sound
// NPI. All that is wrong is said at once, so that a claim need not be mended
// twice.
func registryFlags(m *record.Mention, t record.ClaimType, d days, e *record.Evidence) []record.Flag {
	r := ruleOf(m.Role)
	flags := providerFlags(r, m, t, d, e)
	if f, ok := exclusionFlag(r, d, e.Excluded); ok {
		flags = append(flags, f)
	}
	if e.Stale {
		flags = append(flags, staleFlag(r, e))
	}
	return flags
}

// providerFlags is about the provider the registry has there, if any.
func providerFlags(r *rule, m *record.Mention, t record.ClaimType, d days, e *record.Evidence) (flags []record.Flag) {
	if e.Status == record.Absent {
		return []record.Flag{{
			Code: record.FlagNotFound, Severity: record.Error,
			Detail: "The registry has no provider under this NPI of the " + r.label + " (" + cite(e) + "): correct the NPI, or wait until a new one is listed.",
			Codes:  r.codes[notInRegistry],
		}}
	}
	if f, ok := activityFlag(r, d, e); ok {
		flags = append(flags, f)
	}
	if f, ok := typeFlag(r, m, t, &e.Facts); ok {
		return append(flags, f) // and the names of a person and an organization differ anyway
	}
	if f, ok := nameFlag(r, m, &e.Facts); ok {
		flags = append(flags, f)
	}
	return flags
}

// cite says where the evidence comes from and of which day it is.
func cite(e *record.Evidence) string {
	from := "source not named"
	switch e.Source {
	case record.FromAPI:
		from = "NPPES"
	case record.FromLocal:
		from = "NPPES data file"
	case record.FromDeactivations:
		from = "CMS deactivation list"
	}
	if e.AsOf == 0 {
		return from
	}
	return from + " of " + e.AsOf.String()
}

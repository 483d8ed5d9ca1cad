// Package judge turns a record and all that is known about it into flags: the
// rules, all of them, in one readable table.
//
// Judgement is a pure function of the record, the evidence and the day the
// record was received: no clock, no lookup, no state. Of an entry it reads the
// evidence, the primary taxonomy and the primary practice alone, because these
// are what a result publishes, and anyone who has record and result must come
// to the same flags.
//
// The roles are in table.go, the flags and their sentences in findings.go, and
// both together in docs/rules.md, which a test writes (-update) and compares.
package judge

import (
	"strings"

	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/record"
)

// Rules is the version of the rules; it changes whenever any flag could.
const Rules = "3"

// Of judges a record. today is the day the record was received; it stands for
// the service date where the record has none. Of is total: where marks or
// entries are missing the verdict is unverified.
func Of(e record.Enriched, today record.Date) record.Judged {
	j := record.Judged{Enriched: e}
	rejected := e.Rejected()
	unknown := false
	days := daysOf(&e.Record, today)
	cast := castOf(&e)
	for i := range e.Mentions {
		m := &e.Mentions[i]
		var flags []record.Flag
		switch mark := markAt(e.Marks, i); {
		case mark == record.Missing || mark.Bad():
			flags = []record.Flag{identifierFlag(ruleOf(m.Role), m, mark)}
		case rejected: // nobody was asked
		case mark == record.Sound && known(e.Entries, i):
			flags = registryFlags(&e.Record, i, days, e.Entries[i])
		default:
			unknown = true
		}
		if !rejected {
			flags = cast.flags(flags, i)
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
	switch mark {
	case record.Missing:
		switch {
		case m.OtherID:
			return r.flags[payersNumber]
		case m.Role == record.Billing:
			return r.flags[noBillingNPI]
		}
		return r.flags[noNPI]
	case record.Malformed:
		p := wrongDigits
		if strings.Trim(m.NPI, "0123456789") != "" {
			p = wrongCharacters
		}
		return r.flag(p, "found", checksum.Describe(m.NPI))
	case record.BadPrefix:
		return r.flags[wrongPrefix]
	}
	return r.flags[wrongCheckDigit]
}

// registryFlags is about what the registry and the lists hold under the sound
// NPI of a mention. All that is wrong is said at once, so that a claim need not
// be mended twice.
func registryFlags(rec *record.Record, i int, d days, e *record.Entry) []record.Flag {
	r := ruleOf(rec.Mentions[i].Role)
	flags := providerFlags(r, rec, i, d, e)
	if f, ok := exclusionFlag(r, d, e.Evidence.Excluded); ok {
		flags = append(flags, f)
	}
	if e.Evidence.Stale {
		flags = append(flags, r.flag(oldEvidence, "source", cite(&e.Evidence)))
	}
	return flags
}

// providerFlags is about the provider the registry has there, if any.
func providerFlags(r *rule, rec *record.Record, i int, d days, e *record.Entry) (flags []record.Flag) {
	m, f := &rec.Mentions[i], &e.Evidence.Facts
	if f.Status == record.Absent {
		return []record.Flag{r.flag(notInRegistry, "source", cite(&e.Evidence))}
	}
	if flag, ok := activityFlag(r, d, &e.Evidence); ok {
		flags = append(flags, flag)
	}
	if flag, ok := typeFlag(r, m, rec.ClaimType, f); ok {
		flags = append(flags, flag)
		if flag.Actual != "" {
			return flags // the names and skills of a person and an organization differ anyway
		}
	}
	if flag, ok := nameFlag(r, m, f); ok {
		flags = append(flags, flag)
	}
	var row *record.Roster
	if i == 0 {
		row = rec.Roster
	}
	if flag, ok := taxonomyFlag(r, m, row, e); ok {
		flags = append(flags, flag)
	}
	if flag, ok := practiceFlag(r, row, e); ok {
		flags = append(flags, flag)
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

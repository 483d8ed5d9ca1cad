// Package writeback turns what a roster row knows better than the registry
// into update jobs for the registry's write API.
//
// Planning is pure: the same judged record and day give the same job, byte for
// byte, so a job's identity can be a digest and making it again is harmless.
//
// # What a crash costs
//
// A job is stored before the result of its record, and the result before the
// message is acked. A crash
//
//   - before the job is stored costs the work: nothing is there yet, and the
//     record is planned again;
//   - between job and result costs a repeat: the ledger has no result, so the
//     record is worked again and the job stored a second time under the same
//     ID. Whoever delivers jobs knows them by that digest and sends one;
//   - between result and ack costs nothing: the ledger's tail says the record
//     is done, and no job is planned for it again.
//
// The reverse order would lose jobs: a result without its job looks finished.
// Between two attempts the registry's answer may have changed. Then the second
// job has another ID and a fresher document, or there is none; both documents
// are complete records, so delivering both in order ends at the fresher one.
package writeback

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/npiflow/npiflow/internal/record"
)

// The actions of a job: which call of the write API it asks for.
const (
	Update = "update"
	Create = "create"
)

// Config is what a document needs and neither roster nor registry can say.
// All of it may be empty: the write API demands a contact person of an NPI-1
// and an EIN of an NPI-2, but a job that lacks them is still planned, and the
// validation before its delivery decides.
type Config struct {
	Rules   string        // version of the rules that judged; stands on every job
	Contact ContactPerson // whom the registry's operator writes to about an update
	EIN     string        // nine digits; the row's own TIN goes before it
}

// ContactPerson is who answers for the updates we ask for.
type ContactPerson struct{ First, Last, Email, Phone string }

// Subject is where jobs of an action are stored, below the configured prefix:
// "npi.writeback.update".
func Subject(prefix, action string) string { return prefix + ".writeback." + action }

// ID is a job's identity: half a SHA-256, in hex, of the NPI and the document
// as stored.
func ID(npi record.NPI, document []byte) string {
	sum := sha256.Sum256(append([]byte(npi.String()+"\n"), document...))
	return hex.EncodeToString(sum[:16])
}

// Plan compares a roster row with the registry's entry for the row's own
// provider and asks for one update where the row says something else. Only
// what the row says counts: an empty field is no difference, and neither is
// another way to write the same.
//
// There is no job where they agree, where the record is no roster row, and
// where the row may not speak: see mayCorrect. If they differ but a required
// field can be filled from neither side, there is no job either, and
// incomplete names the fields, such as "basic.sole_proprietor": names only,
// never values. A list too long to be one provider's is named so too.
//
// Received is the day the row was received, not the day it is worked, so that
// working it again plans the same.
func Plan(c *Config, j *record.Judged, received record.Date) (job *record.Job, incomplete []string) {
	if !mayCorrect(j, received) {
		return nil, nil
	}
	entry, row := j.Entries[0], j.Roster
	if long := overlong(row); long != nil {
		return nil, long
	}
	p := profileOf(entry)
	p.correctName(&j.Mentions[0], row, entry)
	p.correctAddresses(row.Addresses)
	p.correctTaxonomies(row.Taxonomies)
	if !p.differs {
		return nil, nil
	}
	held := profileOf(entry)
	before, after := c.document(entry, row, &held), c.document(entry, row, &p)
	changes := diff(&before, &after)
	if len(changes) == 0 {
		return nil, nil
	}
	if incomplete = after.missing(); len(incomplete) > 0 {
		return nil, incomplete
	}
	document := after.bytes()
	return &record.Job{
		ID: ID(entry.NPI, document), Action: Update, NPI: entry.NPI, RecordID: j.ID,
		Changes: changes, Document: document, Rules: c.Rules,
	}, nil
}

// maxListed bounds the work for one row. No provider has so many addresses or
// taxonomies.
const maxListed = 100

func overlong(r *record.Roster) []string {
	switch {
	case len(r.Addresses) > maxListed:
		return []string{"addresses"}
	case len(r.Taxonomies) > maxListed:
		return []string{"taxonomies"}
	}
	return nil
}

// mayCorrect reports whether a row may change what the registry says: it is
// about an active provider that is surely the one meant, is not the end of
// that provider's listing, and is not older than the registry's own word.
// An update puts a record back to active and replaces it whole, so each
// doubt speaks against it.
func mayCorrect(j *record.Judged, received record.Date) bool {
	if j.Kind != record.KindRoster || j.Roster == nil || len(j.Mentions) == 0 || len(j.Entries) == 0 {
		return false
	}
	e := j.Entries[0]
	if e == nil || e.Evidence.Status != record.Active || doubted(j) {
		return false
	}
	return sameType(&j.Mentions[0], j.Roster, e.Evidence.Type) &&
		!ended(j.Roster, received) && !outdated(j.Roster, e)
}

// doubted reports whether the rules found that the row's NPI is not, or may
// not be, the provider the row describes.
func doubted(j *record.Judged) bool {
	if len(j.Flags) == 0 {
		return false
	}
	for i := range j.Flags[0] {
		switch j.Flags[0][i].Code {
		case record.FlagNameMismatch, record.FlagWrongType, record.FlagNotFound, record.FlagDeactivated,
			record.FlagMissingNPI, record.FlagMalformedNPI, record.FlagBadPrefix, record.FlagBadChecksum:
			return true
		}
	}
	return false
}

// sameType holds the row's own word on the provider's type to the registry's.
func sameType(m *record.Mention, r *record.Roster, registry string) bool {
	if r.EnumerationType != "" && r.EnumerationType != registry {
		return false
	}
	switch registry {
	case record.NPI1:
		return m.Entity != record.Organization
	case record.NPI2:
		return m.Entity != record.Person
	}
	return false
}

// ended reports whether the row takes the provider off the roster. Rosters
// say it by a past date or by an action: D, DELETE, TERM, TERMINATED, REMOVE.
func ended(r *record.Roster, received record.Date) bool {
	if r.TerminationDate != 0 && r.TerminationDate < received {
		return true
	}
	if r.Action == "" {
		return false
	}
	action := strings.ToUpper(strings.TrimSpace(r.Action))
	return action == "D" || strings.HasPrefix(action, "DEL") ||
		strings.HasPrefix(action, "TERM") || strings.HasPrefix(action, "REMOV")
}

// outdated reports whether the registry was changed after the row took effect.
func outdated(r *record.Roster, e *record.Entry) bool {
	return r.EffectiveDate != 0 && e.Evidence.LastUpdated > r.EffectiveDate
}

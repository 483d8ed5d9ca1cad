// Package bulk reads the files that CMS and the OIG ship, as they ship them,
// and turns their rows into our nouns.
//
// It knows the full and weekly NPPES files with their reference tables, CMS's
// list of deactivated NPIs, the OIG's list of excluded providers (LEIE) and
// the NUCC's list of taxonomies. It keeps nothing: what is read goes to a Sink
// row by row, in memory that is used again for the next row.
//
// Columns are found by name, so neither their order nor those that were added
// over the years matter. Of the columns there are, these are not read: the
// telephone extension of a secondary location, the day another name was
// created, and all of the exclusion list that names or describes a person.
package bulk

import (
	"context"
	"errors"
	"fmt"

	"github.com/npiflow/npiflow/internal/record"
)

// Kind is what a shipment is. The set is closed.
type Kind string

// The kinds, in the order in which those of one day are to be applied.
const (
	Full          Kind = "full"          // every NPI ever issued, monthly
	Weekly        Kind = "weekly"        // those that changed in a week
	Deactivations Kind = "deactivations" // CMS's Deactivated NPI Report
	Exclusions    Kind = "exclusions"    // the OIG's LEIE, whole every month
	Taxonomies    Kind = "taxonomies"    // the NUCC's code set
)

// File is one shipment: a zip, or the plain files unpacked from one.
type File struct {
	Kind Kind
	Name string // what to call it in messages: a base name
	// From and To are the days the shipment covers, as the names of its files
	// say. Deactivations have only To; Exclusions and Taxonomies have neither.
	From, To record.Date
	Bytes    int64 // on disk; what Progress ends with

	parts []part // the main table first, then the reference tables in the order of tables
}

// Sink is where Read hands each row over. A nil func skips what it is for, and
// a reference table nobody wants is not even read. An error of any of them
// ends the reading and is returned as it is.
type Sink struct {
	// Provider gets a row of the main table. The entry, its lists and all its
	// texts are valid until the call returns and are overwritten afterwards.
	// Evidence has no Source, AsOf and FetchedAt; its Status is Active or
	// Deactivated. Taxonomies have no Description: the files have none.
	Provider    func(e *record.Entry) error
	OtherName   func(npi record.NPI, n *record.Name) error      // of an organization; valid until the call returns
	Location    func(npi record.NPI, a *record.Address) error   // a secondary one; valid until the call returns
	Endpoint    func(npi record.NPI, p *record.Endpoint) error  // valid until the call returns
	Deactivated func(npi record.NPI, on record.Date) error      // from the Deactivated NPI Report
	Excluded    func(npi record.NPI, x *record.Exclusion) error // an NPI may come more than once; valid until the call returns
	Taxonomy    func(code, description string) error            // valid until the call returns
	Progress    func(bytes int64)                               // consumed so far, of File.Bytes; never less than before
}

// Report is what a reading came to.
type Report struct {
	Rows          int            // of the main table, rejected ones included
	Accepted      int            // of those, handed over
	Skipped       int            // of those, sound but of no use: an exclusion without an NPI, or one that has ended
	ReferenceRows int            // of the reference tables, rejected ones included
	LatestUpdate  record.Date    // the newest update of a provider, deactivation or exclusion
	Rejected      map[Reason]int // of all tables
	Examples      []Rejection    // the first few
}

// maxExamples is how many rejections a Report tells in full.
const maxExamples = 20

// Reason is why a row was rejected. The set is closed.
type Reason string

// The reasons.
const (
	BadColumns    Reason = "columns"       // not as many as the header has
	BadNPI        Reason = "npi"           // not ten digits, or none that begin with 1 or 2
	BadCheckDigit Reason = "check digit"   //
	BadQuote      Reason = "quote"         // one that does not close, or has text after it or before it
	TooLong       Reason = "too long"      // longer than any row can be
	BadEntityType Reason = "entity type"   // neither 1 nor 2 on a row that is no deactivation
	BadDate       Reason = "date"          // one that decides, and is no day of the calendar
	BadCode       Reason = "taxonomy code" // blank, or without a description
)

// Reasons lists every reason.
var Reasons = []Reason{BadColumns, BadNPI, BadCheckDigit, BadQuote, TooLong, BadEntityType, BadDate, BadCode}

// Rejection is one rejected row. Detail never quotes more of a row than an
// NPI.
type Rejection struct {
	Member string // the table's file, a base name
	Line   int    // where the row begins; the first line of a file is 1
	Reason Reason
	Detail string // "" where the reason says all
}

// DamagedError says that a file cannot be read to its end: cut off, or
// changed on its way. What was handed over before is not the whole.
type DamagedError struct {
	File   string // the shipment's name
	Member string
	Line   int // the last one that was begun
	Err    error
}

// Error says where the damage is and what to do.
func (e *DamagedError) Error() string {
	where := e.Member
	if e.File != e.Member {
		where = e.File + ": " + e.Member
	}
	return fmt.Sprintf("read %s: damaged at line %d (%v): download it again", where, e.Line, e.Err)
}

// Unwrap gives what was found.
func (e *DamagedError) Unwrap() error { return e.Err }

var errNoRows = errors.New("there are no rows")

// Read hands every row of the shipment to s: the main table first, then other
// names, secondary locations and endpoints. A row that makes no sense is
// rejected and counted; a file that does is a *DamagedError. Read stops when
// ctx ends. The report is never nil: beside an error it tells how far Read
// came.
func (f *File) Read(ctx context.Context, s Sink) (*Report, error) {
	r := &reading{ctx: ctx, file: f, sink: s, report: &Report{Rejected: map[Reason]int{}}}
	for i := range f.parts {
		if err := r.part(&f.parts[i]); err != nil {
			return r.report, err
		}
		if p := &f.parts[0]; i == 0 && r.report.Rows == 0 && r.handler(p.table) != nil {
			return r.report, &DamagedError{File: f.Name, Member: p.name, Line: 1, Err: errNoRows}
		}
	}
	return r.report, nil
}

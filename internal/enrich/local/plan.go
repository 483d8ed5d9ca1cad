package local

import (
	"fmt"
	"time"

	"github.com/npiflow/npiflow/internal/enrich/local/bulk"
	"github.com/npiflow/npiflow/internal/record"
)

// RefusedError says that files were not imported because what they would make
// cannot be right. Nothing was changed.
type RefusedError struct {
	File   string
	Reason string // what is wrong, and what to do
}

func (e *RefusedError) Error() string { return fmt.Sprintf("import %s: %s", e.File, e.Reason) }

func refuse(f *bulk.File, format string, args ...any) error {
	return &RefusedError{f.Name, fmt.Sprintf(format, args...)}
}

// What CMS's and the OIG's files hold at least. A file with less is cut off or
// something else. In August 2026 it was 9,726,865 providers and 351,912
// deactivated NPIs, in June 2026 83,464 exclusions.
const (
	leastProviders     = 9_000_000
	leastDeactivations = 250_000
	leastExclusions    = 50_000
	leastTaxonomies    = 500

	// mostRejected is one row in so many.
	mostRejected = 100
	// latestLag is how long before its last day a full file's newest row may be.
	latestLag = 31
)

// order refuses files that do not follow each other, or what is there. before
// is nil where there is nothing, damaged where what is there cannot be read.
func order(files []*bulk.File, before *Manifest, damaged error) error {
	have := Manifest{}
	if before != nil {
		have = *before
	}
	full := false
	generations := 0
	for _, f := range files {
		if f.Kind == bulk.Full {
			full = true
		}
	}
	if damaged != nil && !full {
		return refuse(files[0], "the registry that is there is damaged (%v): import the monthly file together with it", damaged)
	}
	for _, f := range files {
		switch f.Kind {
		case bulk.Full:
			if f.To < have.Providers.AsOf {
				return refuse(f, "it covers the days to %s and the registry already those to %s: import the newest monthly file", f.To, have.Providers.AsOf)
			}
			have.Providers.AsOf = f.To
			generations++
		case bulk.Weekly:
			if err := follows(f, have.Providers.AsOf); err != nil {
				return err
			}
			have.Providers.AsOf = f.To
			generations++
		case bulk.Deactivations:
			if f.To < have.Deactivations.AsOf {
				return refuse(f, "the registry already has the report of %s", have.Deactivations.AsOf)
			}
			have.Deactivations.AsOf = f.To
		}
	}
	if generations > maxGenerations {
		return refuse(files[0], "one import takes at most %d full and weekly files", maxGenerations)
	}
	return nil
}

// follows refuses a weekly file that is not the next one after asOf.
func follows(f *bulk.File, asOf record.Date) error {
	switch {
	case asOf == 0:
		return refuse(f, "a weekly file holds changes only: import a monthly file first, or together with it")
	case f.To <= asOf:
		return refuse(f, "it covers the days to %s and the registry already those to %s: nothing in it is new", f.To, asOf)
	case f.From > nextDay(asOf):
		return refuse(f, "it begins on %s and the registry ends with %s: import the weekly files of the days between first, or a newer monthly file", f.From, asOf)
	}
	return nil
}

func nextDay(d record.Date) record.Date { return record.DateOf(dayOf(d).AddDate(0, 0, 1)) }

// plausible refuses a file that was read to its end and cannot be what its
// name says.
func plausible(f *bulk.File, r *bulk.Report, sample bool) error {
	rejected := 0
	for _, n := range r.Rejected {
		rejected += n
	}
	least := map[bulk.Kind]int{bulk.Full: leastProviders, bulk.Deactivations: leastDeactivations, bulk.Exclusions: leastExclusions, bulk.Taxonomies: leastTaxonomies}[f.Kind]
	switch {
	case r.Accepted == 0:
		return refuse(f, "it holds no row that can be used (%d were rejected)", rejected)
	case rejected*mostRejected > r.Rows+r.ReferenceRows && !(sample && rejected < r.Accepted):
		return refuse(f, "%d of its %d rows cannot be used: it is damaged or of another layout%s", rejected, r.Rows+r.ReferenceRows, first(r))
	case sample:
		return nil
	case r.Rows < least:
		return refuse(f, "it holds %d rows and CMS's or the OIG's never less than %d: it is cut off; download it again (or say --sample if it is meant to be a part)", r.Rows, least)
	case f.Kind == bulk.Full && dayOf(r.LatestUpdate).AddDate(0, 0, latestLag).Before(dayOf(f.To)):
		return refuse(f, "its newest row is of %s, more than %d days before the last day of its name: it is an old file under a new name", r.LatestUpdate, latestLag)
	}
	return nil
}

func first(r *bulk.Report) string {
	if len(r.Examples) == 0 {
		return ""
	}
	x := r.Examples[0]
	return fmt.Sprintf(" (the first is line %d of %s: %s)", x.Line, x.Member, x.Reason)
}

// Overdue says which parts of a registry are older than they should be, a
// sentence each. CMS publishes a monthly file and a deactivation report each
// month and a weekly file each week, the OIG a list each month.
func (m Manifest) Overdue(now time.Time) []string {
	var late []string
	add := func(what string, since time.Time, days int, do string) {
		if age := int(now.Sub(since).Hours() / 24); age > days {
			late = append(late, fmt.Sprintf("%s: %d days old; %s", what, age, do))
		}
	}
	if m.Providers.AsOf != 0 {
		add("providers", dayOf(m.Providers.AsOf), 15, "import the weekly files since, or the newest monthly file")
	}
	if m.Deactivations.AsOf != 0 {
		add("deactivation report", dayOf(m.Deactivations.AsOf), 45, "import the newest NPPES_Deactivated_NPI_Report")
	}
	if !m.Exclusions.At.IsZero() {
		add("exclusion list", m.Exclusions.At, 45, "import the newest UPDATED.csv of the OIG")
	}
	return late
}

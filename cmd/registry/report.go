package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/internal/enrich/local"
	"github.com/npiflow/npiflow/internal/enrich/local/bulk"
	"github.com/npiflow/npiflow/internal/record"
)

// report is what an import came to, as --json prints it.
type report struct {
	Dir           string          `json:"dir"`
	Files         []fileReport    `json:"files"`
	Providers     local.Providers `json:"providers"`
	Total         int             `json:"total"` // providers, deactivated ones too
	Deactivations local.List      `json:"deactivations"`
	Exclusions    local.List      `json:"exclusions"`
	Taxonomies    local.List      `json:"taxonomies"`
	Search        bool            `json:"search"`
	New           int             `json:"new"`
	Changed       int             `json:"changed"`
	Gone          int             `json:"gone"`
	Duplicates    int             `json:"duplicates"` // rows replaced by a later one of the same NPI in the same file
	Orphans       int             `json:"orphans"`    // rows of other names, locations and endpoints without a provider
	Bytes         int64           `json:"bytes"`      // on disk
	PerProvider   int64           `json:"bytes_per_provider"`
	Seconds       float64         `json:"seconds"`
	RowsPerSecond int             `json:"rows_per_second"`
}

// fileReport is what one file held.
type fileReport struct {
	Name          string              `json:"name"`
	Kind          bulk.Kind           `json:"kind"`
	From          record.Date         `json:"from,omitzero"`
	To            record.Date         `json:"to,omitzero"`
	Bytes         int64               `json:"bytes"`
	Rows          int                 `json:"rows"`
	Accepted      int                 `json:"accepted"`
	Skipped       int                 `json:"skipped"`
	ReferenceRows int                 `json:"reference_rows"`
	Rejected      map[bulk.Reason]int `json:"rejected"`
	Examples      []rejection         `json:"examples,omitzero"` // the first rejected rows
}

type rejection struct {
	Member string      `json:"member"`
	Line   int         `json:"line"`
	Reason bulk.Reason `json:"reason"`
	Detail string      `json:"detail,omitzero"`
}

func reportOf(dir string, s *local.Summary) *report {
	m := s.Manifest
	r := &report{
		Dir: dir, Providers: m.Providers, Total: m.Providers.Total(),
		Deactivations: m.Deactivations, Exclusions: m.Exclusions, Taxonomies: m.Taxonomies, Search: m.Search,
		New: s.New, Changed: s.Changed, Gone: s.Gone, Duplicates: s.Duplicates, Orphans: s.Orphans,
		Bytes: s.Bytes, Seconds: s.Took.Seconds(),
	}
	if r.Total > 0 {
		r.PerProvider = s.Bytes / int64(r.Total)
	}
	rows := 0
	for _, f := range s.Files {
		rows += f.Rows
		r.Files = append(r.Files, fileReportOf(f))
	}
	r.RowsPerSecond = perSecond(rows, s.Took)
	return r
}

func fileReportOf(f local.FileSummary) fileReport {
	r := fileReport{
		Name: f.Name, Kind: f.Kind, From: f.From, To: f.To, Bytes: f.Bytes,
		Rows: f.Rows, Accepted: f.Accepted, Skipped: f.Skipped, ReferenceRows: f.ReferenceRows, Rejected: f.Rejected,
	}
	for _, x := range f.Examples {
		r.Examples = append(r.Examples, rejection(x))
	}
	return r
}

// printJSON prints v on one line. Names of files need not be UTF-8.
func printJSON(w io.Writer, v any) error {
	b, err := json.Marshal(v, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return fmt.Errorf("print as JSON: %w", err)
	}
	_, err = fmt.Fprintf(w, "%s\n", b)
	return err
}

// print is for people.
func (r *report) print(w io.Writer) error {
	var b strings.Builder
	for i := range r.Files {
		r.Files[i].print(&b)
	}
	if p := r.Providers; p.AsOf != 0 {
		fmt.Fprintf(&b, "providers: %s as of %s: %s individuals, %s organizations, %s deactivated\n",
			count(r.Total), p.AsOf, count(p.Individuals), count(p.Organizations), count(p.Deactivated))
		fmt.Fprintf(&b, "  %s new, %s changed, %s gone; %s rows twice in a file, %s of other tables without a provider\n",
			count(r.New), count(r.Changed), count(r.Gone), count(r.Duplicates), count(r.Orphans))
	}
	for _, l := range lists(r.Deactivations, r.Exclusions, r.Taxonomies) {
		if !l.At.IsZero() {
			fmt.Fprintf(&b, "%s: %s\n", l.name, l)
		}
	}
	fmt.Fprintf(&b, "registry: %s, %s%s, %s\n", r.Dir, size(r.Bytes), perProvider(r.PerProvider), indexes(r.Search))
	fmt.Fprintf(&b, "took %.1f s, %s rows/s\n", r.Seconds, count(r.RowsPerSecond))
	_, err := io.WriteString(w, b.String())
	return err
}

func (f *fileReport) print(b *strings.Builder) {
	fmt.Fprintf(b, "%s: %s%s, %s rows, %s taken", assembly.Printable(f.Name), f.Kind, days(f.From, f.To), count(f.Rows), count(f.Accepted))
	if f.Skipped > 0 {
		fmt.Fprintf(b, ", %s of no use", count(f.Skipped))
	}
	if f.ReferenceRows > 0 {
		fmt.Fprintf(b, ", %s of other tables", count(f.ReferenceRows))
	}
	total, reasons := 0, []string(nil)
	for _, reason := range bulk.Reasons {
		if n := f.Rejected[reason]; n > 0 {
			total += n
			reasons = append(reasons, fmt.Sprintf("%s %s", count(n), reason))
		}
	}
	if total > 0 {
		fmt.Fprintf(b, "; %s rejected (%s)", count(total), strings.Join(reasons, ", "))
	}
	b.WriteString("\n")
	for _, x := range f.Examples {
		fmt.Fprintf(b, "  %s line %d: %s", assembly.Printable(x.Member), x.Line, x.Reason)
		if x.Detail != "" {
			fmt.Fprintf(b, " (%s)", assembly.Printable(x.Detail))
		}
		b.WriteString("\n")
	}
}

func days(from, to record.Date) string {
	switch {
	case from != 0:
		return fmt.Sprintf(" of %s to %s", from, to)
	case to != 0:
		return fmt.Sprintf(" of %s", to)
	}
	return ""
}

// namedList is one of the lists beside the providers.
type namedList struct {
	name string
	local.List
}

func lists(deactivations, exclusions, taxonomies local.List) []namedList {
	return []namedList{{"deactivation report", deactivations}, {"exclusion list", exclusions}, {"taxonomy list", taxonomies}}
}

// String is "351,912 rows as of 2026-11-09, imported 2026-11-22".
func (l namedList) String() string {
	s := count(l.Rows) + " rows"
	if l.AsOf != 0 {
		s += fmt.Sprintf(" as of %s", l.AsOf)
	}
	return s + ", imported " + l.At.UTC().Format("2006-01-02")
}

func indexes(search bool) string {
	if search {
		return "with search indexes"
	}
	return "no search indexes (--search makes them)"
}

func perProvider(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", %s bytes for each provider", count(n))
}

// size is a number of bytes for people.
func size(n int64) string {
	const unit = 1000.0
	f := float64(n)
	for _, name := range []string{"bytes", "kB", "MB", "GB"} {
		if f < unit {
			return fmt.Sprintf("%.4g %s", f, name)
		}
		f /= unit
	}
	return fmt.Sprintf("%.4g TB", f)
}

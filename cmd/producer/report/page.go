package report

import (
	_ "embed"
	"html/template"
	"io"
	"slices"

	"github.com/npiflow/npiflow/internal/record"
)

//go:embed page.html
var pageText string

// page has the templates head, section, row and foot. They escape whatever
// they are given for where it stands.
var page = template.Must(template.New("page").Parse(pageText))

// Line is one line of a summary.
type Line struct {
	Label string
	Count int
}

// lines are the summary for people, the worst first.
func (s *Summary) lines() []Line {
	all := []Line{{"records", s.Records}}
	for _, v := range record.Verdicts {
		if n := s.Verdicts[v]; n > 0 {
			all = append(all, Line{string(v), n})
		}
	}
	if s.Lost > 0 {
		all = append(all, Line{"could not be read", s.Lost})
	}
	return append(all, s.FlagLines()...)
}

// FlagLines are the flags there were, the most frequent first.
func (s *Summary) FlagLines() []Line {
	var all []Line
	for _, c := range record.FlagCodes { // a fixed order for equal counts
		if n := s.Flags[c]; n > 0 {
			all = append(all, Line{string(c), n})
		}
	}
	slices.SortStableFunc(all, func(a, b Line) int { return b.Count - a.Count })
	return all
}

// pageRow is a row as the page shows it.
type pageRow struct {
	*Row
	Cells    []string // the roster's own, as many as it has columns
	Flags    []record.Flag
	Taxonomy string
	Address  string
	Status   string
	Evidence *record.Evidence
	Unasked  string
	Payer    []Payer
}

// Payer is what a payer would likely answer, of one code set.
type Payer struct{ Set, Codes string }

// writeHTML writes a page that needs nothing else: its style is in it, it has
// no scripts, and it forbids the browser to load anything.
func writeHTML(w io.Writer, b *book) error {
	if err := page.ExecuteTemplate(w, "head", b.lines()); err != nil {
		return err
	}
	file, table, open := "", 0, false
	for r, err := range b.rows {
		if err != nil {
			return err
		}
		if !open || r.File != file || r.Table != table {
			var header []string
			if r.Table > 0 {
				header = b.tables[r.Table-1]
			}
			if err := page.ExecuteTemplate(w, "section", map[string]any{"File": r.File, "Header": header, "Open": open}); err != nil {
				return err
			}
			file, table, open = r.File, r.Table, true
		}
		if err := page.ExecuteTemplate(w, "row", b.shown(r)); err != nil {
			return err
		}
	}
	return page.ExecuteTemplate(w, "foot", open)
}

func (b *book) shown(r *Row) pageRow {
	p := pageRow{Row: r, Flags: r.flags()}
	if r.Table > 0 {
		p.Cells = make([]string, len(b.tables[r.Table-1]))
		copy(p.Cells, r.Cells)
	}
	if r.Provider != nil {
		p.Unasked = Unasked(r.Verdict, r.Provider)
	}
	if r.Provider != nil && r.Provider.Answer != nil {
		a := r.Provider.Answer
		p.Taxonomy, p.Address, p.Evidence = taxonomyOf(a), addressOf(a), a.Evidence
		if a.Evidence != nil {
			p.Status = a.Evidence.Status.String()
		}
	}
	for _, c := range columns {
		if set, ok := payerSets[c.head]; ok && c.cell(r) != "" {
			p.Payer = append(p.Payer, Payer{set, c.cell(r)})
		}
	}
	return p
}

// payerSets are the columns of predicted answers, as people call them.
var payerSets = map[string]string{"predicted_claim_status": "277CA", "predicted_carc": "CARC", "predicted_rarc": "RARC"}

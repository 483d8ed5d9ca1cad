package report

import (
	"strconv"
	"strings"

	"github.com/npiflow/npiflow/internal/record"
)

// column is one column of a report as a table.
type column struct {
	head string
	cell func(*Row) string
}

// columns are those we add. Of a row without a provider, or a provider without
// an answer, most are empty.
var columns = []column{
	{"file", func(r *Row) string { return r.File }},
	{"where", func(r *Row) string { return r.Where }},
	{"record", func(r *Row) string { return r.Record }},
	{"kind", func(r *Row) string { return string(r.Kind) }},
	{"verdict", func(r *Row) string { return string(r.Verdict) }},
	{"severity", func(r *Row) string { return string(worst(r.flags())) }},
	{"flags", func(r *Row) string { return strings.Join(texts(r.flags(), codeOf), "; ") }},
	{"what", what},
	{"role", provided(func(p *record.Provider) string { return string(p.Role) })},
	{"line", provided(lineOf)},
	{"npi", provided(func(p *record.Provider) string { return p.NPI })},
	{"path", provided(func(p *record.Provider) string { return p.Path })},
	{"registry_name", answered(func(a *record.Answer) string { return a.Name })},
	{"registry_credential", answered(func(a *record.Answer) string { return a.Credential })},
	{"registry_type", answered(func(a *record.Answer) string { return a.Type })},
	{"registry_status", evident(func(e *record.Evidence) string { return e.Status.String() })},
	{"registry_taxonomy", answered(taxonomyOf)},
	{"registry_address", answered(addressOf)},
	{"registry_phone", answered(func(a *record.Answer) string { return a.Phone })},
	{"enumeration_date", evident(func(e *record.Evidence) string { return e.EnumerationDate.String() })},
	{"deactivation_date", evident(func(e *record.Evidence) string { return e.DeactivationDate.String() })},
	{"reactivation_date", evident(func(e *record.Evidence) string { return e.ReactivationDate.String() })},
	{"evidence_source", evident(func(e *record.Evidence) string { return string(e.Source) })},
	{"evidence_as_of", evident(func(e *record.Evidence) string { return e.AsOf.String() })},
	{"predicted_claim_status", predicted(func(c *record.Codes) []string { return c.ClaimStatus })},
	{"predicted_carc", predicted(func(c *record.Codes) []string { return c.CARC })},
	{"predicted_rarc", predicted(func(c *record.Codes) []string { return c.RARC })},
}

func (r *Row) flags() []record.Flag {
	if r.Provider == nil {
		return nil
	}
	return r.Provider.Flags
}

func provided(of func(*record.Provider) string) func(*Row) string {
	return func(r *Row) string {
		if r.Provider == nil {
			return ""
		}
		return of(r.Provider)
	}
}

func answered(of func(*record.Answer) string) func(*Row) string {
	return provided(func(p *record.Provider) string {
		if p.Answer == nil {
			return ""
		}
		return of(p.Answer)
	})
}

func evident(of func(*record.Evidence) string) func(*Row) string {
	return answered(func(a *record.Answer) string {
		if a.Evidence == nil {
			return ""
		}
		return of(a.Evidence)
	})
}

// predicted gives the answers a payer would likely give, each once.
func predicted(of func(*record.Codes) []string) func(*Row) string {
	return func(r *Row) string {
		var all []string
		seen := map[string]bool{}
		for _, f := range r.flags() {
			if f.Codes == nil {
				continue
			}
			for _, c := range of(f.Codes) {
				if !seen[c] {
					seen[c], all = true, append(all, c)
				}
			}
		}
		return strings.Join(all, "; ")
	}
}

// what is the sentences: what is wrong, and what would mend it.
func what(r *Row) string {
	if r.Provider == nil {
		return r.Reason
	}
	sentences := texts(r.flags(), func(f *record.Flag) string { return f.Detail })
	if s := Unasked(r.Verdict, r.Provider); s != "" {
		sentences = append(sentences, s)
	}
	return strings.Join(sentences, " ")
}

// Unasked is the sentence about a provider of an unverified record that the
// registry said nothing of; "" for any other.
func Unasked(v record.Verdict, p *record.Provider) string {
	if v != record.Unverified || !p.Valid || p.Answer != nil {
		return ""
	}
	return "The registry could not be asked about this NPI: check it again later."
}

func texts(flags []record.Flag, of func(*record.Flag) string) []string {
	all := make([]string, len(flags))
	for i := range flags {
		all[i] = of(&flags[i])
	}
	return all
}

func codeOf(f *record.Flag) string { return string(f.Code) }

// worst is the highest severity there is; "" without flags.
func worst(flags []record.Flag) record.Severity {
	for _, s := range []record.Severity{record.Error, record.Warning, record.Info} {
		for i := range flags {
			if flags[i].Severity == s {
				return s
			}
		}
	}
	return ""
}

func lineOf(p *record.Provider) string {
	if p.Line == 0 {
		return ""
	}
	return strconv.Itoa(p.Line)
}

func taxonomyOf(a *record.Answer) string {
	if a.Taxonomy == nil {
		return ""
	}
	return strings.TrimSpace(a.Taxonomy.Code + " " + a.Taxonomy.Description)
}

func addressOf(a *record.Answer) string {
	if a.Address == nil {
		return ""
	}
	var parts []string
	for _, p := range []string{a.Address.Address1, a.Address.Address2, a.Address.City, strings.TrimSpace(a.Address.State + " " + a.Address.PostalCode)} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ", ")
}

// grid is a table of some rows: the columns of rosters, then ours.
type grid struct {
	heads []string
	at    [][]int // of each roster, where its columns are
	own   int     // where ours begin
}

// newGrid puts the columns of several rosters beside each other. Columns of
// the same name are one.
func newGrid(tables [][]string) *grid {
	g := &grid{}
	place := map[string]int{}
	for _, header := range tables {
		at := make([]int, len(header))
		for i, h := range header {
			if _, known := place[h]; !known {
				place[h] = len(g.heads)
				g.heads = append(g.heads, h)
			}
			at[i] = place[h]
		}
		g.at = append(g.at, at)
	}
	g.own = len(g.heads)
	for _, c := range columns {
		g.heads = append(g.heads, c.head)
	}
	g.heads = distinct(g.heads)
	return g
}

// cells are a row's, as a spreadsheet may see them. table is its roster's
// place in the grid; -1 for none.
func (g *grid) cells(r *Row, table int) []string {
	all := make([]string, len(g.heads))
	if table >= 0 {
		for i, at := range g.at[table] {
			if i < len(r.Cells) {
				all[at] = guarded(r.Cells[i])
			}
		}
	}
	for i, c := range columns {
		all[g.own+i] = guarded(c.cell(r))
	}
	return all
}

// guarded keeps a spreadsheet from taking a text for a formula, which could
// send away what stands beside it
// (https://owasp.org/www-community/attacks/CSV_Injection).
func guarded(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

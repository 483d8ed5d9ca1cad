package roster

import (
	"strings"

	"github.com/npiflow/npiflow/internal/record"
)

// plan says where in a row its fields stand.
type plan struct {
	layout     *layout
	report     *report
	at         [fieldCount]int // column of each field; -1 is none
	own        int             // of the NPI of the row's own provider; -1 is none
	expressly  bool            // it is a person's
	others     []other
	taxonomies []taxonomy
	constants  [fieldCount]string
	ids        map[string]struct{} // that rows have had

	scratch []byte // of the row at hand
	ends    []int
}

// other is a column with the NPI of somebody beside the row's own provider.
type other struct {
	at   int
	role record.Role
}

// taxonomy is the columns of one taxonomy.
type taxonomy struct{ code, state, license, primary int }

func newPlan(l *layout, m *Map, r *report) *plan {
	p := &plan{layout: l, report: r, own: -1, ids: map[string]struct{}{}}
	for f := range p.at {
		p.at[f] = -1
	}
	for i := range l.columns {
		switch f := l.columns[i].field; {
		case f.own():
			p.own, p.expressly = i, f == IndividualNPI
		case f.npi():
			p.others = append(p.others, other{i, roles[f]})
		case f == Taxonomy:
			p.taxonomies = append(p.taxonomies, p.taxonomyAt(i))
		case !f.numbered():
			p.at[f] = i
		}
	}
	if m != nil {
		for f, text := range m.Constants {
			p.constants[f] = text
		}
	}
	p.promote()
	return p
}

// promote makes a person of another role the row's own provider where nobody
// else is: a list of members' primary care providers is a roster of those.
func (p *plan) promote() {
	if p.own >= 0 {
		return
	}
	for i, o := range p.others {
		if o.role != record.Group {
			p.own, p.expressly = o.at, true
			p.others = append(p.others[:i:i], p.others[i+1:]...)
			return
		}
	}
}

func (p *plan) taxonomyAt(code int) taxonomy {
	t := taxonomy{code, -1, -1, -1}
	for i := range p.layout.columns {
		if p.layout.columns[i].number != p.layout.columns[code].number {
			continue
		}
		switch p.layout.columns[i].field {
		case TaxonomyState:
			t.state = i
		case TaxonomyLicense:
			t.license = i
		case TaxonomyPrimary:
			t.primary = i
		}
	}
	return t
}

// note reports whether a row is no provider's: it is blank, or the header
// again, as in files that were put together, or the <required> and <optional>
// that a form has below it.
func (p *plan) note(cells []string) bool {
	first := p.own
	if first < 0 && len(p.others) > 0 {
		first = p.others[0].at
	}
	if first < 0 || cells[first] != "" && isDigit(cells[first][0]) {
		return false
	}
	return p.headerAgain(cells, first) || marks(cells)
}

func (p *plan) headerAgain(cells []string, first int) bool {
	if p.layout.line == 0 || letters(cells[first]) != letters(p.layout.cells[first]) {
		return false
	}
	for i, h := range p.layout.cells {
		if letters(cells[i]) != letters(h) {
			return false
		}
	}
	return true
}

// marks reports whether a row has nothing but marks that say how its columns
// are to be filled.
func marks(cells []string) bool {
	for _, c := range cells {
		if c = strings.Trim(c, " \t\u00a0"); c != "" && !formWords[strings.ToLower(strings.Trim(c, "<>()[]*"))] {
			return false
		}
	}
	return true
}

var formWords = words("required optional conditional situational recommended")

package writeback

import (
	"bytes"
	"slices"

	"github.com/npiflow/npiflow/internal/record"
)

// maxTaxonomies is how many taxonomies NPPES holds for one provider.
const maxTaxonomies = 15

// correctTaxonomies takes over the codes, licences and the primary taxonomy
// the row names. Codes the row leaves out stay: a roster lists what it
// contracts for.
func (p *profile) correctTaxonomies(list []record.Taxonomy) {
	primary := ""
	for i := range list {
		t := list[i]
		t.Code = taxonomyCode(t.Code)
		if t.Code == "" {
			continue
		}
		if t.Primary && primary == "" {
			primary = t.Code
		}
		p.correctTaxonomy(&t, list)
	}
	if primary != "" && primary != p.primary {
		p.set(&p.primary, primary)
	}
}

// correctTaxonomy adds a code the registry lacks; a licence fills the place of
// none, replaces one of the same state that the row does not name, or is one
// more.
func (p *profile) correctTaxonomy(t *record.Taxonomy, list []record.Taxonomy) {
	var code, open, former *record.Taxonomy
	for i := range p.taxonomies {
		g := &p.taxonomies[i]
		if g.Code != t.Code {
			continue
		}
		code = g
		inState := state(t.State) == "" || state(g.State) == "" || state(t.State) == state(g.State)
		switch {
		case inState && sameLicence(g.License, t.License):
			p.fillState(g, t)
			return
		case inState && g.License == "":
			open = g
		case inState && !named(g, list):
			former = g
		}
	}
	licensed := said(t.License)
	switch {
	case code != nil && !licensed:
	case open != nil:
		p.license(open, t)
	case former != nil:
		p.license(former, t)
	default:
		p.taxonomies = append(p.taxonomies, record.Taxonomy{Code: t.Code})
		p.differs = true
		if licensed {
			p.license(&p.taxonomies[len(p.taxonomies)-1], t)
		}
	}
}

// named reports whether the row names the licence the registry holds.
func named(g *record.Taxonomy, list []record.Taxonomy) bool {
	return slices.ContainsFunc(list, func(t record.Taxonomy) bool {
		return taxonomyCode(t.Code) == g.Code && said(t.License) && sameLicence(g.License, t.License)
	})
}

func (p *profile) license(g, t *record.Taxonomy) {
	p.set(&g.License, tidy(t.License))
	p.fillState(g, t)
}

// fillState names the state of a licence the registry holds without one.
func (p *profile) fillState(g, t *record.Taxonomy) {
	if s := state(t.State); s != "" && g.State == "" && g.License != "" {
		p.set(&g.State, s)
	}
}

// sameLicence compares letters and digits. Leading zeroes do not count:
// spreadsheets lose them.
func sameLicence(registry, roster string) bool {
	if registry == roster || !said(roster) {
		return true
	}
	var x, y [64]byte
	return bytes.Equal(bytes.TrimLeft(fold(x[:0], registry, nil), "0"), bytes.TrimLeft(fold(y[:0], roster, nil), "0"))
}

// taxonomyCode is a NUCC code's ten characters, "" for anything else, such as
// a specialty's name in the wrong column.
func taxonomyCode(s string) string {
	var b [32]byte
	c := fold(b[:0], s, nil)
	switch {
	case len(c) != 10 || c[9] != 'X' || !isDigit(c[0]):
		return ""
	case string(c) == s:
		return s // as nearly always: nothing to make
	}
	return string(c)
}

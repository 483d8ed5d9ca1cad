package judge

import (
	"strings"

	"github.com/npiflow/npiflow/internal/record"
)

// taxonomyFlag compares the record's taxonomies with those the registry lists
// for the provider. Of several the worst is said. row is the roster row whose
// own provider is meant, else nil.
func taxonomyFlag(r *rule, m *record.Mention, row *record.Roster, e *record.Entry) (record.Flag, bool) {
	primary := e.Primary()
	if primary == nil || primary.Code == "" {
		return record.Flag{}, false
	}
	worst, p := onFile(m.Taxonomy, primary, &e.Evidence.Facts)
	if row != nil {
		for i := range row.Taxonomies {
			if l, q := onFile(row.Taxonomies[i].Code, primary, &e.Evidence.Facts); l != unsaid && (worst == unsaid || l < worst) {
				worst, p = l, q
			}
		}
	}
	if worst != mismatch && worst != weak {
		return record.Flag{}, false
	}
	f := r.flag(p, "source", cite(&e.Evidence))
	f.Actual = primary.Code
	return f, true
}

// onFile says how well a code fits those of the registry, and what is wrong
// where it does not. Grouping and classification are the first four characters
// of a code, the rest is the specialization.
func onFile(code string, primary *record.Taxonomy, f *record.Facts) (level, problem) {
	code = strings.TrimSpace(code)
	switch {
	case code == "" || strings.EqualFold(code, primary.Code):
		return unsaid, otherTaxonomy
	case !isTaxonomy(code):
		return mismatch, noTaxonomy
	case code[:9] == "193200000" || code[:9] == "193400000":
		return unsaid, otherTaxonomy // a group: the registry notes that beside a taxonomy, and does not list it
	}
	best := mismatch
	if like(code, primary.Code) {
		best = weak
	}
	for _, other := range f.OtherTaxonomies {
		switch {
		case strings.EqualFold(code, other):
			return exact, otherTaxonomy
		case like(code, other):
			best = weak
		}
	}
	switch {
	case len(f.OtherTaxonomies) == record.MaxOthers:
		return unsaid, otherTaxonomy
	case best == weak:
		return weak, otherSpecialty
	}
	return mismatch, otherTaxonomy
}

func like(a, b string) bool { return len(a) > 4 && len(b) > 4 && strings.EqualFold(a[:4], b[:4]) }

// isTaxonomy reports whether s is made like a code of NUCC's list.
func isTaxonomy(s string) bool {
	if len(s) != 10 || s[9]|0x20 != 'x' {
		return false
	}
	for i := range 9 {
		if c := s[i] | 0x20; s[i]-'0' > 9 && c-'a' > 25 {
			return false
		}
	}
	return true
}

package roster

import (
	"strconv"
	"unicode/utf8"

	"github.com/npiflow/npiflow/internal/record"
)

// row is a row while its record is made.
type row struct {
	*plan
	line  int
	cells []string
	made  *block

	places string // see place
}

// block is all that most rows need, in one allocation.
type block struct {
	row        Row
	record     record.Record
	roster     record.Roster
	mentions   [2]record.Mention
	taxonomies [1]record.Taxonomy
	address    [1]record.Address
}

// row makes a row's record; nil where it is not a provider's.
func (p *plan) row(cells []string, line, found int) *Row {
	r := &row{plan: p, line: line, cells: cells, made: &block{}}
	shifted := r.ragged(found)
	r.place()
	if !r.mentions(shifted) {
		p.report.say(emptyRow, line, 0)
		return nil
	}
	if !shifted {
		r.facts()
	}
	b := r.made
	b.record.ID, b.record.Kind, b.record.Roster = r.id(), record.KindRoster, &b.roster
	b.row = Row{&b.record, line, cells}
	return &b.row
}

// place writes the row's name and the places of its NPIs, all in one text.
func (r *row) place() {
	b, ends := append(r.scratch[:0], "row-"...), r.ends[:0]
	b = strconv.AppendInt(b, int64(r.line), 10)
	ends = append(ends, len(b))
	b = appendPlace(b, r.line, r.own+1)
	ends = append(ends, len(b))
	for _, o := range r.others {
		b = appendPlace(b, r.line, o.at+1)
		ends = append(ends, len(b))
	}
	r.scratch, r.ends, r.places = b, ends, string(b)
}

// path is the place of the row's own NPI, for 0, or of the others'.
func (r *row) path(n int) string { return r.places[r.ends[n]:r.ends[n+1]] }

// ragged says whether the cells may stand under the wrong headers.
func (r *row) ragged(found int) bool {
	width := len(r.layout.columns)
	if r.layout.numeric || found == width {
		return false
	}
	if found < width {
		r.report.say(fewCells, r.line, 0)
		return false
	}
	for _, c := range r.cells[width:] {
		if said(c) != "" {
			r.report.say(manyCells, r.line, 0)
			return true
		}
	}
	return false
}

// mentions lists whom the row names; false if it is nobody.
func (r *row) mentions(shifted bool) bool {
	var name person
	var organization, tin, kind string
	if !shifted {
		name, organization = r.names()
		tin, kind = r.tin(), r.kind()
	}
	own := r.npiAt(r.own)
	list := r.made.mentions[:1]
	m := &list[0]
	m.Role, m.Entity, m.NPI, m.Path, m.TIN = record.Individual, record.Person, own, r.path(0), tin
	for i, o := range r.others {
		if npi := r.npiAt(o.at); npi != "" && !names(list[1:], o.role, npi) {
			list = append(list, record.Mention{Role: o.role, NPI: npi, Path: r.path(i + 1)})
		}
	}
	if npi := r.constants[GroupNPI]; npi != "" && !names(list[1:], record.Group, "") {
		list = append(list, record.Mention{Role: record.Group, NPI: npi, Path: where(r.line, 0)})
	}
	if own == "" && len(list) == 1 && !name.named() && organization == "" {
		return false
	}
	if kind == record.NPI2 || kind == "" && !name.named() && r.groups(own, organization, list) {
		list, kind = onlyGroup(list), record.NPI2
	} else {
		list[0].FirstName, list[0].MiddleName, list[0].LastName, list[0].Suffix = name.first, name.middle, name.last, name.suffix
	}
	nameGroup(list, organization)
	r.made.record.Mentions, r.made.roster.EnumerationType = list, kind
	r.made.roster.TIN, r.made.roster.Credential = tin, name.credential
	return true
}

// names reports whether the list has the role with the NPI already; any NPI,
// where that is empty.
func names(list []record.Mention, role record.Role, npi string) bool {
	for i := range list {
		if list[i].Role == role && (npi == "" || list[i].NPI == npi) {
			return true
		}
	}
	return false
}

// groups reports whether a row that names no person is a group's own: it has
// only the group's NPI, or an NPI of nobody in particular beside the group's
// name.
func (r *row) groups(own, organization string, list []record.Mention) bool {
	other := ""
	for i := range list[1:] {
		if list[i+1].Role == record.Group {
			other = list[i+1].NPI
			break
		}
	}
	switch {
	case own == "":
		return other != ""
	case r.expressly:
		return false
	}
	return organization != "" && (other == "" || other == own)
}

// onlyGroup makes the row the group's own: its own NPI, or else the first of a
// group, is that of the row.
func onlyGroup(list []record.Mention) []record.Mention {
	list[0].Role, list[0].Entity = record.Group, record.Organization
	for i := 1; i < len(list); i++ {
		if list[i].Role != record.Group || list[0].NPI != "" && list[i].NPI != list[0].NPI {
			continue
		}
		list[0].NPI, list[0].Path = list[i].NPI, list[i].Path
		return append(list[:i], list[i+1:]...)
	}
	return list
}

// nameGroup gives the organization's name to the first group, the row's own or
// the one its person belongs to.
func nameGroup(list []record.Mention, organization string) {
	for i := range list {
		if list[i].Role == record.Group {
			list[i].Entity = record.Organization
			if i == 0 || list[0].Role != record.Group && organization != "" {
				list[i].OrganizationName, organization = organization, ""
			}
		}
	}
}

// names gives the person's and the organization's name.
func (r *row) names() (p person, org string) {
	p = person{r.text(FirstName), r.text(MiddleName), r.text(LastName), r.text(Suffix), r.text(Credential)}
	org = r.text(OrganizationName)
	p.tidy()
	if full := r.text(FullName); full != "" && !p.named() {
		if organization(full) {
			return p, either(org, full)
		}
		whole := splitName(full)
		p.first, p.middle, p.last = whole.first, either(p.middle, whole.middle), whole.last
		p.suffix, p.credential = either(p.suffix, whole.suffix), either(p.credential, whole.credential)
	}
	if p.credential == "" {
		p.credential = credentialOf(r.text(Title))
	}
	return p, org
}

// text is a cell's text, or the map's constant where the cell is empty.
func (r *row) text(f Field) string {
	at := r.at[f]
	if at < 0 {
		return r.constants[f]
	}
	s := said(r.cells[at])
	if len(s) > maxText {
		r.report.say(longText, r.line, at+1)
		s = ""
	}
	return either(s, r.constants[f])
}

// number is a text of digits without a spreadsheet's doing.
func (r *row) number(f Field) string {
	s := r.text(f)
	if s == "" || digits(s) || r.at[f] < 0 {
		return s
	}
	return r.mended(s, r.at[f])
}

// mended takes off what a spreadsheet put around a number, and says so.
func (r *row) mended(s string, at int) string {
	if nothing(s) {
		return ""
	}
	s, marked := unmarked(s)
	if marked {
		r.report.say(textMark, r.line, at+1)
	}
	s, cut := pointless(s)
	if cut {
		r.report.say(trailingPoint, r.line, at+1)
	}
	if whole, damaged, ok := scientific(s); ok && damaged {
		r.report.say(lostDigits, r.line, at+1)
	} else if ok {
		return whole
	}
	return s
}

// npiAt is the NPI of a column: its text, also where it is none.
func (r *row) npiAt(at int) string {
	if at < 0 {
		return ""
	}
	s := r.cells[at]
	if len(s) == 10 && digits(s) {
		return s
	}
	if s = said(s); s == "" {
		return ""
	}
	if len(s) > maxText { // no NPI, and never mended: the beginning shows as much
		for s = s[:maxText]; !utf8.ValidString(s); {
			s = s[:len(s)-1]
		}
	}
	return r.mended(s, at)
}

// tin is the tax identification number; of 12-3456789 the nine digits.
func (r *row) tin() string {
	s := r.number(TIN)
	switch {
	case len(s) == 10 && s[2] == '-' && digits(s[:2]+s[3:]):
		return s[:2] + s[3:]
	case len(s) == 11 && s[3] == '-' && s[6] == '-':
		r.report.say(badTIN, r.line, r.at[TIN]+1)
		return ""
	}
	return s
}

// kind is the type of NPI the row says.
func (r *row) kind() string {
	s := r.number(EnumerationType)
	if s == "" {
		return ""
	}
	kind := typeOf(s)
	if kind == "" {
		r.report.say(badType, r.line, r.at[EnumerationType]+1)
	}
	return kind
}

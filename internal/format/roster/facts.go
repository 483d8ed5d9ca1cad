package roster

import (
	"strings"

	"github.com/npiflow/npiflow/internal/record"
)

// facts are what the row says beyond its mentions.
func (r *row) facts() {
	f := &r.made.roster
	f.Taxonomies = r.listed()
	if a := &r.made.address[0]; r.address(a) {
		f.Addresses = r.made.address[:]
	}
	f.EffectiveDate, f.TerminationDate = r.date(EffectiveDate), r.date(TerminationDate)
	if f.TerminationDate != 0 && f.TerminationDate < f.EffectiveDate {
		r.report.say(backwards, r.line, r.at[TerminationDate]+1)
		f.EffectiveDate, f.TerminationDate = 0, 0
	}
	if s := r.text(Action); s != "" {
		if f.Action = actionOf(s); f.Action == "" {
			r.report.say(badAction, r.line, r.at[Action]+1)
		}
	}
}

// listed gives the taxonomies of the row.
func (r *row) listed() []record.Taxonomy {
	list := r.made.taxonomies[:0]
	for _, t := range r.taxonomies {
		s := said(r.cells[t.code])
		if nothing(s) {
			continue
		}
		code, ok := taxonomyCode(s)
		if !ok {
			r.report.say(badTaxonomy, r.line, t.code+1)
			continue
		}
		list = append(list, record.Taxonomy{
			Code: code, State: r.bounded(t.state), License: r.bounded(t.license),
			Primary: strings.EqualFold(r.bounded(t.primary), "Y"),
		})
	}
	if code := r.constants[Taxonomy]; code != "" && len(list) == 0 {
		list = append(list, record.Taxonomy{Code: code})
	}
	if len(list) == 0 {
		return nil
	}
	return list
}

// bounded is the text of a column that may not be there.
func (r *row) bounded(at int) string {
	if at < 0 {
		return ""
	}
	s := said(r.cells[at])
	if len(s) > maxText {
		r.report.say(longText, r.line, at+1)
		return ""
	}
	return s
}

// address reads the primary practice location, if the row says anything of it.
func (r *row) address(a *record.Address) bool {
	*a = record.Address{
		Address1: r.text(Address1), Address2: r.text(Address2), City: r.text(City),
		State: r.text(State), CountryCode: r.text(CountryCode),
	}
	if len(a.State) == 2 {
		a.State = strings.ToUpper(a.State)
	}
	if s := r.number(PostalCode); s != "" {
		var restored bool
		if a.PostalCode, restored = postal(s, r.number(PostalExtension), a.State); restored {
			r.report.say(lostZero, r.line, r.at[PostalCode]+1)
		}
	}
	if s := r.number(Phone); s != "" {
		a.Phone = phone(s)
	}
	if s := r.number(Fax); s != "" {
		a.Fax = phone(s)
	}
	if *a == (record.Address{}) {
		return false
	}
	a.Purpose = "LOCATION"
	return true
}

// date reads a day; the open end of a roster is no day.
func (r *row) date(f Field) record.Date {
	s := r.text(f)
	if nothing(s) {
		return 0
	}
	column := r.at[f] + 1
	if bare, marked := unmarked(s); marked {
		r.report.say(textMark, r.line, column)
		s = bare
	}
	d, serial, wrong, ok := parseDate(s, r.layout.date1904)
	switch {
	case !ok:
		r.report.say(wrong, r.line, column)
	case serial && !r.layout.numeric:
		r.report.say(serialDate, r.line, column)
	}
	return d
}

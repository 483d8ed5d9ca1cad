package local

import (
	"strings"

	"github.com/npiflow/npiflow/internal/record"
)

// Query is what to search for: the criteria of the NPPES API v2.1. Zero values
// are no criteria; all others must be met. Texts are compared without regard
// to case.
type Query struct {
	NPI                 record.NPI
	Type                string // NPI-1 or NPI-2
	FirstName, LastName Text
	Aliases             []string // first names that count as FirstName
	Whose               Whose    // whose names those are
	Organization        Text     // a legal or other name
	Taxonomy            Text     // a description: all of it, or what stands before or after one of its commas

	// One and the same address must meet what follows.
	Purpose    string // MAILING, PRIMARY, SECONDARY, or LOCATION for either of the two; "" is any
	City       Text
	State      string
	PostalCode Text   // five digits are met by all that begin with them
	Country    string // two letters

	codes map[string]bool // the taxonomies that Taxonomy comes to
}

// Text is a criterion: a whole text, or with Prefix what it begins with.
type Text struct {
	Value  string
	Prefix bool
}

// Whose says whose names a query means.
type Whose uint8

// A provider has its own and other names; an official is the one authorized
// by an organization.
const (
	Anybody Whose = iota
	TheProvider
	TheOfficial
)

// folded is q as it is compared, with the taxonomies that it describes.
func (q Query) folded(descriptions map[string]string) Query {
	for _, t := range []*Text{&q.FirstName, &q.LastName, &q.Organization, &q.Taxonomy, &q.City, &q.PostalCode} {
		t.Value = fold(t.Value)
	}
	q.State, q.Country = fold(q.State), fold(q.Country)
	aliases := make([]string, len(q.Aliases))
	for i, a := range q.Aliases {
		aliases[i] = fold(a)
	}
	q.Aliases = aliases
	if q.Taxonomy.Value != "" {
		q.codes = map[string]bool{}
		for code, description := range descriptions {
			if q.Taxonomy.describes(fold(description)) {
				q.codes[code] = true
			}
		}
	}
	return q
}

// met reports whether s is what is asked for. Anything is if nothing is.
func (t Text) met(s string) bool {
	switch {
	case t.Value == "":
		return true
	case t.Prefix:
		return strings.HasPrefix(fold(s), t.Value)
	}
	return fold(s) == t.Value
}

// describes is for a folded description such as "INTERNAL MEDICINE,
// CARDIOVASCULAR DISEASE", which any of its parts stands for as well.
func (t Text) describes(s string) bool {
	if t.met(s) {
		return true
	}
	for at := range len(s) {
		if strings.HasPrefix(s[at:], ", ") && (t.met(s[:at]) || t.met(s[at+2:])) {
			return true
		}
	}
	return false
}

// meets reports whether e meets every criterion of a folded query.
func (q *Query) meets(e *record.Entry) bool {
	return (q.NPI == 0 || q.NPI == e.NPI) && (q.Type == "" || q.Type == e.Evidence.Type) &&
		q.named(e) && q.organized(e) && q.classified(e) && q.located(e)
}

// named takes first and last name from any of a provider's names: someone who
// married is found by the new first and the old last name, too. An official
// has one name.
func (q *Query) named(e *record.Entry) bool {
	if q.FirstName.Value == "" && q.LastName.Value == "" {
		return true
	}
	o := e.Official
	if q.Whose != TheProvider && o != nil && q.first(o.First) && q.LastName.met(o.Last) {
		return true
	}
	if q.Whose == TheOfficial {
		return false
	}
	f := &e.Evidence.Facts
	first, last := q.first(f.Name.First), q.LastName.met(f.Name.Last)
	for i := range f.OtherNames {
		first = first || q.first(f.OtherNames[i].First)
		last = last || q.LastName.met(f.OtherNames[i].Last)
	}
	return first && last
}

func (q *Query) first(s string) bool {
	if q.FirstName.met(s) {
		return true
	}
	for _, alias := range q.Aliases {
		if fold(s) == alias {
			return true
		}
	}
	return false
}

func (q *Query) organized(e *record.Entry) bool {
	if q.Organization.Value == "" {
		return true
	}
	for name := range organizationNames(e) {
		if name != "" && q.Organization.met(name) {
			return true
		}
	}
	return false
}

func (q *Query) classified(e *record.Entry) bool {
	if q.Taxonomy.Value == "" {
		return true
	}
	for i := range e.Taxonomies {
		if q.codes[e.Taxonomies[i].Code] {
			return true
		}
	}
	return false
}

func (q *Query) located(e *record.Entry) bool {
	if q.Purpose == "" && q.City.Value == "" && q.State == "" && q.PostalCode.Value == "" && q.Country == "" {
		return true
	}
	for i := range e.Addresses {
		if a := &e.Addresses[i]; q.means(a.Purpose) && q.at(a) {
			return true
		}
	}
	for i := range e.PracticeLocations {
		if q.means("SECONDARY") && q.at(&e.PracticeLocations[i]) {
			return true
		}
	}
	return false
}

// means reports whether an address is one that the query is about: MAILING,
// LOCATION for the primary practice location, or SECONDARY for another.
func (q *Query) means(is string) bool {
	switch q.Purpose {
	case "":
		return true
	case "PRIMARY":
		return is == "LOCATION"
	case "LOCATION":
		return is == "LOCATION" || is == "SECONDARY"
	}
	return is == q.Purpose
}

func (q *Query) at(a *record.Address) bool {
	return q.City.met(a.City) && (q.State == "" || q.State == fold(a.State)) &&
		q.PostalCode.zip().met(a.PostalCode) && (q.Country == "" || q.Country == fold(a.CountryCode))
}

// zip makes five digits the beginning of a ZIP+4.
func (t Text) zip() Text {
	if _, ok := digits(t.Value); ok && len(t.Value) == postalIndexed {
		t.Prefix = true
	}
	return t
}

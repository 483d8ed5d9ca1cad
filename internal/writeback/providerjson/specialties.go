package providerjson

import (
	"fmt"
	"unicode/utf8"
)

var licenseShape = sections[licenses].shape

var licenseRules = rulesOf(licenseShape).
	add(always, check{class: "L-REQ", named: true, says: "must be given, as STATE-TYPE-NUMBER", bad: noLicense}, "code").
	add(always, check{class: "L-SHORT", reads: true, says: "must have at least seven characters, as STATE-TYPE-NUMBER", bad: shortLicense}, "code").
	add(sending, check{class: "L-TYPE", reads: true, says: "must begin with a state and a type of license known there, as in MD-MDR-D0012345", bad: unknownLicense}, "code").rows

func (v *validation) licenses() {
	v.each(licenses, func(e *entry) {
		v.lengths(e, "L-LEN")
		v.apply(e, licenseRules)
	})
}

// noLicense: the reference crashes on a license without a code, such as one of
// the older form with number, type and state.
func noLicense(_ *validation, e *entry, i int) bool { return !e.is(i, text) && !e.foreign(i) }

const shortest = 7 // a state, a type, two hyphens and a character

func shortLicense(_ *validation, e *entry, i int) bool {
	return e.is(i, text) && utf8.RuneCountInString(e.text(i)) < shortest
}

func unknownLicense(v *validation, e *entry, i int) bool {
	s := e.text(i)
	return e.is(i, text) && utf8.RuneCountInString(s) >= shortest && !v.tables.licenses[s[:min(6, len(s))]]
}

var taxonomyShape = sections[taxonomies].shape

var (
	taxonomyPrimary = taxonomyShape.index("primary")
	licensed        = sections[taxonomyLicenses].shape.index("taxonomy_code")
	taxonomiesAt    = documentShape.index("taxonomies")
)

var taxonomyRules = rulesOf(taxonomyShape).
	add(sending, check{class: "X-CODE", says: "must be a taxonomy code that the table has", bad: unknownTaxonomy}, "code").
	add(always, check{class: "X-PRIMARY-BOOL", says: "must be true or false", bad: notBoolean}, "primary").rows

// known are rules of taxonomies that the table has.
var known = rulesOf(taxonomyShape).
	add(sending, check{class: "X-INDIV-ONLY", says: "is of a taxonomy that only an individual or a sole proprietor can have", bad: forIndividuals}, "code").
	add(sending, check{class: "X-ORG-ONLY", says: "is of a taxonomy that only an organization can have", bad: forOrganizations}, "code").
	add(sending, check{class: "X-LICENSE", says: "is of a taxonomy that needs a license, and none of taxonomy_licenses names it", bad: unlicensed}, "code").rows

func (v *validation) taxonomies() {
	primary := 0
	v.each(taxonomies, func(e *entry) {
		v.apply(e, taxonomyRules)
		if e.is(taxonomyPrimary, yes) {
			primary++
		}
	})
	if primary != 1 && !v.broken[taxonomies] {
		v.fail(&v.top, taxonomiesAt, "X-PRIMARY-COUNT", fmt.Sprintf("must have exactly one that is primary, and %d are", primary))
	}
	v.each(taxonomyLicenses, func(*entry) {})
	for i := range v.sections[taxonomies] {
		if e := &v.sections[taxonomies][i]; e.values != nil {
			v.apply(e, known)
		}
	}
}

// specialty looks up a taxonomy; one that is unknown is nobody's.
func (v *validation) specialty(e *entry, i int) (specialty, bool) {
	if !e.is(i, text) {
		return specialty{}, false
	}
	return v.tables.taxonomy(e.text(i))
}

func unknownTaxonomy(v *validation, e *entry, i int) bool {
	_, known := v.specialty(e, i)
	return !known
}

// notBoolean: the reference crashes on what is no boolean, 1 and 0 too.
func notBoolean(_ *validation, e *entry, i int) bool { return !e.is(i, yes) && !e.is(i, no) }

func forIndividuals(v *validation, e *entry, i int) bool {
	s, _ := v.specialty(e, i)
	return s.entity == individual && v.kind != Individual && v.soleProprietor() == "NO"
}

func forOrganizations(v *validation, e *entry, i int) bool {
	s, _ := v.specialty(e, i)
	return s.entity == organization && v.kind != Organization
}

// unlicensed asks only whether a license is named: which, the reference never
// looks.
func unlicensed(v *validation, e *entry, i int) bool {
	if s, _ := v.specialty(e, i); !s.license {
		return false
	}
	for j := range v.sections[taxonomyLicenses] {
		l := &v.sections[taxonomyLicenses][j]
		if l.values != nil && l.is(licensed, text) && l.text(licensed) == e.text(i) {
			return false
		}
	}
	return true
}

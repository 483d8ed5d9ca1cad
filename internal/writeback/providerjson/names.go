package providerjson

// soleProprietor is the reference's answer to whether a person is one: exactly
// YES or NO, NO where nothing is said, and anything else is neither.
func (v *validation) soleProprietor() string {
	e := v.person()
	if e.is(sole, absent) {
		return "NO"
	}
	return e.text(sole)
}

var nameShape = sections[otherNames].shape

var (
	code      = nameShape.index("code")
	firstName = nameShape.index("first_name")
	lastName  = nameShape.index("last_name")
)

var namesOfOrganizations = rulesOf(nameShape).
	add(always, nameCode("N-CODE-ORG", "must be 3, 4, 5 or blank for an organization", "", "3", "4", "5"), "code").
	add(always, unnamed(required("N-ORG-REQ")), "organization_name").rows

var namesOfPersons = rulesOf(nameShape).
	add(always, nameCode("N-CODE-IND", "must be 1, 2, 5 or blank for a person who is no sole proprietor", "", "1", "2", "5"), "code").
	add(always, nameMissing("N-FIRST"), "first_name").
	add(always, nameMissing("N-LAST"), "last_name").rows

var namesOfProprietors = rulesOf(nameShape).
	add(always, nameCode("N-CODE-SP", "must be 1, 2, 3, 5 or blank for a sole proprietor", "", "1", "2", "3", "5"), "code").
	add(always, check{class: "N-SP-NAME", says: "must be given, or else first_name and last_name", bad: nameless}, "organization_name").rows

var namesOfAll = rulesOf(nameShape).
	add(always, check{class: "N-OTHERTYPE", says: "must be given where code is blank", bad: untyped}, "othertype").
	add(always, choice("N-SUFFIX", suffixes), "suffix").
	add(always, choice("N-PREFIX", prefixes), "prefix").rows

func (v *validation) otherNames() {
	proprietor := v.soleProprietor()
	v.each(otherNames, func(e *entry) {
		v.lengths(e, "N-LEN")
		switch {
		case v.kind == Organization:
			v.apply(e, namesOfOrganizations)
		case v.kind == Individual && proprietor == "NO":
			v.apply(e, namesOfPersons)
		case v.kind == Individual && proprietor == "YES":
			v.apply(e, namesOfProprietors)
		}
		v.apply(e, namesOfAll)
	})
}

// blank reports whether a member is absent or empty. Null is not: the
// reference makes it the text None.
func (e *entry) blank(i int) bool {
	return e.is(i, absent) || e.is(i, text) && e.text(i) == ""
}

func nameCode(class, says string, allowed ...string) check {
	c := among(class, allowed)
	listed := c.bad
	c.says = says
	c.bad = func(v *validation, e *entry, i int) bool { return !e.blank(i) && listed(v, e, i) }
	return c
}

func nameMissing(class string) check {
	return check{class: class, says: "must be given", bad: func(_ *validation, e *entry, i int) bool { return e.blank(i) }}
}

// nameless is asked of the organization's name.
func nameless(_ *validation, e *entry, i int) bool {
	return e.blank(i) && (e.blank(firstName) || e.blank(lastName))
}

// untyped is asked of othertype. The reference wants it where code is blank,
// and not where it is 5, other.
func untyped(_ *validation, e *entry, i int) bool { return e.blank(code) && e.blank(i) }

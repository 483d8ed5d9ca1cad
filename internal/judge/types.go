package judge

import "github.com/npiflow/npiflow/internal/record"

// typeFlag compares the registry's type with the one that suits the role, and
// with what the record says the provider is.
func typeFlag(r *rule, m *record.Mention, t record.ClaimType, f *record.Facts) (record.Flag, bool) {
	e, said := r.expects(t), entityOf(m)
	want := e.want
	if want == "" {
		want = typeOf[said]
	}
	switch {
	case want == "" || f.Type == "":
		return record.Flag{}, false
	case want == f.Type:
		flag := r.flags[misnamed(want)]
		flag.Severity = e.misnamed
		return flag, said != "" && typeOf[said] != want && e.misnamed != pass
	case e.cost(said, f) == pass:
		return record.Flag{}, false
	}
	flag := r.flag(mistyped(want, e.want != ""), "holder", holder(f))
	flag.Severity, flag.Expected, flag.Actual = e.cost(said, f), want, f.Type
	return flag, true
}

var typeOf = map[record.Entity]string{record.Person: record.NPI1, record.Organization: record.NPI2}

func misnamed(want string) problem {
	if want == record.NPI1 {
		return saidGroup
	}
	return saidPerson
}

// mistyped is the problem where the other type was wanted, by the role or else
// by what the record says.
func mistyped(want string, byRole bool) problem {
	switch {
	case want == record.NPI1 && byRole:
		return groupForPerson
	case want == record.NPI1:
		return groupNotAsSaid
	case byRole:
		return personForGroup
	}
	return personNotAsSaid
}

func holder(f *record.Facts) string {
	if f.SoleProprietor == "YES" {
		return "a person, a sole proprietor"
	}
	return "a person"
}

func (e expectation) cost(said record.Entity, f *record.Facts) record.Severity {
	switch {
	case f.Type == record.NPI1 && f.SoleProprietor == "YES":
		return e.sole
	case f.Type == record.NPI1:
		return e.person
	case said == record.Organization:
		return e.groupSaid
	}
	return e.group
}

// entityOf is what the record says the provider is: in so many words, or by
// the kind of name it gives. A last name alone says nothing, because NM103
// holds both.
func entityOf(m *record.Mention) record.Entity {
	switch {
	case m.Entity != "":
		return m.Entity
	case m.FirstName != "" && m.OrganizationName == "":
		return record.Person
	case m.OrganizationName != "" && m.FirstName == "" && m.LastName == "":
		return record.Organization
	}
	return ""
}

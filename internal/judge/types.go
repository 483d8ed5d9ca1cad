package judge

import "github.com/npiflow/npiflow/internal/record"

// typeFlag compares the registry's type with the one that suits the role.
func typeFlag(r *rule, m *record.Mention, t record.ClaimType, f *record.Facts) (record.Flag, bool) {
	e := r.expects(t)
	said := entityOf(m)
	want := e.want
	if want == "" {
		want = typeOf[said]
	}
	if want == "" || f.Type == "" || want == f.Type {
		return record.Flag{}, false
	}
	flag := record.Flag{
		Code: record.FlagWrongType, Severity: e.cost(said, f), Expected: want, Actual: f.Type,
		Detail: typeSentence(r, e, want, f), Codes: r.codes[personForGroup],
	}
	if want == record.NPI1 {
		flag.Codes = r.codes[groupForPerson]
	}
	return flag, flag.Severity != pass
}

var typeOf = map[record.Entity]string{record.Person: record.NPI1, record.Organization: record.NPI2}

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

func typeSentence(r *rule, e expectation, want string, f *record.Facts) string {
	belongs, found, mend := "an organization", "a person", "the organization's own NPI"
	if f.SoleProprietor == "YES" {
		found = "a person, a sole proprietor"
	}
	if want == record.NPI1 {
		belongs, found, mend = "a person", "an organization", "the practitioner's own NPI"
	}
	if e.want == "" {
		return "The record says that the " + r.label + " is " + belongs + ", but the registry holds this NPI for " + found + ": give " + mend + ", or correct what the record says."
	}
	return "The " + r.label + " must be " + belongs + ", but the registry holds this NPI for " + found + ": give " + mend + "."
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

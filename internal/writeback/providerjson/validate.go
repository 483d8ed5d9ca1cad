package providerjson

import "github.com/npiflow/npiflow/internal/record"

// Validate judges a document by every rule, in the order of the reference. Of
// tables nil the built-in ones are taken. Today decides who is too young.
// Nothing makes it fail: what is no document at all is a finding too. It tells
// a thousand errors and a thousand warnings at most. How long a document may
// be is for the caller to say.
func Validate(document []byte, action Action, today record.Date, tables *Tables) Report {
	action, known := ParseAction(string(action))
	if !known {
		return refused(Finding{Rule: "T-ACTION", Message: "The action must be one of create, update and public."})
	}
	r, damage := read(document)
	if damage != nil {
		return refused(*damage)
	}
	if tables == nil {
		tables = builtin
	}
	v := &validation{reading: r, actions: actionsOf[action], today: today, tables: tables}
	if v.start() {
		v.all()
	}
	return v.Report
}

func refused(f Finding) Report { return Report{Errors: []Finding{f}} }

// validation is one document on its way through the rules.
type validation struct {
	Report
	*reading
	actions actions
	kind    string // the enumeration type
	today   record.Date
	tables  *Tables
}

var (
	typeMember   = documentShape.index("enumeration_type")
	numberMember = documentShape.index("number")
)

// start finds out what the document is about, and whether to go on.
func (v *validation) start() bool {
	top := &v.top
	v.kind = top.text(typeMember)
	switch {
	case top.is(typeMember, absent) && (v.actions != publishing || top.is(numberMember, absent)):
		v.fail(top, typeMember, "T-TYPE-MISSING", "must be there")
		return false
	case v.actions == publishing && !top.given(typeMember) && !top.is(numberMember, absent):
		v.find(top, typeMember, &check{class: "T-DEACTIVATED", warns: true,
			says: "is not given: a deactivated provider, of whom nothing else is public"})
		return false
	case v.kind != Individual && v.kind != Organization && v.kind != AtypicalIndividual && v.kind != HealthPlan:
		v.fail(top, typeMember, "T-TYPE-BAD", "must be one of NPI-1, NPI-2, OEID, HPID")
		return false
	}
	return true
}

// all is the order of the sections.
func (v *validation) all() {
	v.apply(&v.top, numberRules)
	for s := range sections {
		if v.broken[s] {
			v.notOfType(s)
		}
	}
	v.basic()
	v.otherNames()
	v.addresses()
	v.licenses()
	v.taxonomies()
	v.identifiers()
	v.affiliations()
}

var numberRules = rulesOf(documentShape).
	add(creating, ignored("T-NUMBER-IGNORED", "is ignored when a provider is created: the registry gives the number", false), "number").
	add(updating, unnamed(required("T-NUMBER-REQ")), "number").
	add(always, check{class: "T-LUHN", says: "has a wrong check digit", warns: true, bad: badNumber}, "number").rows

// badNumber takes whatever is given: what is no number has no check digit.
func badNumber(v *validation, e *entry, i int) bool {
	return e.given(i) && (v.kind == Individual || v.kind == Organization) && !luhn(e.text(i))
}

// notOfType is a section that cannot be looked into.
func (v *validation) notOfType(s int) {
	c := check{class: wrongType, named: true, says: "must be an object"}
	if sections[s].list {
		c.says = "must be a list"
	}
	v.find(&v.top, documentShape.index(sections[s].name), &c)
}

// each goes through the entries of a list, and says which are no objects.
func (v *validation) each(s int, do func(e *entry)) {
	for i := range v.sections[s] {
		e := &v.sections[s][i]
		if e.values == nil {
			v.fail(e, -1, wrongType+":"+sections[s].name, "must be an object")
			continue
		}
		do(e)
	}
}

package providerjson

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// check is one kind of rule about one member.
type check struct {
	class string
	says  string // the sentence behind the member's name
	bad   func(v *validation, e *entry, i int) bool
	named bool // the id names the member
	warns bool
	reads bool // it reads text: the reference crashes on anything else
}

// actions are the actions that a row is for.
type actions uint8

const (
	creating actions = 1 << iota
	updating
	publishing

	always  = creating | updating | publishing
	sending = creating | updating
)

var actionsOf = map[Action]actions{Create: creating, Update: updating, Public: publishing}

// row is a check of some members, for some actions.
type row struct {
	when actions
	check
	members []int
}

// rows are checks of an object, in the order of the reference.
type rows []row

// ruleTable becomes rows by a call of add for each. A member that is misspelt
// panics when the program starts.
type ruleTable struct {
	shape *shape
	rows
}

func rulesOf(s *shape) *ruleTable { return &ruleTable{shape: s} }

func (t *ruleTable) add(when actions, c check, members ...string) *ruleTable {
	at := make([]int, len(members))
	for i, name := range members {
		at[i] = t.shape.index(name)
	}
	t.rows = append(t.rows, row{when, c, at})
	return t
}

// apply runs the rows that are for the action.
func (v *validation) apply(e *entry, all rows) {
	for i := range all {
		r := &all[i]
		if r.when&v.actions == 0 {
			continue
		}
		for _, m := range r.members {
			v.check(e, m, &r.check)
		}
	}
}

func (v *validation) check(e *entry, i int, c *check) {
	switch {
	case c.reads && e.foreign(i):
		if e.shape.members[i].max == 0 { // else its length was looked at
			v.wrongType(e, i)
		}
	case !c.bad(v, e, i):
	default:
		v.find(e, i, c)
	}
}

// most is how many errors are told of a document, and how many warnings: a
// document of nothing but faults must not make a report of any size.
const most = 1000

// find tells that a check is broken.
func (v *validation) find(e *entry, i int, c *check) {
	told := &v.Errors
	if c.warns {
		told = &v.Warnings
	}
	if len(*told) < most {
		*told = append(*told, c.finding(e, i))
	}
}

func (c *check) finding(e *entry, i int) Finding {
	named := -1
	if c.named {
		named = i
	}
	return Finding{Rule: e.rule(c.class, named), Pointer: e.pointer(i), Message: e.subject(i) + " " + strings.TrimSuffix(c.says, ".") + "."}
}

// fail is an error of a rule whose id names no member.
func (v *validation) fail(e *entry, i int, class, says string) {
	v.find(e, i, &check{class: class, says: says})
}

func (v *validation) wrongType(e *entry, i int) {
	v.find(e, i, &check{class: wrongType, says: "must be text", named: true})
}

// lengths checks every member that has a limit. Licenses are the one section
// whose rule does not name the member.
func (v *validation) lengths(e *entry, class string) {
	for i := range e.values {
		limit := e.shape.members[i].max
		switch {
		case limit == 0 || e.values[i].form < text:
		case e.foreign(i):
			v.wrongType(e, i)
		case len(e.text(i)) > limit && ascii(e.text(i)) > limit:
			v.find(e, i, &check{class: class, named: e.section != licenses,
				says: fmt.Sprintf("has %d characters, and at most %d are allowed", ascii(e.text(i)), limit)})
		}
	}
}

// required is of a member that must be given.
func required(class string) check {
	return check{class: class, says: "must be given", named: true,
		bad: func(_ *validation, e *entry, i int) bool { return !e.given(i) }}
}

// among is of a member that must be there and be one of a list.
func among(class string, allowed []string) check {
	return check{class: class, says: "must be one of " + strings.Join(allowed, ", "), reads: true,
		bad: func(_ *validation, e *entry, i int) bool {
			return !e.is(i, text) || !slices.Contains(allowed, e.text(i))
		}}
}

// ifGiven makes a check one that lets pass what is not given.
func ifGiven(c check) check {
	bad := c.bad
	c.bad = func(v *validation, e *entry, i int) bool { return e.given(i) && bad(v, e, i) }
	return c
}

// choice is of a member that must be one of a list, if it is given.
func choice(class string, allowed []string) check { return ifGiven(among(class, allowed)) }

// anyCase is like choice, and case does not matter.
func anyCase(class string, allowed []string) check {
	c := among(class, allowed)
	c.bad = func(_ *validation, e *entry, i int) bool {
		return !slices.ContainsFunc(allowed, func(a string) bool { return strings.EqualFold(a, e.text(i)) })
	}
	return ifGiven(c)
}

// naming makes the ids of a check name the member.
func unnamed(c check) check {
	c.named = false
	return c
}

func naming(c check) check {
	c.named = true
	return c
}

// nine is of a number that must have nine characters, if it is given.
func nine(class string) check {
	return check{class: class, says: "must have nine characters", named: true, reads: true,
		bad: func(_ *validation, e *entry, i int) bool {
			return e.given(i) && utf8.RuneCountInString(e.text(i)) != 9
		}}
}

// ignored warns of what the registry does not take from a document.
func ignored(class, why string, named bool) check {
	return check{class: class, says: why, named: named, warns: true,
		bad: func(_ *validation, e *entry, i int) bool { return e.given(i) }}
}

// boolean is of a member that must be true or false, if it is given.
func boolean(class string) check { return ifGiven(trueOrFalse(class)) }

// trueOrFalse is like boolean, and only null counts as nothing. The reference
// compares, so 0 and 1 pass.
func trueOrFalse(class string) check {
	return check{class: class, says: "must be true or false",
		bad: func(_ *validation, e *entry, i int) bool {
			return !e.is(i, absent) && !e.is(i, null) && !e.is(i, yes) && !e.is(i, no) && !e.bit(i)
		}}
}

var telephone = check{class: "B-PHONE", says: "must be of the form 301-555-0100", named: true, reads: true,
	bad: func(_ *validation, e *entry, i int) bool { return e.given(i) && !phone(e.text(i)) }}

func inStates(class string) check {
	return check{class: class, says: "must be the two-letter code of a state or territory, or ZZ abroad", reads: true,
		bad: func(v *validation, e *entry, i int) bool { return !v.tables.states[e.text(i)] }}
}

func inCountries(class string) check {
	return check{class: class, says: "must be a two-letter country code of ISO 3166-1, such as US", reads: true,
		bad: func(v *validation, e *entry, i int) bool { return !v.tables.countries[e.text(i)] }}
}

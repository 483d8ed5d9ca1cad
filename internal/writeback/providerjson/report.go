package providerjson

import (
	"strconv"
	"strings"
)

// Action is what a document is for.
type Action string

// The actions. Case does not matter.
const (
	Create Action = "create" // sent to /api/create
	Update Action = "update" // sent to /api/update
	Public Action = "public" // made of the public files, without what is private or the registry's own
)

// ParseAction reads one, in any case.
func ParseAction(s string) (Action, bool) {
	a := Action(strings.ToLower(s))
	return a, a == Create || a == Update || a == Public
}

// Finding is one thing that a rule finds in a document. Rule is its class, the
// member it is about where the class is about several, and the place in the
// list: B-REQ:first_name, A-LEN:city#0, A-STATE#1, A-NO-MAILING. The class
// wrong-type is of values that the reference crashes on. Pointer (RFC 6901)
// is where it lies, or would lie if it were there. Message is a sentence that
// quotes nothing of the document.
type Finding struct {
	Rule    string `json:"rule"`
	Pointer string `json:"pointer"`
	Message string `json:"message"`
}

// Report is what validation found. A document is acceptable if there are no
// errors. Both lists are in the order of the reference, an object's lengths
// first.
type Report struct {
	Errors   []Finding `json:"errors"`
	Warnings []Finding `json:"warnings"`
}

// wrongType is the class of values that are not of the type they must have.
const wrongType = "wrong-type"

// rule spells the id of a finding in an entry; of a negative member it names
// none.
func (e *entry) rule(class string, member int) string {
	if member >= 0 {
		class += ":" + e.shape.members[member].name
	}
	if e.section >= 0 && sections[e.section].list {
		class += "#" + strconv.Itoa(e.place)
	}
	return class
}

// pointer leads to a member, or for a negative one to the entry.
func (e *entry) pointer(member int) string {
	var p string
	if e.section >= 0 {
		p = "/" + sections[e.section].name
		if sections[e.section].list {
			p += "/" + strconv.Itoa(e.place)
		}
	}
	if member >= 0 {
		p += "/" + e.shape.members[member].name
	}
	return p
}

// subject is how sentences call a member, or for a negative one the entry:
// basic.first_name, addresses[0].city, addresses[0].
func (e *entry) subject(member int) string {
	var s string
	if e.section >= 0 {
		s = sections[e.section].name
		if sections[e.section].list {
			s += "[" + strconv.Itoa(e.place) + "]"
		}
	}
	if member < 0 {
		return s
	}
	return strings.TrimPrefix(s+"."+e.shape.members[member].name, ".")
}

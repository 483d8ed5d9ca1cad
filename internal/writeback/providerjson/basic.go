package providerjson

import (
	"unicode/utf8"

	"github.com/npiflow/npiflow/internal/record"
)

var (
	suffixes = []string{"Jr.", "Sr.", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"}
	prefixes = []string{"Ms.", "Mr.", "Miss", "Mrs.", "Dr.", "Prof."}

	generatedDates = []string{
		"enumeration_date", "last_updated", "initial_enumeration_date", "date_of_death", "reactivation_date", "deactivation_date",
	}
)

const onUpdate = "is ignored in an update: it cannot be changed this way"

var (
	birthState = basicShape.index("state_of_birth")
	sole       = basicShape.index("sole_proprietor")
	itin       = basicShape.index("itin")
)

// everybodys are the rules of all types.
var everybodys = rulesOf(basicShape).
	add(always, dateForm, generatedDates...).
	add(sending, ignored("B-DATE-IGN", "is ignored: it is the registry's own", true), generatedDates...).
	add(always, telephone, "contact_person_telephone_number").
	add(always, anyCase("B-MODE", []string{"W", "P", "E", "A"}), "mode").
	add(always, check{class: "B-MODE-NOT-A", says: "should be A: what is submitted by the API is", warns: true, bad: notA}, "mode").
	add(always, anyCase("B-STATUS", []string{"E", "P", "A", "D", "R"}), "status").
	add(sending, ignored("B-STATUS-IGN", "is ignored: it is the registry's own", false), "status").
	add(sending, choice("B-CONTACT-METHOD", []string{"M", "E"}), "contact_method").rows

// individuals are the rules of NPI-1.
var individuals = rulesOf(basicShape).
	add(always, required("B-REQ"), "first_name", "last_name").
	add(always, naming(anyCase("B-CHOICE", suffixes)), "name_suffix").
	add(always, required("B-REQ"), "sole_proprietor").
	add(always, naming(anyCase("B-CHOICE", []string{"YES", "NO"})), "sole_proprietor").
	add(creating, required("B-REQ"), "gender").
	add(creating, naming(choice("B-CHOICE", []string{"M", "F", "T"})), "gender").
	add(updating, ignored("B-UPD-IGN", onUpdate, true), "gender").
	add(creating, required("B-REQ"), "date_of_birth").
	add(updating, ignored("B-UPD-IGN", onUpdate, true), "date_of_birth").
	add(creating, check{class: "B-AGE", says: "must be at least 6570 days ago, which is 18 years", bad: tooYoung}, "date_of_birth").
	add(creating, dateForm, "date_of_birth").
	add(creating, required("B-REQ"), "state_of_birth").
	add(creating, naming(ifGiven(inStates("B-CHOICE"))), "state_of_birth").
	add(updating, ignored("B-UPD-IGN", onUpdate, true), "state_of_birth").
	add(creating, required("B-REQ"), "country_of_birth").
	add(creating, naming(ifGiven(inCountries("B-CHOICE"))), "country_of_birth").
	add(updating, ignored("B-UPD-IGN", onUpdate, true), "country_of_birth").
	add(always, check{class: "B-BIRTH-MISMATCH", says: "is not US, so state_of_birth must be ZZ", bad: bornElsewhere}, "country_of_birth").
	add(creating, check{class: "B-SSN-OR-ITIN", says: "or itin must be given", bad: neitherNumber}, "ssn").
	add(updating, ignored("B-UPD-IGN", onUpdate, true), "ssn", "itin").
	add(always, nine("B-NINE"), "ssn", "itin").
	add(sending, required("B-REQ"),
		"contact_person_email", "contact_person_first_name", "contact_person_last_name", "contact_person_telephone_number").
	add(always, naming(anyCase("B-CHOICE", prefixes)), "name_prefix").rows

// organizations are the rules of NPI-2.
var organizations = rulesOf(basicShape).
	add(always, required("B-REQ"), "organization_name").
	add(always, check{class: "B-ORGNAME-LEN", says: "must have at most 300 characters", bad: longName, reads: true}, "organization_name").
	add(sending, required("B-REQ"), "ein").
	add(always, nine("B-NINE"), "ein").
	add(always, telephone, "authorized_official_telephone_number").
	add(always, required("B-REQ"),
		"authorized_official_first_name", "authorized_official_last_name",
		"authorized_official_title_or_position", "authorized_official_telephone_number").rows

// nothing stands for a basic section that is not there.
var nothing = entry{section: basicSection, shape: basicShape, values: make([]value, len(basicShape.members))}

func (v *validation) person() *entry {
	if len(v.sections[basicSection]) == 0 {
		return &nothing
	}
	return &v.sections[basicSection][0]
}

func (v *validation) basic() {
	if v.broken[basicSection] {
		return
	}
	e := v.person()
	v.lengths(e, "B-LEN")
	v.apply(e, everybodys)
	switch v.kind {
	case Individual:
		v.apply(e, individuals)
	case Organization:
		v.apply(e, organizations)
	}
}

var dateForm = check{class: "B-DATE-FMT", says: "must be a day of the calendar, as YYYY-MM-DD", named: true, reads: true,
	bad: func(_ *validation, e *entry, i int) bool {
		_, ok := date(e.text(i))
		return e.given(i) && !ok
	}}

func notA(_ *validation, e *entry, i int) bool {
	return e.given(i) && e.text(i) != "A"
}

// tooYoung counts 18 years of 365 days.
func tooYoung(v *validation, e *entry, i int) bool {
	born, ok := date(e.text(i))
	return ok && record.DateOf(born.AddDate(0, 0, 6570)) > v.today
}

// bornElsewhere is asked of the country.
func bornElsewhere(_ *validation, e *entry, i int) bool {
	return e.given(i) && e.text(i) != "US" && e.text(birthState) != "ZZ"
}

func neitherNumber(_ *validation, e *entry, i int) bool { return !e.given(i) && !e.given(itin) }

func longName(_ *validation, e *entry, i int) bool { return utf8.RuneCountInString(e.text(i)) > 300 }

package fhir

import (
	"slices"
	"strings"

	"github.com/npiflow/npiflow/internal/record"
)

// names are the members that are read, wherever they stand.
var names = func() map[string]string {
	m := map[string]string{}
	for _, n := range strings.Fields(`
		resourceType id fullUrl resource entry parameter part contained
		identifier system value use type coding code display text period start end
		reference name family given suffix
		address line city state postalCode country telecom active
		qualification specialty practitioner organization location requester
		provider careTeam sequence role facility payee party referral insurer
		billablePeriod created item careTeamSequence servicedDate servicedPeriod
		locationCodeableConcept locationReference supportingInfo category valueReference`) {
		m[n] = n
	}
	return m
}()

// coding is one code of a CodeableConcept.
type coding struct{ system, code, display string }

// concept reads a CodeableConcept; each is called with its codings.
func (p *parser) concept(each func(coding)) error {
	return p.object(func(name string) error {
		if name != "coding" {
			return p.dec.SkipValue()
		}
		return p.list(func() error {
			var c coding
			err := p.object(func(name string) error {
				switch name {
				case "system":
					return p.text(&c.system)
				case "code":
					return p.text(&c.code)
				case "display":
					return p.text(&c.display)
				}
				return p.dec.SkipValue()
			})
			each(c)
			return err
		})
	})
}

// npiSystems are the names of the NPI as an identifier: the one of FHIR, the
// OID of the same, and the page of HL7's register of naming systems, which
// CMS's National Provider Directory uses.
var npiSystems = []string{
	"http://hl7.org/fhir/sid/us-npi",
	"urn:oid:2.16.840.1.113883.4.6",
	"http://terminology.hl7.org/NamingSystem/npi",
}

// The names of an employer's tax number.
var einSystems = []string{"http://hl7.org/fhir/sid/us-ein", "urn:oid:2.16.840.1.113883.4.4"}

// payersOwn are the types (HL7 v2-0203) of numbers a payer gives to a provider
// that may have no NPI.
var payersOwn = []string{"PRN", "MCD", "MCR"}

// unassigned is what C4BB puts in the place of an NPI there is none of.
const unassigned = "NPI has not been assigned"

type identifier struct {
	system, value, use string
	types              []string
}

func (i *identifier) npi() bool {
	return slices.Contains(npiSystems, i.system) || slices.Contains(i.types, "NPI")
}

func (i *identifier) ein() bool { return slices.Contains(einSystems, i.system) }

func (i *identifier) otherID() bool {
	return i.value != "" && slices.ContainsFunc(i.types, func(t string) bool { return slices.Contains(payersOwn, t) })
}

// number is the NPI's text as it stands; "" where it says that there is none.
func (i *identifier) number() string {
	if strings.EqualFold(strings.TrimSpace(i.value), unassigned) {
		return ""
	}
	return i.value
}

// The types of identifiers that name a claim and nobody: C4BB's unique claim
// ID, and the number of its filler, its placer or of the resource.
var claimsOwn = []string{"FILL", "PLAC", "RI"}

// persons are the systems of numbers that name a patient.
var persons = []string{
	"http://hl7.org/fhir/sid/us-ssn", "http://hl7.org/fhir/sid/us-mbi", "http://hl7.org/fhir/sid/us-medicare", "http://hl7.org/fhir/sid/us-hicn",
	"urn:oid:2.16.840.1.113883.4.1",
}

// ofClaim ranks the identifiers of a claim: 0 is none that may name it. A
// patient's account or member number is somebody's, so a type that is not
// known to be a claim's own does not count.
func (i *identifier) ofClaim() int {
	switch {
	case slices.Contains(persons, i.system):
		return 0
	case slices.Contains(i.types, "uc"):
		return 2
	case len(i.types) == 0 || slices.ContainsFunc(i.types, func(t string) bool { return slices.Contains(claimsOwn, t) }):
		return 1
	}
	return 0
}

func (p *parser) identifier(i *identifier) error {
	return p.object(func(name string) error {
		switch name {
		case "system":
			return p.text(&i.system)
		case "use":
			return p.text(&i.use)
		case "type":
			return p.concept(func(c coding) {
				if c.code != "" && p.room(len(i.types)) {
					i.types = append(i.types, c.code)
				}
			})
		case "value":
			return p.text(&i.value)
		}
		return p.dec.SkipValue()
	})
}

// reference is a link to a resource, or the identifier of one.
type reference struct {
	literal string // "#id", "Type/id", a URL, "Type?identifier=system|value"
	kind    string // the type it says the resource has
	display string
	logical identifier
	path    string // to the reference; "" where there is none
}

func (p *parser) reference(r *reference) error {
	if p.dec.PeekKind() != '{' {
		return p.misplaced()
	}
	err := p.object(func(name string) error {
		switch name {
		case "reference":
			return p.text(&r.literal)
		case "type":
			return p.text(&r.kind)
		case "display":
			return p.text(&r.display)
		case "identifier":
			return p.identifier(&r.logical)
		}
		return p.dec.SkipValue()
	})
	r.path = string(p.dec.StackPointer())
	return err
}

// references reads an array of references.
func (p *parser) references(into *[]reference) error {
	return p.list(func() error {
		var r reference
		err := p.reference(&r)
		if r.path != "" && p.room(len(*into)) {
			*into = append(*into, r)
		}
		return err
	})
}

// rank orders the uses of names and addresses: the official one first, what is
// no longer true last.
func rank(use string) int {
	switch use {
	case "official":
		return 3
	case "usual", "work":
		return 2
	case "old", "maiden", "temp", "nickname", "anonymous":
		return 0
	}
	return 1
}

// generations are the suffixes that belong to a name; all others are
// credentials.
var generations = []string{"JR", "SR", "I", "II", "III", "IV", "V", "VI", "2ND", "3RD", "4TH"}

// bare is a text for comparing: capitals, without dots, commas and blanks.
func bare(s string) string {
	return strings.ToUpper(strings.NewReplacer(".", "", ",", "", " ", "").Replace(s))
}

// person reads HumanNames and keeps the best of them.
func (p *parser) person(into *record.Name) error {
	best := -1
	return p.list(func() error {
		var n record.Name
		var use string
		var given, suffix []string
		err := p.object(func(name string) error {
			switch name {
			case "use":
				return p.text(&use)
			case "family":
				return p.text(&n.Last)
			case "given":
				return p.texts(&given)
			case "suffix":
				return p.texts(&suffix)
			}
			return p.dec.SkipValue()
		})
		if len(given) > 0 {
			n.First, n.Middle = given[0], within(strings.Join(given[1:], " "))
		}
		n.Suffix, n.Credential = suffixes(suffix)
		if r := rank(use); (n.Last != "" || n.First != "") && r > best {
			best, *into = r, n
		}
		return err
	})
}

// suffixes parts what belongs to the name from credentials.
func suffixes(all []string) (suffix, credential string) {
	var own, earned []string
	for _, s := range all {
		if slices.Contains(generations, bare(s)) {
			own = append(own, s)
		} else {
			earned = append(earned, s)
		}
	}
	return within(strings.Join(own, " ")), within(strings.Join(earned, ", "))
}

// within cuts what was put together to the length of one text.
func within(s string) string { return strings.ToValidUTF8(s[:min(len(s), maxText)], "") }

// address reads an Address as NPPES writes one; a home is nobody's practice.
func (p *parser) address(into *[]record.Address) error {
	var a record.Address
	var use, kind string
	var lines []string
	err := p.object(func(name string) error {
		switch name {
		case "use":
			return p.text(&use)
		case "type":
			return p.text(&kind)
		case "line":
			return p.texts(&lines)
		case "city":
			return p.text(&a.City)
		case "state":
			return p.text(&a.State)
		case "postalCode":
			return p.text(&a.PostalCode)
		case "country":
			return p.text(&a.CountryCode)
		}
		return p.dec.SkipValue()
	})
	if use == "home" || use == "old" || len(lines) == 0 && a == (record.Address{}) || !p.room(len(*into)) {
		return err
	}
	a.Purpose = "LOCATION"
	if kind == "postal" || use == "billing" {
		a.Purpose = "MAILING"
	}
	if len(lines) > 0 {
		a.Address1, a.Address2 = lines[0], within(strings.Join(lines[1:], ", "))
	}
	a.PostalCode, a.CountryCode = postal(a.PostalCode), country(a.CountryCode)
	*into = append(*into, a)
	return err
}

// telecom reads ContactPoints: the first telephone and the first fax of a
// practice.
func (p *parser) telecom(phone, fax *string) error {
	return p.list(func() error {
		var system, value, use string
		err := p.object(func(name string) error {
			switch name {
			case "system":
				return p.text(&system)
			case "value":
				return p.text(&value)
			case "use":
				return p.text(&use)
			}
			return p.dec.SkipValue()
		})
		if use == "home" || use == "old" || use == "mobile" {
			return err
		}
		switch {
		case system == "phone" && *phone == "":
			*phone = telephone(value)
		case system == "fax" && *fax == "":
			*fax = telephone(value)
		}
		return err
	})
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// telephone is an American number as NPPES writes it, or the text as it is.
func telephone(s string) string {
	d := digits(s)
	if len(d) == 11 && d[0] == '1' {
		d = d[1:]
	}
	if len(d) != 10 {
		return s
	}
	return d[:3] + "-" + d[3:6] + "-" + d[6:]
}

// postal is a ZIP code without its hyphen, or the text as it is.
func postal(s string) string {
	if d := digits(s); (len(d) == 5 || len(d) == 9) && len(s) <= 10 {
		return d
	}
	return s
}

func country(s string) string {
	switch bare(s) {
	case "USA", "UNITEDSTATES", "UNITEDSTATESOFAMERICA":
		return "US"
	}
	return s
}

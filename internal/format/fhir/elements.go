package fhir

import (
	"slices"
	"strings"
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

// words are the texts that stand in most resources.
var words = func() map[string]string {
	m := map[string]string{}
	for t := range kinds {
		m[t] = t
	}
	for _, list := range [][]string{npiSystems, einSystems, roleSystems, {nucc, degrees}, strings.Fields(`
		http://terminology.hl7.org/CodeSystem/v2-0203 http://hl7.org/fhir/us/carin-bb/CodeSystem/C4BBSupportingInfoType
		http://terminology.hl7.org/CodeSystem/claiminformationcategory info
		official usual old work home phone fax email postal physical both NPI PRN US USA`)} {
		for _, w := range list {
			m[w] = w
		}
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
					return p.word(&c.system)
				case "code":
					return p.word(&c.code)
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
			return p.word(&i.system)
		case "use":
			return p.word(&i.use)
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
	npi     string // of the identifier, if identified
	path    string // to the reference; "" where there is none

	identified bool // the identifier is an NPI
	otherID    bool // the identifier is the payer's own number
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
			return p.word(&r.kind)
		case "display":
			return p.text(&r.display)
		case "identifier":
			var i identifier
			err := p.identifier(&i)
			r.identify(&i)
			return err
		}
		return p.dec.SkipValue()
	})
	r.path = string(p.dec.StackPointer())
	return err
}

func (r *reference) identify(i *identifier) {
	if r.identified, r.otherID = i.npi(), i.otherID(); r.identified {
		r.npi = i.number()
	}
}

// link reads a reference that most resources do not have.
func (p *parser) link(into **reference) error {
	r := &reference{}
	err := p.reference(r)
	if r.path != "" {
		*into = r
	}
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

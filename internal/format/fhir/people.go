package fhir

import (
	"slices"
	"strings"

	"github.com/npiflow/npiflow/internal/record"
)

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
func bare(s string) string { return strings.ToUpper(ornaments.Replace(s)) }

var ornaments = strings.NewReplacer(".", "", ",", "", " ", "")

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
				return p.word(&use)
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
func within(s string) string {
	if len(s) <= maxText {
		return s
	}
	return strings.ToValidUTF8(s[:maxText], "")
}

// address reads an Address as NPPES writes one; a home is nobody's practice.
func (p *parser) address(into *[]record.Address) error {
	var a record.Address
	var use, kind string
	var lines []string
	err := p.object(func(name string) error {
		switch name {
		case "use":
			return p.word(&use)
		case "type":
			return p.word(&kind)
		case "line":
			return p.texts(&lines)
		case "city":
			return p.text(&a.City)
		case "state":
			return p.word(&a.State)
		case "postalCode":
			return p.text(&a.PostalCode)
		case "country":
			return p.word(&a.CountryCode)
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
				return p.word(&system)
			case "value":
				return p.text(&value)
			case "use":
				return p.word(&use)
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

// nucc is the code system of taxonomies.
const nucc = "http://nucc.org/provider-taxonomy"

// degrees begins the name of the code system of degrees; some writers add a
// version.
const degrees = "http://terminology.hl7.org/CodeSystem/v2-0360"

func (p *parser) taxonomy(v *provider, c coding, license string) {
	if c.system != nucc || c.code == "" || !p.room(len(v.taxonomies)) {
		return
	}
	if !slices.ContainsFunc(v.taxonomies, func(t record.Taxonomy) bool { return t.Code == c.code && t.License == license }) {
		v.taxonomies = append(v.taxonomies, record.Taxonomy{Code: c.code, Description: c.display, License: license})
	}
}

// qualification reads one of a Practitioner: a taxonomy, with the licence it is
// practised under, or a degree (HL7 v2-0360).
func (p *parser) qualification(v *provider) error {
	var license identifier
	var codes []coding
	err := p.object(func(name string) error {
		switch name {
		case "identifier":
			return p.list(func() error { return p.identifier(&license) })
		case "code":
			return p.concept(func(c coding) {
				if p.room(len(codes)) {
					codes = append(codes, c)
				}
			})
		}
		return p.dec.SkipValue()
	})
	for _, c := range codes {
		p.taxonomy(v, c, license.value)
		if v.credential == "" && strings.HasPrefix(c.system, degrees) {
			v.credential = c.code
		}
	}
	return err
}

package mirror

import (
	"fmt"
	"time"

	"github.com/npiflow/npiflow/internal/record"
)

// A synthetic provider is drawn from these lists by the digits of its number.
var (
	firstNames = [...]string{"JAMES", "MARY", "ROBERT", "PATRICIA", "JOHN", "JENNIFER", "MICHAEL", "LINDA", "DAVID", "ELIZABETH", "WILLIAM", "BARBARA", "MEI", "SUSAN", "JOSE", "JESSICA", "PRIYA", "SARAH", "CARLOS", "KAREN"}
	lastNames  = [...]string{"SMITH", "JOHNSON", "WILLIAMS", "BROWN", "JONES", "GARCIA", "MILLER", "DAVIS", "RODRIGUEZ", "MARTINEZ", "NGUYEN", "LOPEZ", "GONZALEZ", "WILSON", "ANDERSON", "PATEL", "TAYLOR", "MOORE", "O'BRIEN", "KIM", "LEE", "SMITH-JONES", "CHEN", "WHITE"}
	kinds      = [...]string{"FAMILY MEDICINE", "PHYSICAL THERAPY", "ORTHOPEDICS", "IMAGING", "PEDIATRICS", "CARDIOLOGY", "HOME HEALTH", "PHARMACY"}
	forms      = [...]string{"LLC", "PC", "INC", "PLLC", "GROUP"}
	streets    = [...]string{"MAIN ST", "OAK AVE", "W 12 MILE RD", "HOSPITAL DR", "N COLLEGE ST", "RIVER RD"}
	places     = [...]struct{ city, state, postal, area string }{
		{"SPRINGFIELD", "IL", "627010000", "217"}, {"COLUMBUS", "OH", "432151234", "614"}, {"AUSTIN", "TX", "787014321", "512"},
		{"PORTLAND", "OR", "97205", "503"}, {"TAMPA", "FL", "336021111", "813"}, {"ALBANY", "NY", "122072222", "518"},
		{"BOISE", "ID", "83702", "208"}, {"MEMPHIS", "TN", "381033333", "901"}, {"OAKLAND", "CA", "946124444", "510"},
	}
	people = [...]struct{ code, desc, credential string }{
		{"207Q00000X", "Family Medicine", "MD"}, {"163W00000X", "Registered Nurse", "RN"}, {"363L00000X", "Nurse Practitioner", "NP"},
		{"225100000X", "Physical Therapist", "PT"}, {"207R00000X", "Internal Medicine", "M.D."}, {"122300000X", "Dentist", "DDS"},
		{"1041C0700X", "Social Worker, Clinical", "LCSW"},
	}
	houses = [...]struct{ code, desc string }{
		{"261QP2300X", "Clinic/Center, Primary Care"}, {"282N00000X", "General Acute Care Hospital"}, {"251E00000X", "Home Health"}, {"333600000X", "Pharmacy"},
	}
)

// draw is a small stream of choices, the same for the same number
// (SplitMix64, by Steele, Lea and Flood).
type draw uint64

func (d *draw) below(n int) int {
	*d += 0x9E3779B97F4A7C15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return int((z ^ z>>31) % uint64(n))
}

// SyntheticName is the name of the provider made up for npi: of an
// organization if Organization is set, which is so for a fifth of all numbers.
func SyntheticName(npi record.NPI) record.Name {
	d := draw(npi)
	return d.name()
}

func (d *draw) name() record.Name {
	organization := d.below(5) == 0
	last := lastNames[d.below(len(lastNames))]
	if organization {
		return record.Name{Organization: last + " " + kinds[d.below(len(kinds))] + " " + forms[d.below(len(forms))]}
	}
	return record.Name{First: firstNames[d.below(len(firstNames))], Last: last}
}

// synthetic makes up the result for npi, with its members in the registry's
// order.
func synthetic(npi record.NPI) []byte {
	d := draw(npi)
	name := d.name()
	enumerated := time.Date(2006, 1, 1, 17, 0, 0, 0, time.UTC).AddDate(0, 0, d.below(5000))
	updated := enumerated.AddDate(0, 0, d.below(2000))
	kind := record.NPI1
	if name.Organization != "" {
		kind = record.NPI2
	}
	b := fmt.Appendf(make([]byte, 0, 1500), `{"created_epoch":"%d000","enumeration_type":"%s","last_updated_epoch":"%d000","number":"%s","addresses":[`,
		enumerated.Unix(), kind, updated.Unix(), npi)
	b = append(d.address(b, "MAILING"), ',')
	b = append(d.address(b, "LOCATION"), `],"practiceLocations":[],"basic":{`...)
	dates := `"enumeration_date":"` + enumerated.Format(time.DateOnly) + `","last_updated":"` + updated.Format(time.DateOnly) + `","status":"A"}`
	if kind == record.NPI2 {
		b = d.organization(b, name, dates)
	} else {
		b = d.person(b, name, dates)
	}
	return append(b, `,"identifiers":[],"endpoints":[],"other_names":[]}`...)
}

func (d *draw) address(b []byte, purpose string) []byte {
	at := places[d.below(len(places))]
	return fmt.Appendf(b, `{"country_code":"US","country_name":"United States","address_purpose":"%s","address_type":"DOM",`+
		`"address_1":"%d %s","city":"%s","state":"%s","postal_code":"%s","telephone_number":"%s-555-%04d"}`,
		purpose, 1+d.below(9999), streets[d.below(len(streets))], at.city, at.state, at.postal, at.area, 100+d.below(100))
}

func (d *draw) person(b []byte, n record.Name, dates string) []byte {
	as := people[d.below(len(people))]
	b = fmt.Appendf(b, `"first_name":"%s","last_name":"%s","credential":"%s","sole_proprietor":"%s","sex":"%s",%s,"taxonomies":[`,
		n.First, n.Last, as.credential, [...]string{"NO", "YES"}[d.below(2)], [...]string{"F", "M"}[d.below(2)], dates)
	return d.taxonomy(b, as.code, as.desc)
}

func (d *draw) organization(b []byte, n record.Name, dates string) []byte {
	as := houses[d.below(len(houses))]
	b = fmt.Appendf(b, `"organization_name":"%s","organizational_subpart":"NO","authorized_official_first_name":"%s",`+
		`"authorized_official_last_name":"%s","authorized_official_title_or_position":"Manager","authorized_official_telephone_number":"2175550%03d",%s,"taxonomies":[`,
		n.Organization, firstNames[d.below(len(firstNames))], lastNames[d.below(len(lastNames))], 100+d.below(100), dates)
	return d.taxonomy(b, as.code, as.desc)
}

func (d *draw) taxonomy(b []byte, code, desc string) []byte {
	return fmt.Appendf(b, `{"code":"%s","taxonomy_group":"","desc":"%s","state":"%s","license":"%d","primary":true}]`,
		code, desc, places[d.below(len(places))].state, 10000+d.below(90000))
}

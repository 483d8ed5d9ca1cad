package writeback

import (
	"slices"
	"strings"

	"github.com/npiflow/npiflow/internal/record"
)

// addressOf writes an address in ProviderJSON's fields. Abroad the format
// wants the state ZZ and the numbers in fields of their own.
func addressOf(a *record.Address, purpose string) address {
	d := address{
		Type: "DOM", Purpose: purpose, Address1: a.Address1, Address2: a.Address2, City: a.City,
		State: a.State, ZIP: a.PostalCode, Country: a.CountryCode, Phone: usPhone(a.Phone), Fax: usPhone(a.Fax),
	}
	if foreign(a) {
		d.Type, d.State, d.ForeignState = "FGN", "ZZ", a.State
		d.Phone, d.Fax, d.ForeignPhone, d.ForeignFax = "", "", a.Phone, a.Fax
		return d
	}
	if z, n := zip(a.PostalCode); n == 9 {
		d.ZIP = string(z[:5]) + "-" + string(z[5:])
	}
	if d.Country == "" && state(a.State) != "" {
		d.Country = "US"
	}
	return d
}

// addTaxonomies spreads what the registry holds in one row per licence over
// the format's three lists. The registry may hold a code several times, with
// different licences; here it stands once.
func (d *document) addTaxonomies(p *profile) {
	for i := range p.taxonomies {
		t := &p.taxonomies[i]
		if !slices.ContainsFunc(d.Taxonomies, func(o taxonomy) bool { return o.Code == t.Code }) {
			d.Taxonomies = append(d.Taxonomies, taxonomy{Code: t.Code, Primary: t.Code == p.primary})
		}
		if t.License == "" {
			continue
		}
		code := licenseCode(t)
		if l := (license{Code: code, Status: "UNKNOWN"}); !slices.Contains(d.Licenses, l) {
			d.Licenses = append(d.Licenses, l)
		}
		if l := (taxonomyLicense{Taxonomy: t.Code, License: code}); !slices.Contains(d.TaxonomyLicenses, l) {
			d.TaxonomyLicenses = append(d.TaxonomyLicenses, l)
		}
	}
}

// licenseCode is ST-TYPE-NUMBER. The registry does not say what type a licence
// is of, so it is UNK. The number's own hyphens are left out, because the
// write API takes the code apart at its hyphens.
func licenseCode(t *record.Taxonomy) string {
	return state(t.State) + "-UNK-" + strings.ReplaceAll(t.License, "-", "")
}

// missing names the fields an update cannot do without and the document does
// not have. The full rules of the format are not asked here.
func (d *document) missing() []string {
	list := d.missingBasic()
	for _, purpose := range []string{location, mailing} {
		if !slices.ContainsFunc(d.Addresses, func(a address) bool { return a.Purpose == purpose }) {
			list = append(list, "addresses."+purpose)
		}
	}
	for i := range d.Addresses {
		list = append(list, d.Addresses[i].missing()...)
	}
	return append(list, d.missingTaxonomy()...)
}

func (d *document) missingBasic() []string {
	if d.EnumerationType == record.NPI2 {
		if d.Basic.Organization == "" {
			return []string{"basic.organization_name"}
		}
		return nil
	}
	var list []string
	if d.Basic.First == "" {
		list = append(list, "basic.first_name")
	}
	if d.Basic.Last == "" {
		list = append(list, "basic.last_name")
	}
	if s := d.Basic.SoleProprietor; s != "YES" && s != "NO" { // X is a question nobody answered
		list = append(list, "basic.sole_proprietor")
	}
	return list
}

func (a *address) missing() []string {
	var list []string
	for _, f := range [...]struct{ value, name string }{
		{a.Address1, "address_1"}, {a.City, "city"}, {a.State, "state"}, {a.ZIP, "zip"}, {a.Country, "country_code"},
	} {
		if strings.TrimSpace(f.value) == "" {
			list = append(list, "addresses."+a.Purpose+"."+f.name)
		}
	}
	return list
}

// missingTaxonomy: a licence without a state has no code, and an update
// without it would take it from the provider.
func (d *document) missingTaxonomy() []string {
	var list []string
	if n := len(d.Taxonomies); n == 0 || n > maxTaxonomies {
		list = append(list, "taxonomies")
	}
	if slices.ContainsFunc(d.Licenses, func(l license) bool { return strings.HasPrefix(l.Code, "-") }) {
		list = append(list, "licenses.state")
	}
	return list
}

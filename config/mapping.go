package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

func isControl(r rune) bool { return unicode.IsControl(r) }

func sorted(words map[string]string) []string { return slices.Sorted(maps.Keys(words)) }

// The words a mapping may use; those of the reader, as a test of it makes sure.
var (
	jsonTypes    = []string{"professional", "institutional", "dental"}
	jsonEntities = []string{"person", "organization"}
	jsonPurposes = []string{"LOCATION", "MAILING"}
	jsonDates    = []string{"", "2006-01-02", "20060102", "01/02/2006"}
	jsonOwn      = []string{"individual", "group"}
	jsonRoles    = append([]string{
		"billing", "rendering", "referring", "pcp", "ordering", "supervising", "attending", "operating", "other_operating",
		"service_facility", "purchased_service", "assistant_surgeon", "pay_to", "prescribing",
	}, jsonOwn...)
)

func (c Formats) check(f *faults) {
	for i := range c.JSON {
		m := mapping{f, fmt.Sprintf("formats.json[%d].", i)}
		m.check(&c.JSON[i])
		named := func(o JSONFormat) bool { return o.Name == c.JSON[i].Name }
		f.need(!slices.ContainsFunc(c.JSON[:i], named), m.key+"name", c.JSON[i].Name, "another mapping has this name; give each its own")
	}
}

// mapping is one being checked.
type mapping struct {
	*faults
	key string // what its keys begin with
}

func (m mapping) check(j *JSONFormat) {
	m.need(j.Name != "", m.key+"name", j.Name, "name the mapping")
	m.need(oneOf(j.Kind, "claim", "roster"), m.key+"kind", j.Kind, "choose claim or roster")
	m.need(j.When != "", m.key+"when", j.When, "point to something that only these documents have")
	m.need(oneOf(j.Dates, jsonDates...), m.key+"dates", j.Dates, "choose 2006-01-02, 20060102 or 01/02/2006")
	m.need(j.ID != "", m.key+"id", j.ID, "point to what names the record")
	m.need(len(j.Providers) > 0, m.key+"providers", "", "name at least one provider")
	m.pointers("", "when", j.When, "records", j.Records, "id", j.ID, "service_from", j.ServiceFrom, "service_to", j.ServiceTo,
		"place_of_service", j.PlaceOfService, "credential", j.Credential, "effective_date", j.EffectiveDate,
		"termination_date", j.TerminationDate, "action", j.Action)
	m.either("type", j.Type, j.Types, "types", jsonTypes)
	m.kind(j)
	for _, t := range j.Taxonomies {
		m.need(t != "", m.key+"taxonomies", t, "point to a taxonomy")
		m.pointers("", "taxonomies", t)
	}
	for i, a := range j.Addresses {
		m.address(fmt.Sprintf("addresses[%d].", i), a)
	}
	for i, p := range j.Providers {
		m.provider(fmt.Sprintf("providers[%d].", i), p, i == 0 && j.Kind == "roster")
	}
}

// kind refuses what the other kind of record has.
func (m mapping) kind(j *JSONFormat) {
	claims := j.Type + j.ServiceFrom + j.ServiceTo + j.PlaceOfService
	m.need(j.Kind != "roster" || claims == "" && len(j.Types) == 0, m.key+"kind", j.Kind,
		"leave out type, types, service_from, service_to and place_of_service, which are a claim's")
	rosters := j.Credential + j.EffectiveDate + j.TerminationDate + j.Action
	m.need(j.Kind != "claim" || rosters == "" && len(j.Taxonomies)+len(j.Addresses) == 0, m.key+"kind", j.Kind,
		"leave out credential, effective_date, termination_date, action, taxonomies and addresses, which are a roster's")
}

func (m mapping) provider(at string, p JSONProvider, own bool) {
	m.need(p.Role != "", m.key+at+"role", p.Role, "write a role, or point to it")
	m.need(!own || p.Each == "", m.key+at+"each", p.Each, "leave it out: a roster's first provider is the row's own, and one")
	m.need(p.NPI != "", m.key+at+"npi", p.NPI, "point to the NPI")
	set := jsonRoles
	if own {
		set = jsonOwn
	}
	m.either(at+"role", p.Role, p.Roles, at+"roles", set)
	m.either(at+"entity", p.Entity, p.Entities, at+"entities", jsonEntities)
	m.pointers(at, "each", p.Each, "npi", p.NPI, "line", p.Line, "organization_name", p.OrganizationName, "first_name", p.FirstName,
		"middle_name", p.MiddleName, "last_name", p.LastName, "suffix", p.Suffix, "taxonomy", p.Taxonomy, "tin", p.TIN, "other_id", p.OtherID)
}

func (m mapping) address(at string, a JSONAddress) {
	m.either(at+"purpose", a.Purpose, nil, "", jsonPurposes)
	m.pointers(at, "address_1", a.Address1, "address_2", a.Address2, "city", a.City, "state", a.State, "postal_code", a.PostalCode,
		"country_code", a.CountryCode, "telephone_number", a.Phone, "fax_number", a.Fax)
}

// pointers checks texts that are pointers or empty; keys and texts alternate.
func (m mapping) pointers(at string, pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		m.need(isPointer(pairs[i+1]), m.key+at+pairs[i], pairs[i+1], "write a JSON pointer: / before each name, ~1 for a / in a name and ~0 for a ~")
	}
}

// either checks a text that is one of a set, or a pointer to what a table turns
// into one of it.
func (m mapping) either(key, text string, table map[string]string, tableKey string, set []string) {
	choose := "choose " + strings.Join(set, ", ")
	if strings.HasPrefix(text, "/") {
		m.pointers("", key, text)
	} else {
		m.need(text == "" || oneOf(text, set...), m.key+key, text, choose+", or point to it")
	}
	for _, word := range sorted(table) {
		m.need(oneOf(table[word], set...), m.key+tableKey, table[word], choose)
	}
}

func isPointer(text string) bool {
	if text == "" {
		return true
	}
	rest := strings.NewReplacer("~0", "", "~1", "").Replace(text)
	return text[0] == '/' && !strings.Contains(rest, "~")
}

package mirror

import (
	"cmp"
	"strconv"
	"time"
	_ "time/tzdata" // the days are New York's, whatever the machine knows of them

	"github.com/npiflow/npiflow/internal/record"
)

// The structs below are the answers of the NPPES API v2.1: their members are
// in the order of the wire as recorded in 2023 and later, and say whether
// something unknown is left out (omitzero), null (a pointer) or empty. The
// places of members that came later, or with other kinds of providers, are
// ours.

type answer struct {
	Count   int      `json:"result_count"` // of this answer, not of all there are
	Results []result `json:"results"`
}

type refused struct {
	Errors []refusal `json:"Errors"`
}

type result struct {
	Created           string       `json:"created_epoch"` // milliseconds
	Type              string       `json:"enumeration_type"`
	Updated           string       `json:"last_updated_epoch"`
	Number            record.NPI   `json:"number"`
	Addresses         []address    `json:"addresses"`
	PracticeLocations []address    `json:"practiceLocations"`
	Basic             any          `json:"basic"` // personal or corporate
	Taxonomies        []taxonomy   `json:"taxonomies"`
	Identifiers       []identifier `json:"identifiers"`
	Endpoints         []endpoint   `json:"endpoints"`
	OtherNames        []otherName  `json:"other_names"`
}

type personal struct {
	First              string      `json:"first_name"`
	Last               string      `json:"last_name"`
	Middle             string      `json:"middle_name,omitzero"`
	Credential         string      `json:"credential,omitzero"`
	SoleProprietor     string      `json:"sole_proprietor,omitzero"`
	Sex                string      `json:"sex"`
	EnumerationDate    record.Date `json:"enumeration_date"`
	LastUpdated        record.Date `json:"last_updated"`
	Certified          record.Date `json:"certification_date,omitzero"`
	DeactivationReason string      `json:"deactivation_reason_code,omitzero"`
	DeactivationDate   record.Date `json:"deactivation_date,omitzero"`
	ReactivationDate   record.Date `json:"reactivation_date,omitzero"`
	Replacement        record.NPI  `json:"replacement_npi,omitzero"`
	Status             string      `json:"status"`
	Prefix             string      `json:"name_prefix,omitzero"`
	Suffix             string      `json:"name_suffix,omitzero"`
}

type corporate struct {
	Organization       string      `json:"organization_name"`
	Subpart            string      `json:"organizational_subpart,omitzero"`
	Parent             string      `json:"parent_organization_legal_business_name,omitzero"`
	ParentEIN          string      `json:"parent_organization_ein,omitzero"`
	EIN                string      `json:"ein,omitzero"`
	EnumerationDate    record.Date `json:"enumeration_date"`
	LastUpdated        record.Date `json:"last_updated"`
	Certified          record.Date `json:"certification_date,omitzero"`
	DeactivationReason string      `json:"deactivation_reason_code,omitzero"`
	DeactivationDate   record.Date `json:"deactivation_date,omitzero"`
	ReactivationDate   record.Date `json:"reactivation_date,omitzero"`
	Replacement        record.NPI  `json:"replacement_npi,omitzero"`
	Status             string      `json:"status"`
	OfficialFirst      string      `json:"authorized_official_first_name,omitzero"`
	OfficialLast       string      `json:"authorized_official_last_name,omitzero"`
	OfficialMiddle     string      `json:"authorized_official_middle_name,omitzero"`
	OfficialPhone      string      `json:"authorized_official_telephone_number,omitzero"` // ten bare digits
	OfficialTitle      string      `json:"authorized_official_title_or_position,omitzero"`
	OfficialPrefix     string      `json:"authorized_official_name_prefix,omitzero"`
	OfficialSuffix     string      `json:"authorized_official_name_suffix,omitzero"`
	OfficialCredential string      `json:"authorized_official_credential,omitzero"`
}

type address struct {
	CountryCode string `json:"country_code"`
	CountryName string `json:"country_name"`
	Purpose     string `json:"address_purpose"`
	Type        string `json:"address_type"`
	Address1    string `json:"address_1"`
	Address2    string `json:"address_2,omitzero"`
	City        string `json:"city"`
	State       string `json:"state"`
	PostalCode  string `json:"postal_code"`
	Phone       string `json:"telephone_number,omitzero"`
	Fax         string `json:"fax_number,omitzero"`
}

type taxonomy struct {
	Code        string  `json:"code"`
	Group       string  `json:"taxonomy_group"`
	Description *string `json:"desc"`
	State       *string `json:"state"`
	License     *string `json:"license"`
	Primary     bool    `json:"primary"`
}

type identifier struct {
	Code        string  `json:"code"`
	Description string  `json:"desc"`
	Issuer      *string `json:"issuer"`
	Identifier  string  `json:"identifier"`
	State       *string `json:"state"`
}

type otherName struct {
	Type         string `json:"type"`
	Code         string `json:"code"`
	Organization string `json:"organization_name,omitzero"`
	First        string `json:"first_name,omitzero"`
	Last         string `json:"last_name,omitzero"`
	Middle       string `json:"middle_name,omitzero"`
	Prefix       string `json:"prefix,omitzero"`
	Suffix       string `json:"suffix,omitzero"`
	Credential   string `json:"credential,omitzero"`
}

type endpoint struct {
	Type                   string `json:"endpointType"`
	TypeDescription        string `json:"endpointTypeDescription"`
	Endpoint               string `json:"endpoint"`
	Description            string `json:"endpointDescription,omitzero"`
	Affiliation            string `json:"affiliation"`
	AffiliationName        string `json:"affiliationName,omitzero"`
	Use                    string `json:"use,omitzero"`
	UseDescription         string `json:"useDescription"`
	OtherUse               string `json:"useOtherDescription,omitzero"`
	ContentType            string `json:"contentType,omitzero"`
	ContentTypeDescription string `json:"contentTypeDescription"`
	OtherContentType       string `json:"contentOtherDescription,omitzero"`
	CountryCode            string `json:"country_code"`
	CountryName            string `json:"country_name"`
	AddressType            string `json:"address_type"`
	Address1               string `json:"address_1"`
	Address2               string `json:"address_2,omitzero"`
	City                   string `json:"city"`
	State                  string `json:"state"`
	PostalCode             string `json:"postal_code"`
}

// resultOf is an active provider as the API shows it.
func resultOf(e *record.Entry) result {
	f := &e.Evidence.Facts
	r := result{
		Created: epoch(f.EnumerationDate), Type: f.Type, Updated: epoch(f.LastUpdated), Number: e.NPI,
		Addresses:   each(e.Addresses, addressOf),
		Taxonomies:  each(e.Taxonomies, taxonomyOf),
		Identifiers: each(e.Identifiers, identifierOf),
		Endpoints:   each(e.Endpoints, endpointOf),
		OtherNames:  each(f.OtherNames, otherNameOf),
		Basic:       personalOf(e),
	}
	r.PracticeLocations = each(e.PracticeLocations, func(a *record.Address) address {
		v := addressOf(a)
		v.Purpose = "LOCATION" // of secondary ones as of the primary one
		return v
	})
	if f.Type == record.NPI2 {
		r.Basic = corporateOf(e)
	}
	return r
}

func each[T, W any](list []T, of func(*T) W) []W {
	out := make([]W, len(list))
	for i := range list {
		out[i] = of(&list[i])
	}
	return out
}

func personalOf(e *record.Entry) personal {
	f := &e.Evidence.Facts
	return personal{
		First: f.Name.First, Last: f.Name.Last, Middle: f.Name.Middle, Credential: f.Name.Credential,
		SoleProprietor: f.SoleProprietor, Sex: e.Sex,
		EnumerationDate: f.EnumerationDate, LastUpdated: f.LastUpdated, Certified: e.Certified,
		DeactivationReason: f.DeactivationReason, DeactivationDate: f.DeactivationDate, ReactivationDate: f.ReactivationDate,
		Replacement: e.Replacement, Status: "A", Prefix: f.Name.Prefix, Suffix: f.Name.Suffix,
	}
}

func corporateOf(e *record.Entry) corporate {
	f := &e.Evidence.Facts
	c := corporate{
		Organization: f.Name.Organization, Subpart: e.Subpart, Parent: f.ParentOrganization, ParentEIN: e.ParentEIN, EIN: e.EIN,
		EnumerationDate: f.EnumerationDate, LastUpdated: f.LastUpdated, Certified: e.Certified,
		DeactivationReason: f.DeactivationReason, DeactivationDate: f.DeactivationDate, ReactivationDate: f.ReactivationDate,
		Replacement: e.Replacement, Status: "A",
	}
	if o := e.Official; o != nil {
		c.OfficialFirst, c.OfficialLast, c.OfficialMiddle, c.OfficialPhone = o.First, o.Last, o.Middle, o.Phone
		c.OfficialTitle, c.OfficialPrefix, c.OfficialSuffix, c.OfficialCredential = o.Title, o.Prefix, o.Suffix, o.Credential
	}
	return c
}

func addressOf(a *record.Address) address {
	return address{
		CountryCode: a.CountryCode, CountryName: countryName(a.CountryCode), Purpose: a.Purpose, Type: addressType(a.CountryCode),
		Address1: a.Address1, Address2: a.Address2, City: a.City, State: a.State, PostalCode: a.PostalCode,
		Phone: a.Phone, Fax: a.Fax,
	}
}

// addressType is domestic or foreign. CMS has military ones as well, which the
// files do not mark.
func addressType(country string) string {
	if country == "US" {
		return "DOM"
	}
	return "FGN"
}

func taxonomyOf(t *record.Taxonomy) taxonomy {
	return taxonomy{
		Code: t.Code, Group: t.Group, Description: orNull(t.Description),
		State: orNull(t.State), License: orNull(t.License), Primary: t.Primary,
	}
}

func identifierOf(i *record.Identifier) identifier {
	return identifier{
		Code: i.Code, Description: identifierKinds[i.Code], Issuer: orNull(i.Issuer),
		Identifier: i.Identifier, State: orNull(i.State),
	}
}

func otherNameOf(n *record.Name) otherName {
	return otherName{
		Type: nameKinds[n.Code], Code: n.Code, Organization: n.Organization,
		First: n.First, Last: n.Last, Middle: n.Middle, Prefix: n.Prefix, Suffix: n.Suffix, Credential: n.Credential,
	}
}

func endpointOf(p *record.Endpoint) endpoint {
	a := &p.Address
	country := cmp.Or(a.CountryCode, "US") // may be left out within it, as in other addresses
	return endpoint{
		Type: p.Type, TypeDescription: p.TypeDescription, Endpoint: p.Endpoint, Description: p.Description,
		Affiliation: p.Affiliation, AffiliationName: p.AffiliationName,
		Use: p.Use, UseDescription: p.UseDescription, OtherUse: p.OtherUse,
		ContentType: p.ContentType, ContentTypeDescription: p.ContentTypeDescription, OtherContentType: p.OtherContentType,
		CountryCode: country, CountryName: countryName(country), AddressType: addressType(country),
		Address1: a.Address1, Address2: a.Address2, City: a.City, State: a.State, PostalCode: a.PostalCode,
	}
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

var newYork = func() *time.Location {
	where, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err) // the time zones are part of the program
	}
	return where
}()

// epoch is when a day began in New York, in milliseconds; "" for no day.
func epoch(d record.Date) string {
	if d == 0 {
		return ""
	}
	at := time.Date(int(d/10000), time.Month(d/100%100), int(d%100), 0, 0, 0, 0, newYork)
	return strconv.FormatInt(at.UnixMilli(), 10)
}

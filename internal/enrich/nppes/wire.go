package nppes

import (
	"errors"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// The shapes below read what the API has answered from 2019 to 2026: members
// may be absent, null or empty, and numbers may stand where texts stand now.
// Members not named are ignored.

type wireAnswer struct {
	Count   *int         `json:"result_count"`
	Results []wireResult `json:"results"` // nil where absent or null, which no sound answer has
	Errors  []wireError  `json:"Errors"`
}

type wireError struct {
	Number      text `json:"number"`
	Description text `json:"description"`
}

type wireResult struct {
	Number            text             `json:"number"`
	Type              text             `json:"enumeration_type"`
	Basic             wireBasic        `json:"basic"`
	Addresses         []wireAddress    `json:"addresses"`
	PracticeLocations []wireAddress    `json:"practiceLocations"`
	Taxonomies        []wireTaxonomy   `json:"taxonomies"`
	Identifiers       []wireIdentifier `json:"identifiers"`
	OtherNames        []wireName       `json:"other_names"`
}

type wireBasic struct {
	Status             text `json:"status"`
	EnumerationDate    text `json:"enumeration_date"`
	LastUpdated        text `json:"last_updated"`
	DeactivationDate   text `json:"deactivation_date"`
	ReactivationDate   text `json:"reactivation_date"`
	DeactivationReason text `json:"deactivation_reason_code"`
	SoleProprietor     text `json:"sole_proprietor"`
	Sex                text `json:"sex"`
	Gender             text `json:"gender"` // the name of sex until 2025
	Subpart            text `json:"organizational_subpart"`
	Parent             text `json:"parent_organization_legal_business_name"`
	Organization       text `json:"organization_name"`
	LegacyName         text `json:"name"` // until 2022; of an organization it repeats organization_name
	First              text `json:"first_name"`
	Middle             text `json:"middle_name"`
	Last               text `json:"last_name"`
	Prefix             text `json:"name_prefix"`
	Suffix             text `json:"name_suffix"`
	Credential         text `json:"credential"`
	OfficialFirst      text `json:"authorized_official_first_name"`
	OfficialMiddle     text `json:"authorized_official_middle_name"`
	OfficialLast       text `json:"authorized_official_last_name"`
	OfficialPrefix     text `json:"authorized_official_name_prefix"`
	OfficialSuffix     text `json:"authorized_official_name_suffix"`
	OfficialCredential text `json:"authorized_official_credential"`
	OfficialTitle      text `json:"authorized_official_title_or_position"`
	OfficialPhone      text `json:"authorized_official_telephone_number"`
}

type wireAddress struct {
	Purpose     text `json:"address_purpose"`
	Address1    text `json:"address_1"`
	Address2    text `json:"address_2"`
	City        text `json:"city"`
	State       text `json:"state"`
	PostalCode  text `json:"postal_code"`
	CountryCode text `json:"country_code"`
	Phone       text `json:"telephone_number"`
	Fax         text `json:"fax_number"`
}

type wireTaxonomy struct {
	Code        text `json:"code"`
	Description text `json:"desc"`
	Group       text `json:"taxonomy_group"`
	State       text `json:"state"`
	License     text `json:"license"`
	Primary     bool `json:"primary"`
}

type wireIdentifier struct {
	Code       text `json:"code"`
	Identifier text `json:"identifier"`
	Issuer     text `json:"issuer"`
	State      text `json:"state"`
}

type wireName struct {
	Code         text `json:"code"`
	Organization text `json:"organization_name"`
	First        text `json:"first_name"`
	Middle       text `json:"middle_name"`
	Last         text `json:"last_name"`
	Prefix       text `json:"prefix"`
	Suffix       text `json:"suffix"`
	Credential   text `json:"credential"`
}

// text is a text, a number's literal or, for null, nothing; without control
// characters and without blanks around it.
type text string

var errNotText = errors.New("neither text nor a number")

// UnmarshalJSONFrom reads one value of any of the three kinds.
func (t *text) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	v, err := dec.ReadToken()
	if err != nil {
		return err
	}
	switch v.Kind() {
	case '"', '0':
		*t = text(clean(v.String()))
	case 'n':
		*t = ""
	default:
		return errNotText
	}
	return nil
}

func clean(s string) string {
	if strings.ContainsFunc(s, unicode.IsControl) {
		s = strings.Map(func(r rune) rune {
			if unicode.IsControl(r) {
				return -1
			}
			return r
		}, s)
	}
	return strings.TrimSpace(s)
}

package nppes

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/npiflow/npiflow/internal/enrich"
	"github.com/npiflow/npiflow/internal/record"
)

// What an answer can be that no answer should be. The texts are ours: none
// quotes the body.
var (
	errPage       = errors.New("a page for people under a JSON content type")
	errNotJSON    = errors.New("not JSON, or JSON of another shape")
	errCount      = errors.New("result_count and results are not both there, or do not agree")
	errMany       = errors.New("more than one result for one number")
	errIncomplete = errors.New("a result without number, type or status")
)

// deactivatedNumber is the error that says CMS deactivated the NPI. The API
// gave it until 2022; today it answers as if the number had never been issued.
const deactivatedNumber = "15"

// decode reads the body of an answer to a question for one number. The error
// is always an *enrich.UnavailableError.
func decode(body []byte, asked record.NPI, fetched time.Time, w *words) (*record.Entry, error) {
	var a wireAnswer
	if err := unmarshal(body, &a); err != nil {
		return nil, err
	}
	if len(a.Errors) > 0 {
		return refused(a.Errors, asked, fetched)
	}
	if a.Count == nil || a.Results == nil || *a.Count != len(a.Results) {
		return nil, unavailable(enrich.ReasonMalformed, errCount)
	}
	if len(a.Results) == 0 {
		return answer(asked, record.Facts{Status: record.Absent}, fetched), nil
	}
	r := &a.Results[0]
	switch n, ok := record.ParseNPI(string(r.Number)); {
	case !ok:
		return nil, unavailable(enrich.ReasonMalformed, errIncomplete)
	case n != asked:
		return nil, unavailable(enrich.ReasonWrongNPI, nil)
	case len(a.Results) > 1:
		return nil, unavailable(enrich.ReasonMalformed, errMany)
	}
	if r.Basic.Status == "" || r.Type != record.NPI1 && r.Type != record.NPI2 {
		return nil, unavailable(enrich.ReasonMalformed, errIncomplete)
	}
	return r.entry(asked, fetched, w), nil
}

func unmarshal(body []byte, into *wireAnswer) error {
	err := json.Unmarshal(body, into)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		return unavailable(enrich.ReasonTruncated, io.ErrUnexpectedEOF)
	case bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")):
		return unavailable(enrich.ReasonContentType, errPage)
	}
	return unavailable(enrich.ReasonMalformed, errNotJSON)
}

// refused reads an Errors body. It is the registry's word for a deactivated
// NPI only if it says that of this NPI and nothing else.
func refused(errs []wireError, asked record.NPI, fetched time.Time) (*record.Entry, error) {
	for _, e := range errs {
		if e.Number != deactivatedNumber {
			return nil, unavailable(enrich.ReasonErrors, nil)
		}
		if other := firstNumber(string(e.Description)); other != 0 && other != asked {
			return nil, unavailable(enrich.ReasonWrongNPI, nil)
		}
	}
	return answer(asked, record.Facts{Status: record.Deactivated}, fetched), nil
}

// firstNumber is the first word of s that could be an NPI, 0 if there is none.
func firstNumber(s string) record.NPI {
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return r < '0' || r > '9' }) {
		if n, ok := record.ParseNPI(word); ok {
			return n
		}
	}
	return 0
}

func answer(npi record.NPI, facts record.Facts, fetched time.Time) *record.Entry {
	fetched = fetched.UTC().Truncate(time.Second)
	return &record.Entry{NPI: npi, Evidence: record.Evidence{
		Source: record.FromAPI, AsOf: record.DateOf(fetched), FetchedAt: fetched, Facts: facts,
	}}
}

func (r *wireResult) entry(npi record.NPI, fetched time.Time, w *words) *record.Entry {
	e := answer(npi, r.facts(w), fetched)
	e.Taxonomies = list(r.Taxonomies, w, wireTaxonomy.taxonomy)
	e.Addresses = list(r.Addresses, w, wireAddress.address)
	e.PracticeLocations = list(r.PracticeLocations, w, wireAddress.address)
	e.Identifiers = list(r.Identifiers, w, wireIdentifier.identifier)
	e.Official = r.Basic.official(w)
	e.Sex = w.one(string(cmp.Or(r.Basic.Sex, r.Basic.Gender)))
	e.Subpart = w.one(string(r.Basic.Subpart))
	e.Summarize()
	return e
}

func (r *wireResult) facts(w *words) record.Facts {
	b := &r.Basic
	f := record.Facts{
		Status: record.Deactivated, Type: record.NPI1,
		EnumerationDate: b.EnumerationDate.date(), LastUpdated: b.LastUpdated.date(),
		DeactivationDate: b.DeactivationDate.date(), ReactivationDate: b.ReactivationDate.date(),
		DeactivationReason: w.one(string(b.DeactivationReason)),
		SoleProprietor:     w.one(string(b.SoleProprietor)),
		Name:               b.name(w),
		OtherNames:         list(r.OtherNames, w, wireName.name),
		ParentOrganization: w.one(string(b.Parent)),
	}
	if b.Status == "A" { // also with both dates: a reactivated NPI
		f.Status = record.Active
	}
	if r.Type == record.NPI2 {
		f.Type = record.NPI2
		f.Name.Organization = cmp.Or(f.Name.Organization, string(b.LegacyName))
	}
	return f
}

func (b *wireBasic) name(w *words) record.Name {
	return wireName{
		Organization: b.Organization, First: b.First, Middle: b.Middle, Last: b.Last,
		Prefix: b.Prefix, Suffix: b.Suffix, Credential: b.Credential,
	}.name(w)
}

func (n wireName) name(w *words) record.Name {
	return record.Name{
		Code:  w.one(string(n.Code)),
		First: w.one(n.First.part()), Middle: w.one(n.Middle.part()), Last: n.Last.part(),
		Prefix: w.one(n.Prefix.part()), Suffix: w.one(n.Suffix.part()),
		Credential: w.one(n.Credential.part()), Organization: string(n.Organization),
	}
}

// official is nil where the answer names none.
func (b *wireBasic) official(w *words) *record.Official {
	o := record.Official{
		First: w.one(b.OfficialFirst.part()), Middle: w.one(b.OfficialMiddle.part()), Last: b.OfficialLast.part(),
		Prefix: w.one(b.OfficialPrefix.part()), Suffix: w.one(b.OfficialSuffix.part()),
		Credential: w.one(b.OfficialCredential.part()),
		Title:      w.one(string(b.OfficialTitle)), Phone: string(b.OfficialPhone),
	}
	if o == (record.Official{}) {
		return nil
	}
	return &o
}

func (a wireAddress) address(w *words) record.Address {
	return record.Address{
		Purpose: w.one(string(a.Purpose)), Address1: string(a.Address1), Address2: string(a.Address2),
		City: w.one(string(a.City)), State: w.one(string(a.State)), PostalCode: string(a.PostalCode),
		CountryCode: w.one(string(a.CountryCode)), Phone: string(a.Phone), Fax: string(a.Fax),
	}
}

func (t wireTaxonomy) taxonomy(w *words) record.Taxonomy {
	return record.Taxonomy{
		Code: w.one(string(t.Code)), Description: w.one(string(t.Description)), Group: w.one(string(t.Group)),
		State: w.one(string(t.State)), License: string(t.License), Primary: t.Primary,
	}
}

func (i wireIdentifier) identifier(w *words) record.Identifier {
	return record.Identifier{
		Code: w.one(string(i.Code)), Identifier: string(i.Identifier),
		Issuer: w.one(string(i.Issuer)), State: w.one(string(i.State)),
	}
}

// list turns each element, and leaves out those that say nothing at all. An
// empty list is nil, so that equal answers are equal entries.
func list[W, R comparable](in []W, w *words, turn func(W, *words) R) []R {
	var out []R
	for _, v := range in {
		if v == *new(W) {
			continue
		}
		if out == nil {
			out = make([]R, 0, len(in))
		}
		out = append(out, turn(v, w))
	}
	return out
}

// part is a part of a name; "--" is the registry's way to leave one empty.
func (t text) part() string {
	if t == "--" {
		return ""
	}
	return string(t)
}

// date is the zero date where the text is none: what is not known is not
// there, and no lookup fails for it.
func (t text) date() record.Date {
	d, _ := record.ParseDate(string(t))
	return d
}

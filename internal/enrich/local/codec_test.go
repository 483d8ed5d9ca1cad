package local

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/npiflow/npiflow/internal/record"
)

// Texts as rows have them, and as no row should.
var someText = rapid.OneOf(rapid.Just(""), rapid.SampledFrom([]string{"YES", "LOCATION", "193200000X - Multi-Specialty Group", "ÉCOLE", "a\x00b"}), rapid.StringN(0, 40, 200))

var someDate = rapid.Custom(func(t *rapid.T) record.Date {
	if rapid.Bool().Draw(t, "none") {
		return 0
	}
	return record.Date(rapid.IntRange(18500101, 20991231).Filter(func(d int) bool { return d != 19000000 }).Draw(t, "date"))
})

var someNumber = rapid.OneOf(someText, rapid.StringMatching(`[0-9]{3}-[0-9]{3}-[0-9]{4}`))

var someAddress = rapid.Custom(func(t *rapid.T) record.Address {
	return record.Address{
		Purpose: rapid.OneOf(rapid.SampledFrom(purposes), someText).Draw(t, "purpose"), Address1: someText.Draw(t, "1"), Address2: someText.Draw(t, "2"),
		City: someText.Draw(t, "city"), State: someText.Draw(t, "state"),
		PostalCode:  rapid.OneOf(someText, rapid.StringMatching(`[0-9]{5}([0-9]{4})?`)).Draw(t, "zip"),
		CountryCode: rapid.OneOf(rapid.Just("US"), someText).Draw(t, "country"),
		Phone:       someNumber.Draw(t, "phone"), Fax: someNumber.Draw(t, "fax"),
	}
})

var someName = rapid.Custom(func(t *rapid.T) record.Name {
	return record.Name{Code: someText.Draw(t, "code"), First: someText.Draw(t, "first"), Middle: someText.Draw(t, "middle"), Last: someText.Draw(t, "last"),
		Prefix: someText.Draw(t, "prefix"), Suffix: someText.Draw(t, "suffix"), Credential: someText.Draw(t, "credential"), Organization: someText.Draw(t, "organization")}
})

func some[V any](t *rapid.T, name string, one *rapid.Generator[V], most int) []V {
	list := rapid.SliceOfN(one, 0, most).Draw(t, name)
	if len(list) == 0 {
		return nil // an empty list is no list
	}
	return list
}

func someEntry(t *rapid.T) *record.Entry {
	e := &record.Entry{NPI: 1234567893}
	f := &e.Evidence.Facts
	f.Type = rapid.SampledFrom(types).Draw(t, "type")
	f.Status = rapid.SampledFrom([]record.Status{record.Active, record.Deactivated}).Draw(t, "status")
	f.SoleProprietor, e.Subpart, e.Sex = rapid.SampledFrom(yesNo).Draw(t, "sole"), rapid.SampledFrom(yesNo).Draw(t, "subpart"), rapid.SampledFrom(sexes).Draw(t, "sex")
	for _, d := range []*record.Date{&f.EnumerationDate, &f.LastUpdated, &f.DeactivationDate, &f.ReactivationDate, &e.Certified} {
		*d = someDate.Draw(t, "date")
	}
	f.DeactivationReason, f.ParentOrganization = someText.Draw(t, "reason"), someText.Draw(t, "parent")
	e.EIN, e.ParentEIN = someText.Draw(t, "ein"), someText.Draw(t, "parent ein")
	e.Replacement = record.NPI(rapid.Uint64Range(0, 9999999999).Draw(t, "replacement"))
	f.Name = someName.Draw(t, "name")
	e.Addresses = some(t, "addresses", someAddress, 3)
	if len(e.Addresses) > 1 && rapid.Bool().Draw(t, "same") {
		purpose := e.Addresses[1].Purpose
		e.Addresses[1] = e.Addresses[0]
		e.Addresses[1].Purpose = purpose
	}
	e.Taxonomies = some(t, "taxonomies", rapid.Custom(func(t *rapid.T) record.Taxonomy {
		return record.Taxonomy{Code: someText.Draw(t, "code"), Group: rapid.OneOf(rapid.SampledFrom(groups), someText).Draw(t, "group"),
			State: someText.Draw(t, "state"), License: someText.Draw(t, "license"), Primary: rapid.Bool().Draw(t, "primary")}
	}), 15)
	e.Identifiers = some(t, "identifiers", rapid.Custom(func(t *rapid.T) record.Identifier {
		return record.Identifier{Code: someText.Draw(t, "code"), Identifier: someText.Draw(t, "identifier"), Issuer: someText.Draw(t, "issuer"), State: someText.Draw(t, "state")}
	}), 5)
	if o := (record.Official{Last: someText.Draw(t, "last"), First: someText.Draw(t, "first"), Phone: someText.Draw(t, "phone"), Title: someText.Draw(t, "title")}); o != (record.Official{}) {
		e.Official = &o
	}
	f.OtherNames = some(t, "other names", someName, 3)
	e.PracticeLocations = some(t, "locations", someAddress, 3)
	e.Endpoints = some(t, "endpoints", rapid.Custom(func(t *rapid.T) record.Endpoint {
		return record.Endpoint{Type: someText.Draw(t, "type"), Endpoint: someText.Draw(t, "endpoint"), Affiliation: someText.Draw(t, "affiliation"),
			OtherContentType: someText.Draw(t, "content"), Address: someAddress.Draw(t, "address")}
	}), 2)
	e.Summarize()
	return e
}

func encode(e *record.Entry) []byte {
	b := appendProvider(nil, e)
	for i := range e.Evidence.OtherNames {
		b = appendOtherName(b, &e.Evidence.OtherNames[i])
	}
	for i := range e.PracticeLocations {
		b = appendLocation(b, &e.PracticeLocations[i])
	}
	for i := range e.Endpoints {
		b = appendEndpoint(b, &e.Endpoints[i])
	}
	return b
}

func TestCodec(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := someEntry(t)
		b := encode(e)
		back, err := decode(e.NPI, string(b), nil)
		require.NoError(t, err)
		require.Equal(t, e, back)
		kind, active, err := kindOf(b)
		require.NoError(t, err)
		require.Equal(t, e.Evidence.Type, types[kind])
		require.Equal(t, e.Evidence.Status == record.Active, active)
	})
}

// A value that is cut off is an error or a shorter entry, never a crash; one
// of random bytes likewise.
func FuzzDecodeValue(f *testing.F) {
	e := rapid.Custom(someEntry)
	for seed := range 20 {
		b := encode(e.Example(seed))
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if e, err := decode(1234567893, string(b), nil); err == nil {
			again, err := decode(1234567893, string(encode(e)), make([]byte, 0, 30))
			require.NoError(t, err)
			assert.Equal(t, e, again, "what was read can be written")
		}
	})
}

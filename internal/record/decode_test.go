package record

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// secret stands in every bad input where a payload has its own words; no
// reason may repeat it.
const secret = "XYZZYROE"

// claimWith is a claim that is sound but for what is put into it.
func claimWith(member, provider string) string {
	return `{"id":"c1","patient":"` + secret + `"` + member + `,"providers":[{"role":"billing","organization_name":"` + secret + `"` + provider + `}]}`
}

func rosterWith(member string) string {
	return `{"id":"r1","last_name":"` + secret + `"` + member + `}`
}

func TestDecodeRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		kind Kind
		data string
		says string
	}{
		{"empty", KindClaim, "", "the message is empty"},
		{"blank", KindClaim, " \n\t", "not valid JSON: it ends too early"},
		{"no JSON", KindClaim, "ISA*00*" + secret, "not valid JSON near byte 0"},
		{"cut off", KindClaim, `{"id":"` + secret, "not valid JSON"},
		{"cut off after a member", KindRoster, `{"id":"r1"`, "not valid JSON"},
		{"array", KindClaim, `["` + secret + `"]`, "the document is an array, which does not belong there"},
		{"text", KindRoster, `"` + secret + `"`, "the document is a string"},
		{"null", KindClaim, `null`, "the document is null"},
		{"a closing brace", KindClaim, "}", "not valid JSON near byte 0"},
		{"a brace where a provider belongs", KindClaim, `{"id":"c1","providers":[}`, "not valid JSON near byte"},
		{"two documents", KindClaim, claimWith("", "") + claimWith("", ""), "something follows the document"},
		{"two roster rows", KindRoster, rosterWith("") + rosterWith(""), "not valid JSON near byte"},
		{"no id", KindClaim, `{"providers":[{"role":"billing"}]}`, "/id is missing"},
		{"no id in a row", KindRoster, `{"npi":"1234567893"}`, "/id is missing"},
		{"id of another type", KindClaim, `{"id":17}`, "/id is a number"},
		{"id too long", KindClaim, `{"id":"` + strings.Repeat(secret, 33) + `","providers":[{"role":"billing"}]}`, "/id has 264 bytes, more than 256"},
		{"id with a control character", KindClaim, `{"id":"` + secret + `\u000d\u000aNats-Msg-Id: 1","providers":[{"role":"billing"}]}`, "/id has control characters"},
		{"id with blanks around it", KindRoster, `{"id":" ` + secret + `"}`, "/id has control characters or blanks"},
		{"no providers", KindClaim, `{"id":"c1"}`, "/providers is missing or empty"},
		{"empty providers", KindClaim, `{"id":"c1","providers":[]}`, "/providers is missing or empty"},
		{"providers of another shape", KindClaim, `{"id":"c1","providers":{"` + secret + `":1}}`, "/providers is an object"},
		{"a provider of another shape", KindClaim, `{"id":"c1","providers":["` + secret + `"]}`, "/providers/0 is a string"},
		{"too many providers", KindClaim, `{"id":"c1","providers":[{"role":"billing"}` + strings.Repeat(`,{"role":"rendering"}`, maxProviders) + `]}`, "/providers has more than 5000"},
		{"no role", KindClaim, `{"id":"c1","providers":[{"npi":"1234567893"}]}`, "/providers/0/role is missing"},
		{"a role of another world", KindClaim, `{"id":"c1","providers":[{"role":"billing"},{"role":"` + secret + `"}]}`, "/providers/1/role is missing or not one of the roles"},
		{"an entity of another world", KindClaim, claimWith("", `,"entity":"`+secret+`"`), "/providers/0/entity"},
		{"a claim type of another world", KindClaim, claimWith(`,"type":"`+secret+`"`, ""), "/type is not"},
		{"NPI is an object", KindClaim, claimWith("", `,"npi":{"`+secret+`":1}`), "/providers/0 is an object"},
		{"NPI is a boolean", KindRoster, rosterWith(`,"npi":true`), "/npi does not have the shape it must have"},
		{"text too long", KindClaim, claimWith("", `,"last_name":"`+strings.Repeat(secret, 65)+`"`), "/providers/0 has a text of more than 512 bytes"},
		{"NPI too long", KindClaim, claimWith("", `,"npi":`+strings.Repeat("7", 513)), "/providers/0 has a text of more than 512 bytes"},
		{"text too long in a row", KindRoster, rosterWith(`,"first_name":"` + strings.Repeat(secret, 65) + `"`), "a text has more than 512 bytes"},
		{"address too long in a row", KindRoster, rosterWith(`,"addresses":[{},{"city":"` + strings.Repeat(secret, 65) + `"}]`), "/addresses/1 has a text"},
		{"line below zero", KindClaim, claimWith("", `,"line":-1`), "/providers/0/line is not a whole number"},
		{"line that is text", KindClaim, claimWith("", `,"line":"`+secret+`"`), "/providers/0/line is not a whole number"},
		{"a day that does not exist", KindClaim, claimWith(`,"service_from":"2026-02-30"`, ""), "/service_from is not a calendar day"},
		{"a day in another form", KindClaim, claimWith(`,"service_to":"`+secret+`"`, ""), "/service_to is not a calendar day"},
		{"days in the wrong order", KindClaim, claimWith(`,"service_from":"2026-02-02","service_to":"2026-02-01"`, ""), "/service_to is before /service_from"},
		{"a row's day that does not exist", KindRoster, rosterWith(`,"effective_date":"2025-02-29"`), "/effective_date is not a calendar day"},
		{"a row's days in the wrong order", KindRoster, rosterWith(`,"effective_date":"2025-02-02","termination_date":"2025-02-01"`), "/termination_date is before /effective_date"},
		{"an unknown enumeration type", KindRoster, rosterWith(`,"enumeration_type":"` + secret + `"`), "/enumeration_type is not NPI-1 or NPI-2"},
		{"a megabyte of nesting", KindClaim, claimWith(`,"x":`+strings.Repeat("[", 1<<20), ""), "not valid JSON near byte"},
		{"a megabyte of nested objects", KindRoster, rosterWith(`,"x":` + strings.Repeat(`{"`+secret+`":`, 1<<16)), "not valid JSON near byte"},
		{"no UTF-8", KindClaim, claimWith("", ",\"last_name\":\"ROE\xff\""), "not valid JSON near byte"},
		{"no UTF-8 in a row", KindRoster, rosterWith(",\"x\":\"\xc3\x28\""), "not valid JSON near byte"},
		{"half a surrogate pair", KindClaim, claimWith(`,"x":"\ud800"`, ""), "not valid JSON near byte"},
		{"a member twice", KindClaim, `{"id":"c1","id":"` + secret + `","providers":[{"role":"billing"}]}`, "a member stands twice"},
		{"a provider's member twice", KindClaim, claimWith("", `,"npi":"1","npi":"2"`), "a member stands twice"},
		{"an unknown member twice", KindRoster, rosterWith(`,"` + secret + `":1,"` + secret + `":2`), "a member stands twice"},
		{"unknown kind", KindOther, claimWith("", ""), "the subject names a kind of record that is not known"},
		{"a kind nobody thought of", "invoice", claimWith("", ""), "the subject names a kind of record that is not known"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Decode(c.kind, []byte(c.data))
			var m *MalformedError
			require.ErrorAs(t, err, &m)
			assert.Contains(t, m.Reason, c.says)
			requireOwnWords(t, m.Reason)
			assert.Equal(t, Record{}, got, "nothing half read gets out")
		})
	}
}

// ours are the sentences a reason may be, whole. A decoder that quoted its
// input would need a new one.
var ours = regexp.MustCompile(`^(` + strings.Join([]string{
	`the message is empty`,
	`the subject names a kind of record that is not known: publish to records\.claim or records\.roster`,
	`not valid JSON near byte \d+ of \d+`,
	`not valid JSON: it ends too early \(\d+ bytes\)`,
	`something follows the document, at byte \d+`,
	`a member stands twice in the same object, near byte \d+`,
	`(the document|` + place + `) is (null|a boolean|a string|a number|an object|an array), which does not belong there`,
	`(the document|` + place + `) does not have the shape it must have`,
	`/id is missing: without it no result could name the record`,
	`/id has \d+ bytes, more than 256`,
	`/id has control characters or blanks around it`,
	`/type is not professional, institutional or dental`,
	`/enumeration_type is not NPI-1 or NPI-2`,
	`/providers is missing or empty: a claim names at least one provider`,
	`/providers has (\d+ entries, )?more than 5000( entries)?`,
	`/addresses or /taxonomies has more than 5000 entries`,
	`/providers/\d+/role is missing or not one of the roles`,
	`/providers/\d+/entity is not person or organization`,
	`/providers/\d+/line is not a whole number from 0`,
	`(/providers/\d+|/addresses/\d+) has a text of more than 512 bytes`,
	`a text has more than 512 bytes`,
	`/[a-z]+_[a-z]+ is not a calendar day in the form YYYY-MM-DD`,
	`/(service_to is before /service_from|termination_date is before /effective_date)`,
}, "|") + `)$`)

// place is a pointer made of member names of ours alone.
const place = `(/(id|type|service_from|service_to|providers|role|npi|line|entity|organization_name|first_name|middle_name|last_name|suffix|taxonomy|tin|address|` +
	`group_npi|enumeration_type|credential|taxonomies|addresses|effective_date|termination_date|action|` +
	`address_purpose|address_1|address_2|city|state|postal_code|country_code|telephone_number|fax_number|code|description|group|license|primary|\d+))+`

func requireOwnWords(t *testing.T, reason string) {
	t.Helper()
	require.NotContains(t, reason, secret)
	require.Regexp(t, ours, reason, "a reason is one of our own sentences")
}

// An identifier that is only wrong is not malformed: it is taken as it stands,
// and the check-digit arithmetic says what is wrong with it.
func TestDecodeTakesIdentifiersAsTheyStand(t *testing.T) {
	for raw, want := range map[string]string{
		`"1234567893"`:       "1234567893",
		`" 1234567893 "`:     " 1234567893 ",
		`"12345O7893"`:       "12345O7893",
		`"123456789"`:        "123456789",
		`"12345678931"`:      "12345678931",
		`"808401234567893"`:  "808401234567893",
		`"１２３４５６７８９３"`:       "１２３４５６７８９３",
		`"\u0031234567893"`:  "1234567893",
		`""`:                 "",
		`null`:               "",
		`1234567893`:         "1234567893",
		`1.234567893e9`:      "1.234567893e9",
		`-1`:                 "-1",
		`"1234567893\u0000"`: "1234567893\x00",
	} {
		claim, err := Decode(KindClaim, []byte(claimWith("", `,"npi":`+raw)))
		require.NoError(t, err, raw)
		assert.Equal(t, want, claim.Mentions[0].NPI, raw)
		row, err := Decode(KindRoster, []byte(rosterWith(`,"npi":`+raw)))
		require.NoError(t, err, raw)
		assert.Equal(t, want, row.Mentions[0].NPI, raw)
	}
}

func TestDecodeClaim(t *testing.T) {
	got, err := Decode(KindClaim, []byte(`{"patient":{"id":"`+secret+`"},"id":"c \"1\"","type":"institutional","service_to":"2026-03-04","extra":[{"id":2}],
		"providers":[{"npi":"1770626038","role":"billing","organization_name":"ST. JÖRG\u0027S","entity":"organization","tin":"12","unknown":{"role":"x"}},
		{"role":"attending","npi":null,"line":3,"entity":"person","first_name":"A","middle_name":"B","last_name":null,"suffix":"JR","taxonomy":"t","address":{"city":"X","line":1}}]}`))
	require.NoError(t, err)
	assert.Equal(t, Record{
		ID: `c "1"`, Kind: KindClaim, ClaimType: Institutional, ServiceFrom: 2026_03_04, ServiceTo: 2026_03_04,
		Mentions: []Mention{
			{Role: Billing, NPI: "1770626038", Path: "/providers/0/npi", Entity: Organization, OrganizationName: "ST. JÖRG'S", TIN: "12"},
			{Role: Attending, Path: "/providers/1/npi", Line: 3, Entity: Person, FirstName: "A", MiddleName: "B", Suffix: "JR", Taxonomy: "t", Address: &Address{City: "X"}},
		},
	}, got)
	assert.True(t, got.Mentions[0].Named())
	assert.False(t, (&Mention{Suffix: "JR"}).Named())
}

func TestDecodeClaimOfManyLines(t *testing.T) {
	got, err := Decode(KindClaim, []byte(`{"id":"c","providers":[{"role":"billing"}`+strings.Repeat(`,{"role":"rendering"}`, maxProviders-1)+`]}`))
	require.NoError(t, err)
	require.Len(t, got.Mentions, maxProviders)
	for i, m := range got.Mentions {
		require.Equal(t, fmt.Sprintf("/providers/%d/npi", i), m.Path)
	}
}

func TestDecodeRoster(t *testing.T) {
	person := `{"id":"r1","npi":"1","group_npi":"2","organization_name":"CLINIC","first_name":"A","last_name":"B","credential":"MD","tin":"3","action":"ADD",
		"taxonomies":[{"code":"x","state":"TX","license":"L","primary":true}],"addresses":[{"address_purpose":"LOCATION","city":"X"}],"effective_date":"2026-01-31","termination_date":"2026-02-01"%s}`
	got, err := Decode(KindRoster, fmt.Appendf(nil, person, ""))
	require.NoError(t, err)
	assert.Equal(t, Record{ID: "r1", Kind: KindRoster,
		Mentions: []Mention{
			{Role: Individual, NPI: "1", Path: "/npi", Entity: Person, FirstName: "A", LastName: "B", TIN: "3"},
			{Role: Group, NPI: "2", Path: "/group_npi", Entity: Organization, OrganizationName: "CLINIC"},
		},
		Roster: &Roster{Credential: "MD", TIN: "3", Action: "ADD", EffectiveDate: 2026_01_31, TerminationDate: 2026_02_01,
			Taxonomies: []Taxonomy{{Code: "x", State: "TX", License: "L", Primary: true}}, Addresses: []Address{{Purpose: "LOCATION", City: "X"}}},
	}, got)

	organization, err := Decode(KindRoster, fmt.Appendf(nil, person, `,"enumeration_type":"NPI-2"`))
	require.NoError(t, err)
	assert.Equal(t, Group, organization.Mentions[0].Role)
	assert.Equal(t, "CLINIC", organization.Mentions[0].OrganizationName, "the name is the row's own")
	assert.Empty(t, organization.Mentions[1].OrganizationName, "and of its group nothing is said")

	bare, err := Decode(KindRoster, []byte(`{"id":"r2","effective_date":"2026-01-31"}`))
	require.NoError(t, err)
	assert.Equal(t, []Mention{{Role: Individual, Path: "/npi", Entity: Person}}, bare.Mentions)
	assert.Zero(t, bare.Roster.TerminationDate, "a row that does not say it ends does not end")
}

var seeds = []string{
	"}", `{"providers":[}`, "", " ", "null", "[]", "{", `{"id":"c1"}`, `{"id":"c1","id":"c2"}`, "\xff", `{"id":"\ud800"}`,
	`{"id":"c1","providers":[{"role":"billing","npi":"1234567893","line":2,"entity":"person","address":{"city":"X"}}]}`,
	`{"id":"c1","service_from":"2026-02-30","providers":[{"role":"billing","npi":1234567893}]}`,
	`{"id":"r1","npi":"1336225416","enumeration_type":"NPI-1","taxonomies":[{"code":"x"}],"addresses":[{"city":"X"}],"effective_date":"2026-01-31"}`,
	`{"id":"r1","npi":{"a":[[[[]]]]},"addresses":17}`, `{"providers":[{"address":{"city":1}}],"id":"\u0001"}`, string(benchClaim),
}

func FuzzDecode(f *testing.F) {
	for _, s := range seeds {
		f.Add(true, []byte(s))
		f.Add(false, []byte(s))
	}
	f.Fuzz(func(t *testing.T, claim bool, data []byte) {
		kind := KindRoster
		if claim {
			kind = KindClaim
		}
		r, err := Decode(kind, data)
		if err != nil {
			var m *MalformedError
			require.ErrorAs(t, err, &m)
			require.Regexp(t, ours, m.Reason)
			return
		}
		require.NotEmpty(t, r.ID)
		require.LessOrEqual(t, len(r.ID), 256)
		require.NotEmpty(t, r.Mentions)
		require.LessOrEqual(t, r.ServiceFrom, r.ServiceTo)
		for _, m := range r.Mentions {
			require.Contains(t, Roles, m.Role)
			require.LessOrEqual(t, len(m.NPI), maxText)
			require.GreaterOrEqual(t, m.Line, 0)
		}
		if claim {
			sameAsCodec(t, data, &r)
		}
	})
}

// plain is a claim as the codec alone reads it.
type plain struct {
	ID        string    `json:"id"`
	Type      ClaimType `json:"type"`
	Providers []struct {
		Role         Role           `json:"role"`
		NPI          jsontext.Value `json:"npi"`
		Line         int            `json:"line"`
		Entity       Entity         `json:"entity"`
		Organization string         `json:"organization_name"`
		First        string         `json:"first_name"`
		Last         string         `json:"last_name"`
		Taxonomy     string         `json:"taxonomy"`
		Address      *Address       `json:"address"`
	} `json:"providers"`
}

// sameAsCodec holds the claim reader, which is written out by hand, to the
// codec's own reading.
func sameAsCodec(t *testing.T, data []byte, r *Record) {
	t.Helper()
	var p plain
	require.NoError(t, json.Unmarshal(data, &p), "what the reader takes is JSON of the right shape")
	require.Equal(t, p.ID, r.ID)
	require.Equal(t, p.Type, r.ClaimType)
	require.Len(t, r.Mentions, len(p.Providers))
	for i, w := range p.Providers {
		m := r.Mentions[i]
		require.Equal(t, []any{w.Role, w.Line, w.Entity, w.Organization, w.First, w.Last, w.Taxonomy, w.Address},
			[]any{m.Role, m.Line, m.Entity, m.OrganizationName, m.FirstName, m.LastName, m.Taxonomy, m.Address})
		npi := string(w.NPI)
		if w.NPI.Kind() != '0' {
			npi = ""
			require.NoError(t, json.Unmarshal(append([]byte(nil), orNull(w.NPI)...), &npi))
		}
		require.Equal(t, npi, m.NPI)
	}
}

func orNull(v jsontext.Value) jsontext.Value {
	if len(v) == 0 {
		return jsontext.Value("null")
	}
	return v
}

// Readers are used again: what one message left behind must not show in the
// next.
func TestDecodeForgets(t *testing.T) {
	for range 3 {
		for _, bad := range []string{`{"id":"` + secret + `","providers":[{"role":"`, `[[[[`, `{"id":"x","type":"dental"`} {
			_, err := Decode(KindClaim, []byte(bad))
			require.Error(t, err)
			good, err := Decode(KindClaim, []byte(`{"id":"c","providers":[{"role":"billing"}]}`))
			require.NoError(t, err)
			require.Equal(t, Record{ID: "c", Kind: KindClaim, Mentions: []Mention{{Role: Billing, Path: "/providers/0/npi"}}}, good)
		}
	}
}

// A record must not hold on to its message: the buffer belongs to whoever
// read it.
func TestDecodeKeepsNothingOfTheBuffer(t *testing.T) {
	data := []byte(claimWith(`,"type":"dental","service_from":"2026-01-02"`, `,"npi":"1234567893","last_name":"ROE","address":{"city":"X"}`))
	before, err := Decode(KindClaim, data)
	require.NoError(t, err)
	again, err := Decode(KindClaim, append([]byte(nil), data...))
	require.NoError(t, err)
	for i := range data {
		data[i] = '#'
	}
	require.Equal(t, again, before)
}

func TestMalformedError(t *testing.T) {
	_, err := Decode(KindClaim, nil)
	require.EqualError(t, err, "decode a record: the message is empty")
	var m *MalformedError
	require.True(t, errors.As(fmt.Errorf("work: %w", err), &m))
}

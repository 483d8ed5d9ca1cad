package providerjson

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDocument: what is put together in Go is judged as what is read.
func TestDocument(t *testing.T) {
	for _, kind := range everyType {
		text, err := os.ReadFile(filepath.Join("testdata", kind+".json"))
		require.NoError(t, err)
		var d Document
		require.NoError(t, json.Unmarshal(text, &d))
		again, err := json.Marshal(&d)
		require.NoError(t, err)
		assert.Equal(t, "", found(Validate(again, Create, today, nil)), kind)
		for _, s := range sections {
			assert.Contains(t, string(again), `"`+s.name+`":`, "the API reads it without asking")
		}
		assert.Contains(t, string(again), `"direct_addresses":[]`)
	}
	empty, err := json.Marshal(&Document{EnumerationType: Individual, Identifiers: []Identifier{{}}, Taxonomies: []Taxonomy{{}}})
	require.NoError(t, err)
	f := found(Validate(empty, Public, today, nil))
	assert.NotContains(t, f, "I-REQ", "members that must be there are written")
	assert.NotContains(t, f, "X-PRIMARY-BOOL")
	assert.NotContains(t, f, wrongType)
}

// TestUnmarshal: what is odd is read as the rules take it.
func TestUnmarshal(t *testing.T) {
	yes, no := true, false
	for text, want := range map[string]Document{
		`{}`: {},
		`{"enumeration_type":"NPI-1","number":1234567893,"created_epoch":5,"last_updated_epoch":"x","direct_addresses":[5]}`: {EnumerationType: Individual, Number: "1234567893", CreatedEpoch: 5},
		`{"number":0,"basic":{"first_name":null,"last_name":"\u0041","organizational_subpart":false,"unknown":1}}`:           {Basic: Basic{LastName: "A", OrganizationalSubpart: &no}},
		`{"basic":[],"addresses":{},"licenses":null}`:                                                                        {},
		`{"basic":{"organizational_subpart":"x"},"addresses":[5,{"override_address_standardization":1,"accept_address_standardization":0}]}`: {
			Addresses: []Address{{}, {Override: true}}},
		`{"affiliations":[{"accepting_new_patients":1,"for_additional_documentation_request":0},{"accepting_new_patients":null}]}`: {
			Affiliations: []Affiliation{{NewPatients: &yes, AdditionalRequest: &no}, {}}},
		`{"taxonomies":[{"code":"207R00000X","primary":true}]}`: {Taxonomies: []Taxonomy{{"207R00000X", true}}},
	} {
		var d Document
		require.NoError(t, json.Unmarshal([]byte(text), &d), text)
		again, err := json.Marshal(&d)
		require.NoError(t, err)
		same, err := json.Marshal(&want)
		require.NoError(t, err)
		assert.Equal(t, string(same), string(again), text)
	}
	for _, text := range []string{`[]`, `"SECRET"`, `{"SECRET"}`} {
		err := json.Unmarshal([]byte(text), &Document{})
		require.Error(t, err)
		assert.ErrorContains(t, new(Document).UnmarshalJSON([]byte(text)), "read a ProviderJSON document: The document")
	}
}

func TestAReportHasAnEnd(t *testing.T) {
	r := Validate([]byte(`{"enumeration_type":"HPID","addresses":[`+strings.Repeat("{},", 2000)+`{}]}`), Public, today, nil)
	assert.Len(t, r.Errors, most)
	assert.Empty(t, r.Warnings)
}

func TestLastCounts(t *testing.T) {
	for text, want := range map[string]string{
		`{"enumeration_type":"X","enumeration_type":"HPID","addresses":[{"address_purpose":5}],"addresses":[],"taxonomies":5,"taxonomies":[]}`: "A-NO-MAILING X-PRIMARY-COUNT",
		`{"enumeration_type":"HPID","basic":{"website":"x"},"basic":5}`:                                                                        "wrong-type:basic A-NO-MAILING X-PRIMARY-COUNT",
		`{"enumeration_type":"HPID","basic":5,"basic":{"website":5,"website":"x","website":null}}`:                                             "A-NO-MAILING X-PRIMARY-COUNT",
		`{"enumeration\u005ftype":"\u0048PID"}`:                                                                                                "A-NO-MAILING X-PRIMARY-COUNT",
		`{"enumeration_type":"HPID","basic":{"website":"\ud800"}}`:                                                                             "A-NO-MAILING X-PRIMARY-COUNT",
	} {
		assert.Equal(t, want, found(Validate([]byte(text), Public, today, nil)), text)
	}
}

func TestFindings(t *testing.T) {
	r := breach{kind: Individual, action: Update, edits: `basic.first_name= number="1234567890" addresses.1.city="` + strings.Repeat("x", 201) + `" addresses.0.state="AE" licenses=[5]`}.report(t)
	assert.Equal(t, Report{
		Errors: []Finding{
			{"B-REQ:first_name", "/basic/first_name", "basic.first_name must be given."},
			{"A-STATE#0", "/addresses/0/state", "addresses[0].state must be the two-letter code of a state or territory, or ZZ abroad."},
			{"A-LEN:city#1", "/addresses/1/city", "addresses[1].city has 201 characters, and at most 200 are allowed."},
			{"wrong-type:licenses#0", "/licenses/0", "licenses[0] must be an object."},
		},
		Warnings: []Finding{{"T-LUHN", "/number", "number has a wrong check digit."}},
	}, r)
	text, err := json.Marshal(Report{})
	require.NoError(t, err)
	assert.Equal(t, `{"errors":[],"warnings":[]}`, string(text))
}

// TestNothingIsQuoted: whatever stands in a document, no word of it is told.
func TestNothingIsQuoted(t *testing.T) {
	for _, kind := range everyType {
		for _, a := range everyAction {
			text := encode(t, marked(valid(t, kind, a)))
			var d map[string]any
			require.NoError(t, json.Unmarshal(text, &d))
			d["enumeration_type"] = kind
			r := Validate(encode(t, d), a, today, nil)
			require.NotEmpty(t, r.Errors)
			for _, f := range append(r.Errors, r.Warnings...) {
				assert.NotContains(t, f.Rule+f.Pointer+f.Message, "SECRET")
			}
		}
	}
}

// marked makes every text of a document one that must not be told.
func marked(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = marked(v[k])
		}
	case []any:
		for i := range v {
			v[i] = marked(v[i])
		}
	case string:
		return "SECRET " + strings.Repeat("x", 2000)
	}
	return v
}

func FuzzValidate(f *testing.F) {
	for _, kind := range everyType {
		text, err := os.ReadFile(filepath.Join("testdata", kind+".json"))
		require.NoError(f, err)
		f.Add(text, "create")
	}
	for _, breaches := range families {
		for _, b := range breaches {
			d := valid(f, b.kind, b.action)
			for _, e := range strings.Fields(b.edits) {
				path, value, _ := strings.Cut(e, "=")
				edited(f, d, path, value)
			}
			f.Add(encode(f, d), string(b.action))
		}
	}
	f.Add([]byte(`{"enumeration_type":"HPID","enumeration_type":"\ud800"}`), "public")
	f.Add([]byte(`{"enumeration_type":"NPI-1","basic":{"first_name":1e999,"ssn":-0.0}}`), "Update")
	rules := listed(f)
	f.Fuzz(func(t *testing.T, document []byte, action string) {
		r := Validate(document, Action(action), today, nil)
		require.Equal(t, r, Validate(document, Action(action), today, nil), "the same again")
		for _, found := range append(r.Errors, r.Warnings...) {
			class := place.ReplaceAllString(found.Rule, "")
			if _, known := rules[class]; !known {
				require.True(t, strings.HasPrefix(class, wrongType+":"), class)
			}
			require.True(t, strings.HasSuffix(found.Message, "."), found.Message)
			require.True(t, jsontext.Pointer(found.Pointer).IsValid(), found.Pointer)
			if i := strings.LastIndexByte(found.Rule, '#'); i >= 0 {
				_, err := strconv.Atoi(found.Rule[i+1:])
				require.NoError(t, err)
				require.Contains(t, found.Pointer, "/"+found.Rule[i+1:])
			}
		}
		refused := len(r.Errors) > 0 && slices.Contains([]string{"T-ACTION", "T-JSON", "T-OBJECT"}, r.Errors[0].Rule)
		var d Document
		if refused {
			return
		}
		require.NoError(t, d.UnmarshalJSON(document))
		again, err := json.Marshal(&d)
		require.NoError(t, err)
		var same Document
		require.NoError(t, json.Unmarshal(again, &same))
		require.Equal(t, d, same, "written and read again")
	})
}

func BenchmarkValidate(b *testing.B) {
	for _, kind := range everyType {
		text := encode(b, valid(b, kind, Update))
		b.Run(kind, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if r := Validate(text, Update, today, nil); r.Errors != nil {
					b.Fatal(r.Errors)
				}
			}
		})
	}
}

package config

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// shipped is the commented mapping of the example, with its roster's part
// where part is "roster".
func shipped(t *testing.T, part string) string {
	t.Helper()
	data, err := os.ReadFile("npiflow.yaml")
	require.NoError(t, err)
	_, text, _ := strings.Cut(string(data), "\n# - name: acme")
	claim, rest, _ := strings.Cut(text, "\n#\n")
	_, roster, _ := strings.Cut(rest, "it has\n#\n")
	roster, _, _ = strings.Cut(roster, "\nformats:")
	entry := "# - name: acme" + claim
	if part == "roster" {
		entry = "# - name: acme\n#   kind: roster\n#   when: /a\n#   id: /b\n#   providers: [{role: individual, npi: /c}]\n" + roster
	}
	return "formats:\n  json:\n    " + strings.ReplaceAll(strings.ReplaceAll(entry, "\n# ", "\n    "), "# - name", "- name") + "\n"
}

// The mapping the example shows is one, and with its roster's part it shows
// every key.
func TestExampleMapping(t *testing.T) {
	c, err := Load(write(t, shipped(t, "")), nil)
	require.NoError(t, err)
	r, err := Load(write(t, shipped(t, "roster")), nil)
	require.NoError(t, err)
	require.Len(t, c.Formats.JSON, 1)
	require.Len(t, r.Formats.JSON, 1)
	claim, roster := c.Formats.JSON[0], r.Formats.JSON[0]
	assert.Equal(t, map[string]string{"1500": "professional", "UB04": "institutional"}, claim.Types)
	assert.Equal(t, "/staff", claim.Providers[1].Each)
	assert.Equal(t, []string{"/taxonomy/0", "/taxonomy/1"}, roster.Taxonomies)
	assert.Equal(t, "/site/fax", roster.Addresses[0].Fax)
	text := shipped(t, "") + shipped(t, "roster")
	for _, key := range keysOf() {
		assert.Contains(t, text, key+":")
	}
}

func TestFormatsFromTheEnvironment(t *testing.T) {
	c, err := Load("", []string{`NPIFLOW_FORMATS_JSON=[{name: ours, kind: claim, when: /a, id: /b, providers: [{role: billing, npi: /c}]}]`})
	require.NoError(t, err)
	assert.Equal(t, []JSONFormat{{Name: "ours", Kind: "claim", When: "/a", ID: "/b", Providers: []JSONProvider{{Role: "billing", NPI: "/c"}}}}, c.Formats.JSON)
	for text, want := range map[string]string{
		"ours":                  `NPIFLOW_FORMATS_JSON: "ours": it:1:1: formats.json: not a list`,
		"[{name: a":             `it:1:2: not YAML`,
		"[{nmae: a}, {x: [b]}]": `it:1:3: "formats.json[0].nmae": no such key; did you mean name?; it:1:14: "formats.json[1].x": no such key`,
	} {
		assert.Contains(t, strings.Join(faultsOf(t, "", "NPIFLOW_FORMATS_JSON="+text), "\n"), want)
	}
}

func TestFaultsOfTheMappingsInAFile(t *testing.T) {
	for text, want := range map[string]string{
		"formats: {json: {name: a}}":                             `c.yaml:1:17: formats.json: not a plain value`,
		"formats:\n  json:\n    - a":                             `c.yaml:3:7: formats.json[0] holds keys of its own`,
		"formats:\n  json:\n    - name: [a]":                     `formats.json[0].name: not a plain value`,
		"formats:\n  json:\n    - name: \"a\\nb\"":               "formats.json[0].name: has line breaks",
		"formats:\n  json:\n    - providers: /a":                 `formats.json[0].providers: not a list`,
		"formats:\n  json:\n    - providers:\n        - nip: /a": `c.yaml:4:11: "formats.json[0].providers[0].nip": no such key; did you mean npi?`,
		"formats:\n  json:\n    - types: {a: [b]}":               "formats.json[0].types: not a plain value",
		"formats:\n  json:\n    - types: professional":           "formats.json[0].types holds keys of its own",
		"formats: {jsn: []}":                                     `"formats.jsn": no such key; did you mean formats.json?`,
	} {
		assert.Contains(t, strings.Join(faultsOf(t, text), "\n"), want, text)
	}
}

func TestValidateMappings(t *testing.T) {
	sound := func() JSONFormat {
		return JSONFormat{Name: "a", Kind: "claim", When: "/w", ID: "/i", Providers: []JSONProvider{{Role: "billing", NPI: "/n"}}}
	}
	roster := func(j *JSONFormat) { j.Kind, j.Providers[0].Role = "roster", "individual" }
	for _, tc := range []struct {
		change func(*JSONFormat)
		want   string // in the only fault; "" is none
	}{
		{func(*JSONFormat) {}, ""},
		{roster, ""},
		{func(j *JSONFormat) {
			roster(j)
			j.Taxonomies, j.Addresses = []string{"/t"}, []JSONAddress{{Purpose: "MAILING", City: "/c~1d"}}
		}, ""},
		{func(j *JSONFormat) { j.Name = "" }, `formats.json[0].name: "": name the mapping`},
		{func(j *JSONFormat) { j.Kind = "bill" }, `formats.json[0].kind: "bill": choose claim or roster`},
		{func(j *JSONFormat) { j.When = "" }, "formats.json[0].when"},
		{func(j *JSONFormat) { j.When = "schema" }, `formats.json[0].when: "schema": write a JSON pointer`},
		{func(j *JSONFormat) { j.Dates = "YYYY" }, "formats.json[0].dates"},
		{func(j *JSONFormat) { j.ID = "" }, "formats.json[0].id"},
		{func(j *JSONFormat) { j.ID = "/~2" }, "formats.json[0].id"},
		{func(j *JSONFormat) { j.Providers = nil }, "formats.json[0].providers"},
		{func(j *JSONFormat) { j.Type = "dentist" }, "formats.json[0].type"},
		{func(j *JSONFormat) { j.Type, j.Types = "/t", map[string]string{"D": "dental", "X": "fax"} }, `formats.json[0].types: "fax": choose professional, institutional, dental`},
		{func(j *JSONFormat) { j.Action = "/a" }, "leave out credential"},
		{func(j *JSONFormat) { roster(j); j.ServiceTo = "/a" }, "leave out type"},
		{func(j *JSONFormat) { roster(j); j.Providers[0].Role = "billing" }, `formats.json[0].providers[0].role: "billing": choose individual, group`},
		{func(j *JSONFormat) { roster(j); j.Providers[0].Each = "/e" }, "formats.json[0].providers[0].each"},
		{func(j *JSONFormat) { roster(j); j.Taxonomies = []string{""} }, "formats.json[0].taxonomies"},
		{func(j *JSONFormat) { roster(j); j.Addresses = []JSONAddress{{Purpose: "HOME"}} }, "formats.json[0].addresses[0].purpose"},
		{func(j *JSONFormat) { roster(j); j.Addresses = []JSONAddress{{State: "GA"}} }, "formats.json[0].addresses[0].state"},
		{func(j *JSONFormat) { j.Providers[0].Role = "" }, "formats.json[0].providers[0].role"},
		{func(j *JSONFormat) { j.Providers[0].Role, j.Providers[0].Roles = "/r", map[string]string{"a": "boss"} }, "formats.json[0].providers[0].roles"},
		{func(j *JSONFormat) { j.Providers[0].NPI = "" }, "formats.json[0].providers[0].npi"},
		{func(j *JSONFormat) { j.Providers[0].Entity = "firm" }, "formats.json[0].providers[0].entity"},
		{func(j *JSONFormat) { j.Providers[0].LastName = "last" }, "formats.json[0].providers[0].last_name"},
	} {
		c := Default()
		c.Formats.JSON = []JSONFormat{sound()}
		tc.change(&c.Formats.JSON[0])
		err := c.Validate()
		if tc.want == "" {
			require.NoError(t, err)
			continue
		}
		var e *Error
		require.ErrorAs(t, err, &e, tc.want)
		require.Len(t, e.Faults, 1, err.Error())
		assert.Contains(t, e.Faults[0], tc.want)
	}
	c := Default()
	c.Formats.JSON = []JSONFormat{sound(), sound()}
	require.ErrorContains(t, c.Validate(), `formats.json[1].name: "a": another mapping has this name`)
}

// keysOf lists every key of a mapping and its parts.
func keysOf() []string {
	var keys []string
	for _, part := range []reflect.Type{reflect.TypeFor[JSONFormat](), reflect.TypeFor[JSONProvider](), reflect.TypeFor[JSONAddress]()} {
		for i := range part.NumField() {
			keys = append(keys, part.Field(i).Tag.Get("yaml"))
		}
	}
	return keys
}

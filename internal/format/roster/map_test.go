package roster

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

const full = `# all there is
columns:
  Provider No: npi
  "Group's NPI": group_npi
  7: address_1
  Notes: ignore
header_row: 3
delimiter: tab
sheet: Providers
constants:
  organization_name: Example Medical Group
  group_npi: 1770626038
  taxonomy: 207Q00000X
`

func TestParseMap(t *testing.T) {
	m, err := ParseMap([]byte(full))
	require.NoError(t, err)
	assert.Equal(t, &Map{
		Headers:   map[string]Field{"providerno": NPI, "groupsnpi": GroupNPI, "notes": None},
		Numbers:   map[int]Field{7: Address1},
		HeaderRow: 3, Delimiter: '\t', Sheet: "Providers",
		Constants: map[Field]string{OrganizationName: "Example Medical Group", GroupNPI: "1770626038", Taxonomy: "207Q00000X"},
	}, m)
	m, err = ParseMap([]byte("header_row: none\ndelimiter: \"|\"\ncolumns: {2: npi}\n"))
	require.NoError(t, err)
	assert.True(t, m.NoHeader)
	assert.Equal(t, byte('|'), m.Delimiter)
}

// Every fault of a map is said at once, with its place.
func TestParseMapFaults(t *testing.T) {
	for in, want := range map[string][]string{
		"":                         {"the map says nothing"},
		"columns:\n":               {"the map says nothing"},
		"columns: [npi]\n":         {"line 1, column 10: columns holds keys and values"},
		"just text\n":              {"the map holds keys and values"},
		"a: [\n":                   {"not YAML"},
		"colums: {1: npi}\n":       {`line 1, column 1: "colums": no such key; there are columns, header_row`},
		"header_row: 0\n":          {"write a line from 1 to 20, or none"},
		"header_row: 21\n":         {"write a line from 1 to 20, or none"},
		"header_row: soon\n":       {"write a line from 1 to 20, or none"},
		"header_row: [1]\n":        {"not a plain value"},
		"delimiter: \"\"\n":        {"write one character, or tab"},
		"delimiter: \"\\\"\"\n":    {"write one character, or tab"},
		"delimiter: \"ab\"\n":      {"write one character, or tab"},
		"columns:\n  \"#\": npi\n": {"a header without letters and digits"},
		"columns:\n  0: npi\n  A B: nip\n  1: [npi]\n  a-b: npi\n  AB: npi\nconstants:\n  npi: 1\n  tinn: 2\n  tin: \"\"\n  taxonomy: Family\nsheets: A\n": {
			"line 2, column 3: columns are numbered from 1", `line 3, column 8: "nip": no such field; there are ignore, id, npi`, "line 4, column 6: not a plain value",
			"line 6, column 3: this header stands in the map before", "line 8, column 3: npi is not the same in every row", `line 9, column 3: "tinn": no such field`,
			"line 10, column 8: tin: write a text", "line 11, column 13: taxonomy: not a taxonomy code", `line 12, column 1: "sheets": no such key`,
		},
	} {
		_, err := ParseMap([]byte(in))
		require.Error(t, err, in)
		for _, w := range want {
			assert.ErrorContains(t, err, w, in)
		}
		assert.Len(t, strings.Split(err.Error(), "\n"), len(want), "%s\n%v", in, err)
	}
}

func TestMapOverrides(t *testing.T) {
	const in = "Report of all,,\nNo,Group,NPI\n1851713903,1770626038,x\n"
	o := readAll(strings.NewReader(in), &Map{HeaderRow: 2, Headers: map[string]Field{"no": IndividualNPI, "npi": None}, Numbers: map[int]Field{2: GroupNPI}})
	require.NoError(t, o.err)
	assert.Equal(t, []Field{IndividualNPI, GroupNPI, None}, o.table.Columns)
	assert.Equal(t, []string{"1851713903"}, o.npis())

	for want, m := range map[string]*Map{
		"a header that is not here, made of the letters and digits \"nowhere\"": {Headers: map[string]Field{"nowhere": NPI}},
		"the map names column 9, and there are 3":                               {Numbers: map[int]Field{9: TIN}},
		"line 1: no header was found":                                           {HeaderRow: 1},
		"line 9: no header stands here":                                         {HeaderRow: 9},
		"the map names no column of NPIs; the columns are text, an empty one":   {NoHeader: true},
	} {
		o := readAll(strings.NewReader(in), m)
		var f record.Fault
		require.ErrorAs(t, o.err, &f, want)
		assert.ErrorContains(t, o.err, want)
	}
}

// A map beats what was recognized, also where that would count.
func TestMapBeatsRecognition(t *testing.T) {
	o := readAll(strings.NewReader("NPI,Other,Last Name,Surname\n1851713903,1234567893,ROE,DOE\n"),
		&Map{Headers: map[string]Field{"other": NPI, "surname": LastName}})
	require.NoError(t, o.err)
	assert.Equal(t, []string{"1234567893"}, o.npis())
	assert.Equal(t, "DOE", o.rows[0].Record.Mentions[0].LastName)
}

func FuzzParseMap(f *testing.F) {
	for _, s := range []string{full, "", "columns: {1: npi}", "header_row: none", "delimiter: ;", "columns:\n  - npi", "constants: {tin: 1}", "a: &a\n  b: *a", "? 1\n: 2"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ParseMap(data)
		if err == nil {
			require.NotNil(t, m)
			_ = Read(strings.NewReader(two), m, nil, func(*Row) error { return nil }, nil)
		}
	})
}

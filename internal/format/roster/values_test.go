package roster

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/npiflow/npiflow/internal/record"
)

func TestParseDate(t *testing.T) {
	for s, want := range map[string]record.Date{
		"2024-01-31": 20240131, "1/31/2024": 20240131, "01/31/2024": 20240131, "1-31-2024": 20240131, "20240131": 20240131,
		"2024/1/31": 20240131, "31-JAN-2024": 20240131, "31-Oct-2024": 20241031, "1/31/2024 0:00": 20240131,
		"2024-01-31 00:00:00": 20240131, "2024-01-31T00:00:00Z": 20240131, "31-OCT-2024 00:00:00": 20241031,
		"45322": 20240131, "45322.0": 20240131, "45322.75": 20240131, "20240131.0": 20240131, "02/29/2024": 20240229,
		"9999-12-31": 0, "12/31/9999": 0, "99991231": 0, "2958465": 0, "12/31/2999": 0, // no end
	} {
		d, _, _, ok := parseDate(s, false)
		assert.True(t, ok, s)
		assert.Equal(t, want, d, s)
	}
	for _, s := range []string{"", "soon", "2024", "2024-13-01", "02/30/2024", "31/01/2024", "1/31", "0", "1", "01312024", "123456", "--", "//", "1//2024", "99/99/9999", "1/31/24", "-1/1/2024", "1/-1/2024", "45322e1", "é/é/2024"} {
		_, _, _, ok := parseDate(s, false)
		assert.False(t, ok, s)
	}
	_, _, wrong, _ := parseDate("1/31/24", false)
	assert.Equal(t, shortYear, wrong)
	d, serial, _, ok := parseDate("43860", true)
	assert.True(t, ok && serial)
	assert.Equal(t, record.Date(20240131), d, "counted from 1904")
}

func TestScientific(t *testing.T) {
	for s, want := range map[string]string{ // "" is damaged
		"1.23457E+09": "", "1.2E+09": "", "1E9": "", "1.234567893E9": "1234567893", "1.234567893E+09": "1234567893",
		"1.23456789e9": "1234567890", "1.2345678E9": "",
	} {
		whole, damaged, ok := scientific(s)
		assert.True(t, ok, s)
		assert.Equal(t, want == "", damaged, s)
		if !damaged {
			assert.Equal(t, want, whole)
		}
	}
	for _, s := range []string{"", "E", "E9", "1E", "12.3E9", "1.2E0", "1.23E1", "-1.2E9", "1.2E-9", "1.2E999", "EXAMPLE", "1.xE9", "1234567893"} {
		_, _, ok := scientific(s)
		assert.False(t, ok, s)
	}
}

func TestPhone(t *testing.T) {
	for s, want := range map[string]string{
		"7035550100": "703-555-0100", "(703) 555-0100": "703-555-0100", "703.555.0100 x12": "703-555-0100", "1-703-555-0100": "703-555-0100",
		"703-555-0100": "703-555-0100", "703-555-0100 ext. 5": "703-555-0100", "+44 20 7946 0000": "+44 20 7946 0000", "555-0100": "555-0100",
	} {
		assert.Equal(t, want, phone(s), s)
	}
}

func TestPostal(t *testing.T) {
	for _, c := range []struct {
		s, extension, state, want string
		restored                  bool
	}{
		{"22042", "", "VA", "22042", false},
		{"22042-3307", "", "VA", "220423307", false},
		{"22042 3307", "", "VA", "220423307", false},
		{"22042-0000", "", "VA", "22042", false},
		{"22042", "3307", "VA", "220423307", false},
		{"6103", "", "CT", "06103", true},
		{"61031234", "", "CT", "061031234", true},
		{"6103", "", "VA", "6103", false}, // no state of zeros: not for us to say
		{"6103-1234", "", "CT", "061031234", true},
		{"K1A 0B1", "", "", "K1A 0B1", false},
		{"1010 Wien", "", "", "1010 Wien", false},
	} {
		got, restored := postal(c.s, c.extension, c.state)
		assert.Equal(t, c.want, got, c.s)
		assert.Equal(t, c.restored, restored, c.s)
	}
}

func TestTaxonomyCode(t *testing.T) {
	for s, want := range map[string]string{
		"207Q00000X": "207Q00000X", "207q00000x": "207Q00000X", "207Q00000X - Family Medicine": "207Q00000X", "207Q00000X;208D00000X": "207Q00000X",
	} {
		code, ok := taxonomyCode(s)
		assert.True(t, ok, s)
		assert.Equal(t, want, code)
	}
	for _, s := range []string{"", "Family Medicine", "207Q00000", "207Q00000XX", "207Q00000Y", "2 7Q00000X", "X07Q00000X"} {
		_, ok := taxonomyCode(s)
		assert.False(t, ok, s)
	}
}

func TestActionOf(t *testing.T) {
	for s, want := range map[string]string{
		"A": add, "Add": add, "NEW PROVIDER": add, "U": change, "Change of address": change, "D": term, "Term": term,
		"TERM 1/1/2024 moved": term, "<Delete>": term, "Inactive": term, "": "", "moved": "", "1/1/2024": "",
	} {
		assert.Equal(t, want, actionOf(s), s)
	}
}

func TestSaid(t *testing.T) {
	for s, want := range map[string]string{
		"": "", "  ": "", " x ": "x", "N/A": "", "n/a": "", "#N/A": "", "-": "", "#REF!": "", "a\tb": "a b", "a\x00b": "a b", "\u00a0x\u00a0": "x",
		"NULL": "NULL", "None": "None", "Na": "Na", // are people's names
	} {
		assert.Equal(t, want, said(s), "%q", s)
	}
	for _, s := range []string{"", "NA", "none", "Pending", "<UNAVAIL>", "TBD", "(none)"} {
		assert.True(t, nothing(s), s)
	}
	for _, s := range []string{"0", "1234567893", "NA1", "Not applicable to this provider"} {
		assert.False(t, nothing(s), s)
	}
}

func TestSplitName(t *testing.T) {
	for s, want := range map[string]person{
		"ROE, SAM":                 {"SAM", "", "ROE", "", ""},
		"ROE, SAM Q":               {"SAM", "Q", "ROE", "", ""},
		"ROE JR, SAM Q":            {"SAM", "Q", "ROE", "JR", ""},
		"ROE, SAM Q, JR, MD":       {"SAM", "Q", "ROE", "JR", "MD"},
		"ROE, JR, SAM":             {"SAM", "", "ROE", "JR", ""},
		"Roe, Sam Q., M.D., Ph.D.": {"Sam", "Q.", "Roe", "", "M.D., PH.D."},
		"SAM ROE":                  {"SAM", "", "ROE", "", ""},
		"SAM Q ROE":                {"SAM", "Q", "ROE", "", ""},
		"Dr. Sam Q Roe Jr. MD":     {"Sam", "Q", "Roe", "JR", "MD"},
		"SAM ROE, MD":              {"SAM", "", "ROE", "", "MD"},
		"SAM ROE III, DO, FACP":    {"SAM", "", "ROE", "III", "DO, FACP"},
		"Jan van der Berg":         {"Jan", "", "van der Berg", "", ""},
		"Maria Elena de la Cruz":   {"Maria", "Elena", "de la Cruz", "", ""},
		"ANH DO":                   {"ANH", "", "DO", "", ""}, // a surname, and a degree
		"MA, YO":                   {"YO", "", "MA", "", ""},
		"DE LA CRUZ, ANA":          {"ANA", "", "DE LA CRUZ", "", ""},
		"PRINCE":                   {"", "", "PRINCE", "", ""},
		"":                         {},
		",":                        {},
		", ,":                      {},
		"ROE,":                     {"", "", "ROE", "", ""},
	} {
		got := splitName(s)
		assert.Equal(t, want, got, "%q", s)
	}
}

func TestTidy(t *testing.T) {
	for _, c := range []struct{ in, want person }{
		{person{"SAM", "", "ROE, JR", "", ""}, person{"SAM", "", "ROE", "JR", ""}},
		{person{"SAM", "", "ROE, MD", "", ""}, person{"SAM", "", "ROE", "", "MD"}},
		{person{"", "", "ROE, SAM Q", "", ""}, person{"SAM", "Q", "ROE", "", ""}},
		{person{"SAM", "", "ROE", "MD", ""}, person{"SAM", "", "ROE", "", "MD"}},
		{person{"SAM", "", "ROE", "Jr.", "DO"}, person{"SAM", "", "ROE", "Jr.", "DO"}},
	} {
		c.in.tidy()
		assert.Equal(t, c.want, c.in)
	}
}

func TestCredentialOf(t *testing.T) {
	for s, want := range map[string]string{"MD": "MD", "M.D., Ph.D.": "M.D., Ph.D.", "PA-C": "PA-C", "Physician": "", "Dr.": "", "Nurse Practitioner": "", "": ""} {
		assert.Equal(t, want, credentialOf(s), s)
	}
}

func TestShape(t *testing.T) {
	for s, want := range map[string]string{
		"": "an empty one", "1851713903": "an NPI by its check digit", "1234567890": "10 digits", "19990000002901": "14 digits",
		"2024-01-15": "a date", "ROE": "text", "W1234567": "text with digits",
	} {
		assert.Equal(t, want, shape(s), s)
	}
}

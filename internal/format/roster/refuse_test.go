package roster

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

func TestRefusals(t *testing.T) {
	for in, want := range map[string]string{
		"":      "the file is empty",
		"\n\n ": "no header was found",
		"19990000002901,1234329724\n19990000002902,1234329724\n":                   "line 1: no header was found in the first 20 rows. Here stand 2 columns: 14 digits, an NPI by its check digit.",
		"DOE,JANE,1960-01-02,MD\nROE,SAM,1960-01-02,MD\n":                          "4 columns: text, text, a date, text",
		"City,State,Zip\nReston,VA,20190\n":                                        `there are "City", "State", "Zip"; name the column in a map`,
		"Last Name,First Name,Member ID 123,W1234\n":                               `"Last Name", "First Name", text with digits, text with digits`,
		"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":                                         "save it as .xlsx",
		"PK\x03\x04 no workbook":                                                   "damaged or cut off",
		strings.Repeat("x\n", titles) + "NPI,Last Name\n1851713903,ROE\n":          "no header was found",
		strings.Repeat("a,", 500) + "\n":                                           "and 489 more",
		"<html><body>Please log in to download your provider roster</body></html>": "no header was found",
	} {
		o := readText(in)
		var f record.Fault
		require.ErrorAs(t, o.err, &f, "%q", in)
		assert.True(t, f.Lost)
		assert.ErrorContains(t, o.err, want, "%q", in)
		for _, value := range []string{"DOE", "JANE", "1960", "1234329724", "W1234", "19990000002901", "log in"} {
			assert.NotContains(t, o.err.Error(), value)
		}
	}
}

func TestDetect(t *testing.T) {
	for in, want := range map[string]bool{
		"NPI\n1851713903\n":                 true,
		"NPI":                               true,
		"Last Name,First Name,Phone\n":      true, // to be refused with a reason
		"Report of 2026\n\nNPI|Last Name\n": true,
		"":                                  false,
		"19990000002901,1234329724\n":       false,
		`{"npi":"1851713903"}`:              false,
		`["npi","last name"]`:               false,
		"<npi>1851713903</npi>":             false,
		"ISA*00*          *00*          *ZZ*SUBMITTER":       false,
		"PK\x03\x04\x14\x00\x06\x00word/document.xml":        false,
		"PK\x03\x04\x14\x00\x06\x00xl/worksheets/sheet1.xml": true,
		"\xff\xfe": false,
		"Dear provider,\nplease send us your NPI, soon.\n": false,
	} {
		assert.Equal(t, want, Detect([]byte(in)), "%q", in)
	}
}

package writeback

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSame(t *testing.T) {
	for _, tc := range []struct {
		a, b   string
		v      vocabulary
		want   bool
		reason string
	}{
		{"1630 S CONGRESS AVE STE 200", "1630 South Congress Avenue, Suite 200", streetWords, true, "abbreviations"},
		{"1630 S CONGRESS AVE STE 200", "1630 South Congress Avenue #200", streetWords, true, "designators"},
		{"1630 S CONGRESS AVE STE 200", "1630 N CONGRESS AVE STE 200", streetWords, false, "directions differ"},
		{"PO BOX 751069", "P.O. Box 751069", streetWords, true, "points"},
		{"1 23RD ST", "12 3RD ST", streetWords, false, "numbers keep apart"},
		{"1 MAIN ST STE 12", "1 MAIN ST STE 1 2", streetWords, false, "numbers keep apart without their designator"},
		{"50 LENOX POINTE NE STE A", "50 Lenox Point Northeast Ste. A", streetWords, true, "suffixes spelled differently"},
		{"12 FIRST ST", "12 1st Street", streetWords, true, "ordinals"},
		{"SAINT LOUIS", "St. Louis", cityWords, true, "saints"},
		{"OAKBROOK TERRACE", "Oak Brook Terrace", cityWords, true, "blanks"},
		{"O'HARE", "OHARE", nameWords, true, "apostrophes"},
		{"MARY-JOAN", "Mary Joan", nameWords, true, "hyphens"},
		{"MUNOZ", "Muñoz", nameWords, true, "accents"},
		{"12", "１２", nil, true, "full-width digits"},
		{"A & B CORP", "A and B Corporation", organizationWords, true, "ampersand"},
		{"DEAL", "DEALE", nameWords, false, "another name"},
	} {
		assert.Equal(t, tc.want, same(tc.a, tc.b, tc.v), tc.reason)
		assert.Equal(t, tc.want, same(tc.b, tc.a, tc.v), tc.reason)
	}
}

func TestSaid(t *testing.T) {
	for _, s := range []string{"", " ", "--", "N/A", "n.a.", "None", "pending", "<UNAVAIL>", "TBD", "Not Available"} {
		assert.False(t, said(s), s)
	}
	for _, s := range []string{"0", "A", "NAPA", "a text of more than sixteen bytes"} {
		assert.True(t, said(s), s)
	}
}

func TestPhone(t *testing.T) {
	for s, want := range map[string]string{
		"909-437-0675": "909-437-0675", "(909) 437 0675": "909-437-0675", "+1.909.437.0675": "909-437-0675",
		"9094370675x12": "909-437-0675", "Phone: 909/437-0675 ext 12": "909-437-0675", "1-909-437-0675, opt. 3": "909-437-0675",
		"437-0675": "", "000-000-0000": "", "": "", "pending": "", "909437067512": "",
	} {
		n, ok := phone(s)
		assert.Equal(t, want != "", ok, s)
		if ok {
			assert.Equal(t, want, dashed(n), s)
		}
	}
}

func TestZIP(t *testing.T) {
	for s, want := range map[string]string{
		"92345": "92345", "92345-6923": "923456923", "923456923": "923456923", "2138": "02138", "21381234": "021381234",
		"": "", "ABC": "", "123": "", "1234567": "", "1234567890": "",
	} {
		d, n := zip(s)
		assert.Equal(t, want, string(d[:n]), s)
	}
}

func TestBare(t *testing.T) {
	for line, want := range map[string]string{
		"766 LAKELAND DR # A": "766 LAKELAND DR", "1 MAIN ST, STE 5": "1 MAIN ST", "6255 W SUNSET BLVD FL 21": "6255 W SUNSET BLVD",
		"STE 5": "STE 5", "#1": "#1", "1 MAIN ST": "1 MAIN ST", "1 APTOS RD": "1 APTOS RD", "": "",
	} {
		assert.Equal(t, want, bare(line))
	}
}

func TestState(t *testing.T) {
	for s, want := range map[string]string{"FL": "FL", "fl": "FL", "Florida": "FL", "New  York": "NY", "D.C.": "DC", "XX": "", "ZZ": "", "": ""} {
		assert.Equal(t, want, state(s), s)
	}
}

func TestCountry(t *testing.T) {
	for s, want := range map[string]string{"": "", "US": "US", "usa": "US", "United States": "US", "PR": "US", "ca": "CA", "Canada": "", "n/a": ""} {
		assert.Equal(t, want, country(s), s)
	}
}

package judge

import (
	"os"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

func TestWords(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"O'Neil-Núñez, Jr.", "ONEIL NUNEZ JR"},
		{"  D’Amico\t", "DAMICO"},
		{"St. Mary's L.L.C.", "ST MARYS LLC"},
		{"Smith & Sons", "SMITH AND SONS"},
		{"Straße Ærø Łódź", "STRASSE AERO LODZ"},
		{"ＪＡＮＥ", "JANE"},
		{"e\u0301mile", "EMILE"}, // an accent of its own
		{"\xff\xfe", ""},
		{"-- .", ""},
	} {
		assert.Equal(t, c.want, strings.Join(wordsOf(c.in), " "), "%q", c.in)
	}
}

func TestPersonNames(t *testing.T) {
	for _, c := range []struct {
		first, middle, last string // as the record says
		name                string // FIRST/MIDDLE/LAST as the registry says
		want                level
		part                problem // of a mismatch
		why                 string
	}{
		{"Josefina", "", "Danwing", "JOSEFINA//DANWING", exact, 0, "case"},
		{"JOSÉFINA", "", "DÁNWING", "JOSEFINA//DANWING", exact, 0, "accents"},
		{"DR JOSEFINA", "", "DANWING, MSW", "JOSEFINA//DANWING", exact, 0, "title and credential"},
		{"JOHN", "", "DOE JR.", "JOHN//DOE", exact, 0, "suffix in the name"},
		{"PETER", "", "ONEIL", "PETER//O'NEIL", exact, 0, "apostrophe"},
		{"PETER", "", "O NEIL", "PETER//O'NEIL", exact, 0, "blank for apostrophe"},
		{"PETER", "", "MC DONALD", "PETER//MCDONALD", exact, 0, "blank in the name"},
		{"JOSIE", "", "DELACRUZ", "JOSIE//DE LA CRUZ", exact, 0, "particles joined"},
		{"MARY-ANN", "", "DAY", "MARYANN//DAY", exact, 0, "hyphen"},
		{"KIM", "", "DO", "KIM//DO", exact, 0, "a surname that is a credential too"},
		{"KIM", "", "DO MD", "KIM//DO", exact, 0, "and with one"},
		{"JOSEPHINE", "", "COLON", "JOSEPHINE//DAPPAH-COLON", strong, 0, "second half of a double name"},
		{"JOSEPHINE", "", "DAPPAH COLON", "JOSEPHINE//DAPPAH", strong, 0, "first half"},
		{"JOSEPHINE", "", "CRUZ", "JOSEPHINE//DE LA CRUZ", strong, 0, "without particles"},
		{"BILL", "", "ROE", "WILLIAM//ROE", strong, 0, "nickname"},
		{"PEGGY", "", "ROE", "MARGARET//ROE", strong, 0, "nickname with another initial"},
		{"CHRIS", "", "ROE", "CHRISTOPHER//ROE", strong, 0, "one of two groups"},
		{"JANE", "", "RO E", "JANE//ROE DOE", strong, 0, "half of as many words"},
		{"JO", "", "DEAN", "JO ELLEN//DEAN", strong, 0, "one of two first names"},
		{"ALAN", "", "ROE", "ROBERT/ALAN/ROE", strong, 0, "goes by the middle name"},
		{"R", "ALAN", "ROE", "ALAN//ROE", strong, 0, "likewise, in the record"},
		{"", "", "ROE", "JANE//ROE", exact, 0, "no first name to compare"},
		{"J", "", "ROE", "JANE//ROE", weak, 0, "initial"},
		{"JANE", "", "ROE", "JOHN//ROE", weak, 0, "as loose as CEDI: the first letter"},
		{"JANE", "", "SMITHERS", "JANE//SMITHSON", weak, 0, "as loose as CEDI: four letters"},
		{"JANE", "", "DE LA ROSARIO", "JANE//DE LA ROSA", weak, 0, "four letters, not counting particles"},
		{"ROE", "", "JANE", "JANE//ROE", swapped, 0, "columns swapped"},
		{"DE LA CRUZ", "", "JANE", "JANE//CRUZ", swapped, 0, "half a name in the other column"},
		{"JANE", "", "DE LA ROSA", "JANE//DE LA CRUZ", mismatch, otherLastName, "particles prove nothing"},
		{"JANE", "", "ROE", "JANE//DOE", mismatch, otherLastName, "last name"},
		{"JANE", "", "ROE", "PETER//ROE", mismatch, otherFirstName, "first name"},
		{"JANE", "", "ROE", "PETER//DOE", mismatch, otherLastName, "both: the last name is said"},
		{"JANE", "", "ROE", "JANE//LI", mismatch, otherLastName, "short names whole"},
		{"JANE", "", "LI", "JANE//LIM", mismatch, otherLastName, "four letters are meant, or all"},
		{"R", "A", "ROE", "PETER/A/ROE", mismatch, otherFirstName, "a middle initial is not a name to go by"},
		{"", "", "ROE", "JANE//DOE", mismatch, otherLastName, "the last name alone"},
		{"JANE", "", "", "PETER//DOE", mismatch, otherFirstName, "the first name alone"},
		{"JANE", "", "ROE", "//", unsaid, 0, "the registry says no name"},
		{"...", "", "---", "JANE//ROE", unsaid, 0, "nor does the record, really"},
	} {
		n := strings.Split(c.name, "/")
		f := record.Facts{Status: record.Active, Type: record.NPI1, Name: record.Name{First: n[0], Middle: n[1], Last: n[2]}}
		m := record.Mention{Role: record.Rendering, FirstName: c.first, MiddleName: c.middle, LastName: c.last}
		l, p := nameLevel(&m, &f)
		assert.Equal(t, c.want, l, "%s: %s %s against %s", c.why, c.first, c.last, c.name)
		if l == mismatch {
			assert.Equal(t, c.part, p, c.why)
			assert.Equal(t, record.FlagNameMismatch, only(t, judge("", m, f)).Code)
			continue
		}
		if l == swapped {
			flag := only(t, judge("", m, f))
			assert.Equal(t, record.FlagNameMismatch, flag.Code)
			assert.Contains(t, flag.Detail, "swap them")
			continue
		}
		assert.Nil(t, judge("", m, f).Flags, c.why)
	}
}

func TestOtherPersonNames(t *testing.T) {
	f := josefina
	f.OtherNames = []record.Name{{Code: "1", First: "JOSEFINA", Last: "BRANUM"}, {Code: "2", First: "PEPITA", Last: "STARLIGHT"}}
	for _, c := range []struct {
		first, last string
		want        level
		part        problem
	}{
		{"JOSEFINA", "BRANUM", strong, 0},                   // former name
		{"PEPITA", "STARLIGHT", strong, 0},                  // professional name
		{"JOSEFINA", "STARLIGHT", mismatch, otherFirstName}, // names do not mix
		{"JOSEFINA", "ROE", mismatch, otherLastName},
	} {
		l, p := nameLevel(&record.Mention{FirstName: c.first, LastName: c.last}, &f)
		assert.Equal(t, c.want, l, "%s %s", c.first, c.last)
		if l == mismatch {
			assert.Equal(t, c.part, p)
		}
	}
}

func TestOrganizationNames(t *testing.T) {
	for _, c := range []struct {
		said, registry string
		want           level
		why            string
	}{
		{"Inova Fairfax Hospital", "INOVA FAIRFAX HOSPITAL", exact, "case"},
		{"VIOS FERTILITY INSTITUTE MICHIGAN", "VIOS FERTILITY INSTITUTE MICHIGAN PLLC", exact, "legal form"},
		{"Vios Fertility Institute Michigan, P.L.L.C.", "VIOS FERTILITY INSTITUTE MICHIGAN PLLC", exact, "legal form spelled with stops"},
		{"SMITH DENTAL P C", "SMITH DENTAL PC", exact, "and with blanks"},
		{"THE SMITH & JONES CLINIC INC", "SMITH JONES CLINIC", exact, "article and ampersand"},
		{"SAINT MARYS HOSP", "ST. MARY'S HOSPITAL", exact, "abbreviations"},
		{"VALLEY HEALTH CARE", "VALLEY HEALTHCARE", exact, "one word or two"},
		{"INOVA FAIRFAX", "INOVA FAIRFAX HOSPITAL", strong, "the telling part of it"},
		{"SMITH LLC DBA VALLEY CLINIC", "VALLEY CLINIC LLC", strong, "trade name within"},
		{"HESPERIA CARDIO ASSOC", "HESPERIA CARDIOLOGY ASSOCIATES", strong, "the beginning of a word"},
		{"HESPERIA SPINE GROUP", "HESPERIA ORTHOPEDIC GROUP", weak, "half of what tells it"},
		{"VALLEY MEDICAL GROUP", "SUMMIT MEDICAL GROUP", mismatch, "only what all have"},
		{"SAN DIEGO MEDICAL CENTER", "SAN JOSE MEDICAL CENTER", mismatch, "nor does SAN tell them apart"},
		{"FAMILY MEDICAL CENTER", "HESPERIA FAMILY CLINIC", mismatch, "nothing telling in it"},
		{"MEDICAL GROUP", "MEDICAL GROUP INC", exact, "commonplace words, but all of them"},
		{"INC", "VALLEY INC", mismatch, "a legal form alone"},
		{"...", "VALLEY INC", unsaid, "no name"},
	} {
		f := record.Facts{Status: record.Active, Type: record.NPI2, Name: record.Name{Organization: c.registry}}
		m := record.Mention{Role: record.Billing, OrganizationName: c.said}
		l, p := nameLevel(&m, &f)
		assert.Equal(t, c.want, l, "%s: %s against %s", c.why, c.said, c.registry)
		assert.Equal(t, otherOrganization, p)
		back, _ := nameLevel(&record.Mention{OrganizationName: c.registry}, &record.Facts{Type: record.NPI2, Name: record.Name{Organization: c.said}})
		assert.Equal(t, l, back, "%s, the other way round", c.why)
	}
}

func TestOrganizationAcrossFields(t *testing.T) {
	group := record.Facts{
		Status: record.Active, Type: record.NPI2, Name: record.Name{Organization: "HARBOR HEALTH LLC"},
		OtherNames:         []record.Name{{Code: "3", Organization: "VALLEY CLINIC"}, {Code: "4", Organization: "OLD MILL PRACTICE"}},
		ParentOrganization: "SUMMIT PARTNERS INC",
	}
	unsaidType, known := group, josefina
	unsaidType.Type = ""
	known.OtherNames = []record.Name{{Code: "1", First: "JOSEFINA", Last: "BRANUM"}}
	for _, c := range []struct {
		m    record.Mention
		f    record.Facts
		want level
		why  string
	}{
		{record.Mention{OrganizationName: "Valley Clinic"}, group, strong, "doing business as"},
		{record.Mention{OrganizationName: "Old Mill Practice"}, group, strong, "former legal name"},
		{record.Mention{OrganizationName: "Summit Partners"}, group, strong, "the parent's name"},
		{record.Mention{OrganizationName: "Harbor Health"}, unsaidType, exact, "the type told by the name"},
		{record.Mention{LastName: "HARBOR HEALTH LLC"}, group, exact, "a business's name in the last name's place"},
		{record.Mention{FirstName: "JOHN", LastName: "SMITH"}, record.Facts{Type: record.NPI2, Name: record.Name{Organization: "JOHN SMITH MD PC"}}, strong, "a person incorporated"},
		{record.Mention{FirstName: "JANE", LastName: "ROE"}, group, mismatch, "a person elsewhere"},
		{record.Mention{OrganizationName: "DANWING THERAPY"}, josefina, weak, "a business named after its owner"},
		{record.Mention{OrganizationName: "BRANUM THERAPY"}, known, weak, "or after a former name of theirs"},
		{record.Mention{OrganizationName: "HESPERIA THERAPY"}, josefina, mismatch, "or not"},
		{record.Mention{OrganizationName: "HESPERIA THERAPY"}, owner, unsaid, "a sole proprietor may call it anything"},
	} {
		l, _ := nameLevel(&c.m, &c.f)
		assert.Equal(t, c.want, l, c.why)
	}
}

func TestNameFlag(t *testing.T) {
	for _, c := range []struct {
		m      record.Mention
		f      record.Facts
		says   string
		status string
	}{
		{record.Mention{FirstName: "JANE", LastName: "ROE"}, josefina, "another last name", "A8:504:82"},
		{record.Mention{FirstName: "MARK", LastName: "DANWING"}, josefina, "another first name", "A8:505:82"},
		{record.Mention{OrganizationName: "VALLEY CLINIC"}, fairfax, "another organization name", "A8:125:82"},
	} {
		c.m.Role = record.Rendering
		f := only(t, judge("", c.m, c.f))
		assert.Equal(t, record.FlagNameMismatch, f.Code)
		assert.Equal(t, record.Warning, f.Severity)
		assert.Contains(t, f.Detail, c.says)
		assert.Equal(t, c.f.Name.Display(), f.Actual)
		assert.Empty(t, f.Expected, "what the record says is not quoted")
		assert.Equal(t, c.status, f.Codes.ClaimStatus[0])
	}
}

type sample struct {
	Results []struct {
		Basic struct {
			First        string `json:"first_name"`
			Middle       string `json:"middle_name"`
			Last         string `json:"last_name"`
			Credential   string `json:"credential"`
			Organization string `json:"organization_name"`
		} `json:"basic"`
		OtherNames []record.Name `json:"other_names"`
	} `json:"results"`
}

func recorded(t testing.TB, file string) (all []record.Facts) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	require.NoError(t, err)
	var s sample
	require.NoError(t, json.Unmarshal(data, &s))
	for _, r := range s.Results {
		f := record.Facts{Status: record.Active, Type: record.NPI1, OtherNames: r.OtherNames,
			Name: record.Name{First: r.Basic.First, Middle: r.Basic.Middle, Last: r.Basic.Last, Credential: r.Basic.Credential, Organization: r.Basic.Organization}}
		if f.Name.Organization != "" {
			f.Type = record.NPI2
		}
		all = append(all, f)
	}
	return all
}

// Real providers are recognized however a claim writes them, and hardly ever
// taken for one another.
func TestRecordedNames(t *testing.T) {
	people := recorded(t, "individuals.json")
	require.Len(t, people, 60)
	confused := 0
	for i := range people {
		n := people[i].Name
		for _, m := range []record.Mention{
			{FirstName: n.First, LastName: n.Last},
			{FirstName: strings.ToLower(n.First), LastName: strings.ToLower(n.Last)},
			{FirstName: n.First, LastName: n.Last + ", " + n.Credential},
			{FirstName: n.First, LastName: strings.ReplaceAll(n.Last, "-", " ")},
			{FirstName: n.First, LastName: strings.ReplaceAll(n.Last, " ", "")},
			{FirstName: n.First[:1], LastName: n.Last},
			{FirstName: n.First + " " + n.Middle, LastName: n.Last},
			{FirstName: n.Last, LastName: n.First},
		} {
			l, _ := nameLevel(&m, &people[i])
			assert.Greater(t, l, mismatch, "%s as %s, %s", n.Display(), m.LastName, m.FirstName)
		}
		for k := range people {
			l, _ := nameLevel(&record.Mention{FirstName: n.First, LastName: n.Last}, &people[k])
			if i != k && l != mismatch {
				confused++
			}
		}
	}
	assert.Less(t, confused, 60*59/10, "all of them are called Jo- Da- or Jo- De-, and still nine of ten differ")
	hospital := recorded(t, "live-2026-08-02_npi2_1770626038.json")[0]
	clinic := recorded(t, "provider-r_npi2_1225701881.json")[0]
	l, _ := nameLevel(&record.Mention{OrganizationName: clinic.Name.Organization}, &hospital)
	assert.Equal(t, mismatch, l)
}

func FuzzNames(f *testing.F) {
	f.Add("JANE", "", "ROE", "JANE", "A", "ROE-DOE", "")
	f.Add("", "", "Inova Fairfax", "", "", "", "INOVA FAIRFAX HOSPITAL")
	f.Add("JO", "", "RO E", "JO", "", "ROE JR X", "")
	f.Add("Dr. Ærø", "ß", "O’Neil, Jr.", "\xff", "--", "ＤＥ ＬＡ", "P. C.")
	f.Fuzz(func(t *testing.T, first, middle, last, otherFirst, otherMiddle, otherLast, organization string) {
		if max(len(first), len(middle), len(last), len(otherFirst), len(otherMiddle), len(otherLast), len(organization)) > 512 {
			t.Skip("decoding lets no longer text in")
		}
		m := record.Mention{Role: record.Rendering, FirstName: first, MiddleName: middle, LastName: last, OrganizationName: organization}
		for _, kind := range []string{record.NPI1, record.NPI2, ""} {
			facts := record.Facts{Status: record.Active, Type: kind, Name: record.Name{First: otherFirst, Middle: otherMiddle, Last: otherLast, Organization: organization}}
			l, p := nameLevel(&m, &facts)
			require.LessOrEqual(t, l, exact)
			require.Less(t, p, problems)
		}
		same := record.Facts{Status: record.Active, Type: record.NPI1, Name: record.Name{First: first, Middle: middle, Last: last}}
		if l, _ := nameLevel(&m, &same); m.LastName != "" && l != exact && l != unsaid {
			t.Fatalf("a name is not itself but %d", l)
		}
		p, q := personOf(first, middle, last), record.Name{First: otherFirst, Middle: otherMiddle, Last: otherLast}
		there, _ := p.against(q)
		back, _ := personOf(otherFirst, otherMiddle, otherLast).against(record.Name{First: first, Middle: middle, Last: last})
		require.Equal(t, there, back, "whoever is compared with whom")
	})
}

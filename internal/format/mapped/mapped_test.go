package mapped

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

// clinic is the claims of a clinic's billing system, several in a document.
var clinic = Mapping{
	Name: "clinic", Kind: "claim", When: "/schema", Value: "clinic/3", Records: "/batch/claims", Dates: "20060102",
	ID: "/no", Type: "/form", Types: map[string]string{"1500": "professional", "UB04": "institutional"},
	ServiceFrom: "/dates/from", ServiceTo: "/dates/to", PlaceOfService: "/pos",
	Providers: []Provider{
		{Role: "billing", NPI: "/biller/npi", Entity: "organization", OrganizationName: "/biller/name", TIN: "/biller/tin", OtherID: "/biller/legacy"},
		{Each: "/staff", Role: "/job", Roles: map[string]string{"doc": "rendering"}, NPI: "/npi", Line: "/line", Entity: "/is", Entities: map[string]string{"P": "person"}, FirstName: "/name/0", LastName: "/name/1", Taxonomy: "/tax"},
		{Role: "referring", NPI: "/ref/n~1pi", LastName: "/ref/last"},
	},
}

// staff is a roster, a document for each row.
var staff = Mapping{
	Name: "staff", Kind: "roster", When: "/employee", ID: "/employee/id", Credential: "/employee/degree", Dates: "01/02/2006",
	EffectiveDate: "/from", TerminationDate: "/to", Action: "/do", Taxonomies: []string{"/tax/0", "/tax/1"},
	Addresses: []Address{{Address1: "/site/street", City: "/site/city", State: "/site/st", PostalCode: "/site/zip", Phone: "/site/tel"}, {Purpose: "MAILING", Address1: "/mail/street"}},
	Providers: []Provider{
		{Role: "/employee/is", Roles: map[string]string{"human": "individual", "firm": "group"}, NPI: "/employee/npi", FirstName: "/employee/first", LastName: "/employee/last", OrganizationName: "/employee/firm", Taxonomy: "/tax/1", TIN: "/employee/tin"},
		{Role: "group", NPI: "/clinic/npi", OrganizationName: "/clinic/name"},
	},
}

func reader(t testing.TB) *Mapped {
	t.Helper()
	m, err := New([]Mapping{clinic, staff})
	require.NoError(t, err)
	return m
}

// given is what a reader gives, as text.
type given struct {
	records []record.Record
	faults  []record.Fault
	lines   []string
}

func (g *given) record(r *record.Record) error {
	g.records = append(g.records, *r)
	g.lines = append(g.lines, string(r.AppendJSON(nil)))
	return nil
}

func (g *given) fault(f record.Fault) {
	g.faults = append(g.faults, f)
	g.lines = append(g.lines, f.Error())
}

func readAll(t testing.TB, data string) (*given, error) {
	t.Helper()
	g := &given{}
	return g, reader(t).Read([]byte(data), g.record, g.fault)
}

const claims = `{"batch":{"operator":"Secret","claims":[
 {"no":17,"patient":{"name":"Secret"},"form":"1500","dates":{"from":"20260302","to":"20260304"},"pos":"11","biller":{"npi":1770626038,"name":"CLINIC","tin":"541234567","legacy":"77"},
  "staff":[{"job":"doc","npi":"1851713903","line":2,"is":"P","name":["Josefina","Danwing"],"tax":"225400000X","note":"Secret"},{"job":"supervising","npi":null},{"job":"janitor"},{},null,5],"ref":{"n/pi":"1225701881","last":"Doe"}},
 {"no":"18","form":"fax","dates":{"from":"2026-03-02"},"pos":"1","biller":{},"staff":{"job":"doc"},"ref":{"n/pi":"1225701881"}},
 {"no":"19"},
 {"no":"a\tb"},
 "Secret",
 {"staff":[{"job":"doc"}]},
 {"no":"20","dates":{"to":"20260304"},"staff":[{"job":"doc","npi":{"a":1},"line":-1,"is":"Secret"}]}
]},"schema":"clinic/3"}`

func TestClaims(t *testing.T) {
	g, err := readAll(t, claims)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"/batch/claims/0/staff/2/job: it is no role that the mapping knows; the provider was left out",
		"/batch/claims/0/staff/3/job: there is no role; the provider was left out",
		"/batch/claims/0/staff/4: it is no object, so no provider; it was left out",
		"/batch/claims/0/staff/5: it is no object, so no provider; it was left out",
		`{"id":"17","type":"professional","service_from":"2026-03-02","service_to":"2026-03-04","place_of_service":"11","providers":[` +
			`{"role":"billing","npi":"1770626038","entity":"organization","organization_name":"CLINIC","tin":"541234567","other_id":true},` +
			`{"role":"rendering","npi":"1851713903","line":2,"entity":"person","first_name":"Josefina","last_name":"Danwing","taxonomy":"225400000X"},` +
			`{"role":"supervising"},{"role":"referring","npi":"1225701881","last_name":"Doe"}]}`,
		"/batch/claims/1/form: it is no type of claim that the mapping knows, and was passed over",
		"/batch/claims/1/dates/from: not a calendar day in the form 20060102 (of the second of January 2006), and was passed over",
		"/batch/claims/1/pos: a place of service has two digits; it was passed over",
		"/batch/claims/1/staff: it is no array of providers, and was passed over",
		`{"id":"18","providers":[{"role":"referring","npi":"1225701881"}]}`,
		"/batch/claims/2: it names no provider, so it makes no record",
		"/batch/claims/3/no: control characters, or blanks around it, cannot name a record, so it makes none",
		"/batch/claims/4: it is no object, so it makes no record",
		"/batch/claims/5/no: there is no text to name the record by, so it makes none",
		"/batch/claims/6/staff/0/is: neither person nor organization, and was passed over",
		"/batch/claims/6/staff/0/npi: it is no text, and was passed over",
		"/batch/claims/6/staff/0/line: not a whole number from 0, and was passed over",
		`{"id":"20","service_from":"2026-03-04","service_to":"2026-03-04","providers":[{"role":"rendering"}]}`,
	}, g.lines)
	assert.NotContains(t, strings.Join(g.lines, ""), "Secret")
	assert.Equal(t, "/batch/claims/0/biller/npi", g.records[0].Mentions[0].Path)
	assert.Equal(t, "/batch/claims/0/staff/1/npi", g.records[0].Mentions[2].Path)
	assert.Equal(t, "/batch/claims/0/ref/n~1pi", g.records[0].Mentions[3].Path)
	lost := 0
	for _, f := range g.faults {
		if f.Lost {
			lost++
		}
	}
	assert.Equal(t, 4, lost)
}

func TestRoster(t *testing.T) {
	g, err := readAll(t, `{"employee":{"id":"e1","is":"human","npi":"1851713903","first":"Josefina","last":"Danwing","degree":"OT","tin":"1"},"from":"01/31/2026","to":"12/31/2026","do":"add","tax":["225400000X","208D00000X"],"site":{"street":"2 Main St","city":"Rome","st":"GA","zip":30161,"tel":"706-555-0100"},"clinic":{"npi":"1770626038","name":"CLINIC"}}

{"employee":{"id":"e2","is":"firm","firm":"CLINIC"},"from":"12/31/2026","to":"01/31/2026"}
{"employee":{"id":"e3","is":"rendering"}}
{"employee":{"id":"e4"}}
{"something":"else"}
{"employee":{"id":
{"employee":{"id":"e5","is":"human"},"mail":{"street":"PO Box 1"}}`)
	require.NoError(t, err)
	assert.Equal(t, []string{
		`{"id":"e1","npi":"1851713903","group_npi":"1770626038","organization_name":"CLINIC","first_name":"Josefina","last_name":"Danwing","credential":"OT","tin":"1","taxonomies":[{"code":"225400000X"},{"code":"208D00000X"}],"addresses":[{"address_purpose":"LOCATION","address_1":"2 Main St","city":"Rome","state":"GA","postal_code":"30161","telephone_number":"706-555-0100"}],"effective_date":"2026-01-31","termination_date":"2026-12-31","action":"add"}`,
		"line 3, /to: before the effective date, which was passed over",
		`{"id":"e2","enumeration_type":"NPI-2","organization_name":"CLINIC","termination_date":"2026-01-31"}`,
		"line 4, /employee/is: the row's own provider is neither individual nor group, so it makes no record",
		"line 5, /employee/is: the row's own provider is neither individual nor group, so it makes no record",
		"line 6: no mapping in formats.json of the configuration fits this document",
		"line 7: not valid JSON: it ends too early, after 19 bytes",
		`{"id":"e5","addresses":[{"address_purpose":"MAILING","address_1":"PO Box 1"}]}`,
	}, g.lines)
	assert.Equal(t, record.Person, g.records[0].Mentions[0].Entity)
	assert.Equal(t, "225400000X", g.records[0].Roster.Taxonomies[0].Code)
}

func TestDetect(t *testing.T) {
	m := reader(t)
	for doc, want := range map[string]bool{
		claims: true, claims[:100]: false, `{"schema":"clinic/3"`: true, `{"schema":"clinic/4"}`: false, `{"schema":null}`: false, `{"schema":{}}`: false,
		`{"employee":{}}`: true, bom + ` {"employee":1}`: true, `{"employee":null}`: false, `{"employee"`: false, `[{"employee":1}]`: false, "": false, "ISA*": false, "5": false,
	} {
		assert.Equal(t, want, m.Detect([]byte(doc)), "%.40s", doc)
	}
	none, err := New(nil)
	require.NoError(t, err)
	assert.False(t, none.Detect([]byte(claims)))
}

func TestRefused(t *testing.T) {
	for doc, want := range map[string]string{
		"": "it is empty", "Secret": "not valid JSON near byte 0 of 6", `{"Secret":1}`: "no mapping in formats.json",
		`{"schema":"clinic/3","batch":{"claims":"Secret"}}`:              `there is no array at /batch/claims, where the mapping "clinic" has the records`,
		`{"schema":"clinic/3"}`:                                          "there is no array",
		`{"employee":{"id":"Secret"`:                                     "it ends too early, after 26 bytes",
		`{"employee":{"id":"e1","is":"human"}} Secret`:                   "not valid JSON near byte",
		`{"employee":{"id":"e1","is":"human"}} 5`:                        "something follows",
		`{"employee":{"id":"e1","id":"Secret","is":"human"}}`:            "a member stands twice in the same object",
		`{"employee":1,"Secret":1,"Secret":2}`:                           "a member stands twice",
		"{\"employee\":{\"id\":\"e1\",\"is\":\"human\",\"x\":\"\xff\"}}": "not valid JSON near byte",
	} {
		_, err := readAll(t, doc)
		var f record.Fault
		require.ErrorAs(t, err, &f, doc)
		assert.Contains(t, f.Error(), want, doc)
		assert.NotContains(t, f.Error(), "Secret")
	}
	broken := errors.New("broken")
	require.ErrorIs(t, reader(t).Read([]byte(claims), func(*record.Record) error { return broken }, func(record.Fault) {}), broken)
	row := `{"employee":{"id":"e1","is":"human"}}` + "\n"
	require.ErrorIs(t, reader(t).Read([]byte(row+row), func(*record.Record) error { return broken }, func(record.Fault) {}), broken)
}

// Cut off at every byte, a document gives an error or the records before.
func TestCutOffEverywhere(t *testing.T) {
	for _, doc := range []string{strings.Replace(claims, "{", `{"schema":"clinic/3",`, 1)[:len(claims)-3], `{"employee":{"id":"e1","is":"human"}}` + "\n" + `{"employee":{"id":"e2","is":"human"}}`} {
		for cut := range len(doc) {
			g, err := readAll(t, doc[:cut])
			if err != nil {
				var f record.Fault
				require.ErrorAs(t, err, &f)
				require.Empty(t, g.records)
				continue
			}
			require.NotEmpty(t, g.lines)
		}
	}
}

func TestBounds(t *testing.T) {
	many := strings.Repeat(`{"job":"doc"},`, maxMentions)
	g, err := readAll(t, `{"schema":"clinic/3","batch":{"claims":[{"no":1,"staff":[`+many+`{}]},{"no":2,"staff":[`+strings.TrimSuffix(many, ",")+`],"ref":{"last":"`+strings.Repeat("é", maxText)+`"}},{"no":3,"ref":{"last":"`+strings.Repeat("é", maxText)+`"}}]}}`)
	require.NoError(t, err)
	require.Len(t, g.records, 1)
	assert.Len(t, g.records[0].Mentions[0].LastName, maxText)
	assert.Equal(t, []string{
		"/batch/claims/0/staff: more than 5000 providers, so it makes no record",
		"/batch/claims/1: more than 5000 providers, so it makes no record",
		"/batch/claims/2/ref/last: a text of more than 512 bytes, of which no more was read",
	}, g.lines[:3])
	_, err = readAll(t, `{"employee":`+strings.Repeat("[", 20000))
	require.Error(t, err)
}

// An element may be wanted both by its index and as one of all.
func TestElementsWantedTwice(t *testing.T) {
	m, err := New([]Mapping{{
		Name: "a", Kind: "claim", When: "/p", ID: "/p/0/id",
		Providers: []Provider{{Each: "/p", Role: "rendering", NPI: "/npi"}, {Role: "billing", NPI: "/p/1/b/npi"}, {Each: "/p", Role: "referring", NPI: "/b/npi"}},
	}})
	require.NoError(t, err)
	g := &given{}
	require.NoError(t, m.Read([]byte(`{"p":[{"id":"1","npi":"a"},{"npi":"b","b":{"npi":"c"}}]}`), g.record, g.fault))
	assert.Equal(t, []string{`{"id":"1","providers":[{"role":"rendering","npi":"a"},{"role":"rendering","npi":"b"},{"role":"billing","npi":"c"},{"role":"referring"},{"role":"referring","npi":"c"}]}`}, g.lines)
}

func TestPointer(t *testing.T) {
	for _, text := range []string{"/", "/a", "/a~0b/c~1d", "/~01", "//"} {
		p, ok := parse(text)
		require.True(t, ok, text)
		assert.Equal(t, text, p.String())
	}
	for _, text := range []string{"", "a", "a/b", "/~", "/~2", "/a~"} {
		_, ok := parse(text)
		assert.False(t, ok, text)
	}
	p, _ := parse("/a~01/~1")
	assert.Equal(t, pointer{"a~1", "/"}, p)
}

// Every fault of every mapping is named at once.
func TestNewNamesEveryFault(t *testing.T) {
	_, err := New([]Mapping{
		{},
		{
			Name: "x", Kind: "roster", When: "schema", Records: "/~", Dates: "Jan 2", ID: "/id", Type: "/type", Types: map[string]string{"P": "fax"}, Taxonomies: []string{""},
			Addresses: []Address{{Purpose: "HOME", City: "city"}},
			Providers: []Provider{{Each: "/a", Role: "billing", Entity: "firm"}, {NPI: "/npi", Role: "/r", Roles: map[string]string{"a": "b"}}},
		},
		{Name: "x", Kind: "claim", When: "/w", ID: "/id", Action: "/a", Providers: []Provider{{Role: "billing", NPI: "/npi"}}},
	})
	want := []string{
		`"": name: is missing`, `"": kind: neither`, `"": when: is missing`, `"": id: is missing`, `"": providers: is missing`,
		`"x": dates: none of`, `"x": when: not a JSON pointer`, `"x": records: not a JSON pointer`, `"x": kind: a roster has no type`, `"x": type: its table gives`,
		`"x": taxonomies: one of them is empty`, `"x": addresses[0].purpose: neither a pointer nor one of LOCATION, MAILING`, `"x": addresses[0].city: not a JSON pointer`,
		`"x": providers[0].each: the first provider`, `"x": providers[0].role: neither a pointer nor one of individual, group`, `"x": providers[0].entity: neither`, `"x": providers[0].npi: is missing`,
		`"x": providers[1].role: its table gives`, `"x": kind: a claim has no credential`, `"x": name: another mapping has it`,
	}
	require.Error(t, err)
	lines := strings.Split(err.Error(), "\n")
	for _, w := range want {
		assert.True(t, slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, "mapping "+w) }), "%s\nin\n%s", w, err)
	}
	assert.Len(t, lines, len(want), err.Error())
}

// Whatever the document, there is no panic, and what is made of it the native
// form can hold.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{claims, `{"schema":"clinic/3","batch":{"claims":[{"no":"1","staff":[{"job":"doc"}]}]}}`, `{"employee":{"id":"e1","is":"human"}}` + "\n{", bom + "{}", "", "{\n", `{"employee":{"id":1e5,"is":"firm"},"tax":["a"],"site":{"zip":-0}}`} {
		f.Add([]byte(seed))
	}
	m := reader(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		var g given
		if err := m.Read(data, g.record, g.fault); err != nil {
			var fault record.Fault
			require.ErrorAs(t, err, &fault)
			g.faults = append(g.faults, fault)
		}
		for i := range g.records {
			r := &g.records[i]
			back, err := record.Decode(r.Kind, r.AppendJSON(nil))
			require.NoError(t, err)
			require.Equal(t, r.ID, back.ID)
		}
		for _, x := range g.faults {
			require.NotEmpty(t, x.Reason)
			require.NotContains(t, x.Error(), "\n")
		}
	})
}

func BenchmarkRead(b *testing.B) {
	m := reader(b)
	one := `{"no":17,"patient":{"name":"Someone","address":"Somewhere 123","dob":"1950-01-01"},"diagnoses":["E119","I10"],"form":"1500","dates":{"from":"20260302","to":"20260304"},"pos":"11","biller":{"npi":1770626038,"name":"CLINIC","tin":"541234567"},"staff":[{"job":"doc","npi":"1851713903","is":"P","name":["Josefina","Danwing"]}]}`
	data := []byte(fmt.Sprintf(`{"schema":"clinic/3","batch":{"claims":[%s]}}`, strings.TrimSuffix(strings.Repeat(one+",", 1000), ",")))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		require.NoError(b, m.Read(data, func(*record.Record) error { return nil }, func(record.Fault) {}))
	}
}

package bulk

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

const mainName = "npidata_pfile_20050523-20260913.csv"

// rowsOf reads a CSV as the library does, each row by its columns' names.
func rowsOf(t testing.TB, text string) (header []string, rows []map[string]string) {
	t.Helper()
	all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(t, err)
	for _, fields := range all[1:] {
		row := map[string]string{}
		for i, f := range fields {
			row[all[0][i]] = f
		}
		rows = append(rows, row)
	}
	return all[0], rows
}

// quotedCSV writes a CSV as CMS does, all in quotes.
func quotedCSV(header []string, rows ...map[string]string) string {
	var b strings.Builder
	line := func(field func(string) string) {
		for i, name := range header {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`"` + strings.ReplaceAll(field(name), `"`, `""`) + `"`)
		}
		b.WriteByte('\n')
	}
	line(func(name string) string { return name })
	for _, row := range rows {
		line(func(name string) string { return row[name] })
	}
	return b.String()
}

// entryOf is what a row says, read in another way than the reader does it.
func entryOf(t testing.TB, r map[string]string) *record.Entry {
	t.Helper()
	text := func(name string) string { return strings.ReplaceAll(r[name], "<UNAVAIL>", "") }
	part := func(name string) string {
		if v := text(name); v != "--" && v != "NONE" {
			return v
		}
		return ""
	}
	date := func(name string) record.Date {
		if r[name] == "" {
			return 0
		}
		layout := "01/02/2006"
		if strings.Contains(r[name], "-") {
			layout = time.DateOnly
		}
		d, err := time.Parse(layout, r[name])
		require.NoError(t, err)
		return record.DateOf(d)
	}
	phone := func(name string) string {
		if v := r[name]; len(v) == 10 {
			return v[:3] + "-" + v[3:6] + "-" + v[6:]
		}
		return r[name]
	}
	answer := map[string]string{"Y": "YES", "N": "NO"}
	n, ok := record.ParseNPI(r["NPI"])
	require.True(t, ok)
	e := &record.Entry{NPI: n, EIN: text("Employer Identification Number (EIN)"), ParentEIN: text("Parent Organization TIN")}
	f := &e.Evidence.Facts
	f.Type = map[string]string{"1": "NPI-1", "2": "NPI-2"}[r["Entity Type Code"]]
	f.EnumerationDate, f.LastUpdated, e.Certified = date("Provider Enumeration Date"), date("Last Update Date"), date("Certification Date")
	f.DeactivationDate, f.ReactivationDate = date("NPI Deactivation Date"), date("NPI Reactivation Date")
	f.DeactivationReason = text("NPI Deactivation Reason Code")
	f.Status = record.Active
	if f.DeactivationDate > 0 && (f.ReactivationDate == 0 || f.ReactivationDate < f.DeactivationDate) {
		f.Status = record.Deactivated
	}
	f.SoleProprietor, e.Subpart = answer[r["Is Sole Proprietor"]], answer[r["Is Organization Subpart"]]
	if r["Is Sole Proprietor"] == "X" {
		f.SoleProprietor = "X"
	}
	f.ParentOrganization, e.Sex = text("Parent Organization LBN"), r["Provider Gender Code"]+r["Provider Sex Code"]
	f.Name = record.Name{
		Organization: text("Provider Organization Name (Legal Business Name)"), Last: text("Provider Last Name (Legal Name)"), First: text("Provider First Name"),
		Middle: part("Provider Middle Name"), Prefix: part("Provider Name Prefix Text"), Suffix: part("Provider Name Suffix Text"), Credential: part("Provider Credential Text"),
	}
	if o := (record.Name{
		Organization: text("Provider Other Organization Name"), Last: text("Provider Other Last Name"), First: text("Provider Other First Name"),
		Middle: part("Provider Other Middle Name"), Prefix: part("Provider Other Name Prefix Text"), Suffix: part("Provider Other Name Suffix Text"),
		Credential: part("Provider Other Credential Text"),
	}); o != (record.Name{}) {
		o.Code = r["Provider Other Organization Name Type Code"] + r["Provider Other Last Name Type Code"]
		f.OtherNames = []record.Name{o}
	}
	if o := (record.Official{
		Last: text("Authorized Official Last Name"), First: text("Authorized Official First Name"), Middle: part("Authorized Official Middle Name"),
		Prefix: part("Authorized Official Name Prefix Text"), Suffix: part("Authorized Official Name Suffix Text"), Credential: part("Authorized Official Credential Text"),
		Title: text("Authorized Official Title or Position"), Phone: text("Authorized Official Telephone Number"),
	}); o != (record.Official{}) {
		e.Official = &o
	}
	for _, a := range [][2]string{{"MAILING", "Business Mailing"}, {"LOCATION", "Business Practice Location"}} {
		rest := "Provider " + a[1] + " Address "
		if address := (record.Address{
			Address1: text("Provider First Line " + a[1] + " Address"), Address2: part("Provider Second Line " + a[1] + " Address"),
			City: text(rest + "City Name"), State: text(rest + "State Name"), PostalCode: text(rest + "Postal Code"),
			CountryCode: text(rest + "Country Code (If outside U.S.)"), Phone: phone(rest + "Telephone Number"), Fax: phone(rest + "Fax Number"),
		}); address != (record.Address{}) {
			address.Purpose = a[0]
			e.Addresses = append(e.Addresses, address)
		}
	}
	groups := map[string]string{
		"1193200000X MULTI-SPECIALTY GROUP": "193200000X - Multi-Specialty Group", "2193200000X MULTI-SPECIALTY GROUP": "193200000X - Multi-Specialty Group",
		"1193400000X SINGLE SPECIALTY  GROUP": "193400000X - Single Specialty Group", "2193400000X SINGLE SPECIALTY  GROUP": "193400000X - Multiple Single Specialty Group",
	}
	for i := 1; i <= 15; i++ {
		at := func(name string) string { return fmt.Sprintf("%s_%d", name, i) }
		if code := r[at("Healthcare Provider Taxonomy Code")]; code != "" {
			e.Taxonomies = append(e.Taxonomies, record.Taxonomy{
				Code: code, License: part(at("Provider License Number")), State: r[at("Provider License Number State Code")],
				Primary: r[at("Healthcare Provider Primary Taxonomy Switch")] == "Y",
				Group:   groups[r["Entity Type Code"]+r[at("Healthcare Provider Taxonomy Group")]],
			})
		}
	}
	for i := 1; i <= 50; i++ {
		at := func(name string) string { return fmt.Sprintf("Other Provider Identifier%s_%d", name, i) }
		if id := text(at("")); id != "" {
			e.Identifiers = append(e.Identifiers, record.Identifier{Identifier: id, Code: r[at(" Type Code")], State: r[at(" State")], Issuer: r[at(" Issuer")]})
		}
	}
	return e
}

// The real rows, field by field, against a reading of the library's.
func TestProviderRows(t *testing.T) {
	for _, name := range []string{"npidata_2016.csv", "npidata_2018.csv"} {
		text := sample(t, name)
		header, rows := rowsOf(t, text)
		shuffled := append([]string{}, header...)
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		v2 := strings.Split(strings.NewReplacer("Provider Gender Code", "Provider Sex Code").Replace(strings.Join(header, "|")), "|")
		for i := range rows {
			rows[i]["Provider Sex Code"] = rows[i]["Provider Gender Code"]
		}
		minimal := &strings.Builder{}
		w := csv.NewWriter(minimal)
		all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		require.NoError(t, err)
		require.NoError(t, w.WriteAll(all))
		for form, text := range map[string]string{
			"as it is":         text,
			"CR LF":            strings.ReplaceAll(text, "\n", "\r\n"),
			"with a BOM":       "\ufeff" + text,
			"no last line end": strings.TrimSuffix(text, "\n"),
			"few quotes":       minimal.String(),
			"other order":      quotedCSV(shuffled, rows...),
			"V2":               quotedCSV(append(v2, "Certification Date"), rows...),
			"blank lines":      strings.ReplaceAll(text, "\n", "\n\n\r\n"),
		} {
			t.Run(name+" "+form, func(t *testing.T) {
				k, r := read(t, plain(t, mainName, text))
				require.Len(t, k.providers, len(rows))
				assert.Equal(t, len(rows), r.Accepted)
				for i, row := range rows {
					want := row
					if form != "V2" {
						want = without(row, "Provider Sex Code")
					} else {
						want = without(row, "Provider Gender Code")
					}
					require.Equal(t, copied(t, entryOf(t, want)), k.providers[i], row["NPI"])
				}
			})
		}
	}
}

func without(row map[string]string, name string) map[string]string {
	rest := map[string]string{}
	for k, v := range row {
		if k != name {
			rest[k] = v
		}
	}
	return rest
}

// providerRow is a sound row of the layout of 2026, changed by what is given.
func providerRow(changes ...string) map[string]string {
	row := map[string]string{
		"NPI": "1234567893", "Entity Type Code": "1", "Provider Last Name (Legal Name)": "DOE", "Provider First Name": "JANE",
		"Provider Enumeration Date": "05/23/2005", "Last Update Date": "09/01/2026", "Certification Date": "08/31/2026", "Provider Sex Code": "F",
		"Provider First Line Business Practice Location Address": "1 MAIN ST",
	}
	for i := 0; i < len(changes); i += 2 {
		row[changes[i]] = changes[i+1]
	}
	return row
}

// v2 is a file of the layout of 2026.
func v2(t testing.TB, rows ...map[string]string) string {
	header, _ := rowsOf(t, sample(t, "npidata_V2_header.csv"))
	require.Len(t, header, 330)
	return quotedCSV(header, rows...)
}

func readOne(t *testing.T, changes ...string) *record.Entry {
	t.Helper()
	k, r := read(t, plain(t, mainName, v2(t, providerRow(changes...))))
	require.Empty(t, r.Rejected)
	require.Len(t, k.providers, 1)
	return k.providers[0]
}

func TestProviderStanding(t *testing.T) {
	for _, c := range []struct {
		name, off, on, kind string
		want                record.Status
		rejected            Reason
	}{
		{"never off", "", "", "1", record.Active, ""},
		{"stub", "03/01/2020", "", "", record.Deactivated, ""},
		{"off, with its type", "03/01/2020", "", "2", record.Deactivated, ""},
		{"on again", "03/01/2020", "04/01/2020", "1", record.Active, ""},
		{"on again the same day", "03/01/2020", "03/01/2020", "1", record.Active, ""},
		{"off again", "03/01/2020", "02/01/2019", "1", record.Deactivated, ""},
		{"ISO", "2020-03-01", "", "", record.Deactivated, ""},
		{"on, never off", "", "02/01/2019", "1", record.Active, ""},
		{"off on no day", "02/30/2020", "", "", 0, BadDate},
		{"on again on no day", "02/20/2020", "yesterday", "1", 0, BadDate},
		{"no type and not off", "", "", "", 0, BadEntityType},
		{"no type and on again", "03/01/2020", "04/01/2020", "", 0, BadEntityType},
		{"a type there is not", "", "", "3", 0, BadEntityType},
	} {
		t.Run(c.name, func(t *testing.T) {
			row := map[string]string{"NPI": "1234567893", "NPI Deactivation Date": c.off, "NPI Reactivation Date": c.on, "Entity Type Code": c.kind}
			k, r := read(t, plain(t, mainName, v2(t, row)))
			if c.rejected != "" {
				assert.Equal(t, map[Reason]int{c.rejected: 1}, r.Rejected)
				assert.Empty(t, k.providers)
				return
			}
			require.Len(t, k.providers, 1, "%v", r.Examples)
			assert.Equal(t, copied(t, entryOf(t, row)), k.providers[0])
			assert.Equal(t, c.want, k.providers[0].Evidence.Status)
		})
	}
}

func TestProviderTexts(t *testing.T) {
	const middle, city = "Provider Middle Name", "Provider Business Practice Location Address City Name"
	for _, c := range []struct{ name, column, in, want string }{
		{"placeholder", middle, "--", ""},
		{"placeholder", middle, "NONE", ""},
		{"a name, not the placeholder", middle, "None", "None"},
		{"a city may be called so", city, "NONE", "NONE"},
		{"not published", city, "<UNAVAIL>", ""},
		{"blanks around", city, "  NEW YORK ", "NEW YORK"},
		{"only blanks", middle, "   ", ""},
		{"a quote", city, `THE "CITY"`, `THE "CITY"`},
		{"only a quote", city, `"`, `"`},
		{"a comma", city, "A, B", "A, B"},
		{"a line break", city, "NEW\r\nYORK", "NEW YORK"},
		{"line breaks around", city, "\nNEW YORK\n", "NEW YORK"},
		{"control characters", city, "NEW\x00 \x1bYORK\x7f", "NEW YORK"},
		{"UTF-8", city, "CAÑON CITY", "CAÑON CITY"},
		{"Latin-1", city, "CA\xd1ON CITY", "CAÑON CITY"},
		{"Windows-1252", city, "O\x92FALLON \x81", "O’FALLON"},
		{"a control character of Unicode", city, "NEW\u0085YORK", "NEWYORK"},
		{"eight and a quote", city, `ABCDEFG"`, `ABCDEFG"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := readOne(t, c.column, c.in)
			got := e.Location().City
			if c.column == middle {
				got = e.Evidence.Name.Middle
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func TestProviderValues(t *testing.T) {
	const location = "Provider Business Practice Location Address "
	e := readOne(t,
		location+"Telephone Number", "7035551234", location+"Fax Number", "+44 20 7946", location+"Postal Code", "22030-1234",
		"Replacement NPI", "1730187394", "Employer Identification Number (EIN)", "<UNAVAIL>", "Provider Enumeration Date", "13/45/2005",
		"Is Sole Proprietor", "X", "Is Organization Subpart", "X", "Provider License Number_1", "NONE", "Healthcare Provider Taxonomy Code_1", "207X00000X",
		"Healthcare Provider Taxonomy Code_15", "208D00000X", "Healthcare Provider Primary Taxonomy Switch_15", "Y", "Healthcare Provider Taxonomy Group_15", "193400000X SINGLE SPECIALTY GROUP",
		"Other Provider Identifier_50", "ABC", "Other Provider Identifier Issuer_50", "MEDICAID", "Other Provider Identifier Issuer_49", "of nothing")
	assert.Equal(t, []record.Address{{Purpose: "LOCATION", Address1: "1 MAIN ST", CountryCode: "US", PostalCode: "220301234", Phone: "703-555-1234", Fax: "+44 20 7946"}}, e.Addresses)
	assert.Equal(t, record.NPI(1730187394), e.Replacement)
	assert.Empty(t, e.EIN)
	assert.Zero(t, e.Evidence.EnumerationDate, "no day of the calendar, and it decides nothing")
	assert.Equal(t, record.Date(2026_08_31), e.Certified)
	assert.Equal(t, "X", e.Evidence.SoleProprietor)
	assert.Empty(t, e.Subpart)
	assert.Equal(t, []record.Taxonomy{{Code: "207X00000X"}, {Code: "208D00000X", Primary: true, Group: "193400000X - Single Specialty Group"}}, e.Taxonomies)
	assert.Equal(t, []record.Identifier{{Identifier: "ABC", Issuer: "MEDICAID"}}, e.Identifiers)
	assert.Nil(t, e.Official)
}

// What one row has, the next one does not keep.
func TestProviderForgets(t *testing.T) {
	rich, _ := rowsOf(t, sample(t, "npidata_2018.csv"))
	row := map[string]string{}
	for _, name := range rich {
		row[name] = "1"
	}
	row["NPI"], row["Entity Type Code"], row["NPI Deactivation Date"], row["NPI Reactivation Date"] = "1730187394", "2", "", ""
	k, _ := read(t, plain(t, mainName, v2(t, row, providerRow())))
	require.Len(t, k.providers, 2)
	assert.Len(t, k.providers[0].Taxonomies, 15)
	assert.Len(t, k.providers[0].Identifiers, 50)
	assert.Equal(t, copied(t, entryOf(t, providerRow("Provider Business Practice Location Address Country Code (If outside U.S.)", "US"))), k.providers[1])
}

func TestRejectedRows(t *testing.T) {
	good := providerRow()
	lines := strings.SplitAfter(v2(t, good, good), "\n")
	header, row := lines[0], lines[1]
	fixed := func(old, new string) string { return strings.Replace(row, old, new, 1) }
	bad := []struct {
		row  string
		want Rejection
	}{
		{strings.Replace(row, `"",`, "", 1), Rejection{Reason: BadColumns, Detail: "329 of 330 columns"}},
		{`"",` + row, Rejection{Reason: BadColumns, Detail: "331 of 330 columns"}},
		{fixed("1234567893", "1234567890"), Rejection{Reason: BadCheckDigit, Detail: "of 1234567890"}},
		{fixed("1234567893", "123456789"), Rejection{Reason: BadNPI, Detail: "not ten digits"}},
		{fixed("1234567893", ""), Rejection{Reason: BadNPI, Detail: "there is none"}},
		{fixed("1234567893", "3234567891"), Rejection{Reason: BadNPI, Detail: "3234567891 begins with neither 1 nor 2"}},
		{fixed("DOE", `D"OE`), Rejection{Reason: BadQuote, Detail: "text where a comma should be, or a quote within text"}},
		{fixed(`"DOE"`, `D"OE`), Rejection{Reason: BadQuote, Detail: "text where a comma should be, or a quote within text"}},
		{fixed("DOE", strings.Repeat("DOE ", maxRow/4)), Rejection{Reason: BadQuote, Detail: "one that does not close within 65536 bytes"}},
		{fixed(`"DOE"`, strings.Repeat("DOE ", maxRow)), Rejection{Reason: TooLong, Detail: "more than 65536 bytes"}},
		{fixed(`"1"`, `"I"`), Rejection{Reason: BadEntityType, Detail: "neither 1 nor 2"}},
	}
	var text strings.Builder
	text.WriteString(header)
	line := 2
	var want []Rejection
	for _, b := range bad {
		text.WriteString(row + b.row)
		b.want.Member, b.want.Line = mainName, line+1
		want = append(want, b.want)
		line += 2
	}
	text.WriteString(fixed("DOE", "D\nO\nE") + strings.Replace(row, `"",`, "", 1) + row)
	want = append(want, Rejection{mainName, line + 3, BadColumns, "329 of 330 columns"})
	k, r := read(t, plain(t, mainName, text.String()))
	assert.Equal(t, want, r.Examples)
	assert.Equal(t, len(bad)+2, len(k.providers), "the row after a rejected one is read")
	assert.Equal(t, len(bad)+2, r.Accepted)
	assert.Equal(t, 2*len(bad)+3, r.Rows)
	sum := 0
	for _, n := range r.Rejected {
		sum += n
	}
	assert.Equal(t, len(want), sum)
}

// The details of many rejected rows are not kept.
func TestExamplesAreBounded(t *testing.T) {
	lines := strings.SplitAfter(v2(t, providerRow("NPI", "1234567890")), "\n")
	_, r := read(t, plain(t, mainName, lines[0]+strings.Repeat(lines[1], 100)))
	assert.Len(t, r.Examples, maxExamples)
	assert.Equal(t, map[Reason]int{BadCheckDigit: 100}, r.Rejected)
}

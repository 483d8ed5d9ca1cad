package bulk

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/npiflow/npiflow/internal/record"
)

func TestReferenceTables(t *testing.T) {
	k, r := read(t, zipped(t, "full.zip", full(t)...))
	assert.Equal(t, 19, r.ReferenceRows)
	_, names := rowsOf(t, sample(t, "othername.csv"))
	require.Len(t, k.otherNames, len(names))
	for i, row := range names {
		assert.Equal(t, row["NPI"], k.otherNames[i].npi.String())
		assert.Equal(t, record.Name{Organization: row["Provider Other Organization Name"], Code: row["Provider Other Organization Name Type Code"]}, k.otherNames[i].what)
	}
	_, places := rowsOf(t, sample(t, "pl.csv"))
	require.Len(t, k.locations, len(places))
	for i, row := range places {
		const from = "Provider Secondary Practice Location Address"
		assert.Equal(t, row["NPI"], k.locations[i].npi.String())
		assert.Equal(t, record.Address{
			Purpose: "LOCATION", Address1: row[from+"- Address Line 1"], Address2: row[from+"-  Address Line 2"],
			City: row[from+" - City Name"], State: row[from+" - State Name"], PostalCode: row[from+" - Postal Code"],
			CountryCode: row[from+" - Country Code (If outside U.S.)"],
			Phone:       hyphened(row[from+" - Telephone Number"]), Fax: hyphened(row["Provider Practice Location Address - Fax Number"]),
		}, k.locations[i].what)
	}
	require.Len(t, k.endpoints, 1)
	assert.Equal(t, of[record.Endpoint]{1023011053, record.Endpoint{
		Type: "DIRECT", TypeDescription: "Direct Messaging Address", Endpoint: "a@direct.example", Affiliation: "Y", Description: "the desk", AffiliationName: "EXAMPLE LLC",
		Use: "HIE", UseDescription: "Health Information Exchange (HIE)", OtherUse: "other use", ContentType: "OTHER", ContentTypeDescription: "Other", OtherContentType: "text/csv",
		Address: record.Address{Address1: "1 MAIN ST", City: "TROY", State: "OH", CountryCode: "US", PostalCode: "453732334"},
	}}, k.endpoints[0])
}

func hyphened(s string) string {
	if s == "" {
		return ""
	}
	return s[:3] + "-" + s[3:6] + "-" + s[6:]
}

// A shipment of 2026: other names have a fourth column, and bad rows of a
// reference table are rejected as those of the main one.
func TestReferenceRowsRejected(t *testing.T) {
	const days = "_pfile_20260907-20260913.csv"
	k, r := read(t, zipped(t, "weekly.zip",
		member{"V2/npidata" + days, v2(t, providerRow())},
		member{"V2/othername" + days, sample(t, "othername_2026_header.csv") +
			`"1023011053","A","3","05/01/2026"` + "\n" + `"1023011050","B","3","05/01/2026"` + "\n" + `"1023011053","C","3"` + "\n" + `"1023011053","D","5",""` + "\n"},
		member{"V2/pl" + days, sample(t, "pl.csv")}))
	assert.Equal(t, []of[record.Name]{{1023011053, record.Name{Organization: "A", Code: "3"}}, {1023011053, record.Name{Organization: "D", Code: "5"}}}, k.otherNames)
	assert.Equal(t, 1, r.Rows)
	assert.Equal(t, 1, r.Accepted)
	assert.Equal(t, 13, r.ReferenceRows)
	assert.Equal(t, []Rejection{
		{"othername" + days, 3, BadCheckDigit, "of 1023011050"},
		{"othername" + days, 4, BadColumns, "3 of 4 columns"},
	}, r.Examples)
}

func TestExclusions(t *testing.T) {
	head := sample(t, "leie.csv")
	row := func(npi, off, back, waived string) string {
		return `"DOE","JANE","","","IND- LIC HC SERV PRO","NURSE","","` + npi + `","19600101","1 MAIN ST","TROY","OH","45373","1128a1","` + off + `","` + back + `","` + waived + `","OH"` + "\r\n"
	}
	f := one(t, plain(t, "UPDATED.csv", head))
	assert.Equal(t, Exclusions, f.Kind)
	assert.Zero(t, f.To)
	k, r := read(t, plain(t, "UPDATED.csv", head+row("1234567893", "20200101", "00000000", "20210101")+row("1234567890", "20200101", "00000000", "00000000")+
		row("1234567893", "20200101", "20220101", "00000000")+row("", "20200101", "00000000", "00000000")+row("1730187394", "00000000", "00000000", "00000000")))
	assert.Equal(t, []of[record.Exclusion]{
		{1972902351, record.Exclusion{Type: "1128b8", Date: 2022_03_20}},
		{1234567893, record.Exclusion{Type: "1128a1", Date: 2020_01_01, WaiverDate: 2021_01_01, WaiverState: "OH"}},
	}, k.excluded)
	assert.Equal(t, 10, r.Rows)
	assert.Equal(t, 2, r.Accepted)
	assert.Equal(t, 6, r.Skipped, "four without an NPI in the sample, one here, and one that has ended")
	assert.Equal(t, map[Reason]int{BadCheckDigit: 1, BadDate: 1}, r.Rejected)
	assert.Equal(t, record.Date(2022_03_20), r.LatestUpdate)
	for _, example := range r.Examples {
		assert.NotContains(t, example.Detail, "DOE")
	}
}

func TestTaxonomies(t *testing.T) {
	k, r := read(t, plain(t, "nucc_taxonomy_261.csv", "Code,Grouping,Classification,Specialization,Definition,Notes,Display Name,Section\r\n"+
		"193200000X,Group,Multi-Specialty,,\"A group, of \"\"many\"\".\r\nOf all.\",,Multi-Specialty Group,Non-Individual\r\n"+
		"207RH0003X,Allopathic & Osteopathic Physicians,Internal Medicine,Hematology & Oncology,caf\xe9,,,Individual\r\n"+
		"208D00000X,Physicians,Caf\xe9 Practice,,,,,Individual\r\n,,,,,,,\r\n"))
	assert.Equal(t, [][2]string{
		{"193200000X", "Multi-Specialty"}, {"207RH0003X", "Internal Medicine, Hematology & Oncology"}, {"208D00000X", "Café Practice"},
	}, k.taxonomies)
	assert.Equal(t, map[Reason]int{BadCode: 1}, r.Rejected)
	assert.Equal(t, []Rejection{{"nucc_taxonomy_261.csv", 6, BadCode, ""}}, r.Examples)
}

// workbook makes the Deactivated NPI Report as CMS does, or with what is
// given.
func workbook(t testing.TB, rows ...[]any) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, row := range rows {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		require.NoError(t, err)
		require.NoError(t, f.SetSheetRow("Sheet1", cell, &row))
	}
	var b bytes.Buffer
	require.NoError(t, f.Write(&b))
	return b.String()
}

var (
	reportTitle  = []any{"NPPES Deactivated NPI Report as of Aug 10 2026"}
	reportHeader = []any{"NPI", "NPPES Deactivation Date"}
)

func TestDeactivations(t *testing.T) {
	list := workbook(t, reportTitle, reportHeader,
		[]any{"1710983663", "08/09/2026"},
		[]any{1407954555, time.Date(2026, 8, 8, 0, 0, 0, 0, time.UTC)},
		[]any{"1234567890", "08/07/2026"},
		[]any{},
		[]any{"1669463816", ""},
		[]any{" 1346326881 ", "2026-08-06"})
	const xlsx = "NPPES Deactivated NPI Report 20260810.xlsx"
	var lines strings.Builder
	lines.WriteString("NPPES Deactivated NPI Report,\nNPI,NPPES Deactivation Date\n1710983663,08/09/2026\n1407954555,08/08/2026\n1234567890,08/07/2026\n\n1669463816,\n1346326881,08/06/2026\n")
	for name, path := range map[string]string{
		"zip as CMS ships it": zipped(t, "NPPES_Deactivated_NPI_Report_081126_V2.zip", member{xlsx, list}),
		"zip with a day":      zipped(t, "NPPES_Deactivated_NPI_Report_081026.zip", member{"report.xlsx", list}),
		"unpacked":            plain(t, xlsx, list),
		"csv":                 plain(t, "deactivated_20260810.csv", lines.String()),
	} {
		t.Run(name, func(t *testing.T) {
			f := one(t, path)
			assert.Equal(t, Deactivations, f.Kind)
			assert.Zero(t, f.From)
			assert.Equal(t, record.Date(2026_08_10), f.To)
			k, r := read(t, path)
			assert.Equal(t, []of[record.Date]{{1710983663, 2026_08_09}, {1407954555, 2026_08_08}, {1346326881, 2026_08_06}}, k.deactivated)
			assert.Equal(t, 5, r.Rows)
			assert.Equal(t, 3, r.Accepted)
			assert.Equal(t, record.Date(2026_08_09), r.LatestUpdate)
			require.Len(t, r.Examples, 2)
			assert.Equal(t, 5, r.Examples[0].Line)
			assert.Equal(t, BadCheckDigit, r.Examples[0].Reason)
			assert.Equal(t, 7, r.Examples[1].Line)
			assert.Equal(t, BadDate, r.Examples[1].Reason)
		})
	}
}

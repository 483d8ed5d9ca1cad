package corpus

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/record"
)

// before gives the monthly rows by NPI.
func before(t *testing.T, o Options) map[string][]string {
	t.Helper()
	_, b := monthly(t, o)
	_, members := unzip(t, b)
	rows := map[string][]string{}
	for _, row := range parse(t, members["npidata_pfile_20050523-20261108.csv"])[1:] {
		rows[row[0]] = row
	}
	return rows
}

func TestWeekly(t *testing.T) {
	o := Options{Rows: 4000, Seed: 5}
	was := before(t, o)
	var b bytes.Buffer
	census, err := Weekly(&b, o, 2026_11_09, 800)
	require.NoError(t, err)
	assert.Equal(t, "NPPES_Data_Dissemination_110926_111526_Weekly_V2.zip", WeeklyName(o, 2026_11_09))
	names, members := unzip(t, b.Bytes())
	assert.Len(t, names, 10)
	rows := parse(t, members["npidata_pfile_20261109-20261115.csv"])[1:]
	require.Len(t, rows, 800)

	counted := Census{
		OtherNames: len(parse(t, members["othername_pfile_20261109-20261115.csv"])) - 1,
		Locations:  len(parse(t, members["pl_pfile_20261109-20261115.csv"])) - 1,
		Endpoints:  len(parse(t, members["endpoint_pfile_20261109-20261115.csv"])) - 1,
	}
	renamed, inactive := 0, 0 // the inactive were reactivated before
	for _, row := range rows {
		counted.add(t, row)
		old, known := was[row[0]]
		on := row[37]
		switch {
		case row[1] == "":
			on = row[39]
			require.NotEmpty(t, old[1], "it was active")
		case !known:
			counted.New++
			require.Equal(t, row[36], row[37])
		case old[1] == "":
			require.Equal(t, old[39], row[39], "the day it was deactivated stays")
			on = row[40]
			inactive++
		default:
			counted.Updated++
			require.Equal(t, old[36], row[36])
			require.NotEqual(t, old[28:36], row[28:36], "the practice moved")
			require.Equal(t, old[47:307], row[47:307])
			if old[5] != row[5] {
				renamed++
				require.Equal(t, old[5], row[13])
			}
		}
		require.True(t, dayAt(t, on) >= dayOf(2026_11_09) && dayAt(t, on) <= dayOf(2026_11_15), on)
	}
	assert.Equal(t, counted, census)
	assert.Positive(t, renamed)
	assert.InDelta(t, 16, inactive, 15)
	assert.InDelta(t, 144, census.New, 40)
	assert.InDelta(t, 80, census.Stubs, 30)
}

func TestWeeksBringDifferentNPIs(t *testing.T) {
	o, fresh := Options{Rows: 1000, Seed: 5}, map[int]bool{}
	for _, monday := range []record.Date{2026_11_09, 2026_11_16, 2026_11_23} {
		for _, c := range (week{o, dayOf(monday), 100}).plan() {
			if c.kind == added {
				require.False(t, fresh[c.index])
				fresh[c.index] = true
			}
		}
	}
}

func TestDeactivations(t *testing.T) {
	o := Options{Rows: 4000, Seed: 5}
	var b bytes.Buffer
	census, err := Deactivations(&b, o, 2026_11_09)
	require.NoError(t, err)
	assert.Equal(t, "NPPES_Deactivated_NPI_Report_110926_V2.zip", DeactivationsName(o, 2026_11_09))
	names, members := unzip(t, b.Bytes())
	require.Equal(t, []string{"NPPES Deactivated NPI Report 20261109.xlsx"}, names)
	f, err := excelize.OpenReader(bytes.NewReader(members[names[0]]))
	require.NoError(t, err)
	rows, err := f.GetRows(f.GetSheetName(0))
	require.NoError(t, err)
	require.NoError(t, f.Close())
	assert.Len(t, rows[0], 1)
	assert.Equal(t, []string{"NPI", "NPPES Deactivation Date"}, rows[1])
	require.Len(t, rows[2:], census.Rows)

	listed, days := map[string]string{}, []day{}
	for _, row := range rows[2:] {
		n, ok := record.ParseNPI(row[0])
		require.True(t, ok && checksum.Valid(n))
		listed[row[0]] = row[1]
		days = append(days, -dayAt(t, row[1]))
	}
	assert.True(t, slices.IsSorted(days), "newest first")
	others := len(listed)
	for npi, row := range before(t, o) {
		if row[1] == "" {
			require.Equal(t, row[39], listed[npi])
			others--
			continue
		}
		require.NotContains(t, listed, npi)
	}
	assert.Equal(t, census.New, others)
	assert.Equal(t, census.Rows, census.Stubs+census.New)
}

func TestLEIE(t *testing.T) {
	o := Options{Rows: 4000, Seed: 5}
	was := before(t, o)
	var b bytes.Buffer
	census, err := LEIE(&b, o, 2000)
	require.NoError(t, err)
	lines := strings.SplitAfter(b.String(), "\r\n")
	assert.Equal(t, "LASTNAME,FIRSTNAME,MIDNAME,BUSNAME,GENERAL,SPECIALTY,UPIN,NPI,DOB,ADDRESS,CITY,STATE,ZIP,EXCLTYPE,EXCLDATE,REINDATE,WAIVERDATE,WVRSTATE\r\n", lines[0])
	assert.Len(t, lines, 2002)
	rows, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	known := 0
	for _, row := range rows[1:] {
		require.Len(t, row, 18)
		_, ok := record.ParseDate(row[14][:4] + "-" + row[14][4:6] + "-" + row[14][6:])
		require.True(t, ok)
		if row[7] == "0000000000" {
			continue
		}
		known++
		if p := was[row[7]]; assert.NotNil(t, p) && p[1] != "" {
			require.Equal(t, p[4]+p[5]+p[6], row[3]+row[0]+row[1], "the name is the provider's")
		}
	}
	assert.Equal(t, Census{Rows: 2000, Known: known}, census)
	assert.InDelta(t, 300, known, 60)
}

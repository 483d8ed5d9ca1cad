package corpus

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/record"
)

var small = Options{Rows: 12_000, Seed: 7}

func TestNPI(t *testing.T) {
	seen := make(map[record.NPI]bool, 200_000)
	deciles := [10]int{}
	for i := range 200_000 {
		n := NPI(small, i)
		require.True(t, checksum.Valid(n), "%d", n)
		require.False(t, seen[n], "%d a second time, at %d", n, i)
		require.True(t, n >= 1_000_000_000 && n < 2_000_000_000)
		seen[n] = true
		deciles[(n-1_000_000_000)/100_000_000]++
	}
	for _, n := range deciles {
		assert.InDelta(t, 20_000, n, 800)
	}
	assert.True(t, checksum.Valid(NPI(small, 99_999_999)))
	assert.NotEqual(t, NPI(small, 0), NPI(Options{Rows: 1, Seed: 8}, 0))
	assert.Equal(t, NPI(small, 3), NPI(Options{Rows: 5, Seed: 7, V1: true}, 3), "it is of the seed alone")
}

// unzip gives the members by name, in order.
func unzip(t *testing.T, b []byte) (names []string, members map[string][]byte) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	require.NoError(t, err)
	members = map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		require.NoError(t, err)
		members[f.Name], err = io.ReadAll(r)
		require.NoError(t, err)
		names = append(names, f.Name)
	}
	return names, members
}

func parse(t *testing.T, b []byte) [][]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll() // it refuses rows of unequal length
	require.NoError(t, err)
	return rows
}

func monthly(t *testing.T, o Options) (Census, []byte) {
	t.Helper()
	var b bytes.Buffer
	census, err := Monthly(&b, o, nil)
	require.NoError(t, err)
	return census, b.Bytes()
}

// whole is the monthly file of small, made once.
func whole(t *testing.T) (Census, []byte) {
	t.Helper()
	made.Do(func() {
		made.census, made.zip = monthly(t, small)
	})
	return made.census, made.zip
}

var made struct {
	sync.Once
	census Census
	zip    []byte
}

func TestProgress(t *testing.T) {
	var told []int
	_, err := Monthly(io.Discard, Options{Rows: 9000}, func(rows int) { told = append(told, rows) })
	require.NoError(t, err)
	assert.Equal(t, []int{4096, 8192, 9000}, told)
}

func TestMembers(t *testing.T) {
	for _, c := range []struct {
		o                     Options
		name, main, othername string
	}{
		{Options{Rows: 50}, "NPPES_Data_Dissemination_November_2026_V2.zip", "npidata", "othername"},
		{Options{Rows: 50, V1: true}, "NPPES_Data_Dissemination_November_2026.zip", "npidata_v1", "othername_v1"},
	} {
		assert.Equal(t, c.name, MonthlyName(c.o))
		_, b := monthly(t, c.o)
		names, members := unzip(t, b)
		assert.ElementsMatch(t, []string{
			"npidata_pfile_20050523-20261108.csv", "npidata_pfile_20050523-20261108_fileheader.csv",
			"othername_pfile_20050523-20261108.csv", "othername_pfile_20050523-20261108_fileheader.csv",
			"pl_pfile_20050523-20261108.csv", "pl_pfile_20050523-20261108_fileheader.csv",
			"endpoint_pfile_20050523-20261108.csv", "endpoint_pfile_20050523-20261108_fileheader.csv",
			"NPPES_Data_Dissemination_Readme_v.2.pdf", "NPPES_Data_Dissemination_CodeValues.pdf",
		}, names)
		for kind, header := range map[string]string{"npidata": c.main, "othername": c.othername, "pl": "pl", "endpoint": "endpoint"} {
			want, err := os.ReadFile("headers/" + header + ".csv")
			require.NoError(t, err)
			name := kind + "_pfile_20050523-20261108"
			assert.Equal(t, string(want), string(members[name+"_fileheader.csv"]))
			assert.True(t, bytes.HasPrefix(members[name+".csv"], want), "%s begins with its header", name)
			assert.NotContains(t, string(members[name+".csv"]), "\r")
		}
	}
}

func TestMonthly(t *testing.T) {
	census, b := whole(t)
	_, members := unzip(t, b)
	rows := parse(t, members["npidata_pfile_20050523-20261108.csv"])[1:]
	require.Len(t, rows, small.Rows)
	counted := Census{
		OtherNames: len(parse(t, members["othername_pfile_20050523-20261108.csv"])) - 1,
		Locations:  len(parse(t, members["pl_pfile_20050523-20261108.csv"])) - 1,
		Endpoints:  len(parse(t, members["endpoint_pfile_20050523-20261108.csv"])) - 1,
	}
	enumerated := epoch
	for i, row := range rows {
		require.Len(t, row, 330)
		require.Equal(t, NPI(small, i).String(), row[0])
		counted.add(t, row)
		if row[1] == "" {
			require.Equal(t, record.Deactivated, Status(small, i))
			require.Equal(t, row[0]+row[39], strings.Join(row, ""), "a stub says no more")
			require.NotEmpty(t, row[39])
			continue
		}
		require.Equal(t, record.Active, Status(small, i))
		on := dayAt(t, row[36])
		require.LessOrEqual(t, enumerated, on, "rows come in the order of enumeration")
		require.LessOrEqual(t, on, dayAt(t, row[37]))
		require.LessOrEqual(t, dayAt(t, row[37]), small.asOf())
		require.Equal(t, row[39] == "", row[40] == "")
		enumerated = on
	}
	assert.Equal(t, counted, census)
	assert.Equal(t, record.Absent, Status(small, small.Rows))
	assert.Equal(t, record.Date(2026_11_08), census.LastUpdate)
}

// add counts a row as a reader does, knowing only its columns.
func (c *Census) add(t *testing.T, row []string) {
	c.Rows++
	switch row[1] {
	case "":
		c.Stubs++
		return
	case "1":
		c.Individuals++
	case "2":
		c.Organizations++
	}
	if row[40] != "" {
		c.Reactivated++
	}
	if row[19] != "" {
		c.FormerNames++
	}
	for k := 47; k < 107 && row[k] != ""; k += 4 {
		c.Taxonomies++
	}
	for k := 107; k < 307 && row[k] != ""; k += 4 {
		c.Identifiers++
	}
	c.LastUpdate = max(c.LastUpdate, dayAt(t, row[37]).date())
}

func dayAt(t *testing.T, s string) day {
	t.Helper()
	d, err := time.Parse("01/02/2006", s)
	require.NoError(t, err)
	return dayOf(record.DateOf(d))
}

func TestShares(t *testing.T) {
	c, b := whole(t)
	rows := float64(c.Rows)
	for _, s := range []struct {
		of          string
		want, delta float64
		n           int
	}{
		{"stubs", 0.036, 0.005, c.Stubs},
		{"organizations", 0.22 * 0.964, 0.01, c.Organizations},
		{"reactivated", 0.005, 0.002, c.Reactivated},
		{"taxonomies", 1.4, 0.1, c.Taxonomies},
		{"other identifiers", 0.5, 0.07, c.Identifiers},
		{"people's other names", 0.06 * 0.75, 0.005, c.FormerNames},
		{"organizations' other names", 0.12 * 0.21 * 1.4, 0.01, c.OtherNames},
		{"secondary locations", 0.125, 0.015, c.Locations},
		{"endpoints", 0.06, 0.008, c.Endpoints},
	} {
		assert.InDelta(t, s.want, float64(s.n)/rows, s.delta, s.of)
	}
	_, members := unzip(t, b)
	main := members["npidata_pfile_20050523-20261108.csv"]
	assert.InDelta(t, 1175, float64(len(main))/rows, 30, "bytes per row; CMS's file of August 2026 has 1,193")
	assert.InDelta(t, 110, float64(len(b))/rows, 12, "bytes per row, packed; CMS's has 110")
}

func TestValuesAsCMSWritesThem(t *testing.T) {
	_, b := whole(t)
	_, members := unzip(t, b)
	var accents, latin int
	main := string(members["npidata_pfile_20050523-20261108.csv"])
	for row := range strings.Lines(main) {
		require.True(t, strings.HasPrefix(row, `"`) && strings.HasSuffix(row, "\"\n"))
		switch {
		case !utf8.ValidString(row):
			latin++
		case utf8.RuneCountInString(row) != len(row):
			accents++
		}
	}
	assert.Positive(t, latin)
	assert.Greater(t, accents, latin)
	for _, s := range []string{
		"O'CONNOR", "'GOOD LIFE'", " & ", " #", "M.D., FACP", `"--"`, "JR.", `"AE"`, `"CA"`, `"193400000X SINGLE SPECIALTY  GROUP"`,
		`"<UNAVAIL>"`, "PO BOX ", `"X"`, `"PA-C"`,
	} {
		assert.Contains(t, main, s)
	}
	assert.NotContains(t, strings.ReplaceAll(main, `,""`, ""), `""`, "an embedded quote is an apostrophe")
}

func TestSameOptionsSameBytes(t *testing.T) {
	o := Options{Rows: 500, Seed: 3}
	first, second, other := bytes.Buffer{}, bytes.Buffer{}, bytes.Buffer{}
	for name, write := range map[string]func(io.Writer, Options) (Census, error){
		"monthly":       func(w io.Writer, o Options) (Census, error) { return Monthly(w, o, nil) },
		"weekly":        func(w io.Writer, o Options) (Census, error) { return Weekly(w, o, 2026_11_09, 60) },
		"deactivations": func(w io.Writer, o Options) (Census, error) { return Deactivations(w, o, 2026_11_09) },
		"leie":          func(w io.Writer, o Options) (Census, error) { return LEIE(w, o, 60) },
	} {
		t.Run(name, func(t *testing.T) {
			for b, o := range map[*bytes.Buffer]Options{&first: o, &second: o, &other: {Rows: 500, Seed: 4}} {
				b.Reset()
				_, err := write(b, o)
				require.NoError(t, err)
			}
			assert.True(t, bytes.Equal(first.Bytes(), second.Bytes()))
			assert.False(t, bytes.Equal(first.Bytes(), other.Bytes()))
		})
	}
}

func TestAppendRow(t *testing.T) {
	o := Options{Rows: 500, Seed: 3}
	_, b := monthly(t, o)
	_, members := unzip(t, b)
	rows := bytes.SplitAfter(members["npidata_pfile_20050523-20261108.csv"], []byte("\n"))
	for _, i := range []int{0, 17, 499} {
		assert.Equal(t, string(rows[i+1]), string(AppendRow(nil, o, i)))
	}
}

func TestRefusals(t *testing.T) {
	week := func(o Options, monday record.Date, changes int) error {
		_, err := Weekly(io.Discard, o, monday, changes)
		return err
	}
	for name, c := range map[string]struct {
		err  error
		says string
	}{
		"no rows":          {Options{}.check(), "0 rows"},
		"too many rows":    {Options{Rows: MaxRows + 1}.check(), "90000001 rows"},
		"before all NPIs":  {Options{Rows: 1, AsOf: 2005_05_29}.check(), "May 2005"},
		"no Monday":        {week(small, 2026_11_10, 1), "Monday"},
		"a week too early": {week(small, 2026_11_02, 1), "after the monthly"},
		"no changes":       {week(small, 2026_11_09, 0), "0 changes"},
		"too many changes": {week(small, 2026_11_09, 5001), "a quarter"},
	} {
		assert.ErrorContains(t, c.err, c.says, name)
	}
}

// full is a disk that is full after so many bytes.
type full struct{ left int }

func (f *full) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(b), nil
}

func TestFullDisk(t *testing.T) {
	for _, left := range []int{0, 1000, 100_000} {
		_, err := Monthly(&full{left}, Options{Rows: 2000}, nil)
		assert.ErrorIs(t, err, io.ErrShortWrite)
	}
	_, err := Deactivations(&full{0}, Options{Rows: 2000}, 2026_11_09)
	require.ErrorIs(t, err, io.ErrShortWrite)
	_, err = LEIE(&full{0}, Options{Rows: 2000}, 10)
	assert.ErrorIs(t, err, io.ErrShortWrite)
}

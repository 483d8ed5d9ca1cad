package roster

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

// outcome is what Read gave.
type outcome struct {
	table  *Table
	rows   []*Row
	faults []record.Fault
	err    error
}

func readAll(r io.Reader, m *Map) (o outcome) {
	o.err = Read(r, m,
		func(t *Table) error { o.table = t; return nil },
		func(r *Row) error { o.rows = append(o.rows, r); return nil },
		func(f record.Fault) { o.faults = append(o.faults, f) })
	return o
}

func readText(s string) outcome { return readAll(strings.NewReader(s), nil) }

// npis are the NPIs of the rows' own providers.
func (o outcome) npis() (list []string) {
	for _, r := range o.rows {
		list = append(list, r.Record.Mentions[0].NPI)
	}
	return list
}

// reasons are the kinds of the faults, by their texts.
func (o outcome) kinds() (list []kind) {
	for _, f := range o.faults {
		for k := range reasons {
			if reasons[k].text == f.Reason {
				list = append(list, kind(k))
			}
		}
	}
	return list
}

// A kind of fault that is everywhere is said some times and then counted.
func TestManyFaults(t *testing.T) {
	o := readText("NPI,Last Name,Eff Date\n" + strings.Repeat("1851713903,ROE,soon\n", 1000))
	require.Len(t, o.faults, often+1)
	assert.Equal(t, record.Fault{Where: "980 more places", Reason: reasons[badDate].text}, o.faults[often])
	assert.Len(t, o.rows, 1000)
}

func TestErrorsArePassedOn(t *testing.T) {
	mine := errors.New("mine")
	ok := func(*Row) error { return nil }
	assert.ErrorIs(t, Read(iotest.ErrReader(mine), nil, nil, ok, nil), mine)
	assert.ErrorIs(t, Read(strings.NewReader(two), nil, func(*Table) error { return mine }, ok, nil), mine)
	assert.ErrorIs(t, Read(strings.NewReader(two), nil, nil, func(*Row) error { return mine }, nil), mine)
	rows := 0
	in := io.MultiReader(&repeated{text: two, left: 1000 * len(two)}, iotest.ErrReader(mine))
	assert.ErrorIs(t, Read(in, nil, nil, func(*Row) error { rows++; return nil }, nil), mine)
	assert.Equal(t, 2000, rows, "all that came before it")
	assert.ErrorIs(t, Read(io.MultiReader(strings.NewReader("PK\x03\x04"), iotest.ErrReader(mine)), nil, nil, ok, nil), mine)
}

// What each gets is its own: nothing of it changes when the next row comes.
func TestRowsAreTheCallersOwn(t *testing.T) {
	data, err := os.ReadFile("testdata/tricare.csv")
	require.NoError(t, err)
	var kept []*Row
	var then []string
	err = Read(strings.NewReader(string(data)), nil, nil, func(r *Row) error {
		kept, then = append(kept, r), append(then, string(r.Record.AppendJSON(nil))+strings.Join(r.Cells, "|"))
		return nil
	}, nil)
	require.NoError(t, err)
	for i, r := range kept {
		assert.Equal(t, then[i], string(r.Record.AppendJSON(nil))+strings.Join(r.Cells, "|"))
	}
}

// A record's native form is a record again, and the same one.
func TestNativeForm(t *testing.T) {
	files, err := os.ReadDir("testdata")
	require.NoError(t, err)
	for _, file := range files {
		data, err := os.ReadFile("testdata/" + file.Name())
		require.NoError(t, err)
		if !Detect(data) {
			continue
		}
		for _, row := range readText(string(data)).rows {
			if f := row.Record.Roster; f.EffectiveDate == 0 {
				f.EffectiveDate = f.TerminationDate // Decode takes a date that stands alone for both
			}
			native := row.Record.AppendJSON(nil)
			again, err := record.Decode(record.KindRoster, native)
			require.NoError(t, err, "%s", native)
			assert.Equal(t, string(native), string(again.AppendJSON(nil)))
		}
	}
}

// Whatever a file has of patients, none of it is in a record, a fault or an
// error.
func TestNothingOfPatients(t *testing.T) {
	for _, in := range []string{
		"Patient Name,Patient SSN,DOB,Patient Address,Patient City,Zip,Phone,NPI\nSECRET,SECRET,SECRET,SECRET,SECRET,SECRET,SECRET,1851713903\n",
		"MBI,Last Name,First Name,Address,City,Name,Row ID,Effective Date,Provider NPI\nSECRET,SECRET,SECRET,SECRET,SECRET,SECRET,SECRET,SECRET,1851713903\n",
		"Subscriber,SSN,Date of Birth,NPI\nSECRET,SECRET,SECRET,1851713903\nSECRET,SECRET,SECRET,x\nSECRET,SECRET,SECRET\nSECRET,\"SECRET,SECRET,,,,SECRET\n",
		"Member,SECRET,SECRET,SECRET\nSECRET,SECRET,SECRET,SECRET\n",
		"SECRET,SECRET\nSECRET,1851713903\n",
		"id,ssn,birthdate,npi\nSECRET,SECRET,SECRET,1851713903\n",
	} {
		o := readText(in)
		for _, r := range o.rows {
			assert.NotContains(t, string(r.Record.AppendJSON(nil)), "SECRET", in)
		}
		for _, f := range o.faults {
			assert.NotContains(t, f.Error(), "SECRET", in)
		}
		if o.err != nil {
			assert.NotContains(t, o.err.Error(), "SECRET", in)
		}
	}
}

// A file that ends anywhere is read up to there: no panic, no hang, and the
// rows that are whole are there.
func TestCutOff(t *testing.T) {
	data, err := os.ReadFile("testdata/damage.csv")
	require.NoError(t, err)
	whole := readText(string(data))
	require.NoError(t, whole.err)
	starts := 0
	for n := range data {
		if data[n] == '\n' {
			starts++
		}
		o := readText(string(data[:n]))
		if o.err == nil && n > 200 {
			require.GreaterOrEqual(t, len(o.rows), starts-2, "%d bytes", n)
			for i := range min(len(o.rows), starts-2) {
				require.Equal(t, whole.rows[i], o.rows[i])
			}
		}
	}
	for n, in := 0, utf16Of(string(data[:300]), true, true); n < len(in); n++ {
		_ = readText(in[:n])
	}
}

// An id counts once; what cannot be one, or was one already, gives way to the
// line's.
func TestIDs(t *testing.T) {
	o := readText("Row ID,NPI\n" + strings.Repeat("7,1851713903\n", 3) + strings.Repeat("i", 257) + ",1851713903\n8.0,1851713903\n'9,1851713903\nrow-9,1851713903\nrow-2,1851713903\n")
	var ids []string
	for _, r := range o.rows {
		ids = append(ids, r.Record.ID)
	}
	assert.Equal(t, []string{"7", "row-3", "row-4", "row-5", "8", "9", "row-8", "row-9"}, ids)
}

func TestTwoOfOneKind(t *testing.T) {
	o := readText("Last Name,First Name,Group NPI,Billing NPI,Practice\nROE,SAM,1770626038,1234567893,EXAMPLE\n,,1770626038,1234567893,EXAMPLE\nROE,SAM,,,\n")
	require.NoError(t, o.err)
	require.Len(t, o.rows, 3)
	var got []string
	for _, r := range o.rows {
		for _, m := range r.Record.Mentions {
			got = append(got, string(m.Role)+" "+m.NPI+" "+m.OrganizationName+" "+m.LastName+" "+m.Path)
		}
	}
	assert.Equal(t, []string{
		"individual   ROE line 2", "group 1770626038 EXAMPLE  line 2, column 3", "group 1234567893   line 2, column 4",
		"group 1770626038 EXAMPLE  line 3, column 3", "group 1234567893   line 3, column 4",
		"individual   ROE line 4",
	}, got)
	assert.Equal(t, record.NPI2, o.rows[1].Record.Roster.EnumerationType, "a row with only a group's NPI is the group's own")
}

func TestWhoseNPI(t *testing.T) {
	for _, c := range []struct {
		header, row string
		role        record.Role
	}{
		{"NPI,Last Name,Practice", "1851713903,ROE,EXAMPLE", record.Individual},
		{"NPI,Last Name,Practice", "1770626038,,EXAMPLE", record.Group},
		{"NPI,Practice", "1770626038,EXAMPLE", record.Group},
		{"NPI,Provider Name", "1770626038,EXAMPLE CLINIC LLC", record.Group},
		{"NPI,Provider Name", "1851713903,SAM ROE", record.Individual},
		{"NPI,Group NPI,Practice", "1851713903,1770626038,EXAMPLE", record.Individual},
		{"NPI,Group NPI,Practice", "1770626038,1770626038,EXAMPLE", record.Group},
		{"Individual NPI,Practice", "1851713903,EXAMPLE", record.Individual},
		{"NPI,Entity Type,Last Name", "1851713903,2,ROE", record.Group},
		{"NPI,Entity Type,Practice", "1851713903,1,EXAMPLE", record.Individual},
		{"NPI", "1851713903", record.Individual},
	} {
		o := readText(c.header + "\n" + c.row + "\n")
		require.NoError(t, o.err)
		require.Len(t, o.rows, 1, c.row)
		assert.Equal(t, c.role, o.rows[0].Record.Mentions[0].Role, "%s: %s", c.header, c.row)
		assert.Equal(t, c.role == record.Group, o.rows[0].Record.Roster.EnumerationType == record.NPI2)
	}
}

func FuzzRead(f *testing.F) {
	files, err := os.ReadDir("testdata")
	require.NoError(f, err)
	for _, file := range files {
		if data, err := os.ReadFile("testdata/" + file.Name()); err == nil && len(data) < 4096 {
			f.Add(data)
		}
	}
	for _, s := range []string{two, utf16Of(two, true, false), "NPI\n\"", "NPI,\"a\"\"\n\x00", "npi\r1\r\r2", "PK\x03\x04xl/", workbookText(f)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		last, ids := 0, map[string]bool{}
		err := Read(strings.NewReader(string(data)), nil, nil, func(r *Row) error {
			require.Greater(t, r.Line, last)
			last = r.Line
			require.False(t, ids[r.Record.ID])
			ids[r.Record.ID] = true
			require.NotEmpty(t, r.Record.Mentions)
			again, err := record.Decode(record.KindRoster, r.Record.AppendJSON(nil))
			require.NoError(t, err, "what is made of a row is a record")
			require.Equal(t, r.Record.ID, again.ID)
			return nil
		}, func(fault record.Fault) { require.NotEmpty(t, fault.Where) })
		var refusal record.Fault
		if err != nil {
			require.ErrorAs(t, err, &refusal)
		}
		_ = Detect(data)
	})
}

package roster

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

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

const two = "NPI,Last Name,City\n1851713903,Núñez,Reston\n1234567893,ROE,\"Falls\nChurch\"\n"

func utf16Of(s string, mark, little bool) string {
	units := utf16.Encode([]rune(s))
	if mark {
		units = append([]uint16{0xfeff}, units...)
	}
	var b []byte
	for _, u := range units {
		if little {
			b = append(b, byte(u), byte(u>>8))
		} else {
			b = append(b, byte(u>>8), byte(u))
		}
	}
	return string(b)
}

func TestEncodings(t *testing.T) {
	want := readText(two)
	require.NoError(t, want.err)
	require.Len(t, want.rows, 2)
	require.Equal(t, "Núñez", want.rows[0].Record.Mentions[0].LastName)
	require.Equal(t, "Falls Church", want.rows[1].Record.Roster.Addresses[0].City)
	for name, in := range map[string]string{
		"UTF-8 with a mark":        "\ufeff" + two,
		"UTF-16, little end":       utf16Of(two, true, true),
		"UTF-16, big end":          utf16Of(two, true, false),
		"UTF-16 without a mark":    utf16Of(two, false, true),
		"UTF-16, big, none either": utf16Of(two, false, false),
		"carriage returns":         strings.ReplaceAll(two, "\n", "\r\n"),
		"Macintosh":                strings.ReplaceAll(two, "\n", "\r"),
		"quoted":                   "\"NPI\" , \"Last Name\",\"City\"\n\"1851713903\",\"Núñez\", \"Reston\" \n\"1234567893\",\"ROE\",\"Falls\nChurch\"",
		"tabs":                     strings.ReplaceAll(two, ",", "\t"),
		"pipes":                    strings.ReplaceAll(two, ",", "|"),
		"semicolons":               "sep=;\n" + strings.ReplaceAll(two, ",", ";"),
	} {
		assert.True(t, Detect([]byte(in)), name)
		for _, r := range []io.Reader{strings.NewReader(in), iotest.OneByteReader(strings.NewReader(in))} {
			got := readAll(r, nil)
			require.NoError(t, got.err, name)
			assert.Empty(t, got.faults, name)
			require.Len(t, got.rows, 2, name)
			for i := range want.rows {
				w, g := *want.rows[i].Record, *got.rows[i].Record
				g.ID, w.ID, g.Mentions[0].Path = "", "", w.Mentions[0].Path
				assert.Equal(t, w, g, name)
			}
		}
	}
}

func TestLatin1(t *testing.T) {
	o := readText("NPI,Last Name,City\n1851713903,N\xfa\xf1ez,Reston\n1234567893,M\xfcller,Reston\n1234567893,Núñez,K\xf6ln\n")
	require.NoError(t, o.err)
	assert.Equal(t, "Núñez", o.rows[0].Record.Mentions[0].LastName)
	assert.Equal(t, "Müller", o.rows[1].Record.Mentions[0].LastName)
	assert.Equal(t, "Núñez", o.rows[2].Record.Mentions[0].LastName, "a cell of UTF-8 stays what it is")
	assert.Equal(t, "Köln", o.rows[2].Cells[2])
	assert.Equal(t, []kind{otherEncoding}, o.kinds(), "said once")
}

func TestNUL(t *testing.T) {
	o := readText("NPI,Last Name\n1851\x00713903,R\x00OE\n1234567893,DOE\n")
	require.NoError(t, o.err)
	assert.Equal(t, []string{"1851713903", "1234567893"}, o.npis())
	assert.Equal(t, "ROE", o.rows[0].Record.Mentions[0].LastName)
	assert.Equal(t, []kind{nulBytes, nulBytes}, o.kinds())
	assert.Equal(t, "line 2, column 1", o.faults[0].Where)
}

// A quotation mark that nobody closes costs its own row its columns, and no
// other row anything.
func TestLoneQuotes(t *testing.T) {
	for name, bad := range map[string]string{
		"never closed":       `1234567893,"ROE,Reston`,
		"closed too early":   `1234567893,"R"OE,Reston`,
		"in the last column": `1234567893,ROE,"Reston`,
	} {
		good := strings.Repeat("1851713903,DANWING,Reston\n", 300)
		o := readText("NPI,Last Name,City\n" + good + bad + "\n" + good)
		require.NoError(t, o.err, name)
		assert.Len(t, o.rows, 601, name)
		assert.Equal(t, "1234567893", o.rows[300].Record.Mentions[0].NPI, name)
		assert.Equal(t, 302, o.rows[300].Line, name)
		assert.Equal(t, 602, o.rows[600].Line, name)
		assert.Equal(t, loneQuote, o.kinds()[0], name)
	}
	o := readText("NPI|Address\n1851713903|5\" pipe\n1234567893|\"a \"\"b\"\" c\"\n") // marks that are right
	assert.Empty(t, o.faults)
	assert.Equal(t, `5" pipe`, o.rows[0].Record.Roster.Addresses[0].Address1)
	assert.Equal(t, `a "b" c`, o.rows[1].Record.Roster.Addresses[0].Address1)
}

// repeated gives a text over and over: a file larger than memory should be.
type repeated struct {
	text string
	left int
	at   int
}

// much is size bytes of a text, or a little less.
func much(text string, size int) io.Reader {
	text = strings.Repeat(text, 1<<16/len(text))
	return &repeated{text: text, left: size / len(text) * len(text)}
}

func (r *repeated) Read(p []byte) (n int, err error) {
	for n < len(p) && r.left > 0 {
		m := copy(p[n:], r.text[r.at:])
		n, r.at, r.left = n+m, (r.at+m)%len(r.text), r.left-m
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func TestLongLines(t *testing.T) {
	for name, filler := range map[string]string{"of text": "x", "in a quotation mark": `""`, "of cells": ","} {
		in := io.MultiReader(strings.NewReader("NPI,Last Name\n1851713903,ROE\n\""), much(filler, 16<<20),
			strings.NewReader("\n1234567893,DOE\n"))
		o := readAll(in, nil)
		require.NoError(t, o.err, name)
		assert.Equal(t, []string{"1851713903", "1234567893"}, o.npis(), name)
		assert.Equal(t, []kind{longLine}, o.kinds(), name)
		assert.True(t, o.faults[0].Lost)
		assert.Equal(t, 4, o.rows[1].Line)
	}
	o := readAll(io.MultiReader(strings.NewReader("NPI,Last Name\n1851713903,ROE\n"), much("x", 3<<20)), nil)
	require.NoError(t, o.err)
	assert.Equal(t, []kind{longLine}, o.kinds(), "also at the end")
	s := newScanner(much("x", 64<<20), ',', '\n', &report{})
	_, err := s.row()
	assert.Equal(t, io.EOF, err)
	assert.LessOrEqual(t, len(s.buf), 4*maxRow, "bounded by a row, not by the file")
}

func TestLongTexts(t *testing.T) {
	long := strings.Repeat("é", 300)
	o := readText("NPI,Last Name,Taxonomy\n" + long + "," + long + ",207Q00000X\n")
	require.NoError(t, o.err)
	m := o.rows[0].Record.Mentions[0]
	assert.Len(t, m.NPI, maxText, "no NPI either way")
	assert.Empty(t, m.LastName)
	assert.Equal(t, []kind{longText}, o.kinds())
}

// A kind of fault that is everywhere is said some times and then counted.
func TestManyFaults(t *testing.T) {
	o := readText("NPI,Last Name,Eff Date\n" + strings.Repeat("1851713903,ROE,soon\n", 1000))
	require.Len(t, o.faults, often+1)
	assert.Equal(t, record.Fault{Where: "980 more places", Reason: reasons[badDate].text}, o.faults[often])
	assert.Len(t, o.rows, 1000)
}

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

// Lost ids are bounded by their number, not by the file's.
func TestIDs(t *testing.T) {
	o := readText("Row ID,NPI\n" + strings.Repeat("7,1851713903\n", 3) + strings.Repeat("i", 257) + ",1851713903\n8.0,1851713903\n'9,1851713903\n")
	var ids []string
	for _, r := range o.rows {
		ids = append(ids, r.Record.ID)
	}
	assert.Equal(t, []string{"7", "row-3", "row-4", "row-5", "8", "9"}, ids)
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

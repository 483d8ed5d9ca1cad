package roster

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/npiflow/npiflow/internal/record"
)

// made is a workbook of the sheets, with cells as Excel keeps them.
func made(t testing.TB, sheets map[string][][]any, order ...string) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer func() { require.NoError(t, f.Close()) }()
	for _, name := range order {
		_, err := f.NewSheet(name)
		require.NoError(t, err)
		for i, row := range sheets[name] {
			require.NoError(t, f.SetSheetRow(name, fmt.Sprintf("A%d", i+1), &row))
		}
	}
	require.NoError(t, f.DeleteSheet("Sheet1"))
	var b bytes.Buffer
	require.NoError(t, f.Write(&b))
	return b.Bytes()
}

var sheets = map[string][][]any{
	"Instructions": {{"Fill in every column that has an asterisk"}, {"Leave blank what you do not know"}},
	"Providers": {
		{"Example Health Plan"},
		{},
		{"*NPI", "Group NPI", "Last Name", "First Name", "Practice Zip", "Eff Date", "Practice Name"},
		{"<required>", "<optional>", "<required>", "<required>"},
		{1851713903, "1770626038", "ROE", "SAM", 22042, 45322, "EXAMPLE GROUP", "a note beside the table"},
		{},
		{"1.85171E+09", nil, "DANWING", "JOSEFINA", "22042-1234", "1/31/2024"},
		{1851713903.0, nil, "DOE"},
		{nil, 1770626038},
	},
	"Terms": {{"NPI"}, {1234567893}},
}

func workbookText(t testing.TB) string {
	return string(made(t, sheets, "Instructions", "Providers", "Terms"))
}

func TestWorkbook(t *testing.T) {
	data := workbookText(t)
	assert.True(t, Detect([]byte(data[:min(len(data), 4096)])))
	o := readText(data)
	require.NoError(t, o.err)
	assert.Equal(t, "Providers", o.table.Sheet)
	assert.Equal(t, 3, o.table.Line)
	require.Equal(t, []string{"1851713903", "1.85171E+09", "1851713903", "1770626038"}, o.npis())
	assert.Equal(t, []kind{lostDigits}, o.kinds())
	first := o.rows[0]
	assert.Equal(t, 5, first.Line)
	assert.Equal(t, "row-5", first.Record.ID)
	assert.Equal(t, "line 5, column 1", first.Record.Mentions[0].Path)
	assert.Equal(t, "EXAMPLE GROUP", first.Record.Mentions[1].OrganizationName)
	assert.Equal(t, record.Date(20240131), first.Record.Roster.EffectiveDate)
	assert.Equal(t, "22042", first.Record.Roster.Addresses[0].PostalCode)
	assert.Equal(t, "a note beside the table", first.Cells[7])
	assert.Equal(t, record.Group, o.rows[3].Record.Mentions[0].Role)
	for _, r := range o.rows {
		assert.GreaterOrEqual(t, len(r.Cells), len(o.table.Header))
	}

	o = readAll(strings.NewReader(data), &Map{Sheet: "terms"})
	require.NoError(t, o.err)
	assert.Equal(t, []string{"1234567893"}, o.npis())
	o = readAll(strings.NewReader(data), &Map{NoHeader: true, Sheet: "Terms", Numbers: map[int]Field{1: NPI}})
	require.NoError(t, o.err)
	assert.Len(t, o.rows, 2, "the header is a row like any other, if the map says so")
	o = readAll(strings.NewReader(data), &Map{Sheet: "nowhere"})
	assert.ErrorContains(t, o.err, "no sheet of the name")
	o = readAll(strings.NewReader(data), &Map{Sheet: "Instructions"})
	assert.ErrorContains(t, o.err, "no header was found")
}

func TestWorkbookFrom1904(t *testing.T) {
	f := excelize.NewFile()
	on := true
	require.NoError(t, f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &on}))
	require.NoError(t, f.SetSheetRow("Sheet1", "A1", &[]any{"NPI", "Eff Date"}))
	require.NoError(t, f.SetSheetRow("Sheet1", "A2", &[]any{1851713903, 43860}))
	var b bytes.Buffer
	require.NoError(t, f.Write(&b))
	o := readAll(&b, nil)
	require.NoError(t, o.err)
	assert.Equal(t, record.Date(20240131), o.rows[0].Record.Roster.EffectiveDate)
}

// A workbook that ends anywhere is refused: its table of contents is at its
// end.
func TestWorkbookCutOff(t *testing.T) {
	data := made(t, map[string][][]any{"A": {{"NPI"}, {1851713903}}}, "A")
	for n := 4; n < len(data); n++ {
		o := readText(string(data[:n]))
		var f record.Fault
		require.ErrorAs(t, o.err, &f, "%d bytes", n)
	}
	require.NoError(t, readText(string(data)).err)
}

// A byte that is wrong anywhere may be noticed or not; it never is a panic.
func TestWorkbookDamaged(t *testing.T) {
	data := made(t, map[string][][]any{"A": {{"NPI"}, {1851713903}}}, "A")
	for n := 4; n < len(data); n += 41 {
		bad := bytes.Clone(data)
		bad[n] ^= 0xff
		var f record.Fault
		if o := readAll(bytes.NewReader(bad), nil); o.err != nil {
			require.ErrorAs(t, o.err, &f, "byte %d", n)
		}
	}
}

// zipped is a workbook with one part as given and the others sound.
func zipped(t *testing.T, name string, part io.Reader) []byte {
	t.Helper()
	sound := made(t, map[string][][]any{"A": {{"NPI"}, {1851713903}}}, "A")
	z, err := zip.NewReader(bytes.NewReader(sound), int64(len(sound)))
	require.NoError(t, err)
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range z.File {
		if f.Name != name {
			require.NoError(t, w.Copy(f))
		}
	}
	out, err := w.Create(name)
	require.NoError(t, err)
	_, err = io.Copy(out, part)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func TestZIPBombs(t *testing.T) {
	for _, name := range []string{"xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/media/image1.png"} {
		data := zipped(t, name, much("<row>", 17<<20))
		require.Less(t, len(data), 1<<20)
		o := readAll(bytes.NewReader(data), nil)
		assert.ErrorContains(t, o.err, "unpacks to more than any roster has", name)
	}
	data := zipped(t, "xl/worksheets/sheet1.xml", strings.NewReader("<row>"))
	at := bytes.LastIndex(data, []byte("PK\x01\x02")) // its size, in the table of contents
	copy(data[at+24:], "\xff\xff\xff\xf0")
	assert.ErrorContains(t, readAll(bytes.NewReader(data), nil).err, "unpacks to more than any roster has")

	o := readAll(io.MultiReader(strings.NewReader("PK\x03\x04xl/"), much("x", maxWorkbook)), nil)
	assert.ErrorContains(t, o.err, "a workbook of more than 64 MB is not read")
}

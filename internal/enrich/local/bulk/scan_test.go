package bulk

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEmptyWords(t *testing.T) {
	b := bytes.Repeat([]byte(`"",`), 8)
	i, column := skipEmpty(b, 0, 0)
	assert.Equal(t, 24, i)
	assert.EqualValues(t, 8, column)
	for n := range 9 { // so many empty fields before one that is not
		b := append(bytes.Repeat([]byte(`"",`), n), `"x","","","","","","","","",`...)
		i, column := skipEmpty(b, 0, 3)
		assert.Equal(t, 3*n, i)
		assert.EqualValues(t, 3+n, column)
	}
}

// The next quote and the odd bytes before it, wherever they stand.
func TestClosing(t *testing.T) {
	for length := range 40 {
		for _, c := range []byte{'a', ' ', 0, 0x1f, 0x7f, 0x80, 0xff, '\n', '!', '#', 0xa2} {
			for at := range length {
				b := bytes.Repeat([]byte("x"), length)
				b[at] = c
				text := append(append([]byte{}, b...), "\"\x01\xff after it \n"...)
				q, odd := closing(text, 0)
				require.Equal(t, length, q)
				require.Equal(t, !printable(c), odd, "%d at %d of %d", c, at, length)
				q, odd = closing(b, 0)
				require.Equal(t, -1, q)
				require.Equal(t, !printable(c), odd)
			}
		}
	}
}

// rowsIn reads all of a text by the scanner, in blocks as they come.
func rowsIn(t testing.TB, r io.Reader) (rows [][]string, lines []int, wrong int, err error) {
	t.Helper()
	stream := newStream(context.Background(), r)
	defer stream.close()
	s := &scanner{stream: stream, line: 1}
	for {
		b, fault, err := s.next()
		switch {
		case err == io.EOF:
			return rows, lines, wrong, nil
		case err != nil:
			return rows, lines, wrong, err
		case fault.reason != "":
			wrong++
			continue
		}
		fields := make([]string, s.row.columns)
		for _, f := range s.row.fields {
			fields[f.column] = string(b[f.start:f.end])
			if f.doubled {
				fields[f.column] = strings.ReplaceAll(fields[f.column], `""`, `"`)
			}
			require.Equal(t, strings.IndexFunc(fields[f.column], func(c rune) bool { return c < ' ' || c > '~' }) >= 0, f.odd)
		}
		rows, lines = append(rows, fields), append(lines, s.began)
	}
}

// Where the library reads a text, the scanner reads the same.
func FuzzScan(f *testing.F) {
	for _, name := range []string{"npidata_2016.csv", "pl.csv", "othername.csv", "leie.csv", "endpoint_header.csv"} {
		text := sample(f, name)
		f.Add([]byte(text[:min(len(text), 4000)]))
	}
	for _, s := range []string{
		"a,b\nc,d", "\"a\"\"b\",\"\"\n", "\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\"\r\n", "a\r\n\r\n\nb\r", "\"a\nb\r\nc\",d\n", "\"a", "\"a\"b\n", "a\"b\n",
		"\"\"\"\"", "\"a\"\r", "\r", ",\n,", "\"\",\"\",\"x", "\xff,\"\xfe\"", "a\rb,c\n", "\"a\"\rb\n", "\xef\xbb\xbf\"a\"\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		rows, lines, wrong, err := rowsIn(t, bytes.NewReader(text))
		require.LessOrEqual(t, len(rows)+wrong, bytes.Count(text, []byte("\n"))+1)
		lib := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, byteOrderMark)))
		lib.FieldsPerRecord = -1
		for i := 0; ; i++ {
			want, libErr := lib.Read()
			if libErr == io.EOF {
				require.NoError(t, err)
				require.Zero(t, wrong)
				require.Len(t, rows, i)
				return
			}
			if libErr != nil {
				require.True(t, wrong > 0 || err != nil, "the library refuses it: %v", libErr)
				return
			}
			if wrong > 0 && i >= len(rows) || err != nil && i >= len(rows) {
				t.Fatalf("row %d is %q for the library and not read", i, want)
			}
			line, _ := lib.FieldPos(0)
			require.Equal(t, line, lines[i])
			for c := range want { // the library changes the line ends within a field
				require.Equal(t, want[c], strings.ReplaceAll(rows[i][c], "\r\n", "\n"))
			}
			require.Len(t, rows[i], len(want))
		}
	})
}

// Rows are the same however the bytes come, and wherever a block ends.
func TestScanAcrossBlocks(t *testing.T) {
	text := strings.Repeat(sample(t, "npidata_2018.csv"), 2*blockSize/130000+2)
	require.Greater(t, len(text), 2*blockSize)
	want, lines, wrong, err := rowsIn(t, strings.NewReader(text))
	require.NoError(t, err)
	require.Zero(t, wrong)
	require.Len(t, want, strings.Count(text, "\n"))
	for shift := range 3 {
		got, _, _, err := rowsIn(t, iotest.HalfReader(strings.NewReader(strings.Repeat("\n", shift*400)+text)))
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	require.Equal(t, len(want), lines[len(lines)-1])
}

func TestScanPassesErrorsOn(t *testing.T) {
	boom := errors.New("cable pulled")
	rows, _, _, err := rowsIn(t, io.MultiReader(strings.NewReader("a,b\nc,"), iotest.ErrReader(boom)))
	assert.Equal(t, boom, err)
	assert.Len(t, rows, 1)
	_, _, _, err = rowsIn(t, io.MultiReader(strings.NewReader("a,b\n"), iotest.ErrReader(io.ErrUnexpectedEOF)))
	assert.Equal(t, io.ErrUnexpectedEOF, err, "a member that ends too early is not at its end")
}

// A line that is too long is given up, however long it is, and the next is
// read.
func TestScanLongLine(t *testing.T) {
	for _, n := range []int{maxRow - 5, maxRow, blockSize + 7, 3 * blockSize} {
		rows, lines, wrong, err := rowsIn(t, strings.NewReader("a,b\n"+strings.Repeat("x", n)+"\nc,d\n"))
		require.NoError(t, err)
		if n < maxRow {
			require.Len(t, rows, 3)
			continue
		}
		require.Equal(t, 1, wrong)
		require.Equal(t, [][]string{{"a", "b"}, {"c", "d"}}, rows)
		require.Equal(t, []int{1, 3}, lines)
	}
}

// Whatever a table holds, reading it ends, and what is handed over is sound.
func FuzzTables(f *testing.F) {
	names := map[string]string{
		"npidata_pfile_20050523-20180107.csv": sample(f, "npidata_2016.csv"), "othername_pfile_20050523-20180107.csv": sample(f, "othername.csv"),
		"pl_pfile_20050523-20180107.csv": sample(f, "pl.csv"), "endpoint_pfile_20050523-20180107.csv": sample(f, "endpoint_header.csv") + endpointRow,
		"UPDATED.csv": sample(f, "leie.csv"), "x 20260810.csv": "NPI,NPPES Deactivation Date\n1710983663,08/09/2026\n",
		"nucc.csv": "Code,Grouping,Classification,Specialization\n193200000X,Group,Multi-Specialty,\n",
	}
	for name, text := range names {
		head, rows, _ := strings.Cut(text, "\n")
		names[name] = head + "\n"
		f.Add(name, []byte(rows))
	}
	f.Fuzz(func(t *testing.T, name string, rows []byte) {
		head, ok := names[name]
		if !ok {
			t.Skip()
		}
		dir := t.TempDir()
		main := filepath.Join(dir, "npidata_pfile_20050523-20180107.csv")
		require.NoError(t, os.WriteFile(main, []byte(sample(t, "npidata_2016.csv")), 0o600))
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, append([]byte(head), rows...), 0o600))
		paths := []string{path}
		if ofCMS.MatchString(name) && path != main {
			paths = append(paths, main)
		}
		var k kept
		files, err := Recognize(paths...)
		if err != nil {
			return // a zero byte near the beginning
		}
		require.Len(t, files, 1)
		r, err := files[0].Read(t.Context(), k.sink(t))
		if err != nil {
			require.ErrorAs(t, err, new(*DamagedError))
		}
		rejected := 0
		for reason, n := range r.Rejected {
			require.Contains(t, Reasons, reason)
			rejected += n
		}
		handed := len(k.providers) + len(k.otherNames) + len(k.locations) + len(k.endpoints) + len(k.deactivated) + len(k.excluded) + len(k.taxonomies)
		require.Equal(t, r.Rows+r.ReferenceRows, handed+rejected+r.Skipped)
		for _, e := range k.providers {
			require.NotZero(t, e.Evidence.Status)
		}
	})
}

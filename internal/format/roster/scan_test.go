package roster

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

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

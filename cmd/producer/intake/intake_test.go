package intake

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

const (
	claim = `{"id":"c1","providers":[{"role":"billing","npi":"1234567893"}]}`
	row   = `{"id":"r1","npi":"1234567893"}`
	table = "NPI,Last Name\n1234567893,ROE\n"
	x12   = "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260101*0000*^*00501*000000001*0*P*:~GS*HC*A*B*20260101*0000*1*X*005010X222A1~" +
		"ST*837*0001*005010X222A1~BHT*0019*00*1*20260101*0000*CH~HL*1**20*1~NM1*85*2*ACME*****XX*1234567893~HL*2*1*22*0~NM1*IL*1*SECRETDOE*JO****MI*SECRET1~" +
		"CLM*C-9*10***11:B:1*Y*A*Y*Y~LX*1~SV1*HC:99213*10*UN*1***1~DTP*472*D8*20260101~SE*11*0001~GE*1*1~IEA*1*000000001~"
	person = `{"resourceType":"Practitioner","id":"p","identifier":[{"system":"http://hl7.org/fhir/sid/us-npi","value":"1234567893"}],"name":[{"family":"ROE"}]}`
)

// opened opens one input whatever its name.
func opened(in io.Reader) func(string) (io.ReadCloser, string, error) {
	return func(name string) (io.ReadCloser, string, error) { return io.NopCloser(in), name, nil }
}

// read gives what a reader finds, as lines.
func read(t *testing.T, r *Reader, name string, in io.Reader) (found []string) {
	t.Helper()
	require.NoError(t, r.Read([]string{name}, opened(in), Sink{
		Piece: func(p *Piece) error {
			found = append(found, fmt.Sprintf("%s %s %s", p.At(), p.Kind, p.Data))
			return nil
		},
		Fault: func(f Fault) { found = append(found, fmt.Sprintf("%v: %v", f, f.Lost)) },
	}))
	return found
}

func TestReadKnowsTheFormat(t *testing.T) {
	rowMade := `{"id":"row-2","npi":"1234567893","last_name":"ROE"}`
	for _, test := range []struct {
		name, in string
		want     []string
	}{
		{"a", claim + "\n" + row, []string{"a: line 1 claim " + claim, "a: line 2 roster " + row}},
		{"a.csv", claim, []string{"a.csv: line 1 claim " + claim}}, // what is in it counts
		{"a", table, []string{"a: line 2 roster " + rowMade}},
		{"a.json", table, []string{"a.json: line 2 roster " + rowMade}},
		{"a", "oh\n" + claim, []string{"a: line 1: not valid JSON near its byte 0: true", "a: line 2 claim " + claim}},
		{"a", "", nil},
		{"a", " \n", nil},
		{"a", "hello", []string{"a: none of the formats that are known: JSON, X12 837, FHIR, or a roster with a header that is recognized: true"}},
		{"a", "\x00\x01", []string{"a: none of the formats that are known: JSON, X12 837, FHIR, or a roster with a header that is recognized: true"}},
	} {
		assert.Equal(t, test.want, read(t, &Reader{Limit: 1 << 20}, test.name, strings.NewReader(test.in)), test.in)
		assert.Equal(t, test.want, read(t, &Reader{Limit: 1 << 20}, test.name, iotest.OneByteReader(strings.NewReader(test.in))), "however it arrives")
	}
	found := read(t, &Reader{Limit: 1 << 20}, "a", strings.NewReader(x12))
	require.Len(t, found, 1)
	assert.True(t, strings.HasPrefix(found[0], `a: record 1 claim {"id":"C-9","type":"professional",`), found[0])
	assert.NotContains(t, found[0], "SECRET")
	found = read(t, &Reader{Limit: 1 << 20}, "a", strings.NewReader(person))
	require.Len(t, found, 1)
	assert.True(t, strings.HasPrefix(found[0], `a: record 1 roster {"id":"Practitioner/p"`), found[0])
}

func TestReadByName(t *testing.T) {
	found := read(t, &Reader{Limit: 1 << 20}, "list.csv", strings.NewReader("M1,1234567893\n"))
	require.Len(t, found, 1)
	assert.Contains(t, found[0], "no header")
	assert.NotContains(t, found[0], "M1", "what may be a patient's is not said")
	found = read(t, &Reader{Limit: 1 << 20}, "x.837", strings.NewReader("hello"))
	require.Len(t, found, 1)
	assert.Contains(t, found[0], "ISA")
}

func TestReadRaw(t *testing.T) {
	for in, want := range map[string]string{
		claim:                                "a: line 1 claim " + claim,
		"{\"id\":1,\n\"npi\":\"SECRETDOE\"}": "a: line 1 roster {\"id\":1,\n\"npi\":\"SECRETDOE\"}", // the worker will say what is wrong with it
		table:                                "a roster " + table,
		x12:                                  "a claim " + x12,
		person:                               "a roster " + person,
		"ISA*":                               "a: none of the formats that are known: JSON, X12 837, FHIR, or a roster with a header that is recognized: true",
	} {
		assert.Equal(t, []string{want}, read(t, &Reader{Raw: true, Limit: 1 << 20}, "a", strings.NewReader(in)))
	}
	for _, in := range []string{table, x12, person, claim} {
		found := read(t, &Reader{Raw: true, Limit: 20}, "a", strings.NewReader(in))
		require.Len(t, found, 1)
		assert.Contains(t, found[0], "more than 20 bytes")
	}
	both := `{"resourceType":"Bundle","entry":[{"resource":` + person + `},{"resource":{"resourceType":"Claim","id":"c","use":"claim","type":{"coding":[{"code":"professional"}]},"provider":{"identifier":{"system":"http://hl7.org/fhir/sid/us-npi","value":"1770626038"}}}}]}`
	found := read(t, &Reader{Raw: true, Limit: 1 << 20}, "a", strings.NewReader(both))
	require.Len(t, found, 1)
	assert.Contains(t, found[0], "say which with --kind")
	assert.Equal(t, []string{"a claim " + both}, read(t, &Reader{Raw: true, Kind: record.KindClaim, Limit: 1 << 20}, "a", strings.NewReader(both)))
}

func TestReadRefusesWhatIsTooLong(t *testing.T) {
	found := read(t, &Reader{Limit: 80}, "a", strings.NewReader(
		`{"id":"c1","patient":"`+strings.Repeat("x", 1000)+`","providers":[{"role":"billing","npi":"1234567893"}]}`+"\n"+
			`{"id":"c2","providers":[{"role":"billing","npi":"1234567893","last_name":"`+strings.Repeat("x", 100)+`"}]}`))
	assert.Equal(t, []string{"a: line 1 claim " + claim, "a: line 2: in the native form it has 178 bytes, more than the 80 a message may have: true"}, found)
}

func TestReadKeepsTheRowsColumns(t *testing.T) {
	var cells [][]string
	var header []string
	require.NoError(t, (&Reader{Limit: 1 << 20}).Read([]string{"a"}, opened(strings.NewReader("NPI,Last Name,Own\n1234567893,ROE,x\n1234567893,DOE,y\n")), Sink{Piece: func(p *Piece) error {
		cells, header = append(cells, p.Cells), p.Table.Header
		assert.Equal(t, []string{p.Where + ", column 1"}, p.Paths)
		return nil
	}, Fault: func(f Fault) { require.Fail(t, f.Error()) }}))
	assert.Equal(t, []string{"NPI", "Last Name", "Own"}, header)
	assert.Equal(t, [][]string{{"1234567893", "ROE", "x"}, {"1234567893", "DOE", "y"}}, cells)
}

// The sink can stop the reading of every format, and nothing follows.
func TestReadStops(t *testing.T) {
	enough := errors.New("enough")
	for _, in := range []string{claim + "\n" + claim, table + "1234567893,DOE\n", x12 + x12, `[` + claim + `,` + claim + `]`, person + "\n" + strings.Replace(person, `"p"`, `"q"`, 1)} {
		n := 0
		err := (&Reader{Limit: 1 << 20}).Read([]string{"a"}, opened(strings.NewReader(in)), Sink{
			Piece: func(*Piece) error { n++; return enough },
			Fault: func(Fault) { n++ },
		})
		assert.ErrorIs(t, err, enough)
		assert.Equal(t, 1, n, in)
	}
}

// A file that breaks off is a fault of that file.
func TestReadOfABrokenFile(t *testing.T) {
	for _, in := range []string{"", claim + "\n", "[" + claim, table, x12[:300]} {
		found := read(t, &Reader{Limit: 1 << 20}, "a", io.MultiReader(strings.NewReader(in), iotest.ErrReader(errors.New("disk on fire"))))
		require.NotEmpty(t, found, in)
		assert.Contains(t, strings.Join(found, "\n"), "disk on fire: true", in)
	}
}

// The files of a FHIR bulk export refer to each other; those of another folder
// have nothing to do with them. What is wrong is said of the file it is in.
func TestReadABulkExport(t *testing.T) {
	const us = `{"system":"http://hl7.org/fhir/sid/us-npi","value":"1770626038"}`
	bill := func(id, to string) string {
		return `{"resourceType":"Claim","id":"` + id + `","use":"claim","type":{"coding":[{"code":"professional"}]},"provider":{"reference":"Organization/` + to + `"}}`
	}
	texts := map[string]string{
		"one/Claim.ndjson":        bill("c1", "o") + "\n" + bill("c2", "none") + "\n",
		"one/Organization.ndjson": `{"resourceType":"Organization","id":"o","identifier":[` + us + `]}` + "\n{x\n",
		"one/Patient.ndjson":      `{"resourceType":"Patient","id":"p"}`,
		"two/Claim.ndjson":        bill("c3", "o"),
		"two/a.ndjson":            claim,
		"two/b.ndjson":            bill("c4", "o"),
		"two/c.json":              strings.Replace(bill("c5", "o"), `"reference":"Organization/o"`, `"identifier":`+us, 1),
		"two/empty.ndjson":        "",
	}
	var found []string
	err := (&Reader{Limit: 1 << 20}).Read(slices.Sorted(maps.Keys(texts)), func(name string) (io.ReadCloser, string, error) {
		return io.NopCloser(strings.NewReader(texts[name])), name, nil
	}, Sink{
		Piece: func(p *Piece) error { found = append(found, p.At()); return nil },
		Fault: func(f Fault) { found = append(found, fmt.Sprintf("%s, %s, %v", f.File, f.Where, f.Lost)) },
	})
	require.NoError(t, err)
	assert.Equal(t, []string{
		"one/Organization.ndjson, line 2, true", "one/*.ndjson: record 1",
		"one/Claim.ndjson, line 2, /provider, false", "one/Claim.ndjson, line 2, true",
		"two/Claim.ndjson, /provider, false", "two/Claim.ndjson, , true",
		"two/a.ndjson: line 1",
		"two/b.ndjson, /provider, false", "two/b.ndjson, , true",
		"two/c.json: record 1",
	}, found)
}

func TestExpand(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.json", "a.csv", ".hidden", "sub/c.edi", ".git/x", "empty/.keep"} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	under := func(names ...string) (all []string) {
		for _, n := range names {
			all = append(all, filepath.Join(dir, n))
		}
		return all
	}
	for _, test := range []struct{ args, want []string }{
		{[]string{"-"}, []string{"-"}},
		{under("b.json", "a.csv"), under("b.json", "a.csv")},
		{under(""), under("a.csv", "b.json", "sub/c.edi")},
		{under("*.json", "s*"), under("b.json", "sub/c.edi")},
		{under(".hidden"), under(".hidden")},
	} {
		files, err := Expand(test.args)
		require.NoError(t, err)
		assert.Equal(t, test.want, files)
	}
	for _, arg := range append(under("none", "*.none", "empty", "[", "none/*"), "") {
		_, err := Expand([]string{arg})
		assert.Error(t, err, arg)
	}
	assert.EqualValues(t, 0, Size(under("a.csv", "b.json")))
	assert.EqualValues(t, -1, Size([]string{"-"}))
	assert.EqualValues(t, -1, Size([]string{dir}))
}

// FuzzRead: whatever a file holds, it is read to its end, and what comes out
// is a record in the native form.
func FuzzRead(f *testing.F) {
	for _, s := range []string{claim, row, table, x12, person, "[" + claim + ",{", "\xef\xbb\xbf" + table, "x\n" + claim, x12[:200]} {
		f.Add([]byte(s), "a.csv")
		f.Add([]byte(s), "a.ndjson")
	}
	f.Fuzz(func(t *testing.T, in []byte, name string) {
		err := (&Reader{Limit: 1 << 16}).Read([]string{name}, opened(strings.NewReader(string(in))), Sink{Piece: func(p *Piece) error {
			_, err := record.Decode(p.Kind, p.Data)
			assert.NoError(t, err, "%q", p.Data)
			return nil
		}, Fault: func(Fault) {}})
		assert.NoError(t, err)
	})
}

package intake

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

func all(t testing.TB, r io.Reader, limit int) (docs []document) {
	d := newDocuments(r, limit)
	for {
		doc, err := d.next()
		if errors.Is(err, io.EOF) {
			return docs
		}
		require.NoError(t, err)
		docs = append(docs, doc)
	}
}

func TestDocuments(t *testing.T) {
	const cut, wrong = "JSON that does not end; nothing after it was read", "not valid JSON; nothing after it was read"
	for _, test := range []struct {
		name, in string
		want     []document
	}{
		{"lines", "{}\n\n {\"a\":1} \nx\n", []document{{line: 1, data: []byte("{}")}, {line: 3, data: []byte(`{"a":1}`)}, {line: 4, data: []byte("x")}}},
		{"a bad first line spoils only itself", "{\"a\":}\n{}\n", []document{{line: 1, data: []byte(`{"a":}`)}, {line: 2, data: []byte("{}")}}},
		{"laid out", "\n{\n}\n{\n\"a\":[]}", []document{{line: 2, data: []byte("{\n}")}, {line: 4, data: []byte("{\n\"a\":[]}")}}},
		{"two on a line", "{} {}\n{}", []document{{line: 1, data: []byte("{}")}, {line: 1, data: []byte("{}")}, {line: 2, data: []byte("{}")}}},
		{"an array", "[\n{},\n{\n}, 7]", []document{{line: 2, data: []byte("{}")}, {line: 3, data: []byte("{\n}")}, {line: 4, data: []byte("7")}}},
		{"arrays", "[{}]\n[[1]]", []document{{line: 1, data: []byte("{}")}, {line: 2, data: []byte("[1]")}}},
		{"an array cut off", "[{},\n{\"a\":", []document{{line: 1, data: []byte("{}")}, {line: 2, data: []byte(`{"a":`), fault: cut}}},
		{"an array without its end", "[{}\n", []document{{line: 1, data: []byte("{}")}, {line: 2, fault: cut}}},
		{"a missing comma", "[{}\n{}]", []document{{line: 1, data: []byte("{}")}, {line: 2, data: []byte("{}]"), fault: wrong}}},
		{"wrong in the middle", "{\n\"a\": 1,\n\"b\": x\n}\n{}", []document{{line: 3, data: []byte("{\n\"a\": 1,\n\"b\": x\n}\n{}"), fault: wrong}}},
		{"a string over a line", "{\"a\":\"x\n\"}", []document{{line: 1, data: []byte("{\"a\":\"x\n\"}"), fault: wrong}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, all(t, strings.NewReader(test.in), 100))
			assert.Equal(t, test.want, all(t, iotest.OneByteReader(strings.NewReader(test.in)), 100), "however it arrives")
		})
	}
}

func TestDocumentsAreBounded(t *testing.T) {
	const limit = 10
	long := strings.Repeat("x", 3*sniffed)
	docs := all(t, strings.NewReader("{}\n"+long+"\n0123456789\r\n01234567890\n"+long), limit)
	require.Len(t, docs, 5)
	for i, huge := range []bool{false, true, false, true, true} {
		assert.Equal(t, huge, docs[i].huge)
		assert.Equal(t, i+1, docs[i].line)
		assert.LessOrEqual(t, len(docs[i].data), limit)
	}
	docs = all(t, strings.NewReader("[{},\n\""+long+"\", {}]"), limit)
	require.Len(t, docs, 2)
	assert.True(t, docs[1].huge)
	assert.Equal(t, 2, docs[1].line)
	assert.Contains(t, docs[1].fault, "more than 10 bytes, which is too much for one document; nothing after it was read")
}

func TestAFileThatCannotBeRead(t *testing.T) {
	broken := errors.New("disk on fire")
	for _, start := range []string{"", "{}\n", "[{},"} {
		d := newDocuments(io.MultiReader(strings.NewReader(start), iotest.ErrReader(broken)), 100)
		var err error
		for err == nil {
			_, err = d.next()
		}
		assert.ErrorIs(t, err, broken, "after %q", start)
	}
}

func TestInspect(t *testing.T) {
	for _, test := range []struct {
		in    string
		kind  record.Kind
		fault string
	}{
		{`{"npi":"1","providers":[]}`, record.KindClaim, ""},
		{`{"providers":[],"npi":"1"}`, record.KindClaim, ""},
		{`{"group_npi":null}`, record.KindRoster, ""},
		{`{"taxonomies":[]}`, record.KindRoster, ""},
		{`{"id":1,"x":{"npi":1}}`, "", ""},                 // only the document's own members count
		{`{"id":1,"id":2,"npi":3}`, record.KindRoster, ""}, // the worker will say what is wrong with it
		{`{"id":1`, "", "not valid JSON near its byte 7"},
		{`null`, "", "not a JSON object"},
		{`{}x`, "", "more than one JSON value"},
		{"\x00", "", "not valid JSON near its byte 0"},
		{"", "", "not valid JSON near its byte 0"},
	} {
		kind, fault := inspect([]byte(test.in))
		assert.Equal(t, test.kind, kind, test.in)
		assert.Equal(t, test.fault, fault, test.in)
	}
}

// FuzzDocuments: nothing crashes or runs for ever, however the bytes arrive;
// no document is larger than the limit; what passes is one JSON object.
func FuzzDocuments(f *testing.F) {
	for _, s := range []string{"", "[", "[]", "{}\n{}", "[{},{}]", "{\n}", "{\"a\":\"\xff\"}", "\xef\xbb\xbf{}", "[[[", "]", "nul", "{\"a\":1}}", strings.Repeat("[", 2000)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		const limit = 64
		whole := all(t, bytes.NewReader(in), limit)
		assert.Len(t, all(t, iotest.OneByteReader(bytes.NewReader(in)), limit), len(whole))
		for _, d := range whole {
			if d.huge {
				assert.NotEmpty(t, d.fault)
				continue
			}
			assert.LessOrEqual(t, len(d.data), limit)
			if _, fault := inspect(d.data); fault == "" {
				v := jsontext.Value(d.data)
				assert.True(t, v.IsValid(jsontext.AllowDuplicateNames(true)) && v.Kind() == '{', "%q", d.data)
			}
		}
	})
}

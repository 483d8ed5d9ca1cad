package record

import (
	"bytes"
	"io"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/assert"
)

// The scanner takes exactly what the codec takes.
func FuzzScan(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,-0.5e+3,true,false,null,"x\u00e9\ud83d\ude00\n"],"b":{}}`, `"\ud83d"`, `"\x"`, "\"\xff\"", "\"a\tb\"", `01`, `1.`, `-`, `1e`, `[1,]`, `{"a"}`, `{"a":1,}`,
		`{"a":1,"a":2}`, `nul`, ` 1 2`, "\ufeff1", `"\u12"`, `"\`, `[[[[`, ``, ` `, "\x00", `{"a":1}x`, `1.5E-7`, `"\udc00\ud800"`, `"\ud800\u0041"`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := scanner{data: data}
		got := s.skip(1) == nil && s.end() == nil
		assert.Equal(t, codecTakes(data), got, "%q", data)
	})
}

func codecTakes(data []byte) bool {
	dec := jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowDuplicateNames(true))
	if _, err := dec.ReadValue(); err != nil {
		return false
	}
	_, err := dec.ReadToken()
	return err == io.EOF
}

func TestScanDepth(t *testing.T) {
	for _, n := range []int{10, 9_999, 10_000, 10_001, 500_000} {
		data := append(bytes.Repeat([]byte("["), n), bytes.Repeat([]byte("]"), n)...)
		s := scanner{data: data}
		assert.Equal(t, codecTakes(data), s.skip(1) == nil, "%d deep", n)
	}
}

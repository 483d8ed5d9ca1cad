package codec

import (
	stdjson "encoding/json"
	"reflect"
	"testing"

	"github.com/bytedance/sonic"
	"github.com/go-json-experiment/json"
)

// claim has the shape of the claims on the input stream.
type claim struct {
	ID        string     `json:"id"`
	Type      string     `json:"type"`
	From      string     `json:"service_from"`
	To        string     `json:"service_to"`
	Providers []provider `json:"providers"`
}

type provider struct {
	Role     string `json:"role"`
	NPI      string `json:"npi"`
	Entity   string `json:"entity"`
	Org      string `json:"organization_name"`
	First    string `json:"first_name"`
	Middle   string `json:"middle_name"`
	Last     string `json:"last_name"`
	Taxonomy string `json:"taxonomy"`
	TIN      string `json:"tin"`
	Line     int    `json:"line"`
}

// message has members that we do not read, as real claims do. The providers
// are public registry entries, the patient is invented.
var message = []byte(`{"id":"CLM-2026-000123","type":"professional","service_from":"2026-03-02","service_to":"2026-03-02",` +
	`"patient":{"member_id":"W1234567","last_name":"DOE"},"diagnoses":["E119","I10"],"charge":"145.00","providers":[` +
	`{"role":"billing","npi":"1770626038","entity":"organization","organization_name":"INOVA FAIRFAX HOSPITAL","tin":"541234567","taxonomy":"282N00000X"},` +
	`{"role":"rendering","npi":"1851713903","entity":"person","first_name":"JOSEFINA","last_name":"DANWING","taxonomy":"225400000X"}]}`)

var codecs = []struct {
	name      string
	unmarshal func([]byte, any) error
	marshal   func(any) ([]byte, error)
}{
	{"encoding-json", stdjson.Unmarshal, stdjson.Marshal},
	{"go-json-experiment", func(b []byte, v any) error { return json.Unmarshal(b, v) }, func(v any) ([]byte, error) { return json.Marshal(v) }},
	{"sonic", sonic.Unmarshal, sonic.Marshal},
	{"sonic-as-std", sonic.ConfigStd.Unmarshal, sonic.ConfigStd.Marshal},
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range codecs {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(message)))
			for b.Loop() {
				var v claim
				if err := c.unmarshal(message, &v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	var v claim
	if err := stdjson.Unmarshal(message, &v); err != nil {
		b.Fatal(err)
	}
	for _, c := range codecs {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.marshal(&v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// All codecs read the same claim, or comparing their speed means nothing.
func TestAllReadTheSame(t *testing.T) {
	var want claim
	if err := stdjson.Unmarshal(message, &want); err != nil {
		t.Fatal(err)
	}
	for _, c := range codecs {
		var got claim
		if err := c.unmarshal(message, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
}

// What each codec refuses in its setting above: the table of the decision.
func TestWhatIsRefused(t *testing.T) {
	cases := []struct {
		name, in string
		refused  map[string]bool
	}{
		{"invalid UTF-8", "{\"id\":\"\xff\"}", map[string]bool{"go-json-experiment": true}},
		{"a name twice", `{"id":"A","id":"B"}`, map[string]bool{"go-json-experiment": true}},
		{"what follows the value", `{"id":"A"}{`, map[string]bool{"encoding-json": true, "go-json-experiment": true, "sonic": true, "sonic-as-std": true}},
	}
	for _, tc := range cases {
		for _, c := range codecs {
			var v claim
			if err := c.unmarshal([]byte(tc.in), &v); (err != nil) != tc.refused[c.name] {
				t.Errorf("%s of %s: error %v", c.name, tc.name, err)
			}
		}
	}
	// encoding/json takes "ID" for "id"; so a document may say one thing to it
	// and another to everybody else.
	for _, c := range codecs {
		var v claim
		_ = c.unmarshal([]byte(`{"ID":"A"}`), &v)
		if exact := c.name == "go-json-experiment"; (v.ID == "") != exact {
			t.Errorf("%s reads ID as %q", c.name, v.ID)
		}
	}
}

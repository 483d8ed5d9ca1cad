package record

import (
	"strconv"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseDate(t *testing.T) {
	for s, want := range map[string]Date{
		"2026-01-31": 2026_01_31, "2024-02-29": 2024_02_29, "2000-02-29": 2000_02_29, "0001-01-01": 1_01_01, "9999-12-31": 9999_12_31,
		"2026-04-30": 2026_04_30, "2026-12-31": 2026_12_31,
	} {
		got, ok := ParseDate(s)
		require.True(t, ok, s)
		assert.Equal(t, want, got)
		assert.Equal(t, s, got.String())
	}
	for _, s := range []string{
		"", "2026-02-29", "1900-02-29", "2026-02-30", "2026-04-31", "2026-00-10", "2026-13-10", "2026-01-00", "2026-01-32", "0000-01-01",
		"20260131", "2026-1-31", "2026/01/31", "2026-01-31 ", " 2026-01-31", "2026-01-31T00:00:00Z", "+026-01-31", "２０２６-01-31", "01-31-2026",
	} {
		_, ok := ParseDate(s)
		assert.False(t, ok, s)
	}
	assert.Empty(t, Date(0).String())
	assert.Equal(t, Date(2026_03_01), DateOf(time.Date(2026, 3, 1, 23, 59, 0, 0, time.FixedZone("", -7*3600))), "the day it is there")
}

// Every string that reads as a day is how that day is written, and a day the
// calendar has.
func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026-01-31", "2024-02-29", "2023-02-29", "0000-00-00", "9999-99-99", "", "２０２６-01-31"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, ok := ParseDate(s)
		std, err := time.Parse(time.DateOnly, s)
		if want := err == nil && std.Year() > 0; ok != want {
			t.Fatalf("%q: %v, and the library says %v", s, ok, want)
		}
		if !ok {
			require.Zero(t, d)
			return
		}
		require.Equal(t, s, d.String())
		require.Equal(t, DateOf(std), d)
		var back Date
		require.NoError(t, back.UnmarshalText([]byte(s)))
		require.Equal(t, d, back)
	})
}

func TestParseNPI(t *testing.T) {
	n, ok := ParseNPI("0000000012")
	require.True(t, ok, "the shape alone counts")
	assert.Equal(t, "0000000012", n.String())
	for _, s := range []string{"", "123456789", "12345678931", "808401234567893", "12345 7893", "123456789O", "１２３４", "-123456789", "+123456789", "1234567.93"} {
		n, ok := ParseNPI(s)
		assert.False(t, ok, s)
		assert.Zero(t, n)
	}
}

func FuzzParseNPI(f *testing.F) {
	for _, s := range []string{"1234567893", "0000000000", "9999999999", "123456789", "１２３４５６７８９３", "1234567\x0093"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, ok := ParseNPI(s)
		var back NPI
		err := back.UnmarshalText([]byte(s))
		if !ok {
			require.Zero(t, n)
			require.Error(t, err)
			if len(s) > 2 {
				require.NotContains(t, err.Error(), s)
			}
			return
		}
		require.Equal(t, s, n.String())
		require.NoError(t, err)
		require.Equal(t, n, back)
		require.LessOrEqual(t, uint64(n), uint64(9_999_999_999))
	})
}

func TestValuesOnTheWire(t *testing.T) {
	type wire struct {
		NPI    NPI    `json:"npi"`
		Date   Date   `json:"date"`
		Status Status `json:"status"`
	}
	for _, w := range []wire{{}, {1234567893, 2026_01_02, Active}, {1, 0, Deactivated}, {9_999_999_999, 1_01_01, Absent}} {
		b, err := json.Marshal(w)
		require.NoError(t, err)
		var back wire
		require.NoError(t, json.Unmarshal(b, &back))
		assert.Equal(t, w, back)
	}
	var s Status
	require.NoError(t, s.UnmarshalText([]byte("vanished")))
	assert.Equal(t, Unknown, s, "a word of a later version is ignorance")
	var d Date
	require.Error(t, d.UnmarshalText([]byte("2026-02-30")))
}

func TestEntry(t *testing.T) {
	first := Taxonomy{Code: "1"}
	primary := Taxonomy{Code: "2", Primary: true}
	assert.Nil(t, (&Entry{}).Primary())
	assert.Equal(t, "1", (&Entry{Taxonomies: []Taxonomy{first}}).Primary().Code, "some answers mark none")
	assert.Equal(t, "2", (&Entry{Taxonomies: []Taxonomy{first, primary}}).Primary().Code)
	assert.Nil(t, (&Entry{Addresses: []Address{{Purpose: "MAILING"}}}).Location())

	assert.Nil(t, (*Entry)(nil).Answer())
	assert.Nil(t, (&Entry{}).Answer(), "what is not known is not answered")
	absent := (&Entry{Evidence: Evidence{Facts: Facts{Status: Absent}}}).Answer()
	assert.False(t, absent.Found)
	assert.Empty(t, absent.Status)
	off := &Entry{Evidence: Evidence{Facts: Facts{Status: Deactivated, Name: Name{First: "A", Last: "B", Suffix: "JR"}}}}
	assert.Equal(t, "D", off.Answer().Status)
	assert.Equal(t, "A B JR", off.Answer().Name)
	assert.Same(t, off.Answer(), off.Answer(), "kept")
}

func TestSummarize(t *testing.T) {
	at := func(state, zip string) Address { return Address{Purpose: "LOCATION", State: state, PostalCode: zip} }
	e := &Entry{
		Taxonomies: []Taxonomy{{Code: "207Q00000X", State: "NY"}, {Code: "207R00000X", Primary: true}, {Code: "207Q00000X", State: "NJ"}, {}},
		Addresses:  []Address{{Purpose: "MAILING", State: "NJ", PostalCode: "07001"}, at("NY", "100401234")},
		PracticeLocations: []Address{at("NY", "10040"), at("NJ", "070012222"), at("NJ", "07001"), at("CT", "06001"),
			at("CT", "0600"), at("Ontario", "K1A0B1"), at("ON", "K1A0B1")},
	}
	for range 2 {
		e.Summarize()
		assert.Equal(t, []string{"207Q00000X"}, e.Evidence.OtherTaxonomies)
		assert.Equal(t, []string{"NJ 07001", "CT 06001"}, e.Evidence.OtherPractices, "each once, the own and those abroad not at all")
	}
	alone := &Entry{Taxonomies: e.Taxonomies[:1], Addresses: e.Addresses}
	assert.Zero(t, testing.AllocsPerRun(10, alone.Summarize))
	assert.Nil(t, alone.Evidence.OtherTaxonomies)
	assert.Nil(t, alone.Evidence.OtherPractices)
	for i := range 2 * MaxOthers {
		e.PracticeLocations = append(e.PracticeLocations, at("TX", strconv.Itoa(75000+i)))
	}
	e.Summarize()
	assert.Len(t, e.Evidence.OtherPractices, MaxOthers)
}

func TestRejected(t *testing.T) {
	for mark, bad := range map[Mark]bool{Unchecked: false, Sound: false, Missing: false, Malformed: true, BadPrefix: true, BadChecksum: true} {
		assert.Equal(t, bad, mark.Bad())
		assert.Equal(t, bad, (&Checked{Marks: []Mark{Sound, mark}}).Rejected())
	}
}

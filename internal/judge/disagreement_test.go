package judge

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/record"
)

// doctor is listed under two taxonomies and at three places.
func doctor() *record.Entry {
	at := func(state, zip string) record.Address {
		return record.Address{Purpose: "LOCATION", State: state, PostalCode: zip}
	}
	e := entry(josefina)
	e.Taxonomies = []record.Taxonomy{{Code: "207R00000X"}, {Code: "208M00000X", Primary: true}}
	e.Addresses = []record.Address{{Purpose: "MAILING", State: "CA", PostalCode: "900010000"}, at("NY", "100401234")}
	e.PracticeLocations = []record.Address{at("NJ", "070010000"), at("NJ", "07002")}
	e.Summarize()
	return e
}

func TestTaxonomies(t *testing.T) {
	many := doctor()
	for i := range record.MaxOthers + 1 {
		many.Taxonomies = append(many.Taxonomies, record.Taxonomy{Code: strconv.Itoa(400_000_000+i) + "X"})
	}
	many.Summarize()
	none := doctor()
	none.Taxonomies = nil
	none.Summarize()
	for _, c := range []struct {
		role  record.Role
		entry *record.Entry
		code  string
		want  record.Severity
		why   string
	}{
		{record.Rendering, doctor(), "208M00000X", pass, "the primary one"},
		{record.Rendering, doctor(), " 208m00000x ", pass, "however it is written"},
		{record.Rendering, doctor(), "207R00000X", pass, "another one on file"},
		{record.Rendering, doctor(), "207RC0000X", note, "a specialty of one on file"},
		{record.Rendering, doctor(), "207Q00000X", warn, "another field"},
		{record.Supervising, doctor(), "207Q00000X", note, "a role payers have no code for"},
		{record.Rendering, doctor(), "193200000X", pass, "a group, which the registry notes elsewhere"},
		{record.Rendering, doctor(), "193400000X", pass, "likewise"},
		{record.Rendering, doctor(), "Internal Medicine", warn, "no code"},
		{record.Rendering, doctor(), "207R00000Y", warn, "nor is that"},
		{record.Rendering, doctor(), "207R-0000X", warn, "nor that"},
		{record.Rendering, doctor(), "", pass, "nothing said"},
		{record.Rendering, none, "207Q00000X", pass, "the registry lists none"},
		{record.Rendering, many, "207Q00000X", pass, "a list that was cut off"},
		{record.Rendering, many, "207R00000X", pass, "which may hold it all the same"},
	} {
		r := record.Record{Kind: record.KindClaim, Mentions: []record.Mention{{Role: c.role, NPI: three, Taxonomy: c.code}}}
		j := Of(record.Enriched{Checked: checksum.Check(r), Entries: []*record.Entry{c.entry}}, today)
		if c.want == pass {
			assert.Nil(t, j.Flags, c.why)
			continue
		}
		f := only(t, j)
		assert.Equal(t, record.FlagTaxonomyMismatch, f.Code, c.why)
		assert.Equal(t, c.want, f.Severity, c.why)
		assert.Equal(t, "208M00000X", f.Actual, c.why)
		assert.Empty(t, f.Expected, "what the record says is not quoted")
	}
}

// A row lists the taxonomies and practices of its own provider; the group it
// names beside has others.
func TestRosterRow(t *testing.T) {
	at := func(purpose, state, zip string) record.Address {
		return record.Address{Purpose: purpose, State: state, PostalCode: zip}
	}
	type places = []record.Address
	crowded := doctor()
	for i := range record.MaxOthers {
		crowded.PracticeLocations = append(crowded.PracticeLocations, at("LOCATION", "NY", strconv.Itoa(11000+i)))
	}
	crowded.Summarize()
	abroad := doctor()
	abroad.Addresses[1] = at("LOCATION", "ON", "K1A0B1")
	for _, c := range []struct {
		row   record.Roster
		entry *record.Entry
		code  record.FlagCode
		want  record.Severity
		why   string
	}{
		{record.Roster{}, doctor(), "", pass, "nothing said"},
		{record.Roster{Addresses: places{at("LOCATION", "NY", "10040")}}, doctor(), "", pass, "the primary practice"},
		{record.Roster{Addresses: places{at("location", "ny", "10040-9999")}}, doctor(), "", pass, "however it is written"},
		{record.Roster{Addresses: places{at("", "NJ", "07001")}}, doctor(), "", pass, "another one"},
		{record.Roster{Addresses: places{at("LOCATION", "NJ", "07009")}}, doctor(), record.FlagAddressMismatch, note, "a state of one"},
		{record.Roster{Addresses: places{at("LOCATION", "NY", "10041")}}, doctor(), record.FlagAddressMismatch, note, "the state of the primary one"},
		{record.Roster{Addresses: places{at("LOCATION", "CA", "90001")}}, doctor(), record.FlagAddressMismatch, warn, "where the mail goes is no practice"},
		{record.Roster{Addresses: places{at("MAILING", "CA", "90001")}}, doctor(), "", pass, "nor need the roster's be"},
		{record.Roster{Addresses: places{at("LOCATION", "NY", "10040"), at("LOCATION", "NY", "1004"), at("LOCATION", "TX", "75001"), at("LOCATION", "NJ", "07009")}}, doctor(), record.FlagAddressMismatch, warn, "of several the worst"},
		{record.Roster{Addresses: places{at("LOCATION", "Texas", "75001")}}, doctor(), "", pass, "not to be compared"},
		{record.Roster{Addresses: places{at("LOCATION", "TX", "75001")}}, abroad, "", pass, "nor is that"},
		{record.Roster{Addresses: places{at("LOCATION", "TX", "75001")}}, crowded, "", pass, "a list that was cut off"},
		{record.Roster{Taxonomies: []record.Taxonomy{{Code: "207R00000X"}, {Code: "208M00000X"}}}, doctor(), "", pass, "both on file"},
		{record.Roster{Taxonomies: []record.Taxonomy{{Code: "207R00000X"}, {}, {Code: "208MX0000X"}}}, doctor(), record.FlagTaxonomyMismatch, note, "one nearly"},
		{record.Roster{Taxonomies: []record.Taxonomy{{Code: "207Q00000X"}, {Code: "208MX0000X"}}}, doctor(), record.FlagTaxonomyMismatch, warn, "of several the worst"},
	} {
		r := record.Record{Kind: record.KindRoster, Roster: &c.row, Mentions: []record.Mention{{Role: record.Individual, NPI: three}, {Role: record.Group, NPI: one}}}
		j := Of(record.Enriched{Checked: checksum.Check(r), Entries: []*record.Entry{c.entry, entry(fairfax)}}, today)
		if c.want == pass {
			assert.Nil(t, j.Flags, c.why)
			continue
		}
		if assert.Len(t, j.Flags, 2, c.why) && assert.Len(t, j.Flags[0], 1, c.why) {
			assert.Equal(t, c.code, j.Flags[0][0].Code, c.why)
			assert.Equal(t, c.want, j.Flags[0][0].Severity, c.why)
			assert.Nil(t, j.Flags[0][0].Codes, "no payer answers a roster")
			assert.Nil(t, j.Flags[1], c.why)
		}
	}
}

package fhir

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

func TestDetect(t *testing.T) {
	for head, want := range map[string]bool{
		`{"resourceType":"Claim"`: true, bom + " \n{\n  \"entry\" : [{\"resource\":{ \"resourceType\" :\n \"Claim\"": true,
		"": false, `[{"resourceType":"Claim"}]`: false, `{"id":"\"resourceType\":\"Claim\""}`: false, `{"resourceType":"claim"}`: false,
		`{"resourceType":5}`: false, "ISA*00*": false, `{"id":"1","providers":[]}`: false,
	} {
		assert.Equal(t, want, Detect([]byte(head)), head)
	}
}

// Inputs nothing can be read of are errors; their words never quote the input.
func TestRefused(t *testing.T) {
	for in, want := range map[string]string{
		"": "it is empty", " \n\n": "it is empty", bom: "it is empty",
		"Secret":                            "not valid JSON near byte 0 of 6",
		`{"resourceType":"Claim"`:           "it ends too early, after 23 bytes",
		`{"id":"Secret"}`:                   "it has no resourceType",
		"[1]":                               "not a JSON object",
		"5\n6\n":                            "line 1: it is not a FHIR resource: not a JSON object",
		"{\n \"Secret\":1,\n \"Secret\":2}": "a member stands twice in the same object, near byte 16",
		"{\"a\":\"\xff\"}":                  "not valid JSON near byte",
	} {
		err := Read(strings.NewReader(in), nil, nil)
		var f record.Fault
		require.ErrorAs(t, err, &f, "%q", in)
		assert.Contains(t, f.Error(), want, "%q", in)
		assert.NotContains(t, err.Error(), "Secret")
	}
	broken := errors.New("broken")
	require.ErrorIs(t, Read(iotest.ErrReader(broken), nil, nil), broken)
	require.ErrorIs(t, Read(io.MultiReader(strings.NewReader("{\"resourceType\":\"Claim\"}\n{"), iotest.ErrReader(broken)), nil, nil), broken)
	require.ErrorIs(t, Read(strings.NewReader(claimOf(billing)), func(*record.Record) error { return broken }, func(record.Fault) {}), broken)
}

// A broken line costs itself alone, wherever it stands.
func TestBrokenLines(t *testing.T) {
	good := func(id int) string { return fmt.Sprintf(`{"resourceType":"Claim","id":"%d",%s}`, id, billing) }
	lines := []string{`{"resourceType":"Claim","id":"0","Secret`, good(1), "", "nonsense", good(2), `{"id":"Secret"}`, good(3) + " " + good(4), `{"resourceType":"Claim","id":"5"`}
	for shift := range lines {
		rolled := append(append([]string{}, lines[shift:]...), lines[:shift]...)
		got := read(t, "", strings.Join(rolled, "\n"))
		assert.Len(t, got.records, 4, "%d\n%s", shift, got.text.String())
		assert.Len(t, got.faults, 4)
		for _, f := range got.faults {
			assert.True(t, f.Lost)
			assert.Regexp(t, `^line \d`, f.Where)
		}
		assert.NotContains(t, got.text.String(), "Secret")
	}
}

// Of a Bundle that is cut off, the entries before are read.
func TestCutOff(t *testing.T) {
	text := sample(t, "dpc-practitioner_bundle.json")
	got := read(t, "", text[:strings.Index(text, "C74C008D")])
	assert.Len(t, got.records, 2)
	assert.Contains(t, got.reasons(), "it ends too early")
	assert.True(t, got.faults[0].Lost)
}

// Cut off at every byte, an input gives an error or sound records, and never
// one that the whole does not have.
func TestCutOffEverywhere(t *testing.T) {
	carrier := string(ndjson(t, "bfd-ExplanationOfBenefit-Carrier.json", 1))
	for name, text := range map[string]string{
		"bundle":    sample(t, "dpc-practitioner_bundle.json"),
		"claim":     carrier[:len(carrier)/8], // cut off already: the whole takes too long, and no part of it is a claim
		"directory": strings.Repeat(sample(t, "npd-fhir_practitioner.json"), 2),
	} {
		whole := map[string]bool{}
		for _, r := range read(t, "", text).records {
			whole[string(r.AppendJSON(nil))] = true
		}
		for cut := range len(text) {
			var f found
			if err := Read(strings.NewReader(text[:cut]), f.record, f.fault); err != nil {
				var fault record.Fault
				require.ErrorAs(t, err, &fault)
				continue
			}
			for _, r := range f.records {
				require.True(t, whole[string(r.AppendJSON(nil))], "%s cut at %d", name, cut)
			}
		}
	}
}

func TestPlaces(t *testing.T) {
	bad := claimOf(`"provider":{"reference":"Organization/none"},` + `"careTeam":5`)
	got := read(t, "", claimOf(billing), "{}\n"+bad+"\n")
	assert.Equal(t, []string{
		"input 2, line 1", "input 2, line 2, /careTeam", "input 2, line 2, /provider", "input 2, line 2",
	}, wheres(got.faults))
	assert.Equal(t, "there is no Claim and no ExplanationOfBenefit in it", read(t, record.KindClaim, sample(t, "npd-fhir_practitioner.json")).reasons())
	assert.Contains(t, read(t, record.KindRoster, claimOf(billing)).reasons(), "on a roster")
	assert.Contains(t, read(t, "", `{"resourceType":"Patient"}`).reasons(), "no claim and no provider")
}

func wheres(faults []record.Fault) (out []string) {
	for _, f := range faults {
		out = append(out, f.Where)
	}
	return out
}

// Nothing of a patient leaves: the samples' patients, members and diagnoses are
// in no record, fault or error.
func TestPatientsStayIn(t *testing.T) {
	const person = `{"resourceType":"Patient","id":"PAT-1","identifier":[{"value":"MEMBER-9"}],"name":[{"family":"Secretperson","given":["Jane"]}],"birthDate":"1950-01-01"}`
	made := `{"resourceType":"Bundle","entry":[{"fullUrl":"urn:uuid:p","resource":` + person + `},{"resource":{"name":[{"family":"Secretperson"}],"address":[{"line":["1 Secretperson St"]}],"id":"PAT-1","resourceType":"Patient"}},{"resource":{"resourceType":"Claim","id":"c1","contained":[` + person + `],
		"patient":{"reference":"#PAT-1","display":"Secretperson"},"identifier":[{"type":{"coding":[{"code":"pat"}]},"value":"MEMBER-9"}],"payee":{"party":{"reference":"Patient/PAT-1","display":"Secretperson"}},"provider":{"reference":"urn:uuid:p","display":"Secretperson"},
		"facility":{"reference":"#home"},"careTeam":[{"provider":{"reference":"Patient/PAT-1","type":"Patient","display":"Secretperson"}},{"provider":` + logical("Practitioner", "1851713903") + `}],"enterer":{"display":"Secretperson"},"item":[{"locationAddress":{"line":["1 Secretperson St"]},"servicedDate":"PAT-1"}]}}]}`
	for name, in := range map[string]string{"made": made, "carrier": sample(t, "bfd-ExplanationOfBenefit-Carrier.json"), "outpatient": sample(t, "bfd-ExplanationOfBenefit-Outpatient.json"), "inpatient": sample(t, "inferno-c4bb_eob_inpatient_example.json")} {
		got := read(t, "", in)
		whole, err := json.Marshal(got.records)
		require.NoError(t, err)
		all := got.text.String() + string(whole)
		for _, secret := range []string{"Secretperson", "MEMBER-9", "PAT-1", "1950", "12345\"", "Patient1", "EXAMPLE1", "M48.06", "I21.4", "99231"} {
			assert.NotContains(t, all, secret, name)
		}
		if name == "made" {
			assert.Len(t, got.records, 1)
		}
	}
}

// What is too much is said, and costs no more than its record.
func TestBounds(t *testing.T) {
	team := `"careTeam":[` + strings.Repeat(`{"provider":`+logical("Practitioner", "1")+`},`, maxEntries) + `{}]`
	got := read(t, "", claimOf(team)+"\n"+claimOf(billing))
	assert.Len(t, got.records, 1)
	assert.Contains(t, got.reasons(), "a list of more than 5000 entries")

	items := strings.Repeat(`{"careTeamSequence":[1,2,3]},`, 1666) + "{}"
	got = read(t, "", claimOf(billing+`,"item":[`+items+`],"careTeam":[`+strings.Repeat(`{"sequence":1,"provider":`+logical("Practitioner", "1")+`},`, 4)+`{}]`))
	assert.Empty(t, got.records)
	assert.Contains(t, got.reasons(), "more than 5000 mentions")

	long := strings.Repeat("é", maxText)
	got = read(t, "", claimOf(`"provider":{"type":"Organization","display":"`+long+`","identifier":{`+us+`,"value":"`+long+`"}}`))
	require.Len(t, got.records, 1)
	assert.Len(t, got.records[0].Mentions[0].NPI, maxText)
	assert.Len(t, got.records[0].Mentions[0].OrganizationName, maxText)
	assert.Len(t, got.faults, 2)

	got = read(t, "", claimOf(billing+`,"careTeam":[`+strings.Repeat("5,", 500)+"5]"))
	assert.Len(t, got.faults, maxOwnFaults)
	got = read(t, "", strings.Repeat("{}\n", maxFaults+10)+claimOf(billing))
	assert.Len(t, got.faults, maxFaults+1)
	assert.Contains(t, got.faults[maxFaults].Reason, "more wrong")

	deep := strings.Repeat(`{"resourceType":"Bundle","entry":[{"resource":`, 20) + claimOf(billing) + strings.Repeat(`}]}`, 20)
	assert.Contains(t, read(t, "", deep, claimOf(billing)).reasons(), "more than 16 deep")
	assert.Contains(t, read(t, "", strings.Repeat(`[`, 20000), claimOf(billing)).text.String(), "not valid JSON")

	var b Batch
	b.kept = maxResources
	require.ErrorContains(t, b.Add(strings.NewReader(claimOf(billing))), "more than 1000000 resources")
}

// A document that is too long is refused, a line skipped.
func TestTooLong(t *testing.T) {
	defer func(n int) { maxDocument = n }(maxDocument)
	maxDocument = 1 << 20
	blanks := func() io.Reader { return strings.NewReader(strings.Repeat(" ", maxDocument+1)) }
	var b Batch
	require.NoError(t, b.Add(io.MultiReader(strings.NewReader(claimOf(billing)+"\n{"), blanks(), strings.NewReader("}\n"+claimOf(billing)))))
	err := b.Add(io.MultiReader(strings.NewReader("{\n\"resourceType\":"), blanks()))
	require.ErrorContains(t, err, "longer than 1048576 bytes")
	var f found
	require.NoError(t, b.Records("", f.record, f.fault))
	assert.Len(t, f.records, 2)
	assert.Equal(t, []string{"line 2"}, wheres(f.faults))
}

// Whatever the input, there is no panic; records can be published, and what
// they hold the native form can hold.
func FuzzRead(f *testing.F) {
	for _, path := range samples(f) {
		data, err := os.ReadFile(path)
		require.NoError(f, err)
		if len(data) < 8000 {
			f.Add(data)
		}
	}
	for _, seed := range []string{
		"", "{}", claimOf(billing), claimOf(billing) + "\n{\n" + claimOf(billing), bom + "{\n\n", `{"resourceType":"Bundle","entry":{"resource":{"resourceType":"Practitioner","id":"a","name":{"family":1,"given":"A"}},"fullUrl":"x"}}`,
		claimOf(`"careTeam":[{"sequence":1,"provider":{"reference":"#r"}}],"item":[{"careTeamSequence":1}],"contained":[{"resourceType":"PractitionerRole","id":"r","practitioner":{"reference":"#r"}}]`),
		`{"resourceType":"PractitionerRole","id":"r","practitioner":{"reference":"PractitionerRole/r"},"location":[{"reference":"PractitionerRole/r"}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var out found
		err := Read(strings.NewReader(string(data)), out.record, out.fault)
		var fault record.Fault
		if err != nil {
			require.ErrorAs(t, err, &fault)
			out.faults = append(out.faults, fault)
		}
		for i := range out.records {
			r := &out.records[i]
			require.NotEmpty(t, r.Mentions)
			back, err := record.Decode(r.Kind, r.AppendJSON(nil))
			require.NoError(t, err)
			require.Equal(t, r.ID, back.ID)
		}
		for _, f := range out.faults {
			require.NotEmpty(t, f.Reason)
			require.NotContains(t, f.Error(), "\n")
		}
	})
}

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/internal/writeback/providerjson"
)

// clinic is a document that is fit for an update, of an invented provider.
const clinic = `{"enumeration_type": "NPI-2", "number": 1234567893,
  "basic": {"organization_name": "EXAMPLE CLINIC", "ein": "000000002",
    "authorized_official_first_name": "CARL", "authorized_official_last_name": "EXAMPLE",
    "authorized_official_title_or_position": "OWNER", "authorized_official_telephone_number": "301-555-0100"},
  "addresses": [
    {"address_type": "DOM", "address_purpose": "LOCATION", "address_1": "1 EXAMPLE WAY", "city": "BALTIMORE", "state": "MD", "zip": "21201", "country_code": "US"},
    {"address_type": "DOM", "address_purpose": "MAILING", "address_1": "PO BOX 3", "city": "BALTIMORE", "state": "MD", "zip": "21203", "country_code": "US"}],
  "taxonomies": [{"code": "261QP2300X", "primary": true}]}`

func TestValidatePJSON(t *testing.T) {
	sound := written(t, "sound.json", clinic)
	assert.Empty(t, fine(t, "validate-pjson", "--action", "update", sound))
	assert.Equal(t, "{\"errors\":[],\"warnings\":[]}\n", fine(t, "validate-pjson", "--action", "Update", "--json", sound))

	r := command(t, strings.Replace(clinic, `"state": "MD"`, `"state": "AE"`, 1), "validate-pjson", "--action", "update", "-")
	assert.Equal(t, assembly.ExitFailed, r.code)
	assert.Equal(t, "error\tA-STATE#0\t/addresses/0/state\taddresses[0].state must be the two-letter code of a state or territory, or ZZ abroad.\n", r.out)
	assert.Equal(t, "npiflow: validate: 1 error\n", r.err)
}

func TestValidatePJSONWarns(t *testing.T) {
	out := fine(t, "validate-pjson", "--action", "create", "--json", written(t, "new.json", clinic))
	var printed providerjson.Report
	require.NoError(t, json.Unmarshal([]byte(out), &printed))
	assert.Empty(t, printed.Errors)
	require.Len(t, printed.Warnings, 1, "warnings do not make it fail")
	assert.Equal(t, "T-NUMBER-IGNORED", printed.Warnings[0].Rule)
	assert.Equal(t, "/number", printed.Warnings[0].Pointer)
	assert.Contains(t, out, `"message":"number is ignored`)
}

func TestValidatePJSONOfNoDocument(t *testing.T) {
	for name, text := range map[string]string{"nothing": "", "a page": "<html>JANE ROE</html>", "half of one": clinic[:200]} {
		r := command(t, text, "validate-pjson", "--action", "update", "-")
		assert.Equal(t, assembly.ExitFailed, r.code, name)
		assert.True(t, strings.HasPrefix(r.out, "error\tT-JSON\t\tThe document is not JSON: "), "%s: %s", name, r.out)
		assert.Equal(t, 1, strings.Count(r.out, "\n"), name)
		assert.NotContains(t, r.out, "JANE")
	}
	r := command(t, strings.Repeat(" ", longestDocument+1), "validate-pjson", "--action", "update", "-")
	assert.Equal(t, assembly.ExitFailed, r.code)
	assert.Contains(t, r.err, "longer than 1.049 MB")
}

func TestValidatePJSONWithTables(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "states.txt"), []byte("AE\n"), 0o600))
	r := command(t, clinic, "validate-pjson", "--action", "update", "--tables", dir, "-")
	assert.Equal(t, assembly.ExitFailed, r.code)
	assert.Equal(t, 2, strings.Count(r.out, "A-STATE#"), "MD is none of these states")
	fine(t, "validate-pjson", "--action", "update", "--tables", dir, written(t, "AE.json", strings.ReplaceAll(clinic, `"MD"`, `"AE"`)))

	require.NoError(t, os.WriteFile(filepath.Join(dir, "states.txt"), []byte("MD\nMaryland\n"), 0o600))
	r = command(t, clinic, "validate-pjson", "--action", "update", "--tables", dir, "-")
	assert.Equal(t, assembly.ExitUsage, r.code)
	assert.Contains(t, r.err, "states.txt: line 2")
}

func TestValidatePJSONUsage(t *testing.T) {
	file := written(t, "sound.json", clinic)
	for name, args := range map[string][]string{
		"no action":       {file},
		"another action":  {"--action", "delete", file},
		"no file":         {"--action", "update"},
		"two files":       {"--action", "update", file, file},
		"no such file":    {"--action", "update", file + ".not"},
		"no such folder":  {"--action", "update", "--tables", file + ".not", file},
		"a file for them": {"--action", "update", "--tables", file, file},
	} {
		r := command(t, "", append([]string{"validate-pjson"}, args...)...)
		assert.Equal(t, assembly.ExitUsage, r.code, "%s: %s", name, r.err)
		assert.Empty(t, r.out, name)
	}
}

func TestFindingsForPeople(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, printFindings(&out, &providerjson.Report{
		Errors:   []providerjson.Finding{{Rule: "A-STATE#0", Pointer: "/addresses/0/state", Message: "Wrong."}},
		Warnings: []providerjson.Finding{{Rule: "B-MODE-NOT-A", Pointer: "/basic/mode", Message: "Odd."}},
	}, true))
	assert.Equal(t, ""+
		"SEVERITY  RULE          WHERE               WHAT\n"+
		"error     A-STATE#0     /addresses/0/state  Wrong.\n"+
		"warning   B-MODE-NOT-A  /basic/mode         Odd.\n"+
		"1 error, 1 warning\n", out.String())
	out.Reset()
	require.NoError(t, printFindings(&out, &providerjson.Report{}, true))
	assert.Equal(t, "0 errors, 0 warnings\n", out.String())
}

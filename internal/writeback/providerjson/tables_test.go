package providerjson

import (
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBuiltInTables(t *testing.T) {
	assert.Len(t, builtin.states, 60)
	assert.Len(t, builtin.countries, 249)
	assert.Len(t, builtin.licenses, 835)
	assert.Len(t, builtin.taxonomies, 824)
	persons, licensed := 0, 0
	for _, s := range builtin.taxonomies {
		if s.entity == individual {
			persons++
		}
		if s.license {
			licensed++
			assert.Equal(t, individual, s.entity)
		}
	}
	assert.Equal(t, 643, persons)
	assert.Equal(t, 372, licensed)
}

func TestReadTables(t *testing.T) {
	newer, err := ReadTables(fstest.MapFS{
		taxonomiesFile: {Data: []byte("# a remark\r\n\r\n106S00000X\tI\tN\r\n207R00000X\tI\tN")},
	})
	require.NoError(t, err)
	assert.Equal(t, map[string]specialty{"106S00000X": {individual, false}, "207R00000X": {individual, false}}, newer.taxonomies)
	assert.Equal(t, builtin.states, newer.states, "what has no file is built in")
	assert.Len(t, builtin.taxonomies, 824, "and that stays as it was")

	b := breach{Individual, Update, `taxonomies.0.code="106S00000X"`, ""}
	d := valid(t, b.kind, b.action)
	edited(t, d, "taxonomies.0.code", `"106S00000X"`)
	assert.Equal(t, "", found(Validate(encode(t, d), Update, today, newer)))
	assert.Equal(t, "X-CODE#0", found(Validate(encode(t, d), Update, today, nil)))
	edited(t, d, "taxonomies.0.code", `"code"`)
	assert.Equal(t, "", found(Validate(encode(t, withLicense(t, d)), Update, today, newer)), "in every table")
}

func withLicense(t *testing.T, d map[string]any) map[string]any {
	t.Helper()
	edited(t, d, "taxonomy_licenses.0.taxonomy_code", `"code"`)
	return d
}

func TestReadTablesRefuses(t *testing.T) {
	for _, c := range []struct{ file, text, says string }{
		{statesFile, "", "read table states.txt: there is no code in it"},
		{statesFile, "# only a remark\n", "read table states.txt: there is no code in it"},
		{statesFile, "MD\nMaryland\n", "read table states.txt: line 2: a code of 2 characters belongs here"},
		{countriesFile, "US \n", "read table countries.txt: line 1: a code of 2 characters belongs here"},
		{licensesFile, "#\n\nMD-MDR-1\n", "read table license_type_codes.txt: line 3: a code of 6 characters belongs here"},
		{taxonomiesFile, "207R00000X\n", "read table taxonomy_crosswalk.tsv: line 1: a code, I or O, and Y or N belong here, separated by tabs"},
		{taxonomiesFile, "207R00000X\tX\tY\n", "read table taxonomy_crosswalk.tsv: line 1: a code, I or O, and Y or N belong here, separated by tabs"},
		{taxonomiesFile, "\tI\tY\n", "read table taxonomy_crosswalk.tsv: line 1: a code, I or O, and Y or N belong here, separated by tabs"},
	} {
		_, err := ReadTables(fstest.MapFS{c.file: {Data: []byte(c.text)}})
		assert.EqualError(t, err, c.says)
	}
	_, err := ReadTables(broken{})
	assert.ErrorIs(t, err, errBroken)
}

type broken struct{}

var errBroken = errors.New("the disk is gone")

func (broken) Open(string) (fs.File, error) { return nil, errBroken }

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/record"
)

func TestDecode(t *testing.T) {
	r := command(t.Context(), strings.NewReader(claims), "decode", "-", "testdata/files/stupidedi-ppo-repriced-claim.edi")
	assert.Equal(t, 1, r.code)
	assert.Equal(t, "standard input: line 4: /id has control characters or blanks around it\nnpiflow: 1 records or files could not be read\n", r.err)
	lines := strings.Split(strings.TrimSpace(r.out), "\n")
	require.Len(t, lines, 4)
	assert.Equal(t, `{"id":"good","type":"professional","service_from":"2026-10-05","service_to":"2026-10-05","providers":[{"role":"billing","npi":"1770626038"},{"role":"rendering","npi":"1851713903"}]}`, lines[0])
	assert.True(t, strings.HasPrefix(lines[3], `{"id":"ABC123-RI","type":"professional",`), lines[3])
}

// What decode prints is what decode reads.
func TestDecodeReadsItself(t *testing.T) {
	for _, file := range []string{"stupidedi-ppo-repriced-claim.edi", "imsweb-x12_complex.txt", "hhs-nppes-first10.csv", "bfd-ExplanationOfBenefit-Carrier.json", "dpc-practitioner_bundle.json"} {
		first := command(t.Context(), nil, "decode", "testdata/files/"+file)
		require.Zero(t, first.code, first.err)
		require.NotEmpty(t, first.out)
		again := command(t.Context(), strings.NewReader(first.out), "decode", "-")
		assert.Equal(t, first.out, again.out, file)
		assert.Empty(t, again.err)
		for line := range strings.Lines(first.out) {
			kind := record.KindClaim
			if strings.HasSuffix(file, ".csv") || strings.HasPrefix(file, "dpc") {
				kind = record.KindRoster
			}
			_, err := record.Decode(kind, []byte(line))
			require.NoError(t, err)
		}
	}
}

func TestDecodeOnlyOneKind(t *testing.T) {
	r := command(t.Context(), nil, "decode", "--kind", "roster", "testdata/files/stupidedi-ppo-repriced-claim.edi", "testdata/files/dpc-practitioner_bundle.json")
	require.Zero(t, r.code, r.err)
	assert.Equal(t, 4, strings.Count(r.out, "\n"))
}

func TestDecodeWithAMap(t *testing.T) {
	dir := t.TempDir()
	table, columns := filepath.Join(dir, "list.txt"), filepath.Join(dir, "map.yaml")
	require.NoError(t, os.WriteFile(table, []byte("M1,1851713903\nM2,1770626038\n"), 0o600))
	r := command(t.Context(), nil, "decode", table)
	assert.Equal(t, 1, r.code)
	require.NoError(t, os.WriteFile(columns, []byte("header_row: none\ncolumns: {2: npi}\n"), 0o600))
	r = command(t.Context(), nil, "decode", table, "--map", columns)
	require.Zero(t, r.code, r.err)
	assert.Equal(t, "{\"id\":\"row-1\",\"npi\":\"1851713903\"}\n{\"id\":\"row-2\",\"npi\":\"1770626038\"}\n", r.out)

	require.NoError(t, os.WriteFile(columns, []byte("colums: {2: npi}\n"), 0o600))
	r = command(t.Context(), nil, "decode", table, "--map", columns)
	assert.Equal(t, 2, r.code)
	assert.Contains(t, r.err, "map.yaml")
}

// Documents that the configuration describes, between those of our own.
func TestDecodeMapped(t *testing.T) {
	w := &world{t: t}
	cfg := w.file("npiflow.yaml", `formats:
  json:
    - {name: house, kind: claim, when: /claimNo, id: /claimNo, providers: [{role: billing, npi: /biller}]}
`)
	r := command(t.Context(), strings.NewReader(`{"claimNo":"H1","biller":1770626038,"member":"SECRETDOE"}`+"\n"+aRoster+"\n"+
		`{"claimNo":{},"biller":"SECRETDOE"}`+"\n"+`{"claimNo":"H2","biller":"1851713903"}`), "decode", "-", "--config", cfg)
	assert.Equal(t, 1, r.code)
	assert.Equal(t, `{"id":"H1","providers":[{"role":"billing","npi":"1770626038"}]}`+"\n"+aRoster+"\n"+`{"id":"H2","providers":[{"role":"billing","npi":"1851713903"}]}`+"\n", r.out)
	assert.Contains(t, r.err, "standard input: line 3: ")
	assert.NotContains(t, r.err, "SECRETDOE")
}

func TestDecodeKeepsPatientsOut(t *testing.T) {
	for _, file := range patients {
		r := command(t.Context(), nil, "decode", file.path)
		require.NotEmpty(t, r.out)
		for _, secret := range file.secrets {
			assert.NotContains(t, r.out+r.err, secret, file.path)
		}
	}
}

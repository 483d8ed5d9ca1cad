package main

import (
	"archive/zip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	fence   = regexp.MustCompile("(?s)```sh\n(.*?)```")
	remark  = regexp.MustCompile(`\s+#.*$`)
	curling = regexp.MustCompile(`^curl -s 'http://127\.0\.0\.1:8081(.+)'$`)
	served  = regexp.MustCompile(`^bin/registry serve\b`)
)

// TestDocumentedCommands runs every command about the registry that the
// documents show, in their order, with samples under the names they use.
func TestDocumentedCommands(t *testing.T) {
	for _, doc := range []string{"README.md", "docs/registry.md"} {
		t.Run(doc, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("../..", doc))
			require.NoError(t, err)
			desk := documented(t)
			var asked []string
			ran := 0
			for _, block := range fence.FindAllStringSubmatch(string(text), -1) {
				for line := range strings.Lines(block[1]) {
					line = remark.ReplaceAllString(strings.TrimSpace(line), "")
					if m := curling.FindStringSubmatch(line); m != nil {
						asked = append(asked, m[1])
					}
					if strings.Contains(line, "bin/registry ") && !served.MatchString(line) {
						desk.run(t, line)
						ran++
					}
				}
			}
			assert.GreaterOrEqual(t, ran, 3, "%s shows how to import, look up and ask for the status", doc)
			s := serve(t, filepath.Join(desk.dir, "data/registry"))
			for _, path := range asked {
				status, body := s.get(t, path)
				assert.Equal(t, 200, status, path)
				assert.Regexp(t, `"result_count":[1-9]|"found":true`, body, path)
			}
		})
	}
}

// desk is a folder as somebody has it who follows the documents.
type desk struct{ dir string }

func (d desk) run(t *testing.T, line string) {
	t.Helper()
	if strings.HasPrefix(line, "bin/registry import") {
		line += " --sample"
	}
	c := exec.CommandContext(t.Context(), "sh", "-c", line)
	c.Dir = d.dir
	out, err := c.CombinedOutput()
	assert.NoError(t, err, "%s\n%s", line, out)
	assert.NotEmpty(t, out, line)
}

// documented lays out the files that the documents name: rows of CMS's own and
// of the OIG's where there are any.
func documented(t *testing.T) desk {
	t.Helper()
	d := desk{t.TempDir()}
	for _, folder := range []string{"bin", "downloads"} {
		require.NoError(t, os.Mkdir(filepath.Join(d.dir, folder), 0o700))
	}
	require.NoError(t, os.Symlink(built(t), filepath.Join(d.dir, "bin/registry")))
	month, week := sample(t, "npidata_2018.csv"), sample(t, "npidata_2016.csv")
	d.zip(t, "downloads/NPPES_Data_Dissemination_November_2026_V2.zip", "npidata_pfile_20050523-20261108.csv", month)
	d.zip(t, "downloads/NPPES_Data_Dissemination_110926_111526_Weekly_V2.zip", "npidata_pfile_20261109-20261115.csv", week)
	d.zip(t, "NPPES_Data_Dissemination_111626_112226_Weekly_V2.zip", "npidata_pfile_20261116-20261122.csv", week)
	report, err := os.ReadFile(deactivations(t))
	require.NoError(t, err)
	d.write(t, "downloads/NPPES_Deactivated_NPI_Report_110926_V2.zip", string(report))
	d.write(t, "downloads/UPDATED.csv", sample(t, "leie.csv"))
	d.write(t, "downloads/nucc_taxonomy_261.csv", "Code,Grouping,Classification,Specialization,Definition,Notes,Display Name,Section\n"+
		"207R00000X,,Internal Medicine,,,,Internal Medicine Physician,Individual\n")
	d.write(t, "npis.csv", "1932315942,x\n1669586954,y\n")
	return d
}

func sample(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return string(text)
}

func (d desk) write(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(d.dir, name), []byte(text), 0o600))
}

func (d desk) zip(t *testing.T, name, member, text string) {
	t.Helper()
	f, err := os.Create(filepath.Join(d.dir, name))
	require.NoError(t, err)
	z := zip.NewWriter(f)
	w, err := z.Create(member)
	require.NoError(t, err)
	_, err = w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	require.NoError(t, f.Close())
}

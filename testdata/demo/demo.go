// Package demo holds the sample records of the demonstration: claims and
// roster rows that between them show every verdict and every flag, the made-up
// answers some of them need, and the bulk files of its local registry. The
// people are real public registry entries or invented; the patient in the first
// claim is invented, and must not be seen in any output.
package demo

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Files holds claims.ndjson and rosters.ndjson, a message a line, and
// registry/, answers in the registry's own form that no recording has.
//
//go:embed claims.ndjson rosters.ndjson registry
var Files embed.FS

//go:embed bulk
var bulk embed.FS

// listAge is how old the deactivation report is: older than evidence may be
// by default, so that what it alone knows is stale.
const listAge = 60 * 24 * time.Hour

// WriteBulk writes bulk files into dir under the names CMS and the OIG would
// have given them had they been made lately, and gives their paths: a full
// file of the Sunday before now, an exclusion list, and a deactivation report
// of 60 days ago that knows of 1999000056.
func WriteBulk(dir string, now time.Time) ([]string, error) {
	now = now.UTC()
	sunday := now.AddDate(0, 0, -int(now.Weekday()))
	listed := now.Add(-listAge)
	report := "\"NPPES Deactivated NPI Report as of " + listed.Format("Jan 02 2006") + "\",\"\"\n\"NPI\",\"NPPES Deactivation Date\"\n" +
		"\"1999000056\",\"" + listed.AddDate(0, -1, 0).Format("01/02/2006") + "\"\n"
	var paths []string
	for _, f := range []struct{ from, text, name string }{
		{"bulk/npidata.csv", "", "npidata_pfile_20050523-" + sunday.Format("20060102") + ".csv"},
		{"bulk/exclusions.csv", "", "UPDATED.csv"},
		{"", report, "NPPES Deactivated NPI Report " + listed.Format("20060102") + ".csv"},
	} {
		body := []byte(f.text)
		if f.from != "" {
			var err error
			if body, err = bulk.ReadFile(f.from); err != nil {
				return nil, fmt.Errorf("write the sample bulk files: %w", err)
			}
		}
		path := filepath.Join(dir, f.name)
		if err := os.WriteFile(path, body, 0o600); err != nil {
			return nil, fmt.Errorf("write the sample bulk files: %w", err)
		}
		paths = append(paths, path)
	}
	return paths, nil
}

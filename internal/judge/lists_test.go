package judge

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/record"
)

// listed judges a rendering provider of the given evidence, for a claim of the
// given days.
func listed(from, to record.Date, e record.Evidence) record.Judged {
	r := record.Record{Kind: record.KindClaim, ServiceFrom: from, ServiceTo: to, Mentions: []record.Mention{{Role: record.Rendering, NPI: "1234567893"}}}
	return Of(record.Enriched{Checked: checksum.Check(r), Entries: []*record.Entry{{Evidence: e}}}, today)
}

func TestExcluded(t *testing.T) {
	line := record.Exclusion{Type: "1128a1", Date: 2020_03_19}
	waived := line
	waived.WaiverDate, waived.WaiverState = 2021_01_01, "WI"
	for _, c := range []struct {
		from, to record.Date
		of       record.Exclusion
		sev      record.Severity
		verdict  record.Verdict
		says     string
	}{
		{2020_03_19, 2020_03_19, line, fail, record.Flagged, "under section 1128a1 of the Social Security Act from 2020-03-19 on: no federal"},
		{2020_03_18, 2020_03_18, line, note, record.Clean, "from 2020-03-19 on, after the service date 2020-03-18: nothing to mend"},
		{2020_03_18, 2020_03_19, line, fail, record.Flagged, "name another provider"}, // a part of the service is enough
		{0, 0, line, fail, record.Flagged, "no federal"},                              // today, then
		{0, 0, record.Exclusion{Date: 2027_01_01}, note, record.Clean, "the day the record came in"},
		{2020_03_19, 2020_03_19, record.Exclusion{}, fail, record.Flagged, "on the OIG exclusion list: no federal"}, // a line without a day
		{2022_01_01, 2022_01_01, waived, fail, record.Flagged, "waived for services in WI since 2021-01-01."},
		{2022_01_01, 2022_01_01, record.Exclusion{Date: 2020_03_19, WaiverState: "WI"}, fail, record.Flagged, "waived for services in WI."},
		{2022_01_01, 2022_01_01, record.Exclusion{Date: 2020_03_19, WaiverDate: 2021_01_01}, fail, record.Flagged, "in part since 2021-01-01"},
		{2020_01_01, 2020_01_01, waived, note, record.Clean, "waived for services in WI"},
	} {
		e := record.Evidence{Facts: josefina}
		e.Excluded = &c.of
		j := listed(c.from, c.to, e)
		f := only(t, j)
		assert.Equal(t, record.FlagExcluded, f.Code)
		assert.Equal(t, c.sev, f.Severity, c.says)
		assert.Equal(t, c.verdict, j.Verdict, c.says)
		assert.Contains(t, f.Detail, c.says)
		assert.Nil(t, f.Codes, "payers do not agree on an answer")
	}
}

func TestStale(t *testing.T) {
	f := only(t, listed(0, 0, record.Evidence{Source: record.FromLocal, AsOf: 2026_05_03, Stale: true, Facts: josefina}))
	assert.Equal(t, record.FlagStaleEvidence, f.Code)
	assert.Equal(t, note, f.Severity)
	assert.Contains(t, f.Detail, "(NPPES data file of 2026-05-03)")
}

// The lists and the age are told whatever the registry says of the provider.
func TestListsBesideTheStatus(t *testing.T) {
	for status, code := range map[record.Status]record.FlagCode{
		record.Absent: record.FlagNotFound, record.Deactivated: record.FlagDeactivated,
	} {
		e := record.Evidence{Source: record.FromDeactivations, AsOf: 2026_05_03, Stale: true, Facts: record.Facts{Status: status, DeactivationDate: 2019_05_05}}
		e.Excluded = &record.Exclusion{Date: 2020_03_19}
		j := listed(2026_08_01, 2026_08_01, e)
		require.Len(t, j.Flags[0], 3)
		assert.Equal(t, code, j.Flags[0][0].Code)
		assert.Equal(t, record.FlagExcluded, j.Flags[0][1].Code)
		assert.Equal(t, record.FlagStaleEvidence, j.Flags[0][2].Code)
		assert.Equal(t, record.Flagged, j.Verdict)
	}
}

package judge

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/record"
)

func TestActivity(t *testing.T) {
	const none = record.FlagCode("")
	for _, c := range []struct {
		from, to     record.Date
		off, on      record.Date
		status       record.Status
		want         record.FlagCode
		sev          record.Severity
		says, reason string
	}{
		{2024_01_02, 2024_01_02, 0, 0, record.Active, none, "", "", "never deactivated"},
		{2024_01_02, 2024_01_02, 2024_01_03, 0, record.Deactivated, record.FlagDeactivatedAfter, note, "2024-01-03", "the day before"},
		{2024_01_02, 2024_01_02, 2024_01_02, 0, record.Deactivated, record.FlagDeactivated, fail, "not reactivated since", "the very day"},
		{2024_01_02, 2024_01_02, 2020_01_01, 0, record.Active, record.FlagDeactivated, fail, "the service date 2024-01-02", "the dates count, whatever the status says"},
		{2024_01_02, 2024_01_02, 2020_01_01, 2024_01_02, record.Active, none, "", "", "active again that day"},
		{2024_01_02, 2024_01_02, 2020_01_01, 2024_01_03, record.Active, record.FlagDeactivated, fail, "reactivated on 2024-01-03", "active again a day late"},
		{2024_01_02, 2024_01_02, 2020_01_01, 2020_01_01, record.Active, none, "", "", "deactivated and reactivated in a day"},
		{2024_01_02, 2024_01_02, 2020_01_01, 2019_01_01, record.Active, record.FlagDeactivated, fail, "not reactivated since", "the reactivation belongs to an earlier gap"},
		{2024_01_02, 2024_01_02, 2025_01_01, 2025_06_01, record.Active, none, "", "", "a gap after the service, and active now"},
		{2024_01_02, 2024_01_02, 2027_01_01, 0, record.Active, none, "", "", "a deactivation to come"},
		{2024_01_02, 2024_01_02, 2025_01_01, 0, record.Active, record.FlagDeactivatedAfter, note, "nothing to mend", "inactive today by its dates"},
		{2024_01_02, 2024_01_05, 2024_01_03, 0, record.Deactivated, record.FlagStraddles, warn, "2024-01-02 to 2024-01-05", "deactivated in between"},
		{2024_01_02, 2024_01_05, 2024_01_05, 0, record.Deactivated, record.FlagStraddles, warn, "split", "on the last day"},
		{2024_01_02, 2024_01_05, 2024_01_02, 0, record.Deactivated, record.FlagDeactivated, fail, "2024-01-02 to", "on the first day"},
		{2024_01_02, 2024_01_05, 2024_01_06, 0, record.Deactivated, record.FlagDeactivatedAfter, note, "", "the day after the last"},
		{2024_01_02, 2024_01_05, 2020_01_01, 2024_01_04, record.Active, record.FlagStraddles, warn, "reactivated on 2024-01-04", "reactivated in between"},
		{2024_01_02, 2024_01_05, 2024_01_03, 2024_01_04, record.Active, record.FlagStraddles, warn, "", "a gap inside the stay"},
		{2024_01_02, 2024_01_02, 0, 0, record.Deactivated, record.FlagDeactivated, fail, "since when is not known", "no date"},
		{2024_01_02, 2024_01_02, 0, 2023_01_01, record.Deactivated, record.FlagDeactivated, fail, "since when is not known", "only an old reactivation"},
		{2024_01_02, 2024_01_02, 2020_01_01, 2023_01_01, record.Deactivated, record.FlagDeactivated, fail, "", "deactivated now, whatever was reactivated"},
		{0, 0, 2026_08_03, 0, record.Deactivated, record.FlagDeactivated, fail, "2026-08-03, the day the record came in", "no service date: today"},
		{0, 0, 2026_08_04, 0, record.Deactivated, record.FlagDeactivatedAfter, note, "", "judged again with later evidence"},
		{2024_01_02, 0, 2024_01_02, 0, record.Deactivated, record.FlagDeactivated, fail, "the service date 2024-01-02", "one date only"},
		{0, 2024_01_02, 2024_01_03, 0, record.Deactivated, record.FlagDeactivatedAfter, note, "", "the other only"},
	} {
		r := record.Record{Kind: record.KindClaim, ServiceFrom: c.from, ServiceTo: c.to, Mentions: []record.Mention{{Role: record.Rendering, NPI: "1234567893"}}}
		e := entry(record.Facts{Status: c.status, Type: record.NPI1, DeactivationDate: c.off, ReactivationDate: c.on})
		j := Of(record.Enriched{Checked: checksum.Check(r), Entries: []*record.Entry{e}}, today)
		if c.want == none {
			assert.Nil(t, j.Flags, c.reason)
			continue
		}
		f := only(t, j)
		assert.Equal(t, c.want, f.Code, c.reason)
		assert.Equal(t, c.sev, f.Severity, c.reason)
		assert.Contains(t, f.Detail, c.says, c.reason)
		assert.Contains(t, f.Detail, "(NPPES data file of 2026-08-01)", c.reason)
		assert.Equal(t, c.sev == note, f.Codes == nil, "%s: no payer objects to what is legal", c.reason)
	}
}

// An NPI may be obtained later and used for older services, but a payer may not
// know it for them.
func TestBeforeEnumeration(t *testing.T) {
	for _, c := range []struct {
		from, to, issued, off record.Date
		want                  record.FlagCode
		says, why             string
	}{
		{2024_01_02, 2024_01_02, 2024_01_02, 0, "", "", "the very day"},
		{2024_01_02, 2024_01_02, 2024_01_03, 0, record.FlagBeforeEnumerated, "issued on 2024-01-03, after the service date 2024-01-02", "the day before"},
		{2024_01_02, 2024_01_05, 2024_01_06, 0, record.FlagBeforeEnumerated, "after the service dates 2024-01-02 to 2024-01-05", "all days before"},
		{2024_01_02, 2024_01_05, 2024_01_05, 0, record.FlagBeforeEnumerated, "after the first of the service dates", "on the last day"},
		{2024_01_02, 2024_01_05, 2024_01_02, 0, "", "", "on the first day"},
		{2024_01_02, 2024_01_02, 0, 0, "", "", "the source does not say"},
		{0, 0, 2027_01_01, 0, "", "", "no service date"},
		{2024_01_02, 2024_01_02, 2024_02_01, 2025_01_01, record.FlagBeforeEnumerated, "", "not active then, whatever came later"},
		{2024_01_02, 2024_01_05, 2024_01_04, 2024_01_05, record.FlagStraddles, "", "the deactivation counts more"},
	} {
		r := record.Record{Kind: record.KindClaim, ServiceFrom: c.from, ServiceTo: c.to, Mentions: []record.Mention{{Role: record.Rendering, NPI: "1234567893"}}}
		e := entry(record.Facts{Status: record.Active, Type: record.NPI1, EnumerationDate: c.issued, DeactivationDate: c.off})
		j := Of(record.Enriched{Checked: checksum.Check(r), Entries: []*record.Entry{e}}, today)
		if c.want == "" {
			assert.Nil(t, j.Flags, c.why)
			continue
		}
		f := only(t, j)
		assert.Equal(t, c.want, f.Code, c.why)
		assert.Equal(t, warn, f.Severity, c.why)
		assert.Contains(t, f.Detail, c.says, c.why)
		assert.Equal(t, "A7:562:82", f.Codes.ClaimStatus[0], c.why)
	}
}

// A roster lists its providers now, whenever they joined.
func TestRosterIsJudgedToday(t *testing.T) {
	r := record.Record{Kind: record.KindRoster, ServiceFrom: 2019_01_01, ServiceTo: 2019_01_01, Mentions: []record.Mention{{Role: record.Individual, NPI: "1234567893"}}}
	e := entry(record.Facts{Status: record.Deactivated, Type: record.NPI1, DeactivationDate: 2020_01_01})
	f := only(t, Of(record.Enriched{Checked: checksum.Check(r), Entries: []*record.Entry{e}}, today))
	assert.Equal(t, record.FlagDeactivated, f.Code)
}

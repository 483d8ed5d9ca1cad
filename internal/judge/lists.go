package judge

import "github.com/npiflow/npiflow/internal/record"

// exclusionFlag compares the days of service with the provider's line on the
// OIG's exclusion list. An exclusion holds from its day on until the line is
// gone (42 CFR 1001.1901, 1001.3002); a waiver lifts it for one state, and no
// record says for which state it is, so a waiver is told and changes nothing.
func exclusionFlag(r *rule, d days, x *record.Exclusion) (record.Flag, bool) {
	if x == nil {
		return record.Flag{}, false
	}
	f := record.Flag{
		Code: record.FlagExcluded, Severity: record.Error,
		Detail: "The " + r.label + " is on the OIG exclusion list" + line(x) + ": no federal health care program pays for what it furnishes, orders or prescribes, " +
			"so name another provider, or bill no federal program for it." + waiver(x),
	}
	if d.to < x.Date {
		f.Severity = record.Info
		f.Detail = "The " + r.label + " is on the OIG exclusion list" + line(x) + ", after " + d.String() +
			": nothing to mend, but no federal health care program pays for its later services." + waiver(x)
	}
	return f, true
}

// line is an exclusion's ground and day, as far as they are known.
func line(x *record.Exclusion) (s string) {
	if x.Type != "" {
		s = " under section " + x.Type + " of the Social Security Act"
	}
	if x.Date != 0 {
		s += " from " + x.Date.String() + " on"
	}
	return s
}

func waiver(x *record.Exclusion) string {
	switch {
	case x.WaiverDate == 0 && x.WaiverState == "":
		return ""
	case x.WaiverState == "":
		return " The exclusion is waived in part since " + x.WaiverDate.String() + ": ask the OIG for what."
	case x.WaiverDate == 0:
		return " The exclusion is waived for services in " + x.WaiverState + "."
	}
	return " The exclusion is waived for services in " + x.WaiverState + " since " + x.WaiverDate.String() + "."
}

// staleFlag says that the evidence is older than allowed: what the other flags
// say, or do not say, may have changed since.
func staleFlag(r *rule, e *record.Evidence) record.Flag {
	return record.Flag{
		Code: record.FlagStaleEvidence, Severity: record.Info,
		Detail: "The evidence on the " + r.label + " (" + cite(e) + ") is older than allowed, and nothing newer was to be had: " +
			"vet the record again once the local registry is up to date or NPPES answers.",
	}
}

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
	p := excludedThen
	if d.to < x.Date {
		p = excludedLater
	}
	return r.flag(p, "line", line(x), "days", d.String(), "waiver", waiver(x)), true
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

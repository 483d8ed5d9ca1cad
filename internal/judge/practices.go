package judge

import (
	"slices"
	"strings"

	"github.com/npiflow/npiflow/internal/record"
)

// practiceFlag compares the practices of a roster row with those the registry
// knows of the provider, by state and ZIP code. Of several the worst is said.
// An address that lacks either, as one abroad, is not compared.
func practiceFlag(r *rule, row *record.Roster, e *record.Entry) (record.Flag, bool) {
	if row == nil {
		return record.Flag{}, false
	}
	own := ""
	if l := e.Location(); l != nil {
		own = l.Place()
	}
	worst := exact
	for i := range row.Addresses {
		if a := &row.Addresses[i]; !strings.EqualFold(a.Purpose, "MAILING") {
			worst = min(worst, practised(strings.ToUpper(a.Place()), own, e.Evidence.OtherPractices))
		}
	}
	p := otherState
	switch {
	case worst == exact:
		return record.Flag{}, false
	case worst == weak:
		p = otherZIP
	}
	f := r.flag(p, "source", cite(&e.Evidence))
	f.Actual = own
	return f, true
}

// practised says how well a place fits those of the registry. What cannot be
// compared fits.
func practised(at, own string, others []string) level {
	switch {
	case at == "" || own == "" || len(others) == record.MaxOthers:
		return exact
	case at == own || slices.Contains(others, at):
		return exact
	case at[:2] == own[:2] || slices.ContainsFunc(others, func(o string) bool { return strings.HasPrefix(o, at[:2]) }):
		return weak
	}
	return mismatch
}

package judge

import "github.com/npiflow/npiflow/internal/record"

// days are the days a record is judged for.
type days struct {
	from, to record.Date // first and last day of service, both included
	today    record.Date // the day the record was received
	service  bool        // from and to are service dates, not today
}

// daysOf takes the service dates of a claim. A roster lists its providers
// now, so it is judged for today, as is a claim without a date.
func daysOf(r *record.Record, today record.Date) days {
	d := days{from: r.ServiceFrom, to: r.ServiceTo, today: today, service: true}
	if d.from == 0 {
		d.from = d.to
	}
	if d.to == 0 {
		d.to = d.from
	}
	if d.from == 0 || r.Kind == record.KindRoster {
		return days{from: today, to: today, today: today}
	}
	return d
}

// never is later than every date.
const never record.Date = 9999_12_31

// gap is the time an NPI could not be used: from the deactivation to the day
// before the reactivation. NPPES keeps only the latest pair, so a
// reactivation before the deactivation belongs to an earlier gap that is no
// longer known; and a registry that says deactivated means now, whatever
// reactivation it also remembers. ok is false where no gap is known.
func gap(f *record.Facts) (from, until record.Date, ok bool) {
	from, until = f.DeactivationDate, f.ReactivationDate
	if until < from || f.Status == record.Deactivated {
		until = never
	}
	return from, until, from != 0 && from < until
}

// activityFlag compares the days of service with the gap, and with the day the
// NPI was issued: an NPI may be obtained later and used for older services, so
// that is no error.
func activityFlag(r *rule, d days, e *record.Evidence) (record.Flag, bool) {
	from, until, ok := gap(&e.Facts)
	issued := e.EnumerationDate
	switch {
	case !ok && e.Status == record.Deactivated:
		return r.flag(notActiveUndated, "source", cite(e)), true
	case ok && from <= d.from && d.to < until:
		return r.flag(notActive, "off", from.String(), "again", again(until), "days", d.String(), "source", cite(e)), true
	case ok && from <= d.to && d.from < until:
		return r.flag(partlyActive, "off", from.String(), "again", again(until), "days", d.String(), "source", cite(e)), true
	case d.service && d.to < issued:
		return r.flag(issuedLater, "issued", issued.String(), "days", d.String(), "source", cite(e)), true
	case d.service && d.from < issued:
		return r.flag(issuedMeanwhile, "issued", issued.String(), "days", d.String(), "source", cite(e)), true
	case ok && d.to < from && (e.Status == record.Deactivated || from <= d.today && d.today < until):
		return r.flag(activeThen, "days", d.String(), "off", from.String(), "source", cite(e)), true
	}
	return record.Flag{}, false
}

func again(until record.Date) string {
	if until == never {
		return "not reactivated since"
	}
	return "reactivated on " + until.String()
}

// String is "the service date 2024-01-02", as a sentence needs it.
func (d days) String() string {
	switch {
	case !d.service:
		return d.today.String() + ", the day the record came in"
	case d.from == d.to:
		return "the service date " + d.from.String()
	}
	return "the service dates " + d.from.String() + " to " + d.to.String()
}

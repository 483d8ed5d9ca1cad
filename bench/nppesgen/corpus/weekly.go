package corpus

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/npiflow/npiflow/internal/record"
)

// WeeklyName is CMS's name of the weekly file that begins on monday.
func WeeklyName(o Options, monday record.Date) string {
	from := dayOf(monday)
	return fmt.Sprintf("NPPES_Data_Dissemination_%s_%s_Weekly%s.zip",
		from.time().Format("010206"), (from + 6).time().Format("010206"), o.version())
}

// Weekly writes the zip of the week that begins on monday, some week after the
// monthly file of the same options: of all changes about 70 % are active rows
// with something new in them, 18 % new NPIs, 10 % stubs of what was active,
// and 2 % stubs that are active again. Each has its day within the week. Two
// weeks of equal changes bring different new NPIs; what one week changed, the
// next does not know.
func Weekly(w io.Writer, o Options, monday record.Date, changes int) (Census, error) {
	if err := o.check(); err != nil {
		return Census{}, err
	}
	from := dayOf(monday)
	switch {
	case from.time().Weekday() != time.Monday || from <= o.asOf():
		return Census{}, errors.New("make a week: it must begin on a Monday after the monthly file's last day")
	case changes < 1 || changes > o.Rows/4:
		return Census{}, fmt.Errorf("make a week: %d changes, but 1 to a quarter of the rows are possible", changes)
	}
	k := week{o, from, changes}
	plan := k.plan()
	census, err := archive{w, o, from, from + 6}.write(k.providers(plan), nil)
	for _, c := range plan {
		switch c.kind {
		case updated:
			census.Updated++
		case added:
			census.New++
		}
	}
	return census, err
}

// A week's changes.
const (
	updated = iota
	added
	deactivated
	reactivated
)

type change struct{ index, kind int }

type week struct {
	o       Options
	monday  day
	changes int
}

// plan chooses which providers change, each once, in the order of enumeration.
func (k week) plan() []change {
	d := dice{newRand(k.o.Seed, uint64(k.monday))}
	chosen, plan := make(map[int]bool, k.changes), make([]change, 0, k.changes)
	next := k.o.Rows + int(k.monday-k.o.asOf())/7*k.changes
	for len(plan) < k.changes {
		c := change{kind: pick(d, kinds)}
		if c.kind == added {
			c.index, next = next, next+1
			plan = append(plan, c)
			continue
		}
		c.index = d.IntN(k.o.Rows)
		for chosen[c.index] || isStub(k.o.Seed, c.index) != (c.kind == reactivated) {
			c.index = d.IntN(k.o.Rows)
		}
		chosen[c.index] = true
		plan = append(plan, c)
	}
	slices.SortFunc(plan, func(a, b change) int { return a.index - b.index })
	return plan
}

// kinds has each kind as often as its share asks for.
var kinds = slices.Concat(
	slices.Repeat([]int{updated}, 35), slices.Repeat([]int{added}, 9),
	slices.Repeat([]int{deactivated}, 5), slices.Repeat([]int{reactivated}, 1))

func (k week) providers(plan []change) iter.Seq[*provider] {
	return func(yield func(*provider) bool) {
		m, d := newMaker(k.o), dice{newRand(k.o.Seed, uint64(k.monday)+1)}
		for _, c := range plan {
			if !yield(k.changed(m, c, k.monday+day(d.IntN(7)))) {
				return
			}
		}
	}
}

// changed makes a provider as it is after its change on a day.
func (k week) changed(m *maker, c change, on day) *provider {
	switch c.kind {
	case added:
		m.asOf = on // it knows no other day
		p := m.full(c.index, on)
		p.deactivated, p.reactivated = 0, 0
		m.asOf = k.o.asOf()
		return p
	case reactivated:
		p := m.full(c.index, m.enumeration(c.index))
		p.updated, p.reactivated = on, on
		return p
	case deactivated:
		p := m.provider(c.index)
		p.shut(on)
		return p
	}
	p := m.provider(c.index)
	p.updated = on
	m.renew(p)
	return p
}

// renew draws what an update mostly changes: the practice, often the mailing
// address with it, sometimes a person's name.
func (m *maker) renew(p *provider) {
	p.certified = p.updated
	p.practice = m.address()
	if m.chance(500) {
		p.mailing = p.practice
	}
	if !p.organization && m.chance(100) {
		p.other, p.otherType = p.name, "1"
		p.name.last = m.surname()
	}
}

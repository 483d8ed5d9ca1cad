// Package corpus writes files as CMS and the OIG ship them, filled with
// providers that do not exist.
//
// Every provider follows from (seed, index) alone, so a weekly file agrees
// with its monthly one, any row can be made again without reading a file, and
// a test can ask for the NPI at an index and know what the file says of it.
package corpus

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/npiflow/npiflow/internal/record"
)

// Options choose a population. Files of equal options are equal byte for byte.
type Options struct {
	Rows int         // providers in the monthly file, 1 to MaxRows
	Seed uint64      // another seed, another population
	AsOf record.Date // the last day the monthly file knows, a Sunday; 0 is 2026-11-08
	// V1 is the layout CMS shipped until March 2026: "Gender" in the header,
	// othername without its date, no _V2 in the names.
	V1 bool
}

// MaxRows bounds the population, so that there are NPIs left that nobody has.
const MaxRows = 90_000_000

// Census is what was written. A field that a kind of file does not have is 0.
type Census struct {
	Rows          int // of the main file, or of the list
	Individuals   int
	Organizations int
	Stubs         int // deactivated: only NPI and deactivation date
	Reactivated   int // active, with both dates

	Taxonomies  int
	Identifiers int
	FormerNames int // people with another name, in the main file
	OtherNames  int // rows of othername_pfile
	Locations   int // rows of pl_pfile
	Endpoints   int // rows of endpoint_pfile
	LastUpdate  record.Date

	New, Updated int // of a weekly file: the stubs and the reactivated are counted above
	Known        int // of the LEIE: rows with an NPI
}

func (c *Census) count(p *provider) {
	c.Rows++
	if p.stub {
		c.Stubs++
		return
	}
	if p.organization {
		c.Organizations++
	} else {
		c.Individuals++
	}
	if p.reactivated != 0 {
		c.Reactivated++
	}
	if p.otherType != "" {
		c.FormerNames++
	}
	c.Taxonomies += len(p.taxonomies)
	c.Identifiers += len(p.identifiers)
	c.OtherNames += len(p.otherNames)
	c.Locations += len(p.locations)
	c.Endpoints += len(p.endpoints)
	c.LastUpdate = max(c.LastUpdate, p.updated.date())
}

// MonthlyName is CMS's name of the full file: by the month of its last day.
func MonthlyName(o Options) string {
	d := o.asOf().time()
	return fmt.Sprintf("NPPES_Data_Dissemination_%s_%d%s.zip", d.Month(), d.Year(), o.version())
}

// Monthly writes the zip of the full file, row i being provider i: CMS's file
// too is in the order of enumeration. It keeps no more than a few rows.
// progress, if not nil, is told now and then how many rows of the main file
// are written.
func Monthly(w io.Writer, o Options, progress func(rows int)) (Census, error) {
	if err := o.check(); err != nil {
		return Census{}, err
	}
	return archive{w, o, epoch, o.asOf()}.write(o.population(), progress)
}

// population makes every provider of the monthly file, in the same place.
func (o Options) population() iter.Seq[*provider] {
	return func(yield func(*provider) bool) {
		m := newMaker(o)
		for i := range o.Rows {
			if !yield(m.provider(i)) {
				return
			}
		}
	}
}

// AppendRow appends row i of the monthly file's main member, with its line
// end. Making a few rows so is slow; Monthly is not.
func AppendRow(b []byte, o Options, i int) []byte {
	return appendMain(b, newMaker(o).provider(i))
}

func (o Options) check() error {
	switch {
	case o.Rows < 1 || o.Rows > MaxRows:
		return fmt.Errorf("make a population: %d rows, but 1 to %d are possible", o.Rows, MaxRows)
	case o.asOf() < epoch+30:
		return errors.New("make a population: the last day is before NPIs were given out, May 2005")
	}
	return nil
}

func (o Options) asOf() day {
	if o.AsOf == 0 {
		return dayOf(2026_11_08)
	}
	return dayOf(o.AsOf)
}

func (o Options) version() string {
	if o.V1 {
		return ""
	}
	return "_V2"
}

// day counts days from 1 January 1970. The zero value is no day.
type day int

// epoch is the day the first NPI was given out, and the A of every monthly
// file's name.
var epoch = dayOf(2005_05_23)

func dayOf(d record.Date) day {
	return day(time.Date(int(d/10000), time.Month(d/100%100), int(d%100), 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func (d day) time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

func (d day) date() record.Date { return record.DateOf(d.time()) }

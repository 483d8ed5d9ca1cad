package bulk

import (
	"cmp"
	"context"
	"io"
	"sync/atomic"

	"github.com/npiflow/npiflow/internal/record"
)

// reading is one pass through a shipment.
type reading struct {
	ctx      context.Context
	file     *File
	sink     Sink
	report   *Report
	consumed atomic.Int64 // bytes of the parts, as they are on disk
}

// handler takes one row. A fault rejects it; an error ends the reading.
type handler func(c *cells) (fault, error)

// part reads one table, if anybody wants it.
func (r *reading) part(p *part) error {
	before := r.consumed.Load()
	if handle := r.handler(p.table); handle != nil {
		if err := r.open(p, handle); err != nil {
			return err
		}
	}
	r.consumed.Store(before + p.bytes)
	r.progress()
	return nil
}

func (r *reading) open(p *part, handle handler) error {
	src, err := p.open(&r.consumed)
	if err != nil {
		return err
	}
	defer src.Close()
	if p.sheet {
		return r.workbook(p, src, handle)
	}
	return r.csv(p, src, handle)
}

func (r *reading) progress() {
	if r.sink.Progress != nil {
		r.sink.Progress(min(r.consumed.Load(), r.file.Bytes))
	}
}

// csv reads a table from its header to its end.
func (r *reading) csv(p *part, src io.Reader, handle handler) error {
	stream := newStream(r.ctx, src)
	defer stream.close()
	lines := &scanner{stream: stream, fetched: r.progress, line: 1}
	plan, err := lines.header(p.table)
	if err != nil {
		return r.failed(p, lines.began, err)
	}
	c := &cells{text: make([]string, len(plan.columns))}
	for {
		b, wrong, err := lines.next()
		switch {
		case err == io.EOF:
			return nil
		case err == nil && wrong.reason == "" && lines.cutOff(b, p.table, len(plan.places)):
			err = io.ErrUnexpectedEOF
		case wrong.reason == "" && lines.row.columns != len(plan.places):
			wrong = fault{BadColumns, countOf(lines.row.columns, len(plan.places))}
		}
		if err != nil {
			return r.failed(p, lines.began, err)
		}
		if wrong.reason == "" {
			c.take(b, lines.row.fields, &plan)
			if wrong, err = handle(c); err != nil {
				return err
			}
		}
		r.count(p, lines.began, wrong)
	}
}

// failed is why a part could not be read to its end. The end of the context
// is no damage.
func (r *reading) failed(p *part, line int, err error) error {
	if ctx := r.ctx.Err(); ctx != nil {
		return ctx
	}
	return &DamagedError{File: r.file.Name, Member: p.name, Line: line, Err: err}
}

// count books a row that was handed over, or rejected.
func (r *reading) count(p *part, line int, wrong fault) {
	main := p == &r.file.parts[0]
	if main {
		r.report.Rows++
	} else {
		r.report.ReferenceRows++
	}
	switch {
	case wrong == skipped:
		r.report.Skipped++
	case wrong.reason == "":
		if main {
			r.report.Accepted++
		}
	default:
		r.report.Rejected[wrong.reason]++
		if len(r.report.Examples) < maxExamples {
			r.report.Examples = append(r.report.Examples, Rejection{p.name, line, wrong.reason, wrong.detail})
		}
	}
}

// skipped is a row that is sound and of no use.
var skipped = fault{detail: "skipped"}

// handler gives what is done with the rows of a table; nil where nobody wants
// them.
func (r *reading) handler(t *table) handler {
	s := &r.sink
	switch {
	case t == providers && s.Provider != nil:
		return r.provider()
	case t == otherNames && s.OtherName != nil:
		n := new(record.Name)
		return referring(func(npi record.NPI, c *cells) error {
			*n = record.Name{Organization: c.text[1], Code: c.text[2]}
			return s.OtherName(npi, n)
		})
	case t == locations && s.Location != nil:
		a := new(record.Address)
		return referring(func(npi record.NPI, c *cells) error {
			*a, _ = address(c, 1)
			a.Purpose = "LOCATION"
			return s.Location(npi, a)
		})
	case t == endpoints && s.Endpoint != nil:
		p := new(record.Endpoint)
		return referring(func(npi record.NPI, c *cells) error {
			*p = endpoint(c.text)
			return s.Endpoint(npi, p)
		})
	case t == deactivations && s.Deactivated != nil:
		return r.deactivation
	case t == exclusions && s.Excluded != nil:
		return r.exclusion()
	case t == taxonomies && s.Taxonomy != nil:
		return r.taxonomy()
	}
	return nil
}

// referring handles the rows of a reference table.
func referring(take func(record.NPI, *cells) error) handler {
	return func(c *cells) (fault, error) {
		n, wrong := npi(c.text[0])
		if wrong.reason != "" {
			return wrong, nil
		}
		return fault{}, take(n, c)
	}
}

func (r *reading) provider() handler {
	p := new(provider)
	return func(c *cells) (fault, error) {
		e, wrong := p.read(c)
		if wrong.reason != "" {
			return wrong, nil
		}
		r.report.LatestUpdate = max(r.report.LatestUpdate, e.Evidence.LastUpdated)
		return fault{}, r.sink.Provider(e)
	}
}

func (r *reading) deactivation(c *cells) (fault, error) {
	n, wrong := npi(c.text[0])
	if wrong.reason != "" {
		return wrong, nil
	}
	on := day(c.text[1])
	if on == 0 {
		return fault{BadDate, "of deactivation: no day of the calendar"}, nil
	}
	r.report.LatestUpdate = max(r.report.LatestUpdate, on)
	return fault{}, r.sink.Deactivated(n, on)
}

// exclusion handles a row of the LEIE. Most name nobody by NPI. One that has
// ended is no exclusion: the whole list has none of those, but the monthly
// list of reinstatements looks the same.
func (r *reading) exclusion() handler {
	x := new(record.Exclusion)
	return func(c *cells) (fault, error) {
		if t := c.text[0]; t == "" || t == "0000000000" {
			return skipped, nil
		}
		n, wrong := npi(c.text[0])
		if wrong.reason != "" {
			return wrong, nil
		}
		if day(c.text[3]) != 0 {
			return skipped, nil
		}
		*x = record.Exclusion{Type: c.text[1], Date: day(c.text[2]), WaiverDate: day(c.text[4]), WaiverState: c.text[5]}
		if x.Date == 0 {
			return fault{BadDate, "of exclusion: no day of the calendar"}, nil
		}
		r.report.LatestUpdate = max(r.report.LatestUpdate, x.Date)
		return fault{}, r.sink.Excluded(n, x)
	}
}

// taxonomy handles a row of the code set. The API describes a code by its
// classification and its specialization, if it has one.
func (r *reading) taxonomy() handler {
	var both []byte
	return func(c *cells) (fault, error) {
		code, description := c.text[0], cmp.Or(c.text[1], c.text[3])
		if len(code) != 10 || description == "" {
			return fault{BadCode, ""}, nil
		}
		if s := c.text[2]; s != "" {
			both = append(append(append(both[:0], description...), ", "...), s...)
			description = view(both)
		}
		return fault{}, r.sink.Taxonomy(code, description)
	}
}

package intake

import (
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/npiflow/npiflow/internal/format/fhir"
	"github.com/npiflow/npiflow/internal/record"
)

// together is how many bytes of FHIR are read as one, at least: what is kept
// of them is in memory.
const together = 256 << 20

// bulk is the NDJSON files of a FHIR bulk export: one file for each type of
// resource, so that a claim in one refers to a provider in another
// (https://hl7.org/fhir/uv/bulkdata/). They are those of one folder that
// follow each other.
type bulk struct {
	batch fhir.Batch
	names []string
	bytes int64
}

// takes reports whether a file belongs to the export.
func (b *bulk) takes(name string) bool {
	return b != nil && b.bytes < together && filepath.Dir(name) == filepath.Dir(b.names[0])
}

func isBulk(name string) bool { return strings.EqualFold(filepath.Ext(name), ".ndjson") }

// bulk reads a file of an export. Its records come when all of it was read.
func (f *file) bulk() error {
	if f.Reader.bulk == nil {
		f.Reader.bulk = &bulk{}
	}
	b := f.Reader.bulk
	b.names = append(b.names, f.name)
	in := &counted{r: f.in}
	err := b.batch.Add(in)
	b.bytes += in.n
	f.waiting = err == nil
	if err == nil {
		return nil
	}
	x := explain(err)
	_, x.Where = b.place(x.Where)
	return x
}

// end gives the records of the export that was read last, if any.
func (r *Reader) end(sink Sink) error {
	b := r.bulk
	if b == nil {
		return nil
	}
	r.bulk = nil
	all := &file{Reader: r, name: b.names[0], sink: sink}
	if len(b.names) > 1 {
		all.name = filepath.Join(filepath.Dir(b.names[0]), "*.ndjson")
	}
	n := 0
	err := b.batch.Records(r.Kind, func(rec *record.Record) error {
		n++
		return all.record(rec, &Piece{Where: "record " + strconv.Itoa(n)})
	}, func(x record.Fault) {
		one := *all
		one.name, x.Where = b.place(x.Where)
		one.fault(x)
		all.faults, all.lost = one.faults, one.lost
	})
	return all.done(err)
}

// place tells which file a place in the batch is in, and where in that.
func (b *bulk) place(where string) (name, within string) {
	rest, numbered := strings.CutPrefix(where, "input ")
	if !numbered {
		return b.names[0], where
	}
	number, within, _ := strings.Cut(rest, ", ")
	if n, err := strconv.Atoi(number); err == nil && n >= 1 && n <= len(b.names) {
		return b.names[n-1], within
	}
	return b.names[0], where
}

// counted counts what is read.
type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

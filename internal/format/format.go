// Package format finds out what an input is and reads it: native JSON, X12 837
// claims, FHIR, rosters as tables, or documents of somebody's own make that
// the configuration describes.
//
// What an input is says its content type, where it has one that means
// something; otherwise its first bytes.
package format

import (
	"bytes"
	"io"
	"mime"
	"strings"

	"github.com/npiflow/npiflow/internal/format/fhir"
	"github.com/npiflow/npiflow/internal/format/mapped"
	"github.com/npiflow/npiflow/internal/format/roster"
	"github.com/npiflow/npiflow/internal/format/x12"
	"github.com/npiflow/npiflow/internal/record"
)

// Name is a format. The set is closed.
type Name string

// The formats.
const (
	Native Name = "native" // our JSON; of a file, also one document a line
	X12    Name = "x12"
	FHIR   Name = "fhir"
	Roster Name = "roster"
	Mapped Name = "mapped"
)

// Names lists the formats.
var Names = []Name{Native, X12, FHIR, Roster, Mapped}

// contentTypes are what the content types say that mean one format and no
// other. application/json and text/plain may be anything.
var contentTypes = map[string]Name{
	"application/edi-x12": X12, "application/x12": X12, "text/x12": X12,
	"application/fhir+json": FHIR, "application/fhir+ndjson": FHIR, "application/json+fhir": FHIR,
	"text/csv": Roster, "text/tab-separated-values": Roster,
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": Roster,
}

// headSize is how much of an input its format is told by, in bytes.
const headSize = 4 << 10

// Formats reads all formats. The zero value knows no documents of somebody's
// own make.
type Formats struct {
	Mapped *mapped.Mapped // nil: none is described
	Map    *roster.Map    // nil: columns are recognized by their headers
}

// Detect says what an input is, by its content type ("" for none) and its
// beginning, or all of it: what tells a document of somebody's own make may
// stand anywhere in it.
func (f *Formats) Detect(contentType string, head []byte) Name {
	if contentType != "" && contentType != "application/json" {
		if media, _, err := mime.ParseMediaType(contentType); err == nil {
			if name, ok := contentTypes[strings.ToLower(media)]; ok {
				return name
			}
		}
	}
	whole := head
	head = head[:min(len(head), headSize)]
	start := bytes.TrimLeft(bytes.TrimPrefix(head, bom), " \t\r\n")
	switch {
	case len(start) > 0 && (start[0] == '{' || start[0] == '['):
		switch {
		case fhir.Detect(start):
			return FHIR
		case f.Mapped != nil && f.Mapped.Detect(bytes.TrimPrefix(whole, bom)):
			return Mapped
		}
		return Native
	case x12.Detect(head):
		return X12
	case roster.Detect(head):
		return Roster
	}
	return Native
}

var bom = []byte("\xef\xbb\xbf")

// Read reads every record of an input of a format other than Native.
func (f *Formats) Read(name Name, r io.Reader, each func(*record.Record) error, fault func(record.Fault)) error {
	switch name {
	case X12:
		return x12.Read(r, each, fault)
	case FHIR:
		return fhir.Read(r, each, fault)
	case Mapped:
		data, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		return f.Mapped.Read(data, each, fault)
	}
	return roster.Read(r, f.Map, func(*roster.Table) error { return nil }, func(row *roster.Row) error { return each(row.Record) }, fault)
}

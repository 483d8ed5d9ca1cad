package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/npiflow/npiflow/internal/format"
	"github.com/npiflow/npiflow/internal/record"
)

// documents reads JSON in our own form, or in one the configuration describes.
func (f *file) documents() error {
	limit := maxDocument
	if f.Raw {
		limit = f.Limit
	}
	docs := newDocuments(f.in, limit)
	for {
		doc, err := docs.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = f.document(doc)
		}
		if err != nil {
			return err
		}
	}
}

// document gives one document on: as the record it is, or as it stands.
func (f *file) document(doc document) error {
	where := fmt.Sprintf("line %d", doc.line)
	lose := func(reason string) { f.fault(record.Fault{Where: where, Reason: reason, Lost: true}) }
	if doc.huge {
		lose(doc.fault)
		return nil
	}
	mapped := f.Formats.Mapped != nil && doc.fault == "" && f.Formats.Mapped.Detect(doc.data)
	if mapped && !f.Raw {
		return f.mapped(doc.data, where)
	}
	kind, fault := f.kindOf(doc, mapped)
	var r record.Record
	if fault == "" && !f.Raw {
		var err error
		if r, err = record.Decode(kind, doc.data); err != nil {
			fault = explain(err).Reason
		}
	}
	switch {
	case fault != "" && f.Force, fault == "" && f.Raw:
		return f.asItStands(&Piece{Where: where, Kind: kind, ContentType: "application/json", Data: doc.data})
	case fault != "":
		lose(fault)
		return nil
	}
	return f.record(&r, &Piece{Where: where})
}

// mapped gives on what is in a document that the configuration describes.
func (f *file) mapped(data []byte, where string) error {
	fault := func(x record.Fault) {
		x.Where = join(where, x.Where)
		f.fault(x)
	}
	err := f.Formats.Mapped.Read(data, func(r *record.Record) error { return f.record(r, &Piece{Where: where}) }, fault)
	if err == nil || f.stopped != nil {
		return f.stopped
	}
	fault(explain(err)) // the next one may be sound
	return nil
}

// kindOf is what kind of record a document is, or why it is none.
func (f *file) kindOf(doc document, mapped bool) (record.Kind, string) {
	if mapped {
		kind, err := f.kindIn(format.Mapped, doc.data)
		if err != nil {
			return "", explain(err).Reason
		}
		return kind, ""
	}
	kind, fault := record.Kind(""), doc.fault
	if fault == "" {
		kind, fault = inspect(doc.data)
	}
	switch {
	case f.Kind != "":
		return f.Kind, fault
	case fault == "" && kind == "":
		return "", "neither providers, as a claim has, nor npi, group_npi or taxonomies, as a roster row has: say which with --kind"
	}
	return kind, fault
}

func (f *file) asItStands(p *Piece) error {
	if len(p.Data) > f.Limit {
		f.fault(record.Fault{Where: p.Where, Reason: fmt.Sprintf("more than %d bytes, which the server does not take: it must be split, as is done without --raw", f.Limit), Lost: true})
		return nil
	}
	return f.piece(p)
}

// whole gives a file as one message.
func (f *file) whole(name format.Name) error {
	data, err := io.ReadAll(io.LimitReader(f.in, int64(f.Limit)+1))
	if err != nil {
		return err
	}
	p := &Piece{Kind: f.Kind, ContentType: contentType(name, data), Data: data}
	if len(data) <= f.Limit {
		if p.Kind, err = f.kindIn(name, data); err != nil {
			return err
		}
	}
	return f.asItStands(p)
}

// kindIn is the kind of the records in a message, if it is one kind. What else
// is wrong with them the worker will say.
func (f *file) kindIn(name format.Name, data []byte) (record.Kind, error) {
	if f.Kind != "" {
		return f.Kind, nil
	}
	kind, mixed := record.Kind(""), false
	err := f.Formats.Read(name, bytes.NewReader(data), func(r *record.Record) error {
		mixed = mixed || kind != "" && kind != r.Kind
		kind = r.Kind
		return nil
	}, func(record.Fault) {})
	switch {
	case err != nil:
		return "", err
	case mixed:
		return "", record.Fault{Reason: "claims and roster records in one message: say which with --kind"}
	case kind == "":
		return "", record.Fault{Reason: "there is no record in it"}
	}
	return kind, nil
}

// contentType is what a message that is a whole file says it is.
func contentType(name format.Name, data []byte) string {
	switch name {
	case format.X12:
		return "application/edi-x12"
	case format.FHIR:
		return "application/fhir+json"
	}
	if bytes.HasPrefix(data, []byte("PK")) {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "text/csv"
}

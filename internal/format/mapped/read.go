package mapped

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/npiflow/npiflow/internal/record"
)

// The bounds of what is taken from a document.
const (
	maxText     = 512  // bytes of any text
	maxMentions = 5000 // of a record, and elements of any array that is read
)

const bom = "\xef\xbb\xbf"

func decoder(data []byte) *jsontext.Decoder { return jsontext.NewDecoder(bytes.NewBuffer(data)) }

// Detect reports whether a document, or the beginning of one, is of a form
// that is mapped.
func (m *Mapped) Detect(head []byte) bool {
	return m.match(bytes.TrimPrefix(head, []byte(bom))) != nil
}

func (m *Mapped) match(data []byte) *plan {
	for _, p := range m.plans {
		if p.fits(data) {
			return p
		}
	}
	return nil
}

// fits reports whether the mapping's mark stands in the document.
func (p *plan) fits(data []byte) bool {
	dec := decoder(data)
	if found, err := seek(dec, p.when); err != nil || !found {
		return false
	}
	k := dec.PeekKind()
	if p.Value == "" || k == '{' || k == '[' {
		return p.Value == "" && k != 'n' && k != 0
	}
	tok, err := dec.ReadToken()
	return err == nil && k != 'n' && tok.String() == p.Value
}

// Read calls each with the records of data: one JSON document, or one on each
// line. What is wrong is reported through fault. The error is a record.Fault if
// nothing of data could be used, and that of each otherwise.
func (m *Mapped) Read(data []byte, each func(*record.Record) error, fault func(record.Fault)) error {
	r := &reading{mapped: m, each: each, fault: fault}
	data = bytes.TrimPrefix(data, []byte(bom))
	if !byLine(data) {
		return r.document(data)
	}
	for line := range bytes.Lines(data) {
		r.line++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if err := r.document(line); err != nil {
			var f record.Fault
			if !errors.As(err, &f) || r.failed != nil {
				return err
			}
			fault(f)
		}
	}
	return nil
}

// byLine tells documents on lines of their own from one over several lines. In
// the latter, an object can begin a line only after something that asks for
// one.
func byLine(data []byte) bool {
	first, rest, _ := bytes.Cut(bytes.TrimLeft(data, " \t\r\n"), []byte("\n"))
	first = bytes.TrimSpace(first)
	if len(bytes.TrimSpace(rest)) == 0 || len(first) == 0 {
		return false
	}
	return jsontext.Value(first).IsValid() ||
		bytes.HasPrefix(rest, []byte("{")) && !bytes.ContainsRune([]byte("{[,:"), rune(first[len(first)-1]))
}

// reading is one input being read.
type reading struct {
	mapped *Mapped
	each   func(*record.Record) error
	fault  func(record.Fault)
	line   int // 0 where the input is one document
	sound  int // records of the document, whether any could be made of them
	failed error
}

func (r *reading) where(at string) string {
	switch {
	case r.line == 0:
		return at
	case at == "":
		return "line " + strconv.Itoa(r.line)
	}
	return "line " + strconv.Itoa(r.line) + ", " + at
}

func (r *reading) lost(at, reason string) record.Fault {
	return record.Fault{Where: r.where(at), Reason: reason, Lost: true}
}

// document reads one document. The error is the sink's, or a fault if there is
// nothing sound in it.
func (r *reading) document(data []byte) error {
	r.sound = 0
	p := r.mapped.match(data)
	if p == nil {
		if err := valid(data); err != nil {
			return r.lost("", explain(err, len(data)))
		}
		return r.lost("", "no mapping in formats.json of the configuration fits this document")
	}
	err := r.records(p, decoder(data))
	switch {
	case err == nil || r.failed != nil:
		return r.failed
	case errors.Is(err, errNone):
		return r.lost("", fmt.Sprintf("there is no array at %s, where the mapping %q has the records", p.records, p.Name))
	}
	f := r.lost("", explain(err, len(data)))
	if r.sound == 0 {
		return f
	}
	r.fault(f)
	return nil
}

// errNone says that the records are not where they should be.
var errNone = errors.New("no records")

func valid(data []byte) error {
	dec := decoder(data)
	if err := dec.SkipValue(); err != nil {
		return err
	}
	return end(dec)
}

// end reads what is left of a document, all of which must be sound.
func end(dec *jsontext.Decoder) error {
	for dec.StackDepth() > 0 {
		if _, err := dec.ReadToken(); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	switch err {
	case io.EOF:
		return nil
	case nil:
		return errTail
	}
	return err
}

var errTail = errors.New("something follows the document")

// records reads the records a document holds, or the one it is.
func (r *reading) records(p *plan, dec *jsontext.Decoder) error {
	if p.records == nil {
		v, err := read(dec, p.want)
		if err == nil {
			err = end(dec)
		}
		if err != nil {
			return err
		}
		return r.give(p, v, "")
	}
	found, err := seek(dec, p.records)
	if err == nil && (!found || dec.PeekKind() != '[') {
		err = errNone
	}
	if err != nil {
		return err
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	at := p.records.String() + "/"
	for i := 0; dec.PeekKind() != ']'; i++ {
		v, err := read(dec, p.want)
		if err != nil {
			return err
		}
		if err := r.give(p, v, at+strconv.Itoa(i)); err != nil {
			return err
		}
	}
	return end(dec)
}

// give makes a record and hands it on.
func (r *reading) give(p *plan, v *value, at string) error {
	r.sound++
	m := &making{plan: p, at: at, doc: v, reading: r}
	if rec := m.record(); rec != nil {
		r.failed = r.each(rec)
	}
	return r.failed
}

// explain says what is wrong with JSON in offsets alone: the codec's errors
// quote the input.
func explain(err error, size int) string {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, errTail):
		return "something follows the document"
	case err == io.EOF && size == 0:
		return "it is empty"
	case errors.Is(err, io.ErrUnexpectedEOF) || err == io.EOF:
		return fmt.Sprintf("not valid JSON: it ends too early, after %d bytes", size)
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntax):
		return fmt.Sprintf("a member stands twice in the same object, near byte %d", syntax.ByteOffset)
	case errors.As(err, &syntax):
		return fmt.Sprintf("not valid JSON near byte %d of %d", syntax.ByteOffset, size)
	}
	return "not valid JSON"
}

package providerjson

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// form is what kind of value a member has in the document as it was received.
// Rules tell apart what a Go struct cannot: a member that is absent, one that
// is null, and one of another type than it should be.
type form uint8

const (
	absent form = iota
	text
	null
	no
	void // 0, [] or {}: there, but the reference takes it for nothing, as it does false
	yes
	numeral
	list
	object
)

// value is one member: its form and, of a text or a number, its characters.
type value struct {
	form form
	text string
}

// entry is an object of the document. One that is no object where there should
// be one has no values.
type entry struct {
	section int // of sections, or -1 for the document itself
	place   int // in the section's list
	shape   *shape
	values  []value
}

// reading is a document as it was received.
type reading struct {
	top      entry
	sections [sectionCount][]entry
	broken   [sectionCount]bool // there, but not of the type a section has
}

func (e *entry) text(i int) string     { return e.values[i].text }
func (e *entry) is(i int, f form) bool { return e.values[i].form == f }

// given reports whether a member has a value that the reference takes for one:
// not absent, null, "", false, 0, or an empty list or object. A blank is one.
func (e *entry) given(i int) bool {
	v := &e.values[i]
	return v.form > void || v.form == text && v.text != ""
}

// foreign reports whether a member is given and no text.
func (e *entry) foreign(i int) bool { return e.values[i].form > void }

// read takes a document apart. Of a member that comes twice the last counts.
// The finding says why it is no document; NaN and Infinity, which Python takes
// for JSON, are not.
func read(document []byte) (*reading, *Finding) {
	if !utf8.Valid(document) {
		return nil, &Finding{Rule: "T-JSON", Message: "The document is not JSON: it is not in UTF-8."}
	}
	// Escaped halves of surrogate pairs are no text in Go, but the reference
	// takes them; U+FFFD stands for them.
	dec := jsontext.NewDecoder(bytes.NewBuffer(document), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	r := &reader{dec: dec, document: string(document)}
	isObject := dec.PeekKind() == '{'
	var err error
	if isObject {
		err = r.top()
	} else {
		err = dec.SkipValue()
	}
	if err == nil {
		if _, err = dec.ReadToken(); err == io.EOF {
			err = nil
		} else if err == nil {
			err = errMore
		}
	}
	switch {
	case err != nil:
		return nil, &Finding{Rule: "T-JSON", Message: "The document is not JSON: " + r.damage(err) + "."}
	case !isObject:
		return nil, &Finding{Rule: "T-OBJECT", Message: "The document must be a JSON object."}
	}
	return &r.reading, nil
}

// reader takes a document apart as it goes through it once. Texts are parts of
// document.
type reader struct {
	reading
	dec      *jsontext.Decoder
	document string
}

var errMore = errors.New("there is more behind its end")

// damage says what ails a document and where, without a word of it.
func (r *reader) damage(err error) string {
	at := min(int(r.dec.InputOffset()), len(r.document))
	if e, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		at, err = min(int(e.ByteOffset), len(r.document)), e.Err
	}
	what := "something is wrong"
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		what = "it ends too early"
	case err == errMore:
		what = err.Error()
	}
	before := r.document[:at]
	return fmt.Sprintf("%s at line %d, column %d", what, strings.Count(before, "\n")+1, at-strings.LastIndexByte(before, '\n'))
}

func (r *reader) top() error {
	r.reading.top = entry{section: -1, shape: documentShape}
	return r.entry(&r.reading.top, func(i int) error {
		if s := sectionAt[i]; s >= 0 {
			return r.section(s)
		}
		return r.value(&r.reading.top.values[i])
	})
}

// entry reads an object, and each of its members that has a name in the shape
// by a call of take.
func (r *reader) entry(e *entry, take func(i int) error) error {
	if _, err := r.dec.ReadToken(); err != nil {
		return err
	}
	e.values = make([]value, len(e.shape.members))
	for r.dec.PeekKind() != '}' {
		name, err := r.dec.ReadValue()
		if err != nil {
			return err
		}
		if i, known := e.shape.at[r.unquote(name)]; known {
			err = take(i)
		} else {
			err = r.dec.SkipValue()
		}
		if err != nil {
			return err
		}
	}
	_, err := r.dec.ReadToken()
	return err
}

// section reads one, in place of what was read of it before.
func (r *reader) section(s int) error {
	r.sections[s], r.broken[s] = nil, false
	kind := r.dec.PeekKind()
	switch {
	case kind == '{' && !sections[s].list:
		r.sections[s] = make([]entry, 1)
		return r.member(s, 0)
	case kind == '[' && sections[s].list:
		return r.list(s)
	}
	r.broken[s] = true
	return r.dec.SkipValue()
}

func (r *reader) list(s int) error {
	if _, err := r.dec.ReadToken(); err != nil {
		return err
	}
	for i := 0; r.dec.PeekKind() != ']'; i++ {
		r.sections[s] = append(r.sections[s], entry{})
		if err := r.member(s, i); err != nil {
			return err
		}
	}
	_, err := r.dec.ReadToken()
	return err
}

// member reads one entry of a section.
func (r *reader) member(s, i int) error {
	e := &r.sections[s][i]
	*e = entry{section: s, place: i, shape: sections[s].shape}
	if r.dec.PeekKind() != '{' {
		return r.dec.SkipValue()
	}
	return r.entry(e, func(i int) error { return r.value(&e.values[i]) })
}

// value reads one that is no section.
func (r *reader) value(v *value) error {
	raw, err := r.dec.ReadValue()
	if err != nil {
		return err
	}
	*v = value{}
	switch raw.Kind() {
	case '"':
		v.form, v.text = text, r.unquote(raw)
	case 'n':
		v.form = null
	case 'f':
		v.form = no
	case 't':
		v.form = yes
	case '0':
		v.form, v.text = numeral, string(raw)
		if n, _ := strconv.ParseFloat(v.text, 64); n == 0 {
			v.form = void
		}
	case '[':
		v.form = full(raw, list)
	case '{':
		v.form = full(raw, object)
	}
	return nil
}

// full is the form of a list or object: void if nothing is in it.
func full(raw []byte, f form) form {
	if len(bytes.TrimSpace(raw[1:len(raw)-1])) == 0 {
		return void
	}
	return f
}

// unquote gives the text of the string that was read last.
func (r *reader) unquote(raw []byte) string {
	if bytes.IndexByte(raw, '\\') >= 0 {
		plain, _ := jsontext.AppendUnquote(nil, raw) // what is no text is replaced
		return string(plain)
	}
	end := int(r.dec.InputOffset())
	return r.document[end-len(raw)+1 : end-1]
}

// bit reports whether a member is the number 0 or 1.
func (e *entry) bit(i int) bool {
	n, err := strconv.ParseFloat(e.text(i), 64)
	return (e.is(i, numeral) || e.is(i, void)) && err == nil && (n == 0 || n == 1)
}

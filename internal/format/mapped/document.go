package mapped

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// pointer is a JSON pointer, taken apart.
type pointer []string

func parse(text string) (pointer, bool) {
	if !strings.HasPrefix(text, "/") {
		return nil, false
	}
	p := pointer(strings.Split(text[1:], "/"))
	for i, name := range p {
		rest := strings.ReplaceAll(strings.ReplaceAll(name, "~0", ""), "~1", "")
		if strings.Contains(rest, "~") {
			return nil, false
		}
		p[i] = strings.ReplaceAll(strings.ReplaceAll(name, "~1", "/"), "~0", "~")
	}
	return p, true
}

// String is the pointer as it is written.
func (p pointer) String() string {
	s := ""
	for _, name := range p {
		s += "/" + strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
	}
	return s
}

// want is what is to be read of a value: of an object's members, of an array's
// elements by index, of each of its elements. All else is skipped.
type want struct {
	members map[string]*want
	each    *want
}

func (w *want) member(name string) *want {
	if w.members == nil {
		w.members = map[string]*want{}
	}
	if w.members[name] == nil {
		w.members[name] = &want{}
	}
	return w.members[name]
}

// add wants what p points to.
func (w *want) add(p pointer) *want {
	for _, name := range p {
		w = w.member(name)
	}
	return w
}

// array wants the array p points to, and gives what is wanted of each element.
func (w *want) array(p pointer) *want {
	w = w.add(p)
	if w.each == nil {
		w.each = &want{}
	}
	return w.each
}

// element is what is wanted of an array's element; nil is nothing.
func (w *want) element(i int) *want {
	if len(w.members) == 0 {
		return w.each
	}
	one := w.members[strconv.Itoa(i)]
	if one == nil || w.each == nil {
		if one == nil {
			return w.each
		}
		return one
	}
	return union(one, w.each)
}

func union(a, b *want) *want {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	u := &want{each: union(a.each, b.each), members: map[string]*want{}}
	for name, w := range a.members {
		u.members[name] = union(w, b.members[name])
	}
	for name, w := range b.members {
		if u.members[name] == nil {
			u.members[name] = w
		}
	}
	return u
}

// value is what was read of a document. The zero value is nothing.
type value struct {
	kind     jsontext.Kind
	text     string // of a string, a number as it is written, true or false
	members  map[string]*value
	elements []*value
	more     bool // there were more elements than are read
}

// at gives what p points to; nil if there is nothing or null.
func (v *value) at(p pointer) *value {
	for _, name := range p {
		switch {
		case v == nil:
			return nil
		case v.kind == '[':
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(v.elements) || strconv.Itoa(i) != name {
				return nil
			}
			v = v.elements[i]
		default:
			v = v.members[name]
		}
	}
	if v == nil || v.kind == 'n' {
		return nil
	}
	return v
}

// read reads what is wanted of the next value; nothing for nil.
func read(dec *jsontext.Decoder, w *want) (*value, error) {
	if w == nil {
		return nil, dec.SkipValue()
	}
	tok, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	v := &value{kind: tok.Kind()}
	switch v.kind {
	case '{':
		v.members = map[string]*value{}
		for dec.PeekKind() != '}' {
			if err := v.member(dec, w); err != nil {
				return nil, err
			}
		}
		_, err = dec.ReadToken()
	case '[':
		err = v.array(dec, w)
	default:
		v.text = tok.String()
	}
	return v, err
}

func (v *value) member(dec *jsontext.Decoder, w *want) error {
	quoted, err := dec.ReadValue()
	if err != nil {
		return err
	}
	plain := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(plain, '\\') >= 0 {
		plain, _ = jsontext.AppendUnquote(nil, quoted)
	}
	wanted := w.members[string(plain)]
	if wanted == nil {
		return dec.SkipValue()
	}
	name := string(plain)
	v.members[name], err = read(dec, wanted)
	return err
}

func (v *value) array(dec *jsontext.Decoder, w *want) error {
	for dec.PeekKind() != ']' {
		v.more = v.more || len(v.elements) == maxMentions
		var one *want
		if !v.more {
			one = w.element(len(v.elements))
		}
		e, err := read(dec, one)
		if err != nil {
			return err
		}
		if !v.more {
			v.elements = append(v.elements, e)
		}
	}
	_, err := dec.ReadToken()
	return err
}

// seek goes to what p points to, so that it is the next value; false if it is
// not there.
func seek(dec *jsontext.Decoder, p pointer) (bool, error) {
	for _, name := range p {
		found, err := enter(dec, name)
		if !found || err != nil {
			return false, err
		}
	}
	return true, nil
}

// enter goes into an object or array, to one member or element.
func enter(dec *jsontext.Decoder, name string) (bool, error) {
	if k := dec.PeekKind(); k != '{' && k != '[' {
		return false, dec.SkipValue()
	}
	tok, err := dec.ReadToken()
	if err != nil {
		return false, err
	}
	object := tok.Kind() == '{'
	for i := 0; ; i++ {
		if k := dec.PeekKind(); k == '}' || k == ']' {
			_, err := dec.ReadToken()
			return false, err
		}
		here := strconv.Itoa(i)
		if object {
			tok, err := dec.ReadToken()
			if err != nil {
				return false, err
			}
			here = tok.String()
		}
		if here == name {
			return true, nil
		}
		if err := dec.SkipValue(); err != nil {
			return false, err
		}
	}
}

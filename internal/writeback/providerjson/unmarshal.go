package providerjson

import (
	"fmt"
	"reflect"
	"strconv"
)

// UnmarshalJSON reads a document as the validation does. The error tells
// nothing of what is in it.
func (d *Document) UnmarshalJSON(document []byte) error {
	r, damage := read(document)
	if damage != nil {
		return fmt.Errorf("read a ProviderJSON document: %s", damage.Message)
	}
	*d = Document{}
	to := reflect.ValueOf(d).Elem()
	r.top.fill(to)
	for s, entries := range r.sections {
		part := to.Field(documentShape.index(sections[s].name))
		if sections[s].list {
			part.Set(reflect.MakeSlice(part.Type(), len(entries), len(entries)))
		}
		for i := range entries {
			if sections[s].list {
				entries[i].fill(part.Index(i))
			} else {
				entries[i].fill(part)
			}
		}
	}
	return nil
}

// fill puts the values of an object into a struct of its shape.
func (e *entry) fill(to reflect.Value) {
	for i := range e.values {
		if v := &e.values[i]; v.form != absent {
			e.set(i, to.Field(i))
		}
	}
}

// set puts one value where its type fits.
func (e *entry) set(i int, to reflect.Value) {
	isTrue := e.is(i, yes) || e.is(i, numeral) && e.bit(i)
	switch to.Interface().(type) {
	case string:
		if e.is(i, text) || e.is(i, numeral) {
			to.SetString(e.text(i))
		}
	case bool:
		to.SetBool(isTrue)
	case *bool:
		if isTrue || e.is(i, no) || e.bit(i) {
			to.Set(reflect.ValueOf(&isTrue))
		}
	case int64:
		n, _ := strconv.ParseInt(e.text(i), 10, 64)
		to.SetInt(n)
	}
}

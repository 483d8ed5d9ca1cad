package writeback

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/npiflow/npiflow/internal/record"
)

// diff lists every text and truth value in which two documents differ, by
// JSON pointer. It walks the documents themselves, so that a job names all it
// changes and nothing else.
func diff(registry, roster *document) []record.Change {
	w := walk{}
	w.value("", reflect.ValueOf(registry).Elem(), reflect.ValueOf(roster).Elem())
	slices.SortFunc(w.changes, func(a, b record.Change) int { return strings.Compare(a.Path, b.Path) })
	return w.changes
}

type walk struct{ changes []record.Change }

func (w *walk) value(path string, a, b reflect.Value) {
	if b.Type().Comparable() && a.Equal(b) {
		return
	}
	switch b.Kind() {
	case reflect.String:
		w.changes = append(w.changes, record.Change{Path: path, Registry: a.String(), Roster: b.String()})
	case reflect.Bool:
		w.changes = append(w.changes, record.Change{Path: path,
			Registry: strconv.FormatBool(a.Bool()), Roster: strconv.FormatBool(b.Bool())})
	case reflect.Struct:
		for i := range b.NumField() {
			if f := b.Field(i); !f.Type().Comparable() || !a.Field(i).Equal(f) { // or each equal field would cost its path
				w.value(path+"/"+member(b.Type(), i), a.Field(i), f)
			}
		}
	case reflect.Slice:
		for i := range max(a.Len(), b.Len()) {
			w.value(path+"/"+strconv.Itoa(i), at(a, i), at(b, i))
		}
	}
}

// at is the zero value behind the end: what one side has more is all changed.
func at(list reflect.Value, i int) reflect.Value {
	if i < list.Len() {
		return list.Index(i)
	}
	return reflect.Zero(list.Type().Elem())
}

func member(t reflect.Type, i int) string {
	name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
	return name
}

package providerjson

import (
	"reflect"
	"strconv"
	"strings"
)

// shape is what a JSON object of a Go type can hold: the members of the
// struct, in its order.
type shape struct {
	members []member
	at      map[string]int // the place of a member, by name
}

type member struct {
	name string
	max  int // characters; 0: no limit
}

// shapeOf reads the tags of a struct.
func shapeOf(t reflect.Type) *shape {
	s := &shape{at: map[string]int{}}
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		name, _, _ := strings.Cut(tag.Get("json"), ",")
		limit, _ := strconv.Atoi(tag.Get("max"))
		s.at[name] = i
		s.members = append(s.members, member{name: name, max: limit})
	}
	return s
}

// index gives the place of a member that rules speak of.
func (s *shape) index(name string) int {
	i, known := s.at[name]
	if !known {
		panic("providerjson: no member " + name)
	}
	return i
}

var (
	documentShape = shapeOf(reflect.TypeFor[Document]())
	basicShape    = shapeOf(reflect.TypeFor[Basic]())
)

// The sections of a document.
const (
	basicSection = iota
	otherNames
	addresses
	licenses
	taxonomies
	taxonomyLicenses
	identifiers
	affiliations
	sectionCount
)

// sections are the parts of a document that rules look into, as they are
// named in it.
var sections = [sectionCount]struct {
	name  string
	list  bool
	shape *shape
}{
	basicSection:     {"basic", false, basicShape},
	otherNames:       {"other_names", true, shapeOf(reflect.TypeFor[OtherName]())},
	addresses:        {"addresses", true, shapeOf(reflect.TypeFor[Address]())},
	licenses:         {"licenses", true, shapeOf(reflect.TypeFor[License]())},
	taxonomies:       {"taxonomies", true, shapeOf(reflect.TypeFor[Taxonomy]())},
	taxonomyLicenses: {"taxonomy_licenses", true, shapeOf(reflect.TypeFor[TaxonomyLicense]())},
	identifiers:      {"identifiers", true, shapeOf(reflect.TypeFor[Identifier]())},
	affiliations:     {"affiliations", true, shapeOf(reflect.TypeFor[Affiliation]())},
}

// sectionAt gives the section that a member of the document is, or -1.
var sectionAt = func() []int {
	at := make([]int, len(documentShape.members))
	for i := range at {
		at[i] = -1
	}
	for i, s := range sections {
		at[documentShape.index(s.name)] = i
	}
	return at
}()

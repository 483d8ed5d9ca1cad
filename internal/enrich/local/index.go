package local

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode"

	"github.com/npiflow/npiflow/internal/record"
)

// An index key is
//
//	'i' index text 0 type sort 0 NPI
//
// with an index's letter, a folded text that an entry is found by, '1' for a
// person and '2' for an organization, the entry's own name (of a person the
// last, then 0 and the first), and the NPI's four bytes. So whoever reads the
// keys of one text gets people by name and then organizations by name, which
// is the order of the NPPES API, and a type is a range within a text.
const (
	byLast         = 'l' // a last name: own, other, or the authorized official's
	byFirst        = 'f' // a first name, likewise
	byOrganization = 'a' // a legal or other name of an organization
	byCity         = 'c' // of any address
	byPostal       = 'z' // the first five characters of any address's
	byCountry      = 'n' // of any address outside the United States
	byTaxonomy     = 't' // a code
)

// postalIndexed is how much of a postal code is in the index: a ZIP code
// without what is behind it, so that five digits find all that begin with them
// in the order of names.
const postalIndexed = 5

const unitedStates = "US"

// indexKeys hands over every index key of an entry, each once. A key is valid
// until add returns. What is not active has none: a search never finds it.
func indexKeys(e *record.Entry, add func(key []byte)) {
	if _, ok := offset(e.NPI); !ok || e.Evidence.Status != record.Active {
		return
	}
	x := indexing{add: add, tail: appendTail(make([]byte, 0, 64), e)}
	for n := range personNames(e) {
		x.text(byLast, n.Last)
		x.text(byFirst, n.First)
	}
	for name := range organizationNames(e) {
		x.text(byOrganization, name)
	}
	for a := range addresses(e) {
		x.text(byCity, a.City)
		x.text(byPostal, start(fold(a.PostalCode), postalIndexed))
		if a.CountryCode != unitedStates {
			x.text(byCountry, a.CountryCode)
		}
	}
	for i := range e.Taxonomies {
		x.text(byTaxonomy, e.Taxonomies[i].Code)
	}
}

// indexing is the state of indexKeys: what each key ends with, and what was
// given.
type indexing struct {
	add   func(key []byte)
	tail  []byte
	given [][]byte // index and text
	room  []byte   // what given points into
	key   []byte
}

func (x *indexing) text(index byte, text string) {
	text = fold(text)
	if text == "" {
		return
	}
	at := len(x.room)
	x.room = append(append(x.room, index), text...)
	head := x.room[at:len(x.room):len(x.room)]
	for _, g := range x.given {
		if bytes.Equal(g, head) {
			x.room = x.room[:at]
			return
		}
	}
	x.given = append(x.given, head)
	x.key = append(append(append(append(x.key[:0], 'i'), head...), 0), x.tail...)
	x.add(x.key)
}

// appendTail appends type, sort name and NPI.
func appendTail(b []byte, e *record.Entry) []byte {
	if n := &e.Evidence.Name; e.Evidence.Type == record.NPI2 {
		b = append(append(b, '2'), fold(n.Organization)...)
	} else {
		b = append(append(append(append(b, '1'), fold(n.Last)...), 0), fold(n.First)...)
	}
	n, _ := offset(e.NPI)
	return binary.BigEndian.AppendUint32(append(b, 0), n)
}

// tailOf is what a key has behind its text; ok says whether it is an index key
// at all.
func tailOf(key []byte) (tail []byte, ok bool) {
	const least = len("1") + 1 + 4
	if len(key) < 2 {
		return nil, false
	}
	end := bytes.IndexByte(key[2:], 0)
	if end < 0 || len(key)-(2+end+1) < least {
		return nil, false
	}
	return key[2+end+1:], true
}

// fold makes texts equal that differ in case alone, as the NPPES API sees
// them. It leaves out control characters, which would end a text in a key.
func fold(s string) string {
	for i := range len(s) {
		if c := s[i]; c < ' ' || 'a' <= c && c <= 'z' || c >= 0x7f {
			return strings.TrimSpace(strings.Map(foldRune, s))
		}
	}
	return strings.TrimSpace(s)
}

func foldRune(r rune) rune {
	if unicode.IsControl(r) {
		return -1
	}
	return unicode.ToUpper(r)
}

// start is at most the first n bytes of s, without half a character.
func start(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// personNames are the names of people that a provider is found by: its own and
// other ones, and the authorized official's.
func personNames(e *record.Entry) func(yield func(*record.Name) bool) {
	return func(yield func(*record.Name) bool) {
		if !yield(&e.Evidence.Name) {
			return
		}
		for i := range e.Evidence.OtherNames {
			if !yield(&e.Evidence.OtherNames[i]) {
				return
			}
		}
		if o := e.Official; o != nil {
			yield(&record.Name{First: o.First, Last: o.Last})
		}
	}
}

// organizationNames are an organization's legal and other names.
func organizationNames(e *record.Entry) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		if !yield(e.Evidence.Name.Organization) {
			return
		}
		for i := range e.Evidence.OtherNames {
			if !yield(e.Evidence.OtherNames[i].Organization) {
				return
			}
		}
	}
}

// addresses are all of a provider: where its mail goes, where it practises
// first of all, and where else.
func addresses(e *record.Entry) func(yield func(*record.Address) bool) {
	return func(yield func(*record.Address) bool) {
		for i := range e.Addresses {
			if !yield(&e.Addresses[i]) {
				return
			}
		}
		for i := range e.PracticeLocations {
			if !yield(&e.PracticeLocations[i]) {
				return
			}
		}
	}
}

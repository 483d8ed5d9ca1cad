package bulk

import (
	"fmt"
	"strings"
	"unicode"
)

// table is a CSV file we know: what it is called, and its columns.
type table struct {
	what    string // for messages
	stem    string // what CMS's names of it begin with; "" for files of others
	bare    bool   // its fields are quoted only where they must be
	titles  int    // rows that may stand before the header
	columns []column
}

// column is one we use. Its place in the list is where cells hold its text.
type column struct {
	name         string
	formerly     string // another name it may have
	optional     bool
	placeholders bool // "--" and "NONE" are none
}

// tables are all there are; the first four make up a shipment of NPPES, in the
// order in which they are read.
var tables = []*table{providers, otherNames, locations, endpoints, deactivations, exclusions, taxonomies}

// plan says where each field of a file goes.
type plan struct {
	columns []column
	places  []int16 // by column of the file: the place in columns, or -1
}

// plan finds the table's columns in a header. missing names those that are not
// there and should be.
func (t *table) plan(header []string) (p plan, missing []string) {
	p = plan{t.columns, make([]int16, len(header))}
	at := make(map[string]int, len(header))
	for i := len(header) - 1; i >= 0; i-- { // so that the first of two counts
		p.places[i] = -1
		at[fold(header[i])] = i
	}
	for place, c := range t.columns {
		i, ok := at[fold(c.name)]
		if !ok && c.formerly != "" {
			i, ok = at[fold(c.formerly)]
		}
		switch {
		case ok:
			p.places[i] = int16(place)
		case !c.optional:
			missing = append(missing, c.name)
		}
	}
	return p, missing
}

// fold makes names equal that differ in blanks and case: CMS's own blanks are
// irregular ("Address-  Address Line 2").
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// maxNamed is how many missing columns an error names.
const maxNamed = 5

// lacks says in words which columns a header does not have.
func lacks(missing []string) string {
	more := ""
	if n := len(missing) - maxNamed; n > 0 {
		missing, more = missing[:maxNamed], fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("its header lacks %q%s", missing, more)
}

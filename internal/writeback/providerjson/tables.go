package providerjson

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// The files of the tables. Each but the taxonomies has one code a line;
// taxonomies have code, entity (I individual, O organization) and whether a
// license is needed (Y, N), separated by tabs. A line that begins with # is a
// remark.
const (
	statesFile     = "states.txt"             // 60, ZZ among them
	countriesFile  = "countries.txt"          // ISO 3166-1 alpha-2
	licensesFile   = "license_type_codes.txt" // STATE-TYPE
	taxonomiesFile = "taxonomy_crosswalk.tsv" // NUCC, about 2014
)

//go:embed tables/*.txt tables/*.tsv
var embedded embed.FS

// Tables are the codes that the rules know.
type Tables struct {
	states, countries, licenses map[string]bool
	taxonomies                  map[string]specialty
}

// specialty is what the rules need to know of a taxonomy.
type specialty struct {
	entity  entity
	license bool // it cannot be held without one
}

// entity is who can have a taxonomy.
type entity byte

const (
	anybody      entity = 0
	individual   entity = 'I'
	organization entity = 'O'
)

var builtin = func() *Tables {
	dir, err := fs.Sub(embedded, "tables")
	if err != nil {
		panic(err)
	}
	t := &Tables{}
	if err := t.read(dir); err != nil {
		panic(err)
	}
	return t
}()

// ReadTables gives the built-in tables, with each that dir has a file of in
// place of the built-in one: states.txt, countries.txt, license_type_codes.txt
// and taxonomy_crosswalk.tsv. An error names file and line.
func ReadTables(dir fs.FS) (*Tables, error) {
	t := *builtin
	if err := t.read(dir); err != nil {
		return nil, err
	}
	return &t, nil
}

// read puts what dir has in place of what is there.
func (t *Tables) read(dir fs.FS) (err error) {
	if err := table(dir, taxonomiesFile, &t.taxonomies, parseTaxonomy); err != nil {
		return err
	}
	for _, list := range []struct {
		file   string
		rows   *map[string]bool
		length int
	}{{statesFile, &t.states, 2}, {countriesFile, &t.countries, 2}, {licensesFile, &t.licenses, 6}} {
		parse := func(row string) (string, bool, error) {
			if len(row) != list.length {
				return "", false, fmt.Errorf("a code of %d characters belongs here", list.length)
			}
			return row, true, nil
		}
		if err := table(dir, list.file, list.rows, parse); err != nil {
			return err
		}
	}
	return nil
}

// table reads one file, if there is one, and replaces *rows by it.
func table[V any](dir fs.FS, name string, rows *map[string]V, parse func(row string) (string, V, error)) error {
	text, err := fs.ReadFile(dir, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read table %s: %w", name, err)
	}
	read, n := map[string]V{}, 0
	for line := range strings.Lines(string(text)) {
		n++
		if line = strings.TrimRight(line, "\r\n"); line == "" || line[0] == '#' {
			continue
		}
		key, v, err := parse(line)
		if err != nil {
			return fmt.Errorf("read table %s: line %d: %w", name, n, err)
		}
		read[key] = v
	}
	if len(read) == 0 {
		return fmt.Errorf("read table %s: there is no code in it", name)
	}
	*rows = read
	return nil
}

func parseTaxonomy(row string) (string, specialty, error) {
	columns := strings.Split(row, "\t")
	if len(columns) != 3 || columns[0] == "" || columns[1] != "I" && columns[1] != "O" || columns[2] != "Y" && columns[2] != "N" {
		return "", specialty{}, errors.New("a code, I or O, and Y or N belong here, separated by tabs")
	}
	return columns[0], specialty{entity: entity(columns[1][0]), license: columns[2] == "Y"}, nil
}

// taxonomy looks a code up. The reference reads the heading of its table as a
// row of it: a taxonomy called code, of nobody in particular, that needs a
// license.
func (t *Tables) taxonomy(code string) (specialty, bool) {
	if code == "code" {
		return specialty{entity: anybody, license: true}, true
	}
	s, known := t.taxonomies[code]
	return s, known
}

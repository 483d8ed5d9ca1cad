package local

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/go-json-experiment/json"

	"github.com/npiflow/npiflow/internal/enrich/local/bulk"
	"github.com/npiflow/npiflow/internal/record"
)

// format is the version of keys and values; a build of another one is not
// read.
const format = 1

// Manifest says what a build was made from.
type Manifest struct {
	Format        int        `json:"format"`
	Built         time.Time  `json:"built"`
	Files         []Imported `json:"files"` // in the order they were applied, since the last full file
	Providers     Providers  `json:"providers"`
	Deactivations List       `json:"deactivations"`
	Exclusions    List       `json:"exclusions"`
	Taxonomies    List       `json:"taxonomies"`
	Search        bool       `json:"search"` // the indexes for searching are there
}

// Imported is one file that went into a build.
type Imported struct {
	Name string      `json:"name"`
	Kind bulk.Kind   `json:"kind"`
	AsOf record.Date `json:"as_of,omitzero"`
	Rows int         `json:"rows"`
	At   time.Time   `json:"at"`
}

// Providers counts what the full and the weekly files came to.
type Providers struct {
	AsOf          record.Date `json:"as_of,omitzero"` // the last day they cover; zero if no full file was imported
	Individuals   int         `json:"individuals"`
	Organizations int         `json:"organizations"`
	Deactivated   int         `json:"deactivated"` // stubs, and rows with a deactivation and no later reactivation
}

// Total is how many NPIs there are, deactivated ones too.
func (p Providers) Total() int { return p.Individuals + p.Organizations + p.Deactivated }

// List is a list that is replaced as a whole by each import.
type List struct {
	AsOf record.Date `json:"as_of,omitzero"` // zero where the file does not say, and where none was imported
	Rows int         `json:"rows"`
	At   time.Time   `json:"at,omitzero"` // when it was imported; zero if it never was
}

var manifestKey = []byte("m")

// load reads all that is kept in memory.
func (s *Store) load(build string) error {
	value, closer, err := s.db.Get(manifestKey)
	if err != nil {
		return fmt.Errorf("read the manifest: %w", err)
	}
	err = json.Unmarshal(value, &s.manifest)
	_ = closer.Close()
	if err != nil {
		return fmt.Errorf("read the manifest: %w", err)
	}
	if s.manifest.Format != format {
		return fmt.Errorf("it has format %d and this program reads %d", s.manifest.Format, format)
	}
	s.deactivated = make(map[uint32]record.Date, s.manifest.Deactivations.Rows)
	s.excluded = make(map[uint32]*record.Exclusion, s.manifest.Exclusions.Rows)
	s.taxonomies = make(map[string]string, max(s.manifest.Taxonomies.Rows, len(published)))
	for c, description := range published {
		s.taxonomies[c] = description
	}
	return errors.Join(
		scan(s.db, 'p', func(k, v []byte) (err error) {
			bucket := int(binary.BigEndian.Uint32(k))
			if bucket >= buckets {
				return errValue
			}
			s.shelves[bucket], err = openShelf(build, bucket, v)
			return err
		}),
		scan(s.db, 'd', func(k, v []byte) (err error) {
			s.deactivated[binary.BigEndian.Uint32(k)], err = decodeDate(v)
			return err
		}),
		scan(s.db, 'x', func(k, v []byte) (err error) {
			s.excluded[binary.BigEndian.Uint32(k)], err = decodeExclusion(v)
			return err
		}),
		scan(s.db, 't', func(k, v []byte) error {
			s.taxonomies[string(k)] = string(v)
			return nil
		}))
}

// scan hands over every key that begins with letter, without it.
func scan(r pebble.Reader, letter byte, each func(k, v []byte) error) error {
	it, err := r.NewIter(&pebble.IterOptions{LowerBound: []byte{letter}, UpperBound: []byte{letter + 1}})
	if err != nil {
		return err
	}
	for it.First(); it.Valid() && err == nil; it.Next() {
		var v []byte
		if v, err = it.ValueAndErr(); err == nil {
			if letter != 't' && letter != 'i' && len(it.Key()) != 5 {
				err = errValue
			} else {
				err = each(it.Key()[1:], v)
			}
		}
	}
	return errors.Join(err, it.Error(), it.Close())
}

func decodeDate(v []byte) (record.Date, error) {
	r := reader{text: string(v)}
	d := r.date()
	if r.bad {
		return 0, errValue
	}
	return d, nil
}

func appendExclusion(b []byte, x *record.Exclusion) []byte {
	b = appendDate(appendDate(b, x.Date), x.WaiverDate)
	return appendText(appendText(b, x.Type), x.WaiverState)
}

func decodeExclusion(v []byte) (*record.Exclusion, error) {
	r := reader{text: string(v)}
	x := &record.Exclusion{Date: r.date(), WaiverDate: r.date(), Type: r.string(), WaiverState: r.string()}
	if r.bad {
		return nil, errValue
	}
	return x, nil
}

// String is the manifest as one line for people.
func (m Manifest) String() string {
	s := "no full file"
	if m.Providers.AsOf != 0 {
		s = fmt.Sprintf("%d providers as of %s", m.Providers.Total(), m.Providers.AsOf)
	}
	if m.Deactivations.Rows > 0 {
		s += fmt.Sprintf(", deactivation report of %s", m.Deactivations.AsOf)
	}
	if m.Exclusions.Rows > 0 {
		s += fmt.Sprintf(", exclusion list with %d NPIs", m.Exclusions.Rows)
	}
	return s
}

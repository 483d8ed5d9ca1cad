package local

import (
	"maps"
	"slices"
	"strings"

	"github.com/cockroachdb/pebble/v2/sstable"

	"github.com/npiflow/npiflow/internal/record"
)

// lists are what is small enough to be kept in memory, and is replaced as a
// whole by each file of its kind.
type lists struct {
	deactivated map[uint32]record.Date
	excluded    map[uint32]*record.Exclusion
	taxonomies  map[string]string
}

// takeOver begins with what was there.
func (l *lists) takeOver(base *Store) {
	if base == nil {
		return
	}
	l.deactivated, l.excluded, l.taxonomies = base.deactivated, base.excluded, map[string]string{}
	if base.manifest.Taxonomies.Rows > 0 {
		l.taxonomies = maps.Clone(base.taxonomies)
	}
}

func (l *lists) addDeactivated(npi record.NPI, on record.Date) error {
	if n, ok := offset(npi); ok {
		l.deactivated[n] = on
	}
	return nil
}

// addExcluded keeps the earliest of several lines: excluded since then.
func (l *lists) addExcluded(npi record.NPI, x *record.Exclusion) error {
	n, ok := offset(npi)
	if was := l.excluded[n]; !ok || was != nil && was.Date <= x.Date {
		return nil
	}
	own := *x
	own.Type, own.WaiverState = strings.Clone(x.Type), strings.Clone(x.WaiverState)
	l.excluded[n] = &own
	return nil
}

func (l *lists) addTaxonomy(code, description string) error {
	l.taxonomies[strings.Clone(code)] = strings.Clone(description)
	return nil
}

func (l *lists) writeDeactivated(t *sstable.Writer) error {
	for _, n := range slices.Sorted(maps.Keys(l.deactivated)) {
		if err := t.Set(key(nil, 'd', n), appendDate(nil, l.deactivated[n])); err != nil {
			return err
		}
	}
	return nil
}

// writeRest writes what comes last in the order of keys.
func (l *lists) writeRest(t *sstable.Writer) error {
	for _, c := range slices.Sorted(maps.Keys(l.taxonomies)) {
		if err := t.Set(append([]byte{'t'}, c...), []byte(l.taxonomies[c])); err != nil {
			return err
		}
	}
	for _, n := range slices.Sorted(maps.Keys(l.excluded)) {
		if err := t.Set(key(nil, 'x', n), appendExclusion(nil, l.excluded[n])); err != nil {
			return err
		}
	}
	return nil
}

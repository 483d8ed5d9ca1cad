package local

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/gofrs/flock"

	"github.com/npiflow/npiflow/internal/record"
)

// ErrNone says that a folder holds no registry yet.
var ErrNone = errors.New("open the local registry: nothing was imported yet; run `registry import`")

// CorruptError says that a build cannot be read as it was written.
type CorruptError struct{ Err error }

func (e *CorruptError) Error() string {
	return fmt.Sprintf("read the local registry: it is damaged (%v): import the monthly file again", e.Err)
}

func (e *CorruptError) Unwrap() error { return e.Err }

// Store is one build, open for reading. It is safe for concurrent use.
type Store struct {
	db       *pebble.DB
	readers  *flock.Flock
	name     string // of the build
	manifest Manifest

	deactivated map[uint32]record.Date // the report's lines
	excluded    map[uint32]*record.Exclusion
	taxonomies  map[string]string

	fetched time.Time
	shelves [buckets]*shelf

	searches sync.WaitGroup // under way, of a Registry
}

const (
	firstNPI = 1_000_000_000
	lastNPI  = 2_999_999_999
)

// offset is an NPI as it stands in keys.
func offset(npi record.NPI) (n uint32, ok bool) {
	return uint32(npi - firstNPI), npi >= firstNPI && npi <= lastNPI
}

// key is appended to b: a letter and four bytes.
func key(b []byte, letter byte, n uint32) []byte {
	return binary.BigEndian.AppendUint32(append(b, letter), n)
}

func npiOf(key []byte) record.NPI {
	return firstNPI + record.NPI(binary.BigEndian.Uint32(key[1:5]))
}

// options are a store's.
func options(files filesystem) *pebble.Options {
	o := &pebble.Options{
		FS: files, Logger: silent{}, FormatMajorVersion: pebble.FormatTableFormatV6,
		DisableWAL: true, CacheSize: 16 << 20,
		// Left to itself it ends the process; the error comes back to us, too.
		EventListener: &pebble.EventListener{DataCorruption: func(pebble.DataCorruptionInfo) {}},
	}
	o.EnsureDefaults()
	return o
}

// Open opens the build that answers in dir, ErrNone if there is none. A build
// that cannot be read is a *CorruptError.
func Open(dir string) (*Store, error) {
	for range 5 {
		name, err := current(dir)
		if err != nil {
			return nil, err
		}
		s, err := openBuild(dir, name)
		if err == nil {
			return s, nil
		}
		if again, _ := current(dir); again == name {
			return nil, err
		}
		// An import replaced it meanwhile.
	}
	return nil, fmt.Errorf("open the local registry in %s: it is replaced faster than it can be opened", dir)
}

// openBuild never changes a build: any number of processes may read it.
func openBuild(dir, name string) (s *Store, err error) {
	build := filepath.Join(dir, name)
	s = &Store{name: name, readers: flock.New(filepath.Join(build, readersFile)), fetched: time.Now().UTC().Truncate(time.Second)}
	// Without the lock, on a folder that may not be written to, the build can
	// still be read; it only may be deleted under us, as one already open can.
	_, _ = s.readers.TryRLock()
	defer func() {
		if err != nil {
			_ = s.Close()
		}
	}()
	o := options(unlocked{defaultFS})
	o.ReadOnly = true
	if s.db, err = pebble.Open(filepath.Join(build, storeFolder), o); err != nil {
		return s, damage(err)
	}
	return s, damage(s.load(build))
}

// damage tells a build that is not what was written from other failures: a
// file that is missing or short belongs to a damaged build too.
func damage(err error) error {
	var corrupt *CorruptError
	switch {
	case err == nil || errors.As(err, &corrupt):
		return err
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("open the local registry: %w", err)
	}
	return &CorruptError{err}
}

// Close gives the build up.
func (s *Store) Close() error {
	var errs []error
	for _, sh := range s.shelves {
		errs = append(errs, sh.close())
	}
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	errs = append(errs, s.readers.Close())
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close the local registry: %w", err)
	}
	return nil
}

// Manifest says what was imported.
func (s *Store) Manifest() Manifest { return s.manifest }

// Lookup gives what the files say of npi: a new entry of status Active or
// Deactivated, nil where they do not have it. Of a row and a line of the
// deactivation report, the newer file's word counts.
func (s *Store) Lookup(npi record.NPI) (*record.Entry, error) {
	n, ok := offset(npi)
	if !ok {
		return nil, nil
	}
	e, err := s.row(npi, n)
	if err != nil {
		return nil, err
	}
	if e == nil || s.manifest.Deactivations.AsOf > s.manifest.Providers.AsOf {
		if on, listed := s.deactivated[n]; listed && (e == nil || e.Evidence.Status == record.Active) {
			return s.struck(npi, e, on), nil
		}
	}
	return e, nil
}

// struck is what the deactivation report makes of a row, or of none.
func (s *Store) struck(npi record.NPI, e *record.Entry, on record.Date) *record.Entry {
	e = cmp.Or(e, &record.Entry{NPI: npi})
	v := &e.Evidence
	v.Source, v.AsOf, v.FetchedAt = record.FromDeactivations, s.manifest.Deactivations.AsOf, s.fetched
	v.Status, v.DeactivationDate, v.ReactivationDate = record.Deactivated, on, 0
	return e
}

// row is the main file's word, nil if it has none.
func (s *Store) row(npi record.NPI, n uint32) (*record.Entry, error) {
	sh := s.shelves[bucketOf(n)]
	i, ok := sh.lookup(n % bucketSpan)
	if !ok {
		return nil, nil
	}
	value, err := sh.value(nil, i)
	if err != nil {
		return nil, damage(err)
	}
	return s.provider(npi, text(value), value[len(value):cap(value)])
}

// provider is a stored value as the entry a lookup gives.
func (s *Store) provider(npi record.NPI, value string, room []byte) (*record.Entry, error) {
	e, err := decode(npi, value, room)
	if err != nil {
		return nil, damage(err)
	}
	e.Evidence.Source, e.Evidence.AsOf, e.Evidence.FetchedAt = record.FromLocal, s.manifest.Providers.AsOf, s.fetched
	for i := range e.Taxonomies {
		t := &e.Taxonomies[i]
		t.Description = s.taxonomies[t.Code]
	}
	return e, nil
}

// Exclusion is npi's line on the exclusion list, nil if it has none or no list
// was imported.
func (s *Store) Exclusion(npi record.NPI) *record.Exclusion {
	n, _ := offset(npi)
	return s.excluded[n]
}

// Verify reads every provider and every index of the build, and says whether it
// is what was written: nil, or a *CorruptError.
func (s *Store) Verify(ctx context.Context) error {
	for i, sh := range s.shelves {
		for c := sh.first(); ; c.next() {
			if c.err != nil {
				return damage(c.err)
			}
			if !c.valid {
				break
			}
			if _, err := decode(firstNPI+record.NPI(i)*bucketSpan+record.NPI(c.n), string(c.value), nil); err != nil {
				return damage(err)
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return damage(scan(s.db, 'i', func(_, _ []byte) error { return ctx.Err() }))
}

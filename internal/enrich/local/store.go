package local

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/sstable/block"
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
	cursors [buckets]cursors
}

const (
	firstNPI = 1_000_000_000
	lastNPI  = 2_999_999_999

	// buckets are equal ranges of NPIs. NPIs beginning with 2 are hardly
	// issued yet, so in practice half of the buckets share the work.
	buckets    = 128
	bucketSpan = (lastNPI + 1 - firstNPI) / buckets
)

func bucketOf(n uint32) int { return int(n / bucketSpan) }

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

// cacheSize is what a store keeps of its blocks, in bytes. What it does not
// keep is in the system's page cache, which knows better what is wanted.
const cacheSize = 64 << 20

// options are a build's. Values are packed already, and reading them must not
// cost a decompression of their neighbours.
func options(files filesystem) *pebble.Options {
	o := &pebble.Options{
		FS: files, Logger: silent{}, FormatMajorVersion: pebble.FormatTableFormatV6,
		DisableWAL: true, CacheSize: cacheSize, MaxOpenFiles: 4096,
	}
	o.EnsureDefaults()
	for i := range o.Levels {
		o.Levels[i].BlockSize = 4 << 10
		o.Levels[i].Compression = func() *block.CompressionProfile { return block.NoCompression }
	}
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
		if again, _ := current(dir); err != nil && again != name {
			continue // an import replaced it meanwhile
		}
		return s, err
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
	o := options(mapped{defaultFS})
	o.ReadOnly = true
	if s.db, err = pebble.Open(build, o); err != nil {
		return s, damage(err)
	}
	return s, damage(s.load())
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
	for i := range s.cursors {
		for _, it := range s.cursors[i].idle {
			errs = append(errs, it.Close())
		}
		s.cursors[i].idle = nil
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
	if s.manifest.Providers.AsOf == 0 {
		return nil, nil
	}
	var room [5]byte
	k := key(room[:0], 'p', n)
	c := &s.cursors[bucketOf(n)]
	it, err := c.take(s.db, bucketOf(n))
	if err != nil {
		return nil, damage(err)
	}
	if !it.SeekGE(k) || !bytes.Equal(it.Key(), k) {
		if err := it.Error(); err != nil {
			_ = it.Close() // an iterator that failed is of no further use
			return nil, damage(err)
		}
		c.give(it)
		return nil, nil
	}
	value, err := it.ValueAndErr()
	if err != nil {
		_ = it.Close()
		return nil, damage(err)
	}
	e, err := s.provider(npi, value)
	c.give(it)
	return e, err
}

// provider is a stored value as the entry a lookup gives.
func (s *Store) provider(npi record.NPI, value []byte) (*record.Entry, error) {
	e, err := decode(npi, value)
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

// cursors are iterators over one bucket that wait for use. An iterator that
// stays in its bucket keeps that bucket's table and index at hand, which is
// half of a lookup's cost.
type cursors struct {
	mu   sync.Mutex
	idle []*pebble.Iterator
}

func (c *cursors) take(db *pebble.DB, bucket int) (*pebble.Iterator, error) {
	c.mu.Lock()
	if last := len(c.idle) - 1; last >= 0 {
		it := c.idle[last]
		c.idle = c.idle[:last]
		c.mu.Unlock()
		return it, nil
	}
	c.mu.Unlock()
	upper := key(nil, 'p', uint32(bucket+1)*bucketSpan)
	return db.NewIter(&pebble.IterOptions{KeyTypes: pebble.IterKeyTypePointsOnly,
		LowerBound: key(nil, 'p', uint32(bucket)*bucketSpan), UpperBound: upper})
}

func (c *cursors) give(it *pebble.Iterator) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = append(c.idle, it)
}

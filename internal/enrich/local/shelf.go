package local

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"unsafe"

	"github.com/cockroachdb/pebble/v2/vfs"
	"golang.org/x/exp/mmap"
)

// The providers of one range of NPIs are a shelf: a file with their values one
// behind the other, in the order of their NPIs, and a directory of where each
// one ends. The directories are kept in the store, and in memory while a build
// is open, at eight bytes for each provider; the values are left to the system's
// page cache. A lookup then is two steps in memory and one value copied, where
// a store of key and value loads a block of values through a cache of blocks
// (docs/decisions/0007-providers-on-shelves.md has the figures).

const (
	buckets    = 128 // shelves; NPIs beginning with 2 are hardly issued yet, so half of them share the work
	bucketSpan = (lastNPI + 1 - firstNPI) / buckets

	// slotBits: a directory finds 1,024 NPIs at once, of which some ten are
	// issued, and looks through those.
	slotBits = 10
	slots    = bucketSpan>>slotBits + 1
	sumSize  = 4 // bytes of checksum behind each value

	// spelled is room behind a value for what is spelled out of numbers: of two
	// addresses the phone and fax numbers and the postal codes.
	spelled = 2 * (12 + 12 + 9)
)

func bucketOf(n uint32) int { return int(n / bucketSpan) }

// directory says where the values of a shelf are.
type directory struct {
	starts []uint32 // by slot: the first provider in it
	places []place  // by provider
}

// place is the lowest bits of a provider's NPI and where its value ends, which
// is where the next one's begins. Both are in one number because reading
// memory is most of what finding costs.
type place uint64

func newPlace(n, end uint32) place { return place(n&(1<<slotBits-1)) | place(end)<<slotBits }

func (p place) low() uint32 { return uint32(p & (1<<slotBits - 1)) }
func (p place) end() uint32 { return uint32(p >> slotBits) }

// find gives the place of NPI n of the bucket, or not.
func (d *directory) find(n uint32) (i int, ok bool) {
	low := n & (1<<slotBits - 1)
	for i := d.starts[n>>slotBits]; i < d.starts[n>>slotBits+1]; i++ {
		if d.places[i].low() == low {
			return int(i), true
		}
	}
	return 0, false
}

// appendPlace appends a line of a directory as the store holds it: four bytes
// of NPI within the bucket and four of where its value ends.
func appendPlace(b []byte, n, end uint32) []byte {
	return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(b, n), end)
}

// newDirectory reads what appendPlace wrote; size is the file's.
func newDirectory(b []byte, size int64) (*directory, error) {
	count := len(b) / 8
	d := &directory{starts: make([]uint32, slots+1), places: make([]place, count)}
	slot, before, end := 0, int64(-1), uint32(0)
	for i := range count {
		n, e := binary.LittleEndian.Uint32(b[8*i:]), binary.LittleEndian.Uint32(b[8*i+4:])
		if int64(n) <= before || n >= bucketSpan || e < end+sumSize || int64(e) > size {
			return nil, errValue
		}
		for before, end = int64(n), e; slot <= int(n>>slotBits); slot++ {
			d.starts[slot] = uint32(i)
		}
		d.places[i] = newPlace(n, e)
	}
	for ; slot <= slots; slot++ {
		d.starts[slot] = uint32(count)
	}
	if int64(end) != size || len(b)%8 != 0 {
		return nil, errValue
	}
	return d, nil
}

func shelfPath(build string, bucket int) string {
	return filepath.Join(build, fmt.Sprintf("providers-%03d", bucket))
}

// shelf reads the providers of one bucket. A nil one is empty.
type shelf struct {
	directory
	path   string
	values *mmap.ReaderAt
}

// openShelf takes the directory as the store holds it.
func openShelf(build string, bucket int, places []byte) (*shelf, error) {
	r, err := mmap.Open(shelfPath(build, bucket))
	if err != nil {
		return nil, err
	}
	d, err := newDirectory(places, int64(r.Len()))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s and its directory do not agree", shelfPath(build, bucket)), r.Close())
	}
	return &shelf{*d, shelfPath(build, bucket), r}, nil
}

var (
	castagnoli  = crc32.MakeTable(crc32.Castagnoli)
	errChecksum = errors.New("a stored provider is not what was written")
)

// value copies the i-th provider's into b, or into new room if that is too
// small.
func (s *shelf) value(b []byte, i int) ([]byte, error) {
	at, end := s.span(i)
	size := int(end - at)
	if cap(b) < size {
		b = make([]byte, size+spelled)
	}
	b = b[:size]
	if _, err := s.values.ReadAt(b, int64(at)); err != nil {
		return nil, err
	}
	return checked(b)
}

// span is where the i-th provider's value and its checksum are.
func (d *directory) span(i int) (at, end uint32) {
	if i > 0 {
		at = d.places[i-1].end()
	}
	return at, d.places[i].end()
}

// checked is a value without the checksum behind it.
func checked(b []byte) ([]byte, error) {
	value := b[:len(b)-sumSize]
	if crc32.Checksum(value, castagnoli) != binary.LittleEndian.Uint32(b[len(value):]) {
		return nil, errChecksum
	}
	return value, nil
}

// lookup gives the place of NPI n of the bucket, or not.
func (s *shelf) lookup(n uint32) (i int, ok bool) {
	if s == nil {
		return 0, false
	}
	return s.find(n)
}

func (s *shelf) close() error {
	if s == nil {
		return nil
	}
	return s.values.Close()
}

// cursor walks over a shelf in the order of NPIs. It reads the file whole: the
// mapping would leave all of it among the memory that is counted as ours.
type cursor struct {
	shelf *shelf
	bytes []byte
	slot  uint32
	i     int

	valid bool
	n     uint32 // the NPI within the bucket
	value []byte // until the cursor is given up
	err   error
}

func (s *shelf) first() *cursor {
	c := &cursor{shelf: s, i: -1}
	if s != nil {
		if c.bytes, c.err = os.ReadFile(s.path); c.err == nil && len(c.bytes) != s.values.Len() {
			c.err = errChecksum
		}
	}
	c.next()
	return c
}

func (c *cursor) next() {
	c.i++
	if c.valid = c.shelf != nil && c.err == nil && c.i < len(c.shelf.places); !c.valid {
		return
	}
	for c.shelf.starts[c.slot+1] <= uint32(c.i) {
		c.slot++
	}
	c.n = c.slot<<slotBits | c.shelf.places[c.i].low()
	at, end := c.shelf.span(c.i)
	if c.value, c.err = checked(c.bytes[at:end]); c.err != nil {
		c.valid = false
	}
}

// shelfWriter fills a shelf in the order of NPIs.
type shelfWriter struct {
	file   vfs.File
	buf    *bufio.Writer
	places []byte // the directory so far
	at     uint64
}

func createShelf(files filesystem, build string, bucket int) (*shelfWriter, error) {
	f, err := files.Create(shelfPath(build, bucket), vfs.WriteCategoryUnspecified)
	if err != nil {
		return nil, err
	}
	return &shelfWriter{file: f, buf: bufio.NewWriterSize(f, 256<<10)}, nil
}

func (w *shelfWriter) add(n uint32, value []byte) error {
	var sum [sumSize]byte
	binary.LittleEndian.PutUint32(sum[:], crc32.Checksum(value, castagnoli))
	if w.at += uint64(len(value) + sumSize); w.at > 1<<32-1 {
		return fmt.Errorf("store providers: more than 4 GiB of them in a range of %d NPIs", bucketSpan)
	}
	w.places = appendPlace(w.places, n, uint32(w.at))
	_, err := w.buf.Write(value)
	if err == nil {
		_, err = w.buf.Write(sum[:])
	}
	return err
}

// close returns once the values are on the disk: what names them comes after.
func (w *shelfWriter) close() error {
	return errors.Join(w.buf.Flush(), w.file.Sync(), w.file.Close())
}

// text is b as a string without a copy. Nobody may write to b afterwards.
func text(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	return unsafe.String(&b[0], len(b))
}

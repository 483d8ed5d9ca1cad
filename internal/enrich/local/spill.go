package local

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/npiflow/npiflow/internal/record"
)

// spill sorts what the files say, whatever their order and size, in bounded
// memory: pieces go into one file for each bucket of NPIs, and each bucket is
// sorted by itself.
//
// A piece is twelve bits of bookkeeping and the bytes that codec.go makes of
// one row: four bytes of NPI within the bucket and generation (which of the
// import's files it came from), four of length, whose top bit says that it is
// a row of the main file.
type spill struct {
	files   filesystem
	dir     string
	buckets [buckets]struct {
		pieces []byte
		file   vfs.File
		size   int64
	}
}

const (
	spillAt = 256 << 10 // bytes of a bucket kept in memory
	header  = 8
	isMain  = 1 << 31

	// maxGenerations is how many full and weekly files one import can take.
	maxGenerations = 256
)

// add takes a piece: encode appends its bytes.
func (s *spill) add(npi record.NPI, generation int, main bool, encode func([]byte) []byte) error {
	n, ok := offset(npi)
	if !ok {
		return nil // reading refused it already
	}
	i := bucketOf(n)
	b := &s.buckets[i]
	at := len(b.pieces)
	b.pieces = binary.LittleEndian.AppendUint32(b.pieces, n%bucketSpan<<8|uint32(generation))
	b.pieces = encode(append(b.pieces, 0, 0, 0, 0))
	length := uint32(len(b.pieces) - at - header)
	if main {
		length |= isMain
	}
	binary.LittleEndian.PutUint32(b.pieces[at+4:], length)
	if len(b.pieces) >= spillAt {
		return s.flush(i)
	}
	return nil
}

func (s *spill) path(i int) string { return filepath.Join(s.dir, fmt.Sprintf("spill-%03d", i)) }

func (s *spill) flush(i int) (err error) {
	b := &s.buckets[i]
	if b.file == nil {
		if b.file, err = s.files.Create(s.path(i), vfs.WriteCategoryUnspecified); err != nil {
			return fmt.Errorf("make a file to sort in: %w", err)
		}
	}
	n, err := b.file.Write(b.pieces)
	if err != nil {
		return fmt.Errorf("write a file to sort in: %w", err)
	}
	b.size += int64(n)
	b.pieces = b.pieces[:0]
	return nil
}

// take gives a bucket's pieces and forgets them.
func (s *spill) take(i int) (pieces []byte, err error) {
	b := &s.buckets[i]
	pieces, b.pieces = b.pieces, nil
	if b.file == nil {
		return pieces, nil
	}
	if b.size+int64(len(pieces)) > math.MaxUint32 {
		return nil, fmt.Errorf("sort: %d bytes of providers in a range of %d NPIs", b.size, bucketSpan)
	}
	whole := make([]byte, b.size, b.size+int64(len(pieces)))
	f, err := s.files.Open(s.path(i))
	if err != nil {
		return nil, fmt.Errorf("read a file to sort in: %w", err)
	}
	_, err = io.ReadFull(f, whole)
	if err = errors.Join(err, f.Close(), b.file.Close(), s.files.Remove(s.path(i))); err != nil {
		return nil, fmt.Errorf("read a file to sort in: %w", err)
	}
	b.file = nil
	return append(whole, pieces...), nil
}

// close gives up what was not taken.
func (s *spill) close() {
	for i := range s.buckets {
		if f := s.buckets[i].file; f != nil {
			_ = f.Close() // the folder it is in is deleted
		}
	}
}

// found is what the files say of one NPI: a value, or nothing but reference
// rows.
type found struct {
	n          uint32 // the NPI within the bucket
	value      []byte // valid until the next one is given; nil if there was no main row
	duplicates int    // main rows that a later one of the same file replaced
	orphans    int    // reference rows without a main row of the same shipment
}

// sorted gives what the pieces of a bucket come to, by NPI. Of several
// shipments the last that has a main row counts, with its own reference rows:
// a weekly file's row replaces everything the provider had.
func sorted(pieces []byte, yield func(*found) bool) {
	var order []uint64 // NPI within the bucket, generation, place: all of a piece that sorting needs
	for at := 0; at < len(pieces); {
		order = append(order, uint64(binary.LittleEndian.Uint32(pieces[at:]))<<32|uint64(at))
		at += header + int(binary.LittleEndian.Uint32(pieces[at+4:])&^isMain)
	}
	slices.Sort(order)
	var f found
	for len(order) > 0 {
		same := 1
		for same < len(order) && order[same]>>40 == order[0]>>40 {
			same++
		}
		f = found{n: uint32(order[0] >> 40), value: f.value[:0]}
		f.join(pieces, order[:same])
		if !yield(&f) {
			return
		}
		order = order[same:]
	}
}

// join lays the pieces of one NPI together.
func (f *found) join(pieces []byte, order []uint64) {
	value := f.value
	f.value = nil
	generation := -1
	for _, o := range order {
		g, piece := int(o>>32&(maxGenerations-1)), pieces[uint32(o):]
		length := binary.LittleEndian.Uint32(piece[4:])
		body := piece[header : header+length&^isMain]
		switch {
		case length&isMain != 0:
			if g == generation {
				f.duplicates++
			}
			generation, value = g, append(value[:0], body...)
			f.value = value
		case g == generation:
			value = append(value, body...)
			f.value = value
		default:
			f.orphans++
		}
	}
}

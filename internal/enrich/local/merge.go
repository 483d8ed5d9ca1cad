package local

import (
	"bufio"
	"bytes"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// keys collects keys, one behind the other.
type keys struct {
	bytes []byte
	ends  []int
}

func (k *keys) add(key []byte) {
	k.bytes = append(k.bytes, key...)
	k.ends = append(k.ends, len(k.bytes))
}

// sorted gives each key once.
func (k *keys) sorted() [][]byte {
	all := make([][]byte, len(k.ends))
	at := 0
	for i, end := range k.ends {
		all[i] = k.bytes[at:end:end]
		at = end
	}
	slices.SortFunc(all, bytes.Compare)
	return slices.CompactFunc(all, bytes.Equal)
}

// spill writes the keys to a file, sorted: a length and bytes each.
func (k *keys) spill(files filesystem, path string) error {
	f, err := files.Create(path, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 256<<10)
	var length [binary.MaxVarintLen64]byte
	for _, key := range k.sorted() {
		_, _ = w.Write(binary.AppendUvarint(length[:0], uint64(len(key)))) // Flush says what failed
		_, _ = w.Write(key)
	}
	return errors.Join(w.Flush(), f.Close())
}

// sortedFile is a file of sorted keys that is being read.
type sortedFile struct {
	file vfs.File
	from *bufio.Reader
	key  []byte
}

// next reads the next key; more is false at its end.
func (r *sortedFile) next() (more bool, err error) {
	length, err := binary.ReadUvarint(r.from)
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err == nil && length > 1<<16 {
		err = errValue
	}
	if err != nil {
		return false, err
	}
	r.key = slices.Grow(r.key[:0], int(length))[:length]
	_, err = io.ReadFull(r.from, r.key)
	return err == nil, err
}

// sortedFiles are ordered by the key each is at: a heap.
type sortedFiles []*sortedFile

func (r sortedFiles) Len() int           { return len(r) }
func (r sortedFiles) Less(i, j int) bool { return bytes.Compare(r[i].key, r[j].key) < 0 }
func (r sortedFiles) Swap(i, j int)      { r[i], r[j] = r[j], r[i] }
func (r *sortedFiles) Push(x any)        { *r = append(*r, x.(*sortedFile)) }
func (r *sortedFiles) Pop() any {
	last := (*r)[len(*r)-1]
	*r = (*r)[:len(*r)-1]
	return last
}

// merge gives the keys of all files in order.
func merge(files filesystem, paths []string, each func(key []byte) error) (err error) {
	var open sortedFiles
	defer func() {
		for _, r := range open {
			err = errors.Join(err, r.file.Close())
		}
		if err != nil {
			err = fmt.Errorf("merge the search indexes: %w", err)
		}
	}()
	for _, path := range paths {
		f, err := files.Open(path)
		if err != nil {
			return err
		}
		r := &sortedFile{file: f, from: bufio.NewReaderSize(f, 64<<10)}
		more, err := r.next()
		if !more {
			return errors.Join(err, f.Close())
		}
		open = append(open, r)
	}
	heap.Init(&open)
	for len(open) > 0 {
		if err := each(open[0].key); err != nil {
			return err
		}
		more, err := open[0].next()
		switch {
		case err != nil:
			return err
		case more:
			heap.Fix(&open, 0)
		default:
			if err := heap.Pop(&open).(*sortedFile).file.Close(); err != nil {
				return err
			}
		}
	}
	return nil
}

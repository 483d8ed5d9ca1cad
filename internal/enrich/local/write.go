package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/objstorage/objstorageprovider"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/vfs"
	"golang.org/x/sync/errgroup"

	"github.com/npiflow/npiflow/internal/record"
)

// write fills a build: the shelves first, each by itself, then the store.
func (im *importing) write(db *pebble.DB) error {
	w := &writing{importing: im, options: options(im.o.files).MakeWriterOptions(6, db.TableFormat()), batch: db.NewBatch()}
	defer func() { _ = w.batch.Close() }()
	g, ctx := errgroup.WithContext(im.ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i := range buckets {
		g.Go(func() error { return im.safely(func() error { return w.bucket(ctx, i) }) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if err := w.ingestIndexes(db); err != nil {
		return err
	}
	p := &im.summary.Manifest.Providers
	p.Deactivated, p.Individuals, p.Organizations = w.kinds[0], w.kinds[1], w.kinds[2]
	im.lists.write(w.batch)
	_ = w.batch.Set(manifestKey, manifestValue(&im.summary.Manifest), nil)
	if err := w.batch.Commit(pebble.NoSync); err != nil {
		return err
	}
	return db.Flush()
}

// writing is the state that the buckets share.
type writing struct {
	*importing
	options sstable.WriterOptions

	mu      sync.Mutex
	batch   *pebble.Batch
	indexes []string
	kinds   [3]int // stubs and deactivated, individuals, organizations
	done    int
}

// tally is what one bucket came to.
type tally struct {
	kinds                                    [3]int
	added, changed, gone, duplicates, orphan int
}

// bucket merges what was there with what the files say.
func (w *writing) bucket(ctx context.Context, i int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	pieces, err := w.spill.take(i)
	if err != nil {
		return err
	}
	old := w.before(i).first()
	t := &table{writing: w, bucket: i}
	var n tally
	var failed error
	sorted(pieces, func(f *found) bool {
		n.duplicates += f.duplicates
		n.orphan += f.orphans
		if f.value == nil {
			return true
		}
		for ; old.valid && old.n < f.n && failed == nil; old.next() {
			failed = w.keep(t, old, &n)
		}
		if failed == nil {
			failed = t.add(f.n, f.value, &n)
		}
		switch {
		case !old.valid || old.n > f.n:
			n.added++
		default:
			if !bytes.Equal(old.value, f.value) {
				n.changed++
			}
			old.next()
		}
		return failed == nil
	})
	for ; old.valid && failed == nil; old.next() {
		failed = w.keep(t, old, &n)
	}
	if err := errors.Join(failed, damage(old.err), t.close()); err != nil {
		return err
	}
	w.count(t, &n)
	return nil
}

// keep is for a provider that was there and that the files do not have.
func (w *writing) keep(t *table, old *cursor, n *tally) error {
	if w.full {
		n.gone++
		return nil
	}
	return t.add(old.n, old.value, n)
}

func (w *writing) count(t *table, n *tally) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for k := range n.kinds {
		w.kinds[k] += n.kinds[k]
	}
	w.summary.New += n.added
	w.summary.Changed += n.changed
	w.summary.Gone += n.gone
	w.summary.Duplicates += n.duplicates
	w.summary.Orphans += n.orphan
	if t.shelf != nil {
		_ = w.batch.Set(key(nil, 'p', uint32(t.bucket)), t.shelf.places, nil) // a batch in memory cannot fail
	}
	if t.indexed != "" {
		w.indexes = append(w.indexes, t.indexed)
	}
	w.done++
	w.progress("writing", int64(w.done), buckets)
}

// before is the shelf that was there.
func (w *writing) before(i int) *shelf {
	if w.base == nil {
		return nil
	}
	return w.base.shelves[i]
}

// table is one bucket under way. Its shelf is made when its first provider
// comes.
type table struct {
	*writing
	bucket  int
	shelf   *shelfWriter
	index   keys
	indexed string // the path of its index keys
}

func (t *table) add(n uint32, value []byte, counts *tally) error {
	kind, active, err := kindOf(value)
	if err != nil {
		return err
	}
	if !active {
		kind = 0
	}
	counts.kinds[kind]++
	if t.shelf == nil {
		if t.shelf, err = createShelf(t.o.files, t.build, t.bucket); err != nil {
			return err
		}
	}
	if err := t.shelf.add(n, value); err != nil || !t.summary.Manifest.Search {
		return err
	}
	e, err := decode(firstNPI+record.NPI(t.bucket*bucketSpan)+record.NPI(n), string(value))
	if err != nil {
		return err
	}
	indexKeys(e, t.index.add)
	return nil
}

func (t *table) close() error {
	if t.shelf == nil {
		return nil
	}
	if err := t.shelf.close(); err != nil || len(t.index.ends) == 0 {
		return err
	}
	path := filepath.Join(t.build, fmt.Sprintf("index-%03d", t.bucket))
	f, err := t.o.files.Create(path, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	w := sstable.NewWriter(objstorageprovider.NewFileWritable(f), t.options)
	for _, k := range t.index.sorted() {
		if err := w.Set(k, nil); err != nil {
			return errors.Join(err, w.Close())
		}
	}
	t.indexed = path
	return w.Close()
}

// keys collects index keys, one behind the other.
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

// ingestIndexes takes in the index keys of each bucket, which lie between one
// another, and merges them into one run.
func (w *writing) ingestIndexes(db *pebble.DB) error {
	if len(w.indexes) == 0 {
		return nil
	}
	for _, path := range w.indexes {
		if err := db.Ingest(w.ctx, []string{path}); err != nil {
			return err
		}
	}
	return db.Compact(w.ctx, []byte{'i'}, []byte{'j'}, true)
}

package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/objstorage/objstorageprovider"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/vfs"
	"golang.org/x/sync/errgroup"

	"github.com/npiflow/npiflow/internal/record"
)

// shelve fills the shelves, several at once.
func (im *importing) shelve() (*writing, error) {
	w := &writing{importing: im}
	g, ctx := errgroup.WithContext(im.ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i := range buckets {
		g.Go(func() error { return w.bucket(ctx, i) })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	p := &im.summary.Manifest.Providers
	p.Deactivated, p.Individuals, p.Organizations = w.kinds[0], w.kinds[1], w.kinds[2]
	return w, nil
}

// writing is the state that the buckets share.
type writing struct {
	*importing

	mu      sync.Mutex
	places  [buckets][]byte // the directories
	indexes []string        // files of index keys
	keys    int64           // in all of them
	kinds   [3]int          // stubs and deactivated, individuals, organizations
	done    int
}

// store makes the pebble store, all of it as one table that is written in the
// order of its keys and taken in at once. Nothing goes through the store's own
// memory and background work: there, a full disk is tried again for ever, or
// ends the process.
func (w *writing) store() error {
	o := options(w.o.files)
	db, err := pebble.Open(filepath.Join(w.build, storeFolder), o)
	if err != nil {
		return err
	}
	table := filepath.Join(w.build, "table")
	f, err := w.o.files.Create(table, vfs.WriteCategoryUnspecified)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	t := sstable.NewWriter(objstorageprovider.NewFileWritable(f), o.MakeWriterOptions(6, db.TableFormat()))
	err = errors.Join(w.fill(t), t.Close())
	if err == nil {
		err = db.Ingest(w.ctx, []string{table})
	}
	return errors.Join(err, db.Close())
}

// fill writes every key, by its letter.
func (w *writing) fill(t *sstable.Writer) error {
	if err := w.lists.writeDeactivated(t); err != nil {
		return err
	}
	merged := int64(0)
	err := merge(w.o.files, w.indexes, func(k []byte) error {
		if merged++; merged&(1<<17-1) == 0 {
			w.progress("indexing", merged, w.keys)
			if err := w.ctx.Err(); err != nil {
				return err
			}
		}
		return t.Set(k, nil)
	})
	if err != nil {
		return err
	}
	if err := t.Set(manifestKey, manifestValue(&w.summary.Manifest)); err != nil {
		return err
	}
	for i, places := range w.places {
		if places == nil {
			continue
		}
		if err := t.Set(key(nil, 'p', uint32(i)), places); err != nil {
			return err
		}
	}
	return w.lists.writeRest(t)
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
	if w.full {
		old.err = nil // what is damaged is only compared with, and counts as not there
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
		w.places[t.bucket] = t.shelf.places
	}
	if t.indexed != "" {
		w.indexes = append(w.indexes, t.indexed)
		w.keys += int64(len(t.index.ends))
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
	e, err := decode(firstNPI+record.NPI(t.bucket*bucketSpan)+record.NPI(n), string(value), nil)
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
	t.indexed = filepath.Join(t.build, fmt.Sprintf("index-%03d", t.bucket))
	return t.index.spill(t.o.files, t.indexed)
}

package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/go-json-experiment/json"
	"github.com/gofrs/flock"

	"github.com/npiflow/npiflow/internal/enrich/local/bulk"
	"github.com/npiflow/npiflow/internal/record"
)

// ErrBusy says that another import is at work in the same folder.
var ErrBusy = errors.New("import: another import is running in this folder; wait until it is done")

// Options are what an import can be told.
type Options struct {
	Search   bool           // make the indexes for searching; a registry that has them keeps them
	Sample   bool           // take files that are far too small to be CMS's whole ones
	Progress func(Progress) // called often, from one goroutine at a time; nil for none

	files filesystem // nil is the system's
}

// Progress says how far an import is.
type Progress struct {
	Phase       string // "reading", "writing" or "indexing"
	Done, Total int64  // bytes read, parts written, or keys merged
	Rows        int    // of main files, so far
}

// Summary says what an import came to.
type Summary struct {
	Files      []FileSummary
	Manifest   Manifest
	New        int // providers that were not there
	Changed    int // providers whose data differ
	Gone       int // providers that were there and that a full file does not have
	Duplicates int // rows replaced by a later row of the same NPI in the same file
	Orphans    int // rows of other names, locations and endpoints whose provider is not in the file
	Bytes      int64
	Took       time.Duration
}

// FileSummary says what one file held.
type FileSummary struct {
	*bulk.File
	*bulk.Report
}

// Import makes a new build in dir out of the files, in the order given, and of
// what is there, and lets it answer from then on. Until the very end, and
// whenever it fails, what is there goes on answering. An error is a
// *RefusedError where the files cannot be right, ErrBusy, a *bulk.DamagedError,
// or what the disk said.
func Import(ctx context.Context, dir string, files []*bulk.File, o Options) (*Summary, error) {
	began := time.Now()
	if len(files) == 0 {
		return nil, errors.New("import: no file was given")
	}
	if o.files == nil {
		o.files = defaultFS
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the registry's folder: %w", err)
	}
	alone := flock.New(filepath.Join(dir, importFile))
	if ok, err := alone.TryLock(); err != nil {
		return nil, fmt.Errorf("lock the registry's folder: %w", err)
	} else if !ok {
		return nil, ErrBusy
	}
	defer func() { _ = alone.Close() }()
	sweep(dir) // what an import that was killed has left

	base, damaged := Open(dir)
	if errors.Is(damaged, ErrNone) {
		damaged = nil
	}
	var before *Manifest
	if base != nil && damaged == nil {
		defer func() { _ = base.Close(); sweep(dir) }()
		before = &base.manifest
	} else {
		base = nil
	}
	if err := order(files, before, damaged); err != nil {
		return nil, err
	}
	im := &importing{ctx: ctx, o: o, base: base, name: newBuildName(began), now: began.UTC().Truncate(time.Second)}
	im.build = filepath.Join(dir, im.name)
	im.spill = &spill{files: o.files, dir: im.build}
	err := safely(func() error { return im.run(dir, files) })
	im.spill.close()
	if err != nil {
		if name, _ := current(dir); name != im.name { // else it answers already, and only may not after a power failure
			_ = os.RemoveAll(im.build) // the next import sweeps it if this one cannot
		}
		if errors.Is(err, syscall.ENOSPC) {
			err = fmt.Errorf("import: the disk is full; a registry needs about 500 bytes for each provider while it is made, and the old one is unharmed: %w", err)
		}
		return nil, err
	}
	im.summary.Took = time.Since(began)
	return &im.summary, nil
}

// importing is an import under way.
type importing struct {
	ctx     context.Context
	o       Options
	base    *Store // what is there, nil for nothing
	name    string
	build   string // its folder
	now     time.Time
	spill   *spill
	lists   lists
	summary Summary
	full    bool // what is there is replaced, not changed
	rows    int
}

// safely turns a panic of the store, which is how it meets an error of the disk
// that it has no way to return, into that error. What it had open stays open;
// an import is the last thing its process does.
func safely(run func() error) (err error) {
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		failed, ok := r.(error)
		var bug runtime.Error
		if !ok || errors.As(failed, &bug) {
			panic(r)
		}
		err = fmt.Errorf("import: %w", failed)
	}()
	return run()
}

// run is the order of the effects. A crash before switchTo costs the work and
// leaves a folder for the next import to sweep; nothing else.
func (im *importing) run(dir string, files []*bulk.File) error {
	if err := im.o.files.MkdirAll(im.build, 0o755); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	im.begin(files)
	if err := im.read(files); err != nil {
		return err
	}
	w, err := im.shelve()
	if err == nil {
		err = w.store()
	}
	if err != nil {
		return fmt.Errorf("import: write the build: %w", err)
	}
	readers, err := im.o.files.Create(filepath.Join(im.build, readersFile), vfs.WriteCategoryUnspecified)
	if err == nil {
		err = readers.Close()
	}
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	// Read it as those will who are to answer from it.
	s, err := openBuild(dir, im.name)
	if err != nil {
		return fmt.Errorf("import: the build that was just made: %w", err)
	}
	if err := s.Close(); err != nil {
		return err
	}
	im.summary.Bytes = size(im.build)
	if err := switchTo(im.o.files, dir, im.name); err != nil {
		return fmt.Errorf("import: let the new build answer: %w", err)
	}
	return nil
}

// begin sets what the new manifest takes over from the one before.
func (im *importing) begin(files []*bulk.File) {
	m := &im.summary.Manifest
	if im.base != nil {
		*m = im.base.manifest
	}
	m.Format, m.Built = format, im.now
	m.Search = im.o.Search || m.Search
	for _, f := range files {
		if f.Kind == bulk.Full {
			im.full = true
			m.Files, m.Providers = nil, Providers{}
		}
	}
}

// read takes all files in. Nothing but files to sort in is written yet.
func (im *importing) read(files []*bulk.File) error {
	var total, done int64
	for _, f := range files {
		total += f.Bytes
	}
	im.lists.takeOver(im.base)
	generation := 0
	for _, f := range files {
		sink := im.sink(f, generation)
		sink.Progress = func(n int64) { im.progress("reading", done+n, total) }
		report, err := f.Read(im.ctx, sink)
		if err != nil {
			return fmt.Errorf("import %s: %w", f.Name, err)
		}
		if err := plausible(f, report, im.o.Sample); err != nil {
			return err
		}
		if f.Kind == bulk.Full || f.Kind == bulk.Weekly {
			generation++
		}
		done += f.Bytes
		im.note(f, report)
	}
	return nil
}

func (im *importing) progress(phase string, done, total int64) {
	if im.o.Progress != nil {
		im.o.Progress(Progress{phase, done, total, im.rows})
	}
}

func (im *importing) sink(f *bulk.File, generation int) bulk.Sink {
	switch f.Kind {
	case bulk.Deactivations:
		im.lists.deactivated = map[uint32]record.Date{}
	case bulk.Exclusions:
		im.lists.excluded = map[uint32]*record.Exclusion{}
	case bulk.Taxonomies:
		im.lists.taxonomies = map[string]string{}
	}
	s := im.spill
	return bulk.Sink{
		Provider: func(e *record.Entry) error {
			im.rows++
			return s.add(e.NPI, generation, true, func(b []byte) []byte {
				b = appendProvider(b, e)
				for i := range e.Evidence.OtherNames {
					b = appendOtherName(b, &e.Evidence.OtherNames[i])
				}
				return b
			})
		},
		OtherName: func(npi record.NPI, n *record.Name) error {
			return s.add(npi, generation, false, func(b []byte) []byte { return appendOtherName(b, n) })
		},
		Location: func(npi record.NPI, a *record.Address) error {
			return s.add(npi, generation, false, func(b []byte) []byte { return appendLocation(b, a) })
		},
		Endpoint: func(npi record.NPI, p *record.Endpoint) error {
			return s.add(npi, generation, false, func(b []byte) []byte { return appendEndpoint(b, p) })
		},
		Deactivated: im.lists.addDeactivated,
		Excluded:    im.lists.addExcluded,
		Taxonomy:    im.lists.addTaxonomy,
	}
}

// note writes down what a file was.
func (im *importing) note(f *bulk.File, r *bulk.Report) {
	m := &im.summary.Manifest
	im.summary.Files = append(im.summary.Files, FileSummary{f, r})
	m.Files = append(m.Files, Imported{Name: f.Name, Kind: f.Kind, AsOf: f.To, Rows: r.Rows, At: im.now})
	switch f.Kind {
	case bulk.Full, bulk.Weekly:
		m.Providers.AsOf = f.To
	case bulk.Deactivations:
		m.Deactivations = List{f.To, len(im.lists.deactivated), im.now}
	case bulk.Exclusions:
		m.Exclusions = List{f.To, len(im.lists.excluded), im.now}
	case bulk.Taxonomies:
		m.Taxonomies = List{f.To, len(im.lists.taxonomies), im.now}
	}
}

// sweep deletes the builds that neither answer nor are read.
func sweep(dir string) {
	name, err := current(dir)
	if err != nil && !errors.Is(err, ErrNone) {
		return // better too many builds than one too few
	}
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if e.Name() == name || !buildName.MatchString(e.Name()) {
			continue
		}
		build := filepath.Join(dir, e.Name())
		readers := flock.New(filepath.Join(build, readersFile))
		if ok, _ := readers.TryLock(); ok {
			_ = os.RemoveAll(build)
		}
		_ = readers.Close()
	}
}

func size(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if i, err := d.Info(); err == nil {
				n += i.Size()
			}
		}
		return nil
	})
	return n
}

func manifestValue(m *Manifest) []byte {
	b, err := json.Marshal(m, json.Deterministic(true))
	if err != nil {
		panic("encode a manifest: it holds only texts, numbers and times") // cannot fail
	}
	return b
}

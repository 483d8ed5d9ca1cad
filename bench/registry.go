package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/npiflow/npiflow/bench/nppesgen/corpus"
	"github.com/npiflow/npiflow/internal/enrich/local"
	"github.com/npiflow/npiflow/internal/record"
)

// imported is the part registry: CMS's monthly file, made up, imported beside
// unzip reading it, then asked.
type imported struct {
	Rows      int       `json:"rows"`
	ZipBytes  int64     `json:"zip_bytes"`
	Unzip     []float64 `json:"unzip_seconds"`
	Import    []float64 `json:"import_seconds"`
	Ratio     float64   `json:"ratio"` // median of those within rounds
	Peak      int64     `json:"peak_bytes"`
	PerNPI    int       `json:"bytes_per_provider"`
	Lookups   []lookups `json:"lookups"`
	Rate      float64   `json:"lookups_per_second"` // median
	P99Micros float64   `json:"p99_us"`             // median

	ratios []float64
}

// lookups is one run of random lookups on one core.
type lookups struct {
	Rate float64 `json:"per_second"`
	P50  float64 `json:"p50_us"`
	P99  float64 `json:"p99_us"`
	Open float64 `json:"open_ms"`
	Peak int64   `json:"peak_bytes"`
}

func (b *bench) population() corpus.Options {
	return corpus.Options{Rows: b.rows, Seed: b.seed, AsOf: 20261108}
}

// registryFiles makes the monthly file once a run, and the command.
func (b *bench) registryFiles(ctx context.Context) (err error) {
	if b.zip != "" {
		return nil
	}
	b.registry = filepath.Join(b.dir, "registry")
	build := exec.CommandContext(ctx, "go", "build", "-o", b.registry, "github.com/npiflow/npiflow/cmd/registry")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the registry command: %w\n%s", err, out)
	}
	say("making a monthly file of %d rows", b.rows)
	path := filepath.Join(b.dir, corpus.MonthlyName(b.population()))
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err = corpus.Monthly(f, b.population(), nil); err != nil {
		return errors.Join(err, f.Close())
	}
	b.zip = path
	return f.Close()
}

// imports is the part registry.
func (b *bench) imports(ctx context.Context) (*imported, error) {
	if err := b.registryFiles(ctx); err != nil {
		return nil, err
	}
	info, err := os.Stat(b.zip)
	if err != nil {
		return nil, err
	}
	r := &imported{Rows: b.rows, ZipBytes: info.Size()}
	for round := range b.rounds + 1 { // the first is not counted: it fills the page cache
		unzip, err := b.unzip(ctx)
		if err != nil {
			return nil, err
		}
		took, peak, err := b.importOnce(ctx, r)
		if err != nil {
			return nil, err
		}
		say("round %d: unzip %.2f s, import %.2f s", round, unzip.Seconds(), took.Seconds())
		if round > 0 {
			r.Unzip, r.Import = append(r.Unzip, unzip.Seconds()), append(r.Import, took.Seconds())
			r.ratios = append(r.ratios, took.Seconds()/unzip.Seconds())
			r.Peak = max(r.Peak, peak)
		}
	}
	for round := range b.rounds {
		l, err := b.lookUp(ctx)
		if err != nil {
			return nil, err
		}
		say("round %d: %.0f lookups/s, p99 %.1f µs", round+1, l.Rate, l.P99)
		r.Lookups = append(r.Lookups, l)
	}
	r.Ratio = median(r.ratios)
	r.Rate, r.P99Micros = median(r.of(func(l lookups) float64 { return l.Rate })), median(r.of(func(l lookups) float64 { return l.P99 }))
	return r, nil
}

func (r *imported) of(what func(lookups) float64) (v []float64) {
	for _, l := range r.Lookups {
		v = append(v, what(l))
	}
	return v
}

// unzip times what everybody has: the main file inflated and thrown away.
func (b *bench) unzip(ctx context.Context) (time.Duration, error) {
	c := exec.CommandContext(ctx, "unzip", "-p", b.zip, "*npidata*")
	c.Stdout = nil // the null device
	began := time.Now()
	if err := c.Run(); err != nil {
		return 0, fmt.Errorf("run unzip (is it installed?): %w", err)
	}
	return time.Since(began), nil
}

// importOnce imports into an empty folder, with the real command.
func (b *bench) importOnce(ctx context.Context, r *imported) (took time.Duration, peak int64, err error) {
	b.local = filepath.Join(b.dir, "local")
	if err := os.RemoveAll(b.local); err != nil {
		return 0, 0, err
	}
	c := exec.CommandContext(ctx, b.registry, "import", "--dir", b.local, "--sample", "--json", b.zip)
	var out, said bytes.Buffer
	c.Stdout, c.Stderr = &out, &said
	began := time.Now()
	if err := c.Run(); err != nil {
		return 0, 0, fmt.Errorf("import: %w\n%s", err, said.Bytes())
	}
	took = time.Since(began)
	var summary struct {
		New    int `json:"new"`
		PerNPI int `json:"bytes_per_provider"`
	}
	if err := json.Unmarshal(out.Bytes(), &summary); err != nil {
		return 0, 0, fmt.Errorf("read the import's summary: %w", err)
	}
	if summary.New != b.rows {
		return 0, 0, fmt.Errorf("the import has %d providers, not %d", summary.New, b.rows)
	}
	r.PerNPI = summary.PerNPI
	if u, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		peak = u.Maxrss << 10
	}
	return took, peak, nil
}

// lookUp runs the role of that name on one core.
func (b *bench) lookUp(ctx context.Context) (l lookups, err error) {
	c := exec.CommandContext(ctx, b.exe, "lookups", "-dir", b.local, "-rows", strconv.Itoa(b.rows), "-seed", strconv.FormatUint(b.seed, 10))
	c.Env = append(os.Environ(), "GOMAXPROCS=1")
	stdin, err := c.StdinPipe() // a role ends when it closes
	if err != nil {
		return l, err
	}
	defer func() { _ = stdin.Close() }()
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		return l, fmt.Errorf("look up: %w\n%s", err, said.Bytes())
	}
	if err := json.Unmarshal(out, &l); err != nil {
		return l, fmt.Errorf("read what the lookups took: %w", err)
	}
	if u, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		l.Peak = u.Maxrss << 10
	}
	return l, nil
}

// lookupsRole looks up providers drawn at random from all there are, each a
// whole entry, first without and then with a clock beside each.
func lookupsRole(ctx context.Context, args []string) error {
	f, profile := flags("lookups")
	dir := f.String("dir", "", "")
	rows := f.Int("rows", 0, "")
	seed := f.Uint64("seed", 0, "")
	_ = f.Parse(args)
	began := time.Now()
	s, err := local.Open(*dir)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	l := lookups{Open: float64(time.Since(began).Microseconds()) / 1000}
	o := corpus.Options{Rows: *rows, Seed: *seed, AsOf: 20261108}
	r := rand.New(rand.NewPCG(*seed, 2))
	npis := make([]record.NPI, 1_000_000)
	for i := range npis {
		npis[i] = corpus.NPI(o, r.IntN(*rows))
	}
	all := func(each func(record.NPI) error) error {
		for _, npi := range npis {
			if err := each(npi); err != nil {
				return err
			}
		}
		return ctx.Err()
	}
	find := func(npi record.NPI) error {
		e, err := s.Lookup(npi)
		if err == nil && (e == nil || e.NPI != npi) {
			err = fmt.Errorf("%s is not there", npi)
		}
		return err
	}
	if err := all(find); err != nil { // into the page cache
		return err
	}
	end, err := profiled(*profile)
	if err != nil {
		return err
	}
	began = time.Now()
	if err := all(find); err != nil {
		return err
	}
	l.Rate = float64(len(npis)) / time.Since(began).Seconds()
	end()
	took := make([]float64, 0, len(npis))
	err = all(func(npi record.NPI) error {
		began := time.Now()
		err := find(npi)
		took = append(took, float64(time.Since(began).Nanoseconds())/1000)
		return err
	})
	if err != nil {
		return err
	}
	slices.Sort(took)
	l.P50, l.P99 = took[len(took)/2], took[len(took)*99/100]
	return json.MarshalWrite(os.Stdout, l)
}

func (r *imported) print(w io.Writer) {
	fmt.Fprintf(w, "\nthe local registry: a monthly file of %d rows, %.0f MB zipped\n\n", r.Rows, float64(r.ZipBytes)/1e6)
	fmt.Fprintf(w, "import     %s s, unzip -p %s s: %s of it (target ≤ 1.5, %s)\n", spread("%.2f", r.Import), spread("%.2f", r.Unzip), spread("%.2f", r.ratios), met(r.Ratio <= 1.5))
	fmt.Fprintf(w, "           %.0f MB at most (target < 1 GB, %s), %.0f rows/s\n", float64(r.Peak)/1e6, met(r.Peak < 1e9), float64(r.Rows)/median(r.Import))
	fmt.Fprintf(w, "store      %d bytes for each provider (target < 300, %s)\n", r.PerNPI, met(r.PerNPI < 300))
	fmt.Fprintf(w, "lookups    %s/s on one core, drawn from all (target ≥ 300,000, %s)\n", spread("%.0f", r.of(func(l lookups) float64 { return l.Rate })), met(r.Rate >= 300_000))
	fmt.Fprintf(w, "           p50 %.1f µs, p99 %.1f µs (target < 50, %s); open in %.0f ms, %.0f MB resident with what of the files was touched\n",
		median(r.of(func(l lookups) float64 { return l.P50 })), r.P99Micros, met(r.P99Micros < 50),
		median(r.of(func(l lookups) float64 { return l.Open })), median(r.of(func(l lookups) float64 { return float64(l.Peak) / 1e6 })))
}

// locals compares the worker on providers that are all new to its memory and
// at hand in the local registry with the worker on few that are soon all in
// its memory. The claims have the same make and the same registry behind them.
func (b *bench) locals(ctx context.Context) (c *comparison, err error) {
	if err := b.registryFiles(ctx); err != nil {
		return nil, err
	}
	if b.local == "" {
		if _, _, err := b.importOnce(ctx, &imported{}); err != nil {
			return nil, err
		}
	}
	hot, fresh, err := b.listed()
	if err != nil {
		return nil, err
	}
	reg, url, err := b.play(ctx, "registry", "-dir", b.dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reg.stop()) }()
	var workers []*contender
	for _, of := range []struct {
		name  string
		claim func(int) []byte
	}{{"worker, in memory", hot}, {"worker, all new", fresh}} {
		say("loading %d claims", b.n)
		s, err := b.open(ctx, false, b.n, of.claim)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, s.close()) }()
		workers = append(workers, b.whole(s, of.name, url, b.local))
	}
	c, err = b.pipeline(ctx, "the worker on providers new to its memory, from the local registry", 0.8, workers...)
	if err != nil {
		return nil, err
	}
	var a asked
	if err := ask(ctx, url+"/asked", &a); err != nil {
		return nil, err
	}
	if n := a.Present.Requests + a.Absent.Requests; n > 0 {
		return nil, fmt.Errorf("the live registry was asked %d times: the local one did not answer", n)
	}
	return c, nil
}

// listed gives claims on active providers of the registry, under their own
// names: on 5,000 of them drawn by Zipf's law, and on each one once.
func (b *bench) listed() (hot, fresh func(i int) []byte, err error) {
	s, err := local.Open(b.local)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	type listing struct {
		npi  record.NPI
		name record.Name
	}
	var organizations, people []listing
	for i := 0; i < b.rows && (len(organizations) < b.n || len(people) < b.n); i++ {
		e, err := s.Lookup(corpus.NPI(b.population(), i))
		if err != nil {
			return nil, nil, err
		}
		if e == nil || e.Evidence.Status != record.Active {
			continue
		}
		l := listing{e.NPI, e.Evidence.Name}
		if e.Evidence.Type == record.NPI2 {
			organizations = append(organizations, l)
		} else {
			people = append(people, l)
		}
	}
	if len(organizations) < b.n || len(people) < b.n {
		return nil, nil, fmt.Errorf("a registry of %d rows has too few providers for %d claims that share none: raise -rows or lower -n", b.rows, b.n)
	}
	write := func(i, o, p int) []byte {
		return claimOf(i, organizations[o].npi, people[p].npi, organizations[o].name, people[p].name)
	}
	r := rand.New(rand.NewPCG(b.seed, 3))
	o, p := rand.NewZipf(r, 1.1, 1, uint64(min(1000, b.n)-1)), rand.NewZipf(r, 1.1, 1, uint64(min(4000, b.n)-1))
	return func(i int) []byte { return write(i, int(o.Uint64()), int(p.Uint64())) },
		func(i int) []byte { return write(i, i, i) }, nil
}

package local

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/npiflow/npiflow/bench/nppesgen/corpus"
	"github.com/npiflow/npiflow/internal/enrich/local/bulk"
	"github.com/npiflow/npiflow/internal/record"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// A store that panicked over an error of the disk cannot be closed; see safely.
		goleak.IgnoreTopFunction("github.com/cockroachdb/pebble/v2.(*ConcurrencyLimitScheduler).periodicGranter"))
}

// of is the population most tests import; made once.
var of = corpus.Options{Rows: 2000, Seed: 7, AsOf: 20261108}

// shipped writes a file as CMS names it and gives its path.
func shipped(t testing.TB, name string, write func(io.Writer) (corpus.Census, error)) (string, corpus.Census) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	f, err := os.Create(path)
	require.NoError(t, err)
	census, err := write(f)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	return path, census
}

func monthly(t testing.TB, o corpus.Options) (string, corpus.Census) {
	return shipped(t, corpus.MonthlyName(o), func(w io.Writer) (corpus.Census, error) { return corpus.Monthly(w, o, nil) })
}

func weekly(t testing.TB, monday record.Date) (string, corpus.Census) {
	return shipped(t, corpus.WeeklyName(of, monday), func(w io.Writer) (corpus.Census, error) { return corpus.Weekly(w, of, monday, 200) })
}

func report(t testing.TB, asOf record.Date) (string, corpus.Census) {
	return shipped(t, corpus.DeactivationsName(of, asOf), func(w io.Writer) (corpus.Census, error) { return corpus.Deactivations(w, of, asOf) })
}

func imported(t testing.TB, dir string, o Options, paths ...string) (*Summary, error) {
	t.Helper()
	files, err := bulk.Recognize(paths...)
	require.NoError(t, err)
	o.Sample = true
	return Import(t.Context(), dir, files, o)
}

func must(t testing.TB, dir string, paths ...string) *Summary {
	t.Helper()
	s, err := imported(t, dir, Options{}, paths...)
	require.NoError(t, err)
	return s
}

func opened(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(dir)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

// builds are the builds in dir; there is one when no import is under way.
func builds(t testing.TB, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

// what the files say, read apart from any storage: the last word of each NPI.
func said(t testing.TB, s *Store, paths ...string) map[record.NPI]*record.Entry {
	t.Helper()
	files, err := bulk.Recognize(paths...)
	require.NoError(t, err)
	all := map[record.NPI]*record.Entry{}
	for _, f := range files {
		_, err := f.Read(t.Context(), bulk.Sink{
			Provider: func(e *record.Entry) error {
				all[e.NPI] = copied(t, e)
				return nil
			},
			OtherName: func(npi record.NPI, n *record.Name) error {
				e := all[npi]
				own := copied(t, &record.Entry{Evidence: record.Evidence{Facts: record.Facts{Name: *n}}})
				e.Evidence.OtherNames = append(e.Evidence.OtherNames, own.Evidence.Name)
				return nil
			},
			Location: func(npi record.NPI, a *record.Address) error {
				e := all[npi]
				own := copied(t, &record.Entry{Addresses: []record.Address{*a}})
				e.PracticeLocations = append(e.PracticeLocations, own.Addresses[0])
				return nil
			},
			Endpoint: func(npi record.NPI, p *record.Endpoint) error {
				e := all[npi]
				own := copied(t, &record.Entry{Endpoints: []record.Endpoint{*p}})
				e.Endpoints = append(e.Endpoints, own.Endpoints[0])
				return nil
			},
		})
		require.NoError(t, err)
	}
	for _, e := range all {
		e.Evidence.Source, e.Evidence.AsOf, e.Evidence.FetchedAt = record.FromLocal, s.manifest.Providers.AsOf, s.fetched
		for i := range e.Taxonomies {
			e.Taxonomies[i].Description = s.taxonomies[e.Taxonomies[i].Code]
		}
		e.Summarize()
	}
	return all
}

// copied is an entry that outlives the row it was read from. It goes by way of
// JSON, so it shares nothing with the codec.
func copied(t testing.TB, e *record.Entry) *record.Entry {
	t.Helper()
	b, err := marshal(e)
	require.NoError(t, err)
	own := new(record.Entry)
	require.NoError(t, unmarshal(b, own))
	return own
}

func same(t *testing.T, s *Store, want map[record.NPI]*record.Entry) {
	t.Helper()
	for npi, e := range want {
		got, err := s.Lookup(npi)
		require.NoError(t, err)
		require.NotNil(t, got, "%s", npi)
		a, err := marshal(e)
		require.NoError(t, err)
		b, err := marshal(got)
		require.NoError(t, err)
		require.Equal(t, string(a), string(b))
	}
}

func TestImportAndReadBack(t *testing.T) {
	dir := t.TempDir()
	path, census := monthly(t, of)
	s := must(t, dir, path)
	p := s.Manifest.Providers
	assert.Equal(t, record.Date(20261108), p.AsOf)
	assert.Equal(t, census.Individuals, p.Individuals)
	assert.Equal(t, census.Organizations, p.Organizations)
	assert.Equal(t, census.Stubs, p.Deactivated)
	assert.Equal(t, of.Rows, s.New)
	assert.Zero(t, s.Changed+s.Gone+s.Duplicates+s.Orphans)
	assert.Less(t, s.Bytes/int64(p.Total()), int64(300), "bytes for each provider")

	st := opened(t, dir)
	require.NoError(t, st.Verify(t.Context()))
	want := said(t, st, path)
	require.Len(t, want, of.Rows)
	same(t, st, want)
	for i := range 200 {
		e, err := st.Lookup(corpus.NPI(of, corpus.MaxRows+i))
		require.NoError(t, err)
		assert.Nil(t, e, "an NPI that is in no file")
	}
	for _, npi := range []record.NPI{0, 999999999, 1000000000, 2999999999, 3000000000, 1 << 40} {
		e, err := st.Lookup(npi)
		require.NoError(t, err)
		assert.Nil(t, e)
	}
	assert.Len(t, builds(t, dir), 1)
}

// The real rows: of 2016 and 2018, with real other names and locations.
func TestRealRows(t *testing.T) {
	for _, name := range []string{"npidata_2016.csv", "npidata_2018.csv"} {
		rows, err := os.ReadFile(filepath.Join("bulk", "testdata", name))
		require.NoError(t, err)
		path := filepath.Join(t.TempDir(), "npidata_pfile_20050523-20181104.csv")
		require.NoError(t, os.WriteFile(path, rows, 0o600))
		dir := t.TempDir()
		s := must(t, dir, path)
		st := opened(t, dir)
		want := said(t, st, path)
		assert.Equal(t, s.New, len(want))
		require.NotEmpty(t, want)
		same(t, st, want)
	}
}

func TestWeeklyFiles(t *testing.T) {
	full, _ := monthly(t, of)
	first, census := weekly(t, 20261109)
	second, _ := weekly(t, 20261116)
	check := func(t *testing.T, dir string) *Store {
		st := opened(t, dir)
		require.NoError(t, st.Verify(t.Context()))
		want := said(t, st, full, first, second)
		same(t, st, want)
		m := st.Manifest()
		assert.Equal(t, len(want), m.Providers.Total())
		assert.Equal(t, record.Date(20261122), m.Providers.AsOf)
		assert.Len(t, m.Files, 3)
		return st
	}
	one := t.TempDir()
	t.Run("one by one", func(t *testing.T) {
		must(t, one, full)
		s := must(t, one, first)
		assert.Equal(t, census.New, s.New)
		assert.Equal(t, census.Rows-census.New, s.Changed)
		must(t, one, second)
		check(t, one)
	})
	t.Run("together", func(t *testing.T) {
		dir := t.TempDir()
		must(t, dir, second, full, first) // whatever order they are named in
		check(t, dir)
	})
	t.Run("then the monthly of a smaller population", func(t *testing.T) {
		o := of
		o.Rows, o.AsOf = 1500, 20261213
		next, _ := monthly(t, o)
		s := must(t, one, next)
		assert.NotZero(t, s.Gone)
		st := opened(t, one)
		same(t, st, said(t, st, next))
		assert.Equal(t, 1500, st.Manifest().Providers.Total())
	})
}

func TestRefused(t *testing.T) {
	full, _ := monthly(t, of)
	older := of
	older.AsOf = 20261011
	before, _ := monthly(t, older)
	first, _ := weekly(t, 20261109)
	second, _ := weekly(t, 20261116)
	list, _ := report(t, 20261109)
	olderList, _ := report(t, 20261012)
	dir := t.TempDir()
	must(t, dir, full, list)
	held, err := current(dir)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		dir   string
		paths []string
		says  string
	}{
		"a weekly file with nothing there": {t.TempDir(), []string{first}, "import a monthly file first"},
		"a week is missing":                {dir, []string{second}, "begins on 2026-11-16 and the registry ends with 2026-11-08"},
		"an older monthly file":            {dir, []string{before}, "import the newest monthly file"},
		"mixed months":                     {dir, []string{before, full}, ""},
		"an older report":                  {dir, []string{olderList}, "already has the report of 2026-11-09"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := imported(t, c.dir, Options{}, c.paths...)
			var refused *RefusedError
			require.ErrorAs(t, err, &refused)
			assert.Contains(t, err.Error(), c.says)
		})
	}
	t.Run("a weekly file twice", func(t *testing.T) {
		dir := t.TempDir()
		must(t, dir, full, first)
		_, err := imported(t, dir, Options{}, first)
		require.ErrorContains(t, err, "nothing in it is new")
	})
	t.Run("far too small", func(t *testing.T) {
		for _, path := range []string{full, list} {
			files, err := bulk.Recognize(path)
			require.NoError(t, err)
			_, err = Import(t.Context(), t.TempDir(), files, Options{})
			require.ErrorContains(t, err, "it is cut off; download it again")
		}
	})
	t.Run("no file", func(t *testing.T) {
		_, err := Import(t.Context(), dir, nil, Options{})
		require.Error(t, err)
	})
	after, err := current(dir)
	require.NoError(t, err)
	assert.Equal(t, held, after, "nothing was changed")
	assert.Equal(t, []string{held}, builds(t, dir))
}

func TestEndedImport(t *testing.T) {
	full, _ := monthly(t, of)
	dir := t.TempDir()
	must(t, dir, full)
	held, err := current(dir)
	require.NoError(t, err)
	for _, phase := range []string{"reading", "writing"} {
		ctx, cancel := context.WithCancel(t.Context())
		files, err := bulk.Recognize(full)
		require.NoError(t, err)
		_, err = Import(ctx, dir, files, Options{Sample: true, Progress: func(p Progress) {
			if p.Phase == phase {
				cancel()
			}
		}})
		cancel()
		require.ErrorIs(t, err, context.Canceled, phase)
		assert.Equal(t, []string{held}, builds(t, dir))
	}
}

func TestCutOffAtAnyPlace(t *testing.T) {
	full, _ := monthly(t, of)
	whole, err := os.ReadFile(full)
	require.NoError(t, err)
	dir := t.TempDir()
	must(t, dir, full)
	held, _ := current(dir)
	cut := filepath.Join(t.TempDir(), filepath.Base(full))
	for i := 1; i < 20; i++ {
		require.NoError(t, os.WriteFile(cut, whole[:len(whole)*i/20], 0o600))
		files, err := bulk.Recognize(cut)
		if err == nil {
			_, err = Import(t.Context(), dir, files, Options{Sample: true})
		}
		require.Error(t, err, "cut at %d of 20", i)
	}
	after, _ := current(dir)
	assert.Equal(t, held, after)
}

func TestTwoImportsAtOnce(t *testing.T) {
	full, _ := monthly(t, of)
	files, err := bulk.Recognize(full)
	require.NoError(t, err)
	dir := t.TempDir()
	tried := false
	_, err = Import(t.Context(), dir, files, Options{Sample: true, Progress: func(Progress) {
		if tried {
			return
		}
		tried = true
		_, err := imported(t, dir, Options{}, full)
		assert.ErrorIs(t, err, ErrBusy)
	}})
	require.NoError(t, err)
	assert.True(t, tried)
}

func TestLists(t *testing.T) {
	full, _ := monthly(t, of)
	list, census := report(t, 20261109)
	leie, _ := shipped(t, corpus.LEIEName, func(w io.Writer) (corpus.Census, error) { return corpus.LEIE(w, of, 400) })
	dir := t.TempDir()

	s := must(t, dir, list)
	assert.Equal(t, census.Stubs+census.New, s.Manifest.Deactivations.Rows)
	st := opened(t, dir)
	found := 0
	for i := range of.Rows {
		npi := corpus.NPI(of, i)
		e, err := st.Lookup(npi)
		require.NoError(t, err)
		if corpus.Status(of, i) == record.Active {
			assert.Nil(t, e, "the list says nothing of it")
			continue
		}
		require.NotNil(t, e)
		found++
		assert.Equal(t, record.Deactivated, e.Evidence.Status)
		assert.Equal(t, record.FromDeactivations, e.Evidence.Source)
		assert.Equal(t, record.Date(20261109), e.Evidence.AsOf)
		assert.NotZero(t, e.Evidence.DeactivationDate)
	}
	assert.NotZero(t, found)

	s = must(t, dir, full, leie)
	assert.NotZero(t, s.Manifest.Exclusions.Rows)
	assert.Equal(t, record.Date(20261109), s.Manifest.Deactivations.AsOf, "the list is still there")
	st = opened(t, dir)
	excluded := 0
	for i := range of.Rows {
		if x := st.Exclusion(corpus.NPI(of, i)); x != nil {
			excluded++
			assert.NotZero(t, x.Date)
			assert.NotEmpty(t, x.Type)
		}
	}
	assert.Equal(t, s.Manifest.Exclusions.Rows, excluded)
	assert.Nil(t, st.Exclusion(0), "nobody is 0000000000")
}

// The indexes follow every import: who is found by a last name is who has it.
func TestIndexesAfterAWeek(t *testing.T) {
	full, _ := monthly(t, of)
	first, _ := weekly(t, 20261109)
	dir := t.TempDir()
	_, err := imported(t, dir, Options{}, full)
	require.NoError(t, err)
	_, err = opened(t, dir).Search(t.Context(), Query{LastName: Text{Value: "SMITH"}}, 0, 10)
	require.ErrorIs(t, err, ErrNoIndex)

	check := func(paths ...string) {
		st := opened(t, dir)
		require.NoError(t, st.Verify(t.Context()))
		by := map[string]map[record.NPI]bool{}
		for npi, e := range said(t, st, paths...) {
			if last := fold(e.Evidence.Name.Last); last != "" && e.Evidence.Status == record.Active {
				if by[last] == nil {
					by[last] = map[record.NPI]bool{}
				}
				by[last][npi] = true
			}
		}
		require.Greater(t, len(by), 50)
		for last, want := range by {
			got := map[record.NPI]bool{}
			found, err := st.Search(t.Context(), Query{LastName: Text{Value: last}, Type: record.NPI1}, 0, 2000)
			require.NoError(t, err)
			for _, e := range found {
				if fold(e.Evidence.Name.Last) == last {
					got[e.NPI] = true
				}
			}
			require.Equal(t, want, got, last)
		}
	}
	_, err = imported(t, dir, Options{Search: true}, full)
	require.NoError(t, err)
	check(full)
	must(t, dir, first) // not told again to make indexes
	check(full, first)
}

// Of a row and a line of the report the newer file counts.
func TestTheReportAndTheRow(t *testing.T) {
	dir := t.TempDir()
	full, _ := monthly(t, of)
	must(t, dir, full)
	st := opened(t, dir)
	i := 0
	for corpus.Status(of, i) != record.Active {
		i++
	}
	npi := corpus.NPI(of, i)
	n, _ := offset(npi)
	st.deactivated = map[uint32]record.Date{n: 20261020}
	for listAsOf, want := range map[record.Date]record.Status{20261109: record.Deactivated, 20261108: record.Active, 20261011: record.Active} {
		st.manifest.Deactivations.AsOf = listAsOf
		e, err := st.Lookup(npi)
		require.NoError(t, err)
		assert.Equal(t, want, e.Evidence.Status, "report of %s", listAsOf)
		assert.NotEmpty(t, e.Evidence.Name.Display(), "the row's name is kept")
	}
}

func TestDuplicatesAndOrphans(t *testing.T) {
	header := bytes.SplitAfterN(mainTable(t), []byte("\n"), 2)[0]
	row := func(i int) []byte { return corpus.AppendRow(nil, of, i) }
	first, second := 0, 1
	for corpus.Status(of, first) != record.Active {
		first++
	}
	for second = first + 1; corpus.Status(of, second) != record.Active; second++ {
	}
	twice := bytes.ReplaceAll(row(second), []byte(corpus.NPI(of, second).String()), []byte(corpus.NPI(of, first).String()))
	folder := t.TempDir()
	write := func(name string, parts ...[]byte) string {
		path := filepath.Join(folder, name)
		require.NoError(t, os.WriteFile(path, bytes.Join(parts, nil), 0o600))
		return path
	}
	dir := t.TempDir()
	s := must(t, dir,
		write("npidata_pfile_20050523-20261108.csv", header, row(first), twice),
		write("othername_pfile_20050523-20261108.csv", []byte("\"NPI\",\"Provider Other Organization Name\",\"Provider Other Organization Name Type Code\"\n"),
			fmt.Appendf(nil, "\"%s\",\"NOBODY'S NAME\",\"3\"\n", corpus.NPI(of, 1999))))
	assert.Equal(t, 1, s.Duplicates)
	assert.Equal(t, 1, s.Orphans)
	assert.Equal(t, 1, s.New)
}

// mainTable is the main member of the population's zip.
func mainTable(t *testing.T) []byte {
	b, err := os.ReadFile(filepath.Join("bulk", "testdata", "npidata_V2_header.csv"))
	require.NoError(t, err)
	return append(bytes.TrimRight(b, "\r\n"), '\n')
}

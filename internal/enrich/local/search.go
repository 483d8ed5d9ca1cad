package local

import (
	"bytes"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/npiflow/npiflow/internal/record"
)

// ErrNoIndex says that a registry was imported without its search indexes.
var ErrNoIndex = errors.New("search the local registry: it was imported without --search; import the monthly file again with it")

// errNoCriterion: nobody may ask for everybody.
var errNoCriterion = errors.New("search the local registry: a name, a taxonomy, a city, a postal code or a foreign country is needed")

// errNoProviders: that nobody is found in such a registry would say nothing.
var errNoProviders = errors.New("search the local registry: no monthly file was imported; import one with --search")

// Search finds the active providers that meet q, each once, and gives those
// from skip on, at most limit. People come before organizations, both by name;
// with a wildcard, those found by the same text stand together. The order is
// always the same in one build. The work grows with skip and with what has to
// be looked through; it ends with ctx, whose error is then in the one given.
// Without indexes, only a query with an NPI is answered: any other is
// ErrNoIndex.
func (s *Store) Search(ctx context.Context, q Query, skip, limit int) ([]*record.Entry, error) {
	if s.manifest.Providers.AsOf == 0 {
		return nil, errNoProviders
	}
	q = q.folded(s.taxonomies)
	p := &page{query: &q, skip: skip, limit: limit, seen: map[record.NPI]bool{}}
	if q.NPI != 0 {
		err := s.consider(p, q.NPI)
		return p.entries, err
	}
	if !s.manifest.Search {
		return nil, ErrNoIndex
	}
	spans, err := s.plan(&q)
	if err != nil {
		return nil, err
	}
	if err := s.walk(ctx, spans, p); err != nil {
		return nil, fmt.Errorf("search the local registry: %w", err)
	}
	return p.entries, nil
}

// page is what is asked for, as it fills.
type page struct {
	query       *Query
	skip, limit int
	seen        map[record.NPI]bool // at most skip and limit together
	entries     []*record.Entry
}

// consider adds npi to the page if the query finds it.
func (s *Store) consider(p *page, npi record.NPI) error {
	if p.seen[npi] {
		return nil
	}
	e, err := s.Lookup(npi)
	if err != nil || e == nil || e.Evidence.Status != record.Active || !p.query.meets(e) {
		return err
	}
	p.seen[npi] = true
	switch {
	case p.skip > 0:
		p.skip--
	case len(p.entries) < p.limit:
		p.entries = append(p.entries, e)
	}
	return nil
}

// span is a range of index keys.
type span struct{ lower, upper []byte }

// whole is the range of a text's keys, of one type if kind is not 0.
func whole(index byte, text string, kind byte) span {
	head := append([]byte{'i', index}, text...)
	if kind == 0 {
		return span{append(slices.Clone(head), 0), append(head, 1)}
	}
	return span{append(slices.Clone(head), 0, kind), append(head, 0, kind+1)}
}

// beginning is the range of all texts that begin with one: no text holds the
// byte 0xff.
func beginning(index byte, text string) span {
	head := append([]byte{'i', index}, text...)
	return span{head, append(slices.Clone(head), 0xff)}
}

// plan gives the ranges of the index that selects most: whatever q finds has
// a key in them. Of equal ones the first counts.
func (s *Store) plan(q *Query) (best []span, err error) {
	choices := q.choices()
	if len(choices) == 0 {
		return nil, errNoCriterion
	}
	least := ^uint64(0)
	for _, spans := range choices {
		size, err := s.size(spans)
		if err != nil {
			return nil, err
		}
		if size < least {
			best, least = spans, size
		}
	}
	return best, nil
}

// choices are the ranges to choose from, one list for each criterion that has
// an index. Names go first: their order is the one that is wanted.
func (q *Query) choices() (all [][]span) {
	kind := map[string]byte{record.NPI1: '1', record.NPI2: '2'}[q.Type]
	add := func(index byte, t Text, also ...string) {
		if t.Value == "" {
			return
		}
		spans := []span{whole(index, t.Value, kind)}
		if t.Prefix {
			spans[0] = beginning(index, t.Value)
		}
		for _, other := range also {
			spans = append(spans, whole(index, other, kind))
		}
		all = append(all, spans)
	}
	add(byOrganization, q.Organization)
	add(byLast, q.LastName)
	add(byFirst, q.FirstName, q.Aliases...)
	add(byPostal, postal(q.PostalCode))
	add(byCity, q.City)
	if q.Country != unitedStates {
		add(byCountry, Text{Value: q.Country})
	}
	if q.Taxonomy.Value != "" {
		spans := []span{}
		for code := range q.codes {
			spans = append(spans, whole(byTaxonomy, fold(code), kind))
		}
		all = append(all, spans)
	}
	return all
}

// postal is a postal code as the index has it.
func postal(t Text) Text {
	if len(t.Value) >= postalIndexed {
		return Text{Value: start(t.Value, postalIndexed)}
	}
	return t
}

// size is about how many bytes the keys take: a measure of how many there are.
func (s *Store) size(spans []span) (total uint64, err error) {
	for _, r := range spans {
		n, err := s.db.EstimateDiskUsage(r.lower, r.upper)
		if err != nil {
			return 0, damage(err)
		}
		total += n
	}
	return total, nil
}

// looks is how many keys are read between two looks whether anybody still
// waits for the answer.
const looks = 128

// walk considers the keys of all spans together, in the order of what stands
// behind their texts, until the page is full.
func (s *Store) walk(ctx context.Context, spans []span, p *page) error {
	left, err := s.runs(spans)
	for n := 0; err == nil && len(left) > 0 && len(p.entries) < p.limit; n++ {
		r := left[0]
		switch {
		case n%looks == 0 && ctx.Err() != nil:
			err = ctx.Err()
		case r.tail == nil:
			heap.Pop(&left)
			err = r.close()
		default:
			if err = s.consider(p, npiOf(r.tail[len(r.tail)-5:])); err == nil {
				r.next(r.it.Next())
				heap.Fix(&left, 0)
			}
		}
	}
	for _, r := range left {
		err = errors.Join(err, r.close())
	}
	return err
}

// runs begins to read every span.
func (s *Store) runs(spans []span) (all runs, err error) {
	for _, bounds := range spans {
		it, err := s.db.NewIter(&pebble.IterOptions{KeyTypes: pebble.IterKeyTypePointsOnly, LowerBound: bounds.lower, UpperBound: bounds.upper})
		if err != nil {
			return all, damage(err)
		}
		r := &run{it: it}
		r.next(it.First())
		all = append(all, r)
	}
	heap.Init(&all)
	return all, nil
}

// run is a span being read.
type run struct {
	it   *pebble.Iterator
	tail []byte // of the key it stands at; nil at the end, and where it cannot go on
	err  error
}

func (r *run) next(valid bool) {
	r.tail = nil
	if valid {
		var ok bool
		if r.tail, ok = tailOf(r.it.Key()); !ok {
			r.err = errValue
		}
	}
}

func (r *run) close() error {
	if err := errors.Join(r.err, r.it.Error(), r.it.Close()); err != nil {
		return damage(err)
	}
	return nil
}

// runs is a heap: the first one stands at the next key, or at its end.
type runs []*run

func (r runs) Len() int           { return len(r) }
func (r runs) Less(i, j int) bool { return bytes.Compare(r[i].tail, r[j].tail) < 0 }
func (r runs) Swap(i, j int)      { r[i], r[j] = r[j], r[i] }
func (r *runs) Push(x any)        { *r = append(*r, x.(*run)) }
func (r *runs) Pop() any {
	old := *r
	*r = old[:len(old)-1]
	return old[len(old)-1]
}

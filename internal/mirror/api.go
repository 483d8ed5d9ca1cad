package mirror

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/npiflow/npiflow/internal/enrich/local"
	"github.com/npiflow/npiflow/internal/record"
)

// Source is the registry that is served.
type Source interface {
	// Lookup gives what there is of npi; nil if there is nothing. An error says
	// that it could not be found out.
	Lookup(npi record.NPI) (*record.Entry, error)
	// Search gives the active providers that meet q, each once and always in
	// the same order: at most limit, from skip on. It ends with ctx, whose error
	// it then gives. local.ErrNoIndex says that it cannot search.
	Search(ctx context.Context, q local.Query, skip, limit int) ([]*record.Entry, error)
}

const (
	// searchWithin bounds one search. A search for something common with a rare
	// second criterion has to look at everybody who meets the first.
	searchWithin = 5 * time.Second
	// maxSearches bounds those at work at once; others wait their time for it.
	maxSearches = 8
)

// NewAPI answers GET /api/ and /api as the NPPES API v2.1 does: see the
// package.
func NewAPI(src Source) http.Handler {
	return &api{src, make(chan struct{}, maxSearches)}
}

type api struct {
	src       Source
	searching chan struct{}
}

func (a *api) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	switch {
	case req.URL.Path != "/api/" && req.URL.Path != "/api":
		http.NotFound(w, req)
		return
	case len(req.URL.RawQuery) > maxQuery:
		http.Error(w, "the query is too long", http.StatusRequestURITooLong)
		return
	case !reads(w, req):
		return
	}
	q, refusals := parse(parameters(req.URL))
	if len(refusals) > 0 {
		sendAnswer(w, refused{refusals}, q.pretty)
		return
	}
	entries, err := a.find(req.Context(), q)
	switch {
	case errors.Is(err, local.ErrNoIndex):
		http.Error(w, "this registry was imported without its search indexes and answers lookups by number alone", http.StatusNotImplemented)
	case err != nil: // never an empty answer: that would say there is no such provider
		http.Error(w, "this could not be found out now, or not in time: ask again, or for less", http.StatusServiceUnavailable)
	default:
		sendAnswer(w, answerOf(entries), q.pretty)
	}
}

// find gives what is asked for. A number alone is looked up; it does not wait
// behind searches.
func (a *api) find(ctx context.Context, q asked) ([]*record.Entry, error) {
	if q.alone {
		e, err := a.src.Lookup(q.query.NPI)
		if err != nil || e == nil || e.Evidence.Status != record.Active || q.skip > 0 {
			return nil, err
		}
		return []*record.Entry{e}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, searchWithin)
	defer cancel()
	select {
	case a.searching <- struct{}{}:
		defer func() { <-a.searching }()
		return a.src.Search(ctx, q.query, q.skip, q.limit)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func answerOf(entries []*record.Entry) answer {
	return answer{len(entries), each(entries, func(e **record.Entry) result { return resultOf(*e) })}
}

func sendAnswer(w http.ResponseWriter, v any, pretty bool) {
	options := []json.Options{jsontext.AllowInvalidUTF8(true)}
	if pretty {
		options = append(options, jsontext.WithIndent("  "))
	}
	body, err := json.Marshal(v, options...)
	if err != nil {
		panic(err) // only texts, numbers and booleans inside: cannot fail
	}
	send(w, body, body)
}

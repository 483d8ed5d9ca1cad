package mirror

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/record"
)

// The registry's answers. Errors come with status 200 and without
// result_count; their numbers, fields and words are those of October 2026.
const (
	empty       = `{"result_count":0,"results":[]}`
	noCriteria  = `{"Errors":[{"description":"No valid search criteria provided","field":"generic","number":"04"}]}`
	notTen      = `{"Errors":[{"description":"NPI must be 10 digits","field":"number","number":"06"}]}`
	badVersion  = `{"Errors":[{"description":"Unsupported Version","field":"version","number":"17"}]}`
	deactivated = `{"Errors":[{"description":"CMS deactivated NPI %s. The provider can no longer use this NPI. ` +
		`Our public registry does not display provider information about NPIs that are not in service.","field":"number","number":"15"}]}`
)

const page = "<!DOCTYPE html>\n<html><head><title>NPPES</title></head><body><h1>The NPI Registry is not available</h1></body></html>\n"

// criteria are the registry's other ways to search, which only a mirror with
// all providers could answer.
var criteria = []string{
	"enumeration_type", "first_name", "last_name", "use_first_name_alias", "name_purpose", "organization_name",
	"taxonomy_description", "address_purpose", "city", "state", "postal_code", "country_code",
}

// ServeHTTP answers GET /api/?version=2.1&number=N.
func (r *Recorded) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	npi, _ := record.ParseNPI(req.URL.Query().Get("number"))
	mood := r.meet(npi)
	if !pause(req.Context(), mood.Latency) {
		return
	}
	switch {
	case req.URL.Path != "/api/" && req.URL.Path != "/api":
		http.NotFound(w, req)
	case req.Method != http.MethodGet && req.Method != http.MethodHead:
		http.Error(w, "the registry is read by GET", http.StatusMethodNotAllowed)
	default:
		r.treat(w, req, npi, mood)
	}
}

// pause waits, and reports false if the client left meanwhile.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func searches(q url.Values) bool {
	for _, name := range criteria {
		if q.Get(name) != "" {
			return true
		}
	}
	return false
}

func (r *Recorded) treat(w http.ResponseWriter, req *http.Request, npi record.NPI, m Mood) {
	switch m.Fault {
	case Refuse:
		panic(http.ErrAbortHandler) // the server then closes the connection
	case Hang:
		<-req.Context().Done()
	case Fail500:
		sendPage(w, http.StatusInternalServerError)
	case HTML200:
		sendPage(w, http.StatusOK)
	case Throttle:
		if s := int((m.RetryAfter + time.Second - 1) / time.Second); s > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(s))
		}
		w.WriteHeader(http.StatusTooManyRequests)
	case Truncated:
		body := r.answer(req.URL.Query())
		send(w, body, body[:len(body)/2])
	case WrongNPI:
		body := found(synthetic(somebodyElse(npi)))
		send(w, body, body)
	case EmptyOnce:
		send(w, []byte(empty), []byte(empty))
	case SaysDeactivated:
		body := fmt.Appendf(nil, deactivated, npi)
		send(w, body, body)
	default:
		if searches(req.URL.Query()) {
			http.Error(w, "this stand-in answers lookups by number alone", http.StatusNotImplemented)
			return
		}
		body := r.answer(req.URL.Query())
		send(w, body, body)
	}
}

func sendPage(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(page))
}

// send announces the whole and sends a part; the server cuts the connection
// where that is less.
func send(w http.ResponseWriter, whole, part []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-cache, no-store, must-revalidate")
	h.Set("Content-Length", strconv.Itoa(len(whole)))
	_, _ = w.Write(part)
}

// answer is what the registry says, on a good day, to a question for a number.
// It does not check the check digit, and it does not tell a deactivated NPI
// from one that was never issued.
func (r *Recorded) answer(q url.Values) []byte {
	number := q.Get("number")
	npi, ok := record.ParseNPI(number)
	switch {
	case q.Get("version") != "2.1":
		return []byte(badVersion)
	case number == "":
		return []byte(noCriteria)
	case !ok:
		return []byte(notTen)
	case r.results[npi] != nil:
		return found(r.results[npi])
	case r.Synthesize && !r.deactivated[npi] && sound(npi):
		return found(synthetic(npi))
	}
	return []byte(empty)
}

func found(result []byte) []byte {
	b := append(make([]byte, 0, len(result)+40), `{"result_count":1,"results":[`...)
	return append(append(b, result...), "]}"...)
}

func sound(npi record.NPI) bool {
	return checksum.Valid(npi) && npi >= 1_000_000_000 && npi < 3_000_000_000
}

// somebodyElse is a sound number that is not npi.
func somebodyElse(npi record.NPI) record.NPI {
	const one, other = 1234567893, 1999999984 // CMS's worked example; a number never issued
	if npi == one {
		return other
	}
	return one
}

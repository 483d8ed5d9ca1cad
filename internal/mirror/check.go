package mirror

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/npiflow/npiflow/internal/checksum"
	"github.com/npiflow/npiflow/internal/record"
)

const (
	// maxQuery bounds a question, in bytes: every parameter there is, at its
	// longest, stays below it.
	maxQuery = 4 << 10
	// checkWithin bounds one lookup of the check API.
	checkWithin = 10 * time.Second
)

// verdict is the check API's answer. Its members are in the order of the wire.
type verdict struct {
	Valid      bool       `json:"valid"`
	NPI        string     `json:"npi,omitzero"`
	CheckDigit string     `json:"checkDigit,omitzero"` // the tenth digit: text, as the number it ends
	Found      *bool      `json:"found,omitzero"`      // this and what follows only with lookup=true
	Type       string     `json:"type,omitzero"`       // Individual or Organization
	Name       string     `json:"name,omitzero"`
	Credential string     `json:"credential,omitzero"`
	Status     string     `json:"status,omitzero"` // A or D
	Taxonomy   *specialty `json:"taxonomy,omitzero"`
	Address    *place     `json:"address,omitzero"` // where the provider practises, not its mail
	Phone      string     `json:"phone,omitzero"`
	DataSource string     `json:"dataSource,omitzero"` // api, local or deactivations
	AsOf       string     `json:"asOf,omitzero"`       // the day that source stands for, YYYY-MM-DD
}

type specialty struct {
	Code        string `json:"code"`
	Description string `json:"description,omitzero"`
}

type place struct {
	Line1      string `json:"line1,omitzero"`
	City       string `json:"city,omitzero"`
	State      string `json:"state,omitzero"`
	PostalCode string `json:"postalCode,omitzero"`
	Country    string `json:"country,omitzero"`
}

// NewCheck answers GET …?value=NPI[&lookup=true], whatever path it is mounted
// at, in JSON:
//
//	{"valid":false}                                        not an NPI: shape, first digit or check digit
//	{"valid":true,"npi":"1234567893","checkDigit":"3"}     the arithmetic holds
//
// With lookup=true, found follows, and what is known of: type
// (Individual/Organization), name, credential, status (A/D), taxonomy
// {code, description}, address {line1, city, state, postalCode, country},
// phone; then dataSource (api, local, deactivations) and asOf, the day that
// source stands for. A deactivated NPI is found, with status D.
//
// The status is 200 for each of these, 400 for a question that cannot be
// understood, 405 for another method and 503 for what could not be found out;
// those come with {"error": a sentence}. Nothing of a question comes back but
// ten digits.
//
// Lookup says what a registry holds: nil or an entry of status absent is "not
// found", an error or an entry of status unknown is "could not find out".
func NewCheck(lookup func(context.Context, record.NPI) (*record.Entry, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if !reads(w, req) {
			return
		}
		value, wanted, problem := question(req.URL)
		if problem != "" {
			sendError(w, http.StatusBadRequest, problem)
			return
		}
		npi, mark := checksum.Mark(value)
		v := verdict{Valid: mark == record.Sound}
		if v.Valid {
			v.NPI, v.CheckDigit = value, value[len(value)-1:]
		}
		if v.Valid && wanted {
			ctx, cancel := context.WithTimeout(req.Context(), checkWithin)
			defer cancel()
			e, err := lookup(ctx, npi)
			if err != nil || e != nil && e.Evidence.Status == record.Unknown {
				sendError(w, http.StatusServiceUnavailable, fmt.Sprintf("look up %s: the registry could not be asked; ask again later", npi))
				return
			}
			v.add(e)
		}
		sendJSON(w, http.StatusOK, v)
	})
}

// question reads the parameters. A problem is a sentence of ours.
func question(u *url.URL) (value string, lookup bool, problem string) {
	if len(u.RawQuery) > maxQuery {
		return "", false, fmt.Sprintf("the query has more than %d bytes", maxQuery)
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "", false, "the query is not encoded as a URL's query must be"
	}
	if value = q.Get("value"); value == "" {
		return "", false, "value is missing: ask with ?value= and the ten digits of an NPI"
	}
	if asked := q.Get("lookup"); asked != "" {
		if lookup, err = strconv.ParseBool(asked); err != nil {
			return "", false, "lookup is neither true nor false"
		}
	}
	return value, lookup, ""
}

// add puts in what a registry says.
func (v *verdict) add(e *record.Entry) {
	found := e != nil && e.Evidence.Status != record.Absent
	v.Found = &found
	if e == nil {
		return
	}
	v.DataSource, v.AsOf = string(e.Evidence.Source), e.Evidence.AsOf.String()
	if !found {
		return
	}
	v.Type = map[string]string{record.NPI1: "Individual", record.NPI2: "Organization"}[e.Evidence.Type]
	v.Name, v.Credential = e.Evidence.Name.Display(), e.Evidence.Name.Credential
	v.Status = "A"
	if e.Evidence.Status == record.Deactivated {
		v.Status = "D"
	}
	if t := e.Primary(); t != nil {
		v.Taxonomy = &specialty{t.Code, t.Description}
	}
	if a := e.Location(); a != nil {
		v.Address, v.Phone = &place{a.Address1, a.City, a.State, a.PostalCode, a.CountryCode}, a.Phone
	}
}

// reads refuses methods other than GET and HEAD.
func reads(w http.ResponseWriter, req *http.Request) bool {
	if req.Method == http.MethodGet || req.Method == http.MethodHead {
		return true
	}
	w.Header().Set("Allow", "GET, HEAD")
	sendError(w, http.StatusMethodNotAllowed, "this is read by GET")
	return false
}

func sendError(w http.ResponseWriter, status int, sentence string) {
	sendJSON(w, status, struct {
		Error string `json:"error"`
	}{sentence})
}

// sendJSON is for values that can always be encoded: a registry's texts need
// not be UTF-8.
func sendJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		panic(fmt.Sprintf("encode an answer: %v", err)) // only strings and booleans inside: cannot fail
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

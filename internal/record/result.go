package record

import (
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Result is what is published about one record: the message downstream
// consumers read. Source names the input message; with Index it is the
// idempotency key.
type Result struct {
	ID        string      `json:"id,omitzero"`
	Kind      Kind        `json:"kind"`
	Verdict   Verdict     `json:"verdict"`
	Rules     string      `json:"rules"` // version of the rules that judged
	Source    Origin      `json:"source"`
	CheckedAt time.Time   `json:"checked_at"` // whole milliseconds, UTC
	Providers []Provider  `json:"providers,omitzero"`
	Dead      *DeadLetter `json:"dead,omitzero"` // only with verdict dead
}

// Origin says which input message, and which record in it, a result is for.
type Origin struct {
	Stream     string    `json:"stream"`
	Sequence   uint64    `json:"sequence"`
	Index      int       `json:"index"` // position of the record in its message, from 0
	ReceivedAt time.Time `json:"received_at"`
}

// DeadLetter points from a result of verdict dead to the kept original.
type DeadLetter struct {
	Subject string `json:"subject"` // where the original bytes are kept
	Reason  string `json:"reason"`  // a sentence of our own; never quotes the payload
}

// Provider is one mention of a provider and what is known about it.
type Provider struct {
	Role    Role   `json:"role"`
	NPI     string `json:"npi,omitzero"` // only if it is ten ASCII digits: anything else may be somebody's data
	Line    int    `json:"line,omitzero"`
	Path    string `json:"path"`
	Valid   bool   `json:"valid"` // the check-digit arithmetic holds
	*Answer `json:",inline"`
	Flags   []Flag `json:"flags,omitzero"`
}

// AppendJSON appends the result's wire form. It is written out by hand
// because it is the hottest encoder of the program and most of its bytes, the
// answers, are rendered already; a test holds it to what the codec would write.
func (r *Result) AppendJSON(b []byte) []byte {
	b = append(b, '{')
	if r.ID != "" {
		b = appendString(append(b, `"id":`...), r.ID)
		b = append(b, ',')
	}
	b = append(append(b, `"kind":"`...), r.Kind...)
	b = append(append(b, `","verdict":"`...), r.Verdict...)
	b = appendString(append(b, `","rules":`...), r.Rules)
	b = appendString(append(b, `,"source":{"stream":`...), r.Source.Stream)
	b = strconv.AppendUint(append(b, `,"sequence":`...), r.Source.Sequence, 10)
	b = strconv.AppendInt(append(b, `,"index":`...), int64(r.Source.Index), 10)
	b = r.Source.ReceivedAt.AppendFormat(append(b, `,"received_at":"`...), time.RFC3339Nano)
	b = r.CheckedAt.AppendFormat(append(b, `"},"checked_at":"`...), time.RFC3339Nano)
	b = append(b, '"')
	if r.Providers != nil {
		b = append(b, `,"providers":[`...)
		for i := range r.Providers {
			if i > 0 {
				b = append(b, ',')
			}
			b = r.Providers[i].appendJSON(b)
		}
		b = append(b, ']')
	}
	if r.Dead != nil {
		b = appendString(append(b, `,"dead":{"subject":`...), r.Dead.Subject)
		b = appendString(append(b, `,"reason":`...), r.Dead.Reason)
		b = append(b, '}')
	}
	return append(b, '}')
}

func (p *Provider) appendJSON(b []byte) []byte {
	b = append(append(b, `{"role":"`...), p.Role...)
	if p.NPI != "" {
		b = append(append(b, `","npi":"`...), p.NPI...)
	}
	if p.Line != 0 {
		b = strconv.AppendInt(append(b, `","line":`...), int64(p.Line), 10)
		b = append(b, `,"path":`...)
	} else {
		b = append(b, `","path":`...)
	}
	b = appendString(b, p.Path)
	b = strconv.AppendBool(append(b, `,"valid":`...), p.Valid)
	if p.Answer != nil {
		b = append(b, ',')
		if p.Answer.rendered != nil {
			b = append(b, p.Answer.rendered...)
		} else {
			b = p.Answer.append(b)
		}
	}
	if p.Flags != nil {
		b = append(b, `,"flags":[`...)
		for i := range p.Flags {
			if i > 0 {
				b = append(b, ',')
			}
			b = p.Flags[i].appendJSON(b)
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func (f *Flag) appendJSON(b []byte) []byte {
	b = append(append(b, `{"code":"`...), f.Code...)
	b = append(append(b, `","severity":"`...), f.Severity...)
	b = appendString(append(b, `","detail":`...), f.Detail)
	if f.Expected != "" {
		b = appendString(append(b, `,"expected":`...), f.Expected)
	}
	if f.Actual != "" {
		b = appendString(append(b, `,"actual":`...), f.Actual)
	}
	if f.Codes != nil {
		at := len(b) + len(`,"codes":`)
		b = append(b, `,"codes":{`...)
		b = appendTexts(b, `,"claim_status":[`, f.Codes.ClaimStatus)
		b = appendTexts(b, `,"carc":[`, f.Codes.CARC)
		b = appendTexts(b, `,"rarc":[`, f.Codes.RARC)
		if b = append(b, '}'); b[at+1] == ',' { // the first list needs no comma
			b = append(b[:at+1], b[at+2:]...)
		}
	}
	return append(b, '}')
}

// asIs are the bytes that stand in JSON as they are.
var asIs = func() (t [256]bool) {
	for c := 0x20; c <= 0x7e; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// verbatim reports whether s stands in JSON as it is.
func verbatim(s string) bool {
	for i := range len(s) {
		if !asIs[s[i]] {
			return false
		}
	}
	return true
}

// appendString quotes s as JSON. Decoding refused invalid UTF-8 already; the
// codec replaces what slips through, so the error it also reports is not news.
func appendString(b []byte, s string) []byte {
	if verbatim(s) {
		return append(append(append(b, '"'), s...), '"')
	}
	b, _ = jsontext.AppendQuote(b, s)
	return b
}

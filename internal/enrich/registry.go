package enrich

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/npiflow/npiflow/internal/record"
)

// Registry answers what is known of one NPI.
//
// Absence is an answer: an NPI the registry does not have gives an entry of
// status Absent and no error. Only ignorance is an error: an
// *UnavailableError, or one that wraps context.Canceled when the caller left
// (a deadline of the caller's that passes is a ReasonTimeout). An entry and an
// error never come together.
type Registry interface {
	Lookup(ctx context.Context, npi record.NPI) (*record.Entry, error)
}

// Reason says why a registry could not be asked or not be believed. The set is
// closed: it is also a metric's label.
type Reason string

const (
	ReasonRefused     Reason = "refused"       // no connection, or it broke before an answer began
	ReasonTimeout     Reason = "timeout"       // no complete answer in the time allowed
	ReasonHTTP        Reason = "http_status"   // a server error, or a status nobody expects here
	ReasonThrottled   Reason = "throttled"     // asked to slow down
	ReasonContentType Reason = "not_json"      // status 200, but a page for people: maintenance
	ReasonTruncated   Reason = "truncated"     // the answer ends in its middle
	ReasonTooLarge    Reason = "too_large"     // more bytes than any true answer has
	ReasonWrongNPI    Reason = "wrong_npi"     // a record of somebody else
	ReasonMalformed   Reason = "malformed"     // JSON of another shape, or one that contradicts itself
	ReasonErrors      Reason = "refused_query" // the registry named an error in the question; asking again is of no use
)

// Reasons is the whole closed set.
var Reasons = []Reason{
	ReasonRefused, ReasonTimeout, ReasonHTTP, ReasonThrottled, ReasonContentType,
	ReasonTruncated, ReasonTooLarge, ReasonWrongNPI, ReasonMalformed, ReasonErrors,
}

// UnavailableError says that an answer could not be found out. It holds
// nothing of the question or of the answer, so it is safe to log.
type UnavailableError struct {
	Reason     Reason
	RetryAfter time.Duration // how long the registry asked us to wait; 0 if it did not say
	Status     int           // HTTP status; 0 if there was none
	Err        error         // the cause, if there is one; its text is never shown, see Error
}

// Throttled reports whether the registry asked us to slow down: it is well, so
// this is no failure of its own.
func (e *UnavailableError) Throttled() bool { return e.Reason == ReasonThrottled }

// Error names the reason, the status and the wait. It leaves out the cause's
// text, because errors of HTTP and JSON libraries quote URLs and bodies.
func (e *UnavailableError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "ask the registry: %s", e.Reason)
	if e.Status != 0 {
		fmt.Fprintf(&b, ", status %d", e.Status)
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, ", retry after %s", e.RetryAfter)
	}
	return b.String()
}

// Unwrap gives the cause, so that errors.Is sees a cancelled context. Do not
// print it.
func (e *UnavailableError) Unwrap() error { return e.Err }

// Package nppes speaks the live NPPES API's HTTP and JSON, and turns what
// comes back into an entry or into an honest "could not find out".
package nppes

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/npiflow/npiflow/internal/enrich"
	"github.com/npiflow/npiflow/internal/record"
)

// Config is how to reach the API.
type Config struct {
	URL         string           // http or https; a query it has already is kept
	Timeout     time.Duration    // for one lookup: connecting, waiting and reading together
	Concurrency int              // connections kept open between lookups
	UserAgent   string           // default "npiflow"
	Now         func() time.Time // default time.Now; stamps the evidence
}

// Client is a Registry that asks the live API. It keeps no answers and tries
// nothing twice: caching, limits and retries belong to its caller.
type Client struct {
	cfg   Config
	query string // the URL up to the number
	http  *http.Client
	words *words
}

var _ enrich.Registry = (*Client)(nil)

// maxBody is far above any true answer about one provider (2 to 5 KB, some
// 100 KB with hundreds of practice locations).
const maxBody = 1 << 20

// New checks cfg and makes a client. It connects to nothing.
func New(cfg Config) (*Client, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("make an NPPES client: the URL is not an http or https address")
	}
	if cfg.Timeout <= 0 || cfg.Concurrency <= 0 {
		return nil, fmt.Errorf("make an NPPES client: timeout %s and concurrency %d must be above zero", cfg.Timeout, cfg.Concurrency)
	}
	cfg.UserAgent = cmp.Or(cfg.UserAgent, "npiflow")
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Client{
		cfg:   cfg,
		query: questionPrefix(*u),
		http:  &http.Client{Transport: newTransport(cfg), CheckRedirect: sameQuestion},
		words: newWords(),
	}, nil
}

func questionPrefix(u url.URL) string {
	u.Fragment = ""
	q := u.Query()
	q.Del("number")
	q.Set("version", "2.1")
	u.RawQuery = q.Encode() + "&number="
	return u.String()
}

// newTransport leaves the number of connections unbounded: the caller bounds
// the lookups, and waiting here would eat a lookup's time as if the registry
// were slow. It asks for no compression, because an answer is small and a cut
// one is easier to tell from a broken one without it.
func newTransport(cfg Config) *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: cfg.Timeout}).DialContext,
		TLSHandshakeTimeout:    cfg.Timeout,
		ResponseHeaderTimeout:  cfg.Timeout,
		MaxIdleConns:           cfg.Concurrency,
		MaxIdleConnsPerHost:    cfg.Concurrency,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true,
		ForceAttemptHTTP2:      true,
	}
}

// sameQuestion follows a redirect only if it asks the same question of the
// same host. A page elsewhere, such as a maintenance page, answers another
// question; its redirect is then judged as the status it is.
func sameQuestion(next *http.Request, via []*http.Request) error {
	first := via[0].URL
	if len(via) > 3 || next.URL.Scheme != first.Scheme || next.URL.Host != first.Host || next.URL.RawQuery != first.RawQuery {
		return http.ErrUseLastResponse
	}
	return nil
}

// Close lets go of the idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Lookup asks once. See enrich.Registry for what it returns. Only where a kept
// connection turns out to be closed does the transport ask a second time, on a
// new one: that says nothing of the registry.
func (c *Client) Lookup(ctx context.Context, npi record.NPI) (*record.Entry, error) {
	within, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	// The number goes alone: further criteria are ANDed with it, and a name
	// spelled otherwise would turn a provider into nobody.
	req, err := http.NewRequestWithContext(within, http.MethodGet, c.query+npi.String(), nil)
	if err != nil {
		return nil, unavailable(enrich.ReasonRefused, nil)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, broken(ctx, err, enrich.ReasonRefused)
	}
	defer resp.Body.Close()
	if err := checkHead(resp, c.cfg.Now()); err != nil {
		_, _ = io.CopyN(io.Discard, resp.Body, 4<<10) // so that the connection can be used again
		return nil, err
	}
	body, err := readBody(resp)
	if err != nil {
		return nil, broken(ctx, err, enrich.ReasonTruncated)
	}
	return decode(body, npi, c.cfg.Now(), c.words)
}

// checkHead judges what stands before the body.
func checkHead(resp *http.Response, now time.Time) error {
	if resp.StatusCode != http.StatusOK {
		e := &enrich.UnavailableError{
			Reason: enrich.ReasonHTTP, Status: resp.StatusCode,
			RetryAfter: retryAfter(resp.Header.Get("Retry-After"), now),
		}
		if resp.StatusCode == http.StatusTooManyRequests {
			e.Reason = enrich.ReasonThrottled
		}
		return e
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")) // a bad parameter leaves the type readable
	if kind != "application/json" {
		return &enrich.UnavailableError{Reason: enrich.ReasonContentType, Status: resp.StatusCode}
	}
	if resp.ContentLength > maxBody {
		return &enrich.UnavailableError{Reason: enrich.ReasonTooLarge, Status: resp.StatusCode}
	}
	return nil
}

// longestWait bounds what a Retry-After can ask for.
const longestWait = 24 * time.Hour

// retryAfter reads both forms of the header (RFC 9110, 10.2.3): seconds, or a
// date. Anything else, and a date gone by, is no wait.
func retryAfter(h string, now time.Time) time.Duration {
	if h == "" {
		return 0
	}
	wait := time.Duration(0)
	if s, err := strconv.ParseUint(strings.TrimSpace(h), 10, 32); err == nil {
		wait = time.Duration(s) * time.Second
	} else if at, err := http.ParseTime(h); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), longestWait)
}

func readBody(resp *http.Response) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(max(resp.ContentLength, 0)) + bytes.MinRead)
	n, err := b.ReadFrom(io.LimitReader(resp.Body, maxBody+1))
	if err == nil && n > maxBody {
		err = &enrich.UnavailableError{Reason: enrich.ReasonTooLarge, Status: resp.StatusCode}
	}
	return b.Bytes(), err
}

// broken sorts an error met on the way to the whole body. A caller that left
// gets its own cancellation back, because it says nothing of the registry.
func broken(ctx context.Context, err error, otherwise enrich.Reason) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("ask the registry: %w", context.Canceled)
	}
	var known *enrich.UnavailableError
	if errors.As(err, &known) {
		return known
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // u's own text quotes the query
	}
	var late net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &late) && late.Timeout() {
		return unavailable(enrich.ReasonTimeout, err)
	}
	return unavailable(otherwise, err)
}

func unavailable(why enrich.Reason, err error) *enrich.UnavailableError {
	return &enrich.UnavailableError{Reason: why, Err: err}
}

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/enrich"
	"github.com/npiflow/npiflow/internal/enrich/nppes"
	"github.com/npiflow/npiflow/internal/record"
)

// configured says where the configuration came from. It is called once it
// is known to be valid.
func configured(file string, env []string) line {
	from := "defaults"
	if file != "" {
		from += ", " + file
	}
	set := 0
	for _, pair := range env {
		if strings.HasPrefix(pair, "NPIFLOW_") {
			set++
		}
	}
	if set > 0 {
		from += ", " + counted(uint64(set), "variable") + " of the environment"
	}
	return ok("configuration", "valid; from %s", from)
}

// takeover is how long a silent worker keeps its lanes.
const takeover = 3 * time.Second

// noticed is how long a registry that hangs can go unnoticed: the failures
// that open the breaker, as many at once as are allowed, each a timeout long.
func noticed(e config.Enrich) time.Duration {
	rounds := (e.Breaker.Failures + e.API.Concurrency - 1) / e.API.Concurrency
	return time.Duration(rounds) * e.API.Timeout
}

// longUnnoticed is more than anybody wants to wait for the breaker.
const longUnnoticed = time.Minute

// timeouts holds the times of a configuration against each other. What cannot
// work at all was refused when it was read.
func timeouts(cfg config.Config) []line {
	const name = "timeouts"
	var all []line
	e, drain := cfg.Enrich, cfg.Worker.Drain
	if n := noticed(e); n > longUnnoticed {
		all = append(all, warn(name, "lower enrich.api.timeout or enrich.breaker.failures", "a registry that hangs is noticed only after %s", n))
	}
	if drain < e.API.Timeout {
		all = append(all, warn(name, "set worker.drain above enrich.api.timeout",
			"a stopping worker waits %s, less than the %s one question may take: such questions are asked again by the next worker", drain, e.API.Timeout))
	}
	if len(all) == 0 {
		all = append(all, ok(name, "a registry that hangs is noticed within %s and tried again every %s; a stopping worker has %s to finish what it holds; a dead worker's lanes are taken over after %s",
			noticed(e), e.Breaker.Cooldown, drain, takeover))
	}
	return all
}

// example is the NPI in CMS's description of the check digit, so no provider
// is looked up.
const example record.NPI = 1234567893

// registryAnswers asks one question as the worker does. Any answer will do:
// that nobody has the number is one.
func registryAnswers(ctx context.Context, api config.API) line {
	const name = "registry"
	c, err := nppes.New(nppes.Config{URL: api.URL, Timeout: api.Timeout, Concurrency: 1, UserAgent: "npiflow"})
	if err != nil {
		return fail(name, "correct enrich.api.url", "%v", err)
	}
	defer c.Close()
	start := time.Now()
	_, err = c.Lookup(ctx, example)
	took := time.Since(start).Round(time.Millisecond)
	var away *enrich.UnavailableError
	switch {
	case errors.As(err, &away) && away.Throttled():
		return warn(name, "lower enrich.api.rate, on all workers together", "answers, and asks us to slow down")
	case errors.As(err, &away):
		return fail(name, registryAdvice[away.Reason], "%v%s", away, network(away.Err))
	case err != nil:
		return fail(name, "try again", "%v", err)
	case took > api.Timeout/2:
		return warn(name, "raise enrich.api.timeout, or find out what is slow", "answers, but only after %s of %s allowed", took, api.Timeout)
	}
	return ok(name, "answers in %s", took)
}

// network gives the words of an error of the network alone: others may quote
// what the registry sent.
func network(err error) string {
	var (
		op   *net.OpError
		cert *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &op):
		return ": " + op.Error()
	case errors.As(err, &cert):
		return ": " + cert.Error()
	}
	return ""
}

// registryAdvice says what to do about each reason; lanes hold meanwhile and
// lose nothing.
var registryAdvice = map[enrich.Reason]string{
	enrich.ReasonRefused:     "check enrich.api.url, DNS, proxy and firewall",
	enrich.ReasonTimeout:     "check the network, or raise enrich.api.timeout",
	enrich.ReasonHTTP:        "wait if it is the registry's trouble (5xx); check enrich.api.url if not",
	enrich.ReasonContentType: "a page came instead of an answer: a maintenance page, or a proxy's; wait, or check enrich.api.url",
	enrich.ReasonTruncated:   "check the network and any proxy between: answers are cut",
	enrich.ReasonTooLarge:    "check enrich.api.url: this is not what the registry answers",
	enrich.ReasonWrongNPI:    "check enrich.api.url and any cache between: it answers another question",
	enrich.ReasonMalformed:   "check enrich.api.url: it answers JSON of another shape than NPPES version 2.1",
	enrich.ReasonErrors:      "check enrich.api.url: it refuses a question the registry answers",
}

// httpFree says whether the worker can listen on http.addr.
func httpFree(ctx context.Context, addr string) line {
	const name = "http"
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err == nil {
		_ = l.Close()
		return ok(name, "%s is free", addr)
	}
	const advice = "set http.addr to an address of this machine that is free"
	to, dialErr := dialable(addr)
	if dialErr != nil {
		return fail(name, advice, "cannot listen on %s: %v", addr, bareListen(err))
	}
	switch a, askErr := askAlive(ctx, to); {
	case errors.Is(askErr, errStranger):
		return fail(name, advice, "%s is taken by something else", addr)
	case askErr != nil:
		return fail(name, advice, "cannot listen on %s: %v", addr, bareListen(err))
	case !a.alive:
		return warn(name, "see `worker health`", "a worker has %s, and is not alive", addr)
	}
	return ok(name, "a worker that is alive has %s", addr)
}

// bareListen is the reason without the address, which is told already.
func bareListen(err error) error {
	var at *net.OpError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

func deliveries(cfg config.Config) line {
	const name = "deliver"
	on := slices.Contains(cfg.Worker.Roles, config.RoleDeliver)
	switch {
	case on:
		return fail(name, "leave only validate in worker.roles", "this version stores write-back jobs and does not deliver them yet")
	case cfg.Writeback.Enabled:
		return ok(name, "off: write-back jobs are stored in %s; this version does not deliver them yet", assembly.Topology(cfg).Name("WRITEBACK"))
	}
	return ok(name, "off, and no write-back jobs are planned")
}

package config

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// faults collects one line for each thing that is wrong.
type faults []string

func (f *faults) add(format string, args ...any) { *f = append(*f, fmt.Sprintf(format, args...)) }

// need adds a fault unless ok: the key, its value, what to do.
func (f *faults) need(ok bool, key string, value any, advice string) {
	if !ok {
		f.add("%s: %s: %s", key, show(value), advice)
	}
}

func (f *faults) badText(at, text string, err error) {
	if errors.Is(err, errControl) {
		f.add("%s: %v", at, err)
		return
	}
	f.add("%s: %q: %v", at, text, err)
}

// Validate reports every value, and every pair of values, that cannot work.
// It looks at the files the configuration names and at nothing else outside.
// The error is an *Error.
func (c Config) Validate() error {
	if f := c.faults(); len(f) > 0 {
		return &Error{f}
	}
	return nil
}

var prefixForm = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)

func (c Config) faults() faults {
	var f faults
	f.need(prefixForm.MatchString(c.Prefix), "prefix", c.Prefix, "use up to 32 lower-case letters, digits, - and _, a letter first")
	c.NATS.check(&f)
	c.Worker.check(&f)
	c.Enrich.check(&f)
	c.Deliver.check(&f, slices.Contains(c.Worker.Roles, RoleDeliver))
	f.address("http.addr", c.HTTP.Addr, "http.public", c.HTTP.Public)
	c.Log.check(&f)
	c.Formats.check(&f)
	return f
}

func (n NATS) check(f *faults) {
	if n.URL == "" {
		n.checkEmbedded(f)
	} else {
		f.servers("nats.url", n.URL)
	}
	f.address("nats.listen", n.Listen, "nats.public", n.Public)
	f.need(oneOf(n.Sync, SyncDefault, SyncAlways), "nats.sync", n.Sync, "choose default or always")
	f.need(1 <= n.Replicas && n.Replicas <= 5, "nats.replicas", n.Replicas, "choose 1 to 5")
	f.need(n.MaxAge == 0 || n.MaxAge >= time.Hour, "nats.max_age", n.MaxAge, "use 0 to keep messages for ever, or at least 1h")
	f.file("nats.creds_file", n.CredsFile)
	f.file("nats.tls.ca_file", n.TLS.CAFile)
	f.file("nats.tls.cert_file", n.TLS.CertFile)
	f.file("nats.tls.key_file", n.TLS.KeyFile)
	f.need(n.TLS.CertFile == "" || n.TLS.KeyFile != "", "nats.tls.key_file", n.TLS.KeyFile, "name the key that belongs to nats.tls.cert_file")
	f.need(n.TLS.KeyFile == "" || n.TLS.CertFile != "", "nats.tls.cert_file", n.TLS.CertFile, "name the certificate that belongs to nats.tls.key_file")
}

// checkEmbedded refuses what only a server at nats.url could honour: an
// operator who asks for protection or copies must not go without in silence.
func (n NATS) checkEmbedded(f *faults) {
	const remote = "works only with a server at nats.url; set that, or leave this out"
	f.need(n.CredsFile == "", "nats.creds_file", n.CredsFile, remote)
	f.need(n.TLS == TLS{}, "nats.tls", n.TLS.CAFile+n.TLS.CertFile+n.TLS.KeyFile, remote)
	f.need(n.Replicas <= 1, "nats.replicas", n.Replicas, "the embedded server is a single one; use 1, or set nats.url to a cluster")
	f.need(n.DataDir != "", "nats.data_dir", n.DataDir, "name a folder for the embedded server, or set nats.url")
	f.dir("nats.data_dir", n.DataDir)
}

func (w Worker) check(f *faults) {
	f.need(len(w.Roles) > 0, "worker.roles", w.Roles, "name validate, deliver or both")
	for i, role := range w.Roles {
		f.need(oneOf(role, RoleValidate, RoleDeliver), "worker.roles", role, "choose from validate and deliver")
		f.need(!slices.Contains(w.Roles[:i], role), "worker.roles", role, "name each role once")
	}
	f.need(1 <= w.MaxInFlight && w.MaxInFlight <= 65536, "worker.max_in_flight", w.MaxInFlight, "choose 1 to 65536")
	f.need(1 <= w.Lanes && w.Lanes <= 64, "worker.lanes", w.Lanes, "choose 1 to 64")
	f.need(w.Drain >= 0, "worker.drain", w.Drain, "use 0 or more")
}

func (e Enrich) check(f *faults) {
	f.need(e.API.URL != "", "enrich.api.url", e.API.URL, "give the address of the NPPES API")
	f.web("enrich.api.url", e.API.URL)
	f.need(e.API.Timeout > 0, "enrich.api.timeout", e.API.Timeout, "use more than 0")
	// A probe that hangs must be over before the next one is due, or the
	// registry is back for more than two cooldowns before anyone notices.
	f.need(e.API.Timeout < e.Breaker.Cooldown || e.Breaker.Cooldown <= 0, "enrich.api.timeout", e.API.Timeout,
		"keep it below enrich.breaker.cooldown, which is "+show(e.Breaker.Cooldown))
	f.need(e.API.Rate >= 0 && !math.IsInf(e.API.Rate, 1), "enrich.api.rate", e.API.Rate, "use requests per second, or 0 for no limit")
	f.need(1 <= e.API.Concurrency && e.API.Concurrency <= 1024, "enrich.api.concurrency", e.API.Concurrency, "choose 1 to 1024")
	f.need(e.Breaker.Failures >= 1, "enrich.breaker.failures", e.Breaker.Failures, "use at least 1")
	f.need(e.Breaker.Cooldown > 0, "enrich.breaker.cooldown", e.Breaker.Cooldown, "use more than 0")
	f.need(e.Cache.Size >= 1, "enrich.cache.size", e.Cache.Size, "use at least 1")
	f.need(e.Cache.TTL > 0, "enrich.cache.ttl", e.Cache.TTL, "use more than 0")
	f.need(e.Cache.AbsentTTL > 0, "enrich.cache.absent_ttl", e.Cache.AbsentTTL, "use more than 0")
	f.need(e.Cache.AbsentTTL <= e.Cache.TTL || e.Cache.TTL <= 0, "enrich.cache.absent_ttl", e.Cache.AbsentTTL,
		"keep it at or below enrich.cache.ttl, which is "+show(e.Cache.TTL))
	f.dir("enrich.local.dir", e.Local.Dir)
	f.need(e.Local.MaxAge > 0, "enrich.local.max_age", e.Local.MaxAge, "use more than 0")
	f.need(oneOf(e.OnOutage, Hold, Unverified), "enrich.on_outage", e.OnOutage, "choose hold or unverified")
}

// check looks into the password's file only where this process delivers:
// elsewhere the secret may rightly be missing.
func (d Deliver) check(f *faults, delivers bool) {
	f.need(d.URL != "" || !delivers, "deliver.url", d.URL, "give the address of the write API, which the role deliver needs")
	f.web("deliver.url", d.URL)
	f.need(!strings.Contains(d.Username, ":"), "deliver.username", d.Username, "leave out the colon: HTTP Basic authentication cannot carry it")
	f.need(d.Username != "" || d.PasswordFile == "", "deliver.username", d.Username, "name the user whose password is in deliver.password_file")
	f.need(d.PasswordFile != "" || d.Username == "", "deliver.password_file", d.PasswordFile, "name the file that holds the password of deliver.username")
	if d.PasswordFile == "" || !delivers {
		return
	}
	// The value is left out: it may be the password itself, put there by mistake.
	if err := openFile(d.PasswordFile); err != nil {
		f.add("deliver.password_file: cannot be read (%v): give the path of a file that holds the password, not the password", err)
	}
}

func (l Log) check(f *faults) {
	f.need(oneOf(l.Level, "trace", "debug", "info", "warn", "error"), "log.level", l.Level, "choose trace, debug, info, warn or error")
	f.need(oneOf(l.Format, FormatAuto, FormatConsole, FormatJSON), "log.format", l.Format, "choose auto, console or json")
}

func oneOf[T comparable](v T, allowed ...T) bool { return slices.Contains(allowed, v) }

// address checks HOST:PORT, and that it stays on this machine unless public.
func (f *faults) address(key, value, publicKey string, public bool) {
	host, port, err := net.SplitHostPort(value)
	if err != nil || !isPort(port) {
		f.need(false, key, redact(value), "write HOST:PORT, such as 127.0.0.1:8080")
		return
	}
	f.need(public || isLoopback(host), key, redact(value), "other machines could reach it; use 127.0.0.1, or allow it with "+publicKey+": true")
}

// web checks an address we send requests to, if there is one.
func (f *faults) web(key, value string) {
	if value == "" {
		return
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || !oneOf(u.Scheme, "http", "https") || !(u.Port() == "" || isPort(u.Port())) {
		f.need(false, key, redact(value), "write https://HOST/PATH")
		return
	}
	f.need(u.User == nil, key, redact(value), "leave the credentials out of the address")
	f.need(u.RawQuery == "" && u.Fragment == "" && !u.ForceQuery, key, redact(value), "leave out what begins with ? or #")
	f.need(u.Scheme == "https" || isLoopback(u.Hostname()), key, redact(value), "use https; http is for this machine only")
}

// servers checks the addresses of NATS servers, separated by commas.
func (f *faults) servers(key, value string) {
	if strings.Contains(value, "@") {
		f.need(false, key, redact(value), "leave the credentials out of the address; put them in a file and name it in nats.creds_file")
		return
	}
	for server := range strings.SplitSeq(value, ",") {
		u, err := url.Parse(strings.TrimSpace(server))
		ok := err == nil && u.Hostname() != "" && oneOf(u.Scheme, "nats", "tls", "ws", "wss") && (u.Port() == "" || isPort(u.Port()))
		f.need(ok, key, redact(server), "write nats://HOST:4222 (or tls://, ws://, wss://), several separated by commas")
	}
}

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// file checks that a named file can be opened.
func (f *faults) file(key, path string) {
	if path == "" {
		return
	}
	if err := openFile(path); err != nil {
		f.add("%s: %q: cannot be read (%v); name a file this process may read", key, path, err)
	}
}

// dir checks that a folder, if it is there already, is one we can read.
func (f *faults) dir(key, path string) {
	if path == "" {
		return
	}
	_, err := os.ReadDir(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		f.add("%s: %q: cannot be read (%v); name a folder this process may read", key, path, bare(err))
	}
}

// openFile opens and closes a regular file; a pipe would wait for its writer,
// so of other files only the existence is checked.
func openFile(path string) error {
	stat, err := os.Stat(path)
	if err != nil {
		return bare(err)
	}
	if stat.IsDir() {
		return errors.New("it is a folder")
	}
	if !stat.Mode().IsRegular() {
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return bare(err)
	}
	return file.Close()
}

// bare is the reason in err without the path, which the fault tells already
// or leaves out on purpose.
func bare(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

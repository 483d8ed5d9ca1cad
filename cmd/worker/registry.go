package main

import (
	"errors"
	"time"

	"github.com/npiflow/npiflow/cmd/internal/assembly"
	"github.com/npiflow/npiflow/config"
	"github.com/npiflow/npiflow/internal/enrich/local"
	"github.com/npiflow/npiflow/internal/ops"
	"github.com/npiflow/npiflow/internal/record"
)

// localLine is readiness' line about the local registry. It is never against
// the worker: what the files cannot say, the live API can.
func localLine(r *local.Registry, maxAge time.Duration, now time.Time) ops.Line {
	l := ops.Line{OK: true, Name: "local registry", Detail: "off: enrich.local.dir is empty"}
	if r == nil {
		return l
	}
	s := r.State()
	l.Detail = s.Detail
	if asOf := s.Manifest.Providers.AsOf; s.Usable && assembly.TooOld(asOf, maxAge, now) {
		l.Detail += "; older than enrich.local.max_age, so the live API is asked first"
	}
	return l
}

// localRegistry says how the registry in enrich.local.dir is, without changing
// anything in it.
func localRegistry(cfg config.Local, now time.Time) []line {
	const (
		name   = "local registry"
		advice = "run `registry import` with CMS's monthly file"
	)
	if cfg.Dir == "" {
		return []line{ok(name, "off: enrich.local.dir is empty; the live API answers alone")}
	}
	s, err := local.Open(cfg.Dir)
	var damaged *local.CorruptError
	switch {
	case errors.Is(err, local.ErrNone):
		return []line{ok(name, "none in %s; the live API answers alone (%s to have one)", cfg.Dir, advice)}
	case errors.As(err, &damaged):
		return []line{fail(name, advice+" again; until then the live API answers alone", "in %s is damaged: %v", cfg.Dir, damaged.Err)}
	case err != nil:
		return []line{fail(name, "let this user read "+cfg.Dir, "%v", err)}
	}
	m := s.Manifest()
	if err := s.Close(); err != nil {
		return []line{fail(name, advice+" again", "%v", err)}
	}
	return imported(m, cfg, now)
}

// imported says what a registry is made of, and which parts are too old.
func imported(m local.Manifest, cfg config.Local, now time.Time) []line {
	const name = "local registry"
	all := []line{ok(name, "%s", m)}
	for _, part := range []struct {
		of   string
		asOf record.Date
		do   string
	}{
		{"its providers are", m.Providers.AsOf, "import CMS's newest monthly file, or the weekly ones since"},
		{"its deactivation report is", m.Deactivations.AsOf, "import CMS's newest deactivation report"},
	} {
		if assembly.TooOld(part.asOf, cfg.MaxAge, now) {
			all = append(all, warn(name, part.do, "%s of %s, older than enrich.local.max_age (%s): the live API is asked first, and where it does not answer, evidence is stale", part.of, part.asOf, cfg.MaxAge))
		}
	}
	return append(all, exclusions(m.Exclusions, cfg, now))
}

func exclusions(x local.List, cfg config.Local, now time.Time) line {
	const (
		name = "exclusion list"
		do   = "import the OIG's newest UPDATED.csv"
	)
	switch {
	case x.At.IsZero():
		return ok(name, "none: nobody is flagged as excluded (%s to have one)", do)
	case now.Sub(x.At) > cfg.MaxAge:
		return warn(name, do, "imported on %s, longer ago than enrich.local.max_age (%s): who was excluded since is not flagged", x.At.UTC().Format(time.DateOnly), cfg.MaxAge)
	}
	return ok(name, "%d NPIs, imported on %s", x.Rows, x.At.UTC().Format(time.DateOnly))
}

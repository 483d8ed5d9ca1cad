package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/npiflow/npiflow/internal/record"
)

const (
	concurrency = 64 // of the worker's registry client
	absentEvery = 40 // one provider in so many is not in the registry
)

// newcomers is the part distinct: claims in which no provider comes twice, so
// that every lookup is a request and waiting for the registry is the job.
type newcomers struct {
	Distinct int     `json:"distinct"`
	Latency  string  `json:"latency"`
	Asked    asked   `json:"asked"`
	Bound    float64 `json:"bound_seconds"` // requests × latency ÷ concurrency
	Turn     turn    `json:"turn"`
	Ratio    float64 `json:"ratio"` // of the time to the bound
}

func (b *bench) newcomers(ctx context.Context) (r *newcomers, err error) {
	n := b.distinct / 2
	p := populate(rand.New(rand.NewPCG(b.seed, 1)), n, n)
	dir, err := b.missing(p)
	if err != nil {
		return nil, err
	}
	reg, url, err := b.play(ctx, "registry", "-dir", dir, "-latency", b.latency.String())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reg.stop()) }()
	s, err := b.open(ctx, false, n, func(i int) []byte { return claim(i, p.organizations[i], p.people[i]) })
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()

	say("asking for %d distinct NPIs", 2*n)
	r = &newcomers{Distinct: 2 * n, Latency: b.latency.String()}
	if r.Turn, err = b.whole(s, "worker", url, "").run(ctx, n); err != nil {
		return nil, err
	}
	if err = ask(ctx, url+"/asked", &r.Asked); err != nil {
		return nil, err
	}
	requests := r.Asked.Present.Requests + r.Asked.Absent.Requests
	r.Bound = float64(requests) * b.latency.Seconds() / concurrency
	r.Ratio = r.Turn.Seconds / r.Bound
	return r, nil
}

// missing writes the list of those the registry does not know, for the
// registry to read, and gives its folder.
func (b *bench) missing(p population) (dir string, err error) {
	var list bytes.Buffer
	for _, kind := range [][]record.NPI{p.organizations, p.people} {
		for i := 0; i < len(kind); i += absentEvery {
			fmt.Fprintln(&list, kind[i])
		}
	}
	if dir, err = os.MkdirTemp(b.dir, "registry-"); err != nil {
		return "", err
	}
	return dir, os.WriteFile(filepath.Join(dir, "deactivated.txt"), list.Bytes(), 0o600)
}

func ask(ctx context.Context, url string, into any) error {
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.UnmarshalRead(resp.Body, into)
}

func (r *newcomers) print(w io.Writer) {
	fmt.Fprintf(w, "\n%d distinct NPIs in %d claims, registry latency %s, %d requests at once\n\n", r.Distinct, r.Distinct/2, r.Latency, concurrency)
	fmt.Fprintf(w, "time      %.1f s, %.3f of the bound of %.1f s (target ≤ 1.15, %s)\n", r.Turn.Seconds, r.Ratio, r.Bound, met(r.Ratio <= 1.15))
	p, a := r.Asked.Present, r.Asked.Absent
	fmt.Fprintf(w, "present   %d NPIs, %d requests, %d at most for one (target 1, %s)\n", p.Numbers, p.Requests, p.Most, met(p.Requests == p.Numbers && p.Most == 1))
	fmt.Fprintf(w, "absent    %d NPIs, %d requests, %d at most for one (target 2, %s)\n", a.Numbers, a.Requests, a.Most, met(a.Requests == 2*a.Numbers && a.Most == 2))
	fmt.Fprintf(w, "worker    %.0f MiB at most, %.0f µs of processor time per claim (broker %.0f)\n", float64(r.Turn.Peak)/(1<<20), r.Turn.CPU, r.Turn.ServerCPU)
}

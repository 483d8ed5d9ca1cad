package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/nats-io/nats.go/jetstream"
)

// comparison is contenders side by side, over several rounds.
type comparison struct {
	Title    string         `json:"title"`
	N        int            `json:"n"` // results in each turn
	Rows     []row          `json:"rows"`
	Verdicts map[string]int `json:"verdicts,omitzero"`
	InBytes  uint64         `json:"input_bytes,omitzero"` // of one claim, as stored
	OutBytes uint64         `json:"output_bytes"`         // of one result, as stored
}

// row is one contender with all its turns.
type row struct {
	Name   string    `json:"name"`
	Turns  []turn    `json:"turns"`
	Ratios []float64 `json:"ratios"`          // of its rate to the first row's, in each round
	Ratio  float64   `json:"ratio"`           // their median
	Whole  float64   `json:"whole_ratio"`     // the same from the start of the process
	Target float64   `json:"target,omitzero"` // for Ratio
}

// relays compares the worker with the usual relay, both on a server that
// flushes by default; with always, the worker on a server that flushes every
// write with the usual relay on one that does not, and with itself there.
//
// Every contender runs once in each round, so that a noisy neighbour meets all
// of them, and ratios are within rounds. The round before the first is not
// counted: it fills the shared answers, so that afterwards the registry is not
// what is measured. The worker's own memory is cold in every round.
func (b *bench) relays(ctx context.Context, always bool) (c *comparison, err error) {
	say("loading %d claims", b.n)
	plain, err := b.open(ctx, false, b.n, zipf(b.n, b.seed))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, plain.close()) }()
	reg, url, err := b.play(ctx, "registry", "-dir", b.dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reg.stop()) }()
	if !always {
		return b.pipeline(ctx, "the worker beside the usual relay", 1, b.usual(plain, "usual relay"), b.whole(plain, "worker", url, ""))
	}
	flushing, err := b.open(ctx, true, b.n, zipf(b.n, b.seed))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, flushing.close()) }()
	slow := b.usual(flushing, "usual relay, sync always (a tenth)")
	slow.tenth = true
	return b.pipeline(ctx, "the same, the worker's server flushing every write", 0.6, b.usual(plain, "usual relay"),
		b.whole(flushing, "worker, sync always", url, ""), slow)
}

// perInterchange is how many claims an 837 message has in the part batches.
const perInterchange = 100

// batches compares the worker on 837 messages of a hundred claims with the
// worker on the same claims as native JSON, one a message.
func (b *bench) batches(ctx context.Context) (c *comparison, err error) {
	n := b.n / perInterchange * perInterchange
	say("loading %d claims, twice", n)
	single, err := b.open(ctx, false, n, zipf(n, b.seed))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, single.close()) }()
	draw := pairs(n, b.seed)
	many, err := b.open(ctx, false, n/perInterchange, func(i int) []byte { return interchange(i, perInterchange, draw) })
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, many.close()) }()
	reg, url, err := b.play(ctx, "registry", "-dir", b.dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reg.stop()) }()
	batched := b.whole(many, "worker, 837 of 100 claims", url, "")
	batched.check = func(ctx context.Context) error {
		return verify(ctx, many.js, topology.LaneList()[0], perInterchange)
	}
	if c, err = b.compare(ctx, "claims in 837 messages beside claims one a message", n, []*contender{b.whole(single, "worker, native claims", url, ""), batched}); err != nil {
		return nil, err
	}
	c.Rows[1].Target = 1.5
	return c, c.look(ctx, batched)
}

// pipeline compares the measure, the worker with its target, and others.
func (b *bench) pipeline(ctx context.Context, title string, target float64, contenders ...*contender) (*comparison, error) {
	c, err := b.compare(ctx, title, b.n, contenders)
	if err != nil {
		return nil, err
	}
	c.Rows[1].Target = target
	return c, c.look(ctx, contenders[1])
}

// compare runs the contenders, the first of which is the measure.
func (b *bench) compare(ctx context.Context, title string, n int, contenders []*contender) (*comparison, error) {
	c := &comparison{Title: title, N: n, Rows: make([]row, len(contenders))}
	for i, x := range contenders {
		c.Rows[i].Name = x.Name
	}
	for round := range b.rounds + 1 {
		for i, x := range contenders {
			results := n
			if x.tenth {
				results = n / 10
			}
			t, err := x.run(ctx, results)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", x.Name, err)
			}
			say("round %d: %s: %.0f results/s, %.0f whole", round, x.Name, t.Rate, t.WholeRate)
			if round > 0 {
				c.Rows[i].Turns = append(c.Rows[i].Turns, t)
			}
		}
	}
	c.rate()
	return c, nil
}

// rate sets the ratios.
func (c *comparison) rate() {
	for i := range c.Rows {
		r, whole := &c.Rows[i], []float64(nil)
		for j, t := range r.Turns {
			r.Ratios = append(r.Ratios, t.Rate/c.Rows[0].Turns[j].Rate)
			whole = append(whole, t.WholeRate/c.Rows[0].Turns[j].WholeRate)
		}
		r.Ratio, r.Whole = median(r.Ratios), median(whole)
	}
}

// look sees what the worker's last turn left behind.
func (c *comparison) look(ctx context.Context, worker *contender) error {
	in, err := worker.site.js.Stream(ctx, inputStream)
	if err != nil {
		return err
	}
	out, err := worker.site.js.Stream(ctx, worker.output)
	if err != nil {
		return err
	}
	prefix := topology.LaneList()[0].Prefix + "."
	info, err := out.Info(ctx, jetstream.WithSubjectFilter(prefix+">"))
	if err != nil {
		return err
	}
	c.InBytes, c.OutBytes = in.CachedInfo().State.Bytes/uint64(c.N), info.State.Bytes/uint64(c.N)
	c.Verdicts = map[string]int{}
	for subject, n := range info.State.Subjects {
		c.Verdicts[subject[len(prefix):]] = int(n)
	}
	return nil
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	if len(v)%2 == 1 {
		return v[len(v)/2]
	}
	return (v[len(v)/2-1] + v[len(v)/2]) / 2
}

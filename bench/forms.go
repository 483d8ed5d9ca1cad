package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go/jetstream"
)

// forms compares ways to store results, with nothing else to do, on a server
// that flushes by default and on one that flushes every write. The latter gets
// a tenth of the messages, because most forms are slow there.
func (b *bench) forms(ctx context.Context) (all []*comparison, err error) {
	for _, mode := range []struct {
		always bool
		title  string
		n      int
	}{{false, "publishing forms", b.n}, {true, "publishing forms, sync always", b.n / 10}} {
		c, err := b.formsAt(ctx, mode.title, mode.always, mode.n)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

func (b *bench) formsAt(ctx context.Context, title string, always bool, n int) (c *comparison, err error) {
	s, err := b.open(ctx, always, 0, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	var contenders []*contender
	for i, f := range forms {
		contenders = append(contenders, b.publishing(s, f.name, i, n))
	}
	if c, err = b.compare(ctx, title, n, contenders); err != nil {
		return nil, err
	}
	out, err := s.js.Stream(ctx, formsStream)
	if err != nil {
		return nil, err
	}
	c.OutBytes = out.CachedInfo().State.Bytes / uint64(n)
	return c, nil
}

// publishing is the i-th form at a site.
func (b *bench) publishing(s *site, name string, i, n int) *contender {
	return &contender{Name: name, site: s, output: formsStream,
		reset: func(ctx context.Context) error {
			return anew(ctx, s.js, jetstream.StreamConfig{Name: formsStream, Subjects: []string{formsSubject},
				AllowAtomicPublish: true, AllowBatchPublish: true})
		},
		start: func(ctx context.Context) (*child, error) {
			c, _, err := b.play(ctx, "publish", "-url", s.url, "-form", strconv.Itoa(i), "-n", strconv.Itoa(n))
			return c, err
		},
		check: func(ctx context.Context) error {
			out, err := s.js.Stream(ctx, formsStream)
			if err != nil {
				return err
			}
			if st := out.CachedInfo().State; st.Msgs != uint64(n) || st.LastSeq != uint64(n) {
				return fmt.Errorf("%d messages are stored, the last at %d, not %d", st.Msgs, st.LastSeq, n)
			}
			return nil
		},
	}
}

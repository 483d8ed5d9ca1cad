package main

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/npiflow/npiflow/internal/enrich/local"
)

func TestProgressLine(t *testing.T) {
	for want, c := range map[string]struct {
		at   local.Progress
		took time.Duration
	}{
		"reading: 0 %, 0 rows, 0 rows/s":                          {local.Progress{Phase: "reading", Total: 100}, 0},
		"reading: 43 %, 4,182,000 rows, 418,200 rows/s, 13s left": {local.Progress{Phase: "reading", Done: 43, Total: 100, Rows: 4182000}, 10 * time.Second},
		"reading: 100 %, 9,726,865 rows, 972,686 rows/s, 0s left": {local.Progress{Phase: "reading", Done: 100, Total: 100, Rows: 9726865}, 10 * time.Second},
		"writing: 25 %, 9,726,865 rows, 3m0s left":                {local.Progress{Phase: "writing", Done: 1000, Total: 4000, Rows: 9726865}, time.Minute},
		"writing: 0 %, 5 rows":                                    {local.Progress{Phase: "writing", Rows: 5}, time.Minute},
	} {
		assert.Equal(t, want, progressLine(c.at, c.took))
	}
}

// Where nobody looks, there is a line now and then and no bar.
func TestProgressWhenPiped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		p := newProgress(&out)
		for i := range int64(240) { // a minute, four times a second
			p.update(local.Progress{Phase: "reading", Done: i, Total: 240, Rows: int(i)})
			pass(250 * time.Millisecond)
		}
		p.update(local.Progress{Phase: "writing", Done: 1, Total: 2, Rows: 240})
		p.end()
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		assert.Len(t, lines, 11)
		assert.Equal(t, "reading: 8 %, 20 rows, 4 rows/s, 55s left", lines[0])
	})
}

// A person sees a bar that fits a line, and nothing of it is left behind.
func TestProgressOnATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		p := newProgress(&out)
		p.bars = true
		const rows = 9_726_865
		for i := range int64(100) {
			p.update(local.Progress{Phase: "reading", Done: i * 10_000_000, Total: 1_000_000_000, Rows: rows * int(i) / 100})
			pass(300 * time.Millisecond)
		}
		for i := range int64(4) {
			p.update(local.Progress{Phase: "writing", Done: i, Total: 4, Rows: rows})
			pass(300 * time.Millisecond)
		}
		p.end()
		assert.Contains(t, out.String(), "reading 4,960,701 rows, 324,228 rows/s  50% |█████")
		assert.Contains(t, out.String(), "[15s:14s]", "gone and left")
		assert.Contains(t, out.String(), "writing  50%")
		drawn := strings.Split(out.String(), "\r")
		for _, line := range drawn {
			assert.LessOrEqual(t, utf8.RuneCountInString(line), 80, line)
		}
		assert.Empty(t, strings.TrimSpace(drawn[len(drawn)-2]+drawn[len(drawn)-1]))
	})
}

// pass lets time go by within a bubble of synctest.
func pass(d time.Duration) { <-time.After(d) }

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 123456: "123,456", 9726865: "9,726,865"} {
		assert.Equal(t, want, count(n))
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{0: "0 bytes", 999: "999 bytes", 1000: "1 kB", 905703: "905.7 kB", 1740000000: "1.74 GB", 17400000000000: "17.4 TB"} {
		assert.Equal(t, want, size(n))
	}
}

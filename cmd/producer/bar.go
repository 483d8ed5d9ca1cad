package main

import (
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// bar shows progress where a person looks, and nothing elsewhere.
type bar struct{ shown *progressbar.ProgressBar }

// newBar counts up to most, or for ever if most is -1.
func newBar(w io.Writer, what string, most int64, bytes bool) *bar {
	if !isTerminal(w) {
		return &bar{}
	}
	return &bar{progressbar.NewOptions64(most,
		progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what),
		progressbar.OptionShowBytes(bytes), progressbar.OptionShowCount(),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetWidth(30),
		progressbar.OptionSetSpinnerChangeInterval(0), // no goroutine of its own
		progressbar.OptionClearOnFinish(),
	)}
}

// reader counts what is read of r.
func (b *bar) reader(r io.Reader) io.Reader {
	if b.shown == nil {
		return r
	}
	counted := progressbar.NewReader(r, b.shown)
	return &counted
}

func (b *bar) set(n int64) {
	if b.shown != nil {
		_ = b.shown.Set64(n)
	}
}

// clear makes room for a line of text; the bar comes back with its next change.
func (b *bar) clear() {
	if b.shown != nil {
		_ = b.shown.Clear()
	}
}

func (b *bar) finish() {
	if b.shown != nil {
		_ = b.shown.Finish()
	}
}

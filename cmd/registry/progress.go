package main

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/npiflow/npiflow/internal/enrich/local"
)

// lineEvery is the time between two lines of progress where nobody watches a
// bar.
const lineEvery = 5 * time.Second

// progress shows how far an import is: a bar where a person looks, elsewhere a
// line every few seconds.
type progress struct {
	w   io.Writer
	now func() time.Time

	bar   *progressbar.ProgressBar // nil where nobody looks, and before the first phase
	phase string
	began time.Time // the phase
	said  time.Time // the last line
	bars  bool
}

func newProgress(w io.Writer) *progress {
	return &progress{w: w, now: time.Now, bars: terminal(w) != nil}
}

// update is told often.
func (p *progress) update(at local.Progress) {
	now := p.now()
	if at.Phase != p.phase {
		p.end()
		p.phase, p.began, p.said = at.Phase, now, now
		if p.bars {
			p.bar = newBar(p.w, at)
		}
	}
	switch {
	case p.bar != nil:
		if p.phase == "reading" {
			p.bar.Describe(fmt.Sprintf("reading %s rows, %s rows/s", count(at.Rows), count(perSecond(at.Rows, now.Sub(p.began)))))
		}
		_ = p.bar.Set64(at.Done) // it only draws
	case !p.bars && now.Sub(p.said) >= lineEvery:
		p.said = now
		_, _ = fmt.Fprintln(p.w, progressLine(at, now.Sub(p.began)))
	}
}

// end takes the bar away.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

func newBar(w io.Writer, at local.Progress) *progressbar.ProgressBar {
	return progressbar.NewOptions64(max(at.Total, 1),
		progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(at.Phase),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetWidth(10), // with 80 columns in mind
		progressbar.OptionSetSpinnerChangeInterval(0), // no goroutine of its own
		progressbar.OptionClearOnFinish(),
	)
}

// progressLine is "reading: 43 %, 4,182,000 rows, 310,000 rows/s, 12s left".
func progressLine(at local.Progress, took time.Duration) string {
	part := float64(at.Done) / float64(max(at.Total, 1))
	line := fmt.Sprintf("%s: %.0f %%, %s rows", at.Phase, 100*part, count(at.Rows))
	if at.Phase == "reading" {
		line += fmt.Sprintf(", %s rows/s", count(perSecond(at.Rows, took)))
	}
	if part > 0 {
		left := time.Duration(float64(took) * (1 - part) / part)
		line += fmt.Sprintf(", %s left", left.Round(time.Second))
	}
	return line
}

func perSecond(n int, took time.Duration) int {
	return int(float64(n) / max(took.Seconds(), 0.001))
}

// count is a number with a comma after every three digits.
func count[N int | int64](n N) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/go-json-experiment/json"
)

// report is everything a run found out.
type report struct {
	Machine  machine     `json:"machine"`
	Relay    *comparison `json:"relay,omitzero"`
	Always   *comparison `json:"always,omitzero"`
	Distinct *newcomers  `json:"distinct,omitzero"`
	Registry *imported   `json:"registry,omitzero"`
	Local    *comparison `json:"local,omitzero"`
	Batches  *comparison `json:"batches,omitzero"`
	// Forms has one comparison for each way a server flushes.
	Forms []*comparison `json:"forms,omitzero"`
}

// machine says where and of what the numbers are.
type machine struct {
	CPU    string    `json:"cpu"`
	Cores  int       `json:"cores"`
	OS     string    `json:"os"`
	Go     string    `json:"go"`
	Commit string    `json:"commit"` // with + where files differ from it
	Time   time.Time `json:"time"`
}

func describe(ctx context.Context) machine {
	m := machine{CPU: "unknown", Cores: runtime.NumCPU(), OS: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(),
		Commit: "unknown", Time: time.Now().UTC().Truncate(time.Second)}
	info, _ := os.ReadFile("/proc/cpuinfo")
	if _, rest, ok := strings.Cut(string(info), "model name\t: "); ok {
		m.CPU, _, _ = strings.Cut(rest, "\n")
	}
	if out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty=+").Output(); err == nil {
		m.Commit = string(bytes.TrimSpace(out))
	}
	return m
}

func (r *report) print(w io.Writer, asJSON bool) error {
	if asJSON {
		if err := json.MarshalWrite(w, r, json.Deterministic(true)); err != nil {
			return err
		}
		_, err := fmt.Fprintln(w)
		return err
	}
	m := r.Machine
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s, %d cores, %s, %s, commit %s, %s\n", m.CPU, m.Cores, m.OS, m.Go, m.Commit, m.Time.Format(time.DateTime))
	for _, c := range append([]*comparison{r.Relay, r.Always, r.Local, r.Batches}, r.Forms...) {
		if c != nil {
			c.print(&b)
		}
	}
	if r.Distinct != nil {
		r.Distinct.print(&b)
	}
	if r.Registry != nil {
		r.Registry.print(&b)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (c *comparison) print(w io.Writer) {
	fmt.Fprintf(w, "\n%s: %d results of %d bytes", c.Title, c.N, c.OutBytes)
	if c.InBytes > 0 {
		fmt.Fprintf(w, " from claims of %d bytes (%s)", c.InBytes, inWords(c.Verdicts))
	}
	fmt.Fprintf(w, "\nmedians of %d rounds, lowest and highest in brackets; ratios are medians of those within rounds\n\n", len(c.Rows[0].Turns))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\tresults/s\tratio\ttarget\twhole results/s\twhole ratio\tCPU µs\tbroker µs\tpeak MiB")
	for _, r := range c.Rows {
		target := ""
		if r.Target > 0 {
			target = fmt.Sprintf("≥ %.1f %s", r.Target, met(r.Ratio >= r.Target))
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%.0f\t%.2f\t%.1f\t%.1f\t%.0f\n", r.Name,
			spread("%.0f", column(r.Turns, func(t turn) float64 { return t.Rate })), spread("%.2f", r.Ratios), target,
			median(column(r.Turns, func(t turn) float64 { return t.WholeRate })), r.Whole,
			median(column(r.Turns, func(t turn) float64 { return t.CPU })),
			median(column(r.Turns, func(t turn) float64 { return t.ServerCPU })),
			slices.Max(column(r.Turns, func(t turn) float64 { return float64(t.Peak) / (1 << 20) })))
	}
	_ = t.Flush()
}

func met(ok bool) string {
	if ok {
		return "met"
	}
	return "MISSED"
}

func column(turns []turn, of func(turn) float64) (v []float64) {
	for _, t := range turns {
		v = append(v, of(t))
	}
	return v
}

// spread is the median, with the lowest and highest behind it.
func spread(format string, v []float64) string {
	return fmt.Sprintf(format+" ("+format+"–"+format+")", median(v), slices.Min(v), slices.Max(v))
}

func inWords(counts map[string]int) string {
	var all []string
	for name, n := range counts {
		all = append(all, fmt.Sprintf("%s %d", name, n))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

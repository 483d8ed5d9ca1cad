// Command nppesgen writes NPPES bulk files, and the OIG's exclusion list, full
// of providers that do not exist, to try and to measure the local registry
// with.
//
//	go run ./bench/nppesgen --rows 1000000                 the monthly file, under CMS's own name
//	go run ./bench/nppesgen --rows 1000000 --kind weekly   the week after it
//	go run ./bench/nppesgen --rows 9726865 --out full.zip  as large as the real one: 1 GB, 11 GB unpacked
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/npiflow/npiflow/bench/nppesgen/corpus"
	"github.com/npiflow/npiflow/internal/record"
)

func main() {
	if err := command().Execute(); err != nil {
		os.Exit(1)
	}
}

// order is what one run is asked for.
type order struct {
	corpus.Options
	asOf, out, kind string
	changes         int
}

func command() *cobra.Command {
	o := order{}
	c := &cobra.Command{
		Use:          "nppesgen",
		Short:        "Write NPPES bulk files full of providers that do not exist",
		Example:      "  nppesgen --rows 1000000 --kind monthly --out full.zip",
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(c *cobra.Command, _ []string) error {
			return o.run(c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	f := c.Flags()
	f.IntVar(&o.Rows, "rows", 100_000, "providers in the monthly file; the other kinds are of the same population")
	f.Uint64Var(&o.Seed, "seed", 1, "the same seed gives the same providers")
	f.StringVar(&o.asOf, "as-of", "2026-11-08", "the monthly file's last day, a Sunday")
	f.StringVar(&o.out, "out", "", "file to write (default: CMS's own name, in this folder)")
	f.StringVar(&o.kind, "kind", "monthly", "monthly, weekly (of the week after), deactivations (of the day after) or leie")
	f.IntVar(&o.changes, "changes", 0, "rows of the weekly file, or of the leie (default: rows/250, rows/100)")
	f.BoolVar(&o.V1, "v1", false, "the layout from before March 2026")
	return c
}

func (o order) run(stdout, stderr io.Writer) error {
	day, ok := record.ParseDate(o.asOf)
	if !ok {
		return errors.New("--as-of is not a day in the form YYYY-MM-DD")
	}
	o.AsOf = day
	name, write, err := o.plan(stderr)
	if err != nil {
		return err
	}
	if o.out != "" {
		name = o.out
	}
	census, err := create(name, write)
	if err != nil {
		return err
	}
	stat, err := os.Stat(name)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: %d rows, %d bytes\n", name, census.Rows, stat.Size())
	return nil
}

type writing func(io.Writer) (corpus.Census, error)

// plan is the file's own name and what writes it.
func (o order) plan(stderr io.Writer) (string, writing, error) {
	monday := record.DateOf(midnight(o.AsOf).AddDate(0, 0, 1))
	switch o.kind {
	case "monthly":
		return corpus.MonthlyName(o.Options), func(w io.Writer) (corpus.Census, error) {
			bar := progress(stderr, o.Rows)
			defer bar.Close()                                                     //nolint:errcheck // it only draws
			return corpus.Monthly(w, o.Options, func(rows int) { bar.Set(rows) }) //nolint:errcheck // it only draws
		}, nil
	case "weekly":
		return corpus.WeeklyName(o.Options, monday), func(w io.Writer) (corpus.Census, error) {
			return corpus.Weekly(w, o.Options, monday, o.or(250))
		}, nil
	case "deactivations":
		return corpus.DeactivationsName(o.Options, monday), func(w io.Writer) (corpus.Census, error) {
			return corpus.Deactivations(w, o.Options, monday)
		}, nil
	case "leie":
		return corpus.LEIEName, func(w io.Writer) (corpus.Census, error) {
			return corpus.LEIE(w, o.Options, o.or(100))
		}, nil
	}
	return "", nil, fmt.Errorf("--kind %s is not monthly, weekly, deactivations or leie", o.kind)
}

// or is the number of changes asked for, or one for so many rows.
func (o order) or(rows int) int {
	if o.changes > 0 {
		return o.changes
	}
	return max(1, o.Rows/rows)
}

func midnight(d record.Date) time.Time {
	return time.Date(int(d/10000), time.Month(d/100%100), int(d%100), 0, 0, 0, 0, time.UTC)
}

func progress(w io.Writer, rows int) *progressbar.ProgressBar {
	return progressbar.NewOptions(rows,
		progressbar.OptionSetWriter(w), progressbar.OptionSetDescription("writing"), progressbar.OptionShowCount(),
		progressbar.OptionShowIts(), progressbar.OptionSetItsString("rows"), progressbar.OptionThrottle(200*time.Millisecond),
		progressbar.OptionClearOnFinish())
}

// create writes a file that appears whole or not at all.
func create(name string, write writing) (census corpus.Census, err error) {
	f, err := os.Create(name + ".part")
	if err != nil {
		return census, err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // gone already, if all went well
	if census, err = write(f); err != nil {
		return census, errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return census, err
	}
	return census, os.Rename(f.Name(), name)
}
